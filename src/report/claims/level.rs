//! Rules on levels that a curve reaches: the onset of dead units (claim 4), a floor (5, 5a), the lowest level before units die
//! (11).

use super::bootstrap::Reading;
use super::contrast::{Contrast, ContrastEstimate, list_sigmas};
use super::finding::{ContradictionLevel, Finding, Test};
use super::margins::{DEAD_FRACTION, DEATH_ONSET, DEATH_ONSET_TOLERANCE, FLOOR, FLOOR_TOLERANCE, MARGIN};
use super::verdict::{Side, Verdict};
use crate::report::statistics::increasing;
use crate::report::text::{decimal, exact_percent, number, seeds};

fn lowest<'r>(readings: impl IntoIterator<Item = &'r Reading>) -> f64 {
    readings.into_iter().map(|reading| reading.fraction).reduce(f64::min).unwrap_or(f64::NAN)
}

/// The index of the first σ² with more than [`DEAD_FRACTION`] of the units dead.
fn first_dead(curve: &[Reading]) -> Option<usize> {
    curve.iter().position(|reading| reading.dead > DEAD_FRACTION)
}

/// The activation fraction at the onset of dead units, that is, at the first σ² with more than [`DEAD_FRACTION`] of them dead.
/// Without an onset, the lowest fraction of the curve, which is an upper bound.
fn onset(curve: &[Reading]) -> f64 {
    first_dead(curve).map_or_else(|| lowest(curve), |place| curve[place].fraction)
}

/// The fraction at the σ² before the onset; units began to die somewhere between the two. `None` where units are dead already at
/// σ² = 0, or don't die.
fn before_onset(curve: &[Reading]) -> Option<f64> {
    Some(curve[first_dead(curve)?.checked_sub(1)?].fraction)
}

/// Rule: units die only below [`DEATH_ONSET`] + [`DEATH_ONSET_TOLERANCE`].
///
/// A seed whose units don't die gives an upper bound of its onset ([`onset`]). It supports the claim if units are alive below the
/// threshold, and can't contradict it. The same holds for resamples without an onset. There is no support where units are dead
/// already at σ² = 0, because dead units then don't rise. Nor is there support from a sweep so coarse that units of some seed may
/// have begun to die above the threshold, between two of its σ² ([`before_onset`]).
pub(super) fn onset_of_death(contrast: &Contrast, level: ContradictionLevel) -> Finding {
    let around = DEATH_ONSET + DEATH_ONSET_TOLERANCE;
    let curves: Vec<&[Reading]> = contrast.observed.iter().map(|replicate| &replicate[0][..]).collect();
    let places: Vec<Option<usize>> = curves.iter().map(|curve| first_dead(curve)).collect();
    let none_dies = places.iter().all(Option::is_none);
    let quantity = if none_dies {
        "lowest fraction, at which no units die yet"
    } else {
        "fraction where units begin to die"
    };
    let test = Test::new(Side::Below, around, Some(level.corrected(1)));
    let estimate = contrast.estimate(|curves| onset(&curves[0])).nonnegative();
    let mut finding = test.finding(contrast, estimate, quantity.to_owned());
    let is_supported = finding.verdict == Verdict::Supported;
    let may_have_begun = |curve: &&[Reading]| before_onset(curve).is_some_and(|before| before >= around);
    let open = if !is_supported && places.contains(&None) {
        Some(format!("not reached: not every seed has dead units or gets below {}", decimal(around)))
    } else if is_supported && places.contains(&Some(0)) {
        Some("units are dead already at σ² = 0".to_owned())
    } else if is_supported && curves.iter().any(may_have_begun) {
        Some(format!("too few σ²: units may have begun to die above {} already", decimal(around)))
    } else {
        None
    };
    if open.is_some() {
        finding.verdict = Verdict::Undecided;
    }
    finding.notes.extend(open);
    let history = |(seed, curve)| format!("{}: {}", seeds(&[seed]), history(curve, &contrast.sigmas));
    finding.notes.extend(contrast.seeds.iter().copied().zip(curves.iter().copied()).map(history));
    if none_dies && curves.iter().all(|curve| lowest(*curve) < DEATH_ONSET - DEATH_ONSET_TOLERANCE) {
        finding.notes.push("far below the level at which the paper sees units die".to_owned());
    }
    finding
}

/// The onset of dead units for one seed, in words.
fn history(curve: &[Reading], sigmas: &[f64]) -> String {
    let share = exact_percent(DEAD_FRACTION);
    let Some(place) = first_dead(curve) else {
        return format!("never more than {share} dead, down to a fraction of {}", number(lowest(curve)));
    };
    let before = before_onset(curve);
    let before =
        before.map(|fraction| format!(", with a fraction of {} at the σ² before it", number(fraction)));
    format!("more than {share} dead first at σ² = {}{}", sigmas[place], before.unwrap_or_default())
}

