//! Axes: where they end, their ticks and labels.

/// Intervals between ticks, at most.
const INTERVALS: f64 = 5.0;

/// The part of a logarithmic axis on which nothing but 0 stands, at its start.
const ZERO: f64 = 0.12;

/// The most decades of a logarithmic axis that all have a tick; of more, every second or third has one.
const DECADES: i32 = 8;

/// An axis that ends on a tick, or on a decade, and begins at 0 unless it is logarithmic.
#[derive(Debug, Clone, PartialEq)]
pub struct Axis {
    scale: Scale,
    /// Ticks with their labels, increasing.
    pub(super) ticks: Vec<(f64, String)>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Scale {
    /// From 0 to this end.
    Linear(f64),
    /// From the first number to the second, behind a part of the axis on which 0 stands; it may be none.
    Logarithmic { zero: f64, first: f64, last: f64 },
    /// So many names, numbered from 0.
    Names(usize),
}

impl Axis {
    /// An axis that holds the values from 0 to `greatest` with steps of 1, 2 or 5 times a power of ten.
    pub fn covering(greatest: f64) -> Self {
        // Beyond this a power of ten would be 0 or infinite; no such σ² trains anything.
        let greatest = greatest.clamp(1e-300, 1e300);
        let least = greatest / INTERVALS;
        let mut exponent = least.log10().floor() as i32;
        // Slack, so that 1 / 5 asks for steps of 0.2 whatever the rounding.
        let fits = |digit: &f64| digit * 10_f64.powi(exponent) >= least * (1.0 - 1e-9);
        let mut digit = [1.0, 2.0, 5.0, 10.0].into_iter().find(fits).unwrap_or(10.0);
        if digit == 10.0 {
            (digit, exponent) = (1.0, exponent + 1);
        }
        let step = digit * 10_f64.powi(exponent);
        let intervals = (greatest / step - 1e-9).ceil().max(1.0) as u32;
        let tick = |i: u32| {
            let value = f64::from(i) * step;
            (value, label(value, exponent))
        };
        Self { scale: Scale::Linear(f64::from(intervals) * step), ticks: (0..=intervals).map(tick).collect() }
    }

    /// A logarithmic axis of whole decades for values from `least` > 0 to `greatest`, with 0 apart at its start; what lies
    /// between 0 and the first decade stands at the decade's beginning.
    pub fn decades(least: f64, greatest: f64) -> Self {
        let axis = Self::logarithmic(least, greatest);
        let Scale::Logarithmic { first, last, .. } = axis.scale else { return axis };
        Self {
            scale: Scale::Logarithmic { zero: ZERO, first, last },
            ticks: std::iter::once((0.0, "0".to_owned())).chain(axis.ticks).collect(),
        }
    }

    /// A logarithmic axis of whole decades for values from `least` > 0 to `greatest`, without a place for 0.
    pub fn logarithmic(least: f64, greatest: f64) -> Self {
        let exponent = |value: f64, round: fn(f64) -> f64| round(value.clamp(1e-300, 1e300).log10()) as i32;
        // Slack, for 0.001 has no exact logarithm and in single precision is another number.
        let first = exponent(least * (1.0 + 1e-6), f64::floor);
        let last = exponent(greatest * (1.0 - 1e-6), f64::ceil).max(first + 1);
        let step = (last - first - 1) / DECADES + 1;
        let tick = |exponent: i32| (10_f64.powi(exponent), power(exponent));
        Self {
            scale: Scale::Logarithmic { zero: 0.0, first: 10_f64.powi(first), last: 10_f64.powi(last) },
            ticks: (first..=last).step_by(step.unsigned_abs() as usize).map(tick).collect(),
        }
    }

    /// An axis of names: 0 stands for the first, 1 for the second.
    pub fn names(names: &[&str]) -> Self {
        let tick = |(value, name): (u32, &&str)| (f64::from(value), (*name).to_owned());
        Self { scale: Scale::Names(names.len()), ticks: (0..).zip(names).map(tick).collect() }
    }

    /// Where the parts begin and end that make `parts` equal ones of every interval between ticks.
    pub(in crate::report) fn edges(&self, parts: u32) -> Vec<f64> {
        let between = |pair: &[(f64, String)]| {
            let (from, to) = (pair[0].0, pair[1].0);
            let edge = |k: u32| from + (to - from) * f64::from(k) / f64::from(parts);
            (0..parts).map(edge).collect::<Vec<_>>()
        };
        let end = self.ticks.last().map(|(tick, _)| *tick);
        self.ticks.windows(2).flat_map(between).chain(end).collect()
    }

