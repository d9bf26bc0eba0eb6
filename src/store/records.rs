//! Reading all records of a results folder, and its runs' measurements of the theory.

use super::files::{load_all, was_set_aside};
use super::record::Record;
use super::theory::TheoryRecord;
use crate::error::Result;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// The records of a results folder, by run key.
pub type RunRecords = BTreeMap<String, Arc<Record>>;

/// Measurements of the theory of a results folder, by run key.
pub type TheoryRecords = BTreeMap<String, Arc<TheoryRecord>>;

/// Reads every record of the results folder `folder`; none where the folder is missing. Locks and changes nothing.
///
/// # Errors
/// Where a record is damaged, or can't be read.
pub fn load_records(folder: &Path) -> Result<RunRecords> {
    load_all(&folder.join("records"), Record::load, |_, error| Err(error))
}

/// Reads all measurements of the theory of the results folder `folder`; none where the folder is missing. Locks and changes nothing.
///
/// # Errors
/// Where a file is damaged, or can't be read.
pub fn load_theory(folder: &Path) -> Result<TheoryRecords> {
    load_all(&folder.join("theory"), TheoryRecord::load, |_, error| Err(error))
}

/// Whether the measurements of the theory of the run `run_key` in the results folder `folder` are damaged or were set aside as damaged.
/// Ask only where none were read.
pub fn has_damaged_theory(folder: &Path, run_key: &str) -> bool {
    let path = folder.join("theory").join(format!("{run_key}.json"));
    path.exists() || was_set_aside(&path)
}
