//! Numbers and lists as text, for every table of the report.

use super::statistics::{Estimate, Interval};
use crate::theory::Quantiles;
use std::borrow::Cow;

/// `text` with control characters replaced by U+FFFD, because they could control a terminal; line breaks and tabs stay.
pub fn printable(text: &str) -> Cow<'_, str> {
    let is_replaced = |c: char| c.is_control() && !['\n', '\t'].contains(&c);
    if text.contains(is_replaced) { text.replace(is_replaced, "\u{FFFD}").into() } else { text.into() }
}

/// `name` as part of a file name or an id: every character but letters, digits, `.` and `-` becomes `_`.
pub fn file_stem(name: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || ['.', '-'].contains(&c);
    name.chars().map(|c| if is_plain(c) { c } else { '_' }).collect()
}

/// A fraction or a difference of fractions, with four decimals; 0 has no sign.
pub fn number(x: f64) -> String {
    let text = format!("{x:.4}");
    if text == "-0.0000" { "0.0000".to_owned() } else { text }
}

/// A threshold with at most nine decimals, so that a sum reads `0.075` and not `0.07500000000000001`.
pub fn decimal(x: f64) -> String {
    ((x * 1e9).round() / 1e9).to_string()
}

/// `[0.0012, 0.0034]`
pub fn interval(interval: Interval) -> String {
    format!("[{}, {}]", number(interval.low), number(interval.high))
}

/// A share or a confidence in percent with up to two decimals: `95 %`, `99.55 %`.
pub fn exact_percent(share: f64) -> String {
    format!("{} %", (share * 1e4).round() / 1e2)
}

/// `0`; `0 and 1`; `0, 0.1 and 1`
pub fn list(items: impl IntoIterator<Item = impl ToString>) -> String {
    let items: Vec<String> = items.into_iter().map(|item| item.to_string()).collect();
    match items.as_slice() {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// `seed 1`; `seeds 1 and 2`
pub fn seeds(seeds: &[u64]) -> String {
    format!("seed{} {}", if seeds.len() == 1 { "" } else { "s" }, list(seeds))
}

/// Mean and interval: `0.0242 [0.0201, 0.0283]`.
pub fn estimate(estimate: Estimate) -> String {
    let bounds = estimate.interval.map(|bounds| format!(" {}", interval(bounds)));
    number(estimate.mean) + &bounds.unwrap_or_default()
}

/// Shown in place of a missing number.
pub const ABSENT: &str = "–";

/// Three significant digits, with an exponent for very small and very large numbers.
pub fn significant(x: f64) -> String {
    // The rounded number decides on the digits, because rounding may change the power of ten: 0.9999 becomes 1.00.
    let rounded: f64 = format!("{x:.2e}").parse().unwrap_or(x);
    match rounded.abs() {
        0.0 => "0".to_owned(),
        size if (0.001..1e4).contains(&size) => {
            format!("{x:.*}", (2 - size.log10().floor() as i32).max(0) as usize)
        }
        _ => format!("{x:.2e}"),
    }
}

/// A whole number with commas: `62,064`.
pub fn integer(x: f64) -> String {
    let digits = format!("{:.0}", x.abs());
    let grouped: Vec<String> = digits
        .as_bytes()
        .rchunks(3)
        .rev()
        .map(|chunk| chunk.iter().map(|digit| char::from(*digit)).collect())
        .collect();
    format!("{}{}", if x <= -0.5 { "-" } else { "" }, grouped.join(","))
}

/// A number of epochs with at most one decimal, because a median may be a half: `3`, `2.5`.
pub fn epochs(x: f64) -> String {
    ((x * 10.0).round() / 10.0).to_string()
}

/// A share in percent; only exactly 0 and exactly 1 are written as 0 % and 100 %.
pub fn percent(share: f64) -> String {
    match share {
        share if share > 0.0 && share < 0.0005 => "< 0.1 %".to_owned(),
        share if (0.9995..1.0).contains(&share) => "> 99.9 %".to_owned(),
        share => format!("{} %", (share * 1e3).round() / 10.0),
    }
}

/// `3 of 8,100`, or `none of 8,100`.
pub fn of_total(count: f64, total: f64) -> String {
    let count = if count == 0.0 { "none".to_owned() } else { integer(count) };
    format!("{count} of {}", integer(total))
}

/// `1 run`, `2 runs`.
pub fn counted(number: usize, what: &str) -> String {
    format!("{} {what}{}", integer(number as f64), if number == 1 { "" } else { "s" })
}

/// The range of `values`: `0.1 to 0.3`; one number where both ends read the same; [`ABSENT`] without values.
pub fn range(values: impl Iterator<Item = f64>, text: impl Fn(f64) -> String) -> String {
    let Quantiles { min: Some(min), max: Some(max), .. } = Quantiles::of(values) else {
        return ABSENT.to_owned();
    };
    let (low, high) = (text(min), text(max));
    if low == high { low } else { format!("{low} to {high}") }
}

/// `value` formatted by `text`, or [`ABSENT`].
pub fn or_absent<T>(value: Option<T>, text: impl Fn(T) -> String) -> String {
    value.map_or_else(|| ABSENT.to_owned(), text)
}

/// The median of `values`.
pub fn median(values: impl Iterator<Item = f64>) -> Option<f64> {
    Quantiles::of(values).median
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short_and_say_no_more_than_is_true() {
        let texts = [0.0, 1.0, 0.012_345, -12.345, 123_456.0, 1e-5].map(significant);
        assert_eq!(texts, ["0", "1.00", "0.0123", "-12.3", "1.23e5", "1.00e-5"]);
        let rounded = [0.999_999_9, -9.999, 0.000_999_9, 9_999.0].map(significant);
        assert_eq!(rounded, ["1.00", "-10.0", "0.00100", "1.00e4"]);
        assert_eq!(
            [0.0, 999.0, 1000.0, 1_234_567.0, -1234.0].map(integer),
            ["0", "999", "1,000", "1,234,567", "-1,234"]
        );
        assert_eq!(
            [0.0, 1e-9, 0.1234, 0.999_99, 1.0].map(percent),
            ["0 %", "< 0.1 %", "12.3 %", "> 99.9 %", "100 %"]
        );
        assert_eq!([of_total(0.0, 8100.0), of_total(3.0, 10.0)], ["none of 8,100", "3 of 10"]);
        assert_eq!(range([0.3, 0.1].into_iter(), significant), "0.100 to 0.300");
        assert_eq!(range([0.1, 0.1].into_iter(), significant), "0.100");
        assert_eq!(range(std::iter::empty(), significant), ABSENT);
    }
}
