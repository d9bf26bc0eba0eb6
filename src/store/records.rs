//! Every record of a results folder, and what its runs measured of the theory.

use super::files::{load_all, was_set_aside};
use super::record::Record;
use super::theory::TheoryRecord;
use crate::error::Result;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// The finished runs of a folder, by run key.
pub type Records = BTreeMap<String, Arc<Record>>;

/// What runs of a folder measured of the theory, by run key.
pub type TheoryRecords = BTreeMap<String, Arc<TheoryRecord>>;

/// Every record of the results folder `folder`, without locking or changing anything; none where it has none.
///
/// # Errors
/// Where a record is damaged, or can't be read.
pub fn load_records(folder: &Path) -> Result<Records> {
    load_all(&folder.join("records"), Record::load, |_, error| Err(error))
}

/// What the runs of the results folder `folder` measured of the theory, likewise.
///
/// # Errors
/// Where a file is damaged, or can't be read.
pub fn load_theory(folder: &Path) -> Result<TheoryRecords> {
    load_all(&folder.join("theory"), TheoryRecord::load, |_, error| Err(error))
}

/// Whether the run `run_key`, of which no measurements of the theory were read in the results folder `folder`, has some that are
/// damaged, or that were set aside as such.
pub fn has_damaged_theory(folder: &Path, run_key: &str) -> bool {
    let path = folder.join("theory").join(format!("{run_key}.json"));
    path.exists() || was_set_aside(&path)
}
