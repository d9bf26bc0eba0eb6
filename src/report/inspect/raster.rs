//! Images in rows and columns on a sheet with a heading and labels, as PNG.

use crate::data::images::mark;
use crate::error::Result;
use crate::report::chart::{heading_end, lettering, png, refuse};
use image::{DynamicImage, ImageFormat, Rgb, RgbImage, imageops};
use std::io::Cursor;

/// Pixels for each unit of the lettering, as in the PNGs of charts.
const SCALE: u32 = 2;

/// Pixels between images, and between the outermost and the sheet's edge.
const GAP: u32 = 2;
const EDGE: u32 = 48;

/// The narrowest sheet in pixels: headings need some room.
const NARROWEST: u32 = 1280;

/// Equally large images in rows and columns.
#[derive(Debug)]
pub(super) struct Grid {
    canvas: RgbImage,
    /// Where the first image begins.
    origin: (u32, u32),
    columns: u32,
    /// Pixels of the sheet for each of an image's rows and columns.
    magnification: u32,
    /// Width and height of an image on the sheet.
    size: (u32, u32),
    /// Between rows.
    leading: u32,
}

/// What a [`Grid`] is to hold.
#[derive(Debug, Clone, Copy)]
pub(super) struct Layout<'a> {
    pub(super) title: &'a str,
    /// Lines below the title.
    pub(super) remarks: &'a [&'a str],
    /// A label for each row, or none at all.
    pub(super) labels: &'a [&'a str],
    /// Rows and columns of the grid.
    pub(super) rows: usize,
    pub(super) columns: usize,
    /// Rows and columns of an image.
    pub(super) image: (usize, usize),
    /// About how many pixels its longer side is to take on the sheet.
    pub(super) target: usize,
}

/// How often each pixel of an image of so many rows and columns is repeated so that its longer side takes about `target`.
pub(super) fn magnification((rows, columns): (usize, usize), target: usize) -> usize {
    (target / rows.max(columns).max(1)).clamp(1, 32)
}

impl Grid {
    /// The sheet without its images.
    ///
    /// # Errors
    /// [`crate::error::Error::Picture`] where it would be too large.
    pub(super) fn new(layout: Layout<'_>) -> Result<Self> {
        let Layout { title, remarks, labels, rows, columns, image, target } = layout;
        let magnification = magnification(image, target);
        let number = |pixels: usize| u32::try_from(pixels).map_err(refuse);
        let size = (number(image.1 * magnification)?, number(image.0 * magnification)?);
        let (rows, columns, magnification) = (number(rows)?, number(columns)?, number(magnification)?);
        // Rows with labels are looked at one by one.
        let (margin, leading) = if labels.is_empty() { (EDGE, GAP) } else { (300, 5 * GAP) };
        let wide = columns.saturating_mul(size.0 + GAP).saturating_add(margin + EDGE).max(NARROWEST);
        let top = (heading_end(remarks.len()) * f64::from(SCALE)).ceil() as u32;
        let high = rows.saturating_mul(size.1 + leading).saturating_add(top + EDGE);
        let units = |pixels: u32| f64::from(pixels) / f64::from(SCALE);
        let place = |row: u32| (units(margin - 16), units(top + row * (size.1 + leading) + size.1 / 2));
        let labels = (0..rows).map(place).zip(labels.iter().copied());
        let svg = lettering((units(wide), units(high)), units(EDGE), (title, remarks), labels);
        let sheet = png(&svg, SCALE as f32)?;
        let canvas = image::load_from_memory_with_format(&sheet, ImageFormat::Png).map_err(refuse)?.to_rgb8();
        Ok(Self { canvas, origin: (margin, top), columns: columns.max(1), magnification, size, leading })
    }

    /// Where image `index` begins: they go row by row.
    fn place(&self, index: usize) -> (u32, u32) {
        // No sheet has as many images.
        let index = u32::try_from(index).unwrap_or(u32::MAX);
        let (row, column) = (index / self.columns, index % self.columns);
        (self.origin.0 + column * (self.size.0 + GAP), self.origin.1 + row * (self.size.1 + self.leading))
    }

    /// Puts `tile` to its place; with a cross over it where it is `crossed`: black lines with white edges, which stand out
    /// from every brightness.
    pub(super) fn put(&mut self, index: usize, tile: &RgbImage, crossed: bool) {
        let (left, top) = self.place(index);
        let pixel = |x: u32, y: u32| match from_diagonals((x, y), self.size) {
            0..=1 if crossed => Rgb([0; 3]),
            2..=3 if crossed => Rgb([255; 3]),
            _ => *tile.get_pixel(x / self.magnification, y / self.magnification),
        };
        let drawn = RgbImage::from_fn(self.size.0, self.size.1, pixel);
        imageops::replace(&mut self.canvas, &drawn, left.into(), top.into());
    }

