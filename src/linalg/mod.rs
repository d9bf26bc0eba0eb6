//! Matrix products, elementwise loops, aligned storage, and the choice of an instruction set for every loop of the numeric core.
//!
//! The products of a batch with W go through [`Products`], which skips inactive units when few units are active.
//! Everything is vectorised for the processor's best instruction set, chosen at run time. Elementwise loops sum in a fixed
//! number of lanes and are never contracted, so every instruction set gives the same bits. Only the order of summation
//! inside products depends on the instruction set.
//!
//! The crate's only `unsafe` code is in the kernels of `lanes`, `passes`, `dots`, `tiles` and `sparse`, each tested
//! against plain loops, and in `team`, which lends tasks to other threads.

mod active;
mod dense;
mod dots;
mod elementwise;
mod lanes;
mod matrix;
mod passes;
mod plain;
mod products;
mod rows;
mod shape_class;
mod sparse;
mod team;
mod terms;
mod tiles;

pub use dense::{Write, product};
pub use dots::dots;
pub use elementwise::{add_column_sums, column_sums_into, multiply, residual, squared_length};
pub(crate) use lanes::{PlainLoop, vectorize};
pub use matrix::{Matrix, values, values_mut};
pub use products::{OuterSum, Products};
pub use rows::RowUpdate;
pub use shape_class::ShapeClass;
pub use team::Team;

use crate::real::Real;

/// The same slice as `f32`; an instruction set is only chosen for `f32`.
///
/// # Panics
/// For `f64`.
fn single<F: Real>(values: &[F]) -> &[f32] {
    F::single(values).expect("kernels are chosen for f32 alone")
}

/// Like [`single`], mutable.
fn single_mut<F: Real>(values: &mut [F]) -> &mut [f32] {
    F::single_mut(values).expect("kernels are chosen for f32 alone")
}

#[cfg(test)]
mod tests {
    /// Standard normal values, for the tests of the kernels.
    pub(super) fn normal(seed: u64, len: usize) -> Vec<f32> {
        let mut values = vec![0.0; len];
        crate::random::Noise::new(seed).fill(0, &mut values);
        values
    }
}
