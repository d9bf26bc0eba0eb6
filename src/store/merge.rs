//! Runs that are taken over from other results folders: a run's numbers depend on nothing but what its key is made from.

use super::claims::Turn;
use super::folder::Store;
use super::record::Record;
use super::records::Records;
use super::theory::TheoryRecord;
use super::weights::{Moment, weights_path};
use super::{files, kept, results, sessions};
use crate::atomic;
use crate::error::{Error, Result};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What [`Store::merge`] has done.
#[derive(Debug, Default)]
pub struct Merged {
    /// How many runs were taken over.
    pub runs: usize,
    /// What was wrong with the files that can't be trusted, or not be read; they are as they were, and their runs count as missing.
    /// And which files here were set aside, since their numbers may be others than those of the record that was taken over.
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
    /// a run's numbers depend on nothing but what its key is made from; how many runs that were. Records that can't be trusted
    /// are left alone, and so are the runs that another worker has.
    ///
    /// # Errors
    /// Where the root can't be listed or a record not be written.
    pub fn adopt<'a>(&self, run_keys: impl IntoIterator<Item = &'a str>) -> Result<usize> {
        let missing = run_keys.into_iter().filter(|key| self.record(key).is_none());
        let mut adopted = 0;
        for (key, record) in load_from_neighbours(&self.folder, missing)? {
            // Held until the record is written: nobody begins the run meanwhile.
            let Turn::Ours(_claim) = self.turn(&key)? else { continue };
            // Another worker may have finished it or taken it over since.
            if self.record(&key).is_none() {
                self.set_aside_other_numbers(&record, None)?;
                self.save(Arc::unwrap_or_clone(record))?;
                adopted += 1;
            }
        }
        Ok(adopted)
    }

    /// Takes over what is finished of `run_keys` in the results folder `other`, weights and measurements of the theory included;
    /// how many runs that were, and what can't be trusted and is left alone: the weights of the moments `asked` with their runs.
    ///
    /// # Errors
    /// Where a file can't be read or written.
    pub fn merge<'a>(
        &self,
        run_keys: impl IntoIterator<Item = &'a str>,
        asked: &[Moment],
        other: &Path,
    ) -> Result<Merged> {
        let mut merged = Merged::default();
        for key in run_keys {
            let named = |folder: &str| other.join(folder).join(format!("{key}.json"));
            let theory = merged.load(&named("theory"), TheoryRecord::load);
            let Some(record) = merged.load(&named("records"), Record::load) else { continue };
            let is_only_there = |moment: &Moment| {
                weights_path(other, key, *moment).exists()
                    && !weights_path(&self.folder, key, *moment).exists()
            };
            let own = self.record(key);
            if own.is_none() {
                merged.left.extend(self.set_aside_other_numbers(&record, Some(other))?);
            }
            let theory = theory.filter(|_| self.theory(key).is_none());
            let mut moments = Moment::ALL.to_vec();
            if let Some(own) = &own {
                moments.retain(is_only_there);
                if moments.is_empty() && theory.is_none() {
                    continue;
                }
                if !own.agrees_with(&record) {
                    merged.left.push(other_numbers(&named("records"), &record, own));
                    continue;
                }
            }
            let mut is_whole = true;
            for moment in moments {
                match kept::copy(other, &self.folder, &record, moment) {
                    Ok(()) => {}
                    Err(error @ Error::Store { .. }) => {
                        merged.left.push(error);
                        is_whole &= !asked.contains(&moment);
                    }
                    Err(error) => return Err(error),
                }
            }
            if !is_whole {
                continue;
            }
            if let Some(theory) = theory {
                if let Some(units) = files::read_if_there(&named("theory").with_extension("csv"))? {
                    atomic::write(&self.folder.join("theory").join(format!("{key}.csv")), &units)?;
                }
                self.save_theory(theory, None)?;
            }
            if own.is_none() {
                self.save(record)?;
            } else {
                // Those that were damaged here may have come from there.
                self.look_for_weights(key);
            }
            merged.runs += 1;
        }
        // Their times, for the next session.
        sessions::copy(other, &self.folder)?;
        Ok(merged)
    }
}

/// Why the weights and the theory beside `record`, which stands at `path`, are not those of the run that is here, whose record is `own`.
fn other_numbers(path: &Path, record: &Record, own: &Record) -> Error {
    let (there, here) = (&record.processor, &own.processor);
    let problem = format!(
        "its weights and theory are left: it was computed on {there}, with other numbers than here, on {here}"
    );
    Error::store(path, problem, "train the run again here, with --retrain")
}

/// The records of `run_keys` that other results folders of the same root as `folder` have, without locking or changing anything;
/// none where there is no such root. What can't be trusted is left out.
///
/// # Errors
/// Where the root can't be listed.
pub fn load_from_neighbours<'a>(
    folder: &Path,
    run_keys: impl IntoIterator<Item = &'a str>,
) -> Result<Records> {
    let mut run_keys = run_keys.into_iter().peekable();
    let mut found = Records::new();
    if run_keys.peek().is_none() {
        return Ok(found);
    }
    let neighbours = neighbours(folder)?;
    for key in run_keys {
        let records = neighbours.iter().map(|folder| folder.join("records").join(format!("{key}.json")));
        let trusted = records.filter(|path| path.exists()).filter_map(|path| Record::load(&path).ok());
        // Older records lack their units' activity.
        if let Some(record) = trusted.max_by_key(|record| record.activity.is_some()) {
            found.insert(key.to_owned(), Arc::new(record));
        }
    }
    Ok(found)
}

/// The other results folders beside `folder`, in order of their names, without those that were set aside.
fn neighbours(folder: &Path) -> Result<Vec<PathBuf>> {
    let root = folder.parent().filter(|root| !root.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut found = files::entries(root)?;
    found.retain(|path| {
        let is_other = path.file_name() != folder.file_name() && !results::is_set_aside(path);
        is_other && path.join("records").is_dir()
    });
    Ok(found)
}
