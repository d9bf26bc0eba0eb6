//! The data folders in which the data sets' files are searched.
//!
//! The first of these folders that has one of the wanted files is used:
//! 1. `--data-dir`,
//! 2. the environment variable `AESPARSE_DATA`,
//! 3. the config's `data.dir`, relative to the config file,
//! 4. `data/` of the config's project: of the nearest folder above the config file that has one,
//! 5. `data/` of the current directory.
//!
//! This module reads neither the environment nor the command line; the caller hands them in.

use std::path::{Path, PathBuf};

use super::reading::ReadingWatch;
use crate::error::{Error, Result};

/// The environment variable that names the data folder.
pub const ENVIRONMENT: &str = "AESPARSE_DATA";

/// The command-line option that names the data folder.
pub const OPTION: &str = "--data-dir";

/// The origin of the folder that the configuration names.
const CONFIGURED: &str = "data.dir of the config";

/// The origins of folders that the user named.
const NAMED: [&str; 3] = [OPTION, ENVIRONMENT, CONFIGURED];

/// Data folders in the order in which they are searched, and who hears of the reading.
#[derive(Debug, Clone, Default)]
pub struct Locations {
    /// Origin (such as `--data-dir`) and data folder; MNIST's files are in its folder `mnist/`, CIFAR-10's in `cifar10/`.
    pub candidates: Vec<(String, PathBuf)>,
    /// Hears how much of a large file of the user's own has been read; by default nobody.
    pub reading: ReadingWatch,
}

/// The settings from which [`Locations::new`] derives the folders; `None` where the user gave nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Hints<'a> {
    /// The value of `--data-dir`, relative to the current directory.
    pub data_dir: Option<&'a Path>,
    /// The value of [`ENVIRONMENT`]; an empty value counts as `None`.
    pub environment: Option<&'a Path>,
    /// The config file, relative to the current directory.
    pub config_file: Option<&'a Path>,
    /// The config's `data.dir` as the config resolves it, relative to the current directory.
    pub config_dir: Option<&'a Path>,
    /// The current directory, absolute; `None`: leave relative paths as they are.
    pub current_dir: Option<&'a Path>,
}

impl Locations {
    /// The folders for `hints`. Only the config's project is looked up in the file system.
    pub fn new(hints: &Hints<'_>) -> Self {
        let current = hints.current_dir.unwrap_or(Path::new(""));
        let mut locations = Self::default();
        if let Some(dir) = hints.data_dir {
            locations.add(OPTION, current.join(dir));
        }
        if let Some(dir) = hints.environment.filter(|dir| !dir.as_os_str().is_empty()) {
            locations.add(ENVIRONMENT, current.join(dir));
        }
        if let Some(dir) = hints.config_dir {
            locations.add(CONFIGURED, current.join(dir));
        }
        if let Some(file) = hints.config_file {
            let file = current.join(file);
            let folder = file.parent().unwrap_or(Path::new(""));
            if let Some(dir) = project_data(folder) {
                locations.add("data/ of the config's project", dir);
            }
        }
        locations.add("data/ of the current directory", current.join("data"));
        locations
    }

    /// Appends `folder` unless the list already has it.
    pub fn add(&mut self, origin: &str, folder: PathBuf) {
        if self.candidates.iter().all(|(_, other)| *other != folder) {
            self.candidates.push((origin.to_owned(), folder));
        }
    }

    /// The first `folder/` in a data folder that has at least one of the files `names`, plain or with `.gz`.
    ///
    /// # Errors
    /// [`Error::Data`] that lists every folder searched and the files needed.
    pub fn find(&self, folder: &str, names: &[&str]) -> Result<PathBuf> {
        let found = self.first(folder, |dir| names.iter().any(|name| plain_or_gz(dir, name).is_some()));
        found.ok_or_else(|| self.not_found(folder, names))
    }

    /// The first `folder/` in a data folder that `suits`.
    pub(super) fn first(&self, folder: &str, suits: impl Fn(&Path) -> bool) -> Option<PathBuf> {
        self.candidates.iter().map(|(_, dir)| dir.join(folder)).find(|dir| suits(dir))
    }

    /// A message for each folder that the user named and that does not exist.
    pub fn missing(&self) -> impl Iterator<Item = String> {
        let named = self.candidates.iter().filter(|(origin, _)| NAMED.contains(&origin.as_str()));
        named
            .filter(|(_, dir)| !dir.is_dir())
            .map(|(origin, dir)| format!("{origin} {}: there is no such folder", dir.display()))
    }

    /// The folders as error messages list them.
    pub(super) fn places(&self) -> String {
        let places: Vec<String> =
            self.candidates.iter().map(|(origin, dir)| format!("{} ({origin})", dir.display())).collect();
        if places.is_empty() {
            return "no folder at all".to_owned();
        }
        let missing = |(_, dir): &&(String, PathBuf)| !dir.is_dir();
        let missing: Vec<String> =
            self.candidates.iter().filter(missing).map(|(_, dir)| dir.display().to_string()).collect();
        let missing = if missing.is_empty() {
            String::new()
        } else {
            format!("; no such folder: {}", missing.join(", "))
        };
        places.join(", ") + &missing
    }

