//! What has arrived of a file, kept for the next attempt and the next call.

use std::cell::Cell;
use std::fs::{self, File, TryLockError};
use std::io::{ErrorKind, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use crate::atomic;
use crate::data::digest::sha256_of_reader;
use crate::error::{Error, Result};

/// The first bytes of a file, and beside them where they came from.
///
/// One process at a time: the file is locked as long as this lives.
pub(super) struct Partial {
    path: PathBuf,
    /// Two lines: the address, and the version that the server gave.
    origin: PathBuf,
    file: File,
    finished: Cell<bool>,
}

impl Partial {
    /// Opens what there is of the file `name` in the folder `dir`.
    pub(super) fn open(dir: &Path, name: &str) -> Result<Self> {
        let path = dir.join(format!("{}{name}", atomic::PREFIX));
        let origin = dir.join(format!("{}{name}.origin", atomic::PREFIX));
        let options = File::options().read(true).write(true).create(true).truncate(false).open(&path);
        let file = options.map_err(Error::io("create", &path))?;
        match file.try_lock() {
            // Another process may have finished it since it was opened: then it is that file that is locked.
            Ok(()) if path.exists() => {}
            Ok(()) | Err(TryLockError::WouldBlock) => {
                return Err(Error::data(
                    &path,
                    "another process is downloading this file",
                    "wait until it ends",
                ));
            }
            // Some network file systems have no locks; downloads must be possible there all the same.
            Err(TryLockError::Error(error)) if atomic::lacks_locks(&error) => {}
            Err(TryLockError::Error(error)) => return Err(Error::io("lock", &path)(error)),
        }
        Ok(Self { path, origin, file, finished: Cell::new(false) })
    }

    /// SHA-256 of all bytes that are there.
    pub(super) fn sha256(&self) -> Result<String> {
        let mut file = &self.file;
        let read = file.seek(SeekFrom::Start(0)).and_then(|_| sha256_of_reader(file));
        read.map_err(Error::io("read", &self.path))
    }

    /// Bytes that are there.
    pub(super) fn length(&self) -> Result<u64> {
        self.file.metadata().map(|metadata| metadata.len()).map_err(Error::io("look at", &self.path))
    }

    /// Bytes that a transfer from `url` can be added to: all of them if they came from there, otherwise none.
    pub(super) fn resumable(&self, url: &str) -> Result<u64> {
        let same = self.version().is_some_and(|(from, _)| from == url);
        if same { self.length() } else { Ok(0) }
    }

    /// Where the bytes came from, and their version, where it is known.
    pub(super) fn version(&self) -> Option<(String, String)> {
        let text = fs::read_to_string(&self.origin).ok()?;
        let (url, version) = text.split_once('\n')?;
        Some((url.to_owned(), version.trim_end().to_owned()))
    }

    /// Throws away what is there.
    pub(super) fn restart(&self) -> Result<()> {
        self.file.set_len(0).map_err(Error::io("write", &self.path))?;
        match fs::remove_file(&self.origin) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                Err(Error::io("remove", &self.origin)(error))
            }
            _ => Ok(()),
        }
    }

    /// Begins anew with bytes of `version` from `url`.
    pub(super) fn begin(&self, url: &str, version: &str) -> Result<()> {
        self.restart()?;
        atomic::write(&self.origin, format!("{url}\n{version}\n").as_bytes())
    }

    /// Writes `piece` at the end, behind the first `length` bytes.
    pub(super) fn append(&self, length: u64, piece: &[u8]) -> Result<()> {
        let mut file = &self.file;
        let sought = file.seek(SeekFrom::Start(length)).map(|_| ());
        sought.and_then(|()| file.write_all(piece)).map_err(Error::io("write", &self.path))
    }

    /// Gives the finished file its name.
    pub(super) fn finish(&self, place: &Path) -> Result<()> {
        self.file.sync_all().map_err(Error::io("write", &self.path))?;
        atomic::rename(&self.path, place)?;
        self.finished.set(true);
        let _ = fs::remove_file(&self.origin);
        Ok(())
    }

    /// Leaves what can be resumed and removes an empty file; whether something is left.
    pub(super) fn close(&self) -> bool {
        self.length().is_ok_and(|length| length > 0)
    }
}

impl Drop for Partial {
    fn drop(&mut self) {
        if !self.finished.get() && !self.close() {
            // Nothing of it is worth keeping; where it can't be removed, the next download uses it.
            let _ = fs::remove_file(&self.path);
            let _ = fs::remove_file(&self.origin);
        }
    }
}
