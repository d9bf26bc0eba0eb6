//! Columns of text.

use std::fmt::Write as _;

/// Left-aligned columns, as wide as their widest entry.
pub(super) fn write_columns(text: &mut String, lines: &[Vec<String>]) {
    let columns = lines.first().map_or(0, Vec::len);
    let length = |cell: &String| cell.chars().count();
    let widths: Vec<usize> =
        (0..columns).map(|c| lines.iter().map(|line| length(&line[c])).max().unwrap_or(0)).collect();
    for line in lines {
        let padded: Vec<String> =
            line.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}")).collect();
        let _ = writeln!(text, "{}", padded.join("  ").trim_end());
    }
}
