//! Gaussian error linear unit, a control: s(a) = a Φ(a), Φ the normal distribution function; exact, not the tanh formula.
//!
//! With the density φ: s' = Φ + a φ, s'' = (2 − a²) φ. It has a minimum of −0.17 at a = −0.75 and inflections at ±√2, s' is
//! in \[−0.13, 1.13\] and s → 0 on the left: not monotone, so no corollary applies. The paper gives no δ_min: a configuration
//! must.
//!
//! All values are computed at −x = −|a|, because s(a) = a + s(−a), s'(a) = 1 − s'(−a) and s'' is even. They use
//! Φ(−x) e^(x²/2), which falls slowly, so the left tail keeps its relative accuracy. e^(−x²/2) stays in two factors, so
//! results below the smallest normal number are rounded once, at the end.

use super::{Activation, Jet};
use crate::parameter::Values;
use crate::real::Real;

pub(super) struct Gelu;

/// Limit on |a| on the left, where s and its derivatives round to 0 in both precisions; it avoids the product ∞ · 0.
const FARTHEST: f64 = 40.0;
/// φ(0) = 1 / √(2π).
const DENSITY_AT_0: f64 = 0.398_942_280_401_432_7;

impl Activation for Gelu {
    const NAME: &'static str = "gelu";
    const THRESHOLD: Option<f64> = None;

    fn build(_: &Values) -> Self {
        Self
    }

    #[inline(always)]
    fn jet<F: Real>(&self, a: F) -> Jet<F> {
        let (zero, one, farthest) = (F::zero(), F::one(), F::from_f64(FARTHEST));
        let x = a.abs();
        // `min` would replace NaN.
        let x = if x > farthest { farthest } else { x };
        let density = F::from_f64(DENSITY_AT_0);
        let root = x.gaussian_root();
        let beyond = x.scaled_normal_tail();
        let tail = -x * beyond * root * root;
        let fall = (beyond - density * x) * root * root;
        let curvature = density * (F::from_f64(2.0) - x * x) * root * root;
        if a < zero {
            Jet { value: tail, slope: fall, curvature }
        } else {
            Jet { value: a + tail, slope: one - fall, curvature }
        }
    }
}

#[cfg(test)]
impl super::tests::TestedActivation for Gelu {
    fn textbook(_: &Values, a: f64) -> [f64; 2] {
        let (distribution, density) = (
            super::tests::normal_distribution(a),
            (-a * a / 2.0).exp() / (2.0 * std::f64::consts::PI).sqrt(),
        );
        [a * distribution, distribution + a * density]
    }

    fn limits(_: &Values, far: f64) -> [[f64; 3]; 2] {
        [[0.0; 3], [far, 1.0, 0.0]]
    }
}
