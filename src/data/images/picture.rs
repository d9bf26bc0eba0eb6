//! One picture as a sample.

use std::fs::File;
use std::io::{Cursor, ErrorKind, Read};
use std::path::Path;

use image::imageops::{self, FilterType};
use image::{DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader, Limits, Rgb, RgbImage};

use super::{Channels, Fit, ImageFolder};
use crate::data::file::recognise;
use crate::error::{Error, Result};

/// The most bytes of a file.
const MAX_FILE: u64 = 256 << 20;

/// The most rows, and columns, of a picture.
const MAX_PICTURE_SIDE: u32 = 1 << 15;

/// The most pixels of a picture: 134 million, which take 400 MB in colour and 1 GB where a pixel has 8 bytes.
const MAX_PIXELS: u64 = 1 << 27;

/// The most bytes that a decoder may allocate: [`MAX_PIXELS`] of 8 bytes.
const MAX_DECODED: u64 = 8 * MAX_PIXELS;

const INTACT: &str = "replace it by an intact copy, or take it out of the folder";

const SMALLER: &str = "scale it down, or take it out of the folder";

/// The bytes of the picture in the file `path`, as `folder` describes samples: rows from above, the channels of a pixel
/// side by side.
pub(super) fn sample(path: &Path, folder: &ImageFolder) -> Result<Vec<u8>> {
    let picture = opaque(decode(path, &content(path)?)?);
    let (width, height) = picture.dimensions();
    let size = (folder.width as u32, folder.height as u32);
    let Some(window) = folder.fit.window((width, height), size) else {
        return Err(Error::data(
            path,
            format!("is {height} × {width} pixels, too few to cut out {} × {}", folder.height, folder.width),
            "take it out of the folder, make the samples smaller, or set fit to \"cover\", which scales",
        ));
    };
    let part = imageops::crop_imm(&picture, window.left, window.top, window.width, window.height);
    let scaled = imageops::resize(&*part, size.0, size.1, FilterType::Triangle);
    Ok(match folder.channels {
        Channels::Rgb => scaled.into_raw(),
        Channels::Grey => scaled.pixels().map(luma).collect(),
    })
}

/// Rec. 709, rounded.
fn luma(&Rgb([red, green, blue]): &Rgb<u8>) -> u8 {
    let [red, green, blue] = [red, green, blue].map(u32::from);
    ((2126 * red + 7152 * green + 722 * blue + 5000) / 10_000) as u8
}

/// A part of a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Window {
    pub(super) left: u32,
    pub(super) top: u32,
    pub(super) width: u32,
    pub(super) height: u32,
}

impl Fit {
    /// The part about the centre of a picture of (width, height) pixels that becomes a sample of `size`; `None` where there is
    /// none. Where the rest is odd, the right and the lower edge lose the pixel more.
    pub(super) fn window(self, (width, height): (u32, u32), size: (u32, u32)) -> Option<Window> {
        let part = match self {
            Self::Cover => largest((width, height), size),
            Self::Stretch => (width, height),
            Self::Crop => size,
        };
        let (left, top) = (width.checked_sub(part.0)? / 2, height.checked_sub(part.1)? / 2);
        Some(Window { left, top, width: part.0, height: part.1 })
    }
}

/// The largest width and height within a picture in the ratio of `size`, rounded, at least 1.
fn largest((width, height): (u32, u32), size: (u32, u32)) -> (u32, u32) {
    let [columns, rows, across, down] = [width, height, size.0, size.1].map(u64::from);
    // Never more than the other side, which it is compared with.
    let round = |product: u64, divisor: u64| ((product + divisor / 2) / divisor).max(1) as u32;
    if columns * down > rows * across {
        (round(rows * across, down), height)
    } else {
        (width, round(columns * down, across))
    }
}

fn content(path: &Path) -> Result<Vec<u8>> {
    let file = match File::open(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let problem = "there is no such file: the link leads nowhere";
            return Err(Error::data(path, problem, "mend the link, or take it out of the folder"));
        }
        opened => opened.map_err(Error::io("open", path))?,
    };
    let mut bytes = Vec::new();
    file.take(MAX_FILE + 1).read_to_end(&mut bytes).map_err(Error::io("read", path))?;
    match bytes.len() as u64 {
        0 => Err(Error::data(path, "is empty (0 bytes)", INTACT)),
        1..=MAX_FILE => Ok(bytes),
        _ => Err(Error::data(path, format!("has more than {MAX_FILE} bytes, the limit"), SMALLER)),
    }
}

