//! Standardisation in place: (x − mean) / (sd + epsilon).
//!
//! Feature scope uses the mean and population sd (÷ N) of each input over the training samples, also for the held-out samples.
//! Sample scope uses the mean and population sd (÷ n) of each sample over its own inputs. Global scope uses one mean and one
//! population sd (÷ N n), over all values of all training samples, also for the held-out samples. Statistics and arithmetic are f64;
//! the result is rounded once to the samples' own type. Samples that their source stores in f64 are standardised as f64 and
//! rounded to f32 afterwards, because in f32 an offset would cost digits.
//!
//! Domain: finite values. If sd + epsilon is 0, the result is 0 (for held-out samples, too), never NaN.
//! Cost: three passes over the matrix, row by row, without a copy.

use ndarray::{Array1, ArrayView, ArrayView2, ArrayViewMut2, Dimension};

use super::Standardize;
use crate::real::Real;

/// The mean and the population standard deviation by which each input is standardised.
#[derive(Debug, Clone, PartialEq)]
pub struct Statistics {
    /// \[n\].
    pub mean: Array1<f64>,
    /// \[n\], ≥ 0, exactly 0 if the values that it is about are constant.
    pub sd: Array1<f64>,
}

impl Statistics {
    /// The statistics of each input over the rows of `samples`, \[N, n\].
    ///
    /// # Panics
    /// When there is no sample.
    pub fn of<F: Real>(samples: &ArrayView2<'_, F>) -> Self {
        assert!(samples.nrows() > 0, "statistics of no samples: shape {:?}", samples.shape());
        let count = samples.nrows() as f64;
        // Differences from the first sample are summed, so that a constant input has sd 0 exactly.
        let first = samples.row(0).mapv(Real::as_f64);
        let mut mean = Array1::<f64>::zeros(samples.ncols());
        for row in samples.rows() {
            let inputs = mean.iter_mut().zip(row).zip(&first);
            inputs.for_each(|((sum, &value), first)| *sum += value.as_f64() - first);
        }
        mean.zip_mut_with(&first, |sum, first| *sum = first + *sum / count);
        let mut sd = Array1::<f64>::zeros(samples.ncols());
        for row in samples.rows() {
            for ((sum, &value), mean) in sd.iter_mut().zip(row).zip(&mean) {
                let difference = value.as_f64() - mean;
                *sum += difference * difference;
            }
        }
        sd.mapv_inplace(|sum| (sum / count).sqrt());
        Self { mean, sd }
    }

    /// The statistics of all values of `samples`, \[N, n\]: the same for each input.
    ///
    /// # Panics
    /// When there is no value.
    pub fn of_all<F: Real>(samples: &ArrayView2<'_, F>) -> Self {
        let (mean, sd) = moments(samples).expect("statistics of at least one value");
        let same = |value| Array1::from_elem(samples.ncols(), value);
        Self { mean: same(mean), sd: same(sd) }
    }

    /// Replaces each value of `samples`, \[N, n\], by (x − mean) / (sd + epsilon), or by 0 if the divisor is 0.
    ///
    /// # Panics
    /// When the numbers of inputs differ.
    pub fn apply<F: Real>(&self, mut samples: ArrayViewMut2<'_, F>, epsilon: f64) {
        assert_eq!(samples.ncols(), self.mean.len(), "inputs of the samples and of the statistics");
        let divisor = self.sd.mapv(|sd| divisor(sd, epsilon));
        for mut row in samples.rows_mut() {
            for ((value, mean), divisor) in row.iter_mut().zip(&self.mean).zip(&divisor) {
                *value = F::from_f64((value.as_f64() - mean) / divisor);
            }
        }
    }
}

/// sd + epsilon, or infinity instead of 0, so that the quotient is 0.
fn divisor(sd: f64, epsilon: f64) -> f64 {
    let sum = sd + epsilon;
    if sum > 0.0 { sum } else { f64::INFINITY }
}

/// Standardises the training samples `train` \[N, n\] in place; returns the statistics under feature and global scope, by which other samples
/// are standardised ([`standardize_like`]).
///
/// # Panics
/// Under feature and global scope, when `train` has no row.
pub fn standardize<F: Real>(how: Standardize, train: ArrayViewMut2<'_, F>) -> Option<Statistics> {
    let statistics = match how {
        Standardize::Feature { .. } => Some(Statistics::of(&train.view())),
        Standardize::Global { .. } => Some(Statistics::of_all(&train.view())),
        Standardize::Sample { .. } | Standardize::None => None,
    };
    standardize_like(how, statistics.as_ref(), train);
    statistics
}

