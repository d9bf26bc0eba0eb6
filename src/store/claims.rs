//! `claims/<run_key>`: which worker trains a run, on a file system that several machines share.
//!
//! A claim is created exclusively and renewed as long as its worker lives. How old it is says the file system, which gives
//! times to the claim and to a file made now: the machines' clocks needn't agree. Locks aren't asked for: network file systems
//! lack them or only seem to have them. A claim that is not renewed for a worker's patience is dead to that worker, which takes it
//! over; it says itself how often it is renewed, so that nobody takes a worker for dead between two renewals.
//! A claim from the future is as old as one from the past: a file server's clock may have been set back.
//! Should two workers train the same run all the same, since one was suspended for longer, both write the same bytes, whole:
//! it costs time and no results.

use super::files;
use crate::atomic;
use crate::error::{Error, Result};
use crate::regular;
use std::fs::{self, OpenOptions};
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::process;
use std::thread::sleep;
use std::time::{Duration, Instant, SystemTime};
use sysinfo::System;

/// Default time after which a claim that is not renewed is stale. It is long enough for network file systems that show a file's
/// changes to other machines late.
pub const PATIENCE: Duration = Duration::from_secs(300);

/// Whose turn a run is.
#[derive(Debug)]
pub enum Turn {
    /// Ours; among workers as long as the claim is held.
    Ours(Option<Claim>),
    /// Another worker's.
    Others(Holder),
}

/// The folder of the claims in a results folder.
const FOLDER: &str = "claims";
/// After how much of the patience a claim is renewed, and after what time at the latest.
const RENEWALS: u32 = 10;
const LONGEST_HEARTBEAT: Duration = Duration::from_secs(30);
/// So many heartbeats in a row a worker must have missed before anyone takes it for dead.
const MISSED: u32 = 3;
/// How often a claim is looked at that is gone each time.
const LOOKS: usize = 10;
/// A worker whose claim doesn't name it.
const UNNAMED: &str = "another worker";
/// How long who takes a claim over waits for others who do so at the same moment.
const SETTLE: Duration = Duration::from_millis(200);

/// The shortest patience that a worker can have: it renews its claims ten times in that time, between two steps of training.
pub const LEAST_PATIENCE: Duration = Duration::from_secs(1);

/// One worker's claims on the runs of a results folder.
#[derive(Debug)]
pub(super) struct Claims {
    folder: PathBuf,
    /// The claims' content: what tells this worker from all others, the patience in milliseconds, and who it is.
    content: String,
    patience: Duration,
}

/// The worker that has a run which another one waits for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// Its shard, process and machine.
    pub worker: String,
    /// The time until who waits takes the run over, if the claim is not renewed meanwhile.
    pub at_most: Duration,
}

/// A run that this worker trains; released when dropped.
#[derive(Debug)]
pub struct Claim {
    path: PathBuf,
    content: String,
    patience: Duration,
    renewed: Instant,
}

impl Claims {
    /// Claims of the worker called `worker` in the results folder `results`; those of others are dead when they were not renewed for
    /// `patience`.
    ///
    /// # Errors
    /// Where the folder of the claims can't be made.
    pub(super) fn new(results: &Path, worker: &str, patience: Duration) -> Result<Self> {
        let folder = results.join(FOLDER);
        fs::create_dir_all(&folder).map_err(Error::io("create", &folder))?;
        let host = System::host_name().unwrap_or_else(|_| "an unnamed machine".to_owned());
        let holder = format!("worker {worker} (process {} on {host})", process::id());
        let content = format!("{:032x} {} {holder}\n", rand::random::<u128>(), patience.as_millis());
        Ok(Self { folder, content, patience })
    }

    /// Checks that the folder is still in its place.
    pub(super) fn is_in_place(&self) -> bool {
        self.folder.is_dir()
    }

    /// Claims the run `run_key`, unless another worker, alive for all that is known, has it.
    ///
    /// # Errors
    /// Where the system refuses.
    pub(super) fn claim(&self, run_key: &str) -> Result<Turn> {
        let path = self.folder.join(run_key);
        // Released between both looks: once more, but not for ever where the system's answers contradict each other.
        for _ in 0..LOOKS {
            match OpenOptions::new().write(true).create_new(true).open(&path) {
                Ok(mut file) => {
                    file.write_all(self.content.as_bytes()).map_err(Error::io("write", &path))?;
                    return Ok(self.ours(path));
                }
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                Err(error) => return Err(Error::io("create", &path)(error)),
            }
            let Some(found) = Found::look(&path)? else { continue };
            if let Some(at_most) = found.life_left(self.patience.max(heartbeat(found.patience()) * MISSED)) {
                return Ok(Turn::Others(Holder { worker: found.holder(), at_most }));
            }
            if self.take_over(&path)? {
                return Ok(self.ours(path));
            }
            break;
        }
        Ok(Turn::Others(Holder { worker: UNNAMED.to_owned(), at_most: self.patience }))
    }

    fn ours(&self, path: PathBuf) -> Turn {
        let (content, patience) = (self.content.clone(), self.patience);
        Turn::Ours(Some(Claim { path, content, patience, renewed: Instant::now() }))
    }

