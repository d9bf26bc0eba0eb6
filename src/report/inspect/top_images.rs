//! A contact sheet: for each of the most active units, the images that activate it most.

use super::features::{TOP_SAMPLES, UnitFeature, most_active_first};
use super::geometry::Geometry;
use super::names::{heading, words};
use super::raster::ImageSheet;
use super::reconstructions::shade;
use crate::data::{Dataset, Standardize, Units};
use crate::error::Result;
use crate::report::text::significant;
use crate::store::StoredRun;
use image::{Rgb, RgbImage, imageops};
use ndarray::s;

/// Greatest number of units, each a row of the sheet.
const MOST_UNITS: usize = 50;

/// Approximate length of an image's longer side, in pixels; larger images are scaled down to it.
const TARGET: u32 = 96;

/// A PNG with a row for each of the 50 most active `units` of `run`, dead ones left out: the images of `dataset` that activate it most, the
/// largest h on the left. Images are shown in the units of their source. Samples standardised by sample, as `how` may say, have lost their
/// mean and spread, so each image then has its own contrast, from its least value to its greatest. `None` if all units are dead.
///
/// # Errors
/// [`crate::error::Error::Picture`] where the picture can't be rendered.
///
/// # Panics
/// If the samples have another number of inputs than `geometry`.
pub fn top_images(
    run: &StoredRun,
    units: &[UnitFeature],
    (dataset, how): (&Dataset, Standardize),
    geometry: Geometry,
) -> Result<Option<Vec<u8>>> {
    let counts: Vec<u64> = units.iter().map(|feature| feature.active_samples).collect();
    let alive = most_active_first(&counts).into_iter().filter(|unit| counts[*unit] > 0);
    let shown: Vec<usize> = alive.take(MOST_UNITS).collect();
    if shown.is_empty() {
        return Ok(None);
    }
    let image = |row: usize| small(&sample_image((dataset, how), row, geometry));
    let (rows, columns) = geometry.size();
    let blank = small(&RgbImage::from_pixel(columns as u32, rows as u32, Rgb([255; 3])));
    let row = |unit: &usize| {
        let top = &units[*unit].top;
        let images = top.iter().map(|(row, _)| image(*row));
        images
            .chain(vec![blank.clone(); TOP_SAMPLES - top.len()])
            .map(|image| (image, false))
            .collect::<Vec<_>>()
    };
    let images: Vec<_> = shown.iter().flat_map(row).collect();
    let labels: Vec<String> =
        shown.iter().map(|unit| format!("unit {unit}, {}", significant(units[*unit].density))).collect();
    let about = match (shown.len(), units.len()) {
        (shown, all) if shown < all => format!("the {shown} most active of {all} units"),
        (_, all) => format!("{all} units, the most active first"),
    };
    let contrast = match how {
        Standardize::Sample { .. } => "each image with its own contrast",
        _ => "in the units of the data",
    };
    let sheet = ImageSheet {
        title: &heading("Top images", run),
        remarks: &[
            &words(run),
            &format!("{about}, each with its firing density and the training samples of its largest h"),
            contrast,
        ],
        labels: &labels.iter().map(String::as_str).collect::<Vec<_>>(),
        columns: TOP_SAMPLES,
        target: TARGET as usize,
    };
    sheet.png(&images).map(Some)
}

/// The training sample in row `row` as an image.
fn sample_image((dataset, how): (&Dataset, Standardize), row: usize, geometry: Geometry) -> RgbImage {
    let sample = dataset.train.slice(s![row..row + 1, ..]);
    let (values, range) = match how {
        Standardize::Sample { .. } => {
            let values: Vec<f64> = sample.iter().map(|value| f64::from(*value)).collect();
            let least = values.iter().copied().fold(f64::INFINITY, f64::min);
            let greatest = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            (values, (least, greatest))
        }
        // Bytes, which the readers of images divide by 255.
        _ => {
            let units = Units::of(how, &sample, dataset.statistics.as_ref());
            (units.restore(&sample).into_iter().collect(), (0.0, 1.0))
        }
    };
    geometry.tile(&values, |value| shade(value, range))
}

