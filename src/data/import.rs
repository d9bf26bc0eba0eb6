//! Copies files of known data sets into the data folder; their contents decide what they are, not their names.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use super::file::DataFile;
use super::idx::IdxKind;
use super::inventory::SetFile;
use super::{cifar10, locate, patches};
use crate::atomic;
use crate::error::{Error, Result};

/// Levels of folders that are searched, the given folder included.
const LEVELS: usize = 4;

/// Limit on the number of files found in the given folder.
const MOST_FILES: usize = 10_000;

const FIX: &str = "get an intact copy";

const EXPECTED: &str = "expected MNIST's four files, CIFAR-10's binary version (the archive, its folder or files) or the \
                        committed patches, plain or gzip, under any name";

/// Result of importing one file.
#[derive(Debug)]
pub enum ImportOutcome {
    /// The file was copied to this path.
    Placed(PathBuf),
    /// The file was copied to this path and replaced a damaged one.
    Replaced(PathBuf),
    /// The data folder already has this intact file; nothing was copied.
    Kept(PathBuf),
    /// The file looks like one of a known data set but is not intact.
    Refused(Error),
}

/// A recognised file and the result of importing it.
#[derive(Debug)]
pub struct Imported {
    /// The file that was read.
    pub from: PathBuf,
    /// What was done with it.
    pub outcome: ImportOutcome,
}

/// Copies every file of a known data set at `path`, a file or a folder, to its place in the data folder `data`.
///
/// A copy appears only when it is complete. An intact file is never replaced; links in a folder are not followed.
///
/// # Errors
/// [`Error::Data`] when `path` has no file of a known data set, [`Error::Io`] when the system refuses.
pub fn import(path: &Path, data: &Path) -> Result<Vec<Imported>> {
    let metadata = fs::metadata(path).map_err(Error::io("read", path))?;
    let mut files = Vec::new();
    if metadata.is_dir() {
        collect(path, LEVELS, &mut files)?;
        files.sort();
    } else {
        // A file that the user names must be readable; in a folder, unreadable files are skipped.
        DataFile::open(path, FIX)?;
        files.push(path.to_owned());
    }
    let mut imported = Vec::new();
    for from in files {
        let outcome = match recognise(&from) {
            Ok(Some(file)) => copy_to_place(file, &from, data)?,
            Ok(None) => continue,
            Err(error) => ImportOutcome::Refused(error),
        };
        imported.push(Imported { from, outcome });
    }
    if imported.is_empty() {
        let what = if metadata.is_dir() { "holds no file of" } else { "is no file of" };
        return Err(Error::data(path, format!("{what} a known data set"), EXPECTED));
    }
    Ok(imported)
}

fn collect(folder: &Path, levels: usize, files: &mut Vec<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(folder).map_err(Error::io("list", folder))? {
        let entry = entry.map_err(Error::io("list", folder))?;
        let kind = entry.file_type().map_err(Error::io("look at", entry.path()))?;
        if kind.is_dir() && levels > 1 {
            collect(&entry.path(), levels - 1, files)?;
        } else if kind.is_file() {
            files.push(entry.path());
        }
        if files.len() > MOST_FILES {
            let problem = format!("has more than {MOST_FILES} files");
            return Err(Error::data(folder, problem, "name the folder of the data set itself, or its files"));
        }
    }
    Ok(())
}

/// The known file that `path` is by its contents; `None` if it does not look like one.
///
/// # Errors
/// The file looks like a known one but is damaged or not the known version.
fn recognise(path: &Path) -> Result<Option<SetFile>> {
    let known_name = SetFile::all().find(|known| has_name(path, &known.name()));
    let file = match DataFile::open(path, FIX) {
        Ok(file) => file,
        // A file with a known name that can't be opened is probably the rest of an interrupted download.
        Err(error) if known_name.is_some() => return Err(error),
        Err(_) => return Ok(None),
    };
    let head = file.head();
    let is_archive = head.strip_prefix(b"./").unwrap_or(head).starts_with(cifar10::BATCHES.as_bytes());
    // Any archive made of the folder `.` begins with an entry `./`.
    if is_archive || head.starts_with(b"./\0") {
        return match cifar10::check_archive(path) {
            Err(error) if is_archive || known_name.is_some() => Err(error),
            checked => Ok(checked.ok().map(|()| SetFile::Archive)),
        };
    }
    let magics = [IdxKind::Images, IdxKind::Labels].map(|kind| kind.magic().to_be_bytes());
    let is_idx = magics.iter().any(|magic| head.starts_with(magic));
    let is_batch = cifar10::quick_check(path, &cifar10::FILES[0]).is_ok();
    let is_patches = patches::FILES.iter().any(|known| patches::quick_check(path, known).is_ok());
    if !is_idx && !is_batch && !is_patches && known_name.is_none() {
        return Ok(None);
    }
    let found = file.digest();
    let with_digest = |sha256: &String| SetFile::all().find(|known| known.sha256() == Some(sha256));
    match (found.as_ref().ok().and_then(with_digest), known_name) {
        (Some(known), _) => Ok(Some(known)),
        (None, Some(known)) => known.check(path).map(|()| Some(known)),
        (None, None) if is_idx || is_patches => {
            let problem = format!("has the SHA-256 {}, which is none of the known files'", found?);
            Err(Error::data(path, problem, FIX))
        }
        // The quick check for CIFAR-10 passes many other files: their first byte is small, too.
        (None, None) => Ok(None),
    }
}

fn has_name(path: &Path, known: &str) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let known = known.rsplit('/').next().unwrap_or(known);
    name == known || name.strip_suffix(".gz") == Some(known)
}

/// Copies the intact file `from`, which is the known `file`, to its place in the data folder `data`.
fn copy_to_place(file: SetFile, from: &Path, data: &Path) -> Result<ImportOutcome> {
    let dir = data.join(file.folder());
    let existing = file.path(&dir);
    if let Some(path) = &existing
        && file.check(path).is_ok()
    {
        return Ok(ImportOutcome::Kept(path.clone()));
    }
    let has_gz = file != SetFile::Archive && is_gzip(from)?;
    let to = dir.join(file.name() + if has_gz { ".gz" } else { "" });
    let mut source = File::open(from).map_err(Error::io("open", from))?;
    atomic::write_with(&to, |out| io::copy(&mut source, out).map(|_| ()))?;
    locate::remove_plain_variant(&to)?;
    Ok(if existing.is_some() { ImportOutcome::Replaced(to) } else { ImportOutcome::Placed(to) })
}

fn is_gzip(path: &Path) -> Result<bool> {
    let mut magic = [0; 2];
    let mut file = File::open(path).map_err(Error::io("open", path))?;
    match io::Read::read_exact(&mut file, &mut magic) {
        Ok(()) => Ok(magic == [0x1f, 0x8b]),
        Err(error) => Err(Error::io("read", path)(error)),
    }
}
