//! Standardisation in place: (x − mean) / (sd + epsilon).
//!
//! Feature scope: mean and population sd (÷ N) of each input over the training samples, and the same transform on
//! the held-out ones. Sample scope: mean and population sd (÷ n) of each sample over its own inputs. Statistics
//! and arithmetic are f64, the result is rounded once to f32.
//!
//! Domain: finite values. Where sd + epsilon is 0, the result is 0 (on held-out samples too), never NaN.
//! Cost: three passes over the matrix, row by row; no copy of it is made.

use ndarray::{Array1, ArrayView2, ArrayViewMut2};

use super::Standardize;

/// Mean and population standard deviation of each input.
#[derive(Debug, Clone, PartialEq)]
pub struct Statistics {
    /// \[n\].
    pub mean: Array1<f64>,
    /// \[n\], ≥ 0, exactly 0 where the input is constant.
    pub sd: Array1<f64>,
}

impl Statistics {
    /// The statistics over the rows of `samples`, \[N, n\].
    ///
    /// # Panics
    /// When there is no sample.
    pub fn of(samples: ArrayView2<'_, f32>) -> Self {
        assert!(samples.nrows() > 0, "statistics of no samples: shape {:?}", samples.shape());
        let count = samples.nrows() as f64;
        // Sums of differences from the first sample: exactly 0 for a constant input, however many samples.
        let first = samples.row(0).mapv(f64::from);
        let mut mean = Array1::<f64>::zeros(samples.ncols());
        for row in samples.rows() {
            let inputs = mean.iter_mut().zip(row).zip(&first);
            inputs.for_each(|((sum, &value), first)| *sum += f64::from(value) - first);
        }
        mean.zip_mut_with(&first, |sum, first| *sum = first + *sum / count);
        let mut sd = Array1::<f64>::zeros(samples.ncols());
        for row in samples.rows() {
            for ((sum, &value), mean) in sd.iter_mut().zip(row).zip(&mean) {
                let difference = f64::from(value) - mean;
                *sum += difference * difference;
            }
        }
        sd.mapv_inplace(|sum| (sum / count).sqrt());
        Self { mean, sd }
    }

    /// Replaces each value of `samples`, \[N, n\], by (x − mean) / (sd + epsilon), by 0 where that divisor is 0.
    ///
    /// # Panics
    /// When the numbers of inputs differ.
    pub fn apply(&self, mut samples: ArrayViewMut2<'_, f32>, epsilon: f64) {
        assert_eq!(samples.ncols(), self.mean.len(), "inputs of the samples and of the statistics");
        let divisor = self.sd.mapv(|sd| divisor(sd, epsilon));
        for mut row in samples.rows_mut() {
            for ((value, mean), divisor) in row.iter_mut().zip(&self.mean).zip(&divisor) {
                *value = ((f64::from(*value) - mean) / divisor) as f32;
            }
        }
    }
}

/// sd + epsilon; infinite where that is 0, so that dividing by it gives 0.
fn divisor(sd: f64, epsilon: f64) -> f64 {
    let sum = sd + epsilon;
    if sum > 0.0 { sum } else { f64::INFINITY }
}

/// Standardises `train` \[N, n\] and `held_out` \[M, n\] in place; returns the statistics under feature scope.
///
/// # Panics
/// Under feature scope, when `train` has no row or the numbers of inputs differ.
pub fn standardize(
    how: Standardize,
    mut train: ArrayViewMut2<'_, f32>,
    held_out: Option<ArrayViewMut2<'_, f32>>,
) -> Option<Statistics> {
    match how {
        Standardize::None => None,
        Standardize::Feature { epsilon } => {
            let statistics = Statistics::of(train.view());
            statistics.apply(train.view_mut(), epsilon);
            if let Some(held_out) = held_out {
                statistics.apply(held_out, epsilon);
            }
            Some(statistics)
        }
        Standardize::Sample { epsilon } => {
            by_sample(train, epsilon);
            if let Some(held_out) = held_out {
                by_sample(held_out, epsilon);
            }
            None
        }
    }
}

fn by_sample(mut samples: ArrayViewMut2<'_, f32>, epsilon: f64) {
    let count = samples.ncols() as f64;
    for mut row in samples.rows_mut() {
        let Some(first) = row.first().map(|&value| f64::from(value)) else { return };
        let mean = first + row.iter().map(|&value| f64::from(value) - first).sum::<f64>() / count;
        let squares = row.iter().map(|&value| (f64::from(value) - mean).powi(2)).sum::<f64>();
        let divisor = divisor((squares / count).sqrt(), epsilon);
        row.mapv_inplace(|value| ((f64::from(value) - mean) / divisor) as f32);
    }
}
