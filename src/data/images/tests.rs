//! Samples from pictures made here, against values computed by hand.

use std::fs;
use std::io::Cursor;

use image::codecs::jpeg::JpegEncoder;
use image::{
    DynamicImage, GrayAlphaImage, GrayImage, ImageBuffer, ImageFormat, Luma, Rgb, RgbImage, RgbaImage,
};
use tempfile::TempDir;

use super::picture::Window;
use super::*;
use crate::data::digest::sha256;
use crate::data::raw::Remark;
use crate::data::{Dataset, SampleIds, Standardize};
use crate::error::Result;

/// A temporary folder for pictures.
struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// A folder with a single file.
    fn with(name: &str, bytes: &[u8]) -> Self {
        let folder = Self::new();
        folder.put(name, bytes);
        folder
    }

    fn put(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.0.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, bytes).unwrap();
        path
    }

    /// The folder as a source of grey samples of 2 × 2 pixels.
    fn source(&self) -> ImageFolder {
        let path = self.0.path().to_owned();
        ImageFolder {
            path,
            height: 2,
            width: 2,
            channels: Channels::Grey,
            fit: Fit::Cover,
            on_error: OnError::Refuse,
        }
    }

    fn load(&self) -> Dataset {
        load(&self.source(), None).unwrap()
    }

    /// Grey samples of `height` × `width` pixels, as bytes.
    fn fitted(&self, height: usize, width: usize, fit: Fit) -> Vec<u8> {
        bytes(&load(&ImageFolder { height, width, fit, ..self.source() }, None).unwrap())
    }

    /// Colour samples of one pixel, as bytes.
    fn colors(&self) -> Vec<u8> {
        let source = ImageFolder { height: 1, width: 1, channels: Channels::Rgb, ..self.source() };
        bytes(&load(&source, None).unwrap())
    }

    fn refusal(&self) -> String {
        refusal(&self.source())
    }
}

/// The samples without standardisation.
fn load(source: &ImageFolder, samples: Option<usize>) -> Result<Dataset> {
    super::load(source, samples)?.standardize(Standardize::None)
}

fn refusal(source: &ImageFolder) -> String {
    load(source, None).unwrap_err().to_string()
}

/// The values times 255, which must be whole.
fn bytes(dataset: &Dataset) -> Vec<u8> {
    let byte = |&value: &f32| {
        let byte = (value * 255.0).round() as u8;
        assert_eq!(value, f32::from(byte) / 255.0);
        byte
    };
    dataset.train.iter().map(byte).collect()
}

fn png(picture: impl Into<DynamicImage>) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture.into().write_to(&mut bytes, ImageFormat::Png).unwrap();
    bytes.into_inner()
}

/// A grey PNG of `width` columns.
fn grey(width: u32, pixels: &[u8]) -> Vec<u8> {
    png(GrayImage::from_raw(width, pixels.len() as u32 / width, pixels.to_vec()).unwrap())
}

/// A JPEG of 16 rows; it is grey, so only quantisation changes it.
fn jpeg(width: u32, level: impl Fn(u32, u32) -> u8) -> Vec<u8> {
    let picture = GrayImage::from_fn(width, 16, |x, y| Luma([level(x, y)]));
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, 100).encode_image(&picture).unwrap();
    bytes
}

/// The JPEG `picture` with an EXIF segment that has this orientation and `more` bytes.
fn with_exif(picture: &[u8], orientation: u8, more: &[u8]) -> Vec<u8> {
    // A TIFF header and a directory with one entry: tag 0x0112, one short.
    let mut exif = b"Exif\0\0MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0".to_vec();
    exif.extend([orientation, 0, 0, 0, 0, 0, 0]);
    exif.extend(more);
    let length = (2 + exif.len() as u16).to_be_bytes();
    [&picture[..2], b"\xff\xe1", &length, &exif, &picture[2..]].concat()
}

/// A grey PNG of one pixel whose header declares `width` × `height` pixels.
fn with_declared_size(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = grey(1, &[0]);
    bytes[16..20].copy_from_slice(&width.to_be_bytes());
    bytes[20..24].copy_from_slice(&height.to_be_bytes());
    let crc = crc(&bytes[12..29]);
    bytes[29..33].copy_from_slice(&crc.to_be_bytes());
    bytes
}

/// The checksum of PNG's chunks.
fn crc(bytes: &[u8]) -> u32 {
    let mut crc = flate2::Crc::new();
    crc.update(bytes);
    crc.sum()
}

