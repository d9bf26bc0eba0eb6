//! Axes: their scale, range, ticks and labels.

use super::sheet::SMALL_FONT;
use super::text::width;
use crate::experiment::config::PAPER_SIGMA_SQUARED;
use crate::report::figure::SigmaScale;
use crate::report::statistics::increasing;

/// Greatest number of intervals between ticks.
const MOST_INTERVALS: f64 = 5.0;

/// The share of a logarithmic axis, at its start, that is reserved for 0.
const ZERO_SHARE: f64 = 0.12;

/// Greatest number of decades that all have a tick; of more decades, every second or third has one.
const MOST_DECADES: i32 = 8;

/// Least distance between neighbouring labels.
const LABEL_GAP: f64 = 5.0;

/// Least number of points of a curve over epochs that a line joins: a line through two epochs would suggest a course that was not
/// measured.
const LEAST_JOINED: usize = 3;

/// An axis. It ends on a tick or on a decade, and begins at 0 unless it is logarithmic.
#[derive(Debug, Clone, PartialEq)]
pub struct Axis {
    scale: AxisScale,
    /// Values of the ticks, increasing, with their labels.
    pub(super) ticks: Vec<(f64, String)>,
    /// Least number of points of a curve that a line joins.
    least_joined: usize,
    /// The values of σ² that an axis of σ² was made for, increasing; `None` for other axes.
    sigmas: Option<Vec<f64>>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum AxisScale {
    /// From 0 to this end.
    Linear(f64),
    /// From 0 to the square of this number; the place of a value is proportional to its root.
    Root(f64),
    /// From `first` to `last`, after the share `zero` of the axis, which is reserved for 0 and may be 0.
    Logarithmic { zero: f64, first: f64, last: f64 },
    /// Every value is in the middle.
    Name,
}

impl Axis {
    /// An axis from 0 that includes `greatest`, with steps of 1, 2 or 5 times a power of ten.
    pub fn covering(greatest: f64) -> Self {
        // Clamped, because a power of ten beyond this range would be 0 or infinite; such a σ² trains nothing.
        let greatest = greatest.clamp(1e-300, 1e300);
        let least = greatest / MOST_INTERVALS;
        let mut exponent = least.log10().floor() as i32;
        // The tolerance makes 1 / 5 give steps of 0.2 whatever the rounding.
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
        Self::new(AxisScale::Linear(f64::from(intervals) * step), (0..=intervals).map(tick).collect())
    }

    fn new(scale: AxisScale, ticks: Vec<(f64, String)>) -> Self {
        Self { scale, ticks, least_joined: 0, sigmas: None }
    }

    /// An axis of the epochs from 0 to `last`, on which a curve of one or two points has no line.
    pub fn epochs(last: f64) -> Self {
        Self { least_joined: LEAST_JOINED, ..Self::covering(last) }
    }

    /// An axis for these σ² ≥ 0, with [`SigmaScale::Auto`].
    pub fn sigma_squared(sigmas: &[f64]) -> Self {
        Self::of_sigmas(increasing(sigmas.iter().copied()), SigmaScale::Auto)
    }

    fn of_sigmas(sigmas: Vec<f64>, scale: SigmaScale) -> Self {
        let end = sigmas.last().copied().filter(|greatest| *greatest > 0.0).unwrap_or(1.0);
        let are_papers = || sigmas.iter().all(|sigma| PAPER_SIGMA_SQUARED.contains(sigma));
        let axis = if scale == SigmaScale::Sigma || scale == SigmaScale::Auto && are_papers() {
            let between = sigmas.iter().copied().filter(|sigma| 0.0 < *sigma && *sigma < end);
            let ticks = std::iter::once(0.0).chain(between).chain([end]);
            Self::new(AxisScale::Root(end.sqrt()), ticks.map(|sigma| (sigma, short(sigma))).collect())
        } else {
            Self::covering(end)
        };
        Self { sigmas: Some(sigmas), ..axis }
    }

    /// The values of σ² that an axis of σ² was made for, increasing; empty for other axes.
    pub(super) fn sigmas(&self) -> &[f64] {
        self.sigmas.as_deref().unwrap_or_default()
    }

    /// Sets the scale of an axis of σ²; leaves other axes alone.
    pub(super) fn set_sigma_scale(&mut self, scale: SigmaScale) {
        if let Some(sigmas) = self.sigmas.take() {
            *self = Self::of_sigmas(sigmas, scale);
        }
    }

    /// Whether a line joins a curve of so many points.
    pub(super) fn joins(&self, points: usize) -> bool {
        points >= self.least_joined
    }

