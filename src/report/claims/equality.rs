//! Equality at every σ² at once (claims 1 and 2), by two one-sided tests at each.

use super::margins::{EQUALITY_CONFIDENCE, MARGIN};
use super::part::{Finding, Level, Test, outlook};
use super::sample::{Estimate, Replicate, Sample, list_sigmas};
use super::verdict::{Measure, Side, Threshold, Verdict};
use crate::report::text::plain;

/// What is subtracted from what, at each σ² > 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Difference {
    /// A curve's fraction at σ² minus the one at 0.
    FromZero,
    /// The first curve's fraction at σ² minus the second's.
    BetweenCurves,
}

impl Difference {
    /// At the place `i` of σ².
    fn at(self, replicate: &Replicate, i: usize) -> f64 {
        let other = match self {
            Self::FromZero => replicate[0][0],
            Self::BetweenCurves => replicate[1][i],
        };
        replicate[0][i].fraction - other.fraction
    }

    fn words(self) -> &'static str {
        match self {
            Self::FromZero => "largest difference from σ² = 0",
            Self::BetweenCurves => "largest difference between the two",
        }
    }
}

/// Supported where the 90 % interval at every σ² > 0 lies within ±[`MARGIN`]: an intersection–union test, which needs no
/// correction. Contradicted where the corrected interval at one σ² lies outside. The difference of largest magnitude is
/// shown.
pub(super) fn equal(sample: &Sample, difference: Difference, level: Level) -> Finding {
    let places = 1..sample.sigmas.len();
    let test = Test {
        threshold: Threshold { side: Side::Within, value: MARGIN },
        confidence: EQUALITY_CONFIDENCE,
        corrected: Some(level.corrected(sample.listed - 1)),
    };
    let estimates =
        sample.estimates(|replicate| places.clone().map(|place| difference.at(replicate, place)).collect());
    let measures: Vec<Measure> = (estimates.iter().zip(&sample.sigmas[1..]))
        .map(|(estimate, sigma)| Measure {
            sigma_squared: Some(*sigma),
            ..test.measure(sample, estimate, format!("{}, at σ² = {sigma}", difference.words()))
        })
        .collect();
    let sigmas_where = |verdict| {
        let found = measures.iter().filter(|measure| measure.verdict == Some(verdict));
        found.filter_map(|measure| measure.sigma_squared).collect::<Vec<f64>>()
    };
    let (outside, open) = (sigmas_where(Verdict::Contradicted), sigmas_where(Verdict::Undecided));
    let mut notes = Vec::new();
    if sample.spread().is_some() {
        let margin = plain(MARGIN);
        if !outside.is_empty() {
            notes.push(format!("certainly more than ±{margin} at {}", list_sigmas(&outside)));
        } else if !open.is_empty() {
            notes.push(format!("the interval reaches beyond ±{margin} at {}", list_sigmas(&open)));
        }
    }
    let judge = |estimates: &[Estimate]| Verdict::of_all(estimates.iter().map(|each| test.judge(each)));
    let (verdict, outlook) = (judge(&estimates), outlook(&estimates, judge));
    let size = |measure: &Measure| measure.value.abs();
    let largest = measures.into_iter().reduce(|a, b| if size(&b) > size(&a) { b } else { a });
    Finding { measures: largest.into_iter().collect(), verdict, outlook, notes }
}
