//! Words in messages.

/// A number with its noun: `1 training`, `2 trainings`.
pub(super) fn count(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}
