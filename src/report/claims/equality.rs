//! Equality at every σ² at once (claims 1 and 2), by two one-sided tests at each.

use super::finding::{Finding, Level, Test};
use super::margins::{EQUALITY_CONFIDENCE, MARGIN};
use super::sample::{Replicate, Sample, list_sigmas};
use super::verdict::{Measure, Side, Verdict};
use crate::report::text::plain;

/// One curve differs nowhere from its σ² = 0, or two curves from each other.
///
/// Supported where the 90 % interval at every σ² > 0 lies within ±[`MARGIN`]: an intersection–union test, which needs no
/// correction. Contradicted where the corrected interval at one σ² lies outside. The difference of largest magnitude is
/// shown.
pub(super) fn equal(sample: &Sample, level: Level) -> Finding {
    let corrected = level.corrected(sample.listed - 1);
    let test = Test { confidence: EQUALITY_CONFIDENCE, ..Test::new(Side::Within, MARGIN, Some(corrected)) };
    let difference = |replicate: &Replicate, place: usize| {
        let other = replicate.get(1).map_or(replicate[0][0], |second| second[place]);
        replicate[0][place].fraction - other.fraction
    };
    let places = 1..sample.sigmas.len();
    let estimates =
        sample.estimates(|replicate| places.clone().map(|place| difference(replicate, place)).collect());
    let is_one = sample.observed[0].len() == 1;
    let words = if is_one { "from σ² = 0" } else { "between the two" };
    let measures: Vec<Measure> = (estimates.iter().zip(&sample.sigmas[1..]))
        .map(|(estimate, sigma)| {
            let quantity = format!("largest difference {words}, at σ² = {sigma}");
            test.measure(sample, estimate, quantity).at(*sigma)
        })
        .collect();
    let sigmas_where = |verdict| -> Vec<f64> {
        let found = measures.iter().filter(|measure| measure.verdict == Some(verdict));
        found.filter_map(|measure| measure.sigma_squared).collect()
    };
    let (outside, open) = (sigmas_where(Verdict::Contradicted), sigmas_where(Verdict::Undecided));
    let (what, sigmas) = if outside.is_empty() {
        ("the interval reaches beyond", open)
    } else {
        ("certainly more than", outside)
    };
    let has_note = !sigmas.is_empty() && sample.basis().spread.is_some();
    let note = has_note.then(|| format!("{what} ±{} at {}", plain(MARGIN), list_sigmas(&sigmas)));
    let size = |measure: &Measure| measure.value.abs();
    let largest = measures.into_iter().reduce(|a, b| if size(&b) > size(&a) { b } else { a });
    Finding::new(
        &estimates,
        |estimates| Verdict::of_all(estimates.iter().map(|each| test.judge(each))),
        largest.into_iter().collect(),
        note.into_iter().collect(),
    )
}
