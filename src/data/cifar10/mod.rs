//! CIFAR-10: 32 × 32 colour images, 50,000 for training and 10,000 for testing, in the official binary layout.
//!
//! ```text
//! a record    1 byte       label, 0 to 9
//!             1024 bytes   red, row by row; then 1024 green and 1024 blue
//! a file      10,000 records one after the other, without a header
//! ```
//!
//! `<data folder>/cifar10/` holds either the folder `cifar-10-batches-bin/` with the six files, plain or with `.gz`, or
//! the archive `cifar-10-binary.tar.gz`, which is read without being unpacked. Length, labels and SHA-256 of each file
//! are verified. No run trains on whole images: [`super::patches`] cuts its samples out of them.

mod archive;
mod records;

use std::path::{Path, PathBuf};

use super::KnownFile;
use super::file::DataFile;
use super::locate::{Locations, plain_or_gz, require_plain_or_gz};
use crate::error::{Error, Result};
use records::RecordSplitter;

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
    KnownFile { name, shape: &[RECORDS, RECORD], sha256 }
}

/// All images in memory: 184 MB.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cifar10 {
    /// The images one after the other, each \[3, 32, 32\]: colour, row, column.
    pixels: Vec<u8>,
    /// Number of training images; they come first.
    training: usize,
}

/// The training images or the test images.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Images<'a>(&'a [[u8; IMAGE]]);

impl Cifar10 {
    /// Reads the images of the first data folder that has some; also returns the folder `cifar10/` they were read from.
    ///
    /// # Errors
    /// [`Error::Data`] when no data folder has images, or a file is missing, damaged or not the known one; [`Error::Io`] when
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

    /// Reads `files`, the last of which has the test images.
    fn read_known(dir: &Path, files: &[KnownFile]) -> Result<Self> {
        let counts: Vec<usize> = files.iter().map(KnownFile::samples).collect();
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

    /// Images with the given `pixel` of image, row and column, for tests.
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

/// Receives the images' bytes in order: index of the file in the list, and the next bytes.
type ImageSink<'a> = &'a mut dyn FnMut(usize, &[u8]);

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

/// Reads and checks all `files` in `dir`: from the archive if the folder lacks one of them, otherwise from the folder.
fn read_files(dir: &Path, files: &[KnownFile], sink: ImageSink<'_>) -> Result<()> {
    let (batches, packed) = (dir.join(BATCHES), dir.join(ARCHIVE));
    let whole = files.iter().all(|file| plain_or_gz(&batches, file.name).is_some());
    if !whole && packed.exists() {
        return archive::read(&packed, files, sink);
    }
    for (number, known) in files.iter().enumerate() {
        read_file(&require_plain_or_gz(&batches, known.name)?, known, |piece| sink(number, piece))?;
    }
    Ok(())
}

/// Reads and checks one file, plain or gzip; `sink` receives the images' bytes.
fn read_file(path: &Path, known: &KnownFile, mut sink: impl FnMut(&[u8])) -> Result<()> {
    let file = DataFile::open(path, FIX)?;
    records::check_start(&file, known)?;
    let mut splitter = RecordSplitter::default();
    let sha256 = file.body(known.size(), &declared(known), |piece| {
        splitter.split(piece, &mut sink).map_err(|problem| Error::data(path, problem, FIX))
    })?;
    known.check_digest(path, "", &sha256, FIX)
}

/// The phrase that states the file's size in messages.
fn declared(known: &KnownFile) -> String {
    format!("{} has {} records of {RECORD} bytes", known.name, known.samples())
}

/// Checks every byte of the file at `path`.
pub(super) fn check(path: &Path, known: &KnownFile) -> Result<()> {
    read_file(path, known, |_| {})
}

/// Checks the first label and, for a plain file, the length.
pub(super) fn quick_check(path: &Path, known: &KnownFile) -> Result<()> {
    let file = DataFile::open(path, FIX)?;
    records::check_start(&file, known)?;
    RecordSplitter::default().split(file.head(), |_| {}).map_err(|problem| file.damaged(problem))?;
    file.check_size(known.size(), &declared(known))
}

/// Checks every byte of the files in the archive at `path`.
pub(super) fn check_archive(path: &Path) -> Result<()> {
    archive::read(path, &FILES, &mut |_, _| {})
}

#[cfg(test)]
mod tests;
