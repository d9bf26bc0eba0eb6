//! Logistic sigmoid: s(a) = 1 / (1 + e⁻ᵃ).
//!
//! s' = s (1 − s); s'' = s' (1 − 2 s). δ_min = 0.1. Not convex: Corollary 2 does not apply to it (§2.1.2).
//! The exponential is taken of −|a|, so nothing overflows and both tails keep their relative accuracy.

use super::{Activation, Jet};
use crate::parameter::Values;
use crate::real::Real;

pub(super) struct Sigmoid;

impl Activation for Sigmoid {
    const NAME: &'static str = "sigmoid";
    const THRESHOLD: Option<f64> = Some(0.1);

    fn build(_: &Values) -> Self {
        Self
    }

    #[inline(always)]
    fn jet<F: Real>(&self, a: F) -> Jet<F> {
        let one = F::one();
        let e = (-a.abs()).exp_nonpositive();
        let near_one = one / (one + e); // s(|a|)
        let near_zero = e * near_one; // s(−|a|) = 1 − s(|a|) without cancellation
        let (value, complement) = if a < F::zero() { (near_zero, near_one) } else { (near_one, near_zero) };
        let slope = value * complement;
        Jet { value, slope, curvature: slope * (complement - value) }
    }
}

#[cfg(test)]
impl super::tests::TestedActivation for Sigmoid {
    fn textbook(_: &Values, a: f64) -> [f64; 2] {
        let h = 1.0 / (1.0 + (-a).exp());
        [h, h * (1.0 - h)]
    }

    fn limits(_: &Values, _: f64) -> [[f64; 3]; 2] {
        [[0.0; 3], [1.0, 0.0, 0.0]]
    }
}
