//! Summaries over units or inputs, and flat lists of named numbers for the rows of a table.

use serde::Serialize;

/// A name and its number; an absent number is an empty cell.
pub type Column = (String, Option<f64>);

/// Five quantiles and the mean of some numbers.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Summary {
    /// The smallest.
    pub min: f64,
    /// The quantile 1/4, between neighbours by linear interpolation, as all quantiles here.
    pub lower_quartile: f64,
    /// The quantile 1/2.
    pub median: f64,
    /// The quantile 3/4.
    pub upper_quartile: f64,
    /// The largest.
    pub max: f64,
    /// The arithmetic mean.
    pub mean: f64,
}

impl Summary {
    /// The summary of `values`; `None` of nothing.
    pub fn of(values: impl IntoIterator<Item = f64>) -> Option<Self> {
        let mut sorted: Vec<f64> = values.into_iter().collect();
        if sorted.is_empty() {
            return None;
        }
        sorted.sort_by(f64::total_cmp);
        let quantile = |p: f64| {
            let place = p * (sorted.len() - 1) as f64;
            let (below, above) = (sorted[place.floor() as usize], sorted[place.ceil() as usize]);
            below + (above - below) * place.fract()
        };
        Some(Self {
            min: sorted[0],
            lower_quartile: quantile(0.25),
            median: quantile(0.5),
            upper_quartile: quantile(0.75),
            max: sorted[sorted.len() - 1],
            mean: sorted.iter().sum::<f64>() / sorted.len() as f64,
        })
    }
}

/// A list of columns in the making.
#[derive(Debug, Default)]
pub(super) struct Columns(Vec<Column>);

impl Columns {
    /// Adds a number that is always there.
    pub(super) fn number(self, name: &str, value: f64) -> Self {
        self.optional(name, Some(value))
    }

    /// Adds a number that may be absent.
    pub(super) fn optional(mut self, name: &str, value: Option<f64>) -> Self {
        self.0.push((name.to_owned(), value));
        self
    }

    /// Adds six columns `name_min` … `name_mean`, all absent without a summary.
    pub(super) fn summary(mut self, name: &str, summary: Option<Summary>) -> Self {
        let parts = ["min", "lower_quartile", "median", "upper_quartile", "max", "mean"];
        let values = summary.map(|s| [s.min, s.lower_quartile, s.median, s.upper_quartile, s.max, s.mean]);
        for (place, part) in parts.into_iter().enumerate() {
            self = self.optional(&format!("{name}_{part}"), values.map(|values| values[place]));
        }
        self
    }

    pub(super) fn finish(self) -> Vec<Column> {
        self.0
    }
}

/// The share of `values` that are `true`; 0 of nothing.
pub(super) fn share(values: impl ExactSizeIterator<Item = bool>) -> f64 {
    let count = values.len().max(1) as f64;
    values.filter(|value| *value).count() as f64 / count
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_summary_has_the_quantiles_in_order() {
        let summary = Summary::of([5.0, 1.0, 4.0, 2.0]).unwrap();
        let quantiles =
            [summary.min, summary.lower_quartile, summary.median, summary.upper_quartile, summary.max];
        assert_eq!(quantiles, [1.0, 1.75, 3.0, 4.25, 5.0]);
        assert_eq!(summary.mean, 3.0);
        assert_eq!(Summary::of([]), None);
    }

    #[test]
    fn an_absent_summary_keeps_its_columns() {
        let [there, absent] =
            [Summary::of([2.0]), None].map(|summary| Columns::default().summary("x", summary).finish());
        assert!(there.iter().map(|(name, _)| name).eq(absent.iter().map(|(name, _)| name)));
        assert!(there.iter().all(|(_, value)| *value == Some(2.0)));
        assert!(absent.iter().all(|(_, value)| value.is_none()) && absent.len() == 6);
    }
}
