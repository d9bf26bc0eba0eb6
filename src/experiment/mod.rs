//! From a configuration as written to a resolved plan, and from the plan to results.

mod execute;

pub use execute::{Executor, Failure, Summary, execute};

use crate::data::DataSpec;
use crate::training::{Measurement, Outcome, RunSpec};
use std::path::PathBuf;

/// One training of a plan.
#[derive(Debug, Clone, PartialEq)]
pub struct Training {
    /// [`RunSpec::key`] of `spec`.
    pub key: String,
    /// What is trained, canonical.
    pub spec: RunSpec,
}

/// One row of the results: a model at one σ², in the words of the configuration.
#[derive(Debug, Clone, PartialEq)]
pub struct Cell {
    /// The cell's settings as written: at σ² = 0 the regularizer still has its own name here.
    pub spec: RunSpec,
    /// Index into [`Plan::trainings`] of the run that stands for the cell.
    pub training: usize,
}

/// A resolved configuration: what will be trained and where it goes.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// The results folder's name.
    pub name: String,
    /// The `dataset` column: `mnist`, `synthetic`, or the data file's stem.
    pub dataset: String,
    /// The data, as resolved.
    pub data: DataSpec,
    /// Every cell, in the order of runs.csv.
    pub cells: Vec<Cell>,
    /// Every training once, in the order in which its first cell stands.
    pub trainings: Vec<Training>,
    /// Measure at epoch 0, at each multiple of this and at the last epoch.
    pub evaluate_every: u32,
    /// Which weights are kept.
    pub weights: WeightsOutput,
    /// The file that W, b and b_d start from.
    pub warm_start: Option<PathBuf>,
}

/// `output.weights`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WeightsOutput {
    /// None are kept.
    None,
    /// Those after the last epoch.
    Final,
    /// Those before the first and after the last epoch.
    InitialAndFinal,
}

/// Told of a sweep's progress; called from several threads.
pub trait Reporter: Sync {
    /// The sweep begins: `finished` of the plan's trainings are in the store already.
    fn begin(&self, plan: &Plan, finished: usize);
    /// A training starts.
    fn started(&self, training: &Training);
    /// A training has finished an epoch; `latest` is the newest measurement, not necessarily of this epoch.
    fn epoch(&self, training: &Training, epoch: u32, training_loss: f64, latest: &Measurement);
    /// A training is finished and stored.
    fn finished(&self, training: &Training, outcome: &Outcome);
}
