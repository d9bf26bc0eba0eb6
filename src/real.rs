//! The two precisions: `f32` for training, `f64` for tests that prove gradients and identities.

use crate::elementary;
use ndarray::NdFloat;
use std::any::Any;
use std::f64::consts::SQRT_2;

/// A floating-point type of the numeric core.
///
/// Only `f32` and `f64` implement it. The core is written once, and the tests run it in `f64`, where finite differences and
/// oracles are precise. The elementary functions vectorise in `f32`; in `f64` they come from the standard library or libm.
pub trait Real: NdFloat + faer::traits::RealField + Default {
    /// The value nearest to `x`.
    fn from_f64(x: f64) -> Self;
    /// The same value in double precision, exactly.
    fn as_f64(self) -> f64;
    /// The same slice as `f32`, for the kernels of `linalg`; `None` for `f64`.
    fn single(values: &[Self]) -> Option<&[f32]>;
    /// The same slice as `f32`, mutable; `None` for `f64`.
    fn single_mut(values: &mut [Self]) -> Option<&mut [f32]>;
    /// eˣ for x ≤ 0; unspecified for x > 0.
    fn exp_nonpositive(self) -> Self;
    /// eˣ − 1 for x ≤ 0; unspecified for x > 0.
    fn exp_m1_nonpositive(self) -> Self;
    /// ln(1 + x) for 0 ≤ x ≤ 1; unspecified elsewhere.
    fn ln_1p_unit(self) -> Self;
    /// e^(−x²/4) for |x| ≤ 40; unspecified elsewhere.
    fn gaussian_root(self) -> Self;
    /// e^(x²/2) (1 − Φ(x)) with the normal distribution function Φ, for x ≥ 0 with `gaussian_root`² above 0. For larger x up to 40
    /// the result is unspecified but finite.
    fn scaled_normal_tail(self) -> Self;
}

/// The one of `single` and `double` that is a `T`: `single` holds a value for `f32`, `double` one for `f64`.
///
/// # Panics
/// If neither is a `T`.
pub(crate) fn of_precision<'a, T: Any>(single: &'a dyn Any, double: &'a dyn Any) -> &'a T {
    let found = single.downcast_ref().or_else(|| double.downcast_ref());
    found.expect("there is one for either precision")
}

impl Real for f32 {
    #[inline(always)]
    fn from_f64(x: f64) -> Self {
        x as f32
    }
    #[inline(always)]
    fn as_f64(self) -> f64 {
        f64::from(self)
    }
    fn single(values: &[Self]) -> Option<&[f32]> {
        Some(values)
    }
    fn single_mut(values: &mut [Self]) -> Option<&mut [f32]> {
        Some(values)
    }
    #[inline(always)]
    fn exp_nonpositive(self) -> Self {
        elementary::exp_nonpositive(self)
    }
    #[inline(always)]
    fn exp_m1_nonpositive(self) -> Self {
        elementary::exp_m1_nonpositive(self)
    }
    #[inline(always)]
    fn ln_1p_unit(self) -> Self {
        elementary::ln_1p_unit(self)
    }
    #[inline(always)]
    fn gaussian_root(self) -> Self {
        elementary::gaussian_root(self)
    }
    #[inline(always)]
    fn scaled_normal_tail(self) -> Self {
        elementary::scaled_normal_tail(self)
    }
}

impl Real for f64 {
    #[inline(always)]
    fn from_f64(x: f64) -> Self {
        x
    }
    #[inline(always)]
    fn as_f64(self) -> f64 {
        self
    }
    fn single(_: &[Self]) -> Option<&[f32]> {
        None
    }
    fn single_mut(_: &mut [Self]) -> Option<&mut [f32]> {
        None
    }
    #[inline(always)]
    fn exp_nonpositive(self) -> Self {
        self.exp()
    }
    #[inline(always)]
    fn exp_m1_nonpositive(self) -> Self {
        self.exp_m1()
    }
    #[inline(always)]
    fn ln_1p_unit(self) -> Self {
        self.ln_1p()
    }
    #[inline(always)]
    fn gaussian_root(self) -> Self {
        (-0.25 * self * self).exp()
    }
    #[inline(always)]
    fn scaled_normal_tail(self) -> Self {
        // Two factors, because e^(x²/2) alone would overflow.
        let root = self.gaussian_root();
        // statrs' erfc has constants of ten digits, an error of 1e-10 and jumps of that size.
        0.5 * libm::erfc(self / SQRT_2) / root / root
    }
}
