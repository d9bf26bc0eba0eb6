//! Results on disk: `<root>/<name>/` with one record per finished run, two tables, a manifest and weights.
//!
//! ```text
//! records/<run_key>.json              one finished run; a run is complete when its record is there
//! theory/<run_key>.json               what it measured of the theory, where asked for
//! checkpoints/<run_key>.safetensors   a run in progress, until its record is there
//! claims/<run_key>                    which of several workers trains it
//! sessions/<worker>.json              a worker's manifest, until the folder is opened by one process alone
//! weights/<run_key>/initial.npz       before the first step, where asked for
//! weights/<run_key>/final.npz         after the last epoch, where asked for
//! inspect/<run_key>/                  pictures of a run, where they were asked for; nothing depends on them
//! runs.csv, epochs.csv                the finished runs of the folder's plan, made from the records
//! theory.csv, theory_runs.csv, theory_ledger.csv    the same of what they measured of the theory
//! manifest.json                       configuration, data, machine and times
//! .local/data.json                    where the data are on this machine; ignored by git, never copied
//! ```
//!
//! Every file is written whole or not at all. What isn't ours is named and left as it is; a run's file that is damaged is named and
//! kept under another name, and its run is trained again.
//! Nothing here trains, prints or knows about plans: a plan's runs are known by their keys.

mod checkpoint;
mod claims;
mod columns;
mod csv;
mod derived;
pub mod export;
mod files;
mod kept;
mod lock;
mod lookup;
mod machine;
mod manifest;
mod merge;
mod places;
mod record;
mod results;
mod run;
mod sealed;
mod sessions;
mod shared;
mod tables;
mod text;
mod theory;
mod warning;
mod weights;

pub use self::csv::{TheoryPart, epochs_csv, runs_csv, theory_csv};
pub use crate::atomic::{destination, write_output as write_atomic};
pub use crate::regular::read as read_regular;
pub use checkpoint::StoredCheckpoint;
pub use claims::{Claim, Holder, LEAST_PATIENCE};
pub use columns::{AXES, Cell, Column, epoch_columns, run_columns, setting_columns, varied};
pub use files::{ForeignFiles, foreign_files, has_damaged_theory, load_records, load_theory};
pub use kept::has_lost_weights;
pub use lookup::Condition;
pub use machine::{Processor, instruction_set};
pub use manifest::Manifest;
pub use merge::{Merged, load_from_neighbours};
pub use places::DataPlaces;
pub use record::Record;
pub use results::{Listing, Results, is_results_folder};
pub use run::StoredRun;
pub(crate) use text::{cell, csv_lines, number};
pub use theory::TheoryRecord;
pub use warning::Warning;
pub use weights::{Moment, Weights, WeightsFile};

use crate::atomic;
use crate::error::{Error, Result};
use crate::regular;
use crate::theory::{Table, UnitRow};
use crate::training::Checkpoint;
use claims::Claims;
use lock::{Lock, unwritable};
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// After what time a worker that hasn't been heard of is taken for dead, unless another time is asked for: long enough for network
/// file systems that show a file's changes to other machines late.
pub const PATIENCE: Duration = Duration::from_secs(300);

/// The finished runs of a folder, by run key.
pub type Records = BTreeMap<String, Arc<Record>>;

/// What runs of a folder measured of the theory, by run key.
pub type TheoryRecords = BTreeMap<String, Arc<TheoryRecord>>;

/// Who works on a results folder.
#[derive(Debug)]
enum Access {
    /// This process alone.
    Alone(Lock),
    /// Workers beside each other.
    Shared {
        claims: Claims,
        /// Keeps out who would work alone, on one machine; among workers, and on network file systems, it's the claims that count.
        _lock: Lock,
    },
}

/// What is written of a session.
#[derive(Debug)]
struct Session {
    manifest: Manifest,
    /// When it was last written.
    written: Instant,
}

/// The least time between two writings of the manifest, but for its last: not after each of many short runs.
const BETWEEN_MANIFESTS: Duration = Duration::from_secs(1);

/// Whose turn a run is.
#[derive(Debug)]
pub enum Turn {
    /// Ours; among workers as long as the claim is held.
    Ours(Option<Claim>),
    /// Another worker's.
    Others(Holder),
}

/// A results folder, of this process alone ([`Store::open`]) or shared by workers ([`Store::share`]).
#[derive(Debug)]
pub struct Store {
    folder: PathBuf,
    records: Mutex<Records>,
    theory: Mutex<TheoryRecords>,
    /// The finished runs that are to be trained again.
    lost: Mutex<kept::Lost>,
    /// What was found damaged, and has been set aside.
    damaged: Vec<Error>,
    /// The present session, once it has begun.
    session: Mutex<Option<Session>>,
    access: Access,
    manifest_path: PathBuf,
}

