//! Where bytes that are written to a path end up.

use super::folder_of;
use std::fs::{self, File, Metadata};
use std::io;
use std::path::{Path, PathBuf};
#[cfg(unix)]
use std::process;

/// As many links in a row are followed: as many as Linux follows.
const MAX_LINKS: usize = 40;

/// The place that a path leads to.
pub(super) enum Destination {
    /// A file, or the place of one: a new file can be renamed to it. `file` is no link.
    File { file: PathBuf, replaced: Option<Metadata> },
    /// A device, a pipe, or a file that a process holds open, such as `/dev/fd/3`: a new file in its place would be another one.
    Stream(PathBuf),
}

impl Destination {
    /// Follows the links at the end of `path`, also to a file that doesn't exist yet.
    ///
    /// # Errors
    /// Where `path` leads to a folder, in a circle, or by links to a file that is read-only; where the system doesn't tell.
    pub(super) fn of(path: &Path) -> io::Result<Self> {
        // The system's own look comes first: it refuses links that another user may have put there as a trap.
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
            // Stores of data that keep a file once and link to it protect it so.
            Some(found) if file != path && found.permissions().readonly() => {
                let problem = format!("it links to {}, which is read-only", file.display());
                Err(io::Error::new(io::ErrorKind::PermissionDenied, problem))
            }
            replaced => Ok(Self::File { file, replaced }),
        }
    }
}

/// Opens the device, pipe or open file at `path`, to write at its end, and not over what a process has written there before.
///
/// # Errors
/// Where the system refuses.
pub(super) fn open_stream(path: &Path) -> io::Result<File> {
    #[cfg(unix)]
    {
        use std::io::Write as _;
        use std::os::fd::AsFd as _;
        // Opened a second time, a file would be written without the program's own messages moving on.
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

/// Where the links at the end of `path` lead, but not beyond one that stands for an open file.
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
            // Relative to the link's folder.
            Ok(target) => place = folder_of(&place).join(target),
            Err(_) => return Ok(place),
        }
    }
    Err(io::Error::other(format!("more than {MAX_LINKS} links in a row")))
}

/// Whether `path` is one of a process's open files, which the system shows as links in `/proc/<process>/fd`, or in `/dev/fd`.
fn is_open_file(path: &Path) -> bool {
    let folder = folder_of(path);
    // A look at the path itself is enough for nearly all.
    folder.ends_with("fd")
        && folder.canonicalize().is_ok_and(|folder| {
            folder.ends_with("fd") && (folder.starts_with("/proc") || folder.starts_with("/dev"))
        })
}
