//! Downloads of data sets, verified by the digest of the file before it is put in its place.
//!
//! A download that was cut is resumed where it stopped: what has arrived is kept as `.partial-<name>` in the same
//! folder, with the address and the version that it came from beside it. It starts over where the server can't resume or
//! has another version. A file with another digest is removed, never kept or resumed.

mod partial;
mod transfer;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::data::digest::sha256_of_file;
use crate::data::inventory;
use crate::data::{cifar10, locate, mnist};
use crate::error::{Error, Result};
use partial::Partial;
use transfer::{Client, Failure};

/// A file that can be downloaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remote {
    /// The set's folder in the data folder.
    pub folder: &'static str,
    /// The file's name, here and there.
    pub name: &'static str,
    /// SHA-256 of the file as it is transferred.
    pub sha256: &'static str,
    /// The most bytes that are taken from a server.
    pub limit: u64,
    /// Addresses of folders that have the file, the first one preferred; each ends in a slash.
    pub bases: Vec<String>,
}

/// Where MNIST's files are.
const MNIST_BASES: [&str; 2] =
    ["https://storage.googleapis.com/cvdf-datasets/mnist/", "https://ossci-datasets.s3.amazonaws.com/mnist/"];

/// The archives of MNIST, which differ from the committed files in their compression only.
const MNIST_FILES: [(&str, &str); 4] = [
    ("train-images-idx3-ubyte.gz", "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609"),
    ("train-labels-idx1-ubyte.gz", "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c"),
    ("t10k-images-idx3-ubyte.gz", "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6"),
    ("t10k-labels-idx1-ubyte.gz", "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6"),
];

/// The files of MNIST.
pub fn mnist_files() -> Vec<Remote> {
    let remote = |(name, sha256)| Remote {
        folder: mnist::FOLDER,
        name,
        sha256,
        limit: 32 << 20,
        bases: MNIST_BASES.map(str::to_owned).to_vec(),
    };
    MNIST_FILES.map(remote).to_vec()
}

/// The archive of CIFAR-10.
pub fn cifar10_files() -> Vec<Remote> {
    vec![Remote {
        folder: cifar10::FOLDER,
        name: cifar10::ARCHIVE,
        sha256: "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
        limit: 256 << 20,
        bases: vec!["https://www.cs.toronto.edu/~kriz/".to_owned()],
    }]
}

/// How patient a download is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// The longest time for finding the server and connecting to it, each.
    pub connect: Duration,
    /// The longest time without a byte.
    pub stall: Duration,
    /// How often in a row an address may fail without sending anything new.
    pub attempts: u32,
    /// The time between two attempts.
    pub pause: Duration,
    /// How long a file may take at one address, attempts and pauses included: so long, and a second for each [`Patience::rate`] bytes
    /// that arrive. A server may send a byte now and then for ever.
    pub slack: Duration,
    /// Bytes a second that a server must send, on average, after the first [`Patience::slack`].
    pub rate: u32,
}

impl Default for Patience {
    fn default() -> Self {
        let [connect, stall, pause, slack] = [15, 30, 2, 120].map(Duration::from_secs);
        Self { connect, stall, attempts: 3, pause, slack, rate: 8 << 10 }
    }
}

/// Follows a download.
pub trait Watcher {
    /// A transfer from `url` begins behind the first `from` bytes of `total`, where the server says it.
    fn begin(&self, name: &str, url: &str, from: u64, total: Option<u64>);
    /// There are `bytes` of the file now.
    fn received(&self, bytes: u64);
    /// Something went wrong that another attempt or address may mend.
    fn problem(&self, url: &str, problem: &str);
}

/// What a download did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fetched {
    /// An intact file was there already.
    Kept,
    /// The file is in this place now.
    Placed(PathBuf),
}

