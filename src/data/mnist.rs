//! MNIST: 28 × 28 grey values, 60,000 training and 10,000 test images.
//!
//! The files are `<data folder>/mnist/{train,t10k}-images-idx3-ubyte`, plain or with `.gz`; each is verified by the SHA-256
//! of its decompressed bytes. Pixels are divided by 255, row-major, n = 784. The labels are not used for training; [`FILES`] has them,
//! because `aesparse data verify` checks them, too.

use std::path::Path;

use ndarray::Array2;

use super::idx::{self, IdxKind};
use super::locate::{Locations, require_plain_or_gz};
use super::raw::{Raw, SampleMatrix, Stored};
use super::{KnownFile, size};
use crate::error::Result;

/// Number of training samples of the paper's protocol: the first 50,000 training images.
pub const PAPER_SAMPLES: usize = 50_000;

/// The folder in the data folder.
pub const FOLDER: &str = "mnist";

const FIX: &str = "replace it by an intact copy, or use other images through a .npy file";

const TRAIN: KnownFile = KnownFile {
    name: "train-images-idx3-ubyte",
    shape: &[60_000, 28, 28],
    sha256: "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
};

const TEST: KnownFile = KnownFile {
    name: "t10k-images-idx3-ubyte",
    shape: &[10_000, 28, 28],
    sha256: "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
};

/// All four files of the data set.
pub const FILES: [KnownFile; 4] = [
    TRAIN,
    TEST,
    KnownFile {
        name: "train-labels-idx1-ubyte",
        shape: &[60_000],
        sha256: "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    },
    KnownFile {
        name: "t10k-labels-idx1-ubyte",
        shape: &[10_000],
        sha256: "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
    },
];

/// The first `samples` training images (`None`: all) and all test images, not standardised.
pub(super) fn load(samples: Option<usize>, locations: &Locations) -> Result<Raw> {
    let dir = locations.find(FOLDER, &[TRAIN.name, TEST.name])?;
    let path = require_plain_or_gz(&dir, TRAIN.name)?;
    let available = TRAIN.samples();
    let count = super::count(&path, samples, available)?;
    let (train, sha256) = images(&path, &TRAIN, count)?;
    let (held_out, _) = images(&require_plain_or_gz(&dir, TEST.name)?, &TEST, TEST.samples())?;
    let (train, held_out) = (SampleMatrix::Single(train), Some(SampleMatrix::Single(held_out)));
    Ok(Raw { held_out, ..Raw::new("mnist".to_owned(), sha256, available, train, Stored::Bytes) })
}

/// Checks every byte of the file at `path`.
pub(super) fn check(path: &Path, known: &KnownFile) -> Result<()> {
    read(path, known, |_| {}).map(|_| ())
}

/// Hands the file's values to `sink`, verifies everything and returns the digest.
fn read(path: &Path, known: &KnownFile, sink: impl FnMut(&[u8])) -> Result<String> {
    let kind = if known.shape.len() == 1 { IdxKind::Labels } else { IdxKind::Images };
    let reader = idx::open(path, kind)?;
    reader.check_shape(known.shape)?;
    let sha256 = reader.read_values(sink)?;
    known.check_digest(path, "", &sha256, FIX)?;
    Ok(sha256)
}

/// The first `count` images, \[count, 784\] in \[0, 1\], and the digest of the whole file.
fn images(path: &Path, known: &KnownFile, count: usize) -> Result<(Array2<f32>, String)> {
    let inputs = known.shape[1..].iter().product();
    let mut values = size::reserve(path, count, inputs)?;
    let wanted = count * inputs;
    let sha256 = read(path, known, |piece| {
        let missing = (wanted - values.len()).min(piece.len());
        values.extend(piece[..missing].iter().map(|&pixel| f32::from(pixel) / 255.0));
    })?;
    Ok((super::matrix(count, inputs, values), sha256))
}
