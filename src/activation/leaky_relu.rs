//! Leaky rectified linear unit, a control: s(a) = a for a > 0, 0.01 a elsewhere.
//!
//! s' = 1 for a > 0 and 0.01 elsewhere, **0.01 at a = 0**; s'' = 0, as for ReLU. Convex, s' in \[0, 1\], but it goes to −∞ on
//! the left. The paper gives no δ_min: a configuration must.

use super::{Activation, Jet};
use crate::real::Real;

pub(super) struct LeakyRelu;

/// s' for a ≤ 0.
const LEAK: f64 = 0.01;

impl Activation for LeakyRelu {
    const NAME: &'static str = "leaky_relu";
    const THRESHOLD: Option<f64> = None;

    #[inline(always)]
    fn jet<F: Real>(a: F) -> Jet<F> {
        let slope = if a > F::zero() { F::one() } else { F::from_f64(LEAK) };
        Jet { value: slope * a, slope, curvature: F::zero() }
    }
}
