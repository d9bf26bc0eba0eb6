//! `theory/<run_key>.json`: one run's measurements of the theory, with a digest that shows damage. With `theory.units`,
//! `theory/<run_key>.csv` has the numbers of each unit.
//!
//! Like a record, the file holds no times, hosts or paths. A damaged file is an error with its path, never trusted.

use super::machine::Processor;
use super::record::Record;
use super::{files, sealed};
use crate::atomic;
use crate::error::{Error, Result};
use crate::theory::{EpochRow, LedgerRow, RunRow, TheoryTable, UnitRow};
use crate::training::{TheoryOutcome, TheorySpec};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::iter;
use std::path::{Path, PathBuf};

/// The marker of the file format.
const FORMAT: &str = "aesparse theory 1";

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
    /// The measurements that the run `run_key` has just made on this machine, as `spec` asked.
    pub fn new(run_key: &str, spec: TheorySpec, outcome: &TheoryOutcome) -> Self {
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
            earlier_computed_on: Vec::new(),
        }
    }

    /// Whether these are the measurements that `spec` asks for, or more.
    pub fn satisfies(&self, spec: TheorySpec) -> bool {
        self.every == spec.every && self.samples == spec.samples && (self.units || !spec.units)
    }

    /// Whether these measurements and `record`, of the same run, were computed on the same instruction sets. If so, both belong to the
    /// same numbers, because a run's numbers depend on nothing else of a machine.
    pub(super) fn is_computed_like(&self, record: &Record) -> bool {
        let own = iter::once(&self.computed_on).chain(&self.earlier_computed_on);
        let sets: BTreeSet<_> = own.map(|processor| &processor.instruction_set).collect();
        sets == record.processors().map(|processor| &processor.instruction_set).collect()
    }

    /// The file's content.
    ///
    /// # Errors
    /// A sentence that says what can't be stored.
    pub fn encode(&self) -> Result<Vec<u8>, String> {
        sealed::seal(FORMAT, self)
    }

    /// The measurements in the file's content.
    ///
    /// # Errors
    /// A sentence that says what is wrong.
    pub fn decode(bytes: &[u8]) -> Result<Self, String> {
        let content = sealed::open(bytes, FORMAT, "file of theory")?;
        let record: Self =
            serde_json::from_value(content).map_err(|e| format!("not a file of theory: {e}"))?;
        let TheoryRecord { epochs, run, ledger, .. } = &record;
        if !(epochs.is_rectangular() && run.is_rectangular() && ledger.is_rectangular()) {
            return Err("a row has more or fewer numbers than there are columns".to_owned());
        }
        Ok(record)
    }

    /// Reads `path`, which must be called `<run_key>.json`.
    ///
    /// # Errors
    /// [`Error::Store`] with the path, what is wrong and what to do; [`Error::Io`] where it can't be read.
    pub fn load(path: &Path) -> Result<Self> {
        files::load(path, Self::decode, |record| &record.run_key)
    }

    /// Writes the file to the results folder `folder`, after `units`, if given, to a CSV file beside it.
    ///
    /// # Errors
    /// Where they can't be written.
    pub fn write(&self, folder: &Path, units: Option<&TheoryTable<UnitRow>>) -> Result<()> {
        let path = path(folder, &self.run_key);
        if let Some(units) = units {
            atomic::write(&path.with_extension("csv"), &super::text::table_csv(units))?;
        }
        let bytes = self.encode().map_err(|problem| Error::store(&path, problem, "measure less often"))?;
        atomic::write(&path, &bytes)
    }
}

/// The path of a run's file in the results folder `folder`.
pub(super) fn path(folder: &Path, run_key: &str) -> PathBuf {
    folder.join("theory").join(format!("{run_key}.json"))
}
