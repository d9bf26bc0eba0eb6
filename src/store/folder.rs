//! A results folder that is open for training: its finished runs, its lock or leases, its session and its files.

use super::checkpoint::{self, StoredCheckpoint};
use super::distribution::DistributionRecord;
use super::encoder::EncoderSpec;
use super::leases::{self, Leases};
use super::lock::{Lock, unwritable};
use super::machine::Processor;
use super::manifest::{Manifest, TrainingTime};
use super::record::Record;
use super::records::RunRecords;
use super::side::{SideRecord, SideRecords};
use super::stored_weights::WeightsDigest;
use super::text::table_csv;
use super::theory::TheoryRecord;
use super::warning::{self, Warning};
use super::weights::{Moment, Weights, weights_path};
use super::{files, foreign, sessions, stored_weights};
use crate::atomic;
use crate::error::{Error, Result};
use crate::guard::lock;
use crate::regular;
use crate::theory::{TheoryTable, UnitRow};
use crate::training::Checkpoint;
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// The access of this process to a results folder.
#[derive(Debug)]
pub(super) enum Access {
    /// This process works alone.
    Alone(Lock),
    /// Several workers share the folder.
    Shared {
        leases: Leases,
        /// Keeps out processes of this machine that would work alone. Leases keep workers apart, and work on network file systems too.
        _lock: Lock,
    },
}

/// The manifest of the present session.
#[derive(Debug)]
pub(super) struct SessionManifest {
    manifest: Manifest,
    last_written: Instant,
}

/// The least time between two writes of the manifest, so that many short runs don't each write it. The last write doesn't wait.
const BETWEEN_MANIFESTS: Duration = Duration::from_secs(1);

/// A results folder, of this process alone ([`Store::open`]) or shared by workers ([`Store::share`]).
#[derive(Debug)]
pub struct Store {
    pub(super) folder: PathBuf,
    pub(super) records: Mutex<RunRecords>,
    pub(super) theory: SideRecords<TheoryRecord>,
    pub(super) distributions: SideRecords<DistributionRecord>,
    /// Finished runs that are to be trained again because their weights were lost.
    pub(super) lost: Mutex<stored_weights::LostWeights>,
    /// An error for each damaged file that was set aside ([`Store::take_damaged`]).
    pub(super) damaged: Mutex<Vec<Error>>,
    /// The present session, once it has begun.
    pub(super) session: Mutex<Option<SessionManifest>>,
    pub(super) access: Access,
    pub(super) manifest_path: PathBuf,
}

impl Store {
    /// Opens `<root>/<name>/` for this process alone: makes it where it doesn't exist, locks it and reads every record. Damaged records
    /// are set aside: [`Store::take_damaged`].
    ///
    /// # Errors
    /// Where nothing can be written there, another process works on it, or a foreign file would be overwritten; nothing has been
    /// changed then.
    pub fn open(root: &Path, name: &str) -> Result<Self> {
        let folder = root.join(name);
        let lock = make_writable(&folder, lock_alone)?;
        atomic::remove_leftovers(&folder)?;
        leases::remove(&folder)?;
        let mut damaged = Vec::new();
        let records = files::load_or_set_aside(&folder.join(Record::FOLDER), Record::load, &mut damaged)?;
        Ok(Self {
            records: Mutex::new(records),
            theory: SideRecords::load_or_set_aside(&folder, &mut damaged)?,
            distributions: SideRecords::load_or_set_aside(&folder, &mut damaged)?,
            lost: Mutex::default(),
            damaged: Mutex::new(damaged),
            session: Mutex::default(),
            access: Access::Alone(lock),
            manifest_path: Manifest::path(&folder),
            folder,
        })
    }

    /// Checks that the results folder and its records have not been removed or renamed.
    pub(super) fn check_place(&self) -> Result<()> {
        let is_in_place = match &self.access {
            Access::Alone(lock) => lock.is_in_place(),
            Access::Shared { leases, .. } => leases.is_in_place(),
        };
        let problem = match is_in_place {
            false => "the results folder is gone, or was renamed",
            true if !self.folder.join(Record::FOLDER).is_dir() => {
                "its folder records/ is gone, or was renamed"
            }
            true => return Ok(()),
        };
        Err(Error::io("write to", &self.folder)(io::Error::new(io::ErrorKind::NotFound, problem)))
    }