#[test]
fn samples_are_in_the_order_of_their_paths() {
    let folder = Folder::new();
    // By bytes: `-` and `.` before `/`, capitals before small letters.
    let names = ["B.PNG", "a-b/x.png", "a.jpg", "a/10.Jpeg", "a/9.png", "a/c/d.Png", "c.JPG", "ä.png"];
    for (level, name) in names.iter().enumerate().rev() {
        folder.put(name, &grey(2, &[level as u8; 4]));
    }
    for name in [".hidden.png", ".git/x.png", "a/._9.png", "x.gif", "png", "x.png.txt", "notes.md"] {
        folder.put(name, b"not a picture");
    }
    fs::create_dir(folder.0.path().join("empty.png")).unwrap();
    let dataset = folder.load();
    let levels: Vec<u8> = bytes(&dataset).chunks(4).map(|sample| sample[0]).collect();
    assert_eq!(levels, [0, 1, 2, 3, 4, 5, 6, 7]);
    assert_eq!((dataset.available, dataset.inputs()), (8, 4));
    assert_eq!(dataset.ids, SampleIds::Names(names.map(ToOwned::to_owned).to_vec()));
    assert!(dataset.train.is_standard_layout() && dataset.held_out.is_none());
}

#[cfg(unix)]
#[test]
fn links_to_files_are_followed_and_those_to_folders_are_not() {
    use std::os::unix::fs::symlink;
    let (folder, elsewhere) = (Folder::new(), Folder::new());
    let file = elsewhere.put("x.bin", &grey(2, &[7; 4]));
    elsewhere.put("y.png", &grey(2, &[9; 4]));
    symlink(&file, folder.0.path().join("a.png")).unwrap();
    symlink(folder.0.path(), folder.0.path().join("cycle")).unwrap();
    symlink(elsewhere.0.path(), folder.0.path().join("folder.png")).unwrap();
    assert_eq!(bytes(&folder.load()), [7; 4]);
    symlink("nowhere", folder.0.path().join("b.jpg")).unwrap();
    let message = folder.refusal();
    assert!(message.contains("b.jpg: there is no such file") && message.contains("link"), "{message}");
}

#[test]
fn cover_scales_the_largest_part_about_the_centre() {
    // Twice as wide as the sample: its middle, as it is; a taller one in the same way.
    let folder = Folder::with("x.png", &grey(4, &[0, 1, 2, 3, 4, 5, 6, 7]));
    assert_eq!(folder.fitted(2, 2, Fit::Cover), [1, 2, 5, 6]);
    assert_eq!(folder.fitted(1, 4, Fit::Cover), [0, 1, 2, 3], "the row more goes at the lower edge");
    let folder = Folder::with("x.png", &grey(2, &[0, 1, 2, 3, 4, 5, 6, 7]));
    assert_eq!(folder.fitted(2, 2, Fit::Cover), [2, 3, 4, 5]);
    // Black and white halves, cut at their border and made smaller.
    let halves = GrayImage::from_fn(12, 4, |x, _| Luma([if x < 6 { 0 } else { 255 }]));
    let found = Folder::with("x.png", &png(halves)).fitted(2, 2, Fit::Cover);
    // Weights of the triangle of width 4 about 1 at 0.5, 1.5, 2.5: 3, 3 and 1 sevenths.
    assert_eq!(found, [36, 219, 36, 219]);
    let tiny = Folder::with("x.png", &grey(1, &[77]));
    assert_eq!(tiny.fitted(3, 2, Fit::Cover), [77; 6], "small ones grow");
}

#[test]
fn stretch_scales_all_of_it() {
    let folder = Folder::with("x.png", &grey(4, &[0, 70, 140, 210, 0, 70, 140, 210]));
    // (3 · 0 + 3 · 70 + 140) / 7, and (70 + 3 · 140 + 3 · 210) / 7.
    assert_eq!(folder.fitted(2, 2, Fit::Stretch), [50, 160, 50, 160]);
    assert_eq!(folder.fitted(2, 4, Fit::Stretch), [0, 70, 140, 210, 0, 70, 140, 210]);
}

#[test]
fn shrinking_averages_and_picks_no_single_pixels() {
    let board = GrayImage::from_fn(64, 64, |x, y| Luma([if (x + y) % 2 == 0 { 255 } else { 0 }]));
    let found = Folder::with("x.png", &png(board)).fitted(8, 8, Fit::Stretch);
    assert!(found.iter().all(|level| (120..=136).contains(level)), "{found:?}");
}

