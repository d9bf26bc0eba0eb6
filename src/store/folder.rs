//! A results folder that is open for trainings: what is finished, who works on it, its session and its files.

use super::checkpoint::{self, StoredCheckpoint};
use super::claims::{self, Claims};
use super::guard::lock;
use super::lock::{Lock, unwritable};
use super::machine::Processor;
use super::manifest::Manifest;
use super::record::Record;
use super::records::{Records, TheoryRecords};
use super::theory::{self, TheoryRecord};
use super::warning::{self, Warning};
use super::weights::{Moment, Weights, weights_path};
use super::{files, foreign, kept, sessions};
use crate::atomic;
use crate::error::{Error, Result};
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

/// Who works on a results folder.
#[derive(Debug)]
pub(super) enum Access {
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
pub(super) struct Session {
    manifest: Manifest,
    /// When it was last written.
    written: Instant,
}

/// The least time between two writings of the manifest, but for its last: not after each of many short runs.
const BETWEEN_MANIFESTS: Duration = Duration::from_secs(1);

/// A results folder, of this process alone ([`Store::open`]) or shared by workers ([`Store::share`]).
#[derive(Debug)]
pub struct Store {
    pub(super) folder: PathBuf,
    pub(super) records: Mutex<Records>,
    pub(super) theory: Mutex<TheoryRecords>,
    /// The finished runs that are to be trained again.
    pub(super) lost: Mutex<kept::Lost>,
    /// What was found damaged, and has been set aside.
    pub(super) damaged: Vec<Error>,
    /// The present session, once it has begun.
    pub(super) session: Mutex<Option<Session>>,
    pub(super) access: Access,
    pub(super) manifest_path: PathBuf,
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
        foreign::refuse_foreign(&folder)?;
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
    pub(super) fn check_place(&self) -> Result<()> {
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

    /// Checks the same, and that `path` in the folder is a regular file or does not exist: writing to a pipe would block.
    pub(super) fn check_target(&self, path: &Path) -> Result<()> {
        self.check_place()?;
        regular::refuse_special(path).map_err(|error| Error::store(path, error, "move it away"))
    }

    /// Writes the file at `path` in the folder.
    pub(super) fn write(&self, path: &Path, bytes: &[u8]) -> Result<()> {
        self.check_target(path)?;
        atomic::write(path, bytes)
    }

    /// Takes the finished runs whose records are gone since they were read or stored for unfinished.
    ///
    /// # Errors
    /// Where there are any: how many, and what to do.
    pub fn forget_lost(&self) -> Result<()> {
        let folder = self.folder.join("records");
        let mut records = lock(&self.records);
        let before = records.len();
        let is_gone = |path: PathBuf| fs::metadata(path).is_err_and(|error| files::is_missing(&error));
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
        let aside = files::first_free(|number| root.join(format!("{name}.{}", number + 1)));
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
        lock(&self.records).get(run_key).cloned()
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
        lock(&self.records).keys().filter(|key| !named.contains(key.as_str())).count()
    }

    /// Refuses a plan that shares no run with what is stored: its settings were changed, and its tables would
    /// replace those of other runs.
    ///
    /// # Errors
    /// [`Error::Store`] that names the folder and says what to do.
    pub fn check_plan<'a>(&self, run_keys: impl IntoIterator<Item = &'a str>) -> Result<()> {
        let records = lock(&self.records);
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
    /// configuration. Of runs that are not finished, by `is_finished`, it keeps no seconds, because these seconds measure less work than the plan asks for.
    ///
    /// # Errors
    /// Those of [`Store::check_plan`], and where the manifest can't be written.
    pub fn begin<'a>(
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
            Some(earlier) if !trains => earlier.describing(config, data_sha256),
            earlier => Manifest::begin(config, data_sha256, earlier),
        };
        let manifest = manifest.settled(is_finished);
        if before.as_ref() != Some(&manifest) {
            manifest.write(path)?;
        }
        if is_alone {
            sessions::remove(&self.folder)?;
        }
        if trains {
            *lock(&self.session) = Some(Session { manifest, written: Instant::now() });
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
        lock(&self.records).insert(record.run_key.clone(), Arc::clone(&record));
        self.look_for_weights(&record.run_key);
        Ok(record)
    }

