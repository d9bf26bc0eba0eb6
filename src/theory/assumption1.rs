//! Assumption 1: data with mean 0 and covariance I, and a residual with i.i.d. Gaussian dimensions.
//!
//! r = x − y at the current parameters. The assumption is that all r_i are independent and follow the same N(0, σ_r²).
//! Estimators of σ_r, over N samples and n dimensions:
//!
//! | name | formula | equal to σ_r if |
//! |---|---|---|
//! | `deviation`, **σ_r of Lemma 1 in this crate** | √(mean of (r_bi − mean of all r)²) | all dimensions have the same distribution |
//! | `deviation_within` | √(mean of (r_bi − mean of r_i)²) | the dimensions differ in their means alone |
//! | `root_mean_square` | √(mean of r_bi²) | all dimensions have the same distribution with mean 0 |
//!
//! within ≤ deviation ≤ root mean square; all three agree if the assumption holds. σ_r is `deviation`, because one distribution
//! for all dimensions has one mean and one deviation. Whether the mean is 0, as assumed, is tested separately by `mean`.

use super::clean::batches;
use super::quantiles::Quantiles;
use crate::linalg::{Matrix, PlainLoop, Write, product, vectorize};
use crate::real::Real;
use ndarray::{ArrayView2, s};

/// The data's part of Assumption 1: E\[x\] = 0 and E\[x xᵀ\] = I.
#[derive(Debug, Clone, PartialEq)]
pub struct DataMoments {
    /// N.
    pub samples: usize,
    /// E\[x\] \[n\].
    pub mean: Vec<f64>,
    /// ‖E\[x\]‖.
    pub mean_length: f64,
    /// max_i |E\[x_i\]|.
    pub largest_mean: f64,
    /// ‖Cov − I‖_F / √n, Cov with ÷ N: 0 under the assumption, about √((n + 1) / N) for N samples from N(0, I), 1 for
    /// constant data.
    pub covariance_distance: f64,
    /// max_{i≠k} |Cov_ik|.
    pub largest_covariance: f64,
    /// Cov_ii over the inputs, 1 under the assumption.
    pub variances: Quantiles,
}

impl DataMoments {
    /// The moments of `samples` \[N, n\], sums in `f64`: N n² operations, once per run.
    ///
    /// # Panics
    /// If there are no samples.
    pub fn of<F: Real>(samples: ArrayView2<'_, F>) -> Self {
        let (count, n) = samples.dim();
        assert!(count > 0, "moments of no samples");
        let mut mean = vec![0.0; n];
        for row in samples.rows() {
            mean.iter_mut().zip(row).for_each(|(mean, x)| *mean += x.as_f64());
        }
        mean.iter_mut().for_each(|mean| *mean /= count as f64);
        let covariance = covariance(samples, &mean);
        let (mut distance, mut largest_covariance) = (0.0, 0.0_f64);
        for i in 0..n {
            for k in 0..n {
                let value = covariance[i * n + k];
                distance += (value - f64::from(u8::from(i == k))).powi(2);
                if i != k {
                    largest_covariance = largest_covariance.max(value.abs());
                }
            }
        }
        Self {
            samples: count,
            mean_length: length(&mean),
            largest_mean: mean.iter().fold(0.0, |largest, mean| largest.max(mean.abs())),
            covariance_distance: (distance / n as f64).sqrt(),
            largest_covariance,
            variances: Quantiles::of((0..n).map(|i| covariance[i * n + i])),
            mean,
        }
    }
}

/// Cov \[n, n\]: batches are centred and multiplied in `F`, then summed in `f64`.
fn covariance<F: Real>(samples: ArrayView2<'_, F>, mean: &[f64]) -> Vec<f64> {
    let (count, n) = samples.dim();
    let mut centred = Matrix::zeros(super::clean::ROWS, n);
    let mut part = Matrix::zeros(n, n);
    let mut sum = vec![0.0; n * n];
    for (start, rows) in batches(count) {
        let batch = samples.slice(s![start..start + rows, ..]);
        for (to, from) in centred.head_mut(rows).rows_mut().into_iter().zip(batch.rows()) {
            for ((to, x), mean) in to.into_iter().zip(from).zip(mean) {
                *to = F::from_f64(x.as_f64() - mean);
            }
        }
        let centred = centred.head(rows);
        product(part.view_mut(), Write::Replace, F::one(), centred.t(), centred);
        sum.iter_mut().zip(part.values()).for_each(|(sum, part)| *sum += part.as_f64());
    }
    sum.iter_mut().for_each(|sum| *sum /= count as f64);
    sum
}

