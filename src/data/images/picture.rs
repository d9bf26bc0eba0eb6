//! Reads one picture as a sample.

use std::hint::black_box;
use std::io::{self, Cursor, ErrorKind, Read};
use std::path::Path;

use image::error::LimitErrorKind;
use image::imageops::{self, FilterType};
use image::{DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader, Limits, Rgb, RgbImage};

use super::mark::is_marked;
use super::{Channels, Fit, ImageFolder, jpeg};
use crate::data::file::recognise;
use crate::error::{Error, Result};
use crate::regular;

/// Limit on a file's bytes.
const MAX_FILE: u64 = 256 << 20;

/// Limit on the rows and on the columns of a picture.
const MAX_PICTURE_SIDE: u32 = 1 << 15;

/// Limit on the pixels of a picture: 134 million, which take 400 MB in colour and 1 GB at 8 bytes a pixel.
const MAX_PIXELS: u64 = 1 << 27;

/// Limit on the bytes that a decoder allocates for a row and for a PNG's metadata. A larger colour profile is left out, other metadata are
/// refused.
const MAX_METADATA: u64 = 64 << 20;

const INTACT: &str = "replace it by an intact copy, or take it out of the folder";

const SMALLER: &str = "scale it down, or take it out of the folder";

/// The sample's bytes from the picture `path`, as `folder` describes samples: rows from the top, the channels of a pixel side by
/// side. `None` if this program drew the picture.
///
/// # Errors
/// [`Error::Data`] when the file is not a picture or can't become a sample; [`Error::Io`] when the file can't be read, or there is
/// no memory to decode it.
pub(super) fn sample(path: &Path, folder: &ImageFolder) -> Result<Option<Vec<u8>>> {
    let bytes = content(path)?;
    if is_marked(&bytes) {
        return Ok(None);
    }
    let size = (folder.width as u32, folder.height as u32);
    let picture = opaque(decode(path, &bytes, size)?);
    let (width, height) = picture.dimensions();
    let Some(window) = folder.fit.window((width, height), size) else {
        return Err(Error::data(
            path,
            format!("is {height} × {width} pixels, too few to cut out {} × {}", folder.height, folder.width),
            "take it out of the folder, make the samples smaller, or set fit to \"cover\", which scales",
        ));
    };
    let part = imageops::crop_imm(&picture, window.left, window.top, window.width, window.height);
    let scaled = imageops::resize(&*part, size.0, size.1, FilterType::Triangle);
    Ok(Some(match folder.channels {
        Channels::Rgb => scaled.into_raw(),
        Channels::Grey => scaled.pixels().map(luma).collect(),
    }))
}

/// Luma by Rec. 709, rounded.
fn luma(&Rgb([red, green, blue]): &Rgb<u8>) -> u8 {
    let [red, green, blue] = [red, green, blue].map(u32::from);
    ((2126 * red + 7152 * green + 722 * blue + 5000) / 10_000) as u8
}

/// A rectangle in a picture, in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Window {
    pub(super) left: u32,
    pub(super) top: u32,
    pub(super) width: u32,
    pub(super) height: u32,
}

