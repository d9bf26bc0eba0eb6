//! `distribution/<run_key>.json`: the distribution of one run's codes at its measured epochs, with `evaluation.distribution`.

use super::machine::Processor;
use super::side::SideRecord;
use crate::training::EpochDistribution;
use serde::{Deserialize, Serialize};
use std::iter;

/// The distribution of one run's codes at each measured epoch.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DistributionRecord {
    /// The key of the run.
    pub run_key: String,
    /// The measured epochs, in order; for a run that diverged, those before it diverged.
    pub epochs: Vec<EpochDistribution>,
    /// The program's version.
    pub version: String,
    /// The processor that the run was computed on.
    pub computed_on: Processor,
    /// As [`Record::earlier_processors`](super::Record::earlier_processors).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub earlier_computed_on: Vec<Processor>,
}

impl DistributionRecord {
    /// The distributions that the run `run_key` has just measured on this machine; `earlier` are the other processors that it was computed
    /// on.
    pub fn new(run_key: &str, epochs: &[EpochDistribution], earlier: Vec<Processor>) -> Self {
        Self {
            run_key: run_key.to_owned(),
            epochs: epochs.to_vec(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            computed_on: Processor::detect(),
            earlier_computed_on: earlier,
        }
    }

    /// The distribution after `epoch` epochs, if it was measured.
    pub fn after(&self, epoch: u32) -> Option<&EpochDistribution> {
        self.epochs.iter().find(|measured| measured.epoch == epoch)
    }

    /// How many times a unit died, and how many times one came back, from one measured epoch to the next.
    pub fn deaths_and_revivals(&self) -> (u64, u64) {
        let died = self.epochs.iter().filter_map(|measured| measured.died).sum();
        (died, self.epochs.iter().filter_map(|measured| measured.came_back).sum())
    }
}

impl SideRecord for DistributionRecord {
    const FOLDER: &'static str = "distribution";
    const FORMAT: &'static str = "aesparse distribution 1";
    const KIND: &'static str = "file of a distribution";

    fn run_key(&self) -> &str {
        &self.run_key
    }

    fn processors(&self) -> impl Iterator<Item = &Processor> {
        iter::once(&self.computed_on).chain(&self.earlier_computed_on)
    }
}