/// The picture in `bytes`, the content of the file `path`, turned as its EXIF orientation says.
fn decode(path: &Path, bytes: &[u8]) -> Result<DynamicImage> {
    let format = format(bytes).map_err(|problem| Error::data(path, problem, INTACT))?;
    let too_large = || {
        let limit = format!("the limit is {MAX_PIXELS} pixels and {MAX_PICTURE_SIDE} on a side");
        Error::data(path, format!("is too large a picture: {limit}"), SMALLER)
    };
    let refuse = |error| match error {
        ImageError::Limits(_) => too_large(),
        error => Error::data(path, format!("can't be decoded: {error}"), INTACT),
    };
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    reader.limits(limits());
    let mut decoder = reader.into_decoder().map_err(refuse)?;
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > MAX_PIXELS {
        return Err(too_large());
    }
    let orientation = decoder.orientation().map_err(refuse)?;
    let mut picture = DynamicImage::from_decoder(decoder).map_err(refuse)?;
    picture.apply_orientation(orientation);
    Ok(picture)
}

fn limits() -> Limits {
    let mut limits = Limits::default();
    limits.max_image_width = Some(MAX_PICTURE_SIDE);
    limits.max_image_height = Some(MAX_PICTURE_SIDE);
    limits.max_alloc = Some(MAX_DECODED);
    limits
}

/// PNG or JPEG, by the content, or what is wrong with it.
fn format(bytes: &[u8]) -> Result<ImageFormat, String> {
    const EXPECTED: &str = "expected a PNG or JPEG picture";
    match image::guess_format(bytes) {
        Ok(ImageFormat::Png) => Ok(ImageFormat::Png),
        Ok(ImageFormat::Jpeg) if ends(bytes) => Ok(ImageFormat::Jpeg),
        Ok(ImageFormat::Jpeg) => Err("is truncated: the JPEG marker of the end is missing".to_owned()),
        Ok(other) => Err(format!("is a .{} file, {EXPECTED}", other.extensions_str()[0])),
        Err(_) => Err(match recognise(&bytes[..bytes.len().min(64)]) {
            Some(name) => format!("looks like {name}, {EXPECTED}"),
            None => format!("begins with the bytes {:02x?}, {EXPECTED}", &bytes[..bytes.len().min(6)]),
        }),
    }
}

/// Whether the JPEG picture in `bytes` has its marker of the end (EOI), without which the decoder fills what is missing
/// with grey. Segments are stepped over, for the thumbnail in one has such a marker too.
fn ends(bytes: &[u8]) -> bool {
    let mut rest = bytes;
    loop {
        let Some(at) = rest.iter().position(|&byte| byte == 0xff) else { return false };
        rest = &rest[at + 1..];
        match *rest {
            [0xd9, ..] => return true,
            // A byte 0xff of the compressed data, a fill byte, and markers without a segment.
            [0x00 | 0x01 | 0xd0..=0xd8 | 0xff, ..] => {}
            [_, high, low, ..] => {
                let length = 1 + usize::from(u16::from_be_bytes([high, low]));
                rest = rest.get(length..).unwrap_or_default();
            }
            _ => return false,
        }
    }
}

/// The picture in 8 bits a channel, on white.
fn opaque(picture: DynamicImage) -> RgbImage {
    if !picture.color().has_alpha() {
        return picture.into_rgb8();
    }
    let picture = picture.into_rgba8();
    let mut laid = RgbImage::new(picture.width(), picture.height());
    for (place, pixel) in laid.pixels_mut().zip(picture.pixels()) {
        let [red, green, blue, alpha] = pixel.0;
        *place = Rgb([red, green, blue].map(|value| over_white(value, alpha)));
    }
    laid
}

/// alpha value + (1 − alpha) white, rounded.
fn over_white(value: u8, alpha: u8) -> u8 {
    let [value, alpha] = [value, alpha].map(u32::from);
    ((value * alpha + 255 * (255 - alpha) + 127) / 255) as u8
}
