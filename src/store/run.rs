//! A finished cell of a plan: its settings, and the record of the run that stands for it.

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
    /// The cell's settings as the configuration says them: at σ² = 0 the regularizer still has its own name here.
    pub spec: RunSpec,
    /// The run that stands for the cell.
    pub record: Arc<Record>,
}
