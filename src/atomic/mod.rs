//! Writing a file whole or not at all: a temporary file in the same folder, flushed to the disk, then renamed.
//!
//! A reader sees the old file or the new one, never a part; so does a run that is resumed after a kill or a power cut. A killed process
//! leaves a file called `.partial-…`. The next `store::Store::open`, or the next write to that folder, removes it.
//!
//! A link stays a link, and the new file gets the access rights of the replaced one. A device or pipe that a user has named is written
//! directly.

mod destination;
mod temporary;

pub(crate) use temporary::lacks_locks;

use crate::error::{Error, Result};
use destination::Destination;
use std::fs::{self, File, Metadata};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// The prefix of the names of unfinished files.
pub(crate) const PREFIX: &str = ".partial-";

/// Replaces one of the program's own files, at `path`, with `bytes` in one step. Makes missing folders above it. Replaces a pipe or a
/// device too, because writing to one may block.
///
/// # Errors
/// Where the system refuses, an [`Error::Io`] with the path; the old file is then still whole.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    let fill = |file: &mut File| file.write_all(bytes);
    match Destination::of(path).map_err(Error::io("write", path))? {
        Destination::File { file, replaced } => replace(path, &file, replaced.as_ref(), fill),
        Destination::Stream(_) => replace(path, path, None, fill),
    }
}

/// Replaces the file at `path`, which the user has named, with `bytes`, whole or not at all. Where `path` leads to a device, a pipe or an
/// open file of a process, writes `bytes` there.
///
/// # Errors
/// Where the system refuses, an [`Error::Io`] with the path; the old file is then still whole.
pub fn write_output(path: &Path, bytes: &[u8]) -> Result<()> {
    write_with(path, |file| file.write_all(bytes))
}

/// As [`write_output`], with the content that `fill` writes. Where `fill` fails, the old file stays.
pub(crate) fn write_with(path: &Path, fill: impl FnOnce(&mut File) -> io::Result<()>) -> Result<()> {
    match Destination::of(path).map_err(Error::io("write", path))? {
        Destination::File { file, replaced } => replace(path, &file, replaced.as_ref(), fill),
        Destination::Stream(stream) => {
            let opened = destination::open_stream(&stream);
            opened.and_then(|mut stream| fill(&mut stream)).map_err(Error::io("write", path))
        }
    }
}

/// Replaces the file at `path`, to which the links of `named` lead, with the content that `fill` writes; `replaced` is the old file.
fn replace(
    named: &Path,
    path: &Path,
    replaced: Option<&Metadata>,
    fill: impl FnOnce(&mut File) -> io::Result<()>,
) -> Result<()> {
    let folder = folder_of(path);
    // Where a link leads to a missing folder, a disk may be unmounted: no folder is made in its place.
    if path == named {
        fs::create_dir_all(folder).map_err(Error::io("create", folder))?;
    }
    // Without the name of the temporary file, which the error has too.
    let create = |error: io::Error| Error::io("write", path)(error.kind().into());
    let mut file = temporary::create(folder, replaced).map_err(create)?;
    fill(file.as_file_mut()).map_err(Error::io("write", path))?;
    file.as_file().sync_all().map_err(Error::io("write", path))?;
    file.persist(path).map_err(|refused| Error::io("write", path)(refused.error))?;
    sync_folder(folder)
}

/// The path that [`write_output`] would write to: the end of the links of `path`, even where no file is there yet.
pub fn destination(path: &Path) -> PathBuf {
    destination::follow(path).unwrap_or_else(|_| path.to_owned())
}

/// Renames the file `from` to `path` in one step. `from` must be flushed and in the same folder.
pub(crate) fn rename(from: &Path, path: &Path) -> Result<()> {
    fs::rename(from, path).map_err(Error::io("rename", from))?;
    sync_folder(folder_of(path))
}

/// The folder of the file at `path`: the current one for a bare name.
pub(crate) fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Writes and removes a file in `folder`, to learn early whether results can be written there.
///
/// # Errors
/// Where the system refuses.
pub(crate) fn probe(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    let mut file = temporary::create(folder, None)?;
    file.write_all(b"probe")?;
    file.close()
}

/// Removes the unfinished files that interrupted calls of [`write()`] have left in `folder` and the folders in it. Only the holder of the
/// results folder's lock may call this. Does not follow links to folders.
///
/// # Errors
/// Where a folder can't be listed or a file not removed.
pub(crate) fn remove_leftovers(folder: &Path) -> Result<()> {
    for entry in fs::read_dir(folder).map_err(Error::io("list", folder))? {
        let entry = entry.map_err(Error::io("list", folder))?;
        let kind = entry.file_type().map_err(Error::io("look at", entry.path()))?;
        if kind.is_dir() {
            remove_leftovers(&entry.path())?;
        } else if temporary::is_unfinished(&entry.file_name()) {
            fs::remove_file(entry.path()).map_err(Error::io("remove", entry.path()))?;
        }
    }
    Ok(())
}

