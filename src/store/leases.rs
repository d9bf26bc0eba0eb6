//! Leases on runs: `claims/<run_key>` names the worker that trains a run, on a file system that several machines share.
//!
//! A worker creates the file exclusively and renews it by a heartbeat. A lease that is not renewed within a worker's lease timeout is
//! stale to that worker, which takes it over. The file also holds the timeout of its own worker, from which its heartbeat follows, so
//! that no live worker loses a run between two heartbeats.
//!
//! A lease's age is computed from the file server's clock: both the lease and a file made now get their times from it, so the machines'
//! clocks needn't agree. A lease from the future is as old as one from the past, because that clock may have been set back. No file
//! locks are used, because network file systems lack them or only seem to have them.
//!
//! Two workers may still train the same run, when one was suspended for longer than the timeout. Both then write the same bytes,
//! whole: this costs time and no results.

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

/// Default lease timeout: a lease that is not renewed for so long is stale. It allows for network file systems on which other
/// machines see a file's changes late.
pub const LEASE_TIMEOUT: Duration = Duration::from_secs(300);

/// The shortest lease timeout: a worker renews its leases ten times within it, between two steps of training.
pub const MIN_LEASE_TIMEOUT: Duration = Duration::from_secs(1);

/// The answer to a worker that asks for a run.
#[derive(Debug)]
pub enum Acquisition {
    /// This worker may train the run, as long as it holds the lease. A process that works alone needs no lease.
    Granted(Option<Lease>),
    /// Another worker holds the lease.
    HeldBy(LeaseHolder),
}

/// The folder of the leases in a results folder.
pub(super) const FOLDER: &str = "claims";
/// Heartbeats within a lease timeout.
const HEARTBEATS: u32 = 10;
/// The longest time between two heartbeats, whatever the timeout.
const MAX_HEARTBEAT: Duration = Duration::from_secs(30);
/// Heartbeats that a worker must miss in a row before another one takes its lease over.
const MISSED_HEARTBEATS: u32 = 3;
/// Attempts to acquire a lease that is released each time before it can be read.
const ATTEMPTS: usize = 10;
/// The holder of a lease whose file names none.
const UNNAMED: &str = "another worker";
/// Grace period after taking over a stale lease, so that two workers that take it over at once notice each other.
const TAKEOVER_GRACE: Duration = Duration::from_millis(200);

/// One worker's access to the leases of a results folder.
#[derive(Debug)]
pub(super) struct Leases {
    folder: PathBuf,
    /// The content of this worker's lease files: a random number that identifies it, its timeout in milliseconds, and its name.
    content: String,
    timeout: Duration,
}

/// The worker that holds the lease of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeaseHolder {
    /// Its shard, process and machine.
    pub worker: String,
    /// The time after which the lease is taken over, unless it is renewed.
    pub expires_in: Duration,
}

/// The lease on a run that this worker trains; dropping it releases the run.
#[derive(Debug)]
pub struct Lease {
    path: PathBuf,
    content: String,
    timeout: Duration,
    renewed: Instant,
}

impl Leases {
    /// The leases of the worker called `worker` in the results folder `results`. It takes over leases that others have not renewed for
    /// `timeout`.
    ///
    /// # Errors
    /// Where the folder of the leases can't be made.
    pub(super) fn new(results: &Path, worker: &str, timeout: Duration) -> Result<Self> {
        let folder = results.join(FOLDER);
        fs::create_dir_all(&folder).map_err(Error::io("create", &folder))?;
        let host = System::host_name().unwrap_or_else(|_| "an unnamed machine".to_owned());
        let holder = format!("worker {worker} (process {} on {host})", process::id());
        let content = format!("{:032x} {} {holder}\n", rand::random::<u128>(), timeout.as_millis());
        Ok(Self { folder, content, timeout })
    }

    /// Whether the folder of the leases still exists.
    pub(super) fn is_in_place(&self) -> bool {
        self.folder.is_dir()
    }

