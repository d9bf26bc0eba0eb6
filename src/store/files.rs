//! The files of a results folder that are read when it is opened: which are ours, and which can be trusted.

use super::csv::{epoch_columns, has_header, run_columns};
use super::manifest::Manifest;
use super::record::Record;
use super::theory::TheoryRecord;
use super::{Records, TheoryRecords};
use crate::atomic;
use crate::error::{Error, Result};
use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Every record of the results folder `folder`, without locking or changing anything; none where it has none.
///
/// # Errors
/// Where a record is damaged or isn't ours, or can't be read.
pub fn load_records(folder: &Path) -> Result<Records> {
    load_all(&folder.join("records"), Record::load, |_, error| Err(error))
}

/// What the runs of the results folder `folder` measured of the theory, likewise.
///
/// # Errors
/// Where a file is damaged or isn't ours, or can't be read.
pub fn load_theory(folder: &Path) -> Result<TheoryRecords> {
    load_all(&folder.join("theory"), TheoryRecord::load, |_, error| Err(error))
}

/// The runs' files of `folder` that `load` accepts, by run key. The others get another name, `<name>.damaged`, so that they are
/// neither trusted nor lost; what was wrong with each, and where it is now, is added to `damaged`.
///
/// # Errors
/// Where a file is not called like a run's, or can't be read or renamed.
pub(super) fn load_or_set_aside<T>(
    folder: &Path,
    load: impl Fn(&Path) -> Result<T>,
    damaged: &mut Vec<Error>,
) -> Result<BTreeMap<String, Arc<T>>> {
    load_all(folder, load, |path, error| match error {
        Error::Store { problem, .. } if is_of_a_run(path) => {
            let aside = free_name(path);
            atomic::rename(path, &aside)?;
            let kept = format!("it is kept as {}, and its run is trained again", aside.display());
            damaged.push(Error::store(path, problem, kept));
            Ok(())
        }
        error => Err(error),
    })
}

/// The .json files of `folder` by the run keys that they are called; what `load` refuses, `refused` may pass over.
fn load_all<T>(
    folder: &Path,
    load: impl Fn(&Path) -> Result<T>,
    mut refused: impl FnMut(&Path, Error) -> Result<()>,
) -> Result<BTreeMap<String, Arc<T>>> {
    let mut loaded = BTreeMap::new();
    for path in json_files(folder)? {
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

/// Whether a file is called `<run_key>.json`.
fn is_of_a_run(path: &Path) -> bool {
    let stem = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
    stem.len() == 16 && stem.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
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

/// The .json files of `folder`, as [`entries`] has them.
pub(super) fn json_files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut paths = entries(folder)?;
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    Ok(paths)
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

/// Refuses to go on where a file that would be overwritten isn't one of ours.
pub(super) fn refuse_foreign(folder: &Path) -> Result<()> {
    Manifest::load(&folder.join("manifest.json"))?;
    let fix = "move it away, or choose another folder with --out";
    let refuse = |path: &Path| Error::store(path, "not a table of this program: its columns are others", fix);
    let runs = folder.join("runs.csv");
    if let Some(bytes) = read_if_there(&runs)?
        && !has_header(&bytes, run_columns())
    {
        return Err(refuse(&runs));
    }
    let epochs = folder.join("epochs.csv");
    if let Some(bytes) = read_if_there(&epochs)?
        && !has_header(&bytes, epoch_columns())
    {
        return Err(refuse(&epochs));
    }
    Ok(())
}

pub(super) fn read_if_there(path: &Path) -> Result<Option<Vec<u8>>> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Error::io("read", path)(error)),
    }
}
