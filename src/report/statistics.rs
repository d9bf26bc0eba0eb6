//! Intervals: Student's t over replicates, the bootstrap over units.

use super::claims::margins::CONFIDENCE;
use crate::theory::quantile;
use rand::{Rng, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use serde::Serialize;
use statrs::distribution::{ContinuousCDF as _, StudentsT};
use std::cell::RefCell;
use std::collections::HashMap;

/// A confidence interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Interval {
    /// Lower bound.
    pub low: f64,
    /// Upper bound.
    pub high: f64,
}

impl Interval {
    /// The interval clamped to the range of possible values, which Student's t does not know.
    pub(super) fn within(self, [least, most]: [f64; 2]) -> Self {
        Self { low: self.low.clamp(least, most), high: self.high.clamp(least, most) }
    }
}

/// The arithmetic mean; NaN without values.
pub fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// The largest rise of `values` above their running minimum, at least 0, and the index where it is reached.
pub(super) fn largest_rise(values: impl IntoIterator<Item = f64>) -> (f64, usize) {
    let (mut least, mut largest) = (f64::INFINITY, (0.0, 0));
    for (place, value) in values.into_iter().enumerate() {
        least = least.min(value);
        if value - least > largest.0 {
            largest = (value - least, place);
        }
    }
    largest
}

/// The sample standard deviation of k values, with the divisor k − 1; NaN for fewer than two.
pub fn standard_deviation(values: &[f64]) -> f64 {
    let center = mean(values);
    let squares: f64 = values.iter().map(|x| (x - center).powi(2)).sum();
    (squares / (values.len() as f64 - 1.0)).sqrt()
}

/// The interval of the mean of k ≥ 2 independent replicates, mean ± t_(k−1, (1 + confidence) / 2) · sd / √k (Student);
/// `None` for fewer.
pub fn mean_interval(values: &[f64], confidence: f64) -> Option<Interval> {
    student_interval(mean(values), standard_deviation(values), values.len(), confidence)
}

/// [`mean_interval`] of k replicates with this mean and standard deviation.
pub fn student_interval(mean: f64, standard_deviation: f64, k: usize, confidence: f64) -> Option<Interval> {
    if k < 2 {
        return None;
    }
    let half = t_quantile(k - 1, f64::midpoint(1.0, confidence)) * standard_deviation / (k as f64).sqrt();
    Some(Interval { low: mean - half, high: mean + half })
}

/// The quantile `p` of Student's t with `degrees` > 0 degrees of freedom.
fn t_quantile(degrees: usize, p: f64) -> f64 {
    thread_local! {
        /// Quantiles by arguments: each takes an iteration, and the same few are needed many times.
        static KNOWN: RefCell<HashMap<(usize, u64), f64>> = RefCell::default();
    }
    let quantile = || StudentsT::new(0.0, 1.0, degrees as f64).map_or(f64::NAN, |t| t.inverse_cdf(p));
    KNOWN.with_borrow_mut(|known| *known.entry((degrees, p.to_bits())).or_insert_with(quantile))
}

/// `resamples` draws of `units` indices below `units`, with replacement; equal arguments give equal draws.
pub fn unit_resamples(units: usize, resamples: usize) -> impl Iterator<Item = Vec<usize>> {
    // The seed is fixed, because equal results must give equal intervals. Any constant would do.
    let mut random = ChaCha8Rng::seed_from_u64(0x0061_6573_7061_7273);
    (0..resamples).map(move |_| (0..units).map(|_| random.random_range(0..units)).collect())
}

/// The percentile interval of a statistic's bootstrap `draws`, which increase; `None` without draws.
pub fn percentile_interval(draws: &[f64], confidence: f64) -> Option<Interval> {
    (!draws.is_empty()).then(|| Interval {
        low: quantile(draws, (1.0 - confidence) / 2.0),
        high: quantile(draws, f64::midpoint(1.0, confidence)),
    })
}

/// Each of `values` once, in ascending order.
pub fn increasing(values: impl IntoIterator<Item = f64>) -> Vec<f64> {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    values.dedup();
    values
}

/// The mean of a number over replicates.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// The mean.
    pub mean: f64,
    /// Student's interval of the mean at [`CONFIDENCE`], clamped to \[0, 1\] for a fraction; `None` with one replicate.
    pub interval: Option<Interval>,
}