    /// Acquires the lease of the run `run_key`, unless another worker holds one that is not stale.
    ///
    /// # Errors
    /// Where the system refuses.
    pub(super) fn acquire(&self, run_key: &str) -> Result<Acquisition> {
        let path = self.folder.join(run_key);
        // A lease may be released between the attempt to create its file and to read it. The number of attempts is bounded, in case the
        // system's answers contradict each other.
        for _ in 0..ATTEMPTS {
            match OpenOptions::new().write(true).create_new(true).open(&path) {
                Ok(mut file) => {
                    file.write_all(self.content.as_bytes()).map_err(Error::io("write", &path))?;
                    return Ok(self.granted(path));
                }
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                Err(error) => return Err(Error::io("create", &path)(error)),
            }
            let Some(held) = LeaseFile::read(&path)? else { continue };
            let timeout = self.timeout.max(heartbeat(held.timeout()) * MISSED_HEARTBEATS);
            if let Some(expires_in) = held.time_left(timeout) {
                return Ok(Acquisition::HeldBy(LeaseHolder { worker: held.holder(), expires_in }));
            }
            if self.take_over(&path)? {
                return Ok(self.granted(path));
            }
            break;
        }
        Ok(Acquisition::HeldBy(LeaseHolder { worker: UNNAMED.to_owned(), expires_in: self.timeout }))
    }

    fn granted(&self, path: PathBuf) -> Acquisition {
        let (content, timeout) = (self.content.clone(), self.timeout);
        Acquisition::Granted(Some(Lease { path, content, timeout, renewed: Instant::now() }))
    }

    /// Replaces a stale lease by this worker's. Of several workers that do so at once, the last one holds the lease.
    fn take_over(&self, path: &Path) -> Result<bool> {
        atomic::write(path, self.content.as_bytes())?;
        sleep(TAKEOVER_GRACE);
        Ok(has_content(path, &self.content))
    }
}