    /// As [`Store::check_place`], and checks that `path` in the folder is a regular file or does not exist: writing to a pipe would block.
    pub(super) fn check_target(&self, path: &Path) -> Result<()> {
        self.check_place()?;
        regular::refuse_special(path).map_err(|error| Error::store(path, error, "move it away"))
    }

    /// Writes the file at `path` in the folder.
    pub(super) fn write(&self, path: &Path, bytes: &[u8]) -> Result<()> {
        self.check_target(path)?;
        atomic::write(path, bytes)
    }

    /// Counts runs as unfinished whose records were removed after they were read or stored.
    ///
    /// # Errors
    /// Where there are such runs: their number and what to do.
    pub fn forget_lost(&self) -> Result<()> {
        let mut records = lock(&self.records);
        let before = records.len();
        let is_gone = |path: PathBuf| fs::metadata(path).is_err_and(|error| files::is_missing(&error));
        records.retain(|key, _| !is_gone(Record::path(&self.folder, key)));
        let lost = before - records.len();
        if lost == 0 {
            return Ok(());
        }
        let problem =
            format!("{lost} of {before} finished runs are lost: their records were removed meanwhile");
        let fix = "put the folder back, or train these runs again with the same command";
        Err(Error::store(self.folder.join(Record::FOLDER), problem, fix))
    }

    /// Sets the results folder `<root>/<name>/` aside, if it exists: renames it to the first free of `<name>.1`, `<name>.2`, …, and
    /// returns that path.
    ///
    /// # Errors
    /// Where another process works on it, or it can't be renamed.
    pub fn set_aside(root: &Path, name: &str) -> Result<Option<PathBuf>> {
        let folder = root.join(name);
        if !folder.exists() {
            return Ok(None);
        }
        if !folder.is_dir() {
            let fix = "choose another folder with --out";
            return Err(Error::store(folder, "it is a file, not a results folder", fix));
        }
        foreign::refuse_to_move(&folder)?;
        // The lock is released before the rename, because some systems can't rename a folder with an open file in it.
        drop(lock_alone(&folder)?);
        let aside = files::first_free(|number| root.join(format!("{name}.{}", number + 1)));
        fs::rename(&folder, &aside).map_err(Error::io("rename", &folder))?;
        Ok(Some(aside))
    }

    /// `<root>/<name>/`.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// An error for each damaged file that was set aside, at opening or since the last call; it says where the file is now.
    pub fn take_damaged(&self) -> Vec<Error> {
        std::mem::take(&mut lock(&self.damaged))
    }

    /// The record of the run `run_key`, if the run is finished.
    pub fn record(&self, run_key: &str) -> Option<Arc<Record>> {
        lock(&self.records).get(run_key).cloned()
    }

    /// Whether the run `run_key` has a record. In a folder that workers share, its file decides, even if it was not read yet.
    pub fn has_record(&self, run_key: &str) -> bool {
        self.record(run_key).is_some()
            || matches!(self.access, Access::Shared { .. }) && Record::path(&self.folder, run_key).exists()
    }

