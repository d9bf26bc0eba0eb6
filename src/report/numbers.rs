//! The table of numbers behind a picture, which is written as its CSV.

use super::statistics::Estimate;
use crate::store::{StoredRun, cell, csv_lines, setting_column};

/// Named columns and rows of text.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Numbers {
    /// The names of the columns.
    pub(super) columns: Vec<String>,
    /// Rows with a cell for each column.
    pub(super) rows: Vec<Vec<String>>,
}

impl Numbers {
    /// The table as CSV; a missing value is an empty cell.
    pub(super) fn csv(&self) -> Vec<u8> {
        csv_lines(std::iter::once(&self.columns).chain(&self.rows).cloned())
    }
}

impl FromIterator<Line> for Numbers {
    /// The table of `lines`, all of which must have the same columns.
    fn from_iter<L: IntoIterator<Item = Line>>(lines: L) -> Self {
        let (mut columns, mut rows) = (Vec::new(), Vec::new());
        for Line(cells) in lines {
            let (names, row): (Vec<_>, Vec<_>) = cells.into_iter().unzip();
            debug_assert!(rows.is_empty() || columns == names, "{columns:?} and {names:?} in one table");
            columns = names;
            rows.push(row);
        }
        Self { columns, rows }
    }
}

/// The settings that begin each line of most tables.
pub(super) const SETTINGS: [&str; 6] =
    ["dataset", "activation", "constraint", "encoder_bias", "regularizer", "sigma_squared"];

/// A line of a table: the names of its columns, and its cells.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Line(Vec<(String, String)>);

impl Line {
    /// A line with `settings` of `run`, named as in `runs.csv`.
    ///
    /// # Panics
    /// If there is no such setting.
    pub(super) fn of_run(run: &StoredRun, settings: &[&str]) -> Self {
        let cell = |name: &&str| {
            let column = setting_column(name).expect("a setting of runs.csv");
            ((*name).to_owned(), column.cell(run, None).to_text())
        };
        Self(settings.iter().map(cell).collect())
    }

    /// Appends a cell.
    pub(super) fn with(mut self, name: impl Into<String>, cell: impl ToString) -> Self {
        self.0.push((name.into(), cell.to_string()));
        self
    }

    /// Appends a number, or an empty cell where it is missing.
    pub(super) fn number(self, name: impl Into<String>, number: impl Into<Option<f64>>) -> Self {
        self.with(name, cell(number.into()))
    }

    /// Appends a mean and the bounds of its interval, in the columns `name`, `name_low` and `name_high`.
    pub(super) fn estimate(self, name: &str, estimate: Option<Estimate>) -> Self {
        let interval = estimate.and_then(|estimate| estimate.interval);
        self.number(name, estimate.map(|estimate| estimate.mean))
            .number(format!("{name}_low"), interval.map(|interval| interval.low))
            .number(format!("{name}_high"), interval.map(|interval| interval.high))
    }

    /// Appends the keys of the completed `runs`, in the order of their seeds.
    pub(super) fn run_keys<'r>(self, runs: impl Iterator<Item = &'r StoredRun>) -> Self {
        let mut completed: Vec<_> = runs.filter(|run| run.record.result().is_some()).collect();
        completed.sort_by_key(|run| run.spec.seed);
        let keys: Vec<&str> = completed.iter().map(|run| run.record.run_key.as_str()).collect();
        self.with("run_keys", keys.join(" "))
    }
}
