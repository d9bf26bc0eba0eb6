//! A table with its names: what becomes the CSV, and the numbers on the page.

use crate::store::csv_lines;

/// Columns and rows of text.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Table {
    pub(super) columns: Vec<String>,
    /// As many cells a row as there are columns.
    pub(super) rows: Vec<Vec<String>>,
}

impl Table {
    /// The table as CSV; what is absent is an empty cell.
    pub(super) fn csv(&self) -> Vec<u8> {
        csv_lines(std::iter::once(&self.columns).chain(&self.rows).cloned())
    }
}