fn length(vector: &[f64]) -> f64 {
    vector.iter().map(|x| x * x).sum::<f64>().sqrt()
}

/// The residual's part of Assumption 1: r = x − y is N(0, σ_r² I).
#[derive(Debug, Clone, PartialEq)]
pub struct ResidualMoments {
    /// ‖E\[r\]‖, 0 under the assumption.
    pub mean_length: f64,
    /// Mean of all N n values, 0 under the assumption.
    pub mean: f64,
    /// **σ_r**: the standard deviation (÷ N n) of all values around `mean`.
    pub deviation: f64,
    /// The standard deviation (÷ N n) of all values around each dimension's own mean.
    pub deviation_within: f64,
    /// √(E‖r‖² / n).
    pub root_mean_square: f64,
    /// Third moment of the values standardised by dimension, pooled: 0 for Gaussian dimensions; absent if no dimension varies.
    pub skewness: Option<f64>,
    /// Fourth moment of the same values minus 3: 0 for Gaussian dimensions; absent if no dimension varies.
    pub excess_kurtosis: Option<f64>,
    /// Standard deviations of the dimensions, all equal under the assumption.
    pub dimension_deviations: Quantiles,
    /// Mean of |correlation| over pairs of dimensions that vary, on the first [`CORRELATED_SAMPLES`] samples.
    pub mean_absolute_correlation: Option<f64>,
    /// The mean |correlation| that independent dimensions have by chance: √(2 / (π N)).
    pub correlation_by_chance: Option<f64>,
}

/// Number of samples for estimating correlations: with 1000, |correlation| is 0.025 by chance.
pub const CORRELATED_SAMPLES: usize = 1000;

/// Dimensions with a variance below this share of the mean square count as constant.
const CONSTANT: f64 = 1e-12;

/// A variance below this share of its dimension's mean square is lost in the rounding of single precision.
const ROUNDING: f64 = 1e-6;

/// Sums of y − x = −r over the samples seen so far.
pub(super) struct ResidualSums<F> {
    samples: usize,
    /// Σ (y − x)_i^k for k = 1 … 4, each \[n\].
    powers: [Vec<f64>; 4],
    /// Σ (y − x)(y − x)ᵀ \[n, n\] over the first samples.
    outer: Matrix<F>,
    /// Number of samples in `outer`.
    correlated: usize,
    /// Number of samples on which correlations shall be estimated.
    to_correlate: usize,
    /// Σ (y − x)_i over the samples in `outer` \[n\].
    correlated_sum: Vec<f64>,
}

impl<F: Real> ResidualSums<F> {
    pub(super) fn new(inputs: usize) -> Self {
        Self {
            samples: 0,
            powers: [(); 4].map(|()| vec![0.0; inputs]),
            outer: Matrix::zeros(inputs, inputs),
            correlated: 0,
            to_correlate: 0,
            correlated_sum: vec![0.0; inputs],
        }
    }

    /// Clears all sums; correlations will be estimated on the first `to_correlate` samples.
    pub(super) fn reset(&mut self, to_correlate: usize) {
        (self.samples, self.correlated, self.to_correlate) = (0, 0, to_correlate);
        self.powers.iter_mut().for_each(|sums| sums.fill(0.0));
        self.outer.values_mut().fill(F::zero());
        self.correlated_sum.fill(0.0);
    }

    /// Adds y − x \[B, n\].
    pub(super) fn add(&mut self, error: ArrayView2<'_, F>) {
        self.samples += error.nrows();
        let values = crate::linalg::values(&error);
        vectorize(Powers { values, powers: &mut self.powers });
        let rows = error.nrows().min(self.to_correlate - self.correlated);
        if rows > 0 {
            let error = error.slice(s![..rows, ..]);
            product(self.outer.view_mut(), Write::Add, F::one(), error.t(), error);
            for row in error.rows() {
                self.correlated_sum.iter_mut().zip(row).for_each(|(sum, value)| *sum += value.as_f64());
            }
            self.correlated += rows;
        }
    }

