//! The file, device or pipe to which a path leads when it is written.

use super::folder_of;
use std::fs::{self, File, Metadata};
use std::io;
use std::path::{Path, PathBuf};
#[cfg(unix)]
use std::process;

/// The most links in a row that are followed; the limit of Linux.
const MAX_LINKS: usize = 40;

/// The destination to which a path leads.
pub(super) enum Destination {
    /// A file, or a free path for one: a new file can be renamed to `file`, which is no link. `replaced` is the file that is there.
    File { file: PathBuf, replaced: Option<Metadata> },
    /// A device, a pipe, or a file that a process holds open, such as `/dev/fd/3`. Renaming a file to this path would not write to it.
    Stream(PathBuf),
}

impl Destination {
    /// The destination of `path` after following its links, even to a file that doesn't exist yet.
    ///
    /// # Errors
    /// Where `path` leads to a folder, in a circle, or through links to a read-only file; where the system refuses to say.
    pub(super) fn of(path: &Path) -> io::Result<Self> {
        // The system resolves the path first, because it refuses links that another user may have placed as a trap.
        let found = match fs::metadata(path) {
            Ok(found) => Some(found),
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
                None
            }
            Err(error) => return Err(error),
        };
        let file = follow(path)?;
        if is_open_file(&file) {
            return Ok(Self::Stream(file));
        }
        match found {
            Some(found) if found.is_dir() => Err(io::ErrorKind::IsADirectory.into()),
            Some(found) if !found.is_file() => Ok(Self::Stream(file)),
            // Data stores that keep each file once, and link to it, make the file read-only to protect it.
            Some(found) if file != path && found.permissions().readonly() => {
                let problem = format!("it links to {}, which is read-only", file.display());
                Err(io::Error::new(io::ErrorKind::PermissionDenied, problem))
            }
            replaced => Ok(Self::File { file, replaced }),
        }
    }
}

/// Opens the device, pipe or open file at `path` for appending, so that nothing written before is overwritten.
///
/// # Errors
/// Where the system refuses.
pub(super) fn open_stream(path: &Path) -> io::Result<File> {
    #[cfg(unix)]
    {
        use std::io::Write as _;
        use std::os::fd::AsFd as _;
        // Standard output and error are duplicated rather than opened again: a second opening has its own position, so the program's
        // messages and these bytes would overwrite each other.
        let folder = folder_of(path).canonicalize().unwrap_or_default();
        let ours = [PathBuf::from("/dev/fd"), PathBuf::from(format!("/proc/{}/fd", process::id()))];
        let is_own = |number| ours.contains(&folder) && path.ends_with(number);
        if is_own("1") {
            io::stdout().flush()?;
            return Ok(File::from(io::stdout().as_fd().try_clone_to_owned()?));
        }
        if is_own("2") {
            return Ok(File::from(io::stderr().as_fd().try_clone_to_owned()?));
        }
    }
    File::options().append(true).open(path)
}

/// The path at the end of the links of `path`; stops at a link that the system shows for an open file.
///
/// # Errors
/// Where they lead in a circle.
pub(super) fn follow(path: &Path) -> io::Result<PathBuf> {
    let mut place = path.to_owned();
    for _ in 0..=MAX_LINKS {
        if is_open_file(&place) {
            return Ok(place);
        }
        match fs::read_link(&place) {
            // A relative target starts from the link's folder.
            Ok(target) => place = folder_of(&place).join(target),
            Err(_) => return Ok(place),
        }
    }
    Err(io::Error::other(format!("more than {MAX_LINKS} links in a row")))
}

/// Whether `path` is an open file of a process, which the system shows as a link in `/proc/<process>/fd` or in `/dev/fd`.
fn is_open_file(path: &Path) -> bool {
    let folder = folder_of(path);
    // The name of the folder decides for nearly all paths, without asking the system.
    folder.ends_with("fd")
        && folder.canonicalize().is_ok_and(|folder| {
            folder.ends_with("fd") && (folder.starts_with("/proc") || folder.starts_with("/dev"))
        })
}
