//! The rows of W as images.

use super::features::most_active_first;
use super::geometry::Geometry;
use super::names::{heading, words};
use super::raster::{ImageSheet, magnification};
use crate::error::Result;
use crate::store::StoredRun;
use image::RgbImage;
use ndarray::ArrayView2;

/// Approximate length of a filter's longer side, in pixels.
const TARGET: usize = 56;

/// Greatest number of filters in a picture, and approximately of the pixels that they fill.
const MOST_FILTERS: usize = 1600;
const MOST_PIXELS: usize = 12_000_000;

/// The filters W_j of `run`, the rows of `weights` \[m, n\], as a PNG with a grid of images, row by row. The unit that is active
/// on most training samples comes first; dead units come last and are crossed out.
///
/// Each filter has its own contrast, symmetric about 0: black is −max_i |W_ji|, middle grey 0 and white max_i |W_ji|, with the
/// maximum over all channels. W acts on standardised inputs and is shown unchanged. Where the record has no counts by unit,
/// filters are in the order of the rows and none is crossed out. Of many units, every k-th in this order is shown.
///
/// # Errors
/// [`crate::error::Error::Picture`] where the picture can't be rendered.
///
/// # Panics
/// If the weights have another number of inputs than `geometry`.
pub fn filters(run: &StoredRun, weights: ArrayView2<'_, f32>, geometry: Geometry) -> Result<Vec<u8>> {
    let counts = run.record.activity.as_ref().map(|activity| activity.active_samples.as_slice());
    let counts = counts.filter(|counts| counts.len() == weights.nrows());
    let order = counts.map_or_else(|| (0..weights.nrows()).collect(), most_active_first);
    let (rows, columns) = geometry.size();
    let factor = magnification((rows, columns), TARGET);
    let [height, width] = [rows, columns].map(|pixels| pixels * factor + 2);
    let most = (MOST_PIXELS / (height * width)).clamp(1, MOST_FILTERS);
    let step = order.len().div_ceil(most).max(1);
    let shown: Vec<usize> = order.into_iter().step_by(step).collect();
    // The factor makes the sheet wider than high.
    let ratio = height as f64 / width as f64;
    let columns = ((1.6 * shown.len() as f64 * ratio).sqrt().ceil() as usize).max(1);
    let about = about(counts, weights.nrows(), step);
    let layout = ImageSheet {
        title: &heading("Filters W_j", run),
        remarks: &[&words(run), &about, "each by itself: black −max |W_j|, grey 0, white max |W_j|"],
        labels: &[],
        columns,
        target: TARGET,
    };
    let image = |unit: usize| {
        let row: Vec<f64> = weights.row(unit).iter().map(|w| f64::from(*w)).collect();
        (tile(geometry, &row), counts.is_some_and(|counts| counts[unit] == 0))
    };
    layout.png(&shown.into_iter().map(image).collect::<Vec<_>>())
}

/// A remark on the shown units: every `step`-th of `hidden`.
fn about(counts: Option<&[u64]>, hidden: usize, step: usize) -> String {
    let every = if step > 1 { format!("1 in {step} of {hidden} units") } else { format!("{hidden} units") };
    match counts {
        None => format!("{every}, in the order of the rows: the record has no counts by unit"),
        Some(counts) => {
            let dead = counts.iter().filter(|count| **count == 0).count();
            let dead = if dead == 0 { "none dead".to_owned() } else { format!("{dead} dead, crossed out") };
            format!("{every}, the most active first; {dead}")
        }
    }
}

fn tile(geometry: Geometry, row: &[f64]) -> RgbImage {
    let greatest = row.iter().fold(0.0, |greatest: f64, w| greatest.max(w.abs()));
    geometry.tile(row, |w| shade(w, greatest))
}

/// 127.5 (1 + w / greatest), rounded: 0 for −greatest, 128 for 0, 255 for greatest. A filter of zeros is grey.
fn shade(w: f64, greatest: f64) -> u8 {
    let share = if greatest > 0.0 { w / greatest } else { 0.0 };
    (127.5 * (1.0 + share)).round() as u8
}

#[cfg(test)]
mod tests {
    use super::super::raster::tests::pixels;
    use super::*;
    use crate::data::Source;
    use crate::report::figure::tests::runs;
    use crate::training::Activity;
    use ndarray::Array2;
    use std::sync::Arc;

    #[test]
    fn contrast_is_symmetric_about_zero() {
        assert_eq!([-2.0, -1.0, 0.0, 1.0, 2.0].map(|w| shade(w, 2.0)), [0, 64, 128, 191, 255]);
        assert_eq!(shade(0.0, 0.0), 128);
        assert_eq!(shade(f64::NAN, 0.0), 128);
        // A unit whose weights are all positive doesn't become half black.
        let geometry = Geometry::of(&Source::Mnist, 4).unwrap();
        let pixels = tile(geometry, &[0.0, 0.1, 0.2, 0.05]).into_raw();
        assert_eq!(pixels, [[128; 3], [191; 3], [255; 3], [159; 3]].concat());
    }

    #[test]
    fn remarks_say_how_many_units_are_shown_and_dead() {
        assert!(about(Some(&[3, 0, 7, 3, 0]), 5, 1).contains("5 units, the most active first; 2 dead"));
        assert!(about(None, 5000, 4).contains("1 in 4 of 5000 units"));
    }

    #[test]
    fn filters_stand_in_their_order_with_dead_ones_crossed_out() {
        let mut run = runs("sweep = { sigma_squared = [1], regularizer = ['dae'] }", |_| Some((0.5, 0.0)))
            .pop()
            .unwrap();
        let mut record = (*run.record).clone();
        let active_samples = vec![5, 0, 9, 5, 5, 5, 5, 5, 5, 5];
        record.activity =
            Some(Activity { active_samples, pairs_above: Vec::new(), units_never_above: Vec::new() });
        run.record = Arc::new(record);
        // Unit j has its one weight at pixel j mod 4.
        let weights = Array2::from_shape_fn((10, 4), |(j, i)| if j % 4 == i { 0.5_f32 } else { 0.0 });
        let geometry = Geometry::of(&Source::Mnist, 4).unwrap();
        let png = filters(&run, weights.view(), geometry).unwrap();
        assert_eq!(png, filters(&run, weights.view(), geometry).unwrap());
        let image = pixels(&png);
        // 4 columns of 56 pixels below a heading with four lines.
        let (left, top) = (48, 192);
        let at = |index: u32, x: u32, y: u32| {
            let (column, row) = (index % 4, index / 4);
            image.get_pixel(left + column * 58 + x, top + row * 58 + y).0[0]
        };
        // Unit 2 is first: its pixel 2 is the lower left one.
        assert_eq!([at(0, 14, 42), at(0, 14, 14), at(0, 42, 42)], [255, 128, 128]);
        assert_eq!([at(1, 14, 14), at(2, 42, 42)], [255, 255], "then units 0 and 3");
        assert_eq!([at(9, 20, 21), at(9, 20, 23), at(9, 4, 28)], [0, 255, 128], "the dead one is last");
    }
}
