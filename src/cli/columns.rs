//! Text in aligned columns.

use super::screen;
use crate::report::document::{Block, Table, Text};

/// Appends `lines` to `text` as left-aligned columns. The first line has the headings.
pub(super) fn write_columns(text: &mut String, lines: &[Vec<String>]) {
    let Some((heads, lines)) = lines.split_first() else { return };
    let heads: Vec<&str> = heads.iter().map(String::as_str).collect();
    let rows = lines.iter().map(|line| line.iter().map(|cell| Text::from(cell.as_str())).collect());
    text.push_str(&screen::text(vec![Block::Table(Table::new("", &heads, &[]).with(rows))]));
}
