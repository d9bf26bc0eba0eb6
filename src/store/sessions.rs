//! `sessions/<worker>.json`: the manifests of workers that share a results folder, until one process alone opens it and joins
//! them to its own.

use super::files;
use super::manifest::Manifest;
use crate::atomic;
use crate::error::Result;
use std::path::{Path, PathBuf};

/// The folder in a results folder that has them.
pub(super) const FOLDER: &str = "sessions";

/// Where the manifest of the worker `worker` is kept in the results folder `results`.
pub(super) fn path(results: &Path, worker: &str) -> PathBuf {
    results.join(FOLDER).join(format!("{worker}.json"))
}

/// `manifest` joined with those of all workers in the results folder `results`.
///
/// # Errors
/// Where one is damaged or can't be read.
pub(super) fn joined(manifest: Option<Manifest>, results: &Path) -> Result<Option<Manifest>> {
    let mut joined = manifest;
    for path in super::files::json_files(&results.join(FOLDER))? {
        let session = Manifest::load(&path)?;
        joined = match (joined, session) {
            (Some(joined), Some(session)) => Some(joined.joined(session)),
            (joined, session) => joined.or(session),
        };
    }
    Ok(joined)
}

/// Copies the workers' manifests, and that of the folder itself, from the results folder `from` to `to`, under names that are
/// free.
///
/// # Errors
/// Where the system refuses.
pub(super) fn copy(from: &Path, to: &Path) -> Result<()> {
    let mut files = super::files::json_files(&from.join(FOLDER))?;
    files.push(from.join("manifest.json"));
    for file in files {
        let Some(bytes) = super::files::read_if_there(&file)? else { continue };
        let mut names = (0_u32..).map(|i| path(to, &format!("merged-{i}")));
        let free = names.find(|name| !name.exists()).expect("there are more names than files");
        atomic::write(&free, &bytes)?;
    }
    Ok(())
}

/// Removes the workers' manifests from the results folder `results`: they have been joined.
///
/// # Errors
/// Where the system refuses.
pub(super) fn remove(results: &Path) -> Result<()> {
    files::remove_folder(&results.join(FOLDER))
}