/// Rule: the fraction is below [`FLOOR`] − [`FLOOR_TOLERANCE`] at no σ². A σ² where it certainly is contradicts; the tests of all
/// σ² share the level of a contradiction.
///
/// The lowest fraction is taken for each replicate. Noise makes it slightly too low, which can only count against the claim. Where it
/// doesn't support the claim, a second measure has the lowest mean over the replicates with the interval that would contradict.
pub(super) fn floor(contrast: &Contrast, level: ContradictionLevel) -> Finding {
    let supports = Test::new(Side::Above, FLOOR - FLOOR_TOLERANCE, None);
    let contradicts = Test { corrected: Some(level.corrected(contrast.sigma_count)), ..supports };
    let estimates = contrast.estimates(|curves| {
        let fractions = curves[0].iter().map(|reading| reading.fraction);
        std::iter::once(lowest(&curves[0])).chain(fractions).collect()
    });
    let estimates: Vec<ContrastEstimate> = estimates.into_iter().map(ContrastEstimate::nonnegative).collect();
    let is_below = |fraction: &ContrastEstimate| contradicts.judge(fraction) == Verdict::Contradicted;
    let judge = |estimates: &[ContrastEstimate]| {
        if estimates[1..].iter().any(is_below) {
            Verdict::Contradicted
        } else {
            supports.judge(&estimates[0])
        }
    };
    let fractions = || estimates[1..].iter().zip(&contrast.sigmas);
    let lowest_mean =
        |(a, _): &(&ContrastEstimate, _), (b, _): &(&ContrastEstimate, _)| a.value.total_cmp(&b.value);
    let certain = fractions().filter(|(fraction, _)| is_below(fraction)).min_by(lowest_mean);
    let open = || fractions().filter(|(fraction, _)| !fraction.value.is_nan()).min_by(lowest_mean);
    let is_open = supports.judge(&estimates[0]) != Verdict::Supported;
    let mut measures = vec![supports.measure(contrast, &estimates[0], "lowest fraction".to_owned())];
    measures.extend(certain.or_else(|| open().filter(|_| is_open)).map(|(fraction, sigma)| {
        contradicts.measure(contrast, fraction, format!("fraction at σ² = {sigma}")).at_sigma(*sigma)
    }));
    let place = |curve: &[Reading]| curve.iter().position(|reading| reading.fraction == lowest(curve));
    let places = contrast.observed.iter().filter_map(|replicate| place(&replicate[0]));
    let sigmas = increasing(places.map(|place| contrast.sigmas[place]));
    Finding::new(&estimates, judge, measures, vec![format!("lowest at {}", list_sigmas(&sigmas))])
}

/// The lowest fraction among σ² with at most [`DEAD_FRACTION`] of the units dead; NaN where there is none.
fn lowest_alive(curve: &[Reading]) -> f64 {
    lowest(curve.iter().filter(|reading| reading.dead <= DEAD_FRACTION))
}

/// Rule: the second curve gets lower than the first by more than [`MARGIN`], at the σ² of the sweep and before units die. A curve
/// whose units don't die is censored at the largest σ², because it may get lower beyond.
pub(super) fn lower(contrast: &Contrast, names: [&str; 2], level: ContradictionLevel) -> Finding {
    let test = Test::new(Side::Above, MARGIN, Some(level.corrected(1)));
    let estimate = contrast.estimate(|curves| lowest_alive(&curves[0]) - lowest_alive(&curves[1]));
    let quantity = format!("lowest fraction with units alive, {} minus {}", names[0], names[1]);
    let mut finding = test.finding(contrast, estimate, quantity);
    let share = exact_percent(DEAD_FRACTION);
    if finding.measures[0].value.is_nan() {
        let notes = vec![format!("in some curve, more than {share} of the units are dead at every σ²")];
        return Finding { measures: Vec::new(), notes, ..finding };
    }
    for (curve, name) in names.iter().enumerate() {
        let lowest = contrast.estimate(|replicate| lowest_alive(&replicate[curve])).value;
        finding.notes.push(format!("{name} {}", number(lowest)));
    }
    let last = contrast.last_sigma();
    for (curve, name) in names.iter().enumerate() {
        if contrast.observed.iter().any(|replicate| first_dead(&replicate[curve]).is_none()) {
            finding.notes.push(format!(
                "{name} weights are censored at σ² = {last}: no more than {share} dead there, and they may get sparser beyond"
            ));
        }
    }
    if finding.measures[0].interval.is_none() && contrast.basis().spread.is_some() {
        let note = format!("in some resamples, more than {share} of the units are dead at every σ²");
        finding.notes.push(note);
    }
    finding
}
