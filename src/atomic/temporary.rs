//! Unfinished files: their names, and the removal of abandoned ones, whose process has ended.
//!
//! A process locks a file while it writes it, and the system releases the lock when the process ends, however it ends. Other machines may
//! not see that lock, so the file's name includes the machine on which it was begun.

use super::PREFIX;
use crate::guard::lock;
use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs::{self, DirEntry, File, Metadata, TryLockError};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock};
use std::time::Duration;
use tempfile::NamedTempFile;

/// The age from which an unfinished file counts as abandoned where its lock decides nothing.
const ABANDONED: Duration = Duration::from_hours(24);

/// Random letters and digits at the end of a name.
const RANDOM: usize = 6;

/// Makes a locked file in `folder` with the access rights and the owner of `replaced`, or else those of any new file, because results are
/// meant to be shared. The first call for a folder also removes abandoned files from it.
///
/// # Errors
/// Where the system refuses.
pub(super) fn create(folder: &Path, replaced: Option<&Metadata>) -> io::Result<NamedTempFile> {
    static CLEANED: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());
    let file = locked(|| builder(replaced).tempfile_in(folder))?;
    if let Some(replaced) = replaced {
        keep_access(file.as_file(), replaced);
    }
    if lock(&CLEANED).insert(folder.to_owned()) {
        // A failure here must not stop the file that is being written.
        let _ = remove_abandoned(folder, file.as_file());
    }
    Ok(file)
}

/// A file made by `make`, locked where the file system has locks.
fn locked(make: impl Fn() -> io::Result<NamedTempFile>) -> io::Result<NamedTempFile> {
    // Another process may find the file before it is locked, take it for abandoned and remove it: then another file is made. The number
    // of attempts is bounded, in case a file system reports a lock on every file.
    for _ in 0..10 {
        let file = make()?;
        let is_taken = matches!(file.as_file().try_lock(), Err(TryLockError::WouldBlock));
        if !is_taken && file.path().exists() {
            return Ok(file);
        }
    }
    make()
}

/// Gives new files their names and their first access rights, which are never wider than those of the replaced file.
fn builder(replaced: Option<&Metadata>) -> tempfile::Builder<'static, 'static> {
    static MACHINE_PREFIX: OnceLock<String> = OnceLock::new();
    let mut builder = tempfile::Builder::new();
    let prefix = || machine().map_or_else(|| PREFIX.to_owned(), |machine| format!("{PREFIX}{machine}-"));
    builder.prefix(MACHINE_PREFIX.get_or_init(prefix)).rand_bytes(RANDOM);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = replaced.map_or(0o666, |replaced| replaced.permissions().mode() & 0o777);
        builder.permissions(fs::Permissions::from_mode(mode));
    }
    builder
}

/// Gives `file` the access rights and the owner of `replaced`, as far as the system allows this user to. Where it doesn't, the file
/// keeps rights that are no wider.
fn keep_access(file: &File, replaced: &Metadata) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::{MetadataExt as _, fchown};
        let _ = fchown(file, None, Some(replaced.gid()));
        let _ = fchown(file, Some(replaced.uid()), None);
    }
    let _ = file.set_permissions(replaced.permissions());
}

/// Removes the abandoned files in `folder`. `now` is a file that was just made there: its time is the present by the file system's clock.
fn remove_abandoned(folder: &Path, now: &File) -> io::Result<()> {
    let now = now.metadata()?;
    for entry in fs::read_dir(folder)?.flatten() {
        let _ = remove_if_abandoned(&entry, &now);
    }
    Ok(())
}

fn remove_if_abandoned(entry: &DirEntry, now: &Metadata) -> io::Result<()> {
    let name = entry.file_name();
    let Some(machine_of_file) = name.to_str().and_then(machine_of) else { return Ok(()) };
    if !entry.file_type()?.is_file() {
        return Ok(());
    }
    // Network file systems lock only files that are open for writing.
    let file = File::options().read(true).write(true).open(entry.path())?;
    let is_old = time_between(now, &file.metadata()?)? > ABANDONED;
    let is_abandoned = match file.try_lock() {
        Ok(()) => is_old || (machine_of_file.is_some() && machine_of_file == machine()),
        Err(TryLockError::WouldBlock) => false,
        Err(TryLockError::Error(error)) => is_old && lacks_locks(&error),
    };
    // Still locked, so a process that has just made this file and not yet locked it makes another one.
    if is_abandoned { fs::remove_file(entry.path()) } else { Ok(()) }
}

/// Whether [`create`] gives files such a `name`.
pub(super) fn is_unfinished(name: &OsStr) -> bool {
    name.to_str().is_some_and(|name| machine_of(name).is_some())
}

/// The machine in the name of an unfinished file, `Some(None)` where the name has none; `None` for other files, such as downloads to be
/// resumed.
fn machine_of(name: &str) -> Option<Option<&str>> {
    let rest = name.strip_prefix(PREFIX)?;
    let (machine, random) =
        rest.split_once('-').map_or((None, rest), |(machine, random)| (Some(machine), random));
    let has_form =
        |text: &str, length| text.len() == length && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    (has_form(random, RANDOM) && machine.is_none_or(|machine| has_form(machine, MACHINE))).then_some(machine)
}

