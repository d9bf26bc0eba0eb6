//! `.local/data.json`: where the data of a results folder are on this machine.
//!
//! Paths of one machine are no part of results: `.local/` has a `.gitignore` for itself, and nothing copies it. Each path is stored twice:
//! relative to the results folder, which may be moved together with the data, and absolute. Data found there are checked by their
//! digest, so an outdated path does no harm.

use crate::atomic;
use crate::error::{Error, Result};
use crate::regular;
use serde::{Deserialize, Serialize};
use std::fs;
use std::path::{Component, Path, PathBuf};

/// The folder in a results folder for files that concern this machine only.
const FOLDER: &str = ".local";

/// Where the data of a results folder are.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DataPlaces {
    /// The file or folder that `data.source` names.
    source: Option<DataPlace>,
    /// The file or folder that `data.held_out` names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    held_out: Option<DataPlace>,
    /// The folders that were searched for known data sets.
    folders: Vec<DataPlace>,
}

/// The paths of a file or folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct DataPlace {
    /// From the results folder; `None` where there is no such path, as between two drives.
    relative: Option<PathBuf>,
    absolute: PathBuf,
}

impl DataPlaces {
    /// The places of the data `source`, of the held-out samples `held_out` and of `folders`, for the results folder `results`. Paths that the system can't resolve are
    /// left out.
    pub fn new<'p>(
        results: &Path,
        source: Option<&Path>,
        held_out: Option<&Path>,
        folders: impl IntoIterator<Item = &'p Path>,
    ) -> Self {
        let Ok(results) = results.canonicalize() else { return Self::default() };
        let place = |path: &Path| {
            let absolute = path.canonicalize().ok()?;
            // JSON can store a path only as text.
            absolute.to_str()?;
            Some(DataPlace { relative: relative(&results, &absolute), absolute })
        };
        Self {
            source: source.and_then(place),
            held_out: held_out.and_then(place),
            folders: folders.into_iter().filter_map(place).collect(),
        }
    }

    /// Reads the places from the results folder `results`; none where the file is missing or can't be read.
    pub fn read(results: &Path) -> Self {
        let bytes = regular::read(&results.join(FOLDER).join("data.json")).unwrap_or_default();
        serde_json::from_slice(&bytes).unwrap_or_default()
    }

    /// Writes the places to the results folder `results`, unless it has the same ones.
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

    /// The paths at which the file or folder of `data.source` may be; `results` is the results folder.
    pub fn sources(&self, results: &Path) -> Vec<PathBuf> {
        self.source.iter().flat_map(|place| place.paths(results)).collect()
    }

    /// The paths at which the file or folder of `data.held_out` may be; `results` is the results folder.
    pub fn held_out(&self, results: &Path) -> Vec<PathBuf> {
        self.held_out.iter().flat_map(|place| place.paths(results)).collect()
    }

    /// The paths at which the folders of known data sets may be; `results` is the results folder.
    pub fn folders(&self, results: &Path) -> Vec<PathBuf> {
        self.folders.iter().flat_map(|place| place.paths(results)).collect()
    }
}

impl DataPlace {
    fn paths(&self, results: &Path) -> impl Iterator<Item = PathBuf> {
        let relative = self.relative.as_ref().map(|relative| results.join(relative));
        relative.into_iter().chain([self.absolute.clone()])
    }
}

/// The path from the folder `from` to `to`, both absolute and without links or `..`.
pub(crate) fn relative(from: &Path, to: &Path) -> Option<PathBuf> {
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
    fn data_are_found_after_moves_with_or_without_the_results() {
        let root = tempfile::tempdir().unwrap();
        let root = root.path().canonicalize().unwrap();
        let (results, data) = (root.join("project/results/x"), root.join("project/data/x.npy"));
        fs::create_dir_all(&results).unwrap();
        fs::create_dir_all(data.parent().unwrap()).unwrap();
        fs::write(&data, "").unwrap();
        assert_eq!(DataPlaces::read(&results), DataPlaces::default());
        let nowhere = root.join("nowhere");
        let folders = [data.parent().unwrap(), &nowhere];
        let places = DataPlaces::new(&results, Some(&data), Some(&data), folders);
        places.write(&results).unwrap();
        assert_eq!(DataPlaces::read(&results), places);
        assert_eq!(fs::read_to_string(results.join(".local/.gitignore")).unwrap(), "*\n");
        assert_eq!(places.sources(&results), [results.join("../../data/x.npy"), data.clone()]);
        assert_eq!(places.held_out(&results), places.sources(&results));
        assert_eq!(places.folders(&results), [results.join("../../data"), root.join("project/data")]);
        // First results and data are moved together, then the results alone.
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
    fn relative_paths_go_up_to_the_shared_folder_and_down() {
        let path = |from: &str, to: &str| relative(Path::new(from), Path::new(to));
        assert_eq!(path("/a/b", "/a/c/d"), Some("../c/d".into()));
        assert_eq!(path("/a/b", "/x"), Some("../../x".into()));
        assert_eq!(path("/a", "/a"), Some(".".into()));
        assert_eq!(path("/a", "/a/b"), Some("b".into()));
    }
}