/// Standardises `samples` \[M, n\] in place like the training samples, whose `statistics` feature and global scope need.
///
/// # Panics
/// Under feature and global scope, without statistics, or when the numbers of inputs differ.
pub fn standardize_like<F: Real>(
    how: Standardize,
    statistics: Option<&Statistics>,
    samples: ArrayViewMut2<'_, F>,
) {
    match how {
        Standardize::None => {}
        Standardize::Feature { epsilon } | Standardize::Global { epsilon } => {
            let statistics = statistics.expect("the scope has the statistics of the training samples");
            statistics.apply(samples, epsilon);
        }
        Standardize::Sample { epsilon } => by_sample(samples, epsilon),
    }
}

fn by_sample<F: Real>(mut samples: ArrayViewMut2<'_, F>, epsilon: f64) {
    for mut row in samples.rows_mut() {
        let Some((mean, sd)) = moments(&row.view()) else { return };
        let divisor = divisor(sd, epsilon);
        row.mapv_inplace(|value| F::from_f64((value.as_f64() - mean) / divisor));
    }
}

/// Mean and population standard deviation of `values`; `None` without values.
pub(super) fn moments<F: Real, D: Dimension>(values: &ArrayView<'_, F, D>) -> Option<(f64, f64)> {
    let count = values.len() as f64;
    let first = values.first()?.as_f64();
    let mean = first + values.iter().map(|value| value.as_f64() - first).sum::<f64>() / count;
    let squares = values.iter().map(|value| (value.as_f64() - mean).powi(2)).sum::<f64>();
    Some((mean, (squares / count).sqrt()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{Array2, Axis, array, s};
    use rand::{Rng, SeedableRng};

    fn samples(rows: usize, columns: usize) -> Array2<f32> {
        let mut random = rand_chacha::ChaCha8Rng::seed_from_u64(7);
        // Far from 0 and with unequal spread: sums in f32 or sums of squares would be inaccurate.
        Array2::from_shape_fn((rows, columns), |(_, column)| {
            1000.0 + (column + 1) as f32 * random.random_range(-1.0..1.0_f32)
        })
    }

    /// The definition, column by column, in f64.
    fn naive(column: &[f64], others: &[f64], epsilon: f64) -> Vec<f64> {
        let count = column.len() as f64;
        let mean = column.iter().sum::<f64>() / count;
        let sd = (column.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / count).sqrt();
        others.iter().map(|x| (x - mean) / (sd + epsilon)).collect()
    }

    /// Standardises the training samples, and the held-out samples like them.
    fn both(how: Standardize, train: &mut Array2<f32>, held_out: &mut Array2<f32>) -> Option<Statistics> {
        let statistics = standardize(how, train.view_mut());
        standardize_like(how, statistics.as_ref(), held_out.view_mut());
        statistics
    }

    /// The tolerance allows one rounding to f32 and a few to f64.
    fn assert_close(found: f32, expected: f64) {
        assert!((f64::from(found) - expected).abs() <= 1e-7 * expected.abs() + 1e-10, "{found} {expected}");
    }

    #[test]
    fn feature_scope_follows_the_definition() {
        for epsilon in [0.0, 0.1] {
            let all = samples(230, 13);
            let (mut train, mut held_out) =
                (all.slice(s![..200, ..]).to_owned(), all.slice(s![200.., ..]).to_owned());
            let how = Standardize::Feature { epsilon };
            let statistics = both(how, &mut train, &mut held_out).unwrap();
            assert_eq!(statistics.mean.len(), 13);
            for column in 0..13 {
                let values = all.column(column).mapv(f64::from).to_vec();
                let expected = naive(&values[..200], &values, epsilon);
                let (first, last) = (train.column(column), held_out.column(column));
                let pairs = first.iter().chain(last).zip(expected);
                pairs.for_each(|(&found, expected)| assert_close(found, expected));
            }
        }
    }

    #[test]
    fn sample_scope_follows_the_definition() {
        let all = samples(20, 31);
        let (mut train, mut held_out) =
            (all.slice(s![..15, ..]).to_owned(), all.slice(s![15.., ..]).to_owned());
        let how = Standardize::Sample { epsilon: 0.5 };
        assert_eq!(both(how, &mut train, &mut held_out), None);
        for (row, found) in all.rows().into_iter().zip(train.rows().into_iter().chain(held_out.rows())) {
            let values = row.mapv(f64::from).to_vec();
            let expected = naive(&values, &values, 0.5);
            found.iter().zip(expected).for_each(|(&found, expected)| assert_close(found, expected));
        }
    }

    #[test]
    fn global_scope_follows_the_definition() {
        for epsilon in [0.0, 0.1] {
            let all = samples(230, 13);
            let (mut train, mut held_out) =
                (all.slice(s![..200, ..]).to_owned(), all.slice(s![200.., ..]).to_owned());
            let used: Vec<f64> = train.iter().map(|x| f64::from(*x)).collect();
            let how = Standardize::Global { epsilon };
            let statistics = both(how, &mut train, &mut held_out).unwrap();
            assert_eq!(statistics.mean, Array1::from_elem(13, statistics.mean[0]));
            let others: Vec<f64> = all.iter().map(|x| f64::from(*x)).collect();
            let expected = naive(&used, &others, epsilon);
            train.iter().chain(&held_out).zip(expected).for_each(|(&found, e)| assert_close(found, e));
        }
        // An input keeps its place among the others: the first varies less and both have another mean.
        let mut train = array![[1.0_f32, 3.0], [1.0, 7.0]];
        standardize(Standardize::Global { epsilon: 0.0 }, train.view_mut());
        let sd = 6.0_f64.sqrt();
        assert_eq!(train, array![[-2.0, 0.0], [-2.0, 4.0]].mapv(|x: f64| (x / sd) as f32));
    }

    #[test]
    fn constant_inputs_and_samples_become_zero() {
        for epsilon in [0.0, 0.1] {
            let mut train = array![[0.1_f32, 1.0], [0.1, 2.0], [0.1, 3.0]];
            let mut held_out = array![[0.1_f32, 2.0]];
            let how = Standardize::Feature { epsilon };
            let statistics = both(how, &mut train, &mut held_out).unwrap();
            assert_eq!((statistics.sd[0], statistics.mean[0]), (0.0, f64::from(0.1_f32)));
            assert!(train.column(0).iter().all(|&value| value == 0.0), "{train}");
            assert_eq!(held_out, array![[0.0, 0.0]]);

            let mut train = array![[0.1_f32, 0.1, 0.1], [1.0, 2.0, 3.0]];
            standardize(Standardize::Sample { epsilon }, train.view_mut());
            assert!(train.row(0).iter().all(|&value| value == 0.0), "{train}");
            assert!(train[[1, 0]] < -1.0 && train[[1, 1]] == 0.0);
        }
        // An input that is constant in training has no scale: other held-out values become 0, too, not infinite.
        let (mut train, mut held_out) = (array![[5.0_f32], [5.0]], array![[6.0_f32]]);
        both(Standardize::Feature { epsilon: 0.0 }, &mut train, &mut held_out);
        assert_eq!(held_out, array![[0.0]]);
    }

    #[test]
    fn one_sample_and_no_scope() {
        let mut one = array![[3.0_f32, 4.0]];
        standardize(Standardize::Feature { epsilon: 0.0 }, one.view_mut());
        assert_eq!(one, array![[0.0, 0.0]]);
        let mut same = samples(4, 3);
        assert_eq!(standardize(Standardize::None, same.view_mut()), None);
        assert_eq!(same, samples(4, 3));
    }

    #[test]
    fn extreme_values_stay_finite() {
        let mut train = array![[f32::MAX, f32::MIN_POSITIVE], [f32::MIN, 0.0], [f32::MAX, 0.0]];
        standardize(Standardize::Feature { epsilon: 0.0 }, train.view_mut());
        assert!(train.iter().all(|value| value.abs() <= 2.0), "{train}");
        let spread = train.mapv(f64::from).std_axis(Axis(0), 0.0);
        assert!(spread.iter().all(|sd| (sd - 1.0).abs() < 1e-6), "{spread}");
    }

    #[test]
    #[should_panic(expected = "statistics of no samples")]
    fn no_samples() {
        Statistics::of(&Array2::<f32>::zeros((0, 3)).view());
    }
}
