//! Intervals and trends: Student's t over replicates, the bootstrap over units, Kendall's τ.

use rand::{Rng, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use serde::Serialize;
use statrs::distribution::{ContinuousCDF as _, Normal, StudentsT};

/// A number with the interval in which it lies at some confidence.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Interval {
    /// Lower bound.
    pub low: f64,
    /// Upper bound.
    pub high: f64,
}

impl Interval {
    /// The same cut to where values can lie: Student's t knows of no bounds.
    pub(super) fn within(self, [least, most]: [f64; 2]) -> Self {
        Self { low: self.low.clamp(least, most), high: self.high.clamp(least, most) }
    }
}

/// The arithmetic mean; NaN of nothing.
pub fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// The sample standard deviation, ÷ (k − 1); NaN of fewer than two values.
pub fn standard_deviation(values: &[f64]) -> f64 {
    let center = mean(values);
    let squares: f64 = values.iter().map(|x| (x - center).powi(2)).sum();
    (squares / (values.len() as f64 - 1.0)).sqrt()
}

/// The interval of the mean of k ≥ 2 independent replicates, mean ± t_(k−1, (1 + confidence) / 2) · sd / √k (Student);
/// `None` for fewer.
pub fn mean_interval(values: &[f64], confidence: f64) -> Option<Interval> {
    let k = values.len();
    if k < 2 {
        return None;
    }
    let half =
        t_quantile(k - 1, f64::midpoint(1.0, confidence)) * standard_deviation(values) / (k as f64).sqrt();
    let center = mean(values);
    Some(Interval { low: center - half, high: center + half })
}

/// The quantile `p` of Student's t with `degrees` > 0 degrees of freedom.
fn t_quantile(degrees: usize, p: f64) -> f64 {
    StudentsT::new(0.0, 1.0, degrees as f64).map_or(f64::NAN, |t| t.inverse_cdf(p))
}

/// Φ(z), the standard normal distribution.
pub fn normal_cdf(z: f64) -> f64 {
    Normal::standard().cdf(z)
}

/// About how probable it is that an interval of ± `half_width` lies within ± `margin`, if the true value is 0 and the
/// estimate is normal with the standard deviation `standard_error`: 2 Φ((margin − half_width) / standard_error) − 1,
/// 0 where the interval is too wide for any estimate. In \[0, 1\].
pub fn equivalence_power(half_width: f64, standard_error: f64, margin: f64) -> f64 {
    let room = margin - half_width;
    if room <= 0.0 {
        return 0.0;
    }
    // Without spread the estimate is 0.
    if standard_error == 0.0 { 1.0 } else { 2.0 * normal_cdf(room / standard_error) - 1.0 }
}

/// Kendall's τ_b between `x` and `y`, ties counted on neither side: in \[−1, 1\], −1 where y falls with x throughout;
/// `None` where one of them is constant or there are fewer than two points.
///
/// # Panics
/// If there are not as many `x` as `y`.
pub fn kendall_tau(x: &[f64], y: &[f64]) -> Option<f64> {
    assert_eq!(x.len(), y.len(), "as many x as y");
    let (mut score, mut differ_in_x, mut differ_in_y) = (0_i64, 0_u64, 0_u64);
    for i in 0..x.len() {
        for j in 0..i {
            let sign = |a: f64, b: f64| i64::from(a > b) - i64::from(a < b);
            let (dx, dy) = (sign(x[i], x[j]), sign(y[i], y[j]));
            score += dx * dy;
            differ_in_x += dx.unsigned_abs();
            differ_in_y += dy.unsigned_abs();
        }
    }
    let pairs = (differ_in_x as f64 * differ_in_y as f64).sqrt();
    (pairs > 0.0).then(|| score as f64 / pairs)
}

/// `resamples` draws of `units` indices below `units`, with replacement; the same for the same numbers.
pub fn unit_resamples(units: usize, resamples: usize) -> impl Iterator<Item = Vec<usize>> {
    // Any constant would do; results must not depend on the time of day.
    let mut random = ChaCha8Rng::seed_from_u64(0x0061_6573_7061_7273);
    (0..resamples).map(move |_| (0..units).map(|_| random.random_range(0..units)).collect())
}

