//! The runs that one contrast is made of, and intervals of statistics of them.

use super::super::statistics::{Interval, mean, mean_interval, percentile_interval, standard_deviation};
use super::bootstrap::{Bootstrap, RESAMPLES, Reading};
use super::curves::{Curve, Sigma};
use super::margins::MARGIN;
use super::text::{list, plain, seeds as seeds_text};
use super::verdict::{Basis, Spread};
use std::collections::BTreeSet;
use std::rc::Rc;

/// One replicate of a contrast: a reading for each curve and, increasing, each σ².
pub(super) type Replicate = Vec<Vec<Reading>>;

/// Whether unit j of one curve and unit j of another belong together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pairing {
    /// They began with the same weights: resampled together.
    Units,
    /// They saw other data: resampled each on its own.
    Seeds,
}

/// Which runs a seed must have to count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Needs {
    /// Those at σ² = 0 and at the largest σ²: for what is said of a curve's ends.
    Ends,
    /// Those at every σ²: for what is said of all of them. Where no seed has them all, what there is may still contradict.
    Every,
}

/// A number with its uncertainty.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Estimate {
    /// The mean over the seeds; NaN where a seed has no such number.
    pub(super) value: f64,
    /// Absent with one seed without counts by unit, and where a replicate has no such number.
    pub(super) interval: Option<Interval>,
    /// The standard deviation of `value`, where there is an interval.
    pub(super) standard_error: f64,
}

/// Readings of the seeds and σ² that count in a contrast.
#[derive(Debug)]
pub(super) struct Sample {
    pub(super) seeds: Vec<u64>,
    pub(super) sigmas: Vec<f64>,
    /// One a seed.
    pub(super) observed: Vec<Replicate>,
    /// Whether no σ² is missing.
    pub(super) complete: bool,
    /// With one seed whose units were counted: the resamples of each curve.
    resampled: Option<Vec<Resampled>>,
    /// What was left out.
    pub(super) notes: Vec<String>,
}

/// A curve's resampled readings.
#[derive(Debug)]
struct Resampled {
    /// How many draws it is ahead of the first curve's.
    turn: usize,
    /// The readings of each draw, by σ².
    draws: Vec<Rc<[Reading]>>,
}

impl Sample {
    /// The runs of `curves` that are compared. Seeds count that have in every curve what is needed, and at σ² = 0 an
    /// activation fraction above [`MARGIN`]: where training itself switched nearly all units off, no fall could be large
    /// enough to count, and what stays so would speak for a claim or against it without having been tested. Of the σ² those
    /// count that each of these seeds has in every curve.
    ///
    /// # Errors
    /// The reason why nothing can be compared.
    pub(super) fn new(
        curves: &[&Curve],
        needs: Needs,
        pairing: Pairing,
        bootstrap: &Bootstrap<'_>,
    ) -> Result<Self, String> {
        let Selection { seeds, sigmas, complete, notes } = select(curves, needs)?;
        let read = |curve: &Curve, sigma: Sigma, seed: u64| {
            let result = curve.result(sigma, seed).expect("selected runs have results");
            Reading { fraction: result.avg_activation_fraction, dead: result.dead_fraction }
        };
        let row = |curve: &Curve, seed| sigmas.iter().map(|sigma| read(curve, *sigma, seed)).collect();
        let observed =
            seeds.iter().map(|seed| curves.iter().map(|curve| row(curve, *seed)).collect()).collect();
        let mut resampled = None;
        if let [seed] = seeds[..] {
            let draws = |curve: &Curve, sigma| bootstrap.draws(curve.record(sigma, seed)?, seed);
            let of_curve = |(index, curve): (usize, &&Curve)| {
                // Draws of unrelated units may be of the same indices, but not in the same turn.
                let turn = if pairing == Pairing::Seeds { index * RESAMPLES / curves.len() } else { 0 };
                let draws: Option<_> = sigmas.iter().map(|sigma| draws(curve, *sigma)).collect();
                Some(Resampled { turn, draws: draws? })
            };
            resampled = curves.iter().enumerate().map(of_curve).collect();
        }
        let sigmas = sigmas.into_iter().map(|sigma| sigma.0).collect();
        Ok(Self { seeds, sigmas, observed, complete, resampled, notes })
    }

    /// Where its intervals come from; `None` where it has none.
    pub(super) fn spread(&self) -> Option<Spread> {
        match &self.resampled {
            _ if self.seeds.len() > 1 => Some(Spread::Seeds),
            Some(_) => Some(Spread::Units),
            None => None,
        }
    }

    /// Whether its intervals can show that two things are equal. Intervals over the units of one seed can't: they are narrower
    /// than the spread between seeds.
    pub(super) fn supports_equality(&self) -> bool {
        self.spread() == Some(Spread::Seeds)
    }

    /// What a measure says of the runs behind it.
    pub(super) fn basis(&self) -> Basis {
        Basis { seeds: self.seeds.clone(), sigma_squared: self.sigmas.clone(), spread: self.spread() }
    }

    /// Each of the numbers that `statistic` finds in a replicate, with its interval at `confidence`: Student's t over
    /// the seeds, or with one seed percentiles over its resampled units. What is not a number in one replicate has
    /// no interval.
    pub(super) fn estimates(
        &self,
        confidence: f64,
        statistic: impl Fn(&Replicate) -> Vec<f64>,
    ) -> Vec<Estimate> {
        let observed: Vec<Vec<f64>> = self.observed.iter().map(&statistic).collect();
        let drawn = self.draws(&statistic);
        let column = |rows: &[Vec<f64>], i: usize| rows.iter().map(|row| row[i]).collect::<Vec<f64>>();
        let estimate = |i: usize| {
            let values = column(&observed, i);
            let value = mean(&values);
            let (interval, standard_error) = if values.len() > 1 {
                let error = standard_deviation(&values) / (values.len() as f64).sqrt();
                (mean_interval(&values, confidence), error)
            } else {
                let draws = column(&drawn, i);
                let error = standard_deviation(&draws);
                (percentile_interval(draws, confidence), error)
            };
            Estimate { value, interval: interval.filter(|_| value.is_finite()), standard_error }
        };
        (0..observed.first().map_or(0, Vec::len)).map(estimate).collect()
    }

