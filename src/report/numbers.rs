//! The numbers behind a picture: what becomes its CSV.

use super::statistics::Estimate;
use crate::store::{StoredRun, cell, csv_lines, setting_column};

/// Named columns and rows of text.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Numbers {
    /// The names of the columns.
    pub(super) columns: Vec<String>,
    /// As many cells a row as there are columns.
    pub(super) rows: Vec<Vec<String>>,
}

impl Numbers {
    /// The table as CSV; what is absent is an empty cell.
    pub(super) fn csv(&self) -> Vec<u8> {
        csv_lines(std::iter::once(&self.columns).chain(&self.rows).cloned())
    }
}

/// The settings that a line of most tables is about.
pub(super) const SETTINGS: [&str; 6] =
    ["dataset", "activation", "constraint", "encoder_bias", "regularizer", "sigma_squared"];

/// The cell of `run` in the column `name` of `runs.csv`.
///
/// # Panics
/// If there is no such setting.
pub(super) fn setting_of(run: &StoredRun, name: &str) -> String {
    let column = setting_column(name).expect("a setting of runs.csv");
    column.cell(run, None).to_text()
}

/// The column that names the runs behind a line.
pub(super) const RUN_KEYS: &str = "run_keys";

/// The keys of those `runs` that completed, in the order of their seeds, with spaces between.
pub(super) fn run_keys<'r>(runs: impl Iterator<Item = &'r StoredRun>) -> String {
    let mut completed: Vec<_> = runs.filter(|run| run.record.result().is_some()).collect();
    completed.sort_by_key(|run| run.spec.seed);
    completed.iter().map(|run| run.record.run_key.as_str()).collect::<Vec<_>>().join(" ")
}

/// The columns of an estimate called `name`: its mean and the bounds of its interval.
pub(super) fn bounds(name: &str) -> [String; 3] {
    ["", "_low", "_high"].map(|end| format!("{name}{end}"))
}

/// Mean and bounds as cells.
pub(super) fn cells_of(estimate: Option<Estimate>) -> [String; 3] {
    let interval = estimate.and_then(|estimate| estimate.interval);
    [cell(estimate.map(|e| e.mean)), cell(interval.map(|i| i.low)), cell(interval.map(|i| i.high))]
}