impl Lease {
    /// Renews the lease if a heartbeat is due; `false`: another worker has taken the run over.
    pub fn renew(&mut self) -> bool {
        if self.renewed.elapsed() < heartbeat(self.timeout) {
            return true;
        }
        self.renewed = Instant::now();
        // A heartbeat that fails is repeated by the next one, long before the lease is stale.
        has_content(&self.path, &self.content) && {
            let _ = atomic::write(&self.path, self.content.as_bytes());
            true
        }
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if has_content(&self.path, &self.content) {
            // A file that can't be removed becomes stale.
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// The time left of each lease in the results folder `results` that is not stale by its own worker's timeout.
///
/// # Errors
/// Where the leases can't be read.
pub(super) fn times_left(results: &Path) -> Result<Vec<Duration>> {
    let mut times = Vec::new();
    for path in &all(results)? {
        times.extend(LeaseFile::read(path)?.and_then(|lease| lease.time_left(lease.timeout())));
    }
    Ok(times)
}

/// Removes the leases in the results folder `results`, all of which are stale. Foreign files stay.
///
/// # Errors
/// Where the system refuses.
pub(super) fn remove(results: &Path) -> Result<()> {
    all(results)?.iter().try_for_each(|path| files::remove_file(path))?;
    // Fails where foreign files remain.
    let _ = fs::remove_dir(results.join(FOLDER));
    Ok(())
}

/// The leases in the results folder `results`.
fn all(results: &Path) -> Result<Vec<PathBuf>> {
    let mut paths = files::entries(&results.join(FOLDER))?;
    paths.retain(|path| files::name_after_key(path) == Some(""));
    Ok(paths)
}

fn has_content(path: &Path, content: &str) -> bool {
    regular::read_to_string(path).is_ok_and(|found| found == content)
}

/// The time between two heartbeats of a worker with this lease timeout.
fn heartbeat(timeout: Duration) -> Duration {
    MAX_HEARTBEAT.min(timeout / HEARTBEATS)
}

/// A lease as read from its file.
struct LeaseFile {
    /// Empty while its worker is writing it.
    content: String,
    renewed: SystemTime,
    /// The present time, by the same clock as `renewed`: the file system's.
    now: SystemTime,
}

impl LeaseFile {
    /// Reads the lease at `path`; `None` where it was just released.
    fn read(path: &Path) -> Result<Option<Self>> {
        let content = regular::read_to_string(path).unwrap_or_default();
        let renewed = match fs::metadata(path).and_then(|found| found.modified()) {
            Ok(time) => time,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(Error::io("look at", path)(error)),
        };
        let now = time_in(path.parent().unwrap_or(Path::new("."))).map_err(Error::io("look at", path))?;
        Ok(Some(Self { content, renewed, now }))
    }

    /// The timeout of the worker that holds the lease.
    fn timeout(&self) -> Duration {
        let milliseconds = self.content.split_whitespace().nth(1).and_then(|text| text.parse().ok());
        milliseconds.map_or(LEASE_TIMEOUT, Duration::from_millis)
    }

    /// The name of the worker that holds the lease.
    fn holder(&self) -> String {
        let words = self.content.trim_end().splitn(3, ' ').nth(2);
        words.unwrap_or(UNNAMED).to_owned()
    }

    /// The time until the lease is stale by `timeout`, unless it is renewed; `None`: it is stale.
    fn time_left(&self, timeout: Duration) -> Option<Duration> {
        match self.now.duration_since(self.renewed) {
            Ok(age) => timeout.checked_sub(age),
            Err(ahead) => (ahead.duration() <= timeout).then(|| timeout + ahead.duration()),
        }
    }
}

/// The present time by the clock of the file system that has `folder`: the time of a file made now.
fn time_in(folder: &Path) -> io::Result<SystemTime> {
    tempfile::Builder::new().prefix(atomic::PREFIX).tempfile_in(folder)?.as_file().metadata()?.modified()
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "0123456789abcdef";
    const SHORT: Duration = Duration::from_secs(2);

    /// The leases of a worker with this timeout.
    fn worker(results: &Path, timeout: Duration) -> Leases {
        Leases::new(results, "1-of-2", timeout).unwrap()
    }

    /// The run's lease, if the worker gets it.
    fn granted(leases: &Leases, run_key: &str) -> Option<Lease> {
        match leases.acquire(run_key).unwrap() {
            Acquisition::Granted(lease) => lease,
            Acquisition::HeldBy(_) => None,
        }
    }

    fn backdate(path: &Path, by: Duration) {
        let file = fs::File::options().append(true).open(path).unwrap();
        let modified = file.metadata().unwrap().modified().unwrap();
        file.set_modified(modified - by).unwrap();
    }

    #[test]
    fn one_worker_holds_a_lease_until_it_releases_it() {
        let results = tempfile::tempdir().unwrap();
        let [first, second] = [(); 2].map(|()| worker(results.path(), SHORT));
        let lease = granted(&first, KEY).expect("nobody has it");
        assert!(granted(&second, KEY).is_none());
        assert!(granted(&first, KEY).is_none(), "not twice either");
        assert!(granted(&second, "b").is_some());
        drop(lease);
        assert!(granted(&second, KEY).is_some());
    }

    #[test]
    fn a_stale_lease_is_taken_over_and_its_worker_learns_of_it() {
        let results = tempfile::tempdir().unwrap();
        let [first, second] = [(); 2].map(|()| worker(results.path(), SHORT));
        let mut suspended = granted(&first, KEY).unwrap();
        assert_eq!(times_left(results.path()).unwrap().len(), 1);
        backdate(&suspended.path, 2 * SHORT);
        assert_eq!(times_left(results.path()).unwrap().len(), 0);
        let mut lease = granted(&second, KEY).expect("the first lease is stale");
        sleep(SHORT / HEARTBEATS);
        assert!(lease.renew() && !suspended.renew());
        drop(suspended);
        assert!(granted(&first, KEY).is_none(), "it was not the suspended worker's to release");
        drop(lease);
        assert!(granted(&first, KEY).is_some());
    }

    #[test]
    fn a_renewed_lease_never_becomes_stale() {
        let results = tempfile::tempdir().unwrap();
        let [first, second] = [(); 2].map(|()| worker(results.path(), SHORT));
        let mut lease = granted(&first, KEY).unwrap();
        for _ in 0..3 {
            backdate(&lease.path, SHORT - Duration::from_millis(100));
            sleep(SHORT / HEARTBEATS);
            assert!(lease.renew());
            assert!(granted(&second, KEY).is_none());
        }
    }

    #[test]
    fn of_many_workers_that_take_over_a_stale_lease_one_holds_it() {
        let results = tempfile::tempdir().unwrap();
        let dead = worker(results.path(), SHORT);
        let lease = granted(&dead, KEY).unwrap();
        backdate(&lease.path, 10 * SHORT);
        std::mem::forget(lease);
        let workers: Vec<_> = (0..8).map(|_| worker(results.path(), SHORT)).collect();
        let mut leases: Vec<_> = std::thread::scope(|scope| {
            let threads: Vec<_> = workers.iter().map(|worker| scope.spawn(|| granted(worker, KEY))).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        sleep(SHORT / HEARTBEATS);
        // A worker delayed between reading and writing may overwrite the lease after another one's grace period.
        assert_eq!(leases.iter_mut().flatten().filter_map(|lease| lease.renew().then_some(())).count(), 1);
    }

    #[test]
    fn leases_are_removed_together() {
        let results = tempfile::tempdir().unwrap();
        remove(results.path()).unwrap();
        let lease = granted(&worker(results.path(), SHORT), KEY).unwrap();
        let foreign = results.path().join(FOLDER).join("notes.txt");
        fs::write(&foreign, "kept").unwrap();
        remove(results.path()).unwrap();
        assert_eq!(fs::read_dir(results.path().join(FOLDER)).unwrap().count(), 1);
        drop(lease);
        fs::remove_file(foreign).unwrap();
        remove(results.path()).unwrap();
        assert!(!results.path().join(FOLDER).exists());
    }

    /// After the file server's clock was set back, a stale lease must not seem fresh until that clock has caught up.
    #[test]
    fn a_lease_from_the_future_is_as_old_as_one_from_the_past() {
        let results = tempfile::tempdir().unwrap();
        let [first, second] = [(); 2].map(|()| worker(results.path(), SHORT));
        let lease = granted(&first, KEY).unwrap();
        let set_ahead = |by: Duration| {
            let file = fs::File::options().append(true).open(&lease.path).unwrap();
            file.set_modified(SystemTime::now() + by).unwrap();
        };
        set_ahead(SHORT / 2);
        assert!(granted(&second, KEY).is_none());
        let left = times_left(results.path()).unwrap();
        assert!(left[0] > SHORT && left[0] <= SHORT + SHORT / 2, "{left:?}");
        set_ahead(Duration::from_secs(86_400));
        assert!(times_left(results.path()).unwrap().is_empty());
        assert!(granted(&second, KEY).is_some());
    }

    #[test]
    fn the_timeout_of_the_waiting_worker_counts_but_a_live_worker_keeps_its_lease() {
        let results = tempfile::tempdir().unwrap();
        let patient = worker(results.path(), Duration::from_secs(1_000_000));
        let mut lease = granted(&patient, KEY).unwrap();
        let path = lease.path.clone();
        let impatient = worker(results.path(), MIN_LEASE_TIMEOUT);
        let silence = MAX_HEARTBEAT * MISSED_HEARTBEATS;
        // The holder may be alive: its heartbeat takes half a minute.
        backdate(&path, silence - Duration::from_secs(10));
        let Acquisition::HeldBy(holder) = impatient.acquire(KEY).unwrap() else {
            panic!("a live worker's run is taken")
        };
        assert!(
            holder.worker.starts_with(&format!("worker 1-of-2 (process {} on ", process::id())),
            "{holder:?}"
        );
        assert!(holder.expires_in <= Duration::from_secs(10), "{holder:?}");
        assert!(lease.renew());
        backdate(&path, Duration::from_secs(20));
        let taken = granted(&impatient, KEY).expect("a lease without heartbeats for so long is stale");
        // A worker with a longer timeout than the dead one waits longer than that one would have.
        backdate(&path, 2 * MIN_LEASE_TIMEOUT);
        let Acquisition::HeldBy(holder) = patient.acquire(KEY).unwrap() else {
            panic!("its timeout is not heeded")
        };
        assert!(holder.expires_in > Duration::from_secs(900_000), "{holder:?}");
        drop(taken);
    }
}
