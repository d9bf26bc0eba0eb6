//! Figures as numbers: what the paper's plots show, from stored runs.
//!
//! A figure is a set of curves over σ². Replicates are pooled only where they share the whole protocol, that is, all settings of
//! a run's identity except regularizer, σ² and seed. Two learning rates are therefore two curves, never one mean.

mod curves;
mod names;
mod protocol;
mod table;

pub(super) use crate::store::distinct;
pub(super) use curves::in_common;
pub use curves::{Figure, Point, Series, SigmaScale};
pub(super) use names::{activation, constraint, dataset, legend};
pub(super) use protocol::{grouped, word};
pub(super) use table::{fidelity_numbers, numbers};

#[cfg(test)]
pub(super) mod tests;
