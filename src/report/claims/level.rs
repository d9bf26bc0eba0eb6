//! Levels that a curve reaches: where units begin to die (4), a floor (5), the lowest before they die (11).

use super::bootstrap::Reading;
use super::finding::{Finding, Level, Test};
use super::margins::{DEAD_FRACTION, DEATH_ONSET, DEATH_ONSET_TOLERANCE, FLOOR, FLOOR_TOLERANCE, MARGIN};
use super::sample::{Estimate, Sample, list_sigmas};
use super::verdict::{Side, Verdict};
use crate::report::statistics::increasing;
use crate::report::text::{confidence_level, number, plain, seeds};

fn lowest<'r>(readings: impl IntoIterator<Item = &'r Reading>) -> f64 {
    readings.into_iter().map(|reading| reading.fraction).reduce(f64::min).unwrap_or(f64::NAN)
}

/// The place of the first σ² with more than [`DEAD_FRACTION`] of the units dead.
fn first_dead(curve: &[Reading]) -> Option<usize> {
    curve.iter().position(|reading| reading.dead > DEAD_FRACTION)
}

/// The activation fraction at which units have begun to die: at the first σ² with more than [`DEAD_FRACTION`] of them
/// dead. Where there is none, they would begin below the lowest fraction that is reached, so that is an upper bound.
fn onset(curve: &[Reading]) -> f64 {
    first_dead(curve).map_or_else(|| lowest(curve), |place| curve[place].fraction)
}

/// The fraction at the σ² before that: units have begun to die somewhere between the two. None where they are dead already
/// at σ² = 0, or don't die.
fn before_onset(curve: &[Reading]) -> Option<f64> {
    Some(curve[first_dead(curve)?.checked_sub(1)?].fraction)
}

/// Units die only below [`DEATH_ONSET`] + [`DEATH_ONSET_TOLERANCE`].
///
/// A seed whose units don't die gives the lowest fraction it reaches, an upper bound of its onset ([`onset`]): it can
/// support the claim, by staying alive below the threshold, and can't contradict it. So can resamples without an
/// onset. Where units are dead already at σ² = 0, nothing rises, and a low fraction there supports nothing. Nor does a sweep
/// so coarse that units of some seed may have begun to die above the threshold, between two σ² of it ([`before_onset`]).
pub(super) fn onset_of_death(sample: &Sample, level: Level) -> Finding {
    let around = DEATH_ONSET + DEATH_ONSET_TOLERANCE;
    let curves: Vec<&[Reading]> = sample.observed.iter().map(|replicate| &replicate[0][..]).collect();
    let places: Vec<Option<usize>> = curves.iter().map(|curve| first_dead(curve)).collect();
    let none_dies = places.iter().all(Option::is_none);
    let quantity = if none_dies {
        "lowest fraction, at which no units die yet"
    } else {
        "fraction where units begin to die"
    };
    let test = Test::new(Side::Below, around, Some(level.corrected(1)));
    let estimate = sample.estimate(|curves| onset(&curves[0]));
    let mut finding = test.finding(sample, estimate, quantity.to_owned());
    let is_supported = finding.verdict == Verdict::Supported;
    let may_have_begun = |curve: &&[Reading]| before_onset(curve).is_some_and(|before| before >= around);
    let open = if !is_supported && places.contains(&None) {
        Some(format!("not reached: not every seed has dead units or gets below {}", plain(around)))
    } else if is_supported && places.contains(&Some(0)) {
        Some("units are dead already at σ² = 0".to_owned())
    } else if is_supported && curves.iter().any(may_have_begun) {
        Some(format!("too few σ²: units may have begun to die above {} already", plain(around)))
    } else {
        None
    };
    if open.is_some() {
        finding.verdict = Verdict::Undecided;
    }
    finding.notes.extend(open);
    let history = |(seed, curve)| format!("{}: {}", seeds(&[seed]), history(curve, &sample.sigmas));
    finding.notes.extend(sample.seeds.iter().copied().zip(curves.iter().copied()).map(history));
    if none_dies && curves.iter().all(|curve| lowest(*curve) < DEATH_ONSET - DEATH_ONSET_TOLERANCE) {
        finding.notes.push("far below the level at which the paper sees units die".to_owned());
    }
    finding
}