    /// Number of finished runs that are not among `run_keys`.
    pub fn count_others<'a>(&self, run_keys: impl IntoIterator<Item = &'a str>) -> usize {
        let named: BTreeSet<&str> = run_keys.into_iter().collect();
        lock(&self.records).keys().filter(|key| !named.contains(key.as_str())).count()
    }

    /// [`check_plan`] of this folder.
    ///
    /// # Errors
    /// Its errors.
    pub fn check_plan<'a>(&self, run_keys: impl IntoIterator<Item = &'a str>) -> Result<()> {
        check_plan(&self.folder, &lock(&self.records), run_keys)
    }

    /// The manifests in the folder, each with its path: first the folder's own, then the workers' manifests that have not been joined to
    /// it yet.
    ///
    /// # Errors
    /// Where one is damaged, is not ours, or can't be read.
    pub fn manifests(&self) -> Result<Vec<(PathBuf, Manifest)>> {
        let mut paths = vec![Manifest::path(&self.folder)];
        paths.extend(sessions::own(&self.folder)?);
        let read = |path: PathBuf| Ok(Manifest::load(&path)?.map(|manifest| (path, manifest)));
        paths.into_iter().filter_map(|path| read(path).transpose()).collect()
    }

    /// Begins a session: checks the plan as [`Store::check_plan`] does and writes the manifest.
    ///
    /// If the session doesn't train (`trains`), the manifest still describes the sessions that trained the runs, except for a changed
    /// configuration. It drops the seconds of runs that are not `is_finished`, because they measure less work than the plan asks for.
    ///
    /// # Errors
    /// The errors of [`Store::check_plan`], and where the manifest can't be written.
    pub fn begin_session<'a>(
        &self,
        run_keys: impl IntoIterator<Item = &'a str>,
        config: Json,
        data_sha256: BTreeMap<String, String>,
        trains: bool,
        is_finished: impl Fn(&str) -> bool,
    ) -> Result<()> {
        self.check_plan(run_keys)?;
        let path = &self.manifest_path;
        let before = Manifest::load(path)?;
        let is_alone = matches!(self.access, Access::Alone(_));
        let earlier = if is_alone { sessions::joined(before.clone(), &self.folder)? } else { before.clone() };
        let manifest = match earlier {
            Some(earlier) if !trains => earlier.with_config(config, data_sha256),
            earlier => Manifest::begin(config, data_sha256, earlier),
        };
        let manifest = manifest.with_matching_seconds(is_finished);
        if before.as_ref() != Some(&manifest) {
            manifest.write(path)?;
        }
        if is_alone {
            sessions::remove(&self.folder)?;
        }
        if trains {
            *lock(&self.session) = Some(SessionManifest { manifest, last_written: Instant::now() });
        }
        Ok(())
    }

    /// Writes the record of a finished run.
    ///
    /// # Errors
    /// Where it holds a number that isn't finite, or can't be written.
    pub fn save(&self, record: Record) -> Result<Arc<Record>> {
        let path = Record::path(&self.folder, &record.run_key);
        let bytes = record.encode().map_err(|problem| {
            Error::store(
                &path,
                format!("the run can't be stored: {problem}"),
                "choose a smaller learning rate",
            )
        })?;
        self.write(&path, &bytes)?;
        let record = Arc::new(record);
        lock(&self.records).insert(record.run_key.clone(), Arc::clone(&record));
        self.look_for_weights(&record.run_key);
        Ok(record)
    }

    /// The measurements of the theory of the run `run_key`, if they are stored.
    pub fn theory(&self, run_key: &str) -> Option<Arc<TheoryRecord>> {
        self.theory.get(run_key)
    }

    /// Writes a run's measurements of the theory. Call this before [`Store::save`], which makes the run complete.
    ///
    /// # Errors
    /// Where it can't be written.
    pub fn save_theory(&self, record: TheoryRecord, units: Option<&TheoryTable<UnitRow>>) -> Result<()> {
        if let Some(units) = units {
            let path = TheoryRecord::path(&self.folder, &record.run_key).with_extension("csv");
            self.write(&path, &table_csv(units))?;
        }
        self.save_side(&self.theory, record)
    }

    /// The distributions of the codes of the run `run_key`, if they are stored.
    pub fn distribution(&self, run_key: &str) -> Option<Arc<DistributionRecord>> {
        self.distributions.get(run_key)
    }

    /// Writes the distributions of a run's codes. Call this before [`Store::save`], which makes the run complete.
    ///
    /// # Errors
    /// Where they can't be written.
    pub fn save_distribution(&self, record: DistributionRecord) -> Result<()> {
        self.save_side(&self.distributions, record)
    }

    fn save_side<T: SideRecord>(&self, records: &SideRecords<T>, record: T) -> Result<()> {
        let path = T::path(&self.folder, record.run_key());
        let bytes = record.encode().map_err(|problem| Error::store(&path, problem, "measure less often"))?;
        self.write(&path, &bytes)?;
        records.insert(record);
        Ok(())
    }

    /// The checkpoint of the run `run_key`, if it has one. A checkpoint of another instruction set is refused unless
    /// `resume_anywhere`.
    ///
    /// # Errors
    /// A sentence that says why the run can't be resumed from it.
    pub fn checkpoint(
        &self,
        run_key: &str,
        resume_anywhere: bool,
    ) -> Result<Option<StoredCheckpoint>, String> {
        let found = checkpoint::read(&self.folder, run_key)?;
        if let Some(found) = found.as_ref().filter(|_| !resume_anywhere) {
            found.check_numerics()?;
        }
        Ok(found)
    }

    /// Writes the checkpoint of a run, which replaces the run's earlier one; `earlier` are the other processors that the run was
    /// computed on.
    ///
    /// # Errors
    /// Where it can't be written.
    pub fn save_checkpoint(
        &self,
        run_key: &str,
        checkpoint: &Checkpoint<f32>,
        earlier: &[Processor],
    ) -> Result<()> {
        let path = checkpoint::path(&self.folder, run_key);
        let bytes = checkpoint::encode(run_key, checkpoint, &[earlier, &[Processor::detect()]].concat())
            .map_err(|problem| Error::store(&path, problem, "set `output.checkpoint = \"none\"`"))?;
        self.write(&path, &bytes)
    }

    /// Removes the checkpoints of runs that are `is_finished`.
    ///
    /// # Errors
    /// Where one can't be removed.
    pub fn remove_checkpoints(&self, is_finished: impl Fn(&str) -> bool) -> Result<()> {
        checkpoint::remove(&self.folder, is_finished)
    }

    /// Writes weights of a run, with the description of their `encoder` where it is known. Call this before [`Store::save`], which makes
    /// the run complete.
    ///
    /// # Errors
    /// Where they can't be written.
    pub fn save_weights(
        &self,
        run_key: &str,
        moment: Moment,
        weights: &Weights,
        encoder: Option<&EncoderSpec>,
    ) -> Result<()> {
        self.check_target(&weights_path(&self.folder, run_key, moment))?;
        stored_weights::write(&self.folder, run_key, moment, weights, encoder)?;
        self.look_for_weights(run_key);
        Ok(())
    }

    /// Adds `time` to the manifest for a training that was stopped. Does nothing without a session ([`Store::begin_session`]).
    ///
    /// # Errors
    /// Where the manifest can't be written.
    pub fn note_stopped(&self, run_key: &str, time: TrainingTime) -> Result<()> {
        self.change_manifest(false, |manifest| manifest.stopped(run_key, time))
    }

    /// Adds `time` to the manifest for a training that has finished. Does nothing without a session.
    ///
    /// # Errors
    /// Where the manifest can't be written.
    pub fn note_finished(&self, run_key: &str, time: TrainingTime) -> Result<()> {
        self.change_manifest(false, |manifest| manifest.finished(run_key, time))
    }

    /// Ends the session, if there is one: writes its end to the manifest where all of its runs are finished (`is_finished`), and removes
    /// an empty checkpoint folder.
    ///
    /// # Errors
    /// Where the manifest can't be written.
    pub fn end_session(&self, is_finished: bool) -> Result<()> {
        if matches!(self.access, Access::Alone(_)) {
            checkpoint::remove_folder(&self.folder);
        }
        self.change_manifest(true, |manifest| {
            if is_finished {
                manifest.end();
            }
        })
    }

    /// Changes the session's manifest. Writes it if `must_write`, or if the last write was some time ago.
    fn change_manifest(&self, must_write: bool, change: impl FnOnce(&mut Manifest)) -> Result<()> {
        let mut session = lock(&self.session);
        let Some(SessionManifest { manifest, last_written }) = session.as_mut() else { return Ok(()) };
        change(manifest);
        if !must_write && last_written.elapsed() < BETWEEN_MANIFESTS {
            return Ok(());
        }
        *last_written = Instant::now();
        self.check_place()?;
        manifest.write(&self.manifest_path)
    }

    /// Checks the weights of the moments `asked` of the finished runs `run_keys`. Weights that are damaged or belong to another run are
    /// set aside, and their runs count as unfinished until the weights are stored again. Returns an error for each file set aside.
    ///
    /// # Errors
    /// Where weights can't be read or renamed.
    pub fn set_aside_weights<'a>(
        &self,
        run_keys: impl IntoIterator<Item = &'a str>,
        asked: &[Moment],
    ) -> Result<Vec<Error>> {
        let mut damaged = Vec::new();
        for record in run_keys.into_iter().filter_map(|key| self.record(key)) {
            if !stored_weights::has_lost_weights(self.folder(), &record, asked)? {
                continue;
            }
            for moment in stored_weights::due(&record, asked) {
                let path = weights_path(self.folder(), &record.run_key, moment);
                let Err(Error::Store { problem, .. }) = stored_weights::check(self.folder(), &record, moment)
                else {
                    continue;
                };
                match files::set_aside(&path, problem) {
                    // Another worker has already set it aside.
                    Err(_) if !path.exists() => continue,
                    aside => damaged.push(aside?),
                }
                let digest = WeightsDigest::path(&path);
                if digest.exists() {
                    files::set_aside(&digest, "")?;
                }
            }
            lock(&self.lost).insert(record.run_key.clone(), asked.to_vec());
        }
        Ok(damaged)
    }

    /// Whether the run `run_key` has a record but is to be trained again, because its weights were lost.
    pub fn has_lost_weights(&self, run_key: &str) -> bool {
        lock(&self.lost).contains_key(run_key)
    }

    /// Checks again whether the weights of the run `run_key` are lost; a worker or a merge may have restored them.
    pub(super) fn look_for_weights(&self, run_key: &str) {
        let asked = lock(&self.lost).get(run_key).cloned();
        if let (Some(asked), Some(record)) = (asked, self.record(run_key))
            && stored_weights::has_lost_weights(self.folder(), &record, &asked).is_ok_and(|is_lost| !is_lost)
        {
            lock(&self.lost).remove(run_key);
        }
    }

    /// Warnings about finished runs `run_keys` that come from different versions or processors.
    pub fn warnings<'a>(&self, run_keys: impl IntoIterator<Item = &'a str>) -> Vec<Warning> {
        let records: Vec<_> = run_keys.into_iter().filter_map(|key| self.record(key)).collect();
        warning::of_records(records.iter().map(|record| &**record))
    }
}

