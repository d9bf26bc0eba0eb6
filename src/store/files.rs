//! Files of a results folder: listing, reading, and setting damaged ones aside.

use crate::atomic;
use crate::error::{Error, Result};
use crate::regular;
use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Reads the files `<run_key>.json` of `folder` by `load`. Damaged files are renamed to `<name>.damaged`, so that they are neither
/// trusted nor lost; an error for each, with its new name, is added to `damaged`.
///
/// # Errors
/// Where a file can't be read or renamed.
pub(super) fn load_or_set_aside<T>(
    folder: &Path,
    load: impl Fn(&Path) -> Result<T>,
    damaged: &mut Vec<Error>,
) -> Result<BTreeMap<String, Arc<T>>> {
    load_all(folder, load, |path, error| match error {
        Error::Store { problem, .. } => {
            damaged.push(set_aside(path, problem)?);
            Ok(())
        }
        error => Err(error),
    })
}

/// Renames the damaged file at `path` and returns an error with `problem` and the new name.
///
/// # Errors
/// Where it can't be renamed.
pub(super) fn set_aside(path: &Path, problem: impl fmt::Display) -> Result<Error> {
    let aside = first_free(|number| aside(path, number));
    atomic::rename(path, &aside)?;
    let kept =
        format!("it is kept as {}, and its run is trained again where the plan has it", aside.display());
    Ok(Error::store(path, problem, kept))
}

/// Reads the files `<run_key>.json` of `folder` by `load`. A file that `load` refuses is passed over where `refused` returns `Ok`.
pub(super) fn load_all<T>(
    folder: &Path,
    load: impl Fn(&Path) -> Result<T>,
    mut refused: impl FnMut(&Path, Error) -> Result<()>,
) -> Result<BTreeMap<String, Arc<T>>> {
    let mut loaded = BTreeMap::new();
    for path in run_files(folder)? {
        match load(&path) {
            // `load` has checked that the name is the run's key.
            Ok(file) => {
                let key = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
                loaded.insert(key, Arc::new(file));
            }
            Err(error) => refused(&path, error)?,
        }
    }
    Ok(loaded)
}

/// The files of `folder` that are called `<run_key>.json`.
///
/// # Errors
/// Where the folder can't be listed.
pub(super) fn run_files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut paths = entries(folder)?;
    paths.retain(|path| name_after_key(path) == Some(".json"));
    Ok(paths)
}

/// The rest of a file's name after a run key; `None` where the name does not begin with one.
pub(super) fn name_after_key(path: &Path) -> Option<&str> {
    let (key, end) = path.file_name()?.to_str()?.split_at_checked(16)?;
    key.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')).then_some(end)
}

/// Whether a file's name begins with a dot, as do unfinished files and files that systems add, such as `._name`.
pub(super) fn is_hidden(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."))
}

/// Whether the file at `path` was set aside and not replaced.
pub(super) fn was_set_aside(path: &Path) -> bool {
    !path.exists() && aside(path, 0).exists()
}

/// `<path>.damaged`, `<path>.damaged.1`, …
fn aside(path: &Path, number: u32) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".damaged");
    if number > 0 {
        name.push(format!(".{number}"));
    }
    name.into()
}

/// The first of the paths `numbered(0)`, `numbered(1)`, … that does not exist.
pub(super) fn first_free(numbered: impl Fn(u32) -> PathBuf) -> PathBuf {
    (0..).map(numbered).find(|path| !path.exists()).expect("there are more names than files")
}

/// The paths in `folder`, sorted so that messages name the same file each time; none where the folder is missing.
pub(crate) fn entries(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(Error::io("list", folder)(error)),
    };
    let paths = entries.map(|entry| Ok(entry.map_err(Error::io("list", folder))?.path()));
    let mut paths = paths.collect::<Result<Vec<_>>>()?;
    paths.sort();
    Ok(paths)
}

/// Whether `error` says that a file does not exist.
pub(super) fn is_missing(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

/// Removes the file at `path`, if it exists.
pub(super) fn remove_file(path: &Path) -> Result<()> {
    match fs::remove_file(path) {
        Err(error) if !is_missing(&error) => Err(Error::io("remove", path)(error)),
        _ => Ok(()),
    }
}

/// Reads the file at `path`, which must be called `<run_key>.json`, and decodes it.
///
/// # Errors
/// [`Error::Store`] with the path, what is wrong and what to do; [`Error::Io`] where it can't be read.
pub(super) fn load<T>(
    path: &Path,
    decode: fn(&[u8]) -> Result<T, String>,
    run_key: fn(&T) -> &str,
) -> Result<T> {
    let fix = "move it away, or run its configuration, which sets it aside and trains its run again";
    let refuse = |problem: String| Error::store(path, problem, fix);
    let bytes = regular::read(path).map_err(|error| unreadable(path, error, fix))?;
    let file = decode(&bytes).map_err(refuse)?;
    let key = run_key(&file);
    if path.file_stem().and_then(|stem| stem.to_str()) != Some(key) {
        return Err(refuse(format!("it holds the run {key}, which is not its name")));
    }
    Ok(file)
}

/// The error for a file that can't be read; `fix` is for a file that is not a regular one.
fn unreadable(path: &Path, error: io::Error, fix: &str) -> Error {
    if regular::is_refusal(&error) { Error::store(path, error, fix) } else { Error::io("read", path)(error) }
}

/// The content of the file at `path`; `None` where it does not exist.
///
/// # Errors
/// [`Error::Store`] where it is not a regular file; [`Error::Io`] where it can't be read.
pub(super) fn read_if_there(path: &Path) -> Result<Option<Vec<u8>>> {
    read_optional(path, "move it away")
}

/// As [`read_if_there`]; `fix` is for a file that is not a regular one.
pub(super) fn read_optional(path: &Path, fix: &str) -> Result<Option<Vec<u8>>> {
    match regular::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(unreadable(path, error, fix)),
    }
}
