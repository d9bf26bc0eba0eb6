//! Identity, a control: s(a) = a makes the auto-encoder linear.
//!
//! s' = 1, s'' = 0. The paper gives no δ_min: a configuration must.

use super::{Activation, Jet};
use crate::parameter::Values;
use crate::real::Real;

pub(super) struct Identity;

impl Activation for Identity {
    const NAME: &'static str = "identity";
    const THRESHOLD: Option<f64> = None;

    fn build(_: &Values) -> Self {
        Self
    }

    #[inline(always)]
    fn jet<F: Real>(&self, a: F) -> Jet<F> {
        Jet { value: a, slope: F::one(), curvature: F::zero() }
    }
}

#[cfg(test)]
impl super::tests::TestedActivation for Identity {
    fn textbook(_: &Values, a: f64) -> [f64; 2] {
        [a, 1.0]
    }

    fn limits(_: &Values, far: f64) -> [[f64; 3]; 2] {
        [[-far, 1.0, 0.0], [far, 1.0, 0.0]]
    }
}
