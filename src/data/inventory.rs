//! What is there of the data sets that the program knows, and whether it is intact.

use std::path::{Path, PathBuf};

use super::cifar10::{self, ARCHIVE, BATCHES};
use super::locate::{Locations, variant};
use super::{mnist, patches};
use crate::error::{Error, Result};

/// A data set that the program knows.
#[derive(Debug, PartialEq, Eq)]
pub struct Set {
    /// The name on the command line.
    pub name: &'static str,
    /// What it is.
    pub what: &'static str,
    /// Where it comes from.
    pub origin: &'static str,
    /// Under which terms.
    pub licence: &'static str,
    /// How to get it where it is missing.
    pub remedy: &'static str,
    kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Mnist,
    Patches,
    Images,
}

/// The known data sets.
pub const SETS: [Set; 3] = [
    Set {
        name: "mnist",
        what: "handwritten digits, 28 × 28 grey values, 60,000 + 10,000 images with labels",
        origin: "LeCun, Cortes and Burges",
        licence: "CC BY-SA 3.0",
        remedy: "aesparse data fetch mnist",
        kind: Kind::Mnist,
    },
    Set {
        name: "cifar10_patches",
        what: "8 × 8 colour patches of CIFAR-10's images, 50,000 + 10,000",
        origin: "Krizhevsky 2009, Learning Multiple Layers of Features from Tiny Images",
        licence: "none stated; cite the report",
        remedy: "aesparse data fetch cifar10, then aesparse data patches",
        kind: Kind::Patches,
    },
    Set {
        name: "cifar10",
        what: "natural images, 32 × 32 colour, 50,000 + 10,000; only patches are cut out of them",
        origin: "Krizhevsky 2009, Learning Multiple Layers of Features from Tiny Images",
        licence: "none stated; cite the report",
        remedy: "aesparse data fetch cifar10",
        kind: Kind::Images,
    },
];

/// A file of a data set.
#[derive(Debug)]
pub struct Item {
    /// Its place in a data folder, without `.gz`, as in `mnist/train-images-idx3-ubyte`.
    pub name: String,
    /// The file and its size on disk, where there is one.
    pub file: Option<(PathBuf, u64)>,
    /// What is wrong with it, where it is there.
    pub damage: Option<Error>,
}

impl Item {
    /// Whether the file is there and nothing is wrong with it.
    pub fn sound(&self) -> bool {
        self.file.is_some() && self.damage.is_none()
    }
}

impl Set {
    /// The set's files in the first data folder that has one of them, every byte checked; all of them missing where none has.
    pub fn items(&self, locations: &Locations) -> Vec<Item> {
        let dir =
            locations.first(self.folder(), |dir| self.files().iter().any(|file| file.path(dir).is_some()));
        self.items_in(dir.as_deref())
    }

    /// The set's files in `dir`, its own folder in a data folder.
    fn items_in(&self, dir: Option<&Path>) -> Vec<Item> {
        let item = |file: &File| {
            let path = dir.and_then(|dir| file.path(dir));
            let damage = path.as_ref().and_then(|path| file.check(path).err());
            let size = |path: &PathBuf| path.metadata().map_or(0, |metadata| metadata.len());
            let name = format!("{}/{}", self.folder(), file.name());
            Item { name, file: path.map(|path| (path.clone(), size(&path))), damage }
        };
        let mut items: Vec<Item> = self.files().iter().map(item).collect();
        // Folder and archive stand in for each other: of the one that isn't there, nothing is missing.
        if self.kind == Kind::Images {
            let is_archive = |item: &Item| item.name.ends_with(ARCHIVE);
            let there = |archive| items.iter().any(|item| item.file.is_some() && is_archive(item) == archive);
            let (folder, archive) = (there(false), there(true));
            let missed = |item: &Item| if is_archive(item) { !folder } else { folder && !archive };
            items.retain(|item| item.file.is_some() || missed(item));
        }
        items
    }

    /// Whether the program can work with what is there, `items` being the set's files.
    pub fn usable(&self, items: &[Item]) -> bool {
        let sound = |name: &str| items.iter().any(|item| item.sound() && item.name.ends_with(name));
        match self.kind {
            // The labels aren't used.
            Kind::Mnist => mnist::FILES[..2].iter().all(|known| sound(known.name)),
            Kind::Patches => patches::FILES.iter().all(|known| sound(known.name)),
            Kind::Images => {
                let whole = cifar10::FILES.iter().all(|known| {
                    items.iter().any(|item| item.name.ends_with(known.name) && item.file.is_some())
                });
                // As the reader does: the archive only where the folder lacks a file.
                if whole { cifar10::FILES.iter().all(|known| sound(known.name)) } else { sound(ARCHIVE) }
            }
        }
    }

    fn folder(&self) -> &'static str {
        match self.kind {
            Kind::Mnist => mnist::FOLDER,
            Kind::Patches | Kind::Images => cifar10::FOLDER,
        }
    }

    fn files(&self) -> Vec<File> {
        match self.kind {
            Kind::Mnist => mnist::FILES.iter().map(File::Mnist).collect(),
            Kind::Patches => patches::FILES.iter().map(File::Patches).collect(),
            Kind::Images => cifar10::FILES.iter().map(File::Batch).chain([File::Archive]).collect(),
        }
    }
}

/// A file that the program knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum File {
    Mnist(&'static mnist::KnownFile),
    Patches(&'static patches::KnownFile),
    Batch(&'static cifar10::KnownFile),
    Archive,
}

impl File {
    /// All known files.
    pub(super) fn all() -> impl Iterator<Item = Self> {
        SETS.iter().flat_map(Set::files)
    }

    /// The file's place in its set's folder, without `.gz`; the archive's is whole.
    pub(super) fn name(self) -> String {
        match self {
            Self::Mnist(known) => known.name.to_owned(),
            Self::Patches(known) => known.name.to_owned(),
            Self::Batch(known) => format!("{BATCHES}/{}", known.name),
            Self::Archive => ARCHIVE.to_owned(),
        }
    }

    /// The set's folder in a data folder.
    pub(super) fn folder(self) -> &'static str {
        if matches!(self, Self::Mnist(_)) { mnist::FOLDER } else { cifar10::FOLDER }
    }

    /// The file in the set's folder `dir`, plain or with `.gz`, whichever a reader would take.
    pub(super) fn path(self, dir: &Path) -> Option<PathBuf> {
        match self {
            Self::Archive => Some(dir.join(ARCHIVE)).filter(|path| path.exists()),
            _ => variant(dir, &self.name()),
        }
    }

    /// SHA-256 of the decompressed file; the archive has none, for it is known by what is in it.
    pub(super) fn sha256(self) -> Option<&'static str> {
        match self {
            Self::Mnist(known) => Some(known.sha256),
            Self::Patches(known) => Some(known.sha256),
            Self::Batch(known) => Some(known.sha256),
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

/// Whether the known file `name` of the set's folder `folder` is intact in the data folder `data`, plain or with
/// `.gz`.
pub fn intact(data: &Path, folder: &str, name: &str) -> bool {
    let name = name.strip_suffix(".gz").filter(|_| name != ARCHIVE).unwrap_or(name);
    let file = File::all().find(|file| file.folder() == folder && file.name() == name);
    let path = file.and_then(|file| Some((file, file.path(&data.join(folder))?)));
    path.is_some_and(|(file, path)| file.check(&path).is_ok())
}
