//! Downloads of data sets. A file gets its final name only after its SHA-256 is verified.
//!
//! An interrupted download is resumed: the bytes received so far stay in `.partial-<name>` in the same folder, and a file beside
//! it holds their address and version. The download starts over if the server can't resume it or has another version. A file
//! with a wrong digest is removed.

mod partial;
mod transfer;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::data::digest::sha256_of_file;
use crate::data::inventory;
use crate::data::{cifar10, locate, mnist};
use crate::error::{Error, Result};
use partial::Partial;
use transfer::{Client, TransferError};

/// A file that can be downloaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remote {
    /// The data set's folder inside the data folder.
    pub folder: &'static str,
    /// The file's name, the same on the server and on disk.
    pub name: &'static str,
    /// SHA-256 of the file as it is transferred.
    pub sha256: &'static str,
    /// Largest accepted size, in bytes.
    pub limit: u64,
    /// Addresses of folders with the file, in order of preference; each ends in a slash.
    pub bases: Vec<String>,
}

/// Addresses of folders with MNIST.
const MNIST_BASES: [&str; 2] =
    ["https://storage.googleapis.com/cvdf-datasets/mnist/", "https://ossci-datasets.s3.amazonaws.com/mnist/"];

/// Name and SHA-256 of MNIST's archives. They differ from the committed files only in their compression.
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

/// Time limits and retries of a download.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DownloadLimits {
    /// Timeout of the name lookup, and of the connection.
    pub connect: Duration,
    /// Timeout of each wait for a byte.
    pub stall: Duration,
    /// Number of failed attempts in a row, without a new byte, that end the download from an address.
    pub attempts: u32,
    /// Pause between two attempts.
    pub pause: Duration,
    /// Time that a file may take at one address, attempts and pauses included, beyond one second for each [`DownloadLimits::rate`]
    /// bytes received. It ends downloads from a server that sends a byte now and then.
    pub slack: Duration,
    /// Lowest accepted average rate after the first [`DownloadLimits::slack`], in bytes per second.
    pub rate: u32,
}

impl Default for DownloadLimits {
    fn default() -> Self {
        let [connect, stall, pause, slack] = [15, 30, 2, 120].map(Duration::from_secs);
        Self { connect, stall, attempts: 3, pause, slack, rate: 8 << 10 }
    }
}

/// Receives the progress of a download.
pub trait Watcher {
    /// A transfer from `url` begins after the first `from` bytes. `total` is the file's size, if the server sends it.
    fn begin(&self, name: &str, url: &str, from: u64, total: Option<u64>);
    /// The first `bytes` bytes of the file have arrived.
    fn received(&self, bytes: u64);
    /// An attempt at `url` failed; another attempt or another address follows.
    fn problem(&self, url: &str, problem: &str);
}

/// The result of a download.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fetched {
    /// An intact file was there already.
    Kept,
    /// The file was downloaded to this path.
    Placed(PathBuf),
}

/// Downloads `remote` to the data folder `data`, from the first of its addresses that has the file.
///
/// A file that is already there and intact, in any compression, is left unchanged.
///
/// # Errors
/// [`Error::Download`] with the problem at each address; [`Error::Io`] where a file can't be read or written.
pub fn fetch(
    remote: &Remote,
    data: &Path,
    limits: &DownloadLimits,
    watcher: &dyn Watcher,
) -> Result<Fetched> {
    let dir = data.join(remote.folder);
    let place = dir.join(remote.name);
    let same = || sha256_of_file(&place).is_ok_and(|sha256| sha256 == remote.sha256);
    if inventory::is_intact(data, remote.folder, remote.name) {
        return Ok(Fetched::Kept);
    }
    if place.is_file() && same() {
        // A damaged uncompressed file would be read instead of this one.
        locate::remove_plain_variant(&place)?;
        return Ok(Fetched::Kept);
    }
    std::fs::create_dir_all(&dir).map_err(Error::io("create", &dir))?;
    let partial = Partial::open(&dir, remote.name)?;
    let mut problems = Vec::new();
    for (number, base) in remote.bases.iter().enumerate() {
        let url = format!("{base}{}", remote.name);
        match download_from(remote, &url, &partial, limits, watcher) {
            Ok(()) => {
                partial.finish(&place)?;
                locate::remove_plain_variant(&place)?;
                return Ok(Fetched::Placed(place));
            }
            Err(TransferError::Local(error)) => return Err(error),
            Err(TransferError::Transient(problem) | TransferError::Permanent(problem)) => {
                if number + 1 < remote.bases.len() {
                    watcher.problem(&url, &problem);
                }
                problems.push(format!("{url}: {problem}"));
            }
        }
    }
    let is_resumable = partial.has_bytes();
    Err(Error::Download {
        file: remote.name.to_owned(),
        problem: problems.join("; "),
        fix: format!(
            "try again{}, give another address with --from, or bring the file with `aesparse data import`",
            if is_resumable { ", which resumes where it stopped" } else { "" }
        ),
    })
}

/// Downloads the whole file from one address and checks its digest.
fn download_from(
    remote: &Remote,
    url: &str,
    partial: &Partial,
    limits: &DownloadLimits,
    watcher: &dyn Watcher,
) -> Result<(), TransferError> {
    let client = Client::new(url, limits);
    let pace = Pace::new(limits, partial.resumable_bytes(url)?);
    let (mut failures, mut most) = (0, 0);
    loop {
        let before = partial.resumable_bytes(url)?;
        let problem = match client.transfer(remote, partial, before, &pace, watcher) {
            Ok(()) => match digest_problem(remote, partial)? {
                None => return Ok(()),
                // The bytes of an earlier attempt may be wrong, so the next attempt starts over.
                Some(problem) if before > 0 => problem,
                Some(problem) => return Err(TransferError::Permanent(problem)),
            },
            Err(TransferError::Transient(problem)) => problem,
            Err(lasting) => return Err(lasting),
        };
        let length = partial.length()?;
        failures = if length > most.max(before) { 0 } else { failures + 1 };
        most = most.max(length);
        if failures >= limits.attempts {
            return Err(TransferError::Transient(problem));
        }
        pace.check(length)?;
        watcher.problem(url, &problem);
        std::thread::sleep(limits.pause);
    }
}

/// The average rate of a download, checked against [`DownloadLimits::rate`].
struct Pace<'a> {
    limits: &'a DownloadLimits,
    begun: Instant,
    /// Bytes received by earlier calls.
    before: u64,
}

impl<'a> Pace<'a> {
    fn new(limits: &'a DownloadLimits, before: u64) -> Self {
        Self { limits, begun: Instant::now(), before }
    }

    /// Checks the rate when the file has `length` bytes.
    fn check(&self, length: u64) -> Result<(), TransferError> {
        let DownloadLimits { slack, rate, .. } = self.limits;
        let arrived = length.saturating_sub(self.before);
        let elapsed = self.begun.elapsed();
        if elapsed <= *slack + Duration::from_secs(arrived / u64::from(*rate).max(1)) {
            return Ok(());
        }
        let seconds = elapsed.as_secs_f64();
        Err(TransferError::Permanent(format!(
            "sent {arrived} bytes in {seconds:.1} s, less than {rate} bytes a second"
        )))
    }
}

/// What is wrong with the digest of the finished download. A wrong file is removed.
fn digest_problem(remote: &Remote, partial: &Partial) -> Result<Option<String>> {
    let found = partial.sha256()?;
    if found == remote.sha256 {
        return Ok(None);
    }
    partial.clear()?;
    Ok(Some(format!("sent a wrong file: its SHA-256 is {found}, expected {}", remote.sha256)))
}
