//! Files of a results folder: listed, read, and set aside where they are damaged.

use crate::atomic;
use crate::error::{Error, Result};
use crate::regular;
use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The runs' files of `folder` that `load` accepts, by run key. The others get another name, `<name>.damaged`, so that they are
/// neither trusted nor lost; what was wrong with each, and where it is now, is added to `damaged`.
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

/// Gives the file at `path`, of which `problem` says what is wrong, another name; what to tell of it.
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

/// The runs' files of `folder` by their keys; what `load` refuses, `refused` may pass over.
pub(super) fn load_all<T>(
    folder: &Path,
    load: impl Fn(&Path) -> Result<T>,
    mut refused: impl FnMut(&Path, Error) -> Result<()>,
) -> Result<BTreeMap<String, Arc<T>>> {
    let mut loaded = BTreeMap::new();
    for path in run_files(folder)? {
        match load(&path) {
            // Whose name is not its key was refused.
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
    paths.retain(|path| end_behind_key(path) == Some(".json"));
    Ok(paths)
}

/// What stands in a file's name behind the run key that it begins with; `None` where it begins with none.
pub(super) fn end_behind_key(path: &Path) -> Option<&str> {
    let (key, end) = path.file_name()?.to_str()?.split_at_checked(16)?;
    key.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')).then_some(end)
}

/// Whether a name begins with a dot: what systems leave beside files, such as `._name`, and files that are being written.
pub(super) fn is_hidden(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."))
}

/// Whether a file that was called `path` has been set aside, and there is no other.
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

/// The first path of those that `numbered` gives to 0, 1, … that is free.
pub(super) fn first_free(numbered: impl Fn(u32) -> PathBuf) -> PathBuf {
    (0..).map(numbered).find(|path| !path.exists()).expect("there are more names than files")
}

/// What is in `folder`, sorted, so that of several damaged files the same is named every time; nothing where there is no such
/// folder.
pub(super) fn entries(folder: &Path) -> Result<Vec<PathBuf>> {
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

/// Whether the system says that there is no such file.
pub(super) fn is_missing(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

/// Removes the file at `path`, if there is one.
pub(super) fn remove_file(path: &Path) -> Result<()> {
    match fs::remove_file(path) {
        Err(error) if !is_missing(&error) => Err(Error::io("remove", path)(error)),
        _ => Ok(()),
    }
}

/// Removes `folder` with all that is in it, if there is such a folder.
pub(super) fn remove_folder(folder: &Path) -> Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(Error::io("remove", folder)(error)),
        _ => Ok(()),
    }
}

/// What `decode` makes of the file at `path`, which must be called `<run_key>.json`.
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

/// The error for a file that can't be read; `fix` is what to do where it is no regular one.
fn unreadable(path: &Path, error: io::Error, fix: &str) -> Error {
    if regular::is_refusal(&error) { Error::store(path, error, fix) } else { Error::io("read", path)(error) }
}

/// The content of the file at `path`; `None` where there is none.
///
/// # Errors
/// [`Error::Store`] where it is no regular file; [`Error::Io`] where it can't be read.
pub(super) fn read_if_there(path: &Path) -> Result<Option<Vec<u8>>> {
    read_optional(path, "move it away")
}

/// The same; `fix` is what to do where it is no regular file.
pub(super) fn read_optional(path: &Path, fix: &str) -> Result<Option<Vec<u8>>> {
    match regular::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(unreadable(path, error, fix)),
    }
}
