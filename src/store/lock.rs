//! The lock on a results folder, so that two processes don't overwrite each other's tables.

use crate::atomic;
use crate::error::{Error, Result};
use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

/// The name of the locked file. It is never removed: otherwise one process could lock the removed file and another one a new file.
const FILE: &str = ".lock";

/// A lock, released when dropped. The system also releases it when the process ends, however it ends.
#[derive(Debug)]
pub(super) struct Lock {
    path: PathBuf,
    file: File,
}

impl Lock {
    /// Locks `folder`, which must exist, for this process alone.
    ///
    /// # Errors
    /// [`Error::Store`] where another process holds the lock, or where the file can't be made.
    pub(super) fn acquire(folder: &Path) -> Result<Self> {
        Self::acquire_by(File::try_lock, folder)
    }

    /// Locks `folder`, which must exist, together with other processes that share it.
    ///
    /// # Errors
    /// [`Error::Store`] where another process holds the lock alone, or where the file can't be made.
    pub(super) fn share(folder: &Path) -> Result<Self> {
        Self::acquire_by(File::try_lock_shared, folder)
    }

    fn acquire_by(
        try_lock: fn(&File) -> std::result::Result<(), TryLockError>,
        folder: &Path,
    ) -> Result<Self> {
        let path = folder.join(FILE);
        // Network file systems allow a shared lock only on a file that is open for reading.
        let opened = OpenOptions::new().create(true).truncate(false).read(true).write(true).open(&path);
        let file = opened.map_err(|error| unwritable(folder, &error))?;
        match try_lock(&file) {
            Ok(()) => Ok(Self { path, file }),
            Err(TryLockError::WouldBlock) => Err(Error::store(
                folder,
                "another process is working on these results",
                "wait until it ends, or choose another folder with --out",
            )),
            // Some network file systems have no locks; results can be written there without one.
            Err(TryLockError::Error(error)) if atomic::lacks_locks(&error) => Ok(Self { path, file }),
            Err(TryLockError::Error(error)) => Err(Error::io("lock", &path)(error)),
        }
    }

    /// Whether the locked folder still exists under its name. If it was removed or renamed, files written now would be without the
    /// earlier ones.
    pub(super) fn is_in_place(&self) -> bool {
        self.path.exists()
    }
}

impl Drop for Lock {
    /// A process that another thread is about to start holds a copy of the open file until it runs its own program. Closing the file
    /// alone would leave the folder locked until then.
    fn drop(&mut self) {
        let _ = self.file.unlock();
    }
}

/// The error for a `folder` in which no results can be written.
pub(super) fn unwritable(folder: &Path, error: &io::Error) -> Error {
    let problem = format!("results can't be written there: {error}");
    Error::store(folder, problem, "choose another place with --out")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The copy stands for that of a process which is being started.
    #[test]
    fn a_released_lock_is_free_while_a_copy_of_its_file_is_open() {
        let folder = tempfile::tempdir().unwrap();
        let lock = Lock::acquire(folder.path()).unwrap();
        let _copy = lock.file.try_clone().unwrap();
        assert!(Lock::acquire(folder.path()).is_err());
        drop(lock);
        assert!(Lock::acquire(folder.path()).is_ok());
    }
}
