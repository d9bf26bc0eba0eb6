//! Runs that are taken over from other results folders: a run's numbers depend on nothing but what its key is made from.

use super::files::read_if_there;
use super::record::Record;
use super::theory::TheoryRecord;
use super::weights::Moment;
use super::{Store, results, sessions, weights_path};
use crate::atomic;
use crate::error::{Error, Result};
use std::fs;
use std::path::{Path, PathBuf};

/// What [`Store::merge`] has done.
#[derive(Debug, Default)]
pub struct Merged {
    /// How many runs were taken over.
    pub runs: usize,
    /// What was wrong with the files that can't be trusted, or not be read; they are as they were, and their runs count as missing.
    pub left: Vec<Error>,
}

impl Merged {
    /// The file at `path` by `load`; `None` where there is none, or it is left.
    fn load<T>(&mut self, path: &Path, load: impl FnOnce(&Path) -> Result<T>) -> Option<T> {
        if !path.exists() {
            return None;
        }
        load(path).map_err(|error| self.left.push(error)).ok()
    }
}

impl Store {
    /// Takes over the runs of `run_keys` that aren't here but are finished in another results folder of the same root:
    /// a run's numbers depend on nothing but what its key is made from. Records that can't be trusted are left alone.
    ///
    /// # Errors
    /// Where the root can't be listed or a record not be written.
    pub fn adopt<'a>(&self, run_keys: impl IntoIterator<Item = &'a str>) -> Result<()> {
        let missing: Vec<_> = run_keys.into_iter().filter(|key| self.record(key).is_none()).collect();
        if missing.is_empty() {
            return Ok(());
        }
        let neighbours = neighbours(&self.folder)?;
        for key in missing {
            let records = neighbours.iter().map(|folder| folder.join("records").join(format!("{key}.json")));
            let found = records.filter(|path| path.exists()).filter_map(|path| Record::load(&path).ok());
            // Older records lack their units' activity.
            if let Some(record) = found.max_by_key(|record| record.activity.is_some()) {
                self.save(record)?;
            }
        }
        Ok(())
    }

    /// Takes over what is finished of `run_keys` in the results folder `other`, weights and measurements of the theory included;
    /// how many runs that were, and what can't be trusted and is left alone.
    ///
    /// # Errors
    /// Where a file can't be read or written.
    pub fn merge<'a>(&self, run_keys: impl IntoIterator<Item = &'a str>, other: &Path) -> Result<Merged> {
        let mut merged = Merged::default();
        for key in run_keys {
            let named = |folder: &str| other.join(folder).join(format!("{key}.json"));
            let theory = merged.load(&named("theory"), TheoryRecord::load);
            let Some(record) = merged.load(&named("records"), Record::load) else { continue };
            if self.record(key).is_some() && (theory.is_none() || self.theory(key).is_some()) {
                continue;
            }
            for moment in [Moment::Initial, Moment::Final] {
                if let Some(bytes) = read_if_there(&weights_path(other, key, moment))? {
                    atomic::write(&weights_path(&self.folder, key, moment), &bytes)?;
                }
            }
            if let Some(theory) = theory {
                if let Some(units) = read_if_there(&named("theory").with_extension("csv"))? {
                    atomic::write(&self.folder.join("theory").join(format!("{key}.csv")), &units)?;
                }
                self.save_theory(theory, None)?;
            }
            self.save(record)?;
            merged.runs += 1;
        }
        // Their times, for the next session.
        sessions::copy(other, &self.folder)?;
        Ok(merged)
    }
}

/// The other results folders beside `folder`, in order of their names, without those that were set aside.
fn neighbours(folder: &Path) -> Result<Vec<PathBuf>> {
    let root = folder.parent().filter(|root| !root.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut found = Vec::new();
    for entry in fs::read_dir(root).map_err(Error::io("list", root))? {
        let path = entry.map_err(Error::io("list", root))?.path();
        let is_other = path.file_name() != folder.file_name() && !results::is_set_aside(&path);
        if is_other && path.join("records").is_dir() {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}
