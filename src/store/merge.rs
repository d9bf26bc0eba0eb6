//! Taking over finished runs from other results folders. Equal run keys mean equal numbers, because a key is made from everything that
//! determines a run's numbers.

use super::distribution::DistributionRecord;
use super::folder::Store;
use super::leases::Acquisition;
use super::record::Record;
use super::records::RunRecords;
use super::side::SideRecord;
use super::theory::TheoryRecord;
use super::weights::{Moment, weights_path};
use super::{files, results, sessions, stored_weights};
use crate::atomic;
use crate::error::{Error, Result};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The result of [`Store::merge`] and [`Store::adopt`].
#[derive(Debug, Default)]
pub struct Merged {
    /// Number of runs that were taken over.
    pub runs: usize,
    /// An error for each file of the other folder that can't be trusted or read: it was left alone, and its run counts as missing. Also an
    /// error for each file of this folder that was set aside, because its numbers may differ from those of a record taken over.
    pub left: Vec<Error>,
}

impl Merged {
    /// Reads the file at `path` by `load`; `None` where it is missing, or is left alone because of an error.
    fn load<T>(&mut self, path: &Path, load: impl FnOnce(&Path) -> Result<T>) -> Option<T> {
        if !path.exists() {
            return None;
        }
        load(path).map_err(|error| self.left.push(error)).ok()
    }
}

impl Store {
    /// Takes over the runs of `run_keys` that are not finished here but in another results folder of the same root. Leaves alone records
    /// that can't be trusted, and runs whose lease another worker holds.
    ///
    /// # Errors
    /// Where the root can't be listed or a record can't be written.
    pub fn adopt<'a>(&self, run_keys: impl IntoIterator<Item = &'a str>) -> Result<Merged> {
        let missing = run_keys.into_iter().filter(|key| self.record(key).is_none());
        let mut adopted = Merged::default();
        for (key, record) in load_from_neighbours(&self.folder, missing)? {
            // The lease is held until the record is written, so that no worker begins the run meanwhile.
            let Acquisition::Granted(_lease) = self.acquire(&key)? else { continue };
            // Another worker may have finished the run or taken it over meanwhile.
            if self.record(&key).is_none() {
                adopted.left.extend(self.set_aside_other_numbers(&record, None)?);
                self.save(Arc::unwrap_or_clone(record))?;
                adopted.runs += 1;
            }
        }
        Ok(adopted)
    }

    /// Takes over the runs of `run_keys` that are finished in the results folder `other`, with their weights and side
    /// records. Leaves alone files that can't be trusted. A run whose weights of the moments `asked` can't be trusted is not taken over.
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
            let theory = merged.load(&TheoryRecord::path(other, key), TheoryRecord::load);
            let distribution = merged.load(&DistributionRecord::path(other, key), DistributionRecord::load);
            let Some(record) = merged.load(&Record::path(other, key), Record::load) else { continue };
            let is_only_there = |moment: &Moment| {
                weights_path(other, key, *moment).exists()
                    && !weights_path(&self.folder, key, *moment).exists()
            };
            let own = self.record(key);
            let mut moments = Moment::ALL.to_vec();
            if let Some(own) = &own {
                moments.retain(is_only_there);
                let has_more = theory.is_some() && self.theory(key).is_none()
                    || distribution.is_some() && self.distribution(key).is_none();
                if moments.is_empty() && !has_more {
                    continue;
                }
                if !own.agrees_with(&record) {
                    merged.left.push(other_numbers(&Record::path(other, key), &record, own));
                    continue;
                }
            }
            // All weights are checked before anything changes here.
            let mut trusted = Vec::new();
            let mut is_whole = true;
            for moment in moments {
                match stored_weights::check(other, &record, moment) {
                    Ok(_) => trusted.push(moment),
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
            if own.is_none() {
                merged.left.extend(self.set_aside_other_numbers(&record, Some(other))?);
            }
            for moment in trusted {
                stored_weights::copy(other, &self.folder, key, moment)?;
            }
            let theory = theory.filter(|_| self.theory(key).is_none());
            let distribution = distribution.filter(|_| self.distribution(key).is_none());
            if let Some(theory) = theory {
                let units = |folder: &Path| TheoryRecord::path(folder, key).with_extension("csv");
                if let Some(bytes) = files::read_if_there(&units(other))? {
                    atomic::write(&units(&self.folder), &bytes)?;
                }
                self.save_theory(theory, None)?;
            }
            if let Some(distribution) = distribution {
                self.save_distribution(distribution)?;
            }
            if own.is_none() {
                self.save(record)?;
            } else {
                // The copied weights may replace damaged ones.
                self.look_for_weights(key);
            }
            merged.runs += 1;
        }
        // The next session adds the seconds in these manifests.
        sessions::copy(other, &self.folder)?;
        Ok(merged)
    }
}

/// The error for weights and side records that are not taken over: the `record` beside them, at `path`, has other numbers than the record `own`
/// of the same run here.
fn other_numbers(path: &Path, record: &Record, own: &Record) -> Error {
    let (there, here) = (&record.processor, &own.processor);
    let problem = format!(
        "its weights and other measurements are left: it was computed on {there}, with other numbers than here, on {here}"
    );
    Error::store(path, problem, "train the run again here, with --retrain")
}

/// Reads the records of `run_keys` from the other results folders in the root of `folder`; none where the root is missing. Leaves out
/// records that can't be trusted. Locks and changes nothing.
///
/// # Errors
/// Where the root can't be listed.
pub fn load_from_neighbours<'a>(
    folder: &Path,
    run_keys: impl IntoIterator<Item = &'a str>,
) -> Result<RunRecords> {
    let mut run_keys = run_keys.into_iter().peekable();
    let mut found = RunRecords::new();
    if run_keys.peek().is_none() {
        return Ok(found);
    }
    let neighbours = neighbours(folder)?;
    for key in run_keys {
        let records = neighbours.iter().map(|folder| Record::path(folder, key));
        let trusted = records.filter(|path| path.exists()).filter_map(|path| Record::load(&path).ok());
        // A record with the units' activity is preferred; older records lack it.
        if let Some(record) = trusted.max_by_key(|record| record.activity.is_some()) {
            found.insert(key.to_owned(), Arc::new(record));
        }
    }
    Ok(found)
}

/// The other results folders in the root of `folder`, sorted by name, without folders that were set aside.
fn neighbours(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = files::entries(atomic::folder_of(folder))?;
    found.retain(|path| {
        let is_other = path.file_name() != folder.file_name() && !results::is_set_aside(path);
        is_other && path.join(Record::FOLDER).is_dir()
    });
    Ok(found)
}
