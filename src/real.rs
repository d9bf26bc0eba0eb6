//! The two precisions: `f32` trains, `f64` proves.

use crate::elementary;
use ndarray::NdFloat;
use std::any::Any;
use std::f64::consts::SQRT_2;

/// A floating-point type that the numeric core runs in.
///
/// Implemented for `f32` and `f64` and for nothing else; the core is written once and the tests run it in
/// `f64`, where finite differences and oracles are sharp. The elementary functions vectorise in `f32` and are the
/// standard library's, or libm's, in `f64`.
pub trait Real: NdFloat + faer::traits::RealField + Default {
    /// The nearest value to `x`.
    fn from_f64(x: f64) -> Self;
    /// The same value in double precision, exactly.
    fn as_f64(self) -> f64;
    /// The same slice, if it is of `f32`: what the kernels of `linalg` are written for.
    fn single(values: &[Self]) -> Option<&[f32]>;
    /// The same slice, if it is of `f32`.
    fn single_mut(values: &mut [Self]) -> Option<&mut [f32]>;
    /// eˣ for x ≤ 0; unspecified for x > 0.
    fn exp_nonpositive(self) -> Self;
    /// eˣ − 1 for x ≤ 0; unspecified for x > 0.
    fn exp_m1_nonpositive(self) -> Self;
    /// ln(1 + x) for 0 ≤ x ≤ 1; unspecified elsewhere.
    fn ln_1p_unit(self) -> Self;
    /// e^(−x²/4) for |x| ≤ 40; unspecified elsewhere.
    fn gaussian_root(self) -> Self;
    /// e^(x²/2) (1 − Φ(x)) with the normal distribution function Φ, where 0 ≤ x and its `gaussian_root`² is above 0; beyond,
    /// up to 40, any finite number.
    fn scaled_normal_tail(self) -> Self;
}

/// Which of two things, made for one precision each, is a `T`.
///
/// # Panics
/// If neither is.
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
        // In two factors, as e^(x²/2) alone would overflow.
        let root = self.gaussian_root();
        // Not statrs' erfc, whose constants have ten digits: it errs by 1e-10 and jumps by as much.
        0.5 * libm::erfc(self / SQRT_2) / root / root
    }
}
