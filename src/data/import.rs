//! Bringing files of known data sets to their places, recognised by what is in them and not by their names.

use std::fs::{self, File as Opened};
use std::io;
use std::path::{Path, PathBuf};

use super::file::DataFile;
use super::idx::Kind;
use super::inventory::File;
use super::{cifar10, locate, patches};
use crate::atomic;
use crate::error::{Error, Result};

/// How deep folders in the folder are looked into.
const LEVELS: usize = 4;

/// The most files of a folder that are looked at.
const MOST_FILES: usize = 10_000;

const FIX: &str = "get an intact copy";

const EXPECTED: &str = "expected MNIST's four files, CIFAR-10's binary version (the archive, its folder or files) or the \
                        committed patches, plain or gzip, under any name";

/// What became of a file.
#[derive(Debug)]
pub enum Outcome {
    /// It was copied to this place.
    Placed(PathBuf),
    /// It was copied to this place, where a damaged file was.
    Replaced(PathBuf),
    /// This intact file was there already and was left alone.
    Kept(PathBuf),
    /// It looks like a file of a known data set and isn't an intact one.
    Refused(Error),
}

/// A file that was recognised.
#[derive(Debug)]
pub struct Imported {
    /// Where it was.
    pub from: PathBuf,
    /// What became of it.
    pub outcome: Outcome,
}

/// Copies every file of a known data set at `path`, a file or a folder, to its place in the data folder `data`.
///
/// Each copy is whole or isn't there. An intact file is never replaced; links in a folder are not followed.
///
/// # Errors
/// [`Error::Data`] where nothing of a known data set is found, [`Error::Io`] where the system refuses.
pub fn import(path: &Path, data: &Path) -> Result<Vec<Imported>> {
    let metadata = fs::metadata(path).map_err(Error::io("read", path))?;
    let mut files = Vec::new();
    if metadata.is_dir() {
        collect(path, LEVELS, &mut files)?;
        files.sort();
    } else {
        // Of a file that is named itself, it is said why it can't be read.
        DataFile::open(path, FIX)?;
        files.push(path.to_owned());
    }
    let mut imported = Vec::new();
    for from in files {
        let outcome = match recognise(&from) {
            Ok(Some(file)) => place(file, &from, data)?,
            Ok(None) => continue,
            Err(error) => Outcome::Refused(error),
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

/// Which known file `path` is, by its contents; `None` where it doesn't look like one, an error where it does.
fn recognise(path: &Path) -> Result<Option<File>> {
    let known_name = File::all().find(|known| named(path, &known.name()));
    let file = match DataFile::open(path, FIX) {
        Ok(file) => file,
        // What has a known name and can't even be opened is what a download left that was cut off.
        Err(error) if known_name.is_some() => return Err(error),
        Err(_) => return Ok(None),
    };
    let head = file.head();
    let archive = head.strip_prefix(b"./").unwrap_or(head).starts_with(cifar10::BATCHES.as_bytes());
    // An archive of `.` begins with an entry of that name, whatever is in it.
    if archive || head.starts_with(b"./\0") {
        return match cifar10::check_archive(path) {
            Err(error) if archive || known_name.is_some() => Err(error),
            checked => Ok(checked.ok().map(|()| File::Archive)),
        };
    }
    let idx = [Kind::Images, Kind::Labels].iter().any(|kind| head.starts_with(&kind.magic().to_be_bytes()));
    let batch = cifar10::glance(path, &cifar10::FILES[0]).is_ok();
    let patches = patches::FILES.iter().any(|known| patches::glance(path, known).is_ok());
    if !idx && !batch && !patches && known_name.is_none() {
        return Ok(None);
    }
    let found = file.whole();
    let with_digest = |sha256: &String| File::all().find(|known| known.sha256() == Some(sha256));
    match (found.as_ref().ok().and_then(with_digest), known_name) {
        (Some(known), _) => Ok(Some(known)),
        (None, Some(known)) => known.check(path).map(|()| Some(known)),
        (None, None) if idx || patches => {
            let problem = format!("has the SHA-256 {}, which is none of the known files'", found?);
            Err(Error::data(path, problem, FIX))
        }
        // Many a file begins with a small byte, as a file of CIFAR-10 does.
        (None, None) => Ok(None),
    }
}

fn named(path: &Path, known: &str) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let known = known.rsplit('/').next().unwrap_or(known);
    name == known || name.strip_suffix(".gz") == Some(known)
}

/// Copies the intact file `from`, which is the known `file`, to its place.
fn place(file: File, from: &Path, data: &Path) -> Result<Outcome> {
    let dir = data.join(file.folder());
    let before = file.path(&dir);
    if let Some(there) = &before
        && file.check(there).is_ok()
    {
        return Ok(Outcome::Kept(there.clone()));
    }
    let packed = file != File::Archive && is_gzip(from)?;
    let to = dir.join(file.name() + if packed { ".gz" } else { "" });
    let mut source = Opened::open(from).map_err(Error::io("open", from))?;
    atomic::write_with(&to, |out| io::copy(&mut source, out).map(|_| ()))?;
    locate::uncover(&to)?;
    Ok(if before.is_some() { Outcome::Replaced(to) } else { Outcome::Placed(to) })
}

fn is_gzip(path: &Path) -> Result<bool> {
    let mut magic = [0; 2];
    let mut file = Opened::open(path).map_err(Error::io("open", path))?;
    match io::Read::read_exact(&mut file, &mut magic) {
        Ok(()) => Ok(magic == [0x1f, 0x8b]),
        Err(error) => Err(Error::io("read", path)(error)),
    }
}
