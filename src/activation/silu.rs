//! Sigmoid linear unit (swish), a control: s(a) = a σ(a) with the logistic σ.
//!
//! s' = σ + a σ (1 − σ), s'' = σ (1 − σ) (2 + a (1 − 2 σ)). It has a minimum of −0.28 at a = −1.28 and inflections at ±2.40,
//! s' is in \[−0.10, 1.10\] and s → 0 on the left: not monotone, so no corollary applies. The paper gives no δ_min: a
//! configuration must.
//!
//! All values are computed at t = −|a|, because s(a) = a + s(−a), s'(a) = 1 − s'(−a) and s'' is even. So nothing overflows
//! and the left tail keeps its relative accuracy. eᵗ stays in two factors, so results below the smallest normal number are
//! rounded once, at the end.

use super::{Activation, Jet};
use crate::parameter::Values;
use crate::real::Real;

pub(super) struct Silu;

/// Lower limit on t; below it s and its derivatives round to 0 in both precisions. It avoids the product −∞ · 0.
const LOWEST: f64 = -800.0;

impl Activation for Silu {
    const NAME: &'static str = "silu";
    const THRESHOLD: Option<f64> = None;

    fn build(_: &Values) -> Self {
        Self
    }

    #[inline(always)]
    fn jet<F: Real>(&self, a: F) -> Jet<F> {
        let (zero, one, lowest) = (F::zero(), F::one(), F::from_f64(LOWEST));
        let t = -a.abs();
        // `max` would replace NaN.
        let t = if t < lowest { lowest } else { t };
        let root = (t * F::from_f64(0.5)).exp_nonpositive();
        let e = root * root;
        let near_one = one / (one + e); // σ(−t)
        let rise = one + t * near_one; // s'(t) / σ(t)
        let bend = near_one * (F::from_f64(2.0) + t * near_one * (one - e)); // s''(t) / σ(t)
        let near_zero = near_one * root; // σ(t) without a factor `root`
        let tail = t * near_zero * root;
        let fall = rise * near_zero * root;
        let curvature = bend * near_zero * root;
        if a < zero {
            Jet { value: tail, slope: fall, curvature }
        } else {
            Jet { value: a + tail, slope: one - fall, curvature }
        }
    }
}

#[cfg(test)]
impl super::tests::TestedActivation for Silu {
    fn textbook(_: &Values, a: f64) -> [f64; 2] {
        let sigmoid = 1.0 / (1.0 + (-a).exp());
        [a * sigmoid, sigmoid + a * sigmoid * (1.0 - sigmoid)]
    }

    fn limits(_: &Values, far: f64) -> [[f64; 3]; 2] {
        [[0.0; 3], [far, 1.0, 0.0]]
    }
}
