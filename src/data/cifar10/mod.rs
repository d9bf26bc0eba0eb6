//! CIFAR-10: 32 × 32 colour images, 50,000 for training and 10,000 for testing, in the official binary layout.
//!
//! ```text
//! a record    1 byte       label, 0 to 9
//!             1024 bytes   red, row by row; then 1024 green and 1024 blue
//! a file      10,000 records one after the other, without a header
//! ```
//!
//! In `<data folder>/cifar10/`, either the folder `cifar-10-batches-bin/` with the six files, plain or with `.gz`, or
//! the archive `cifar-10-binary.tar.gz`, which is read without being unpacked. Length, labels and SHA-256 of each file
//! are verified. Nothing trains on whole images: [`super::patches`] cuts its samples out of them.

mod archive;
mod records;

use std::path::{Path, PathBuf};

use super::digest::agree;
use super::file::DataFile;
use super::locate::{Locations, existing, variant};
use crate::error::{Error, Result};
use records::Records;

/// The folder in the data folder.
pub const FOLDER: &str = "cifar10";

/// The folder of the six files, in [`FOLDER`] and in the archive.
pub const BATCHES: &str = "cifar-10-batches-bin";

/// The archive, in [`FOLDER`].
pub const ARCHIVE: &str = "cifar-10-binary.tar.gz";

/// Width and height of an image.
pub const SIDE: usize = 32;

/// Bytes of an image: three colours.
const IMAGE: usize = 3 * SIDE * SIDE;

/// Bytes of a record: a label and an image.
const RECORD: usize = 1 + IMAGE;

const FIX: &str = "replace it by an intact copy (data/README.md lists the files and their digests)";

/// A file of the data set and what it must hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KnownFile {
    /// The name without `.gz`.
    pub name: &'static str,
    /// Number of records.
    pub records: usize,
    /// SHA-256 of the decompressed file.
    pub sha256: &'static str,
}

/// The six files: five with training images, and the test images.
pub const FILES: [KnownFile; 6] = [
    known("data_batch_1.bin", "cee916563c9f80d84e3cc88e17fdc0941787f1244f00a67874d45b261883ada5"),
    known("data_batch_2.bin", "a591ca11fa1708a91ee40f54b3da4784ccd871ecf2137de63f51ada8b3fa57ed"),
    known("data_batch_3.bin", "bbe8596564c0f86427f876058170b84dac6670ddf06d79402899d93ceea26f67"),
    known("data_batch_4.bin", "014e562d6e23c72197cc727519169a60359f5eccd8945ad5a09d710285ff4e48"),
    known("data_batch_5.bin", "755304fc0b379caeae8c14f0dac912fbc7d6cd469eb67a1029a08a39453a9add"),
    known("test_batch.bin", "8e2eb146ae340b09e24670f29cabc6326dba54da8789dab6768acf480273f65b"),
];

/// Images in each file; fuzzing makes its own.
const RECORDS: usize = if cfg!(fuzzing) { 2 } else { 10_000 };

const fn known(name: &'static str, sha256: &'static str) -> KnownFile {
    KnownFile { name, records: RECORDS, sha256 }
}

/// All images in memory, 184 MB.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cifar10 {
    /// The images one after the other, each \[3, 32, 32\]: colour, row, column.
    pixels: Vec<u8>,
    /// Number of training images; they come first.
    training: usize,
}

/// The images of one part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Images<'a>(&'a [[u8; IMAGE]]);

impl Cifar10 {
    /// Finds the images in the first data folder that has some, reads them, and says in which folder they are.
    ///
    /// # Errors
    /// [`Error::Data`] when they are nowhere, or a file is missing, damaged or not the known one; [`Error::Io`] when
    /// the system refuses to read it.
    pub fn load(locations: &Locations) -> Result<(Self, PathBuf)> {
        let dir = folder(locations)?;
        Ok((Self::read(&dir)?, dir))
    }

    /// Reads the images in `dir`, which holds [`BATCHES`] or [`ARCHIVE`].
    ///
    /// # Errors
    /// As for [`Self::load`].
    pub fn read(dir: &Path) -> Result<Self> {
        Self::read_known(dir, &FILES)
    }

    /// `files` are the known ones; the last one has the test images.
    fn read_known(dir: &Path, files: &[KnownFile]) -> Result<Self> {
        let counts: Vec<usize> = files.iter().map(|file| file.records).collect();
        let total: usize = counts.iter().sum();
        let mut pixels = Vec::new();
        pixels.try_reserve_exact(total * IMAGE).map_err(|_| {
            Error::data(dir, format!("no memory for {total} images of {IMAGE} bytes"), "free memory")
        })?;
        pixels.resize(total * IMAGE, 0);
        // Where the next bytes of each file go; an archive may have them in any order.
        let mut places: Vec<usize> =
            (0..files.len()).map(|file| counts[..file].iter().sum::<usize>() * IMAGE).collect();
        read_files(dir, files, &mut |file, piece| {
            let place = places[file];
            pixels[place..place + piece.len()].copy_from_slice(piece);
            places[file] += piece.len();
        })?;
        let test = counts.last().copied().unwrap_or_default();
        Ok(Self { pixels, training: total - test })
    }

