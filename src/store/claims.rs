//! `claims/<run_key>`: which worker trains a run, on a file system that several machines share.
//!
//! A claim is created exclusively and renewed as long as its worker lives. How old it is says the file system, which gives
//! times to the claim and to a file made now: the machines' clocks needn't agree. Locks aren't asked for: network file systems
//! lack them or only seem to have them. A claim says itself after what time it is dead if it is not renewed; then it can be taken
//! over.
//! Should two workers train the same run all the same, since one was suspended for longer, both write the same bytes, whole:
//! it costs time and no results.

use super::{PATIENCE, files};
use crate::atomic;
use crate::error::{Error, Result};
use crate::regular;
use std::fs::{self, OpenOptions};
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::{Duration, Instant, SystemTime};

/// The folder of the claims in a results folder.
const FOLDER: &str = "claims";
/// After how much of the patience a claim is renewed.
const RENEWALS: u32 = 10;
/// How long who takes a claim over waits for others who do so at the same moment.
const SETTLE: Duration = Duration::from_millis(200);

/// One worker's claims on the runs of a results folder.
#[derive(Debug)]
pub(super) struct Claims {
    folder: PathBuf,
    /// The claims' content: what tells this worker from all others, and the patience in milliseconds.
    content: String,
    patience: Duration,
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
    /// Claims in the results folder `results` that are dead when they were not renewed for `patience`.
    ///
    /// # Errors
    /// Where the folder of the claims can't be made.
    pub(super) fn new(results: &Path, patience: Duration) -> Result<Self> {
        let folder = results.join(FOLDER);
        fs::create_dir_all(&folder).map_err(Error::io("create", &folder))?;
        let content = format!("{:032x} {}\n", rand::random::<u128>(), patience.as_millis());
        Ok(Self { folder, content, patience })
    }

    /// Checks that the folder is still in its place.
    pub(super) fn is_in_place(&self) -> bool {
        self.folder.is_dir()
    }