impl Fit {
    /// The part around the centre of a picture of (width, height) pixels that becomes a sample of `size`; `None` if the picture is
    /// too small. If an odd number of pixels is cut off, the right or lower edge loses one more.
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

/// The largest width and height within a picture that have the aspect ratio of `size`, rounded, at least 1.
fn largest((width, height): (u32, u32), size: (u32, u32)) -> (u32, u32) {
    let [columns, rows, across, down] = [width, height, size.0, size.1].map(u64::from);
    // The comparison below keeps the rounded side within the picture.
    let round = |product: u64, divisor: u64| ((product + divisor / 2) / divisor).max(1) as u32;
    if columns * down > rows * across {
        (round(rows * across, down), height)
    } else {
        (width, round(columns * down, across))
    }
}

fn content(path: &Path) -> Result<Vec<u8>> {
    let file = match regular::open(path) {
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

/// Decodes the picture in `bytes`, the content of the file `path`, and rotates it by its EXIF orientation. Checks first that there
/// is memory to decode it and to scale it to the `size` of a sample.
fn decode(path: &Path, bytes: &[u8], size: (u32, u32)) -> Result<DynamicImage> {
    let format = format(bytes).map_err(|problem| Error::data(path, problem, INTACT))?;
    let too_large = || {
        let limit = format!("the limit is {MAX_PIXELS} pixels and {MAX_PICTURE_SIDE} on a side");
        Error::data(path, format!("is too large a picture: {limit}"), SMALLER)
    };
    let refuse = |error| match error {
        ImageError::Limits(error) if matches!(error.kind(), LimitErrorKind::DimensionError) => too_large(),
        ImageError::Limits(_) => {
            let problem = format!("has more than {} MiB of metadata, the limit", MAX_METADATA >> 20);
            Error::data(path, problem, "remove its metadata, or take it out of the folder")
        }
        error => Error::data(path, format!("can't be decoded: {error}"), INTACT),
    };
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    reader.limits(limits());
    let mut decoder = reader.into_decoder().map_err(refuse)?;
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > MAX_PIXELS {
        return Err(too_large());
    }
    check_memory(path, memory_estimate(decoder.total_bytes(), (width, height), size))?;
    let orientation = decoder.orientation().map_err(refuse)?;
    let mut picture = DynamicImage::from_decoder(decoder).map_err(refuse)?;
    picture.apply_orientation(orientation);
    Ok(picture)
}

/// Upper estimate of the memory in bytes that turns a picture of (width, height) pixels, `decoded` bytes, into a sample of `size`.
fn memory_estimate(decoded: u64, (width, height): (u32, u32), size: (u32, u32)) -> u64 {
    /// Buffers that a decoder allocates for any picture.
    const BUFFERS: u64 = 1 << 20;
    let pixels = u64::from(width) * u64::from(height);
    // The coefficients of a progressive JPEG take twice as much as its pixels, and rotating copies the picture.
    let decoding = 3 * decoded;
    // Blending over white takes a copy with alpha in 8 bits a channel, and the result.
    let blending = decoded + 4 * pixels + 3 * pixels;
    // Scaling works in one direction first, with four numbers of 4 bytes a pixel. Rotating swaps width and height.
    let scaling = 3 * pixels + 16 * u64::from(width.max(height)) * u64::from(size.0.max(size.1));
    BUFFERS + decoding.max(blending).max(scaling)
}

/// Checks that `bytes` of memory are available, because decoders panic without memory.
fn check_memory(path: &Path, bytes: u64) -> Result<()> {
    let mut room = Vec::<u8>::new();
    let is_available = usize::try_from(bytes).is_ok_and(|bytes| room.try_reserve_exact(bytes).is_ok());
    // Without this the compiler would remove the unused allocation.
    black_box(&room);
    if is_available {
        return Ok(());
    }
    let megabytes = bytes.div_ceil(1_000_000);
    let problem =
        format!("it needs about {megabytes} MB of memory, which there aren't; free memory, or scale it down");
    Err(Error::io("decode", path)(io::Error::new(ErrorKind::OutOfMemory, problem)))
}

fn limits() -> Limits {
    let mut limits = Limits::default();
    limits.max_image_width = Some(MAX_PICTURE_SIDE);
    limits.max_image_height = Some(MAX_PICTURE_SIDE);
    limits.max_alloc = Some(MAX_METADATA);
    limits
}

/// PNG or JPEG by the content, or the problem with the file.
fn format(bytes: &[u8]) -> Result<ImageFormat, String> {
    const EXPECTED: &str = "expected a PNG or JPEG picture";
    match image::guess_format(bytes) {
        Ok(ImageFormat::Png) => Ok(ImageFormat::Png),
        Ok(ImageFormat::Jpeg) => Ok(jpeg::check(bytes).map(|()| ImageFormat::Jpeg)?),
        Ok(other) => Err(format!("is a .{} file, {EXPECTED}", other.extensions_str()[0])),
        Err(_) => Err(match recognise(&bytes[..bytes.len().min(64)]) {
            Some(name) => format!("looks like {name}, {EXPECTED}"),
            None => format!("begins with the bytes {:02x?}, {EXPECTED}", &bytes[..bytes.len().min(6)]),
        }),
    }
}

/// The picture in 8 bits a channel, blended over white.
fn opaque(picture: DynamicImage) -> RgbImage {
    if !picture.color().has_alpha() {
        return picture.into_rgb8();
    }
    let picture = picture.into_rgba8();
    let mut blended = RgbImage::new(picture.width(), picture.height());
    for (place, pixel) in blended.pixels_mut().zip(picture.pixels()) {
        let [red, green, blue, alpha] = pixel.0;
        *place = Rgb([red, green, blue].map(|value| over_white(value, alpha)));
    }
    blended
}

/// alpha value + (1 − alpha) white, rounded.
fn over_white(value: u8, alpha: u8) -> u8 {
    let [value, alpha] = [value, alpha].map(u32::from);
    ((value * alpha + 255 * (255 - alpha) + 127) / 255) as u8
}