/// The percentile interval of a statistic's bootstrap `draws`; `None` of none, or where one is not a number.
pub fn percentile_interval(mut draws: Vec<f64>, confidence: f64) -> Option<Interval> {
    if draws.is_empty() || draws.iter().any(|draw| draw.is_nan()) {
        return None;
    }
    draws.sort_by(f64::total_cmp);
    Some(Interval {
        low: quantile(&draws, (1.0 - confidence) / 2.0),
        high: quantile(&draws, f64::midpoint(1.0, confidence)),
    })
}

/// The quantile `p` of sorted values, between neighbours by linear interpolation.
fn quantile(sorted: &[f64], p: f64) -> f64 {
    let place = p * (sorted.len() - 1) as f64;
    let (below, above) = (sorted[place.floor() as usize], sorted[place.ceil() as usize]);
    below + (above - below) * place.fract()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Quantiles as in printed tables of Student's t.
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
        assert!((normal_cdf(1.959_964) - 0.975).abs() < 1e-6);
    }

    #[test]
    fn tau_is_kendalls() {
        let x = [0.0, 1.0, 2.0, 3.0];
        assert_eq!(kendall_tau(&x, &[4.0, 3.0, 2.0, 1.0]), Some(-1.0));
        assert_eq!(kendall_tau(&x, &[1.0, 2.0, 3.0, 4.0]), Some(1.0));
        // Five pairs in order, one against it.
        assert_eq!(kendall_tau(&x, &[1.0, 2.0, 4.0, 3.0]), Some(4.0 / 6.0));
        // One tie in y: (5 − 0) / √(6 · 5).
        let tied = kendall_tau(&x, &[1.0, 2.0, 3.0, 3.0]).unwrap();
        assert!((tied - 5.0 / 30.0_f64.sqrt()).abs() < 1e-12);
        assert_eq!(kendall_tau(&x, &[1.0; 4]), None);
        assert_eq!(kendall_tau(&[1.0], &[1.0]), None);
    }

    #[test]
    fn the_bootstrap_has_the_spread_of_the_mean() {
        // 400 values with population sd √(1/12): the mean's sd is 0.01443.
        let values: Vec<f64> = (0..400).map(|i| (f64::from(i) + 0.5) / 400.0).collect();
        let draws: Vec<f64> = unit_resamples(values.len(), 2000)
            .map(|units| mean(&units.iter().map(|unit| values[*unit]).collect::<Vec<_>>()))
            .collect();
        let again = unit_resamples(400, 2).next();
        assert_eq!(again, unit_resamples(400, 1).next());
        let interval = percentile_interval(draws, 0.95).unwrap();
        let half = 1.96 * 0.014_43;
        assert!((interval.low - (0.5 - half)).abs() < 0.003, "{interval:?}");
        assert!((interval.high - (0.5 + half)).abs() < 0.003, "{interval:?}");
        assert_eq!(percentile_interval(vec![], 0.95), None);
        assert_eq!(percentile_interval(vec![1.0, f64::NAN], 0.95), None);
    }

    /// Against the share of simulated intervals, with the noise of `rand_distr` as the other side.
    #[test]
    fn power_is_the_share_of_intervals_within_the_margin() {
        use rand_distr::{Distribution as _, StandardNormal};
        let mut random = ChaCha8Rng::seed_from_u64(1);
        for (half_width, error, margin) in [(0.01, 0.005, 0.02), (0.01, 0.02, 0.02), (0.0, 1.0, 1.0)] {
            let within = (0..40_000)
                .filter(|_| {
                    let z: f64 = StandardNormal.sample(&mut random);
                    (error * z).abs() + half_width < margin
                })
                .count();
            let power = equivalence_power(half_width, error, margin);
            assert!((power - within as f64 / 40_000.0).abs() < 0.01, "{half_width} {error}: {power}");
        }
        assert_eq!(equivalence_power(0.02, 0.001, 0.02), 0.0);
        assert_eq!(equivalence_power(0.0, 0.0, 0.02), 1.0);
    }

    #[test]
    fn quantiles_interpolate() {
        let interval = percentile_interval(vec![3.0, 1.0, 2.0], 0.5).unwrap();
        assert_eq!(interval, Interval { low: 1.5, high: 2.5 });
    }
}