    /// The value's place on the axis: 0 at its start, 1 at its end.
    pub(super) fn place(&self, value: f64) -> f64 {
        match self.scale {
            Scale::Linear(end) => value / end,
            Scale::Logarithmic { .. } if value <= 0.0 => 0.0,
            Scale::Logarithmic { zero, first, last } => {
                zero + (1.0 - zero) * (value / first).ln().max(0.0) / (last / first).ln()
            }
            Scale::Names(count) => (value + 0.5) / count.max(1) as f64,
        }
    }
}

/// 10^`exponent` with raised digits, which are narrow enough for small panels.
fn power(exponent: i32) -> String {
    let raised = |c: char| match c {
        '-' => '⁻',
        '1' => '¹',
        '2' => '²',
        '3' => '³',
        digit => char::from_u32(0x2070 + (digit as u32 - '0' as u32)).unwrap_or(digit),
    };
    match exponent {
        0 => "1".to_owned(),
        1 => "10".to_owned(),
        _ => format!("10{}", exponent.to_string().chars().map(raised).collect::<String>()),
    }
}

/// A multiple of 10^`exponent`, with no more digits than that needs.
fn label(value: f64, exponent: i32) -> String {
    match exponent {
        -4..0 => format!("{value:.*}", exponent.unsigned_abs() as usize),
        0..5 => format!("{value:.0}"),
        _ if value == 0.0 => "0".to_owned(),
        _ => format!("{value:.1e}").replace('-', "−"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(greatest: f64) -> Vec<String> {
        Axis::covering(greatest).ticks.into_iter().map(|(_, label)| label).collect()
    }

    #[test]
    fn ticks_are_round_numbers_and_cover_the_data() {
        assert_eq!(labels(1.0), ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]);
        assert_eq!(labels(0.05), ["0.00", "0.01", "0.02", "0.03", "0.04", "0.05"]);
        assert_eq!(labels(0.433), ["0.0", "0.1", "0.2", "0.3", "0.4", "0.5"]);
        assert_eq!(labels(0.81), ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]);
        assert_eq!(labels(37.0), ["0", "10", "20", "30", "40"]);
        assert_eq!(labels(3e-7), ["0", "1.0e−7", "2.0e−7", "3.0e−7"]);
    }

    #[test]
    fn decades_are_equally_long_and_zero_stands_apart() {
        let axis = Axis::decades(0.001, 10.0);
        let labels: Vec<&str> = axis.ticks.iter().map(|(_, label)| label.as_str()).collect();
        assert_eq!(labels, ["0", "10⁻³", "10⁻²", "10⁻¹", "1", "10"]);
        let places = [0.0, 0.0005, 0.001, 0.01, 0.1, 10.0].map(|value| axis.place(value));
        for (place, expected) in places.into_iter().zip([0.0, 0.12, 0.12, 0.34, 0.56, 1.0]) {
            assert!((place - expected).abs() < 1e-12, "{places:?}");
        }
        assert_eq!((power(-14), power(6)), ("10⁻¹⁴".to_owned(), "10⁶".to_owned()));
        assert_eq!(Axis::decades(f64::from(0.0001_f32), f64::from(0.1_f32)).ticks.len(), 5);
        assert_eq!(Axis::decades(0.03, 0.5).ticks.len(), 4, "0, 0.01, 0.1, 1");
    }

    #[test]
    fn names_stand_in_the_middle_of_their_parts() {
        let axis = Axis::names(&["a", "b"]);
        assert_eq!([axis.place(0.0), axis.place(1.0)], [0.25, 0.75]);
        assert_eq!(axis.ticks, [(0.0, "a".to_owned()), (1.0, "b".to_owned())]);
    }

    #[test]
    fn without_a_zero_the_first_decade_is_the_start() {
        let axis = Axis::logarithmic(0.001, 10.0);
        let places = [0.0, 0.001, 0.1, 10.0].map(|value| axis.place(value));
        for (place, expected) in places.into_iter().zip([0.0, 0.0, 0.5, 1.0]) {
            assert!((place - expected).abs() < 1e-12, "{places:?}");
        }
        assert_eq!(axis.ticks.len(), 5);
        // Labels of many decades would overlap.
        let labels: Vec<String> =
            Axis::logarithmic(1e-9, 1e2).ticks.into_iter().map(|(_, label)| label).collect();
        assert_eq!(labels, ["10⁻⁹", "10⁻⁷", "10⁻⁵", "10⁻³", "10⁻¹", "10"]);
    }

    #[test]
    fn axes_of_any_size_have_few_finite_ticks_and_hold_their_data() {
        for exponent in -320..=308 {
            for digit in [1.0, 1.9, 2.5, 9.99] {
                let greatest = digit * 10_f64.powi(exponent);
                let axis = Axis::covering(greatest);
                assert!((2..=6).contains(&axis.ticks.len()), "{greatest}: {axis:?}");
                assert!(axis.ticks.iter().all(|(tick, _)| tick.is_finite()), "{greatest}");
                assert!(axis.place(greatest.min(1e300)) <= 1.0 + 1e-8, "{greatest}: {axis:?}");
            }
        }
        assert_eq!(Axis::covering(0.0).place(0.0), 0.0);
    }
}
