//! Differences at every σ² at once: claims that two things are equal (1, 2), or that they are not (6, 9).

use super::super::statistics::equivalence_power;
use super::margins::{CONFIDENCE, MARGIN};
use super::part::{FRACTION, Finding};
use super::sample::{Estimate, ONE_SEED, Replicate, Sample, list_sigmas};
use super::text::plain;
use super::verdict::{Measure, Side, Threshold, Verdict};

/// What is subtracted from what, at each σ² > 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Difference {
    /// A curve's fraction at σ² less that at 0.
    FromZero,
    /// The first curve's fraction at σ² less the second's.
    BetweenCurves,
    /// The first curve's change since σ² = 0 less the second's.
    BetweenChanges,
}

impl Difference {
    /// At the place `i` of σ².
    fn at(self, replicate: &Replicate, i: usize) -> f64 {
        let fraction = |curve: usize, i: usize| replicate[curve][i].fraction;
        let change = |curve| fraction(curve, i) - fraction(curve, 0);
        match self {
            Self::FromZero => change(0),
            Self::BetweenCurves => fraction(0, i) - fraction(1, i),
            Self::BetweenChanges => change(0) - change(1),
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::FromZero => "largest difference from σ² = 0",
            Self::BetweenCurves => "largest difference between the two",
            Self::BetweenChanges => "largest difference between the changes since σ² = 0",
        }
    }
}

/// Compares with ±[`MARGIN`] at all σ² > 0, each interval at 1 − 0.05 / k. `Side::Within`: supported if all intervals
/// are within, contradicted if one is outside; `Side::Outside`: the other way round. Units of one seed never show that two
/// things are equal ([`Sample::supports_equality`]). The difference of largest magnitude is shown.
pub(super) fn compare(sample: &Sample, difference: Difference, side: Side) -> Finding {
    let places = 1..sample.sigmas.len();
    let confidence = 1.0 - (1.0 - CONFIDENCE) / places.len() as f64;
    let estimates = sample.estimates(confidence, |replicate| {
        places.clone().map(|place| difference.at(replicate, place)).collect()
    });
    let threshold = Threshold { side, value: MARGIN };
    let within = |estimate: &Estimate| Threshold { side: Side::Within, ..threshold }.judge(estimate.interval);
    let found = Verdict::of_all(estimates.iter().map(within));
    let equal = if sample.supports_equality() { found } else { found.unless_supported() };
    let with_sigma = || estimates.iter().zip(&sample.sigmas[1..]);
    let size = |estimate: &Estimate| estimate.value.abs();
    let largest = with_sigma().reduce(|a, b| if size(b.0) > size(a.0) { b } else { a });
    let measures = largest.map(|(estimate, sigma)| Measure {
        quantity: format!("{}, at σ² = {sigma}", difference.words()),
        sigma_squared: Some(*sigma),
        ..Measure::new(sample, FRACTION, estimate, confidence, threshold)
    });
    let sigmas_where = |verdict| {
        let found = with_sigma().filter(|(estimate, _)| within(estimate) == verdict);
        found.map(|(_, sigma)| *sigma).collect::<Vec<f64>>()
    };
    let (outside, open) = (sigmas_where(Verdict::Contradicted), sigmas_where(Verdict::Undecided));
    let mut notes = Vec::new();
    if sample.spread().is_some() {
        let margin = plain(MARGIN);
        if !outside.is_empty() {
            notes.push(format!("certainly more than ±{margin} at {}", list_sigmas(&outside)));
        } else if !open.is_empty() {
            notes.push(format!("the interval reaches beyond ±{margin} at {}", list_sigmas(&open)));
        } else if equal == Verdict::Undecided {
            notes.push(ONE_SEED.to_owned());
        }
    }
    Finding {
        measures: measures.into_iter().collect(),
        power: if side == Side::Within { power(&estimates) } else { None },
        verdict: if side == Side::Within { equal } else { equal.opposite() },
        notes,
    }
}

/// That every interval would lie within the margin: at least 1 − Σ (1 − power) (Boole), and never below 0.
fn power(estimates: &[Estimate]) -> Option<f64> {
    let mut missed = 0.0;
    for estimate in estimates {
        let interval = estimate.interval?;
        let half_width = (interval.high - interval.low) / 2.0;
        missed += 1.0 - equivalence_power(half_width, estimate.standard_error, MARGIN);
    }
    (!estimates.is_empty()).then_some((1.0 - missed).max(0.0))
}