impl Estimate {
    /// A missing value that is no divergence: a curve has a gap there, and no cross.
    pub(in crate::report) const GAP: Self = Self { mean: f64::NAN, interval: None };

    /// Whether mean and bounds are finite; for stored runs they are.
    pub fn is_finite(&self) -> bool {
        self.mean.is_finite() && self.interval.is_none_or(|i| i.low.is_finite() && i.high.is_finite())
    }

    /// The upper bound; the mean where there is none, or where the mean is larger.
    pub(in crate::report) fn upper(&self) -> f64 {
        self.interval.map_or(self.mean, |interval| interval.high.max(self.mean))
    }

    /// The estimate from one value for each replicate; `None` without values.
    pub(in crate::report) fn of(values: &[f64]) -> Option<Self> {
        (!values.is_empty()).then(|| Self { mean: mean(values), interval: mean_interval(values, CONFIDENCE) })
    }

    /// [`Estimate::of`] for fractions, whose interval is clamped to \[0, 1\].
    pub(in crate::report) fn of_fractions(values: &[f64]) -> Option<Self> {
        Self::of(values).map(|estimate| estimate.within([0.0, 1.0]))
    }

    /// The estimate of the number times `factor` ≥ 0.
    pub(in crate::report) fn times(self, factor: f64) -> Self {
        let scaled = |Interval { low, high }| Interval { low: factor * low, high: factor * high };
        Self { mean: factor * self.mean, interval: self.interval.map(scaled) }
    }

    /// The estimate with its interval clamped to `range`.
    pub(in crate::report) fn within(self, range: [f64; 2]) -> Self {
        Self { interval: self.interval.map(|interval| interval.within(range)), ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rise_counts_from_the_running_minimum() {
        assert_eq!(largest_rise([0.9, 0.5, 0.1]), (0.0, 0));
        assert_eq!(largest_rise([0.5, 0.25, 0.75, 0.5, 0.875]), (0.625, 4));
        assert_eq!(largest_rise([0.5, 1.0, 0.25, 0.5]), (0.5, 1));
        assert_eq!(largest_rise([]), (0.0, 0));
    }

    /// Compares quantiles with printed tables of Student's t.
    #[test]
    fn intervals_are_students() {
        for (degrees, p, expected) in
            [(1, 0.975, 12.706), (2, 0.975, 4.303), (4, 0.95, 2.132), (9, 0.995, 3.250), (2, 0.999, 22.327)]
        {
            assert!(
                (t_quantile(degrees, p) - expected).abs() < 6e-4,
                "{degrees} {p}: {}",
                t_quantile(degrees, p)
            );
        }
        // mean 2, sd 1, three values: 2 ± 4.3027 / √3.
        let interval = mean_interval(&[1.0, 2.0, 3.0], 0.95).unwrap();
        assert!((interval.high - 2.0 - 4.302_65 / 3.0_f64.sqrt()).abs() < 1e-4, "{interval:?}");
        assert!((interval.low + interval.high - 4.0).abs() < 1e-12);
        assert_eq!(mean_interval(&[1.0], 0.95), None);
        assert_eq!(mean_interval(&[0.25, 0.25], 0.95), Some(Interval { low: 0.25, high: 0.25 }));
    }

    #[test]
    fn the_bootstrap_has_the_spread_of_the_mean() {
        // 400 values with population sd √(1/12): the mean's sd is 0.01443.
        let values: Vec<f64> = (0..400).map(|i| (f64::from(i) + 0.5) / 400.0).collect();
        let mut draws: Vec<f64> = unit_resamples(values.len(), 2000)
            .map(|units| mean(&units.iter().map(|unit| values[*unit]).collect::<Vec<_>>()))
            .collect();
        let again = unit_resamples(400, 2).next();
        assert_eq!(again, unit_resamples(400, 1).next());
        draws.sort_by(f64::total_cmp);
        let interval = percentile_interval(&draws, 0.95).unwrap();
        let half = 1.96 * 0.014_43;
        assert!((interval.low - (0.5 - half)).abs() < 0.003, "{interval:?}");
        assert!((interval.high - (0.5 + half)).abs() < 0.003, "{interval:?}");
        assert_eq!(percentile_interval(&[], 0.95), None);
    }

    #[test]
    fn quantiles_interpolate() {
        let interval = percentile_interval(&[1.0, 2.0, 3.0], 0.5).unwrap();
        assert_eq!(interval, Interval { low: 1.5, high: 2.5 });
    }
}
