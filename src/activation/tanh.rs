//! Hyperbolic tangent, a control: it saturates at −1 and not at 0, so the paper's analysis doesn't cover it (§2.1.2).
//!
//! s' = 1 − s²; s'' = −2 s s'. The paper gives no δ_min: a configuration must. With e = e^(−2|a|),
//! s' = 4 e / (1 + e)², which keeps its relative accuracy where 1 − s² would cancel.

use super::{Activation, Jet};
use crate::real::Real;

pub(super) struct Tanh;

impl Activation for Tanh {
    const NAME: &'static str = "tanh";
    const THRESHOLD: Option<f64> = None;

    #[inline(always)]
    fn jet<F: Real>(a: F) -> Jet<F> {
        let (one, two) = (F::one(), F::from_f64(2.0));
        // expm1 keeps tanh(a) ≈ a accurate near 0.
        let negated = (-two * a.abs()).exp_m1(); // e − 1
        let sum = two + negated; // 1 + e
        let magnitude = -negated / sum;
        let value = if a < F::zero() { -magnitude } else { magnitude };
        let slope = F::from_f64(4.0) * (negated + one) / (sum * sum);
        Jet { value, slope, curvature: -two * value * slope }
    }
}