    fn not_found(&self, folder: &str, names: &[&str]) -> Error {
        let files: Vec<String> = names.iter().map(|name| format!("{folder}/{name}")).collect();
        Error::data(
            Path::new(folder).join(names.first().copied().unwrap_or_default()),
            format!("not found, plain or with .gz, in any data folder; looked in {}", self.places()),
            format!(
                "put {} (or the same with .gz) into one of these folders, or name another with {OPTION} or \
                 {ENVIRONMENT}; `aesparse data list` says how to get them",
                files.join(" and ")
            ),
        )
    }
}

/// `dir/name` if it exists, otherwise `dir/name.gz` if that exists.
pub(super) fn plain_or_gz(dir: &Path, name: &str) -> Option<PathBuf> {
    [dir.join(name), dir.join(format!("{name}.gz"))].into_iter().find(|path| path.exists())
}

/// Like [`plain_or_gz`], but a missing file is an error; `dir` has other files of the data set.
pub(super) fn require_plain_or_gz(dir: &Path, name: &str) -> Result<PathBuf> {
    plain_or_gz(dir, name).ok_or_else(|| {
        Error::data(
            dir.join(name),
            "there is no such file, plain or with .gz, though another file of the data set is there",
            "put the missing file there (data/README.md lists the files, their sizes and digests)",
        )
    })
}

/// Removes the damaged plain file beside the new file `placed` with `.gz`, because readers prefer the plain one.
///
/// # Errors
/// [`Error::Io`] when the system refuses.
pub(crate) fn remove_plain_variant(placed: &Path) -> Result<()> {
    let plain = placed.with_extension("");
    let has_variant = placed.extension().is_some_and(|last| last == "gz")
        && plain.extension().is_none_or(|last| last != "tar");
    if has_variant && plain.is_file() {
        std::fs::remove_file(&plain).map_err(Error::io("remove", &plain))?;
    }
    Ok(())
}

/// The folder `data` in `folder` or in its nearest ancestor that has one.
fn project_data(folder: &Path) -> Option<PathBuf> {
    // The path is resolved first, because `a` is not an ancestor of `a/../b`.
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let folder = folder.canonicalize().ok()?;
    folder.ancestors().map(|dir| dir.join("data")).find(|dir| dir.is_dir())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn order_of_the_places() {
        let root = tempfile::tempdir().unwrap();
        let root = root.path().canonicalize().unwrap();
        fs::create_dir_all(root.join("project/configs/deep")).unwrap();
        fs::create_dir_all(root.join("project/data")).unwrap();
        let locations = Locations::new(&Hints {
            data_dir: Some(Path::new("given")),
            environment: Some(Path::new("/environment")),
            config_file: Some(Path::new("../project/configs/deep/x.toml")),
            config_dir: Some(Path::new("../project/configs/deep/../own")),
            current_dir: Some(&root.join("project")),
        });
        let expected = [
            ("--data-dir", root.join("project/given")),
            ("AESPARSE_DATA", "/environment".into()),
            ("data.dir of the config", root.join("project/../project/configs/deep/../own")),
            // The current directory has the same folder, which is listed once.
            ("data/ of the config's project", root.join("project/data")),
        ];
        assert_eq!(locations.candidates, expected.map(|(origin, dir)| (origin.to_owned(), dir)));
    }

    #[test]
    fn only_the_current_directory() {
        let empty = Path::new("");
        let hints =
            Hints { environment: Some(empty), current_dir: Some(Path::new("/here")), ..Hints::default() };
        let expected = [("data/ of the current directory".to_owned(), PathBuf::from("/here/data"))];
        assert_eq!(Locations::new(&hints).candidates, expected);
    }

    #[test]
    fn first_place_with_a_file_wins() {
        let root = tempfile::tempdir().unwrap();
        let mut locations = Locations::default();
        for name in ["a", "b", "c"] {
            fs::create_dir_all(root.path().join(name).join("set")).unwrap();
            locations.add(name, root.path().join(name));
        }
        let message = locations.find("set", &["one", "two"]).unwrap_err().to_string();
        assert!(message.starts_with("set/one: not found") && message.contains("(a), "), "{message}");
        assert!(!message.contains("no such folder"), "{message}");
        let nowhere = root.path().join("nowhere");
        for origin in ["d", OPTION] {
            let mut locations = locations.clone();
            locations.add(origin, nowhere.clone());
            let message = locations.find("set", &["one"]).unwrap_err().to_string();
            let expected = format!("({origin}); no such folder: {};", nowhere.display());
            assert!(message.contains(&expected), "{message}");
            let expected = format!("--data-dir {}: there is no such folder", nowhere.display());
            let missing: Vec<String> = locations.missing().collect();
            assert_eq!(missing, if origin == OPTION { vec![expected] } else { vec![] });
        }
        fs::write(root.path().join("c/set/one"), "").unwrap();
        assert_eq!(locations.find("set", &["one", "two"]).unwrap(), root.path().join("c/set"));
        fs::write(root.path().join("b/set/two.gz"), "").unwrap();
        assert_eq!(locations.find("set", &["one", "two"]).unwrap(), root.path().join("b/set"));
        assert_eq!(plain_or_gz(&root.path().join("b/set"), "two"), Some(root.path().join("b/set/two.gz")));
    }
}
