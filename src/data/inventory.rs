//! The data sets that the program knows: which of their files are present and intact.

use std::path::{Path, PathBuf};

use super::cifar10::{self, ARCHIVE, BATCHES};
use super::locate::{Locations, plain_or_gz};
use super::{KnownFile, mnist, patches};
use crate::error::{Error, Result};

/// A data set that the program knows.
#[derive(Debug, PartialEq, Eq)]
pub struct KnownSet {
    /// The name on the command line.
    pub name: &'static str,
    /// A description in one line.
    pub what: &'static str,
    /// Its authors.
    pub origin: &'static str,
    /// Its terms of use.
    pub licence: &'static str,
    /// The commands that get it.
    pub remedy: &'static str,
    id: SetId,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum SetId {
    Mnist,
    Cifar10Patches,
    Cifar10,
}

/// The known data sets.
pub const SETS: [KnownSet; 3] = [
    KnownSet {
        name: "mnist",
        what: "handwritten digits, 28 × 28 grey values, 60,000 + 10,000 images with labels",
        origin: "LeCun, Cortes and Burges",
        licence: "CC BY-SA 3.0",
        remedy: "aesparse data fetch mnist",
        id: SetId::Mnist,
    },
    KnownSet {
        name: "cifar10_patches",
        what: "8 × 8 colour patches of CIFAR-10's images, 50,000 + 10,000",
        origin: "Krizhevsky 2009, Learning Multiple Layers of Features from Tiny Images",
        licence: "none stated; cite the report",
        remedy: "aesparse data fetch cifar10, then aesparse data patches",
        id: SetId::Cifar10Patches,
    },
    KnownSet {
        name: "cifar10",
        what: "natural images, 32 × 32 colour, 50,000 + 10,000; only patches are cut out of them",
        origin: "Krizhevsky 2009, Learning Multiple Layers of Features from Tiny Images",
        licence: "none stated; cite the report",
        remedy: "aesparse data fetch cifar10",
        id: SetId::Cifar10,
    },
];

/// State of a known data set's file: whether it is present and intact.
#[derive(Debug)]
pub struct FileState {
    /// Its path in a data folder, without `.gz`, as in `mnist/train-images-idx3-ubyte`.
    pub name: String,
    /// The path and the size on disk in bytes; `None` if the file is missing.
    pub found: Option<(PathBuf, u64)>,
    /// The first problem found in the file.
    pub damage: Option<Error>,
}

impl FileState {
    /// Whether the file is present and has no damage.
    pub fn is_intact(&self) -> bool {
        self.found.is_some() && self.damage.is_none()
    }
}

impl KnownSet {
    /// Checks every byte of the set's files in the first data folder that has one of them. Without such a folder all files are
    /// missing.
    pub fn check_files(&self, locations: &Locations) -> Vec<FileState> {
        let dir =
            locations.first(self.folder(), |dir| self.files().iter().any(|file| file.path(dir).is_some()));
        self.check_files_in(dir.as_deref())
    }

    /// Checks the set's files in `dir`, the set's folder in a data folder.
    fn check_files_in(&self, dir: Option<&Path>) -> Vec<FileState> {
        let check = |file: &SetFile| {
            let path = dir.and_then(|dir| file.path(dir));
            let damage = path.as_ref().and_then(|path| file.check(path).err());
            let size = |path: &PathBuf| path.metadata().map_or(0, |metadata| metadata.len());
            let name = format!("{}/{}", self.folder(), file.name());
            FileState { name, found: path.map(|path| (path.clone(), size(&path))), damage }
        };
        let mut files: Vec<FileState> = self.files().iter().map(check).collect();
        // Either the archive or the folder's files suffice: a missing file is listed only if it is needed.
        if self.id == SetId::Cifar10 {
            let is_archive = |file: &FileState| file.name.ends_with(ARCHIVE);
            let has = |archive| files.iter().any(|file| file.found.is_some() && is_archive(file) == archive);
            let (has_folder, has_archive) = (has(false), has(true));
            let is_needed = |file: &FileState| {
                if is_archive(file) { !has_folder } else { has_folder && !has_archive }
            };
            files.retain(|file| file.found.is_some() || is_needed(file));
        }
        files
    }

