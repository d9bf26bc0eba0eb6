//! The bytes of an unfinished download, kept for the next attempt and the next call.

use std::cell::Cell;
use std::fs::{self, File, TryLockError};
use std::io::{ErrorKind, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use crate::atomic;
use crate::data::digest::sha256_of_reader;
use crate::error::{Error, Result};

/// The first bytes of a file, and beside it a file that says where they came from.
///
/// The file stays locked as long as this value lives, so that only one process downloads it.
pub(super) struct Partial {
    path: PathBuf,
    /// A file of two lines: the address, and the version that the server sent.
    origin_path: PathBuf,
    file: File,
    finished: Cell<bool>,
}

impl Partial {
    /// Opens or creates the partial file of `name` in the folder `dir`.
    ///
    /// # Errors
    /// Where another process downloads the file, or the system refuses.
    pub(super) fn open(dir: &Path, name: &str) -> Result<Self> {
        let path = dir.join(format!("{}{name}", atomic::PREFIX));
        let origin_path = dir.join(format!("{}{name}.origin", atomic::PREFIX));
        let options = File::options().read(true).write(true).create(true).truncate(false).open(&path);
        let file = options.map_err(Error::io("create", &path))?;
        match file.try_lock() {
            // Another process may have renamed the finished file since it was opened: then the lock is on that file.
            Ok(()) if path.exists() => {}
            Ok(()) | Err(TryLockError::WouldBlock) => {
                return Err(Error::data(
                    &path,
                    "another process is downloading this file",
                    "wait until it ends",
                ));
            }
            // Some network file systems have no locks. Downloads work there without one.
            Err(TryLockError::Error(error)) if atomic::lacks_locks(&error) => {}
            Err(TryLockError::Error(error)) => return Err(Error::io("lock", &path)(error)),
        }
        Ok(Self { path, origin_path, file, finished: Cell::new(false) })
    }

    /// SHA-256 of the bytes received so far.
    pub(super) fn sha256(&self) -> Result<String> {
        let mut file = &self.file;
        let read = file.seek(SeekFrom::Start(0)).and_then(|_| sha256_of_reader(file));
        read.map_err(Error::io("read", &self.path))
    }

    /// Number of bytes received so far.
    pub(super) fn length(&self) -> Result<u64> {
        self.file.metadata().map(|metadata| metadata.len()).map_err(Error::io("look at", &self.path))
    }

    /// Number of bytes after which a transfer from `url` can resume: all if they came from `url`, otherwise 0.
    pub(super) fn resumable_bytes(&self, url: &str) -> Result<u64> {
        let same = self.origin().is_some_and(|(from, _)| from == url);
        if same { self.length() } else { Ok(0) }
    }

    /// Address and version of the bytes, if known.
    pub(super) fn origin(&self) -> Option<(String, String)> {
        let text = fs::read_to_string(&self.origin_path).ok()?;
        let (url, version) = text.split_once('\n')?;
        Some((url.to_owned(), version.trim_end().to_owned()))
    }

    /// Removes all bytes.
    pub(super) fn clear(&self) -> Result<()> {
        self.file.set_len(0).map_err(Error::io("write", &self.path))?;
        match fs::remove_file(&self.origin_path) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                Err(Error::io("remove", &self.origin_path)(error))
            }
            _ => Ok(()),
        }
    }

    /// Removes all bytes and notes that the next ones are `version` from `url`.
    pub(super) fn begin(&self, url: &str, version: &str) -> Result<()> {
        self.clear()?;
        atomic::write(&self.origin_path, format!("{url}\n{version}\n").as_bytes())
    }

    /// Writes `piece` after the first `length` bytes.
    pub(super) fn append(&self, length: u64, piece: &[u8]) -> Result<()> {
        let mut file = &self.file;
        let sought = file.seek(SeekFrom::Start(length)).map(|_| ());
        sought.and_then(|()| file.write_all(piece)).map_err(Error::io("write", &self.path))
    }

    /// Renames the finished file to `target`.
    pub(super) fn finish(&self, target: &Path) -> Result<()> {
        self.file.sync_all().map_err(Error::io("write", &self.path))?;
        atomic::rename(&self.path, target)?;
        self.finished.set(true);
        let _ = fs::remove_file(&self.origin_path);
        Ok(())
    }

    /// Whether there is anything to resume.
    pub(super) fn has_bytes(&self) -> bool {
        self.length().is_ok_and(|length| length > 0)
    }
}

impl Drop for Partial {
    /// A process that another thread is about to start holds a copy of the open file until it runs its own program. Closing the file
    /// alone would leave it locked until then, and the next download of this process would be refused.
    fn drop(&mut self) {
        if !self.finished.get() && !self.has_bytes() {
            // An empty file is not worth keeping. If it can't be removed, the next download uses it.
            let _ = fs::remove_file(&self.path);
            let _ = fs::remove_file(&self.origin_path);
        }
        let _ = self.file.unlock();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The copy stands for that of a process which is being started.
    #[test]
    fn a_partial_file_is_free_while_a_copy_of_it_is_open() {
        let folder = tempfile::tempdir().unwrap();
        let partial = Partial::open(folder.path(), "set.gz").unwrap();
        partial.append(0, b"some bytes").unwrap();
        let _copy = partial.file.try_clone().unwrap();
        assert!(Partial::open(folder.path(), "set.gz").is_err());
        drop(partial);
        assert!(Partial::open(folder.path(), "set.gz").is_ok_and(|partial| partial.has_bytes()));
    }
}