/// Digits of a machine in a file's name.
const MACHINE: usize = 8;

/// Identifies this machine since its last boot; `None` where the system doesn't say. Processes with the same identifier see each other's
/// locks.
fn machine() -> Option<&'static str> {
    static FOUND: OnceLock<Option<String>> = OnceLock::new();
    let find =
        || Some(fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?.get(..MACHINE)?.to_owned());
    FOUND.get_or_init(find).as_deref()
}

/// The time between the last changes of two files, never negative, because a file server's clock may have been set back.
fn time_between(one: &Metadata, other: &Metadata) -> io::Result<Duration> {
    let (one, other) = (one.modified()?, other.modified()?);
    Ok(one.duration_since(other).unwrap_or_else(|ahead| ahead.duration()))
}

/// Whether locking a file failed because its file system has no locks, as on some network file systems, where files must still be
/// written. Besides the standard error kinds, Linux returns `ENOLCK`, and `ENOTSUPP`, which the C headers don't name.
pub(crate) fn lacks_locks(error: &io::Error) -> bool {
    const ENOLCK: i32 = if cfg!(target_os = "linux") { 37 } else { 77 };
    const ENOTSUPP: i32 = 524;
    error.kind() == ErrorKind::Unsupported || matches!(error.raw_os_error(), Some(ENOLCK | ENOTSUPP))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Makes an unfinished file called `name` in `folder`, last changed `age` before now.
    fn unfinished(folder: &Path, name: &str, age: Duration) -> PathBuf {
        let path = folder.join(name);
        let file = File::create(&path).unwrap();
        file.set_modified(file.metadata().unwrap().modified().unwrap() - age).unwrap();
        path
    }

    const HOUR: Duration = Duration::from_hours(1);

    #[test]
    fn abandoned_files_are_removed_and_all_others_kept() {
        let folder = tempfile::tempdir().unwrap();
        let inside = |name: &str, age| unfinished(folder.path(), name, age);
        let machine = machine().map(str::to_owned);
        let gone = [
            machine.as_ref().map(|machine| inside(&format!(".partial-{machine}-Xy12Zq"), Duration::ZERO)),
            Some(inside(".partial-Xy12Zq", 25 * HOUR)),
            Some(inside(".partial-0123abcd-Xy12Zq", 25 * HOUR)),
        ];
        let kept = [
            // Another machine may be writing these.
            inside(".partial-aaaaaa", HOUR),
            inside(".partial-0123abcd-aaaaaa", HOUR),
            // Downloads to be resumed, and a user's own file.
            inside(".partial-train-images-idx3-ubyte.gz", 100 * HOUR),
            inside(".partial-cifar-10-binary.tar.gz.origin", 100 * HOUR),
            inside(".partial-notes.txt", 100 * HOUR),
            inside("v.json", 100 * HOUR),
        ];
        // Old, but locked by a process that is alive.
        let living = inside(".partial-bbbbbb", 100 * HOUR);
        let writer = File::options().write(true).open(&living).unwrap();
        writer.lock().unwrap();
        create(folder.path(), None).unwrap();
        for path in gone.iter().flatten() {
            assert!(!path.exists(), "{}", path.display());
        }
        for path in kept.iter().chain([&living]) {
            assert!(path.exists(), "{}", path.display());
        }
    }

    #[test]
    fn a_file_dated_far_in_the_future_is_abandoned_too() {
        let folder = tempfile::tempdir().unwrap();
        let path = unfinished(folder.path(), ".partial-aaaaaa", Duration::ZERO);
        let file = File::options().write(true).open(&path).unwrap();
        file.set_modified(file.metadata().unwrap().modified().unwrap() + 25 * HOUR).unwrap();
        drop(file);
        create(folder.path(), None).unwrap();
        assert!(!path.exists());
    }

    /// Several threads write to a folder and remove abandoned files at once: no unfinished file is removed.
    #[test]
    fn no_file_is_removed_while_it_is_written() {
        let folder = tempfile::tempdir().unwrap();
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..50 {
                        let file = create(folder.path(), None).unwrap();
                        remove_abandoned(folder.path(), file.as_file()).unwrap();
                        assert!(file.path().exists());
                    }
                });
            }
        });
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn file_systems_without_locks_are_known_by_their_errors() {
        let answers = |code| lacks_locks(&io::Error::from_raw_os_error(code));
        assert!(lacks_locks(&ErrorKind::Unsupported.into()));
        assert!(answers(524), "ENOTSUPP");
        #[cfg(target_os = "linux")]
        {
            // ENOLCK, ENOSYS, EOPNOTSUPP; EIO and EACCES are failures.
            assert!([37, 38, 95].into_iter().all(answers));
            assert!(![5, 13].into_iter().any(answers));
        }
    }
}
