//! What samples look like before anything is trained on them: shape, scale and sparsity.

use ndarray::Array2;

use super::raw::{Remark, SampleMatrix, Stored};
use super::rows::SampleRows;
use super::standardize::{Statistics, moments};
use super::{Locations, Source};
use crate::error::Result;
use crate::real::Real;

/// Limit on the values that are looked at.
const MOST_VALUES: usize = 1 << 26;

/// What the samples of a source look like. Numbers are of the first rows, as many as are looked at, as the source's reader gives them:
/// bytes are divided by 255.
#[derive(Debug, Clone, PartialEq)]
pub struct SampleSummary {
    /// N, the number of samples.
    pub samples: usize,
    /// n, the number of inputs.
    pub inputs: usize,
    /// How the source stores the values.
    pub stored: Stored,
    /// Number of rows that were looked at, from the first on.
    pub looked_at: usize,
    /// The smallest value.
    pub least: f64,
    /// The largest value.
    pub most: f64,
    /// The mean of all values.
    pub mean: f64,
    /// The population standard deviation of all values.
    pub sd: f64,
    /// The share of values that are 0.
    pub zeros: f64,
    /// Number of inputs that are constant.
    pub constant: usize,
    /// The smallest, the median and the largest standard deviation of an input, of those that vary; `None`: all are constant.
    pub input_sd: Option<[f64; 3]>,
    /// Whether the three channels of every pixel are equal, as far as inputs are pixels in colour, with the channels side by side.
    pub is_grey: bool,
}

impl SampleSummary {
    /// Looks at the samples of `source`, and returns the notes and warnings about them too. All samples are read and checked.
    ///
    /// # Errors
    /// As for [`read`](super::read).
    pub fn of(source: &Source, locations: &Locations) -> Result<(Self, Vec<Remark>)> {
        let rows = SampleRows::open(source, locations)?;
        let ((samples, inputs), stored) = (rows.dim(), rows.stored());
        let remarks = rows.remarks().to_vec();
        let looked_at = samples.min((MOST_VALUES / inputs).max(1));
        let mut seen = None;
        rows.blocks(looked_at, looked_at, |block| {
            seen = Some(match block {
                SampleMatrix::Single(block) => Self::of_rows(&block, samples, stored),
                SampleMatrix::Double(block) => Self::of_rows(&block, samples, stored),
            });
            Ok(())
        })?;
        match seen {
            Some(seen) => Ok((seen, remarks)),
            None => unreachable!("one block has all rows, at least one"),
        }
    }

    fn of_rows<F: Real>(rows: &Array2<F>, samples: usize, stored: Stored) -> Self {
        let (least, most) = rows.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(least, most), value| {
            (least.min(value.as_f64()), most.max(value.as_f64()))
        });
        let (mean, sd) = moments(&rows.view()).expect("at least one value");
        let zeros = rows.iter().filter(|value| value.as_f64() == 0.0).count() as f64 / rows.len() as f64;
        let mut varying: Vec<f64> =
            Statistics::of(&rows.view()).sd.into_iter().filter(|sd| *sd > 0.0).collect();
        varying.sort_by(f64::total_cmp);
        let input_sd = match varying[..] {
            [] => None,
            [ref least @ .., most] => {
                Some([*least.first().unwrap_or(&most), varying[varying.len() / 2], most])
            }
        };
        let inputs = rows.ncols();
        let pixels = rows.as_slice().unwrap_or_default().chunks_exact(3);
        let is_grey = inputs.is_multiple_of(3)
            && pixels.into_iter().all(|pixel| pixel.iter().all(|channel| *channel == pixel[0]));
        let constant = inputs - varying.len();
        let looked_at = rows.nrows();
        Self { samples, inputs, stored, looked_at, least, most, mean, sd, zeros, constant, input_sd, is_grey }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn numbers_of_a_small_matrix() {
        let rows = array![[0.0, 4.0, 1.0], [2.0, 4.0, -1.0]];
        let seen = SampleSummary::of_rows(&rows, 5, Stored::Floats);
        assert_eq!((seen.samples, seen.inputs, seen.looked_at, seen.constant), (5, 3, 2, 1));
        assert_eq!((seen.least, seen.most, seen.zeros), (-1.0, 4.0, 1.0 / 6.0));
        assert!((seen.mean - 10.0 / 6.0).abs() < 1e-12);
        assert_eq!(seen.input_sd, Some([1.0, 1.0, 1.0]));
        assert!(!seen.is_grey && SampleSummary::of_rows(&array![[1.0, 1.0, 1.0]], 1, Stored::Bytes).is_grey);
        assert_eq!(SampleSummary::of_rows(&array![[7.0]], 1, Stored::Floats).input_sd, None);
    }
}
