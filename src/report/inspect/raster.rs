//! A sheet of images in rows and columns with a heading and labels, as PNG.

use crate::data::images::mark;
use crate::error::Result;
use crate::report::chart::{heading_end, lettering, png, refuse};
use image::{DynamicImage, ImageFormat, Rgb, RgbImage, imageops};
use std::io::Cursor;

/// Pixels for each unit of the lettering, as in the PNGs of charts.
const SCALE: u32 = 2;

/// Pixels between images, and between the outermost images and the sheet's edge.
const GAP: u32 = 2;
const EDGE: u32 = 48;

/// Least width of a sheet in pixels, because headings need room.
const NARROWEST: u32 = 1280;

/// A sheet of images.
#[derive(Debug, Clone, Copy)]
pub(super) struct ImageSheet<'a> {
    pub(super) title: &'a str,
    /// Lines below the title.
    pub(super) remarks: &'a [&'a str],
    /// A label for each row, or no labels.
    pub(super) labels: &'a [&'a str],
    /// Images in a row, at least one.
    pub(super) columns: usize,
    /// Approximate length of an image's longer side, in pixels.
    pub(super) target: usize,
}

/// The factor by which an image of so many rows and columns is enlarged, so that its longer side has about `target` pixels.
pub(super) fn magnification((rows, columns): (usize, usize), target: usize) -> usize {
    (target / rows.max(columns).max(1)).clamp(1, 32)
}

impl ImageSheet<'_> {
    /// The sheet with equally large `images`, row by row, as PNG, marked as written by this program. It is a grey image where
    /// nothing on it has a colour. An image with `true` is crossed out, in black lines with white edges, which are visible on
    /// every brightness.
    ///
    /// # Errors
    /// [`crate::error::Error::Picture`] where it would be too large.
    pub(super) fn png(self, images: &[(RgbImage, bool)]) -> Result<Vec<u8>> {
        let ImageSheet { title, remarks, labels, columns, target } = self;
        let number = |count: usize| u32::try_from(count).map_err(refuse);
        let (rows, columns) = (number(images.len().div_ceil(columns))?, number(columns)?);
        let (width, height) = images.first().map_or((1, 1), |(image, _)| image.dimensions());
        let factor = number(magnification((height as usize, width as usize), target))?;
        let (width, height) = (width * factor, height * factor);
        // Rows with labels are read one by one, so their gap is larger.
        let (left, gap) = if labels.is_empty() { (EDGE, GAP) } else { (300, 5 * GAP) };
        let top = (heading_end(remarks.len()) * f64::from(SCALE)).ceil() as u32;
        let wide = columns.saturating_mul(width + GAP).saturating_add(left + EDGE).max(NARROWEST);
        let high = rows.saturating_mul(height + gap).saturating_add(top + EDGE);
        let units = |pixels: u32| f64::from(pixels) / f64::from(SCALE);
        let place = |row: u32| (units(left - 16), units(top + row * (height + gap) + height / 2));
        let labels = (0..rows).map(place).zip(labels.iter().copied());
        let svg = lettering((units(wide), units(high)), units(EDGE), (title, remarks), labels);
        let empty = png(&svg, SCALE as f32)?;
        let mut canvas =
            image::load_from_memory_with_format(&empty, ImageFormat::Png).map_err(refuse)?.to_rgb8();
        for (index, (image, is_crossed)) in (0..).zip(images) {
            let pixel = |x: u32, y: u32| match from_diagonals((x, y), (width, height)) {
                0..=1 if *is_crossed => Rgb([0; 3]),
                2..=3 if *is_crossed => Rgb([255; 3]),
                _ => *image.get_pixel(x / factor, y / factor),
            };
            let (x, y) = (left + index % columns * (width + GAP), top + index / columns * (height + gap));
            imageops::replace(&mut canvas, &RgbImage::from_fn(width, height, pixel), x.into(), y.into());
        }
        let is_grey = canvas.pixels().all(|Rgb([red, green, blue])| red == green && green == blue);
        let picture = DynamicImage::from(canvas);
        let picture = if is_grey { DynamicImage::from(picture.to_luma8()) } else { picture };
        let mut bytes = Vec::new();
        picture.write_to(&mut Cursor::new(&mut bytes), ImageFormat::Png).map_err(refuse)?;
        Ok(mark(&bytes))
    }
}