/// The image, scaled down where a side is longer than [`TARGET`].
fn small(image: &RgbImage) -> RgbImage {
    let (width, height) = image.dimensions();
    let longest = width.max(height);
    if longest <= TARGET {
        return image.clone();
    }
    let scaled = |side: u32| (side * TARGET / longest).max(1);
    imageops::thumbnail(image, scaled(width), scaled(height))
}

#[cfg(test)]
mod tests {
    use super::super::features::tests::relu_run;
    use super::super::raster::tests::pixels;
    use super::*;
    use crate::data::{Precision, Raw, SampleIds, SampleMatrix, Source, Stored};
    use ndarray::Array2;

    /// Samples of 2 × 2 pixels: sample i has the levels 10 i, 10 i + 1, 10 i + 2 and 250, each divided by 255.
    fn dataset(how: Standardize) -> Dataset {
        let level = |(i, pixel): (usize, usize)| if pixel == 3 { 250.0 } else { (10 * i + pixel) as f32 };
        let train = Array2::from_shape_fn((12, 4), |place| level(place) / 255.0);
        let (name, sha256) = ("mine".to_owned(), "0".repeat(64));
        let (train, ids) = (SampleMatrix::Single(train), SampleIds::Rows);
        let raw = Raw {
            name,
            sha256,
            available: 12,
            train,
            ids,
            held_out: None,
            held_out_ids: SampleIds::Rows,
            held_out_from: None,
            split: None,
            stored: Stored::Bytes,
            remarks: Vec::new(),
        };
        assert_eq!(raw.standardized_from(how), Precision::Single);
        raw.standardize(how).unwrap()
    }

    fn unit(active_samples: u64, top: &[usize]) -> UnitFeature {
        UnitFeature {
            active_samples,
            density: 0.5,
            mean: 0.0,
            mean_when_active: None,
            largest: 1.0,
            top: top.iter().map(|row| (*row, 1.0)).collect(),
            nearest: Vec::new(),
        }
    }

    #[test]
    fn a_row_has_the_images_of_a_unit_in_their_own_shades() {
        let units = [unit(1, &[4]), unit(0, &[]), unit(11, &[7, 3, 0, 1, 2, 4, 5, 6, 8, 9])];
        let geometry = Geometry::of(&Source::Mnist, 4).unwrap();
        let draw = |how| {
            let sheet = top_images(&relu_run(), &units, (&dataset(how), how), geometry).unwrap().unwrap();
            pixels(&sheet)
        };
        // Two rows of images of 2 × 2 squares of 32 pixels, 74 apart, below a heading with four lines.
        let at = |image: &RgbImage, row: u32, column: u32, pixel: u32| {
            let (x, y) = (300 + column * 66 + (pixel % 2) * 32, 192 + row * 74 + (pixel / 2) * 32);
            image.get_pixel(x + 8, y + 8).0[0]
        };
        for how in
            [Standardize::None, Standardize::Feature { epsilon: 0.1 }, Standardize::Global { epsilon: 0.0 }]
        {
            let image = draw(how);
            assert_eq!([0, 1, 2, 3].map(|pixel| at(&image, 0, 0, pixel)), [70, 71, 72, 250], "{how:?}");
            assert_eq!([at(&image, 0, 1, 0), at(&image, 0, 9, 1), at(&image, 1, 0, 0)], [30, 91, 40]);
            assert_eq!([at(&image, 1, 1, 0), at(&image, 1, 9, 3)], [255; 2], "nothing beside the only image");
            assert_eq!(image.height(), 192 + 2 * 74 + 48, "the dead unit has no row");
        }
        // 70 is the least of the sample and 250 the greatest.
        let image = draw(Standardize::Sample { epsilon: 0.0 });
        assert_eq!([0, 1, 3].map(|pixel| at(&image, 0, 0, pixel)), [0, 1, 255]);
    }

    #[test]
    fn dead_units_alone_give_no_sheet_and_large_images_are_scaled_down() {
        let how = Standardize::None;
        let geometry = Geometry::of(&Source::Mnist, 4).unwrap();
        let dead = [unit(0, &[])];
        assert_eq!(top_images(&relu_run(), &dead, (&dataset(how), how), geometry).unwrap(), None);
        let of = |width, height| small(&RgbImage::new(width, height)).dimensions();
        assert_eq!([of(96, 20), of(192, 64), of(512, 2)], [(96, 20), (96, 32), (96, 1)]);
    }
}
