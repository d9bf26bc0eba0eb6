//! Writing a file whole or not at all: a temporary file in the same folder, flushed to the disk, then renamed.
//!
//! A reader, and a run that is resumed after a kill or a power cut, sees the old file or the new one, never a
//! part. What a kill leaves behind is a file called `.partial-…`, which the next `store::Store::open` removes.

use crate::error::{Error, Result};
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::Path;

/// How the names of unfinished files begin.
pub(crate) const PREFIX: &str = ".partial-";

/// Replaces the file at `path` with `bytes`, in one step; missing folders above it are made.
///
/// # Errors
/// Where the system refuses, an [`Error::Io`] with the path; the old file is then still whole.
pub fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    write_with(path, |file| file.write_all(bytes))
}

/// Like [`write()`] for what `fill` writes; where that fails, the old file stays.
pub(crate) fn write_with(path: &Path, fill: impl FnOnce(&mut File) -> io::Result<()>) -> Result<()> {
    let folder = folder_of(path);
    fs::create_dir_all(folder).map_err(Error::io("create", folder))?;
    let mut file = builder().tempfile_in(folder).map_err(Error::io("create a file in", folder))?;
    fill(file.as_file_mut()).map_err(Error::io("write", path))?;
    file.as_file().sync_all().map_err(Error::io("write", path))?;
    file.persist(path).map_err(|refused| Error::io("write", path)(refused.error))?;
    sync_folder(folder)
}

/// Gives the file `from`, finished, flushed and in the same folder, the name `path` in one step.
pub(crate) fn rename(from: &Path, path: &Path) -> Result<()> {
    fs::rename(from, path).map_err(Error::io("rename", from))?;
    sync_folder(folder_of(path))
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Writes and removes a file in `folder`, to find out early whether results can be kept there.
///
/// # Errors
/// Where the system refuses.
pub(crate) fn probe(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    let mut file = builder().tempfile_in(folder)?;
    file.write_all(b"probe")?;
    file.close()
}

/// Removes what an interrupted [`write()`] left in `folder` and the folders in it; only for the holder of the
/// results folder's lock. Links to folders are not followed.
///
/// # Errors
/// Where a folder can't be listed or a file not removed.
pub(crate) fn remove_leftovers(folder: &Path) -> Result<()> {
    for entry in fs::read_dir(folder).map_err(Error::io("list", folder))? {
        let entry = entry.map_err(Error::io("list", folder))?;
        let kind = entry.file_type().map_err(Error::io("look at", entry.path()))?;
        if kind.is_dir() {
            remove_leftovers(&entry.path())?;
        } else if entry.file_name().to_string_lossy().starts_with(PREFIX) {
            fs::remove_file(entry.path()).map_err(Error::io("remove", entry.path()))?;
        }
    }
    Ok(())
}

/// Temporary files that end up with the permissions of any other new file: results are made to be shared.
fn builder() -> tempfile::Builder<'static, 'static> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(PREFIX);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    builder
}

/// Makes the rename itself durable, where a folder can be flushed.
fn sync_folder(folder: &Path) -> Result<()> {
    if cfg!(unix) {
        let opened = File::open(folder).map_err(Error::io("open", folder))?;
        // Some network file systems can't flush a folder; the file itself is safe by then.
        let _ = opened.sync_all();
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_whole_and_nothing_else_is_left() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a/b/file.txt");
        write(&path, b"a longer first version").unwrap();
        write(&path, b"second").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"second");
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
    }

    #[test]
    fn a_write_that_cant_be_finished_keeps_the_old_and_leaves_no_part() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("taken");
        fs::create_dir(&path).unwrap();
        fs::write(path.join("inside"), b"kept").unwrap();
        let message = write(&path, b"new").unwrap_err().to_string();
        assert!(message.contains("taken"), "{message}");
        assert_eq!(fs::read(path.join("inside")).unwrap(), b"kept");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn leftovers_are_removed_and_other_files_kept() {
        let folder = tempfile::tempdir().unwrap();
        let run = folder.path().join("weights/0a1b");
        fs::create_dir_all(&run).unwrap();
        for inside in [folder.path(), &run] {
            fs::write(inside.join(".partial-Xy12"), b"half a rec").unwrap();
            fs::write(inside.join("notes.txt"), b"mine").unwrap();
        }
        remove_leftovers(folder.path()).unwrap();
        for (inside, expected) in [(folder.path(), vec!["notes.txt", "weights"]), (&run, vec!["notes.txt"])] {
            let mut left: Vec<_> = fs::read_dir(inside).unwrap().map(|e| e.unwrap().file_name()).collect();
            left.sort();
            assert_eq!(left, expected);
        }
    }

    #[cfg(unix)]
    #[test]
    fn others_may_read_what_was_written() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let (ours, plain) = (folder.path().join("ours"), folder.path().join("plain"));
        write(&ours, b"x").unwrap();
        fs::write(&plain, b"x").unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode();
        assert_eq!(mode(&ours), mode(&plain));
    }
}
