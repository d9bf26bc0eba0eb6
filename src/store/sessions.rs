//! `sessions/<worker>.json`: the manifests of workers that share a results folder. A process that opens the folder alone joins them to
//! the folder's own manifest.

use super::files;
use super::manifest::Manifest;
use crate::atomic;
use crate::error::{Error, Result};
use std::fs;
use std::path::{Path, PathBuf};

/// The folder of the workers' manifests in a results folder.
pub(super) const FOLDER: &str = "sessions";

/// The prefix of manifests that a merge has copied from another folder. A worker's name begins with a digit.
const MERGED: &str = "merged-";

/// Where the manifest of the worker `worker` is kept in the results folder `results`.
pub(super) fn path(results: &Path, worker: &str) -> PathBuf {
    results.join(FOLDER).join(format!("{worker}.json"))
}

/// Whether a file in the folder of sessions has the name of a worker's manifest, `<worker>.json`.
pub(super) fn is_session(path: &Path) -> bool {
    let worker = path.file_name().and_then(|name| name.to_str()).and_then(|name| name.strip_suffix(".json"));
    worker.is_some_and(|worker| worker.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-'))
}

/// The paths of all workers' manifests in the results folder `results`.
pub(super) fn all(results: &Path) -> Result<Vec<PathBuf>> {
    let mut paths = files::entries(&results.join(FOLDER))?;
    paths.retain(|path| is_session(path));
    Ok(paths)
}

/// The paths of the manifests whose workers trained the plan of the results folder `results`. Manifests that an interrupted merge has
/// copied are left out, because the plan of their folder may be larger.
pub(super) fn own(results: &Path) -> Result<Vec<PathBuf>> {
    let mut paths = all(results)?;
    let is_merged = |path: &Path| {
        path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(MERGED.as_bytes()))
    };
    paths.retain(|path| !is_merged(path));
    Ok(paths)
}

/// `manifest` joined with the manifests of all workers in the results folder `results`.
///
/// # Errors
/// Where one is damaged or can't be read.
pub(super) fn joined(manifest: Option<Manifest>, results: &Path) -> Result<Option<Manifest>> {
    let mut joined = manifest;
    for path in all(results)? {
        let session = Manifest::load(&path)?;
        joined = match (joined, session) {
            (Some(joined), Some(session)) => Some(joined.joined(session)),
            (joined, session) => joined.or(session),
        };
    }
    Ok(joined)
}

/// Copies the workers' manifests and the folder's own from the results folder `from` to `to`, under free names.
///
/// # Errors
/// Where one is damaged, before any is copied, or the system refuses.
pub(super) fn copy(from: &Path, to: &Path) -> Result<()> {
    let mut sessions = all(from)?;
    sessions.push(Manifest::path(from));
    // A damaged copy would be in the way of every later command.
    sessions.iter().try_for_each(|session| Manifest::load(session).map(drop))?;
    for session in sessions {
        let Some(bytes) = files::read_if_there(&session)? else { continue };
        let free = files::first_free(|number| path(to, &format!("{MERGED}{number}")));
        atomic::write(&free, &bytes)?;
    }
    Ok(())
}

/// Removes the workers' manifests, which have been joined, from the results folder `results`. Foreign files stay.
///
/// # Errors
/// Where the system refuses.
pub(super) fn remove(results: &Path) -> Result<()> {
    let folder = results.join(FOLDER);
    for path in files::entries(&folder)?.iter().filter(|path| is_session(path)) {
        fs::remove_file(path).map_err(Error::io("remove", path))?;
    }
    // Fails where foreign files remain.
    let _ = fs::remove_dir(folder);
    Ok(())
}
