//! Rule on equality at every σ² at once (claims 1 and 2), by two one-sided tests at each.

use super::contrast::{Contrast, Replicate, list_sigmas};
use super::finding::{ContradictionLevel, Finding, Test};
use super::margins::{EQUALITY_CONFIDENCE, MARGIN};
use super::verdict::{Measure, Side, Verdict};
use crate::report::text::decimal;

/// One curve equals its value at σ² = 0 at every σ², or two curves equal each other.
///
/// Supported if the 90 % interval at every σ² > 0 lies within ±[`MARGIN`]: an intersection–union test, which needs no correction.
/// Contradicted if the corrected interval at some σ² lies outside. The measure is the difference of largest magnitude.
pub(super) fn equal(contrast: &Contrast, level: ContradictionLevel) -> Finding {
    let corrected = level.corrected(contrast.sigma_count - 1);
    let test = Test { confidence: EQUALITY_CONFIDENCE, ..Test::new(Side::Within, MARGIN, Some(corrected)) };
    let difference = |replicate: &Replicate, place: usize| {
        let other = replicate.get(1).map_or(replicate[0][0], |second| second[place]);
        replicate[0][place].fraction - other.fraction
    };
    let places = 1..contrast.sigmas.len();
    let estimates =
        contrast.estimates(|replicate| places.clone().map(|place| difference(replicate, place)).collect());
    let is_one = contrast.observed[0].len() == 1;
    let words = if is_one { "from σ² = 0" } else { "between the two" };
    let measures: Vec<Measure> = (estimates.iter().zip(&contrast.sigmas[1..]))
        .map(|(estimate, sigma)| {
            let quantity = format!("largest difference {words}, at σ² = {sigma}");
            test.measure(contrast, estimate, quantity).at_sigma(*sigma)
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
    let has_note = !sigmas.is_empty() && contrast.basis().spread.is_some();
    let note = has_note.then(|| format!("{what} ±{} at {}", decimal(MARGIN), list_sigmas(&sigmas)));
    let size = |measure: &Measure| measure.value.abs();
    let largest = measures.into_iter().reduce(|a, b| if size(&b) > size(&a) { b } else { a });
    Finding::new(
        &estimates,
        |estimates| Verdict::of_all(estimates.iter().map(|each| test.judge(each))),
        largest.into_iter().collect(),
        note.into_iter().collect(),
    )
}