/// Puts `remote` into its place in the data folder `data`, from the first of its addresses that has it.
///
/// An intact file that is there, in whatever compression, is left alone.
///
/// # Errors
/// [`Error::Download`] with what went wrong at each address; [`Error::Io`] where the system refuses a file.
pub fn fetch(remote: &Remote, data: &Path, patience: &Patience, watcher: &dyn Watcher) -> Result<Fetched> {
    let dir = data.join(remote.folder);
    let place = dir.join(remote.name);
    let same = || sha256_of_file(&place).is_ok_and(|sha256| sha256 == remote.sha256);
    if inventory::intact(data, remote.folder, remote.name) {
        return Ok(Fetched::Kept);
    }
    if place.is_file() && same() {
        // If that is not what is read, a damaged plain file hides it.
        locate::uncover(&place)?;
        return Ok(Fetched::Kept);
    }
    std::fs::create_dir_all(&dir).map_err(Error::io("create", &dir))?;
    let partial = Partial::open(&dir, remote.name)?;
    let mut problems = Vec::new();
    for (number, base) in remote.bases.iter().enumerate() {
        let url = format!("{base}{}", remote.name);
        match from_address(remote, &url, &partial, patience, watcher) {
            Ok(()) => {
                partial.finish(&place)?;
                locate::uncover(&place)?;
                return Ok(Fetched::Placed(place));
            }
            Err(Failure::Local(error)) => return Err(error),
            Err(Failure::Passing(problem) | Failure::Lasting(problem)) => {
                if number + 1 < remote.bases.len() {
                    watcher.problem(&url, &problem);
                }
                problems.push(format!("{url}: {problem}"));
            }
        }
    }
    let kept = partial.close();
    Err(Error::Download {
        file: remote.name.to_owned(),
        problem: problems.join("; "),
        fix: format!(
            "try again{}, give another address with --from, or bring the file with `aesparse data import`",
            if kept { ", which goes on where it stopped" } else { "" }
        ),
    })
}

/// Downloads the whole file from one address and checks its digest.
fn from_address(
    remote: &Remote,
    url: &str,
    partial: &Partial,
    patience: &Patience,
    watcher: &dyn Watcher,
) -> Result<(), Failure> {
    let client = Client::new(url, patience);
    let pace = Pace::new(patience, partial.resumable(url)?);
    let (mut failures, mut most) = (0, 0);
    loop {
        let before = partial.resumable(url)?;
        let problem = match client.transfer(remote, partial, before, &pace, watcher) {
            Ok(()) => match verified(remote, partial)? {
                None => return Ok(()),
                // What was there before may be to blame: once more, from the start.
                Some(problem) if before > 0 => problem,
                Some(problem) => return Err(Failure::Lasting(problem)),
            },
            Err(Failure::Passing(problem)) => problem,
            Err(lasting) => return Err(lasting),
        };
        let length = partial.length()?;
        failures = if length > most.max(before) { 0 } else { failures + 1 };
        most = most.max(length);
        if failures >= patience.attempts {
            return Err(Failure::Passing(problem));
        }
        pace.check(length)?;
        watcher.problem(url, &problem);
        std::thread::sleep(patience.pause);
    }
}

/// Whether a server keeps the pace that it is asked for.
struct Pace<'a> {
    patience: &'a Patience,
    begun: Instant,
    /// Bytes that were there before.
    before: u64,
}

impl<'a> Pace<'a> {
    fn new(patience: &'a Patience, before: u64) -> Self {
        Self { patience, begun: Instant::now(), before }
    }

    /// Checks that `length` bytes are there in time.
    fn check(&self, length: u64) -> Result<(), Failure> {
        let Patience { slack, rate, .. } = self.patience;
        let arrived = length.saturating_sub(self.before);
        let elapsed = self.begun.elapsed();
        if elapsed <= *slack + Duration::from_secs(arrived / u64::from(*rate).max(1)) {
            return Ok(());
        }
        let seconds = elapsed.as_secs_f64();
        Err(Failure::Lasting(format!(
            "sent {arrived} bytes in {seconds:.1} s, the least are {rate} a second"
        )))
    }
}

/// What is wrong with the finished download, which is removed then.
fn verified(remote: &Remote, partial: &Partial) -> Result<Option<String>> {
    let found = partial.sha256()?;
    if found == remote.sha256 {
        return Ok(None);
    }
    partial.restart()?;
    Ok(Some(format!("sent a wrong file: its SHA-256 is {found}, expected {}", remote.sha256)))
}