    /// The 50,000 training images, in the order of the files.
    pub fn training(&self) -> Images<'_> {
        Images(&self.images()[..self.training])
    }

    /// The 10,000 test images.
    pub fn test(&self) -> Images<'_> {
        Images(&self.images()[self.training..])
    }

    /// Images made of a function of image, row and column, for tests.
    #[cfg(test)]
    pub(super) fn of_pixels(
        training: usize,
        test: usize,
        pixel: impl Fn(usize, usize, usize) -> [u8; 3],
    ) -> Self {
        let mut pixels = vec![0; (training + test) * IMAGE];
        for place in 0..(training + test) * SIDE * SIDE {
            let (image, row, column) = (place / (SIDE * SIDE), place / SIDE % SIDE, place % SIDE);
            for (colour, value) in pixel(image, row, column).into_iter().enumerate() {
                pixels[((image * 3 + colour) * SIDE + row) * SIDE + column] = value;
            }
        }
        Self { pixels, training }
    }

    fn images(&self) -> &[[u8; IMAGE]] {
        self.pixels.as_chunks().0
    }
}

impl Images<'_> {
    /// Number of images.
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// Red, green and blue of the pixel in row `row`, column `column` of image `image`, all from 0.
    ///
    /// # Panics
    /// If there is no such image, row or column.
    pub fn pixel(&self, image: usize, row: usize, column: usize) -> [u8; 3] {
        assert!(row < SIDE && column < SIDE, "an image has {SIDE} rows and columns");
        [0, 1, 2].map(|colour| self.0[image][(colour * SIDE + row) * SIDE + column])
    }
}

/// What takes the pixels: number of the file in the list, and some bytes of its images, in order.
type Keep<'a> = &'a mut dyn FnMut(usize, &[u8]);

/// The folder `cifar10/` of the first data folder that has images.
fn folder(locations: &Locations) -> Result<PathBuf> {
    let has_images = |dir: &Path| dir.join(BATCHES).exists() || dir.join(ARCHIVE).exists();
    locations.first(FOLDER, has_images).ok_or_else(|| {
        Error::data(
            Path::new(FOLDER).join(BATCHES),
            format!(
                "not found, nor {FOLDER}/{ARCHIVE}, in any data folder; looked in {}",
                locations.places()
            ),
            format!(
                "put CIFAR-10's binary version, the folder or the archive, into one of these folders \
                 (data/README.md says where it comes from), or name another with --data-dir or {}",
                super::locate::ENVIRONMENT
            ),
        )
    })
}

/// Reads and checks all `files` in `dir`: from the archive where the folder lacks one, otherwise from the folder.
fn read_files(dir: &Path, files: &[KnownFile], keep: Keep<'_>) -> Result<()> {
    let (batches, packed) = (dir.join(BATCHES), dir.join(ARCHIVE));
    let whole = files.iter().all(|file| variant(&batches, file.name).is_some());
    if !whole && packed.exists() {
        return archive::read(&packed, files, keep);
    }
    for (number, known) in files.iter().enumerate() {
        read_file(&existing(&batches, known.name)?, known, |piece| keep(number, piece))?;
    }
    Ok(())
}

/// Reads and checks one file, plain or gzip; `keep` takes the images' bytes.
fn read_file(path: &Path, known: &KnownFile, mut keep: impl FnMut(&[u8])) -> Result<()> {
    let file = DataFile::open(path, FIX)?;
    records::check_start(&file, known)?;
    let mut records = Records::default();
    let sha256 = file.body(known.size(), &known.declared(), |piece| {
        records.split(piece, &mut keep).map_err(|problem| Error::data(path, problem, FIX))
    })?;
    check_digest(path, "", &sha256, known)
}

/// Checks every byte of the file at `path`.
pub(super) fn check(path: &Path, known: &KnownFile) -> Result<()> {
    read_file(path, known, |_| {})
}

/// Checks the first label and, of a plain file, the length.
pub(super) fn glance(path: &Path, known: &KnownFile) -> Result<()> {
    let file = DataFile::open(path, FIX)?;
    records::check_start(&file, known)?;
    Records::default().split(file.head(), |_| {}).map_err(|problem| file.damaged(problem))?;
    file.check_size(known.size(), &known.declared())
}

/// Checks every byte of the files in the archive at `path`.
pub(super) fn check_archive(path: &Path) -> Result<()> {
    archive::read(path, &FILES, &mut |_, _| {})
}

/// `inside` names the file in an archive.
fn check_digest(path: &Path, inside: &str, sha256: &str, known: &KnownFile) -> Result<()> {
    if agree(sha256, known.sha256) {
        return Ok(());
    }
    let problem =
        format!("{inside}has the wrong contents: its SHA-256 is {sha256}, expected {}", known.sha256);
    Err(Error::data(path, problem, FIX))
}

impl KnownFile {
    /// Bytes of the decompressed file.
    pub fn size(&self) -> u64 {
        (self.records * RECORD) as u64
    }

    /// What promises the size, for messages.
    fn declared(&self) -> String {
        format!("{} has {} records of {RECORD} bytes", self.name, self.records)
    }

    /// The digest of `bytes` that are this file's, for tests of the layout with few records.
    #[cfg(test)]
    fn of(name: &'static str, bytes: &[u8]) -> Self {
        let sha256: &'static str = Box::leak(super::digest::sha256(bytes).into_boxed_str());
        Self { name, records: bytes.len() / RECORD, sha256 }
    }
}

#[cfg(test)]
mod tests;
