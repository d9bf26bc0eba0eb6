//! A number over seeds in words: its mean, its interval, and what that is against the margin that counts as an effect.

use super::evidence::{BySeed, Evidence, Value};
use crate::report::claims::margins::MARGIN;
use crate::report::statistics::Estimate;
use crate::report::statistics::Interval;
use crate::report::text::{interval, number};
use std::fmt;

/// The mean of a number over seeds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Contrast {
    pub(super) mean: f64,
    /// Student's, as of [`Estimate`]; absent with one seed.
    pub(super) interval: Option<Interval>,
    pub(super) seeds: usize,
}

/// What a difference is against ±[`MARGIN`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Size {
    /// All of the interval, or the only value, is beyond it.
    Beyond,
    /// All of it is within.
    Within,
    /// Neither.
    Open,
}

impl Contrast {
    /// Of `values`; `None` of nothing.
    pub(super) fn of(values: &BySeed) -> Option<Self> {
        let values: Vec<f64> = values.values().copied().collect();
        let Estimate { mean, interval } = Estimate::of(&values)?;
        Some(Self { mean, interval, seeds: values.len() })
    }

    pub(super) fn estimate(self) -> Estimate {
        Estimate { mean: self.mean, interval: self.interval }
    }

    pub(super) fn size(self) -> Size {
        let Interval { low, high } = self.interval.unwrap_or(Interval { low: self.mean, high: self.mean });
        if low > MARGIN || high < -MARGIN {
            Size::Beyond
        } else if low >= -MARGIN && high <= MARGIN {
            Size::Within
        } else {
            Size::Open
        }
    }
}

impl fmt::Display for Contrast {
    /// `-0.0123 [-0.0145, -0.0101]`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&number(self.mean))?;
        self.interval.map_or(Ok(()), |bounds| write!(f, " {}", interval(bounds)))
    }
}

/// How a number changes from σ² = 0 to each σ² above it, as far as there are runs.
pub(super) fn changes(runs: &Evidence<'_>, value: Value) -> Vec<(f64, Contrast)> {
    let change = |sigma| Some((sigma, Contrast::of(&runs.change(sigma, value))?));
    runs.sigmas_above_zero().into_iter().filter_map(change).collect()
}

/// The largest of `changes` before the one at `end`, where it may be an effect and is larger than that one, or that one's runs
/// did not complete: what the ends of a curve don't show.
pub(super) fn largest_inside(changes: &[(f64, Contrast)], end: f64) -> Option<(f64, Contrast)> {
    let size = |change: &(f64, Contrast)| change.1.mean.abs();
    let at_end = changes.iter().find(|(sigma, _)| *sigma == end).map(size);
    let inside = changes.iter().filter(|(sigma, _)| *sigma < end);
    let largest = inside.max_by(|a, b| size(a).total_cmp(&size(b)))?;
    (at_end.is_none_or(|at_end| size(largest) > at_end) && largest.1.size() != Size::Within)
        .then_some(*largest)
}

/// The contrast in words, or that there is none.
pub(super) fn words(contrast: Option<Contrast>) -> String {
    contrast.map_or_else(|| "no completed run".to_owned(), |contrast| contrast.to_string())
}

/// What the numbers of a sentence rest on, of several the one with fewest seeds: `one seed, no interval`.
pub(super) fn basis(contrasts: &[Option<Contrast>]) -> String {
    match contrasts.iter().flatten().map(|contrast| contrast.seeds).min() {
        None => "no completed run".to_owned(),
        Some(1) => "one seed, no interval".to_owned(),
        Some(seeds) => format!("{seeds} seeds, 95 % intervals"),
    }
}
