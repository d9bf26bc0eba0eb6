//! `.local/data.json`: where the data of a results folder are on this machine.
//!
//! Paths of one machine are no part of results: the folder `.local/` tells git to ignore it, and nothing copies it. Each place is kept
//! as it is seen from the results folder, which may be moved together with the data, and as an absolute path. What is found there is
//! checked by its digest, so that a note that has gone stale does no harm.

use crate::atomic;
use crate::error::{Error, Result};
use crate::regular;
use serde::{Deserialize, Serialize};
use std::fs;
use std::path::{Component, Path, PathBuf};

/// The folder in a results folder whose files are this machine's.
const FOLDER: &str = ".local";

/// Where the data of a results folder are.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DataPlaces {
    /// The file or folder of one's own data.
    source: Option<Place>,
    /// The folders of known data sets.
    folders: Vec<Place>,
}

/// A file or folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Place {
    /// From the results folder; `None` where no path leads there.
    relative: Option<PathBuf>,
    absolute: PathBuf,
}

impl DataPlaces {
    /// The places of one's own data, and those of `folders` that are there, for the results folder `results`. What the system can't
    /// resolve is left out.
    pub fn new<'p>(
        results: &Path,
        source: Option<&Path>,
        folders: impl IntoIterator<Item = &'p Path>,
    ) -> Self {
        let Ok(results) = results.canonicalize() else { return Self::default() };
        let place = |path: &Path| {
            let absolute = path.canonicalize().ok()?;
            // Only text can be kept.
            absolute.to_str()?;
            Some(Place { relative: relative(&results, &absolute), absolute })
        };
        Self { source: source.and_then(place), folders: folders.into_iter().filter_map(place).collect() }
    }

    /// What the results folder `results` has noted; nothing where there is no note, or none that can be read.
    pub fn read(results: &Path) -> Self {
        let bytes = regular::read(&results.join(FOLDER).join("data.json")).unwrap_or_default();
        serde_json::from_slice(&bytes).unwrap_or_default()
    }

    /// Notes them in the results folder `results`, unless that is noted already.
    ///
    /// # Errors
    /// [`Error::Io`] where the system refuses.
    pub fn write(&self, results: &Path) -> Result<()> {
        if Self::read(results) == *self {
            return Ok(());
        }
        let folder = results.join(FOLDER);
        fs::create_dir_all(&folder).map_err(Error::io("create", &folder))?;
        atomic::write(&folder.join(".gitignore"), b"*\n")?;
        let path = folder.join("data.json");
        let text =
            serde_json::to_string_pretty(self).map_err(|error| Error::io("write", &path)(error.into()))?;
        atomic::write(&path, (text + "\n").as_bytes())
    }

    /// The paths at which one's own data may be, seen from the results folder `results`.
    pub fn sources(&self, results: &Path) -> Vec<PathBuf> {
        self.source.iter().flat_map(|place| place.paths(results)).collect()
    }

    /// The paths at which folders of known data sets may be, likewise.
    pub fn folders(&self, results: &Path) -> Vec<PathBuf> {
        self.folders.iter().flat_map(|place| place.paths(results)).collect()
    }
}

impl Place {
    fn paths(&self, results: &Path) -> impl Iterator<Item = PathBuf> {
        let relative = self.relative.as_ref().map(|relative| results.join(relative));
        relative.into_iter().chain([self.absolute.clone()])
    }
}

/// The path from the folder `from` to `to`, both absolute and without links and `..`.
fn relative(from: &Path, to: &Path) -> Option<PathBuf> {
    let shared = from.components().zip(to.components()).take_while(|(a, b)| a == b).count();
    if shared == 0 {
        return None;
    }
    let up = from.components().skip(shared).map(|_| Component::ParentDir);
    let path: PathBuf = up.chain(to.components().skip(shared)).collect();
    Some(if path.as_os_str().is_empty() { PathBuf::from(".") } else { path })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_found_where_they_are_or_where_they_were() {
        let root = tempfile::tempdir().unwrap();
        let root = root.path().canonicalize().unwrap();
        let (results, data) = (root.join("project/results/x"), root.join("project/data/x.npy"));
        fs::create_dir_all(&results).unwrap();
        fs::create_dir_all(data.parent().unwrap()).unwrap();
        fs::write(&data, "").unwrap();
        assert_eq!(DataPlaces::read(&results), DataPlaces::default());
        let nowhere = root.join("nowhere");
        let folders = [data.parent().unwrap(), &nowhere];
        let places = DataPlaces::new(&results, Some(&data), folders);
        places.write(&results).unwrap();
        assert_eq!(DataPlaces::read(&results), places);
        assert_eq!(fs::read_to_string(results.join(".local/.gitignore")).unwrap(), "*\n");
        assert_eq!(places.sources(&results), [results.join("../../data/x.npy"), data.clone()]);
        assert_eq!(places.folders(&results), [results.join("../../data"), root.join("project/data")]);
        // Moved together, and the results alone.
        fs::rename(root.join("project"), root.join("moved")).unwrap();
        let moved = root.join("moved/results/x");
        assert!(DataPlaces::read(&moved).sources(&moved)[0].exists());
        fs::rename(&moved, root.join("x")).unwrap();
        fs::rename(root.join("moved"), root.join("project")).unwrap();
        assert!(DataPlaces::read(&root.join("x")).sources(&root.join("x"))[1].exists());
        fs::write(root.join("x/.local/data.json"), "{").unwrap();
        assert_eq!(DataPlaces::read(&root.join("x")), DataPlaces::default());
        #[cfg(unix)]
        {
            let pipe = root.join("x/.local/data.json");
            fs::remove_file(&pipe).unwrap();
            assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
            assert_eq!(DataPlaces::read(&root.join("x")), DataPlaces::default(), "nobody waits for a pipe");
        }
    }

    #[cfg(unix)]
    #[test]
    fn every_path_leads_from_anywhere() {
        let of = |from: &str, to: &str| relative(Path::new(from), Path::new(to));
        assert_eq!(of("/a/b", "/a/c/d"), Some("../c/d".into()));
        assert_eq!(of("/a/b", "/x"), Some("../../x".into()));
        assert_eq!(of("/a", "/a"), Some(".".into()));
        assert_eq!(of("/a", "/a/b"), Some("b".into()));
    }
}