    /// What the run `run_key` measured of the theory, if it is there.
    pub fn theory(&self, run_key: &str) -> Option<Arc<TheoryRecord>> {
        lock(&self.theory).get(run_key).cloned()
    }

    /// Stores what a run measured of the theory; to be done before its record is saved, which makes the run complete.
    ///
    /// # Errors
    /// Where it can't be written.
    pub fn save_theory(&self, record: TheoryRecord, units: Option<&TheoryTable<UnitRow>>) -> Result<()> {
        self.check_target(&theory::path(&self.folder, &record.run_key))?;
        record.write(&self.folder, units)?;
        lock(&self.theory).insert(record.run_key.clone(), Arc::new(record));
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
        let path = checkpoint::path(&self.folder, run_key);
        let bytes = checkpoint::encode(run_key, checkpoint, &[earlier, &[Processor::detect()]].concat())
            .map_err(|problem| Error::store(&path, problem, "set `output.checkpoint = \"none\"`"))?;
        self.write(&path, &bytes)
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

    /// Notes in the manifest that the session has ended, if there was one and all that it was to train `is_finished`, and leaves no
    /// empty folder.
    ///
    /// # Errors
    /// Where the manifest can't be written.
    pub fn end(&self, is_finished: bool) -> Result<()> {
        if matches!(self.access, Access::Alone(_)) {
            checkpoint::remove_folder(&self.folder);
        }
        self.change_manifest(true, |manifest| {
            if is_finished {
                manifest.end();
            }
        })
    }

    /// Changes the session's manifest, and writes it where it `must`, or was last written some time ago.
    fn change_manifest(&self, must: bool, change: impl FnOnce(&mut Manifest)) -> Result<()> {
        let mut session = lock(&self.session);
        let Some(Session { manifest, written }) = session.as_mut() else { return Ok(()) };
        change(manifest);
        if !must && written.elapsed() < BETWEEN_MANIFESTS {
            return Ok(());
        }
        *written = Instant::now();
        self.check_place()?;
        manifest.write(&self.manifest_path)
    }

    /// Looks at the weights of the moments `asked` that the finished runs `run_keys` have left. Those that are damaged or another
    /// run's are set aside, and their runs count as unfinished until they are stored again; what was wrong with each.
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
            if !kept::has_lost_weights(self.folder(), &record, asked)? {
                continue;
            }
            for moment in kept::due(&record, asked) {
                let path = weights_path(self.folder(), &record.run_key, moment);
                let Err(Error::Store { problem, .. }) = kept::check(self.folder(), &record, moment) else {
                    continue;
                };
                match files::set_aside(&path, problem) {
                    // Another worker was faster.
                    Err(_) if !path.exists() => continue,
                    aside => damaged.push(aside?),
                }
                if kept::Tie::path(&path).exists() {
                    files::set_aside(&kept::Tie::path(&path), "")?;
                }
            }
            lock(&self.lost).insert(record.run_key.clone(), asked.to_vec());
        }
        Ok(damaged)
    }

    /// Whether the run `run_key` has a record, but is to be trained again because its weights were lost.
    pub fn has_lost_weights(&self, run_key: &str) -> bool {
        lock(&self.lost).contains_key(run_key)
    }

    /// Looks whether the weights of the run `run_key` are back, if they were lost.
    pub(super) fn look_for_weights(&self, run_key: &str) {
        let asked = lock(&self.lost).get(run_key).cloned();
        if let (Some(asked), Some(record)) = (asked, self.record(run_key))
            && kept::has_lost_weights(self.folder(), &record, &asked).is_ok_and(|is_lost| !is_lost)
        {
            lock(&self.lost).remove(run_key);
        }
    }

    /// What is mixed among the finished runs of a plan.
    pub fn warnings<'a>(&self, run_keys: impl IntoIterator<Item = &'a str>) -> Vec<Warning> {
        let records: Vec<_> = run_keys.into_iter().filter_map(|key| self.record(key)).collect();
        warning::of_records(records.iter().map(|record| &**record))
    }
}

/// Makes the results folder `folder` where it doesn't exist, locks it, and finds out whether results can be kept there.
pub(super) fn make_writable(folder: &Path, acquire: impl FnOnce(&Path) -> Result<Lock>) -> Result<Lock> {
    fs::create_dir_all(folder).map_err(|error| unwritable(folder, &error))?;
    let lock = acquire(folder)?;
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
