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
use std::path::PathBuf;

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
}
