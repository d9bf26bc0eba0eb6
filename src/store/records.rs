//! All records of a results folder, and all side records.

use super::distribution::DistributionRecord;
use super::files::load_all;
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

/// Distributions of the codes of a results folder's runs, by run key.
pub type DistributionRecords = BTreeMap<String, Arc<DistributionRecord>>;

/// Reads every record of the results folder `folder`; none where the folder is missing. Locks and changes nothing.
///
/// # Errors
/// Where a record is damaged, or can't be read.
pub fn load_records(folder: &Path) -> Result<RunRecords> {
    load_all(&folder.join(Record::FOLDER), Record::load, |_, error| Err(error))
}
