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
    let aside = free_name(path);
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
    let mut aside = path.as_os_str().to_owned();
    aside.push(".damaged");
    !path.exists() && Path::new(&aside).exists()
}

/// The first of `<path>.damaged`, `<path>.damaged.1`, … that is free.
fn free_name(path: &Path) -> PathBuf {
    let named = |end: &str| {
        let mut name = path.as_os_str().to_owned();
        name.push(end);
        PathBuf::from(name)
    };
    let numbered = (1_u32..).map(|i| named(&format!(".damaged.{i}")));
    let mut names = std::iter::once(named(".damaged")).chain(numbered);
    names.find(|name| !name.exists()).expect("there are more names than files")
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

/// Removes `folder` with all that is in it, if there is such a folder.
pub(super) fn remove_folder(folder: &Path) -> Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(Error::io("remove", folder)(error)),
        _ => Ok(()),
    }
}

/// The content of a run's file.
///
/// # Errors
/// [`Error::Store`], which ends with `fix`, where it is no regular file; [`Error::Io`] where it can't be read.
pub(super) fn read_of_a_run(path: &Path, fix: &str) -> Result<Vec<u8>> {
    regular::read(path).map_err(|error| unreadable(path, error, fix))
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