#[test]
fn crop_cuts_the_centre_out_and_refuses_what_is_smaller() {
    let folder = Folder::with("x.png", &grey(5, &(0..20).collect::<Vec<u8>>()));
    assert_eq!(folder.fitted(2, 2, Fit::Crop), [6, 7, 11, 12]);
    assert_eq!(folder.fitted(4, 5, Fit::Crop), (0..20).collect::<Vec<u8>>());
    for (height, width) in [(5, 2), (2, 6)] {
        let message = refusal(&ImageFolder { height, width, fit: Fit::Crop, ..folder.source() });
        let asked = format!("cut out {height} × {width}");
        for part in ["x.png: is 4 × 5 pixels", &asked, "cover"] {
            assert!(message.contains(part), "{part}: {message}");
        }
    }
}

#[test]
fn parts_keep_the_ratio_and_stay_inside() {
    let of = |picture, size| Fit::Cover.window(picture, size).unwrap();
    assert_eq!(of((100, 50), (28, 28)), Window { left: 25, top: 0, width: 50, height: 50 });
    assert_eq!(of((50, 101), (20, 10)), Window { left: 0, top: 38, width: 50, height: 25 });
    assert_eq!(of((1, 1000), (1000, 1)), Window { left: 0, top: 499, width: 1, height: 1 });
    for (width, height) in [(1, 1), (3, 7), (1024, 1023), (32_768, 1), (5, 4096)] {
        for size in [(1, 1), (1, 1024), (1024, 1), (3, 2), (1024, 1023)] {
            let Window { left, top, width: columns, height: rows } = of((width, height), size);
            assert!(columns >= 1 && rows >= 1 && (columns == width || rows == height));
            assert!(left + columns <= width && top + rows <= height);
        }
    }
}

#[test]
fn a_pixel_is_its_luma_or_its_colours_side_by_side() {
    let pixels = [[255, 0, 0], [0, 255, 0], [0, 0, 255], [10, 20, 30]];
    let picture = RgbImage::from_raw(2, 2, pixels.concat()).unwrap();
    let folder = Folder::with("x.png", &png(picture));
    let source = ImageFolder { channels: Channels::Rgb, ..folder.source() };
    let dataset = load(&source, None).unwrap();
    assert_eq!((bytes(&dataset), dataset.inputs()), (pixels.concat(), 12));
    // 0.2126 · 255 = 54.2, 0.7152 · 255 = 182.4, 0.0722 · 255 = 18.4; 2.126 + 14.304 + 2.166 = 18.6.
    assert_eq!(bytes(&folder.load()), [54, 182, 18, 19]);
    // Grey pictures have three equal channels, and keep every level.
    let levels: Vec<u8> = (0..=255).collect();
    let folder = Folder::with("x.png", &grey(16, &levels));
    assert_eq!(folder.fitted(16, 16, Fit::Crop), levels);
    let source = ImageFolder { height: 16, width: 16, channels: Channels::Rgb, ..folder.source() };
    let tripled: Vec<u8> = levels.iter().flat_map(|&level| [level; 3]).collect();
    assert_eq!(bytes(&load(&source, None).unwrap()), tripled);
}

#[test]
fn sixteen_bits_are_rounded_to_eight() {
    let levels = vec![0, 128, 129, 65_535];
    let picture: ImageBuffer<Luma<u16>, _> = ImageBuffer::from_raw(2, 2, levels).unwrap();
    assert_eq!(bytes(&Folder::with("x.png", &png(picture)).load()), [0, 0, 1, 255]);
    let picture: ImageBuffer<Rgb<u16>, _> = ImageBuffer::from_raw(1, 1, vec![257, 2570, 65_535]).unwrap();
    assert_eq!(Folder::with("x.png", &png(picture)).colors(), [1, 10, 255]);
}

#[test]
fn transparent_pixels_show_white() {
    let over = |pixel: [u8; 4]| {
        Folder::with("x.png", &png(RgbaImage::from_raw(1, 1, pixel.to_vec()).unwrap())).colors()
    };
    assert_eq!(over([10, 20, 30, 255]), [10, 20, 30]);
    assert_eq!(over([10, 20, 30, 0]), [255, 255, 255]);
    // 0.2 · 100 + 0.8 · 255 and so on.
    assert_eq!(over([100, 0, 255, 51]), [224, 204, 255]);
    let picture = GrayAlphaImage::from_raw(2, 2, vec![9, 255, 9, 0, 100, 51, 0, 51]).unwrap();
    assert_eq!(bytes(&Folder::with("x.png", &png(picture)).load()), [9, 255, 224, 204]);
}