    /// The ticks to show on an axis of this `length`. From the end backwards, a tick is dropped if its label would overlap the
    /// next label or the first one.
    pub(super) fn ticks_along(&self, length: f64) -> Vec<&(f64, String)> {
        let fits = |(from, left): &(f64, String), (to, right): &(f64, String)| {
            let needed = f64::midpoint(width(left, SMALL_FONT), width(right, SMALL_FONT)) + LABEL_GAP;
            (self.place(*to) - self.place(*from)) * length >= needed
        };
        let Some((first, others)) = self.ticks.split_first() else { return Vec::new() };
        let mut shown: Vec<&(f64, String)> = Vec::new();
        for tick in others.iter().rev() {
            if fits(first, tick) && shown.last().is_none_or(|next| fits(tick, next)) {
                shown.push(tick);
            }
        }
        shown.push(first);
        shown.reverse();
        shown
    }

    /// A logarithmic axis of whole decades for values from `least` > 0 to `greatest`, with a separate place for 0 at its start. A
    /// value between 0 and the first decade is placed at the beginning of that decade.
    pub fn decades(least: f64, greatest: f64) -> Self {
        let mut axis = Self::logarithmic(least, greatest);
        if let AxisScale::Logarithmic { zero, .. } = &mut axis.scale {
            *zero = ZERO_SHARE;
        }
        axis.ticks.insert(0, (0.0, "0".to_owned()));
        axis
    }

    /// A logarithmic axis of whole decades for values from `least` > 0 to `greatest`, without a place for 0.
    pub fn logarithmic(least: f64, greatest: f64) -> Self {
        let exponent = |value: f64, round: fn(f64) -> f64| round(value.clamp(1e-300, 1e300).log10()) as i32;
        // The tolerance is needed because 0.001 has no exact logarithm and is another number in single precision.
        let first = exponent(least * (1.0 + 1e-6), f64::floor);
        let last = exponent(greatest * (1.0 - 1e-6), f64::ceil).max(first + 1);
        let step = (last - first - 1) / MOST_DECADES + 1;
        let tick = |exponent: i32| (10_f64.powi(exponent), power(exponent));
        Self::new(
            AxisScale::Logarithmic { zero: 0.0, first: 10_f64.powi(first), last: 10_f64.powi(last) },
            (first..=last).step_by(step.unsigned_abs() as usize).map(tick).collect(),
        )
    }

    /// An axis with a `name` in the middle instead of numbers.
    pub fn name(name: &str) -> Self {
        Self::new(AxisScale::Name, vec![(0.0, name.to_owned())])
    }

    /// The bounds of `parts` parts of every interval between ticks, equally long on the axis.
    pub(in crate::report) fn edges(&self, parts: u32) -> Vec<f64> {
        let is_logarithmic = matches!(self.scale, AxisScale::Logarithmic { .. });
        let between = |pair: &[(f64, String)]| {
            let (from, to) = (pair[0].0, pair[1].0);
            (0..parts).map(move |k| {
                let share = f64::from(k) / f64::from(parts);
                if is_logarithmic { from * (to / from).powf(share) } else { from + (to - from) * share }
            })
        };
        let end = self.ticks.last().map(|(tick, _)| *tick);
        self.ticks.windows(2).flat_map(between).chain(end).collect()
    }

    /// The value's place on the axis: 0 at its start, 1 at its end.
    pub(super) fn place(&self, value: f64) -> f64 {
        match self.scale {
            AxisScale::Linear(end) => value / end,
            AxisScale::Root(end) => value.max(0.0).sqrt() / end,
            AxisScale::Logarithmic { .. } if value <= 0.0 => 0.0,
            AxisScale::Logarithmic { zero, first, last } => {
                zero + (1.0 - zero) * (value / first).ln().max(0.0) / (last / first).ln()
            }
            AxisScale::Name => 0.5,
        }
    }
}

/// 10^`exponent` with raised digits, which are narrow enough for small panels.
fn power(exponent: i32) -> String {
    const RAISED: [char; 10] = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];
    let raised = |c: char| c.to_digit(10).map_or('⁻', |digit| RAISED[digit as usize]);
    match exponent {
        0 => "1".to_owned(),
        1 => "10".to_owned(),
        _ => format!("10{}", exponent.to_string().chars().map(raised).collect::<String>()),
    }
}

/// A multiple of 10^`exponent`, with as many decimals as it needs.
fn label(value: f64, exponent: i32) -> String {
    match exponent {
        -4..0 => format!("{value:.*}", exponent.unsigned_abs() as usize),
        0..5 => format!("{value:.0}"),
        _ if value == 0.0 => "0".to_owned(),
        _ => format!("{value:.1e}").replace('-', "−"),
    }
}

