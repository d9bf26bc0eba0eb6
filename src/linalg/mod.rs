//! Matrix products, element kernels and aligned storage: the numeric ground of the core.
//!
//! The kernels are vectorised for the instruction set that the processor has, chosen at run time. Sums run in a
//! fixed number of lanes and nothing is contracted, so every instruction set gives the same bits; only the
//! products' internal order follows the instruction set.

mod elementwise;
mod matrix;
mod product;

pub use elementwise::{add_column_sums, column_sums_into, multiply, residual, squared_length};
pub use matrix::{Matrix, values, values_mut};
pub use product::{Write, product};
