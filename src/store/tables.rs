//! Writing the tables of a results folder where they are out of date.

use super::csv::{self, TheoryPart, epochs_csv, runs_csv, theory_csv};
use super::folder::{Access, Store};
use super::manifest::Manifest;
use super::record::Record;
use super::run::StoredRun;
use super::{files, sessions};
use crate::error::Result;
use std::iter;

impl Store {
    /// Writes `runs.csv` and `epochs.csv` of `runs`, and the tables of the theory where it was measured. A table that has these lines
    /// already is left alone, in any order and from any version of the program. Workers write no tables, because none of them has all
    /// runs.
    ///
    /// Returns whether a table was written.
    ///
    /// # Errors
    /// Where a table can't be read or written; each table is then the old one or the new one.
    pub fn write_tables(&self, runs: &[StoredRun]) -> Result<bool> {
        self.check_place()?;
        let mut written = false;
        if let Access::Shared { .. } = self.access {
            return Ok(written);
        }
        for (file, bytes) in self.tables(runs) {
            if !self.has_table(file, &bytes)? {
                self.write(&self.folder.join(file), &bytes)?;
                written = true;
            }
        }
        Ok(written)
    }

    /// Whether a session that trains nothing has nothing to write: the tables have the lines of `runs`, there is a manifest, and no
    /// worker's manifest is left to be joined. For a worker, the manifest is enough.
    ///
    /// # Errors
    /// Where a file can't be read.
    pub fn is_up_to_date(&self, runs: &[StoredRun]) -> Result<bool> {
        let has_manifest = Manifest::path(&self.folder).exists();
        if let Access::Shared { .. } = self.access {
            return Ok(has_manifest);
        }
        if !has_manifest || !sessions::all(&self.folder)?.is_empty() {
            return Ok(false);
        }
        for (file, bytes) in self.tables(runs) {
            if !self.has_table(file, &bytes)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// The run key of each line of `runs.csv`; none where the table is missing or damaged, because it is then written again.
    ///
    /// # Errors
    /// Where the table can't be read.
    pub fn listed_run_keys(&self) -> Result<Vec<String>> {
        let bytes = files::read_if_there(&self.folder.join("runs.csv"))?;
        let lines = bytes.and_then(|bytes| csv::read_runs(&bytes).ok()).unwrap_or_default();
        let keys = lines.iter().flat_map(csv::cells).filter(|(column, _)| column.name == "run_key");
        Ok(keys.map(|(_, key)| key.to_owned()).collect())
    }

    /// Whether the record of the run `run_key` was damaged and has been set aside.
    pub fn has_damaged_record(&self, run_key: &str) -> bool {
        files::was_set_aside(&Record::path(&self.folder, run_key))
    }

    /// The file name and content of each table of `runs`, made lazily.
    fn tables<'t>(&self, runs: &'t [StoredRun]) -> impl Iterator<Item = (&'static str, Vec<u8>)> + use<'t> {
        let theory = self.theory.all();
        let finished = iter::once_with(move || ("runs.csv", runs_csv(runs)));
        let epochs = iter::once_with(move || ("epochs.csv", epochs_csv(runs)));
        let parts = TheoryPart::ALL
            .into_iter()
            .filter_map(move |part| Some((part.file_name(), theory_csv(runs, &theory, part)?)));
        finished.chain(epochs).chain(parts)
    }

    fn has_table(&self, file: &str, bytes: &[u8]) -> Result<bool> {
        let found = files::read_if_there(&self.folder.join(file))?;
        Ok(found.is_some_and(|found| csv::agrees(&found, bytes)))
    }
}
