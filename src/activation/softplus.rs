//! Softplus: s(a) = ln(1 + eᵃ).
//!
//! s' is the sigmoid, s'' = s' (1 − s') > 0. δ_min = 0.1. Convex: both corollaries apply (§2.1.2).
//! Evaluated as max(a, 0) + ln(1 + e^−|a|), so nothing overflows.

use super::{Activation, Jet};
use crate::parameter::Values;
use crate::real::Real;

pub(super) struct Softplus;

impl Activation for Softplus {
    const NAME: &'static str = "softplus";
    const THRESHOLD: Option<f64> = Some(0.1);

    fn build(_: &Values) -> Self {
        Self
    }

    #[inline(always)]
    fn jet<F: Real>(&self, a: F) -> Jet<F> {
        let (zero, one) = (F::zero(), F::one());
        let e = (-a.abs()).exp_nonpositive();
        let near_one = one / (one + e);
        let near_zero = e * near_one;
        let (positive_part, slope) = if a < zero { (zero, near_zero) } else { (a, near_one) };
        Jet { value: positive_part + e.ln_1p_unit(), slope, curvature: near_one * near_zero }
    }
}

#[cfg(test)]
impl super::tests::TestedActivation for Softplus {
    fn textbook(_: &Values, a: f64) -> [f64; 2] {
        [(1.0 + a.exp()).ln(), 1.0 / (1.0 + (-a).exp())]
    }

    fn limits(_: &Values, far: f64) -> [[f64; 3]; 2] {
        [[0.0; 3], [far, 1.0, 0.0]]
    }
}