/// `value` to six digits, without zeros at the end.
fn short(value: f64) -> String {
    if value != 0.0 && !(1e-4..1e5).contains(&value) {
        return format!("{value:.1e}").replace('-', "−");
    }
    let decimals = if value == 0.0 { 0 } else { (5 - value.log10().floor() as i32).max(0) };
    let text = format!("{value:.*}", decimals.unsigned_abs() as usize);
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
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

    fn shown(axis: &Axis, length: f64) -> Vec<&str> {
        axis.ticks_along(length).into_iter().map(|(_, label)| label.as_str()).collect()
    }

    #[test]
    fn the_papers_values_stand_at_their_roots_and_others_where_they_are() {
        let papers = Axis::sigma_squared(&PAPER_SIGMA_SQUARED);
        for (value, expected) in [(0.0, 0.0), (0.01, 0.1), (0.25, 0.5), (0.81, 0.9), (1.0, 1.0)] {
            assert!((papers.place(value) - expected).abs() < 1e-12, "{value}");
        }
        let all = ["0", "0.01", "0.04", "0.09", "0.16", "0.25", "0.36", "0.49", "0.64", "0.81", "1"];
        assert_eq!(shown(&papers, 546.0), all);
        assert_eq!(shown(&papers, 180.0), ["0", "0.04", "0.16", "0.36", "0.64", "1"]);
        assert_eq!(shown(&papers, 100.0), ["0", "0.09", "0.49", "1"]);
        // The ticks are the values that were trained.
        assert_eq!(shown(&Axis::sigma_squared(&[1.0, 0.25, 0.25]), 180.0), ["0", "0.25", "1"]);
        assert_eq!(shown(&Axis::sigma_squared(&[0.0, 0.001]), 546.0), ["0", "0.001"]);
        assert_eq!(shown(&Axis::sigma_squared(&[0.0]), 546.0), ["0", "1"]);
        // One value that isn't the paper's is enough.
        let others = Axis::sigma_squared(&[0.0, 0.25, 0.3, 1.0]);
        assert_eq!(others.place(0.25), 0.25);
        assert_eq!(shown(&others, 546.0), ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]);
    }

    fn with(mut axis: Axis, scale: SigmaScale) -> Axis {
        axis.set_sigma_scale(scale);
        axis
    }

    #[test]
    fn the_scale_of_sigma_squared_can_be_chosen() {
        let papers = Axis::sigma_squared(&[0.0, 0.25, 1.0]);
        let linear = with(papers.clone(), SigmaScale::Linear);
        assert_eq!((linear.place(0.25), shown(&linear, 546.0).len()), (0.25, 6));
        assert_eq!(with(linear, SigmaScale::Auto), papers);
        let others = with(Axis::sigma_squared(&[0.0, 0.5, 2.0]), SigmaScale::Sigma);
        assert!((others.place(0.5) - 0.5).abs() < 1e-12);
        assert_eq!(shown(&others, 546.0), ["0", "0.5", "2"]);
        let epochs = Axis::epochs(10.0);
        assert_eq!(with(epochs.clone(), SigmaScale::Sigma), epochs, "no axis of σ²");
        let labels = [0.0, 0.49, 0.7_f64 * 0.7, 400.0, 4e6, 2.5e-7].map(short);
        assert_eq!(labels, ["0", "0.49", "0.49", "400", "4.0e6", "2.5e−7"]);
    }

    #[test]
    fn labels_of_shown_ticks_never_overlap() {
        for exponent in -12..=12 {
            for greatest in [1.0, 1.9, 2.5, 9.99].map(|digit| digit * 10_f64.powi(exponent)) {
                let linear =
                    Axis::sigma_squared(&[0.01, 0.1, 0.11, 0.5, 0.7, 1.0].map(|share| share * greatest));
                for axis in [with(linear.clone(), SigmaScale::Sigma), linear] {
                    assert!(axis.place(greatest) <= 1.0 + 1e-8, "{axis:?}");
                    for length in [40.0, 100.0, 180.0, 546.0] {
                        let ticks = axis.ticks_along(length);
                        let end = |(value, label): &(f64, String), side: f64| {
                            axis.place(*value) * length + side * width(label, SMALL_FONT) / 2.0
                        };
                        assert!(ticks.windows(2).all(|p| end(p[0], 1.0) < end(p[1], -1.0)), "{ticks:?}");
                        assert!(!ticks.is_empty());
                    }
                }
            }
        }
    }

    #[test]
    fn lines_join_what_lies_between_points() {
        assert!(Axis::covering(1.0).joins(2) && Axis::sigma_squared(&[1.0]).joins(2));
        let epochs = Axis::epochs(50.0);
        assert_eq!([2, 3].map(|points| epochs.joins(points)), [false, true]);
    }

    #[test]
    fn a_name_stands_in_the_middle() {
        let axis = Axis::name("a");
        assert_eq!((axis.place(0.0), shown(&axis, 64.0)), (0.5, vec!["a"]));
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
        let thresholds = Axis::decades(1e-4, 10.0);
        assert_eq!(shown(&thresholds, 249.0), ["0", "10⁻⁴", "10⁻³", "10⁻²", "10⁻¹", "1", "10"]);
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