#[test]
fn jpeg_is_recognised_by_content_and_rotated_by_its_exif_orientation() {
    // The upper left quarter is black.
    let corner = |x: u32, y: u32| if x < 16 && y < 8 { 0 } else { 255 };
    let picture = jpeg(32, corner);
    // The file's name has the wrong extension.
    let upright = Folder::with("x.png", &picture).fitted(2, 2, Fit::Stretch);
    let (dark, light) = (|level: u8| level < 100, |level: u8| level > 180);
    let darkest = |levels: &[u8]| levels.iter().position(|&level| dark(level));
    assert!(darkest(&upright) == Some(0) && upright[1..].iter().all(|&level| light(level)), "{upright:?}");
    // The index of the pixel that the upper left corner moves to, counted along the rows.
    for (orientation, place) in [(1, 0), (2, 1), (3, 3), (4, 2), (5, 0), (6, 1), (7, 3), (8, 2)] {
        let folder = Folder::with("x.jpg", &with_exif(&picture, orientation, b""));
        assert_eq!(darkest(&folder.fitted(2, 2, Fit::Stretch)), Some(place), "{orientation}");
        // Quarter turns exchange height and width.
        let source = ImageFolder { height: 17, width: 2, fit: Fit::Crop, ..folder.source() };
        assert_eq!(load(&source, None).is_ok(), orientation >= 5, "{orientation}");
    }
}

#[test]
fn the_digest_covers_the_shape_and_the_bytes_of_all_samples() {
    let folder = Folder::new();
    folder.put("a.png", &grey(2, &[1, 2, 3, 4]));
    let path = folder.put("b.png", &grey(2, &[5, 6, 7, 8]));
    let all = folder.load();
    let expected =
        [&2_u64.to_le_bytes()[..], &2_u64.to_le_bytes(), &1_u64.to_le_bytes(), &[1, 2, 3, 4, 5, 6, 7, 8]];
    assert_eq!(all.sha256, sha256(&expected.concat()));
    let first = load(&folder.source(), Some(1)).unwrap();
    assert_eq!((bytes(&first), first.available), (vec![1, 2, 3, 4], 2));
    assert_eq!(first.sha256, all.sha256, "the digest doesn't depend on the samples used");
    // Other bytes of the same pixels, and another name.
    fs::remove_file(path).unwrap();
    folder.put("c.png", &png(RgbImage::from_fn(2, 2, |x, y| Rgb([(5 + x + 2 * y) as u8; 3]))));
    assert_eq!(folder.load().sha256, all.sha256);
    folder.put("c.png", &grey(2, &[5, 6, 7, 9]));
    assert_ne!(folder.load().sha256, all.sha256);
    // The same bytes in another shape.
    folder.put("c.png", &grey(2, &[5, 6, 7, 8]));
    let flat = ImageFolder { height: 1, width: 4, fit: Fit::Stretch, ..folder.source() };
    assert_ne!(load(&flat, None).unwrap().sha256, all.sha256);
    // A picture beyond data.samples is read, too.
    folder.put("c.png", b"damaged");
    assert!(load(&folder.source(), Some(1)).is_err());
}

#[test]
fn samples_are_counted_and_named_after_the_folder() {
    let folder = Folder::with("my photos/inside/x.png", &grey(2, &[0; 4]));
    let named = |path: &str| {
        let path = folder.0.path().join(path);
        load(&ImageFolder { path, ..folder.source() }, None).unwrap().name
    };
    for path in ["my photos", "my photos/", "my photos/.", "my photos/inside/.."] {
        assert_eq!(named(path), "my photos", "{path}");
    }
    let refused = |samples| load(&folder.source(), Some(samples)).unwrap_err().to_string();
    assert!(refused(2).contains("2 samples are asked for, but there are 1"));
    assert!(refused(0).contains("set data.samples to 1 or more"));
}

#[test]
fn folders_without_pictures_are_refused() {
    let folder = Folder::with("notes.txt", b"x");
    folder.put("a/.x.png", b"x");
    let message = folder.refusal();
    for part in [folder.0.path().to_str().unwrap(), ".png, .jpg or .jpeg", "put pictures there"] {
        assert!(message.contains(part), "{part}: {message}");
    }
    let of = |name: &str| refusal(&ImageFolder { path: folder.0.path().join(name), ..folder.source() });
    assert!(of("nowhere").contains("nowhere: there is no such folder"));
    assert!(of("notes.txt").contains("notes.txt: is a file, expected a folder"));
    assert!(of("notes.txt/x").contains("there is no such folder"));
    for (height, width) in [(0, 2), (2, 1025), (usize::MAX, usize::MAX)] {
        let message = refusal(&ImageFolder { height, width, ..folder.source() });
        assert!(message.contains("height and width to 1 to 1024"), "{message}");
    }
}