    /// Puts our name in the place of a dead worker's; of several who do so at once, the last keeps it.
    fn take_over(&self, path: &Path) -> Result<bool> {
        atomic::write(path, self.content.as_bytes())?;
        sleep(SETTLE);
        Ok(is_of(path, &self.content))
    }
}

impl Claim {
    /// Renews the claim where it is time to; `false`: another worker has taken it for dead and has the run now.
    pub fn renew(&mut self) -> bool {
        if self.renewed.elapsed() < heartbeat(self.patience) {
            return true;
        }
        self.renewed = Instant::now();
        // Where it can't be written now, it may the next time, long before it is dead.
        is_of(&self.path, &self.content) && {
            let _ = atomic::write(&self.path, self.content.as_bytes());
            true
        }
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        if is_of(&self.path, &self.content) {
            // What can't be removed is dead after a while.
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// For each claim in the results folder `results` that is not dead by the patience of its own worker: the time until it is, if it
/// is not renewed.
///
/// # Errors
/// Where they can't be looked at.
pub(super) fn alive(results: &Path) -> Result<Vec<Duration>> {
    let mut alive = Vec::new();
    for path in files::entries(&results.join(FOLDER))?.iter().filter(|path| !files::is_hidden(path)) {
        alive.extend(Found::look(path)?.and_then(|found| found.life_left(found.patience())));
    }
    Ok(alive)
}

/// Removes the claims in the results folder `results`, of which none is alive.
///
/// # Errors
/// Where the system refuses.
pub(super) fn remove(results: &Path) -> Result<()> {
    files::remove_folder(&results.join(FOLDER))
}

fn is_of(path: &Path, content: &str) -> bool {
    regular::read_to_string(path).is_ok_and(|found| found == content)
}

/// The time between two renewals of a claim whose worker has this patience.
fn heartbeat(patience: Duration) -> Duration {
    LONGEST_HEARTBEAT.min(patience / RENEWALS)
}

/// Some worker's claim.
struct Found {
    /// Empty in a claim that is being made.
    content: String,
    renewed: SystemTime,
    /// By the same clock, that of the file system.
    now: SystemTime,
}

impl Found {
    /// The claim at `path`; `None` where it was just released.
    fn look(path: &Path) -> Result<Option<Self>> {
        let content = regular::read_to_string(path).unwrap_or_default();
        let renewed = match fs::metadata(path).and_then(|found| found.modified()) {
            Ok(time) => time,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(Error::io("look at", path)(error)),
        };
        let now = time_in(path.parent().unwrap_or(Path::new("."))).map_err(Error::io("look at", path))?;
        Ok(Some(Self { content, renewed, now }))
    }

    /// The patience that the claim's worker has itself.
    fn patience(&self) -> Duration {
        let milliseconds = self.content.split_whitespace().nth(1).and_then(|text| text.parse().ok());
        milliseconds.map_or(PATIENCE, Duration::from_millis)
    }

    /// Who has the claim.
    fn holder(&self) -> String {
        let words = self.content.trim_end().splitn(3, ' ').nth(2);
        words.unwrap_or(UNNAMED).to_owned()
    }

    /// The time until the claim is dead to who waits for `patience`, if it is not renewed; `None`: it is dead.
    fn life_left(&self, patience: Duration) -> Option<Duration> {
        match self.now.duration_since(self.renewed) {
            Ok(age) => patience.checked_sub(age),
            Err(ahead) => (ahead.duration() <= patience).then(|| patience + ahead.duration()),
        }
    }
}

/// The time that the file system of `folder` gives to a file made now, on whichever machine its clock is.
fn time_in(folder: &Path) -> io::Result<SystemTime> {
    tempfile::Builder::new().prefix(atomic::PREFIX).tempfile_in(folder)?.as_file().metadata()?.modified()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHORT: Duration = Duration::from_secs(2);

    /// The claims of a worker with this patience.
    fn worker(results: &Path, patience: Duration) -> Claims {
        Claims::new(results, "1-of-2", patience).unwrap()
    }

    /// The run's claim, if the worker gets it.
    fn claimed(claims: &Claims, run_key: &str) -> Option<Claim> {
        match claims.claim(run_key).unwrap() {
            Turn::Ours(claim) => claim,
            Turn::Others(_) => None,
        }
    }

    fn backdate(path: &Path, by: Duration) {
        let file = fs::File::options().append(true).open(path).unwrap();
        let modified = file.metadata().unwrap().modified().unwrap();
        file.set_modified(modified - by).unwrap();
    }

    #[test]
    fn one_worker_has_a_run_until_it_releases_it() {
        let results = tempfile::tempdir().unwrap();
        let [first, second] = [(); 2].map(|()| worker(results.path(), SHORT));
        let claim = claimed(&first, "a").expect("nobody has it");
        assert!(claimed(&second, "a").is_none());
        assert!(claimed(&first, "a").is_none(), "not twice either");
        assert!(claimed(&second, "b").is_some());
        drop(claim);
        assert!(claimed(&second, "a").is_some());
    }

    #[test]
    fn a_dead_claim_is_taken_over_and_its_worker_learns_of_it() {
        let results = tempfile::tempdir().unwrap();
        let [first, second] = [(); 2].map(|()| worker(results.path(), SHORT));
        let mut suspended = claimed(&first, "a").unwrap();
        assert_eq!(alive(results.path()).unwrap().len(), 1);
        backdate(&suspended.path, 2 * SHORT);
        assert_eq!(alive(results.path()).unwrap().len(), 0);
        let mut claim = claimed(&second, "a").expect("the first is dead");
        sleep(SHORT / RENEWALS);
        assert!(claim.renew() && !suspended.renew());
        drop(suspended);
        assert!(claimed(&first, "a").is_none(), "it was not the suspended worker's to release");
        drop(claim);
        assert!(claimed(&first, "a").is_some());
    }

    #[test]
    fn a_claim_that_is_renewed_stays_alive() {
        let results = tempfile::tempdir().unwrap();
        let [first, second] = [(); 2].map(|()| worker(results.path(), SHORT));
        let mut claim = claimed(&first, "a").unwrap();
        for _ in 0..3 {
            backdate(&claim.path, SHORT - Duration::from_millis(100));
            sleep(SHORT / RENEWALS);
            assert!(claim.renew());
            assert!(claimed(&second, "a").is_none());
        }
    }

    #[test]
    fn of_many_who_take_a_dead_claim_over_one_has_it() {
        let results = tempfile::tempdir().unwrap();
        let dead = worker(results.path(), SHORT);
        let claim = claimed(&dead, "a").unwrap();
        backdate(&claim.path, 10 * SHORT);
        std::mem::forget(claim);
        let workers: Vec<_> = (0..8).map(|_| worker(results.path(), SHORT)).collect();
        let mut claims: Vec<_> = std::thread::scope(|scope| {
            let threads: Vec<_> = workers.iter().map(|worker| scope.spawn(|| claimed(worker, "a"))).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        sleep(SHORT / RENEWALS);
        // One that was held up between its look and its writing may have come later than who had waited for it.
        assert_eq!(claims.iter_mut().flatten().filter_map(|claim| claim.renew().then_some(())).count(), 1);
    }

    #[test]
    fn claims_are_removed_together() {
        let results = tempfile::tempdir().unwrap();
        remove(results.path()).unwrap();
        let claim = claimed(&worker(results.path(), SHORT), "a").unwrap();
        remove(results.path()).unwrap();
        assert_eq!(alive(results.path()).unwrap().len(), 0);
        drop(claim);
        assert!(!results.path().join(FOLDER).exists());
    }

    /// The file server's clock was set back: a claim must not be alive until it has caught up.
    #[test]
    fn a_claim_from_the_future_is_as_old_as_one_from_the_past() {
        let results = tempfile::tempdir().unwrap();
        let [first, second] = [(); 2].map(|()| worker(results.path(), SHORT));
        let claim = claimed(&first, "a").unwrap();
        let ahead = |by: Duration| {
            let file = fs::File::options().append(true).open(&claim.path).unwrap();
            file.set_modified(SystemTime::now() + by).unwrap();
        };
        ahead(SHORT / 2);
        assert!(claimed(&second, "a").is_none());
        let life = alive(results.path()).unwrap();
        assert!(life[0] > SHORT && life[0] <= SHORT + SHORT / 2, "{life:?}");
        ahead(Duration::from_secs(86_400));
        assert!(alive(results.path()).unwrap().is_empty());
        assert!(claimed(&second, "a").is_some());
    }

    #[test]
    fn the_patience_of_who_waits_counts_but_no_living_worker_loses_a_run_by_it() {
        let results = tempfile::tempdir().unwrap();
        let patient = worker(results.path(), Duration::from_secs(1_000_000));
        let mut claim = claimed(&patient, "a").unwrap();
        let path = claim.path.clone();
        let impatient = worker(results.path(), LEAST_PATIENCE);
        let still = LONGEST_HEARTBEAT * MISSED;
        // It may have been renewed a moment ago, and be renewed in half a minute.
        backdate(&path, still - Duration::from_secs(10));
        let Turn::Others(holder) = impatient.claim("a").unwrap() else {
            panic!("a living worker's run is taken")
        };
        assert!(
            holder.worker.starts_with(&format!("worker 1-of-2 (process {} on ", process::id())),
            "{holder:?}"
        );
        assert!(holder.at_most <= Duration::from_secs(10), "{holder:?}");
        assert!(claim.renew());
        backdate(&path, Duration::from_secs(20));
        let taken = claimed(&impatient, "a").expect("a worker that has been still for so long is dead");
        // Who is more patient than the dead one waits longer than that one would have.
        backdate(&path, 2 * LEAST_PATIENCE);
        let Turn::Others(holder) = patient.claim("a").unwrap() else { panic!("its patience is not heeded") };
        assert!(holder.at_most > Duration::from_secs(900_000), "{holder:?}");
        drop(taken);
    }
}