    pub(super) fn finish(&self) -> ResidualMoments {
        let (count, n) = (self.samples as f64, self.correlated_sum.len() as f64);
        let moment = |k: usize, i: usize| self.powers[k - 1][i] / count;
        let dimensions = 0..self.correlated_sum.len();
        // Moments of r: the odd moments of y − x change their sign.
        let means: Vec<f64> = dimensions.clone().map(|i| -moment(1, i)).collect();
        let mean = means.iter().sum::<f64>() / n;
        let mean_square = dimensions.clone().map(|i| moment(2, i)).sum::<f64>() / n;
        let variance = |i: usize| (moment(2, i) - means[i].powi(2)).max(0.0);
        let (mut varying, mut third, mut fourth) = (0.0, 0.0, 0.0);
        for i in dimensions.clone().filter(|i| variance(*i) > CONSTANT * mean_square) {
            let (u, sd) = (means[i], variance(i).sqrt());
            let (m2, m3, m4) = (moment(2, i), -moment(3, i), moment(4, i));
            varying += 1.0;
            third += (m3 - 3.0 * u * m2 + 2.0 * u.powi(3)) / sd.powi(3);
            fourth += (m4 - 4.0 * u * m3 + 6.0 * u * u * m2 - 3.0 * u.powi(4)) / sd.powi(4);
        }
        let correlation = self.mean_absolute_correlation(CONSTANT * mean_square);
        ResidualMoments {
            mean_length: length(&means),
            mean,
            deviation: (mean_square - mean * mean).max(0.0).sqrt(),
            deviation_within: (dimensions.clone().map(variance).sum::<f64>() / n).sqrt(),
            root_mean_square: mean_square.sqrt(),
            skewness: (varying > 0.0).then(|| third / varying),
            excess_kurtosis: (varying > 0.0).then(|| fourth / varying - 3.0),
            dimension_deviations: Quantiles::of(dimensions.map(|i| variance(i).sqrt())),
            mean_absolute_correlation: correlation,
            correlation_by_chance: correlation
                .map(|_| (2.0 / (std::f64::consts::PI * self.correlated as f64)).sqrt()),
        }
    }

    /// `None` if fewer than two dimensions have a variance above `least`, or correlations were not requested.
    fn mean_absolute_correlation(&self, least: f64) -> Option<f64> {
        if self.correlated == 0 {
            return None;
        }
        let (count, n) = (self.correlated as f64, self.correlated_sum.len());
        let outer = self.outer.values();
        let mean_product = |i: usize, k: usize| outer[i * n + k].as_f64() / count;
        let covariance = |i: usize, k: usize| {
            mean_product(i, k) - self.correlated_sum[i] * self.correlated_sum[k] / (count * count)
        };
        let deviations: Vec<(usize, f64)> = (0..n)
            .map(|i| (i, covariance(i, i)))
            // Beside a mean above 1000 standard deviations, the covariances are rounding of the products in single precision.
            .filter(|(i, variance)| *variance > least && *variance > ROUNDING * mean_product(*i, *i))
            .map(|(i, variance)| (i, variance.sqrt()))
            .collect();
        let (mut sum, mut pairs) = (0.0, 0_u64);
        for (place, (i, first)) in deviations.iter().enumerate() {
            for (k, second) in &deviations[..place] {
                sum += (covariance(*i, *k) / (first * second)).abs();
                pairs += 1;
            }
        }
        (pairs > 0).then(|| sum / pairs as f64)
    }
}

/// powers\[k − 1\]\[i\] += Σ_b value_bi^k.
struct Powers<'a, F> {
    values: &'a [F],
    powers: &'a mut [Vec<f64>; 4],
}

impl<F: Real> PlainLoop for Powers<'_, F> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let [first, second, third, fourth] = self.powers;
        for row in self.values.chunks_exact(first.len().max(1)) {
            let sums = first.iter_mut().zip(&mut *second).zip(&mut *third).zip(&mut *fourth);
            for ((((s1, s2), s3), s4), value) in sums.zip(row) {
                let value = value.as_f64();
                let square = value * value;
                *s1 += value;
                *s2 += square;
                *s3 += square * value;
                *s4 += square * square;
            }
        }
    }
}