    /// Claims the run `run_key`; `None` where another worker, alive for all that is known, has it.
    ///
    /// # Errors
    /// Where the system refuses.
    pub(super) fn claim(&self, run_key: &str) -> Result<Option<Claim>> {
        let path = self.folder.join(run_key);
        let ours = match OpenOptions::new().write(true).create_new(true).open(&path) {
            Ok(mut file) => {
                file.write_all(self.content.as_bytes()).map_err(Error::io("write", &path))?;
                true
            }
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                is_alive(&path)? == Some(false) && self.take_over(&path)?
            }
            Err(error) => return Err(Error::io("create", &path)(error)),
        };
        let claim = || Claim {
            path: path.clone(),
            content: self.content.clone(),
            patience: self.patience,
            renewed: Instant::now(),
        };
        Ok(ours.then(claim))
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
        if self.renewed.elapsed() < self.patience / RENEWALS {
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

/// How many workers' claims in the results folder `results` are not dead.
///
/// # Errors
/// Where they can't be looked at.
pub(super) fn alive(results: &Path) -> Result<usize> {
    let mut alive = 0;
    for path in files::entries(&results.join(FOLDER))?.iter().filter(|path| !files::is_hidden(path)) {
        alive += usize::from(is_alive(path)? == Some(true));
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

/// Whether a claim has been renewed within the time that it gives itself; `None` where it was just released.
fn is_alive(path: &Path) -> Result<Option<bool>> {
    let content = regular::read_to_string(path).unwrap_or_default();
    // Nothing is in a claim that is being made.
    let milliseconds = content.split_whitespace().nth(1).and_then(|text| text.parse().ok());
    let patience = milliseconds.map_or(PATIENCE, Duration::from_millis);
    Ok(age(path)?.map(|age| age <= patience))
}

/// The time since a claim was renewed, by the clock of its file system; `None` where it was just released.
fn age(path: &Path) -> Result<Option<Duration>> {
    let renewed = match fs::metadata(path).and_then(|found| found.modified()) {
        Ok(time) => time,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(Error::io("look at", path)(error)),
    };
    let now = time_in(path.parent().unwrap_or(Path::new("."))).map_err(Error::io("look at", path))?;
    // Renewed between both looks: not old at all.
    Ok(Some(now.duration_since(renewed).unwrap_or_default()))
}

/// The time that the file system of `folder` gives to a file made now, on whichever machine its clock is.
fn time_in(folder: &Path) -> io::Result<SystemTime> {
    tempfile::Builder::new().prefix(atomic::PREFIX).tempfile_in(folder)?.as_file().metadata()?.modified()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHORT: Duration = Duration::from_secs(2);

    fn backdate(path: &Path, by: Duration) {
        let file = fs::File::options().append(true).open(path).unwrap();
        let modified = file.metadata().unwrap().modified().unwrap();
        file.set_modified(modified - by).unwrap();
    }

    #[test]
    fn one_worker_has_a_run_until_it_releases_it() {
        let results = tempfile::tempdir().unwrap();
        let [first, second] = [(); 2].map(|()| Claims::new(results.path(), SHORT).unwrap());
        let claim = first.claim("a").unwrap().expect("nobody has it");
        assert!(second.claim("a").unwrap().is_none());
        assert!(first.claim("a").unwrap().is_none(), "not twice either");
        assert!(second.claim("b").unwrap().is_some());
        drop(claim);
        assert!(second.claim("a").unwrap().is_some());
    }

    #[test]
    fn a_dead_claim_is_taken_over_and_its_worker_learns_of_it() {
        let results = tempfile::tempdir().unwrap();
        let [first, second] = [(); 2].map(|()| Claims::new(results.path(), SHORT).unwrap());
        let mut suspended = first.claim("a").unwrap().unwrap();
        assert_eq!(alive(results.path()).unwrap(), 1);
        backdate(&suspended.path, 2 * SHORT);
        assert_eq!(alive(results.path()).unwrap(), 0);
        let mut claim = second.claim("a").unwrap().expect("the first is dead");
        sleep(SHORT / RENEWALS);
        assert!(claim.renew() && !suspended.renew());
        drop(suspended);
        assert!(first.claim("a").unwrap().is_none(), "it was not the suspended worker's to release");
        drop(claim);
        assert!(first.claim("a").unwrap().is_some());
    }

    #[test]
    fn a_claim_that_is_renewed_stays_alive() {
        let results = tempfile::tempdir().unwrap();
        let [first, second] = [(); 2].map(|()| Claims::new(results.path(), SHORT).unwrap());
        let mut claim = first.claim("a").unwrap().unwrap();
        for _ in 0..3 {
            backdate(&claim.path, SHORT - Duration::from_millis(100));
            sleep(SHORT / RENEWALS);
            assert!(claim.renew());
            assert!(second.claim("a").unwrap().is_none());
        }
    }

    #[test]
    fn of_many_who_take_a_dead_claim_over_one_has_it() {
        let results = tempfile::tempdir().unwrap();
        let dead = Claims::new(results.path(), SHORT).unwrap();
        let claim = dead.claim("a").unwrap().unwrap();
        backdate(&claim.path, 10 * SHORT);
        std::mem::forget(claim);
        let workers: Vec<_> = (0..8).map(|_| Claims::new(results.path(), SHORT).unwrap()).collect();
        let mut claims: Vec<_> = std::thread::scope(|scope| {
            let threads: Vec<_> =
                workers.iter().map(|worker| scope.spawn(|| worker.claim("a").unwrap())).collect();
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
        let claim = Claims::new(results.path(), SHORT).unwrap().claim("a").unwrap().unwrap();
        remove(results.path()).unwrap();
        assert_eq!(alive(results.path()).unwrap(), 0);
        drop(claim);
        assert!(!results.path().join(FOLDER).exists());
    }
}