    /// The sheet as PNG, in grey where nothing on it has a colour, marked as this program's own.
    ///
    /// # Errors
    /// [`crate::error::Error::Picture`] where it can't be encoded.
    pub(super) fn png(self) -> Result<Vec<u8>> {
        let is_grey = self.canvas.pixels().all(|Rgb([red, green, blue])| red == green && green == blue);
        let picture = DynamicImage::from(self.canvas);
        let picture = if is_grey { DynamicImage::from(picture.to_luma8()) } else { picture };
        let mut bytes = Vec::new();
        picture.write_to(&mut Cursor::new(&mut bytes), ImageFormat::Png).map_err(refuse)?;
        Ok(mark(&bytes))
    }
}

/// About how far the pixel at (x, y) of an image of (width, height) pixels is from the nearer diagonal; in a square exactly, along
/// its rows.
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

    fn layout<'a>(labels: &'a [&'a str]) -> Layout<'a> {
        Layout {
            title: "A title",
            remarks: &["a remark"],
            labels,
            rows: 2,
            columns: 3,
            image: (2, 2),
            target: 8,
        }
    }

    fn tile(columns: u32, levels: [u8; 4]) -> RgbImage {
        RgbImage::from_fn(columns, 4 / columns, |x, y| Rgb([levels[(y * columns + x) as usize]; 3]))
    }

    #[test]
    fn images_stand_row_by_row_each_pixel_a_square() {
        let mut grid = Grid::new(layout(&[])).unwrap();
        // The heading has two lines: 48 + 12 units.
        assert_eq!((grid.origin, grid.magnification, grid.size), ((48, 120), 4, (8, 8)));
        assert_eq!([0, 2, 3, 5].map(|index| grid.place(index)), [(48, 120), (68, 120), (48, 130), (68, 130)]);
        grid.put(5, &tile(2, [10, 20, 30, 40]), false);
        let image = pixels(&grid.png().unwrap());
        assert_eq!(image.dimensions(), (1280, 120 + 2 * 10 + 48));
        let at = |x: u32, y: u32| image.get_pixel(68 + x, 130 + y).0[0];
        assert_eq!([at(0, 0), at(3, 3), at(4, 0), at(0, 4), at(7, 7)], [10, 10, 20, 30, 40]);
        assert_eq!(at(8, 0), 255, "nothing beside it");
        assert!(image.pixels().any(|pixel| pixel.0[0] < 100), "the heading is drawn");
    }

    #[test]
    fn a_cross_is_black_and_white_on_any_ground() {
        for level in [0, 128, 255] {
            let mut grid = Grid::new(Layout { target: 56, ..layout(&[]) }).unwrap();
            grid.put(0, &tile(2, [level; 4]), true);
            let (x, y) = grid.origin;
            let image = pixels(&grid.png().unwrap());
            let at = |dx: u32, dy: u32| image.get_pixel(x + dx, y + dy).0[0];
            assert_eq!([at(0, 0), at(20, 21), at(55, 0), at(40, 15)], [0; 4]);
            assert_eq!([at(3, 0), at(20, 23), at(52, 0)], [255; 3]);
            assert_eq!([at(28, 4), at(4, 28)], [level; 2]);
        }
    }

    #[test]
    fn images_that_are_no_squares_keep_their_shape() {
        let mut grid = Grid::new(Layout { image: (1, 4), ..layout(&[]) }).unwrap();
        assert_eq!((grid.magnification, grid.size), (2, (8, 2)));
        assert_eq!([0, 1, 3].map(|index| grid.place(index)), [(48, 120), (58, 120), (48, 124)]);
        grid.put(4, &tile(4, [10, 20, 30, 40]), false);
        let image = pixels(&grid.png().unwrap());
        assert_eq!(image.dimensions(), (1280, 120 + 2 * 4 + 48));
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
        let mut grid = Grid::new(layout(&["first", "second"])).unwrap();
        assert_eq!((grid.place(3).1, grid.place(0).0), (grid.origin.1 + 18, 300));
        let red = RgbImage::from_pixel(2, 2, Rgb([200, 0, 0]));
        grid.put(0, &red, false);
        let bytes = grid.png().unwrap();
        let image = pixels(&bytes);
        assert_eq!(image.get_pixel(300, 120).0, [200, 0, 0]);
        let is_dark = |x: u32, y: u32| image.get_pixel(x, y).0[0] < 100;
        assert!((200..290).any(|x| (118..134).any(|y| is_dark(x, y))), "a label left of the first row");
    }
}
