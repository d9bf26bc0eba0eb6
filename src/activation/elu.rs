//! Exponential linear unit, a control: s(a) = a for a > 0, eᵃ − 1 elsewhere (α = 1, which makes s' continuous).
//!
//! s' = 1, s'' = 0 for a > 0; s' = s'' = eᵃ elsewhere, **s'' = 1 at a = 0**, where s'' jumps. Convex, s' in \[0, 1\], but it
//! saturates at −1 and not at 0. The paper gives no δ_min: a configuration must. eᵃ and eᵃ − 1 share their arithmetic.

use super::{Activation, Jet};
use crate::parameter::Values;
use crate::real::Real;

pub(super) struct Elu;

impl Activation for Elu {
    const NAME: &'static str = "elu";
    const THRESHOLD: Option<f64> = None;

    fn build(_: &Values) -> Self {
        Self
    }

    #[inline(always)]
    fn jet<F: Real>(&self, a: F) -> Jet<F> {
        let (zero, one) = (F::zero(), F::one());
        // `a.min(0)` would replace NaN.
        let exponent = if a > zero { zero } else { a };
        let e = exponent.exp_nonpositive();
        let below = exponent.exp_m1_nonpositive();
        if a > zero {
            Jet { value: a, slope: one, curvature: zero }
        } else {
            Jet { value: below, slope: e, curvature: e }
        }
    }
}

#[cfg(test)]
impl super::tests::TestedActivation for Elu {
    fn textbook(_: &Values, a: f64) -> [f64; 2] {
        [a.max(0.0) + (a.min(0.0).exp() - 1.0), a.min(0.0).exp()]
    }

    fn limits(_: &Values, far: f64) -> [[f64; 3]; 2] {
        [[-1.0, 0.0, 0.0], [far, 1.0, 0.0]]
    }
}
