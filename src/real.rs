//! The two precisions: `f32` trains, `f64` proves.

use crate::elementary;
use ndarray::NdFloat;

/// A floating-point type that the numeric core runs in.
///
/// Implemented for `f32` and `f64` and for nothing else; the core is written once and the tests run it in
/// `f64`, where finite differences and oracles are sharp. The elementary functions vectorise in `f32` and are the
/// standard library's in `f64`.
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
}
