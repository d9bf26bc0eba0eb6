//! A finished cell of a plan: its settings, and the record of its run.

use super::record::Record;
use crate::training::RunSpec;
use std::sync::Arc;

/// A finished cell of a plan: a line of `runs.csv`.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredRun {
    /// Name of the results folder.
    pub name: String,
    /// `mnist`, `cifar10`, or the data file's stem.
    pub dataset: String,
    /// The cell's settings as in the configuration: even at σ² = 0 the regularizer has its own name here.
    pub spec: RunSpec,
    /// The record of the cell's run, which other cells may share.
    pub record: Arc<Record>,
}
