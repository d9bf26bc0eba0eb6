//! The two precisions: `f32` trains, `f64` proves.

use ndarray::NdFloat;

/// A floating-point type that the numeric core runs in.
///
/// Implemented for `f32` and `f64` and for nothing else; the core is written once and the tests run it in
/// `f64`, where finite differences and oracles are sharp.
pub trait Real: NdFloat + faer::traits::RealField + Default {
    /// The nearest value to `x`.
    fn from_f64(x: f64) -> Self;
    /// The same value in double precision, exactly.
    fn as_f64(self) -> f64;
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
}