/// Makes a rename durable, on systems that can flush a folder.
fn sync_folder(folder: &Path) -> Result<()> {
    if cfg!(unix) {
        let opened = File::open(folder).map_err(Error::io("open", folder))?;
        // Some network file systems can't flush a folder; the file itself was flushed before.
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
            fs::write(inside.join(".partial-Xy12Za"), b"half a rec").unwrap();
            fs::write(inside.join("notes.txt"), b"mine").unwrap();
            fs::write(inside.join(".partial-archive.tar.gz"), b"half a download").unwrap();
        }
        remove_leftovers(folder.path()).unwrap();
        let kept = [".partial-archive.tar.gz", "notes.txt"];
        for (inside, expected) in [(folder.path(), [&kept[..], &["weights"]].concat()), (&run, kept.to_vec())]
        {
            let mut left: Vec<_> = fs::read_dir(inside).unwrap().map(|e| e.unwrap().file_name()).collect();
            left.sort();
            assert_eq!(left, expected);
        }
    }

    #[cfg(unix)]
    mod unix {
        use super::*;
        use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _, PermissionsExt as _, symlink};
        use std::process::Command;

        fn mode(path: &Path) -> u32 {
            fs::metadata(path).unwrap().permissions().mode() & 0o7777
        }

        #[test]
        fn a_new_file_has_the_rights_of_any_other() {
            let folder = tempfile::tempdir().unwrap();
            let (ours, plain) = (folder.path().join("ours"), folder.path().join("plain"));
            write(&ours, b"x").unwrap();
            fs::write(&plain, b"x").unwrap();
            assert_eq!(mode(&ours), mode(&plain));
        }

        #[test]
        fn a_file_that_is_replaced_keeps_its_rights_and_its_owner() {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("file");
            for rights in [0o600, 0o664, 0o640, 0o755, 0o444] {
                fs::write(&path, b"old").unwrap();
                fs::set_permissions(&path, fs::Permissions::from_mode(rights)).unwrap();
                write(&path, b"new").unwrap();
                assert_eq!((mode(&path), fs::read(&path).unwrap()), (rights, b"new".to_vec()), "{rights:o}");
                fs::remove_file(&path).unwrap();
            }
            fs::write(&path, b"old").unwrap();
            // Root alone may give files away.
            if std::os::unix::fs::chown(&path, Some(12345), Some(23456)).is_ok() {
                write(&path, b"new").unwrap();
                let found = fs::metadata(&path).unwrap();
                assert_eq!((found.uid(), found.gid()), (12345, 23456));
            }
        }

        #[test]
        fn links_stay_and_what_they_lead_to_is_written() {
            let folder = tempfile::tempdir().unwrap();
            let at = |name: &str| folder.path().join(name);
            fs::create_dir_all(at("far")).unwrap();
            fs::write(at("far/file"), b"old").unwrap();
            fs::set_permissions(at("far/file"), fs::Permissions::from_mode(0o600)).unwrap();
            symlink("far/file", at("relative")).unwrap();
            symlink(at("relative"), at("twice")).unwrap();
            symlink("far/new", at("dangling")).unwrap();
            for (link, file) in [("relative", "far/file"), ("twice", "far/file"), ("dangling", "far/new")] {
                write(&at(link), link.as_bytes()).unwrap();
                assert!(fs::symlink_metadata(at(link)).unwrap().is_symlink(), "{link}");
                assert_eq!(fs::read(at(file)).unwrap(), link.as_bytes());
                assert_eq!(destination(&at(link)), at(file));
            }
            assert_eq!(mode(&at("far/file")), 0o600);
            assert_eq!(fs::read_dir(at("far")).unwrap().count(), 2, "no part is left");
        }

        #[test]
        fn links_that_lead_nowhere_are_named_and_left() {
            let folder = tempfile::tempdir().unwrap();
            let at = |name: &str| folder.path().join(name);
            symlink("circle", at("circle")).unwrap();
            symlink("gone/file", at("unmounted")).unwrap();
            fs::write(at("kept"), b"kept").unwrap();
            fs::set_permissions(at("kept"), fs::Permissions::from_mode(0o444)).unwrap();
            symlink("kept", at("protected")).unwrap();
            for link in ["circle", "unmounted", "protected"] {
                let message = write(&at(link), b"new").unwrap_err().to_string();
                let named = [link, "gone", "read-only"];
                assert!(named.iter().any(|name| message.contains(name)), "{message}");
                assert!(fs::symlink_metadata(at(link)).unwrap().is_symlink(), "{link}");
            }
            assert!(!at("gone").exists(), "a folder in the place of a disk");
            assert_eq!(fs::read(at("kept")).unwrap(), b"kept");
        }

        #[test]
        fn a_pipe_that_a_user_names_is_written_directly_and_stays() {
            let folder = tempfile::tempdir().unwrap();
            let pipe = folder.path().join("pipe");
            assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
            // A device behaves as a pipe does, but a failing test must not replace one of the machine's devices.
            let link = folder.path().join("link");
            symlink("pipe", &link).unwrap();
            for path in [&pipe, &link] {
                let read = std::thread::scope(|scope| {
                    let reader = scope.spawn(|| fs::read(&pipe).unwrap());
                    write_output(path, b"through").unwrap();
                    reader.join().unwrap()
                });
                assert_eq!(read, b"through");
            }
            assert!(fs::symlink_metadata(&pipe).unwrap().file_type().is_fifo());
            assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
            assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
            // The program's own files replace a pipe, because writing to it would wait for a reader.
            for path in [&link, &pipe] {
                write(path, b"whole").unwrap();
                assert!(fs::symlink_metadata(path).unwrap().is_file());
            }
        }

        #[cfg(target_os = "linux")]
        #[test]
        fn an_open_file_is_written_at_its_end() {
            use std::os::fd::AsRawFd as _;
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("file");
            let mut open = File::create(&path).unwrap();
            open.write_all(b"first, ").unwrap();
            write_output(Path::new(&format!("/dev/fd/{}", open.as_raw_fd())), b"then").unwrap();
            assert_eq!(fs::read(&path).unwrap(), b"first, then");
            assert_eq!(open.metadata().unwrap().ino(), fs::metadata(&path).unwrap().ino());
        }
    }
}
