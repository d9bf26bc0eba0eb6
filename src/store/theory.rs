//! `theory/<run_key>.json`: one run's measurements of the theory. With `theory.units`, `theory/<run_key>.csv` has the numbers of each unit.

use super::machine::Processor;
use super::side::SideRecord;
use crate::theory::{EpochRow, LedgerRow, RunRow, TheoryTable};
use crate::training::{TheoryOutcome, TheorySpec};
use serde::{Deserialize, Serialize};
use std::iter;

/// One run's measurements of the theory.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TheoryRecord {
    /// The key of the run.
    pub run_key: String,
    /// Epochs between measurements.
    pub every: u32,
    /// Number of training samples that were measured.
    pub samples: usize,
    /// Whether the numbers of each unit were kept.
    pub units: bool,
    /// A row for each measured epoch.
    pub epochs: TheoryTable<EpochRow>,
    /// One row about the whole training; none for a run that diverged.
    pub run: TheoryTable<RunRow>,
    /// A row for each σ² of the Taylor ledger; none for models without a ledger.
    pub ledger: TheoryTable<LedgerRow>,
    /// The program's version.
    pub version: String,
    /// The processor that the run was computed on.
    pub computed_on: Processor,
    /// As [`Record::earlier_processors`](super::Record::earlier_processors).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub earlier_computed_on: Vec<Processor>,
}

impl TheoryRecord {
    /// The measurements that the run `run_key` has just made on this machine, as `spec` asked; `earlier` are the other processors that it
    /// was computed on.
    pub fn new(run_key: &str, spec: TheorySpec, outcome: &TheoryOutcome, earlier: Vec<Processor>) -> Self {
        Self {
            run_key: run_key.to_owned(),
            every: spec.every,
            samples: spec.samples,
            units: spec.units,
            epochs: outcome.epochs.clone(),
            run: outcome.run.clone(),
            ledger: outcome.ledger.clone(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            computed_on: Processor::detect(),
            earlier_computed_on: earlier,
        }
    }

    /// Whether these are the measurements that `spec` asks for, or more.
    pub fn satisfies(&self, spec: TheorySpec) -> bool {
        self.every == spec.every && self.samples == spec.samples && (self.units || !spec.units)
    }
}

impl SideRecord for TheoryRecord {
    const FOLDER: &'static str = "theory";
    const FORMAT: &'static str = "aesparse theory 1";
    const KIND: &'static str = "file of theory";

    fn run_key(&self) -> &str {
        &self.run_key
    }

    fn processors(&self) -> impl Iterator<Item = &Processor> {
        iter::once(&self.computed_on).chain(&self.earlier_computed_on)
    }

    fn check(&self) -> Result<(), String> {
        if self.epochs.is_rectangular() && self.run.is_rectangular() && self.ledger.is_rectangular() {
            return Ok(());
        }
        Err("a row has more or fewer numbers than there are columns".to_owned())
    }
}
