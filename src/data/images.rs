//! Own pictures: a folder of PNG and JPEG files, one sample a file.
//!
//! **The samples.** Every file below the folder whose name ends in `.png`, `.jpg` or `.jpeg`, in any case, in byte order of the
//! paths relative to the folder; hidden files and folders, and folders behind symbolic links, are left out, and so is what this
//! program wrote: results folders, the figures beside them, and PNGs with its mark. What a file is follows from its
//! content.
//!
//! **A sample.** The picture is turned as its EXIF orientation says, laid over white where it is transparent, brought to 8
//! bits a channel and to the sample's size ([`Fit`]), by one resampling with a triangle filter, which widens as pictures
//! shrink and needs no more than sums and products, so that every machine gives the same bits. Colour profiles and gamma
//! are not applied. Rows go from above, pixels from the left, the channels of a pixel side by side; values are
//! divided by 255.
//!
//! The digest covers height, width and channels (u64, little-endian) and then the bytes of all samples. Nothing is held out.

mod jpeg;
mod listing;
mod mark;
mod picture;
#[cfg(test)]
mod tests;

pub(crate) use mark::mark;

use std::fs;
use std::path::{Path, PathBuf};

use super::digest::Digest;
use super::raw::{Raw, Remark, Stored, Values};
use super::size;
use crate::error::{Error, Result};
use crate::parameter::named;

/// The most rows, and columns, of a sample.
pub const MAX_SIDE: usize = 1024;

/// The `images` source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageFolder {
    /// The folder.
    pub path: PathBuf,
    /// Rows of a sample, 1 to [`MAX_SIDE`].
    pub height: usize,
    /// Columns of a sample, 1 to [`MAX_SIDE`].
    pub width: usize,
    /// What a pixel consists of.
    pub channels: Channels,
    /// How a picture comes to the size of a sample.
    pub fit: Fit,
    /// What is done about a file that is no sample.
    pub on_error: OnError,
}

/// What a pixel of a sample consists of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Channels {
    /// Its luma by Rec. 709, 0.2126 R + 0.7152 G + 0.0722 B, rounded to a whole number from 0 to 255.
    Grey,
    /// Red, green and blue.
    Rgb,
}

impl Channels {
    /// Every kind.
    pub const ALL: [Self; 2] = [Self::Grey, Self::Rgb];

    /// The number of values of a pixel: 1 or 3.
    pub fn count(self) -> usize {
        match self {
            Self::Grey => 1,
            Self::Rgb => 3,
        }
    }
}

/// How a picture comes to the size of a sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fit {
    /// The largest part about the centre with the sample's aspect ratio, scaled.
    Cover,
    /// The whole picture, scaled in both directions on its own.
    Stretch,
    /// The part of the sample's size about the centre, not scaled.
    Crop,
}

named!(Fit { Cover => "cover", Stretch => "stretch", Crop => "crop" });

/// What is done about a file that is called a picture and can't become a sample. The samples that come of it are told by their
/// digest, so it is no part of a run's identity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnError {
    /// All are refused.
    Refuse,
    /// The file is passed over, and a warning names it.
    Skip,
}

named!(OnError { Refuse => "error", Skip => "skip" });

impl ImageFolder {
    /// n, the number of values of a sample.
    pub fn inputs(&self) -> usize {
        self.height * self.width * self.channels.count()
    }

    /// A digest that knows the shape of the samples.
    fn digest(&self) -> Digest {
        let mut digest = Digest::new();
        for number in [self.height, self.width, self.channels.count()] {
            digest.update(&(number as u64).to_le_bytes());
        }
        digest
    }

    fn check(&self) -> Result<()> {
        let sides = [self.height, self.width];
        if sides.iter().all(|side| (1..=MAX_SIDE).contains(side)) {
            return Ok(());
        }
        let [height, width] = sides;
        Err(Error::data(
            &self.path,
            format!("samples of {height} × {width} pixels are asked for"),
            format!("set height and width to 1 to {MAX_SIDE}"),
        ))
    }
}

/// The first `samples` pictures (`None`: all), not standardised. All are decoded, for the digest is that of all.
pub(super) fn load(folder: &ImageFolder, samples: Option<usize>) -> Result<Raw> {
    folder.check()?;
    let found = listing::find(&folder.path)?;
    let inputs = folder.inputs();
    let most = super::count(&folder.path, samples, found.files.len())?;
    let mut values = size::reserve(&folder.path, most, inputs)?;
    let mut digest = folder.digest();
    let (mut available, mut own, mut refused) = (0, 0, Vec::new());
    for file in &found.files {
        let sample = match picture::sample(file, folder) {
            Ok(Some(sample)) => sample,
            Ok(None) => {
                own += 1;
                continue;
            }
            // What the system refuses, or has no memory for, may be read another time.
            Err(error @ Error::Data { .. }) if folder.on_error == OnError::Skip => {
                refused.push(error);
                continue;
            }
            Err(error) => return Err(error),
        };
        digest.update(&sample);
        if available < most {
            values.extend(sample.iter().map(|&value| f32::from(value) / 255.0));
        }
        available += 1;
    }
    if available == 0 {
        return Err(Error::data(
            &folder.path,
            format!(
                "none of its {} pictures is a sample: {own} were drawn by this program, {} can't be used",
                found.files.len(),
                refused.len()
            ),
            "put pictures there, or correct the path",
        ));
    }
    let count = super::count(&folder.path, samples, available)?;
    let remarks =
        found.remarks(&folder.path, own).into_iter().chain(passed_over(&folder.path, &refused)).collect();
    Ok(Raw {
        name: name(&folder.path),
        sha256: digest.finish(),
        available,
        train: Values::Single(super::matrix(count, inputs, values)),
        held_out: None,
        stored: Stored::Bytes,
        remarks,
    })
}

/// Warnings that name the files that were passed over, the first ones with the reason.
fn passed_over(folder: &Path, refused: &[Error]) -> Vec<Remark> {
    /// So many files are named.
    const NAMED: usize = 10;
    let mut warnings: Vec<String> =
        refused.iter().take(NAMED).map(|error| format!("passed over: {error}")).collect();
    if refused.len() > NAMED {
        warnings.push(format!(
            "{}: {} more pictures are passed over",
            folder.display(),
            refused.len() - NAMED
        ));
    }
    warnings.into_iter().map(Remark::Warning).collect()
}

/// The folder's own name, also where the path ends in `.` or `..`.
fn name(folder: &Path) -> String {
    let written = folder.file_name().map(ToOwned::to_owned);
    let found = || fs::canonicalize(folder).ok()?.file_name().map(ToOwned::to_owned);
    // The root has none.
    written.or_else(found).map_or_else(|| "images".to_owned(), |name| name.to_string_lossy().into_owned())
}
