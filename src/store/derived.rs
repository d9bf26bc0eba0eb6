//! What a run has left beside its record: weights with their ties, and measurements of the theory. It is of the record's numbers, and
//! gives way before other numbers take the record's place.

use super::csv::TheoryPart;
use super::folder::Store;
use super::guard::lock;
use super::kept::Tie;
use super::record::Record;
use super::weights::{Moment, weights_path};
use super::{files, theory};
use crate::error::{Error, Result};
use crate::regular;
use std::path::{Path, PathBuf};

impl Store {
    /// Removes what the run of `record` has left of other numbers, and the tables that had it: to be done before `record` is saved.
    /// Measurements of the theory stay where no earlier record is here and they were computed on the instruction sets of `record`.
    ///
    /// # Errors
    /// Where the system refuses.
    pub fn remove_other_numbers(&self, record: &Record) -> Result<()> {
        let key = &record.run_key;
        self.weights_files(key).try_for_each(|path| files::remove_file(&path))?;
        if self.record(key).is_none() && self.has_theory_of(record) {
            return Ok(());
        }
        if lock(&self.theory).remove(key).is_some() {
            for part in TheoryPart::ALL {
                files::remove_file(&self.folder.join(part.file_name()))?;
            }
        }
        self.theory_files(key).iter().try_for_each(|path| files::remove_file(path))
    }

    /// Sets aside what the run of `record`, of which no record is here, has left of numbers that may be others, before `record` is
    /// saved, which comes from elsewhere; what to tell of each file. Files that the results folder `from` has too stay.
    ///
    /// # Errors
    /// Where a file can't be renamed.
    pub(super) fn set_aside_other_numbers(&self, record: &Record, from: Option<&Path>) -> Result<Vec<Error>> {
        let key = &record.run_key;
        let mut paths: Vec<_> = self.weights_files(key).collect();
        if !self.has_theory_of(record) {
            lock(&self.theory).remove(key);
            paths.extend(self.theory_files(key));
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

    /// Whether what the run of `record` measured of the theory is here and of its numbers, as far as the instruction sets tell.
    fn has_theory_of(&self, record: &Record) -> bool {
        self.theory(&record.run_key).is_some_and(|theory| theory.is_computed_like(record))
    }

    /// The run's weights, each behind what vouches for it.
    fn weights_files(&self, run_key: &str) -> impl Iterator<Item = PathBuf> {
        let paths = Moment::ALL.map(|moment| weights_path(&self.folder, run_key, moment));
        paths.into_iter().flat_map(|path| [Tie::path(&path), path])
    }

    fn theory_files(&self, run_key: &str) -> [PathBuf; 2] {
        let path = theory::path(&self.folder, run_key);
        // The one that vouches for the other goes first.
        [path.clone(), path.with_extension("csv")]
    }
}
