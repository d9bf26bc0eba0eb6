//! Summaries over units or inputs, and flat lists of named numbers for the rows of a table.

use serde::{Deserialize, Serialize};

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

/// Numbers of several states, a row each.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Table {
    /// What stands in each place of a row.
    pub columns: Vec<String>,
    /// The numbers; absent ones are `None`.
    pub rows: Vec<Vec<Option<f64>>>,
}

impl Table {
    /// Adds a row. A number that isn't finite, as a network that is about to diverge has them, is absent.
    ///
    /// # Panics
    /// If its columns are not those of the rows before.
    pub fn push(&mut self, row: Vec<Column>) {
        let (names, values): (Vec<_>, Vec<_>) = row.into_iter().unzip();
        if self.rows.is_empty() {
            self.columns = names;
        } else {
            assert_eq!(self.columns, names, "rows of one table have the same columns");
        }
        self.rows.push(values.into_iter().map(|value| value.filter(|value| value.is_finite())).collect());
    }

    /// Whether rows of `first`'s columns can be added.
    pub(crate) fn continues(&self, first: &Self) -> bool {
        let fits = |row: &Vec<_>| row.len() == first.columns.len();
        self.rows.is_empty() || self.columns == first.columns && self.rows.iter().all(fits)
    }

    /// The place of the column called `name`.
    pub fn place(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column == name)
    }

    /// The number in the column called `name` of the row `row`; `None` where it is absent, or there is no such place.
    pub fn get(&self, row: usize, name: &str) -> Option<f64> {
        *self.rows.get(row)?.get(self.place(name)?)?
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
    fn a_table_takes_rows_of_the_same_columns_and_drops_what_is_not_finite() {
        let row = |x: f64| Columns::default().number("x", x).optional("y", None).finish();
        let mut table = Table::default();
        [1.0, f64::NAN, f64::INFINITY].into_iter().for_each(|x| table.push(row(x)));
        assert_eq!(table.columns, ["x", "y"]);
        assert_eq!(table.rows, [[Some(1.0), None], [None, None], [None, None]]);
        assert_eq!([table.get(0, "x"), table.get(0, "z"), table.get(3, "x")], [Some(1.0), None, None]);
        let other =
            std::panic::catch_unwind(move || table.push(Columns::default().number("z", 1.0).finish()));
        assert!(other.is_err());
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