    /// Whether the program can use the set; `files` are the states of its files.
    pub fn is_usable(&self, files: &[FileState]) -> bool {
        let is_intact = |name: &str| files.iter().any(|file| file.is_intact() && file.name.ends_with(name));
        match self.id {
            // The labels aren't used.
            SetId::Mnist => mnist::FILES[..2].iter().all(|known| is_intact(known.name)),
            SetId::Cifar10Patches => patches::FILES.iter().all(|known| is_intact(known.name)),
            SetId::Cifar10 => {
                let is_present =
                    |name: &str| files.iter().any(|file| file.name.ends_with(name) && file.found.is_some());
                // The reader, too, takes the archive only if the folder lacks a file.
                if cifar10::FILES.iter().all(|known| is_present(known.name)) {
                    cifar10::FILES.iter().all(|known| is_intact(known.name))
                } else {
                    is_intact(ARCHIVE)
                }
            }
        }
    }

    fn folder(&self) -> &'static str {
        match self.id {
            SetId::Mnist => mnist::FOLDER,
            SetId::Cifar10Patches | SetId::Cifar10 => cifar10::FOLDER,
        }
    }

    fn files(&self) -> Vec<SetFile> {
        match self.id {
            SetId::Mnist => mnist::FILES.iter().map(SetFile::Mnist).collect(),
            SetId::Cifar10Patches => patches::FILES.iter().map(SetFile::Patches).collect(),
            SetId::Cifar10 => cifar10::FILES.iter().map(SetFile::Batch).chain([SetFile::Archive]).collect(),
        }
    }
}

/// A file of a known data set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SetFile {
    Mnist(&'static KnownFile),
    Patches(&'static KnownFile),
    Batch(&'static KnownFile),
    Archive,
}

impl SetFile {
    /// The files of all known data sets.
    pub(super) fn all() -> impl Iterator<Item = Self> {
        SETS.iter().flat_map(KnownSet::files)
    }

    /// The file's path in its set's folder, without `.gz`; the archive's name is complete.
    pub(super) fn name(self) -> String {
        match self {
            Self::Mnist(known) | Self::Patches(known) => known.name.to_owned(),
            Self::Batch(known) => format!("{BATCHES}/{}", known.name),
            Self::Archive => ARCHIVE.to_owned(),
        }
    }

    /// The set's folder in a data folder.
    pub(super) fn folder(self) -> &'static str {
        if matches!(self, Self::Mnist(_)) { mnist::FOLDER } else { cifar10::FOLDER }
    }

    /// The path in the set's folder `dir`, plain or with `.gz`, as a reader would choose it; `None` if the file is missing.
    pub(super) fn path(self, dir: &Path) -> Option<PathBuf> {
        match self {
            Self::Archive => Some(dir.join(ARCHIVE)).filter(|path| path.exists()),
            _ => plain_or_gz(dir, &self.name()),
        }
    }

    /// SHA-256 of the decompressed file; `None` for the archive, because only the files in it are known.
    pub(super) fn sha256(self) -> Option<&'static str> {
        match self {
            Self::Mnist(known) | Self::Patches(known) | Self::Batch(known) => Some(known.sha256),
            Self::Archive => None,
        }
    }

    /// Checks every byte of the file at `path`.
    pub(super) fn check(self, path: &Path) -> Result<()> {
        match self {
            Self::Mnist(known) => mnist::check(path, known),
            Self::Patches(known) => patches::check(path, known),
            Self::Batch(known) => cifar10::check(path, known),
            Self::Archive => cifar10::check_archive(path),
        }
    }
}

/// Whether the known file `folder/name` is intact in the data folder `data`, plain or with `.gz`.
pub fn is_intact(data: &Path, folder: &str, name: &str) -> bool {
    let name = name.strip_suffix(".gz").filter(|_| name != ARCHIVE).unwrap_or(name);
    let file = SetFile::all().find(|file| file.folder() == folder && file.name() == name);
    let path = file.and_then(|file| Some((file, file.path(&data.join(folder))?)));
    path.is_some_and(|(file, path)| file.check(&path).is_ok())
}
