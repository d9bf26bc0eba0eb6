//! 8 × 8 colour patches of CIFAR-10's images: the samples of the paper's experiments on natural images.
//!
//! **The rule.** For each patch, draw the source image uniformly with replacement, then the upper row of the patch, then
//! its left column, each uniformly from 0 to 24. Training patches come from the 50,000 training images and test patches
//! from the 10,000 test images; each split has its own random stream of the seed. A patch is 192 bytes: its pixels row by
//! row, red, green and blue of a pixel side by side.
//!
//! The program reads the committed files [`FILES`], which were drawn with seed 1. They don't depend on the replicate's seed:
//! every replicate trains on the same samples. Values are divided by 255, n = 192.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use flate2::{Compression, GzBuilder};
use rand::Rng as _;
use serde::Serialize;

use super::cifar10::{self, Cifar10, FOLDER, Images};
use super::digest::sha256;
use super::file::DataFile;
use super::locate::{Locations, plain_or_gz, require_plain_or_gz};
use super::npy_header::file_of_bytes;
use super::raw::Raw;
use super::{KnownFile, npy};
use crate::atomic;
use crate::error::{Error, Result};
use crate::random::patches_stream;

/// Rows and columns of a patch.
pub const SIDE: usize = 8;

/// n, the number of values of a patch.
pub const INPUTS: usize = 3 * SIDE * SIDE;

/// The seed of the committed patches.
pub const SEED: u64 = 1;

/// Name of the file beside the patches that says how they were made.
pub const PROVENANCE: &str = "patches-8x8.json";

const FIX: &str = "restore the committed file, or use other patches through a .npy source: \
                   data.source = { kind = \"npy\", path = … }";

const RULE: &str = "for each patch draw the image uniformly with replacement, then the upper row, then the left column \
                    (0 to 24); 192 bytes a patch: pixels row by row, red, green and blue of a pixel side by side";

/// The committed patches in the folder `cifar10/`: of the training images, and of the test images.
pub const FILES: [KnownFile; 2] = [
    KnownFile {
        name: "patches-8x8-train.npy",
        shape: &[50_000, INPUTS],
        sha256: "dae83ed4aad76f66bd033f46afe7b909d92a19f5686d7a1476906fdb220b4649",
    },
    KnownFile {
        name: "patches-8x8-test.npy",
        shape: &[10_000, INPUTS],
        sha256: "3c61117c4cdf4f9f721ad7bee325fb409f9c04bc876b208de4b677cd6c0d899b",
    },
];

/// The first `samples` training patches (`None`: all) and all test patches, not standardised.
pub(super) fn load(samples: Option<usize>, locations: &Locations) -> Result<Raw> {
    let [train, test] = &FILES;
    let dir = locations.find(FOLDER, &[train.name, test.name])?;
    let held_out = Some(read(&require_plain_or_gz(&dir, test.name)?, test, None)?.train);
    Ok(Raw {
        name: "cifar10".to_owned(),
        held_out,
        ..read(&require_plain_or_gz(&dir, train.name)?, train, samples)?
    })
}

fn read(path: &Path, known: &KnownFile, samples: Option<usize>) -> Result<Raw> {
    let raw = npy::load_bytes(path, (known.samples(), INPUTS), samples, FIX)?;
    known.check_digest(path, "", &raw.sha256, FIX)?;
    Ok(raw)
}

/// Checks every byte of the file at `path`.
pub(super) fn check(path: &Path, known: &KnownFile) -> Result<()> {
    read(path, known, Some(1)).map(|_| ())
}

/// Checks the header and, for a plain file, the length.
pub(super) fn quick_check(path: &Path, known: &KnownFile) -> Result<()> {
    npy::quick_check_bytes(path, (known.samples(), INPUTS), FIX)
}

/// The images that patches are drawn from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Split {
    /// The training images.
    Train = 0,
    /// The test images.
    Test = 1,
}

/// Draws `count` patches of `images` by the rule; returns their bytes, \[count, 192\].
///
/// # Panics
/// If there are no images.
pub fn draw(images: Images<'_>, seed: u64, split: Split, count: usize) -> Vec<u8> {
    let mut patches = Vec::with_capacity(count * INPUTS);
    for (image, upper, left) in places(images.count(), seed, split).take(count) {
        for (row, column) in (0..SIDE * SIDE).map(|pixel| (pixel / SIDE, pixel % SIDE)) {
            patches.extend(images.pixel(image, upper + row, left + column));
        }
    }
    patches
}

/// Image, upper row and left column of each patch.
fn places(images: usize, seed: u64, split: Split) -> impl Iterator<Item = (usize, usize, usize)> {
    let mut generator = patches_stream(seed, split as u8);
    // Draws are u32, so that they don't depend on the size of usize.
    let mut below = move |end: usize| generator.random_range(0..end as u32) as usize;
    let ends = cifar10::SIDE - SIDE + 1;
    std::iter::repeat_with(move || (below(images), below(ends), below(ends)))
}

