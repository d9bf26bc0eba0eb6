//! What tables of runs and of folders have in common.

use crate::report::compare::Difference;
use crate::report::document::{Block, Table, Text};
use crate::report::text::or_absent;
use serde_json::Value as Json;

/// Number of characters after which the table cuts a setting's value. The JSON has the whole value.
const MAX_LENGTH: usize = 60;

/// The names of A and B.
pub(super) fn names(a: &str, b: &str) -> Block {
    let row = |letter: &str, name: &str| vec![letter.into(), name.into()];
    Block::Table(Table::new("", &["", ""], &[]).with([row("A", a), row("B", b)]))
}

/// The settings that differ.
pub(super) fn settings(differences: &[Difference]) -> Block {
    if differences.is_empty() {
        return Block::paragraph("settings: none differ");
    }
    let row = |difference: &Difference| {
        let [a, b] = [&difference.a, &difference.b].map(|value| or_absent(value.as_ref(), setting_text));
        [one_line(&difference.key), a, b].map(Text::from).to_vec()
    };
    Block::Table(Table::new("settings that differ", &["", "A", "B"], &[]).with(differences.iter().map(row)))
}

/// The value of a setting, as in a configuration.
pub(super) fn setting_text(value: &Json) -> String {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    one_line(&text)
}

/// The first [`MAX_LENGTH`] characters of `text`, without line breaks.
fn one_line(text: &str) -> String {
    let mut line: String =
        text.chars().take(MAX_LENGTH).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if text.chars().count() > MAX_LENGTH {
        line.push('…');
    }
    line
}

/// A whole number in full, another number with six significant digits.
pub(super) fn significant(x: f64) -> String {
    if x.fract() == 0.0 && x.abs() < 1e15 {
        return format!("{x}");
    }
    let rounded: f64 = format!("{x:.5e}").parse().unwrap_or(x);
    match rounded.abs() {
        size if (1e-4..1e9).contains(&size) => rounded.to_string(),
        _ => format!("{rounded:e}"),
    }
}

/// [`significant`] with a sign; the difference 0 has none.
pub(super) fn signed(x: f64) -> String {
    if x > 0.0 { format!("+{}", significant(x)) } else { significant(x + 0.0) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short_and_differences_have_signs() {
        let numbers = [0.0, 12.0, 0.123_456_789, 1_234.567_89, 1e-7, 2.5e20];
        assert_eq!(
            numbers.map(significant),
            ["0", "12", "0.123457", "1234.57", "1e-7", "2.5e20"].map(str::to_owned)
        );
        assert_eq!([-0.0, -1.5, 2.0].map(signed), ["0", "-1.5", "+2"].map(str::to_owned));
        assert_eq!(one_line(&"x".repeat(70)).chars().count(), MAX_LENGTH + 1);
    }
}
