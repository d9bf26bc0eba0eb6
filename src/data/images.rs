//! The `images` source: a folder of PNG and JPEG files, one sample a file.
//!
//! **Which files.** Every file below the folder whose name ends in `.png`, `.jpg` or `.jpeg`, in any case, is a sample; their
//! order is the byte order of the paths relative to the folder. Hidden files and folders, and folders behind symbolic links,
//! are skipped. The program's own output is skipped, too: results folders, the figures beside them, and PNGs with its mark.
//! The format of a file follows from its content.
//!
//! **A sample.** The picture is rotated by its EXIF orientation, blended over white where it is transparent, and converted to
//! 8 bits a channel. It is then cropped and scaled to the sample's size ([`Fit`]) by one resampling with a triangle filter.
//! The filter widens as pictures shrink; it needs sums and products alone, so every machine gives the same bits. Colour
//! profiles and gamma are not applied. Rows run from the top, pixels from the left, the channels of a pixel side by side;
//! values are divided by 255.
//!
//! The digest covers height, width and channels (u64, little-endian) and then the bytes of all samples.

#[cfg(feature = "images")]
mod jpeg;
#[cfg(feature = "images")]
mod listing;
#[cfg(feature = "images")]
mod load;
#[cfg(any(feature = "images", feature = "png"))]
#[cfg_attr(
    not(all(feature = "images", feature = "png")),
    allow(dead_code, reason = "one feature sets the mark, the other looks for it")
)]
mod mark;
#[cfg(feature = "images")]
mod picture;
#[cfg(test)]
mod tests;

#[cfg(feature = "images")]
pub(super) use load::load;
#[cfg(feature = "png")]
pub(crate) use mark::mark;

use crate::parameter::named;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// Limit on the rows and on the columns of a sample.
pub const MAX_SIDE: usize = 1024;

/// The `images` source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImageFolder {
    /// The folder; not a part of the settings that are kept with weights.
    #[serde(skip)]
    pub path: PathBuf,
    /// Rows of a sample, 1 to [`MAX_SIDE`].
    pub height: usize,
    /// Columns of a sample, 1 to [`MAX_SIDE`].
    pub width: usize,
    /// The channels of a pixel.
    pub channels: Channels,
    /// How a picture is brought to the size of a sample.
    pub fit: Fit,
    /// What happens to a file that can't become a sample.
    pub on_error: OnError,
}

/// The channels of a sample's pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "usize", try_from = "usize")]
pub enum Channels {
    /// Luma by Rec. 709, 0.2126 R + 0.7152 G + 0.0722 B, rounded to a whole number from 0 to 255.
    Grey,
    /// Red, green and blue.
    Rgb,
}

impl Channels {
    /// Both variants.
    pub const ALL: [Self; 2] = [Self::Grey, Self::Rgb];

    /// The number of values of a pixel: 1 or 3.
    pub fn count(self) -> usize {
        match self {
            Self::Grey => 1,
            Self::Rgb => 3,
        }
    }
}

impl From<Channels> for usize {
    fn from(channels: Channels) -> Self {
        channels.count()
    }
}

impl TryFrom<usize> for Channels {
    type Error = String;

    fn try_from(count: usize) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|channels| channels.count() == count);
        found.ok_or_else(|| format!("found {count} channels; accepted: 1 or 3"))
    }
}

/// How a picture is brought to the size of a sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fit {
    /// Scale the largest part around the centre that has the sample's aspect ratio.
    Cover,
    /// Scale the whole picture; its aspect ratio may change.
    Stretch,
    /// Cut the sample's size out of the centre, without scaling.
    Crop,
}

named!(Fit { Cover => "cover", Stretch => "stretch", Crop => "crop" });

/// What happens to a file that is named like a picture but can't become a sample. It is not part of a run's identity, because
/// the digest identifies the samples.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnError {
    /// The whole folder is refused.
    #[serde(rename = "error")]
    Refuse,
    /// The file is skipped, and a warning names it.
    Skip,
}

named!(OnError { Refuse => "error", Skip => "skip" });

impl ImageFolder {
    /// n, the number of values of a sample.
    pub fn inputs(&self) -> usize {
        self.height * self.width * self.channels.count()
    }
}