/// Checks that a plan shares a run with the finished runs `records` of the results folder `folder`, if there are any. Otherwise its
/// settings were changed, and its tables would replace those of other runs.
///
/// # Errors
/// [`Error::OtherSettings`], which names the folder and says what to do.
pub fn check_plan<'a>(
    folder: &Path,
    records: &RunRecords,
    run_keys: impl IntoIterator<Item = &'a str>,
) -> Result<()> {
    if records.is_empty() || run_keys.into_iter().any(|key| records.contains_key(key)) {
        return Ok(());
    }
    let problem = format!(
        "it holds {} finished runs, and none of them is in this plan: settings, data or the program's numerics differ; if only seeds, σ² \
         or models differ, add one of the finished ones to the plan",
        records.len()
    );
    let name = format!("{}_2", folder.file_name().unwrap_or_default().to_string_lossy());
    Err(Error::OtherSettings { path: folder.to_owned(), problem, name })
}

/// Makes the results folder `folder` where it doesn't exist, locks it, and checks that results can be written there and replace nothing
/// foreign.
pub(super) fn make_writable(folder: &Path, acquire: impl FnOnce(&Path) -> Result<Lock>) -> Result<Lock> {
    fs::create_dir_all(folder).map_err(|error| unwritable(folder, &error))?;
    foreign::refuse_other_folder(folder)?;
    foreign::refuse_foreign(folder)?;
    let lock = acquire(folder)?;
    for inside in [folder.to_owned(), folder.join(Record::FOLDER)] {
        check_writable(&inside)?;
    }
    Ok(lock)
}

/// Makes `folder` where it doesn't exist, and checks that results can be written there.
///
/// # Errors
/// [`Error::Store`] where they can't.
pub fn check_writable(folder: &Path) -> Result<()> {
    atomic::probe(folder).map_err(|error| unwritable(folder, &error))
}

/// Locks the results folder `folder` for this process alone. Refuses a folder in which workers of any machine hold leases.
fn lock_alone(folder: &Path) -> Result<Lock> {
    let left = leases::times_left(folder)?;
    let Some(longest) = left.iter().max() else { return Lock::acquire(folder) };
    let problem = format!("workers are training {} of its runs", left.len());
    let seconds = longest.as_secs() + 1;
    let fix = format!("wait until they end; where they have died, that is seen in {seconds} s at most");
    Err(Error::store(folder, problem, fix))
}
