//! Rectified linear unit: s(a) = max(0, a).
//!
//! s'(a) = 1 for a > 0 and 0 elsewhere, **0 at a = 0**; s'' = 0. By §2.1.2, footnote 1, the Dirac impulse at 0 never occurs
//! in practice, so Corollary 2's penalties have no bias gradient. δ_min = 0.

use super::{Activation, Jet};
use crate::parameter::Values;
use crate::real::Real;

pub(super) struct Relu;

impl Activation for Relu {
    const NAME: &'static str = "relu";
    const THRESHOLD: Option<f64> = Some(0.0);
    const VANISHES: bool = true;

    fn build(_: &Values) -> Self {
        Self
    }

    #[inline(always)]
    fn jet<F: Real>(&self, a: F) -> Jet<F> {
        // `a.max(0)` would turn NaN into 0 and hide a divergence.
        if a <= F::zero() {
            Jet { value: F::zero(), slope: F::zero(), curvature: F::zero() }
        } else {
            Jet { value: a, slope: F::one(), curvature: F::zero() }
        }
    }
}

#[cfg(test)]
impl super::tests::TestedActivation for Relu {
    fn textbook(_: &Values, a: f64) -> [f64; 2] {
        [a.max(0.0), f64::from(u8::from(a > 0.0))]
    }

    fn limits(_: &Values, far: f64) -> [[f64; 3]; 2] {
        [[0.0; 3], [far, 1.0, 0.0]]
    }
}