impl Store {
    /// Opens `<root>/<name>/`, makes it where it doesn't exist, locks it and reads every record. Damaged ones are set aside:
    /// [`Store::damaged`].
    ///
    /// # Errors
    /// Where nothing can be written there, another process works on it, or a file that would be overwritten isn't ours;
    /// nothing has been changed then.
    pub fn open(root: &Path, name: &str) -> Result<Self> {
        let folder = root.join(name);
        let lock = make_writable(&folder, lock_alone)?;
        files::refuse_foreign(&folder)?;
        atomic::remove_leftovers(&folder)?;
        claims::remove(&folder)?;
        let mut damaged = Vec::new();
        let records = files::load_or_set_aside(&folder.join("records"), Record::load, &mut damaged)?;
        let theory = files::load_or_set_aside(&folder.join("theory"), TheoryRecord::load, &mut damaged)?;
        Ok(Self {
            records: Mutex::new(records),
            theory: Mutex::new(theory),
            lost: Mutex::default(),
            damaged,
            session: Mutex::default(),
            access: Access::Alone(lock),
            manifest_path: folder.join("manifest.json"),
            folder,
        })
    }

    /// Checks that what was opened is still in its place, the records with it.
    fn check_place(&self) -> Result<()> {
        let is_in_place = match &self.access {
            Access::Alone(lock) => lock.is_in_place(),
            Access::Shared { claims, .. } => claims.is_in_place(),
        };
        let problem = match is_in_place {
            false => "the results folder is gone, or was renamed",
            true if !self.folder.join("records").is_dir() => "its folder records/ is gone, or was renamed",
            true => return Ok(()),
        };
        Err(Error::io("write to", &self.folder)(io::Error::new(io::ErrorKind::NotFound, problem)))
    }

    /// Checks the same, and that `path` in the folder is a regular file, or none yet: whoever wrote to a pipe would wait.
    fn check_target(&self, path: &Path) -> Result<()> {
        self.check_place()?;
        regular::refuse_special(path).map_err(|error| Error::store(path, error, "move it away"))
    }

    /// Writes the file at `path` in the folder.
    fn write(&self, path: &Path, bytes: &[u8]) -> Result<()> {
        self.check_target(path)?;
        atomic::write(path, bytes)
    }

    /// Takes the finished runs whose records are gone since they were read or stored for unfinished.
    ///
    /// # Errors
    /// Where there are any: how many, and what to do.
    pub fn forget_lost(&self) -> Result<()> {
        let folder = self.folder.join("records");
        let mut records = hold(&self.records);
        let before = records.len();
        let is_gone = |path: PathBuf| {
            fs::metadata(path).is_err_and(|error| {
                matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
            })
        };
        records.retain(|key, _| !is_gone(folder.join(format!("{key}.json"))));
        let lost = before - records.len();
        if lost == 0 {
            return Ok(());
        }
        let problem =
            format!("{lost} of {before} finished runs are lost: their records were removed meanwhile");
        Err(Error::store(
            folder,
            problem,
            "put the folder back, or train these runs again with the same command",
        ))
    }

    /// Sets the results called `name` aside, if there are any: renames them to the first free of `<name>.1`,
    /// `<name>.2`, …, and returns that path.
    ///
    /// # Errors
    /// Where another process works on them, or they can't be renamed.
    pub fn fresh(root: &Path, name: &str) -> Result<Option<PathBuf>> {
        let folder = root.join(name);
        if !folder.exists() {
            return Ok(None);
        }
        // Released before the rename: some systems don't rename a folder in which a file is open.
        drop(lock_alone(&folder)?);
        let numbered = |i: u64| root.join(format!("{name}.{i}"));
        let mut free = 1;
        while numbered(free).exists() {
            free += 1;
        }
        let aside = numbered(free);
        fs::rename(&folder, &aside).map_err(Error::io("rename", &folder))?;
        Ok(Some(aside))
    }

    /// `<root>/<name>/`.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// What was found damaged when the folder was opened, each with where it is kept now.
    pub fn damaged(&self) -> &[Error] {
        &self.damaged
    }

    /// The finished run `run_key`, if it is there.
    pub fn record(&self, run_key: &str) -> Option<Arc<Record>> {
        hold(&self.records).get(run_key).cloned()
    }

    /// Whether the run `run_key` is finished. In a folder that workers share its file tells, whatever is known of its content.
    pub fn has(&self, run_key: &str) -> bool {
        self.record(run_key).is_some()
            || matches!(self.access, Access::Shared { .. })
                && self.folder.join("records").join(format!("{run_key}.json")).exists()
    }