/// How one seed's units die, in words.
fn history(curve: &[Reading], sigmas: &[f64]) -> String {
    let share = confidence_level(DEAD_FRACTION);
    let Some(place) = first_dead(curve) else {
        return format!("never more than {share} dead, down to a fraction of {}", number(lowest(curve)));
    };
    let before = before_onset(curve);
    let before =
        before.map(|fraction| format!(", with a fraction of {} at the σ² before it", number(fraction)));
    format!("more than {share} dead first at σ² = {}{}", sigmas[place], before.unwrap_or_default())
}

/// No σ² takes the fraction below [`FLOOR`] − [`FLOOR_TOLERANCE`]. One that certainly does contradicts; the tests of all σ² share
/// that level.
///
/// Each replicate has a lowest fraction of its own; that of a noisy curve lies a little low, which is against the
/// claim and never for it.
pub(super) fn floor(sample: &Sample, level: Level) -> Finding {
    let supports = Test::new(Side::Above, FLOOR - FLOOR_TOLERANCE, None);
    let contradicts = Test { corrected: Some(level.corrected(sample.listed)), ..supports };
    let estimates = sample.estimates(|curves| {
        let fractions = curves[0].iter().map(|reading| reading.fraction);
        std::iter::once(lowest(&curves[0])).chain(fractions).collect()
    });
    let is_below = |fraction: &Estimate| contradicts.judge(fraction) == Verdict::Contradicted;
    let judge = |estimates: &[Estimate]| {
        if estimates[1..].iter().any(is_below) {
            Verdict::Contradicted
        } else {
            supports.judge(&estimates[0])
        }
    };
    let below = estimates[1..].iter().zip(&sample.sigmas).filter(|(fraction, _)| is_below(fraction));
    let lowest_certain = below.min_by(|(a, _), (b, _)| a.value.total_cmp(&b.value));
    let mut measures = vec![supports.measure(sample, &estimates[0], "lowest fraction".to_owned())];
    measures.extend(lowest_certain.map(|(fraction, sigma)| {
        contradicts.measure(sample, fraction, format!("fraction at σ² = {sigma}")).at(*sigma)
    }));
    let place = |curve: &[Reading]| curve.iter().position(|reading| reading.fraction == lowest(curve));
    let places = sample.observed.iter().filter_map(|replicate| place(&replicate[0]));
    let sigmas = increasing(places.map(|place| sample.sigmas[place]));
    Finding::new(&estimates, judge, measures, vec![format!("lowest at {}", list_sigmas(&sigmas))])
}

/// The lowest fraction among σ² with at most [`DEAD_FRACTION`] of the units dead; NaN where there is none.
fn lowest_alive(curve: &[Reading]) -> f64 {
    lowest(curve.iter().filter(|reading| reading.dead <= DEAD_FRACTION))
}

/// The second curve gets lower than the first before its units die, by more than [`MARGIN`], at the σ² of the sweep. A curve
/// whose units don't die there is censored at the largest σ²: it may get lower beyond.
pub(super) fn lower(sample: &Sample, names: [&str; 2], level: Level) -> Finding {
    let test = Test::new(Side::Above, MARGIN, Some(level.corrected(1)));
    let estimate = sample.estimate(|curves| lowest_alive(&curves[0]) - lowest_alive(&curves[1]));
    let quantity = format!("lowest fraction with units alive, {} minus {}", names[0], names[1]);
    let mut finding = test.finding(sample, estimate, quantity);
    let share = confidence_level(DEAD_FRACTION);
    if finding.measures[0].value.is_nan() {
        let notes = vec![format!("in some curve, more than {share} of the units are dead at every σ²")];
        return Finding { measures: Vec::new(), notes, ..finding };
    }
    for (curve, name) in names.iter().enumerate() {
        let lowest = sample.estimate(|replicate| lowest_alive(&replicate[curve])).value;
        finding.notes.push(format!("{name} {}", number(lowest)));
    }
    let last = sample.last();
    for (curve, name) in names.iter().enumerate() {
        if sample.observed.iter().any(|replicate| first_dead(&replicate[curve]).is_none()) {
            finding.notes.push(format!(
                "{name} weights are censored at σ² = {last}: no more than {share} dead there, and they may get sparser beyond"
            ));
        }
    }
    if finding.measures[0].interval.is_none() && sample.basis().spread.is_some() {
        let note = format!("in some resamples, more than {share} of the units are dead at every σ²");
        finding.notes.push(note);
    }
    finding
}