    /// `statistic` of every resample; none where the seeds give the spread.
    fn draws(&self, statistic: impl Fn(&Replicate) -> Vec<f64>) -> Vec<Vec<f64>> {
        let (Some(curves), Some(first)) = (&self.resampled, self.observed.first()) else {
            return Vec::new();
        };
        let mut replicate = first.clone();
        let draw = |index: usize| {
            for (row, Resampled { turn, draws }) in replicate.iter_mut().zip(curves) {
                for (reading, draws) in row.iter_mut().zip(draws) {
                    *reading = draws[(index + turn) % draws.len()];
                }
            }
            statistic(&replicate)
        };
        (0..RESAMPLES).map(draw).collect()
    }
}

/// What of some curves is compared.
struct Selection {
    seeds: Vec<u64>,
    sigmas: Vec<Sigma>,
    complete: bool,
    notes: Vec<String>,
}

fn select(curves: &[&Curve], needs: Needs) -> Result<Selection, String> {
    let listed: BTreeSet<Sigma> = curves.iter().flat_map(|curve| curve.sigmas()).collect();
    let all_seeds: BTreeSet<u64> = curves.iter().flat_map(|curve| curve.seeds()).collect();
    let ends = match (listed.first(), listed.last()) {
        (Some(Sigma(0.0)), Some(last)) if last.0 > 0.0 => [Sigma(0.0), *last],
        (Some(Sigma(0.0)), _) => return Err("there are no runs at σ² > 0".to_owned()),
        _ => return Err("there are no runs at σ² = 0".to_owned()),
    };
    let every: Vec<Sigma> = listed.into_iter().collect();
    let needed: Vec<&[Sigma]> = match needs {
        Needs::Ends => vec![&ends],
        Needs::Every => vec![&every, &ends, &ends[..1]],
    };
    let completed = |sigma, seed| curves.iter().all(|curve| curve.result(sigma, seed).is_some());
    let split = |needed: &[Sigma]| -> (Vec<u64>, Vec<u64>) {
        all_seeds.iter().partition(|seed| needed.iter().all(|sigma| completed(*sigma, **seed)))
    };
    let mut notes: Vec<String> = curves
        .iter()
        .filter_map(|curve| Some(format!("{} {}", curve.series.name(), curve.divergences()?)))
        .collect();
    let chosen =
        needed.iter().map(|needed| (*needed, split(needed))).find(|(_, (seeds, _))| !seeds.is_empty());
    let Some((needed, (seeds, incomplete))) = chosen else {
        let required = needed.last().copied().unwrap_or_default();
        let missing = required.iter().filter(|end| !all_seeds.iter().any(|seed| completed(**end, *seed)));
        let missing: Vec<f64> = missing.map(|end| end.0).collect();
        let what = if missing.is_empty() { "either end of σ²".to_owned() } else { list_sigmas(&missing) };
        notes.insert(0, format!("no seed has results at {what} in every curve"));
        return Err(notes.join("; "));
    };
    let can_fall = |curve: &&Curve, seed| {
        curve.result(ends[0], seed).is_some_and(|result| result.avg_activation_fraction > MARGIN)
    };
    let (seeds, silent): (Vec<u64>, Vec<u64>) =
        seeds.into_iter().partition(|seed| curves.iter().all(|curve| can_fall(curve, *seed)));
    let silence = format!("active on at most {} of samples and units at σ² = 0 already", plain(MARGIN));
    if seeds.is_empty() {
        notes.insert(0, format!("{silence}, the least difference that counts, so there is nothing to judge"));
        return Err(notes.join("; "));
    }
    if !silent.is_empty() {
        notes.push(format!("left out: {}, {silence}", seeds_text(&silent)));
    }
    if !incomplete.is_empty() {
        let who = seeds_text(&incomplete);
        let lacking = needed.iter().filter(|sigma| incomplete.iter().any(|seed| !completed(**sigma, *seed)));
        let lacking: Vec<f64> = lacking.map(|sigma| sigma.0).collect();
        notes.push(if lacking.len() == needed.len() {
            format!("left out: {who}, which not every curve has")
        } else {
            format!("left out: {who}, without results at {} in every curve", list_sigmas(&lacking))
        });
    }
    let (sigmas, left_out): (Vec<Sigma>, Vec<Sigma>) =
        every.iter().partition(|sigma| seeds.iter().all(|seed| completed(**sigma, *seed)));
    if !left_out.is_empty() {
        let left_out: Vec<f64> = left_out.iter().map(|sigma| sigma.0).collect();
        notes.push(format!("left out: {}, which not every seed and curve has", list_sigmas(&left_out)));
    }
    Ok(Selection { seeds, sigmas, complete: left_out.is_empty(), notes })
}

/// Why a part is undecided whose single seed shows no difference.
pub(super) const ONE_SEED: &str =
    "one seed supports no equality: its intervals don't contain the spread between seeds";

/// `σ² = 0.1 and 0.2`
pub(super) fn list_sigmas(sigmas: &[f64]) -> String {
    format!("σ² = {}", list(sigmas))
}