    /// How many finished runs none of `run_keys` names.
    pub fn others<'a>(&self, run_keys: impl IntoIterator<Item = &'a str>) -> usize {
        let named: BTreeSet<&str> = run_keys.into_iter().collect();
        hold(&self.records).keys().filter(|key| !named.contains(key.as_str())).count()
    }

    /// Refuses a plan that shares no run with what is stored: its settings were changed, and its tables would
    /// replace those of other runs.
    ///
    /// # Errors
    /// [`Error::Store`] that names the folder and says what to do.
    pub fn check_plan<'a>(&self, run_keys: impl IntoIterator<Item = &'a str>) -> Result<()> {
        let records = hold(&self.records);
        if records.is_empty() || run_keys.into_iter().any(|key| records.contains_key(key)) {
            return Ok(());
        }
        let problem = format!(
            "it holds {} finished runs, and none of them is in this plan: the settings, the data or the \
             program's numerics were changed",
            records.len()
        );
        let fix =
            "choose another folder with --out or another name, or set the old results aside with --fresh";
        Err(Error::store(&self.folder, problem, fix))
    }

    /// The manifests in the folder, each with its path: first the folder's own, then those of its workers whose sessions no process
    /// has joined yet.
    ///
    /// # Errors
    /// Where one is damaged, is not ours, or can't be read.
    pub fn manifests(&self) -> Result<Vec<(PathBuf, Manifest)>> {
        let mut paths = vec![self.folder.join("manifest.json")];
        paths.extend(sessions::plans(&self.folder)?);
        let read = |path: PathBuf| Ok(Manifest::load(&path)?.map(|manifest| (path, manifest)));
        paths.into_iter().filter_map(|path| read(path).transpose()).collect()
    }

    /// Begins a session: checks the plan as [`Store::check_plan`] does and writes the manifest.
    ///
    /// Unless the session `trains`, the manifest stays that of the sessions which trained the runs, but for a changed
    /// configuration.
    ///
    /// # Errors
    /// Those of [`Store::check_plan`], and where the manifest can't be written.
    pub fn begin<'a>(
        &self,
        run_keys: impl IntoIterator<Item = &'a str>,
        config: Json,
        data_sha256: BTreeMap<String, String>,
        trains: bool,
    ) -> Result<()> {
        self.check_plan(run_keys)?;
        let path = &self.manifest_path;
        let before = Manifest::load(path)?;
        let is_alone = matches!(self.access, Access::Alone(_));
        let earlier = if is_alone { sessions::joined(before.clone(), &self.folder)? } else { before.clone() };
        let manifest = match earlier {
            Some(earlier) if !trains => earlier.describing(config, data_sha256),
            earlier => Manifest::begin(config, data_sha256, earlier),
        };
        if before.as_ref() != Some(&manifest) {
            manifest.write(path)?;
        }
        if is_alone {
            sessions::remove(&self.folder)?;
        }
        if trains {
            *hold(&self.session) = Some(Session { manifest, written: Instant::now() });
        }
        Ok(())
    }

    /// Stores a finished run, at once and for good.
    ///
    /// # Errors
    /// Where it holds a number that isn't finite, or can't be written.
    pub fn save(&self, record: Record) -> Result<Arc<Record>> {
        let path = self.folder.join("records").join(format!("{}.json", record.run_key));
        let bytes = record.encode().map_err(|problem| {
            Error::store(
                &path,
                format!("the run can't be stored: {problem}"),
                "choose a smaller learning rate",
            )
        })?;
        self.write(&path, &bytes)?;
        let record = Arc::new(record);
        hold(&self.records).insert(record.run_key.clone(), Arc::clone(&record));
        self.look_for_weights(&record.run_key);
        Ok(record)
    }

    /// What the run `run_key` measured of the theory, if it is there.
    pub fn theory(&self, run_key: &str) -> Option<Arc<TheoryRecord>> {
        hold(&self.theory).get(run_key).cloned()
    }

    /// Stores what a run measured of the theory; to be done before its record is saved, which makes the run complete.
    ///
    /// # Errors
    /// Where it can't be written.
    pub fn save_theory(&self, record: TheoryRecord, units: Option<&Table<UnitRow>>) -> Result<()> {
        self.check_target(&theory::path(&self.folder, &record.run_key))?;
        record.write(&self.folder, units)?;
        hold(&self.theory).insert(record.run_key.clone(), Arc::new(record));
        Ok(())
    }

    /// The checkpoint of the run `run_key`, if it has left one. One that was computed on another instruction set is refused, unless it
    /// may come from `anywhere`.
    ///
    /// # Errors
    /// A sentence, where it can't be resumed from.
    pub fn checkpoint(&self, run_key: &str, anywhere: bool) -> Result<Option<StoredCheckpoint>, String> {
        let found = checkpoint::read(&self.folder, run_key)?;
        if let Some(found) = found.as_ref().filter(|_| !anywhere) {
            found.check_numerics()?;
        }
        Ok(found)
    }

    /// Stores a run in progress, in the place of what it had stored before; `earlier` are the processors beside this one that it was
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
        self.check_target(&checkpoint::path(&self.folder, run_key))?;
        checkpoint::write(&self.folder, run_key, checkpoint, earlier)
    }

    /// Removes the checkpoints of the runs that `is_finished`.
    ///
    /// # Errors
    /// Where one can't be removed.
    pub fn remove_checkpoints(&self, is_finished: impl Fn(&str) -> bool) -> Result<()> {
        checkpoint::remove(&self.folder, is_finished)
    }

    /// Stores weights of a run; to be done before its record is saved, which makes the run complete.
    ///
    /// # Errors
    /// Where they can't be written.
    pub fn save_weights(&self, run_key: &str, moment: Moment, weights: &Weights) -> Result<()> {
        self.check_target(&weights_path(&self.folder, run_key, moment))?;
        kept::write(&self.folder, run_key, moment, weights)?;
        self.look_for_weights(run_key);
        Ok(())
    }

    /// Notes in the manifest that a training took `duration` until it was stopped; without a session ([`Store::begin`]),
    /// nothing.
    ///
    /// # Errors
    /// Where the manifest can't be written.
    pub fn note_stopped(&self, run_key: &str, duration: Duration) -> Result<()> {
        self.change_manifest(false, |manifest| manifest.stopped(run_key, duration))
    }

    /// Notes in the manifest that a training has finished after another `duration`; without a session, nothing.
    ///
    /// # Errors
    /// Where the manifest can't be written.
    pub fn note_finished(&self, run_key: &str, duration: Duration) -> Result<()> {
        self.change_manifest(false, |manifest| manifest.finished(run_key, duration))
    }

    /// Notes in the manifest that the session has ended, if there was one, and leaves no empty folder.
    ///
    /// # Errors
    /// Where the manifest can't be written.
    pub fn end(&self) -> Result<()> {
        if matches!(self.access, Access::Alone(_)) {
            checkpoint::remove_folder(&self.folder);
        }
        self.change_manifest(true, Manifest::end)
    }

    /// Changes the session's manifest, and writes it where it `must`, or was last written some time ago.
    fn change_manifest(&self, must: bool, change: impl FnOnce(&mut Manifest)) -> Result<()> {
        let mut session = hold(&self.session);
        let Some(Session { manifest, written }) = session.as_mut() else { return Ok(()) };
        change(manifest);
        if !must && written.elapsed() < BETWEEN_MANIFESTS {
            return Ok(());
        }
        *written = Instant::now();
        self.check_place()?;
        manifest.write(&self.manifest_path)
    }

    /// What is mixed among the finished runs of a plan.
    pub fn warnings<'a>(&self, run_keys: impl IntoIterator<Item = &'a str>) -> Vec<Warning> {
        let records: Vec<_> = run_keys.into_iter().filter_map(|key| self.record(key)).collect();
        warning::of_records(records.iter().map(|record| &**record))
    }
}

