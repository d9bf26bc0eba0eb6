//! Levels that a curve reaches: where units begin to die (4), a floor (5), the lowest before they die (11).

use super::bootstrap::Reading;
use super::margins::{
    CONFIDENCE, DEAD_FRACTION, DEATH_ONSET, DEATH_ONSET_TOLERANCE, FLOOR, FLOOR_TOLERANCE, MARGIN,
};
use super::part::{Finding, Level, Test, outlook};
use super::sample::{Estimate, Sample, list_sigmas};
use super::verdict::{Measure, Side, Threshold, Verdict};
use crate::report::text::{confidence_level, number, plain, seeds};

fn lowest<'r>(readings: impl IntoIterator<Item = &'r Reading>) -> f64 {
    readings.into_iter().map(|reading| reading.fraction).reduce(f64::min).unwrap_or(f64::NAN)
}

/// A number that is to lie on `side` of `value`; `corrected` is the confidence of a contradiction.
fn test(side: Side, value: f64, corrected: Option<f64>) -> Test {
    Test { threshold: Threshold { side, value }, confidence: CONFIDENCE, corrected }
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

/// The fraction at the σ² before that: units have begun to die somewhere between the two. NaN where they are dead already
/// at σ² = 0, and none where they don't die.
fn before_onset(curve: &[Reading]) -> Option<f64> {
    let place = first_dead(curve)?;
    Some(place.checked_sub(1).map_or(f64::NAN, |before| curve[before].fraction))
}

/// Units die only below [`DEATH_ONSET`] + [`DEATH_ONSET_TOLERANCE`].
///
/// A seed whose units don't die gives the lowest fraction it reaches, an upper bound of its onset ([`onset`]): it can
/// support the claim, by staying alive below the threshold, and can't contradict it. So can resamples without an
/// onset. Where units are dead already at σ² = 0, nothing rises, and a low fraction there supports nothing. Nor does a sweep
/// so coarse that units of some seed may have begun to die above the threshold, between two σ² of it ([`before_onset`]).
pub(super) fn onset_of_death(sample: &Sample, level: Level) -> Finding {
    let around = DEATH_ONSET + DEATH_ONSET_TOLERANCE;
    let test = test(Side::Below, around, Some(level.corrected(1)));
    let estimate = sample.estimate(|curves| onset(&curves[0]));
    let mut measure = test.measure(sample, &estimate, "fraction where units begin to die".to_owned());
    let curves = || sample.observed.iter().map(|replicate| &replicate[0]);
    let places: Vec<Option<usize>> = curves().map(|curve| first_dead(curve)).collect();
    let alive = places.iter().any(Option::is_none);
    let mut notes = Vec::new();
    for (seed, (curve, place)) in sample.seeds.iter().zip(curves().zip(&places)) {
        notes.push(format!("{}: {}", seeds(&[*seed]), history(curve, &sample.sigmas, *place)));
    }
    let mut verdict = measure.verdict.unwrap_or(Verdict::Undecided);
    if alive && verdict != Verdict::Supported {
        verdict = Verdict::Undecided;
        notes
            .insert(0, format!("not reached: not every seed has dead units or gets below {}", plain(around)));
    }
    if verdict == Verdict::Supported {
        let reason = if places.contains(&Some(0)) {
            Some("units are dead already at σ² = 0".to_owned())
        } else if curves().filter_map(|curve| before_onset(curve)).any(|fraction| fraction >= around) {
            Some(format!("too few σ²: units may have begun to die above {} already", plain(around)))
        } else {
            None
        };
        if let Some(reason) = reason {
            verdict = Verdict::Undecided;
            notes.insert(0, reason);
        }
    }
    let far_below = curves().all(|curve| lowest(curve) < DEATH_ONSET - DEATH_ONSET_TOLERANCE);
    if places.iter().all(Option::is_none) {
        measure.quantity = "lowest fraction, at which no units die yet".to_owned();
        if far_below {
            notes.push("far below the level at which the paper sees units die".to_owned());
        }
    }
    Finding {
        measures: vec![measure],
        verdict,
        outlook: outlook(&[estimate], |own| test.judge(&own[0])),
        notes,
    }
}

/// How one seed's units die, in words.
fn history(curve: &[Reading], sigmas: &[f64], first: Option<usize>) -> String {
    let share = confidence_level(DEAD_FRACTION);
    match first {
        None => format!("never more than {share} dead, down to a fraction of {}", number(lowest(curve))),
        Some(place) => {
            let at = format!("more than {share} dead first at σ² = {}", sigmas[place]);
            let before = before_onset(curve).filter(|fraction| !fraction.is_nan());
            let before = before
                .map(|fraction| format!(", with a fraction of {} at the σ² before it", number(fraction)));
            at + &before.unwrap_or_default()
        }
    }
}

/// No σ² takes the fraction below [`FLOOR`] − [`FLOOR_TOLERANCE`]. One that certainly does contradicts; the tests of all σ² share
/// that level.
///
/// Each replicate has a lowest fraction of its own; that of a noisy curve lies a little low, which is against the
/// claim and never for it.
pub(super) fn floor(sample: &Sample, level: Level) -> Finding {
    let floor = FLOOR - FLOOR_TOLERANCE;
    let supports = test(Side::Above, floor, None);
    let contradicts = test(Side::Above, floor, Some(level.corrected(sample.listed)));
    let estimate = sample.estimate(|curves| lowest(&curves[0]));
    let place = |curve: &Vec<Reading>| {
        let least = lowest(curve);
        curve.iter().position(|reading| reading.fraction == least).map(|place| sample.sigmas[place])
    };
    let mut sigmas: Vec<f64> = sample.observed.iter().filter_map(|replicate| place(&replicate[0])).collect();
    sigmas.sort_by(f64::total_cmp);
    sigmas.dedup();
    let fractions = sample.estimates(|curves| curves[0].iter().map(|reading| reading.fraction).collect());
    let at_each: Vec<Measure> = (fractions.iter().zip(&sample.sigmas))
        .map(|(fraction, sigma)| Measure {
            sigma_squared: Some(*sigma),
            ..contradicts.measure(sample, fraction, format!("fraction at σ² = {sigma}"))
        })
        .collect();
    let below = at_each.into_iter().filter(|measure| measure.verdict == Some(Verdict::Contradicted));
    let lowest_certain = below.reduce(|a, b| if b.value < a.value { b } else { a });
    let mut measures = vec![supports.measure(sample, &estimate, "lowest fraction".to_owned())];
    measures.extend(lowest_certain);
    Finding {
        verdict: Verdict::of_all(measures.iter().filter_map(|measure| measure.verdict)),
        measures,
        outlook: outlook(&[vec![estimate], fractions].concat(), |estimates| {
            let below = |each: &&Estimate| contradicts.judge(each) == Verdict::Contradicted;
            let below = estimates[1..].iter().find(below).map(|_| Verdict::Contradicted);
            below.unwrap_or_else(|| supports.judge(&estimates[0]))
        }),
        notes: vec![format!("lowest at {}", list_sigmas(&sigmas))],
    }
}

/// The lowest fraction among σ² with at most [`DEAD_FRACTION`] of the units dead; NaN where there is none.
fn lowest_alive(curve: &[Reading]) -> f64 {
    lowest(curve.iter().filter(|reading| reading.dead <= DEAD_FRACTION))
}

/// The second curve gets lower than the first before its units die, by more than [`MARGIN`], at the σ² of the sweep. A curve
/// whose units don't die there is censored at the largest σ²: it may get lower beyond.
pub(super) fn lower(sample: &Sample, names: [&str; 2], level: Level) -> Finding {
    let test = test(Side::Above, MARGIN, Some(level.corrected(1)));
    let estimate = sample.estimate(|curves| lowest_alive(&curves[0]) - lowest_alive(&curves[1]));
    let quantity = format!("lowest fraction with units alive, {} minus {}", names[0], names[1]);
    let measure = test.measure(sample, &estimate, quantity);
    let share = confidence_level(DEAD_FRACTION);
    if measure.value.is_nan() {
        let notes = vec![format!("in some curve, more than {share} of the units are dead at every σ²")];
        return Finding { measures: Vec::new(), verdict: Verdict::Undecided, outlook: None, notes };
    }
    let mean_of = |curve: usize| sample.estimate(|replicate| lowest_alive(&replicate[curve])).value;
    let mut notes: Vec<String> =
        (0..2).map(|curve| format!("{} {}", names[curve], number(mean_of(curve)))).collect();
    let last = sample.sigmas.last().copied().unwrap_or(f64::NAN);
    for (curve, name) in names.iter().enumerate() {
        if sample.observed.iter().any(|replicate| first_dead(&replicate[curve]).is_none()) {
            notes.push(format!(
                "{name} weights are censored at σ² = {last}: no more than {share} dead there, and they may get sparser beyond"
            ));
        }
    }
    if measure.interval.is_none() && sample.spread().is_some() {
        notes.push(format!("in some resamples, more than {share} of the units are dead at every σ²"));
    }
    let verdict = measure.verdict.unwrap_or(Verdict::Undecided);
    Finding {
        measures: vec![measure],
        verdict,
        outlook: outlook(&[estimate], |own| test.judge(&own[0])),
        notes,
    }
}