#[test]
fn damaged_pictures_and_other_files_are_refused_by_name() {
    let whole = grey(20, &[9; 400]);
    let picture = jpeg(16, |x, y| (x * y) as u8);
    let thumbnail = with_exif(&picture, 1, &picture);
    let half = |bytes: &[u8]| bytes[..bytes.len() / 2].to_vec();
    let mut flipped = whole.clone();
    flipped[45] ^= 0xff;
    let no_end = |bytes: &[u8]| bytes[..bytes.len() - 2].to_vec();
    let cut_before = |bytes: &[u8]| [&picture[..picture.len() - 9], bytes].concat();
    let cases: [(&str, Vec<u8>, &str); 17] = [
        ("empty", Vec::new(), "is empty"),
        ("text", b"Not found\n".to_vec(), "looks like a text file"),
        ("page", b"<!DOCTYPE html>".to_vec(), "looks like an HTML page"),
        ("pointer", b"version https://git-lfs.github.com/spec/v1\n".to_vec(), "Git LFS pointer"),
        ("other", b"RIFF\0\0\0\0WEBPVP8 ".to_vec(), "is a .webp file, expected a PNG or JPEG"),
        ("bytes", vec![1, 2, 3, 4, 5, 6, 7, 8], "begins with the bytes [01, 02, 03, 04, 05, 06]"),
        ("png signature", whole[..8].to_vec(), "can't be decoded"),
        ("png cut", half(&whole), "can't be decoded"),
        ("png damaged", flipped, "can't be decoded"),
        ("jpeg start", vec![0xff, 0xd8, 0xff], "is truncated"),
        ("jpeg cut", half(&picture), "is truncated: the JPEG marker of the end is missing"),
        ("jpeg without end", no_end(&picture), "is truncated"),
        ("jpeg with thumbnail cut", no_end(&thumbnail), "is truncated"),
        ("jpeg before another", cut_before(&picture), "is cut off: another JPEG picture begins"),
        ("jpeg before one with a thumbnail", cut_before(&thumbnail), "is cut off"),
        (
            "jpeg with thumbnail before another",
            [no_end(&thumbnail), thumbnail.clone()].concat(),
            "is cut off",
        ),
        ("jpeg of nothing", vec![0xff, 0xd8, 0xff, 0xd9], "can't be decoded"),
    ];
    for (label, bytes, expected) in cases {
        let message = Folder::with("own.jpg", &bytes).refusal();
        for part in ["own.jpg: ", expected, "replace it by an intact copy, or take it out"] {
            assert!(message.contains(part), "{label}: no `{part}` in: {message}");
        }
    }
    // Files of several pictures, and other bytes after the end.
    for behind in [&picture[..], &thumbnail, b"trailing", b""] {
        let folder = Folder::with("own.jpg", &[&thumbnail, behind].concat());
        assert_eq!(bytes(&folder.load()), bytes(&Folder::with("own.jpg", &picture).load()));
    }
}

/// The texts of the notes and of the warnings.
fn remarks(dataset: &Dataset) -> (Vec<&str>, Vec<&str>) {
    let (mut notes, mut warnings) = (Vec::new(), Vec::new());
    for remark in &dataset.remarks {
        match remark {
            Remark::Note(text) => notes.push(text.as_str()),
            Remark::Warning(text) => warnings.push(text.as_str()),
        }
    }
    (notes, warnings)
}

