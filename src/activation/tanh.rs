//! Hyperbolic tangent, a control: it saturates at −1 and not at 0, so the paper's analysis doesn't cover it (§2.1.2).
//!
//! s' = 1 − s²; s'' = −2 s s'. The paper gives no δ_min: a configuration must. With e = e^(−2|a|), s' = 4 e / (1 + e)²,
//! which keeps its relative accuracy where 1 − s² would cancel. e gives accurate tails and e − 1 accurate values near 0,
//! where s(a) ≈ a; they share their arithmetic.

use super::{Activation, Jet};
use crate::parameter::Values;
use crate::real::Real;

pub(super) struct Tanh;

impl Activation for Tanh {
    const NAME: &'static str = "tanh";
    const THRESHOLD: Option<f64> = None;

    fn build(_: &Values) -> Self {
        Self
    }

    #[inline(always)]
    fn jet<F: Real>(&self, a: F) -> Jet<F> {
        let (one, two) = (F::one(), F::from_f64(2.0));
        let exponent = -two * a.abs();
        let e = exponent.exp_nonpositive();
        let inverse = one / (one + e);
        let value = (-exponent.exp_m1_nonpositive() * inverse).copysign(a);
        let slope = F::from_f64(4.0) * e * inverse * inverse;
        // Rounding can make the slope exceed 1 near a = 0. `min` would replace NaN.
        let slope = if slope > one { one } else { slope };
        Jet { value, slope, curvature: -two * value * slope }
    }
}

#[cfg(test)]
impl super::tests::TestedActivation for Tanh {
    fn textbook(_: &Values, a: f64) -> [f64; 2] {
        [a.tanh(), 1.0 - a.tanh().powi(2)]
    }

    fn limits(_: &Values, _: f64) -> [[f64; 3]; 2] {
        [[-1.0, 0.0, 0.0], [1.0, 0.0, 0.0]]
    }
}
