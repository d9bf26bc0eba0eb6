//! Files that a run leaves besides its record: weights with their digests, and side records. They belong to the numbers of one record and
//! are removed or set aside before a record with other numbers replaces it.

use super::csv::TheoryPart;
use super::files;
use super::folder::Store;
use super::record::Record;
use super::stored_weights::WeightsDigest;
use super::weights::{Moment, weights_path};
use crate::error::{Error, Result};
use crate::regular;
use std::path::{Path, PathBuf};

impl Store {
    /// Removes the files that the run of `record` has left with other numbers, and the tables that contain these numbers. Call this before
    /// `record` is saved. Side records stay where the run has no earlier record here and they were computed on the instruction sets of
    /// `record`.
    ///
    /// # Errors
    /// Where the system refuses.
    pub fn remove_other_numbers(&self, record: &Record) -> Result<()> {
        let key = &record.run_key;
        self.weights_files(key).try_for_each(|path| files::remove_file(&path))?;
        let is_replaced = self.record(key).is_some();
        if is_replaced || !self.theory.belong_to(record) {
            if self.theory(key).is_some() {
                for part in TheoryPart::ALL {
                    files::remove_file(&self.folder.join(part.file_name()))?;
                }
            }
            self.theory.forget(&self.folder, key).iter().try_for_each(|path| files::remove_file(path))?;
        }
        if is_replaced || !self.distributions.belong_to(record) {
            self.distributions
                .forget(&self.folder, key)
                .iter()
                .try_for_each(|path| files::remove_file(path))?;
        }
        Ok(())
    }

    /// Sets aside files of a run whose `record` comes from elsewhere, because their numbers may differ. Call this before `record` is saved,
    /// where the run has no record here. Files that the results folder `from` has too, with the same content, stay. Returns an error for
    /// each file set aside.
    ///
    /// # Errors
    /// Where a file can't be renamed.
    pub(super) fn set_aside_other_numbers(&self, record: &Record, from: Option<&Path>) -> Result<Vec<Error>> {
        let key = &record.run_key;
        let mut paths: Vec<_> = self.weights_files(key).collect();
        if !self.theory.belong_to(record) {
            paths.extend(self.theory.forget(&self.folder, key));
        }
        if !self.distributions.belong_to(record) {
            paths.extend(self.distributions.forget(&self.folder, key));
        }
        let is_there_too = |path: &Path| {
            let other =
                from.zip(path.strip_prefix(&self.folder).ok()).map(|(from, inside)| from.join(inside));
            other.is_some_and(|other| regular::read(&other).ok() == regular::read(path).ok())
        };
        let there = paths.iter().filter(|path| path.exists() && !is_there_too(path));
        let problem = "the run's record was not here, and comes from elsewhere: its numbers may be others";
        there.map(|path| files::set_aside(path, problem)).collect()
    }

    /// The paths of the run's weights, each after its digest.
    fn weights_files(&self, run_key: &str) -> impl Iterator<Item = PathBuf> {
        let paths = Moment::ALL.map(|moment| weights_path(&self.folder, run_key, moment));
        paths.into_iter().flat_map(|path| [WeightsDigest::path(&path), path])
    }
}