/// What `data patches` shall draw.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recipe {
    /// The seed of the streams.
    pub seed: u64,
    /// Number of training patches.
    pub train: usize,
    /// Number of test patches.
    pub test: usize,
}

/// A file of patches that [`make`] wrote or found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PatchFile {
    /// The file.
    pub path: PathBuf,
    /// SHA-256 of the decompressed file.
    pub sha256: String,
    /// `true`: the file was written now; `false`: it already held these patches.
    pub written: bool,
}

/// Draws the patches of `recipe` and writes them to `dir`, gzip, with their provenance in [`PROVENANCE`].
///
/// # Errors
/// [`Error::Data`] when one of the files exists with other contents; nothing is written then. [`Error::Io`] when the system
/// refuses.
pub fn make(cifar10: &Cifar10, recipe: Recipe, dir: &Path) -> Result<Vec<PatchFile>> {
    let splits = [
        (Split::Train, cifar10.training(), recipe.train, FILES[0].name),
        (Split::Test, cifar10.test(), recipe.test, FILES[1].name),
    ];
    let mut files = Vec::new();
    for (split, images, count, name) in splits {
        let bytes = file_of_bytes(count, INPUTS, &draw(images, recipe.seed, split, count));
        let path = plain_or_gz(dir, name).unwrap_or_else(|| dir.join(format!("{name}.gz")));
        let sha256 = sha256(&bytes);
        let written = !is_there(&path, &sha256)?;
        files.push((PatchFile { path, sha256, written }, bytes));
    }
    let any_written = files.iter().any(|(file, _)| file.written);
    for (file, bytes) in files.iter().filter(|(file, _)| file.written) {
        atomic::write(&file.path, &gzipped(bytes))?;
    }
    let files: Vec<PatchFile> = files.into_iter().map(|(file, _)| file).collect();
    if any_written || !dir.join(PROVENANCE).exists() {
        atomic::write(&dir.join(PROVENANCE), provenance(recipe, &files).as_bytes())?;
    }
    Ok(files)
}

/// Whether the file at `path` has the digest `sha256`; `false` if there is no file, an error if it has another digest.
fn is_there(path: &Path, sha256: &str) -> Result<bool> {
    const FIX: &str = "give another folder with --out, or move the file away";
    if !path.exists() {
        return Ok(false);
    }
    if DataFile::open(path, FIX)?.digest()? == sha256 {
        return Ok(true);
    }
    Err(Error::data(path, "has other contents than these patches", FIX))
}

/// `bytes` as gzip of level 9 without name and time, so that the result is the same each time.
fn gzipped(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzBuilder::new().write(Vec::new(), Compression::best());
    match encoder.write_all(bytes).and_then(|()| encoder.finish()) {
        Ok(gzipped) => gzipped,
        Err(error) => unreachable!("memory takes every byte: {error}"),
    }
}

#[derive(Serialize)]
struct Provenance<'a> {
    what: &'a str,
    program: String,
    command: String,
    seed: u64,
    rule: &'a str,
    files: Vec<DrawnFile<'a>>,
    images: Vec<SourceFile<'a>>,
}

#[derive(Serialize)]
struct DrawnFile<'a> {
    name: String,
    shape: [usize; 2],
    dtype: &'a str,
    drawn_from: &'a str,
    sha256_decompressed: &'a str,
}

#[derive(Serialize)]
struct SourceFile<'a> {
    name: &'a str,
    sha256: &'a str,
}

fn provenance(recipe: Recipe, files: &[PatchFile]) -> String {
    let Recipe { seed, train, test } = recipe;
    let splits = [(train, "the 50,000 training images"), (test, "the 10,000 test images")];
    let provenance = Provenance {
        what: "8 x 8 patches of CIFAR-10's images (A. Krizhevsky, 2009)",
        program: format!("aesparse {}", env!("CARGO_PKG_VERSION")),
        command: format!("aesparse data patches --seed {seed} --train {train} --test {test}"),
        seed,
        rule: RULE,
        files: (files.iter().zip(splits))
            .map(|(file, (count, drawn_from))| DrawnFile {
                name: file.path.file_name().unwrap_or_default().to_string_lossy().into_owned(),
                shape: [count, INPUTS],
                dtype: "u8",
                drawn_from,
                sha256_decompressed: &file.sha256,
            })
            .collect(),
        images: cifar10::FILES
            .iter()
            .map(|file| SourceFile { name: file.name, sha256: file.sha256 })
            .collect(),
    };
    match serde_json::to_string_pretty(&provenance) {
        Ok(text) => text + "\n",
        Err(error) => unreachable!("text and numbers are JSON: {error}"),
    }
}

#[cfg(test)]
mod tests;