/// Approximate distance of the pixel at (x, y) from the nearer diagonal of an image of (width, height) pixels; exact along the
/// rows of a square.
fn from_diagonals((x, y): (u32, u32), (width, height): (u32, u32)) -> u32 {
    let longest = width.max(height).saturating_sub(1).max(1);
    let from = |x: u32| (x * (height - 1)).abs_diff(y * (width - 1)) / longest;
    from(x).min(from(width - 1 - x))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in super::super) fn pixels(png: &[u8]) -> RgbImage {
        image::load_from_memory_with_format(png, ImageFormat::Png).unwrap().to_rgb8()
    }

    fn layout<'a>(labels: &'a [&'a str]) -> ImageSheet<'a> {
        ImageSheet { title: "A title", remarks: &["a remark"], labels, columns: 3, target: 8 }
    }

    fn tile(columns: u32, levels: [u8; 4]) -> RgbImage {
        RgbImage::from_fn(columns, 4 / columns, |x, y| Rgb([levels[(y * columns + x) as usize]; 3]))
    }

    /// The sheet with `others` images of one level each, from 100 on, and a last one with the levels 10, 20, 30 and 40.
    fn sheet(others: u8, columns: u32) -> RgbImage {
        let even = (0..others).map(|other| tile(columns, [100 + other; 4]));
        let images = even.chain([tile(columns, [10, 20, 30, 40])]).map(|image| (image, false));
        pixels(&layout(&[]).png(&images.collect::<Vec<_>>()).unwrap())
    }

    #[test]
    fn images_stand_row_by_row_each_pixel_a_square() {
        let image = sheet(5, 2);
        // The heading has two lines: 48 + 12 units. Images are 8 pixels wide and high.
        assert_eq!(image.dimensions(), (1280, 120 + 2 * 10 + 48));
        for (level, (x, y)) in [(100, (48, 120)), (102, (68, 120)), (103, (48, 130))] {
            let at = |x: u32, y: u32| image.get_pixel(x, y).0[0];
            assert_eq!([at(x, y), at(x + 7, y + 7)], [level; 2]);
            assert_eq!(
                [at(x - 1, y), at(x + 8, y), at(x, y - 1), at(x, y + 8)],
                [255; 4],
                "nothing beside it"
            );
        }
        let at = |x: u32, y: u32| image.get_pixel(68 + x, 130 + y).0[0];
        assert_eq!([at(0, 0), at(3, 3), at(4, 0), at(0, 4), at(7, 7)], [10, 10, 20, 30, 40]);
        assert_eq!(at(8, 0), 255, "nothing beside it");
        assert!(
            image.enumerate_pixels().any(|(_, y, pixel)| y < 100 && pixel.0[0] < 100),
            "the heading is drawn"
        );
    }

    #[test]
    fn a_cross_is_black_and_white_on_any_ground() {
        for level in [0, 128, 255] {
            let layout = ImageSheet { target: 56, ..layout(&[]) };
            let image = pixels(&layout.png(&[(tile(2, [level; 4]), true)]).unwrap());
            let at = |dx: u32, dy: u32| image.get_pixel(48 + dx, 120 + dy).0[0];
            assert_eq!([at(0, 0), at(20, 21), at(55, 0), at(40, 15)], [0; 4]);
            assert_eq!([at(3, 0), at(20, 23), at(52, 0)], [255; 3]);
            assert_eq!([at(28, 4), at(4, 28)], [level; 2]);
        }
    }

    #[test]
    fn images_that_are_no_squares_keep_their_shape() {
        // Images are 8 pixels wide and 2 high.
        let image = sheet(4, 4);
        assert_eq!(image.dimensions(), (1280, 120 + 2 * 4 + 48));
        for (level, (x, y)) in [(100, (48, 120)), (101, (58, 120)), (103, (48, 124))] {
            let at = |x: u32, y: u32| image.get_pixel(x, y).0[0];
            assert_eq!([at(x, y), at(x + 7, y + 1), at(x - 1, y), at(x, y - 1)], [level, level, 255, 255]);
        }
        let at = |x: u32, y: u32| image.get_pixel(58 + x, 124 + y).0[0];
        assert_eq!([at(0, 0), at(1, 1), at(2, 0), at(6, 1), at(6, 2)], [10, 10, 20, 40, 255]);
        // From corner to corner.
        for size in [(56, 56), (56, 14), (14, 56), (1, 9), (9, 1)] {
            let (right, lower) = (size.0 - 1, size.1 - 1);
            let corners = [(0, 0), (right, 0), (0, lower), (right, lower)];
            assert_eq!(corners.map(|corner| from_diagonals(corner, size)), [0; 4], "{size:?}");
        }
        assert_eq!([(20, 21), (20, 23), (52, 0)].map(|place| from_diagonals(place, (56, 56))), [1, 3, 3]);
        assert_eq!(from_diagonals((28, 0), (56, 14)), 6);
    }

    #[test]
    fn labels_stand_beside_their_rows_and_colours_stay() {
        let image = |index: u8| (RgbImage::from_pixel(2, 2, Rgb([200, index, 0])), false);
        let images: Vec<_> = (0..4).map(image).collect();
        let image = pixels(&layout(&["first", "second"]).png(&images).unwrap());
        let at = |x: u32, y: u32| image.get_pixel(x, y).0;
        assert_eq!([at(300, 120), at(310, 120), at(300, 138)], [[200, 0, 0], [200, 1, 0], [200, 3, 0]]);
        assert_eq!(at(300, 137), [255; 3]);
        let is_dark = |x: u32, y: u32| image.get_pixel(x, y).0[0] < 100;
        assert!((200..290).any(|x| (118..134).any(|y| is_dark(x, y))), "a label left of the first row");
    }
}
