//! Quantiles and mean over units or inputs.

use super::table::columns;

columns! {
    /// Five quantiles and the mean of some numbers; absent without numbers. Quantiles between two numbers are interpolated linearly.
    pub struct Quantiles {
        /// the smallest
        pub min: Option<f64>,
        /// the quantile 1/4
        pub lower_quartile: Option<f64>,
        /// the quantile 1/2
        pub median: Option<f64>,
        /// the quantile 3/4
        pub upper_quartile: Option<f64>,
        /// the largest
        pub max: Option<f64>,
        /// the arithmetic mean
        pub mean: Option<f64>,
    }
}

impl Quantiles {
    /// The quantiles of `values`.
    pub fn of(values: impl IntoIterator<Item = f64>) -> Self {
        let mut sorted: Vec<f64> = values.into_iter().collect();
        if sorted.is_empty() {
            return Self::default();
        }
        sorted.sort_by(f64::total_cmp);
        Self {
            min: Some(sorted[0]),
            lower_quartile: Some(quantile(&sorted, 0.25)),
            median: Some(quantile(&sorted, 0.5)),
            upper_quartile: Some(quantile(&sorted, 0.75)),
            max: sorted.last().copied(),
            mean: Some(sorted.iter().sum::<f64>() / sorted.len() as f64),
        }
    }
}

/// The quantile `p` of ascending values, of which there is at least one, interpolated linearly between neighbours.
pub(crate) fn quantile(sorted: &[f64], p: f64) -> f64 {
    let position = p * (sorted.len() - 1) as f64;
    let (below, above) = (sorted[position.floor() as usize], sorted[position.ceil() as usize]);
    below + (above - below) * position.fract()
}

/// The share of `values` that are `true`; 0 without values.
pub(super) fn share(values: impl ExactSizeIterator<Item = bool>) -> f64 {
    let count = values.len().max(1) as f64;
    values.filter(|value| *value).count() as f64 / count
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_of_unordered_numbers() {
        let found = Quantiles::of([5.0, 1.0, 4.0, 2.0]);
        let quantiles = [found.min, found.lower_quartile, found.median, found.upper_quartile, found.max];
        assert_eq!(quantiles, [1.0, 1.75, 3.0, 4.25, 5.0].map(Some));
        assert_eq!(found.mean, Some(3.0));
        assert_eq!(Quantiles::of([]), Quantiles::default());
    }
}