/// Makes the results folder `folder` where it doesn't exist, locks it, and finds out whether results can be kept there.
fn make_writable(folder: &Path, lock: impl FnOnce(&Path) -> Result<Lock>) -> Result<Lock> {
    fs::create_dir_all(folder).map_err(|error| unwritable(folder, &error))?;
    let lock = lock(folder)?;
    for inside in [folder.to_owned(), folder.join("records")] {
        check_writable(&inside)?;
    }
    Ok(lock)
}

/// Makes `folder` where it doesn't exist, and finds out whether results can be written there.
///
/// # Errors
/// [`Error::Store`] where they can't.
pub fn check_writable(folder: &Path) -> Result<()> {
    atomic::probe(folder).map_err(|error| unwritable(folder, &error))
}

/// Locks the results folder `folder` for this process alone; refuses one in which workers are alive, on whichever machine.
fn lock_alone(folder: &Path) -> Result<Lock> {
    let alive = claims::alive(folder)?;
    let Some(longest) = alive.iter().max() else { return Lock::acquire(folder) };
    let problem = format!("workers are training {} of its runs", alive.len());
    let seconds = longest.as_secs() + 1;
    let fix = format!("wait until they end; where they have died, that is seen in {seconds} s at most");
    Err(Error::store(folder, problem, fix))
}

/// Where the weights of a run are kept in the results folder `folder`.
pub fn weights_path(folder: &Path, run_key: &str, moment: Moment) -> PathBuf {
    folder.join("weights").join(run_key).join(moment.file_name())
}

/// What `mutex` guards; each change under it is a single step, so a panic elsewhere leaves nothing half done.
pub(crate) fn hold<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