#[test]
fn on_error_skip_leaves_out_broken_pictures_and_names_them() {
    let folder = Folder::new();
    folder.put("b.png", &grey(2, &[1, 2, 3, 4]));
    folder.put("d.png", &grey(2, &[5, 6, 7, 8]));
    let whole = folder.load();
    folder.put("a.png", b"Not found");
    folder.put("c.jpg", &jpeg(16, |_, _| 0)[..40]);
    assert!(folder.refusal().contains("a.png"), "by default all are refused");
    let skip = ImageFolder { on_error: OnError::Skip, ..folder.source() };
    let found = load(&skip, None).unwrap();
    assert_eq!((bytes(&found), found.available), ((1..=8).collect(), 2));
    assert_eq!(found.sha256, whole.sha256, "the digest is that of the samples");
    assert_eq!(found.ids, whole.ids, "ids are those of the files that were used");
    let (notes, warnings) = remarks(&found);
    assert!(notes.is_empty() && warnings.len() == 2, "{warnings:?}");
    assert!(
        warnings[0].contains("a.png: looks like a text file") && warnings[1].contains("c.jpg: is truncated")
    );
    assert_eq!(bytes(&load(&skip, Some(1)).unwrap()), [1, 2, 3, 4]);
    assert!(refusal(&ImageFolder { fit: Fit::Crop, height: 3, ..skip.clone() }).contains("4 can't be used"));
    assert!(
        load(&skip, Some(3)).unwrap_err().to_string().contains("3 samples are asked for, but there are 2")
    );
    for number in 0..20 {
        folder.put(&format!("e/{number}.png"), b"Not found");
    }
    let found = load(&skip, None).unwrap();
    let (_, warnings) = remarks(&found);
    assert!(
        warnings.len() == 11 && warnings[10].ends_with("12 more pictures are passed over"),
        "{warnings:?}"
    );
}

#[test]
fn pictures_in_other_formats_are_counted() {
    let folder = Folder::with("a.png", &grey(2, &[0; 4]));
    for name in ["x.gif", "y.GIF", "deep/z.webp", ".hidden.gif", "notes.txt"] {
        folder.put(name, b"x");
    }
    let dataset = folder.load();
    let (notes, warnings) = remarks(&dataset);
    assert!(notes[0].contains("2 .gif, 1 .webp: passed over") && notes.len() == 1, "{notes:?}");
    assert!(warnings.is_empty());
    fs::remove_file(folder.0.path().join("a.png")).unwrap();
    assert!(folder.refusal().contains("found 2 .gif, 1 .webp"), "{}", folder.refusal());
}

#[test]
fn files_of_this_program_are_not_samples() {
    let folder = Folder::with("a.png", &grey(2, &[1, 2, 3, 4]));
    let plain = folder.load();
    folder.put("drawn.png", &mark(&grey(2, &[9; 4])));
    folder.put("results/figures/figure1.png", &grey(2, &[9; 4]));
    folder.put("results/x/inspect/0123/filters.png", &grey(2, &[9; 4]));
    folder.put("results/x/records/0123.json", b"{}");
    folder.put("results/x/manifest.json", br#"{"version": "1", "numerics": 2, "config": {}}"#);
    let dataset = folder.load();
    assert_eq!((&dataset.sha256, dataset.available), (&plain.sha256, 1));
    let (notes, _) = remarks(&dataset);
    for (note, part) in
        notes.iter().zip(["results/figures holds", "results/x holds", "1 picture that this program"])
    {
        assert!(note.contains(part), "{part}: {notes:?}");
    }
    assert_eq!(notes.len(), 3);
    // Beside a manifest of another program, pictures and figures are samples.
    folder.put("results/x/manifest.json", b"{}");
    assert_eq!(folder.load().available, 3);
    #[cfg(unix)]
    {
        let pipe = folder.0.path().join("results/x/manifest.json");
        fs::remove_file(&pipe).unwrap();
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        assert_eq!(folder.load().available, 3, "nobody waits for a pipe");
    }
    let only = Folder::with("drawn.png", &mark(&grey(2, &[9; 4])));
    assert!(only.refusal().contains("1 were drawn by this program"), "{}", only.refusal());
}

#[test]
fn a_large_declared_size_allocates_nothing() {
    for (width, height) in [(1 << 30, 1 << 30), (40_000, 1), (1, 40_000), (30_000, 30_000)] {
        let message = Folder::with("own.png", &with_declared_size(width, height)).refusal();
        for part in ["own.png: is too large", "134217728 pixels", "32768 on a side", "scale it down"] {
            assert!(message.contains(part), "{part}: {message}");
        }
    }
    // A JPEG whose header declares 65,535 × 65,535 pixels.
    let mut picture = jpeg(16, |_, _| 0);
    let frame = picture.windows(2).position(|marker| marker == [0xff, 0xc0]).unwrap();
    picture[frame + 5..frame + 9].fill(0xff);
    assert!(Folder::with("own.jpg", &picture).refusal().contains("own.jpg: is too large"));
    // A declared size within the limits must match the data.
    assert!(Folder::with("own.png", &with_declared_size(2000, 2000)).refusal().contains("can't be decoded"));
}
