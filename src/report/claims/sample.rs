//! The runs that one contrast is made of, and intervals of statistics of them.

use super::super::statistics::{Interval, mean, percentile_interval, standard_deviation, student_interval};
use super::bootstrap::{Bootstrap, RESAMPLES, Reading};
use super::curves::{Curve, Sigma};
use super::margins::MARGIN;
use super::verdict::{Basis, Spread};
use crate::report::text::{list, plain, seeds as seeds_text};
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

/// What a seed must have to count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Needs {
    /// The runs.
    pub(super) cells: Cells,
    /// Whether it must be active at σ² = 0: where training itself switched nearly all units off, no fall could be large enough to
    /// count, and what stays so would speak for a claim or against it without having been tested.
    pub(super) activity: bool,
}

/// Which runs a seed must have to count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cells {
    /// Those at σ² = 0 and at the largest σ²: for what is said of a curve's ends.
    Ends,
    /// Those at every σ². Where no seed has them all, those at the ends may still contradict.
    EveryOrEnds,
    /// Those at every σ². Where no seed has them all, those there are may still contradict.
    EveryOrAny,
}

/// A number with its uncertainty.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Estimate {
    /// The mean over the seeds; NaN where a seed has no such number.
    pub(super) value: f64,
    /// What intervals are made of.
    pub(super) replicates: Replicates,
}

/// What the uncertainty of a number follows from.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Replicates {
    /// Several seeds.
    Seeds { number: usize, standard_deviation: f64 },
    /// The numbers of a seed's resampled units, increasing.
    Units(Vec<f64>),
    /// Nothing: one seed without counts by unit, or a replicate that has no such number.
    Nothing,
}

impl Estimate {
    fn new(observed: &[f64], mut drawn: Vec<f64>) -> Self {
        let is_number = |values: &[f64]| values.iter().all(|value| value.is_finite());
        let replicates = if !is_number(observed) || !is_number(&drawn) {
            Replicates::Nothing
        } else if observed.len() > 1 {
            Replicates::Seeds { number: observed.len(), standard_deviation: standard_deviation(observed) }
        } else {
            drawn.sort_by(f64::total_cmp);
            Replicates::Units(drawn)
        };
        Self { value: mean(observed), replicates }
    }

    /// Student's t over the seeds, or percentiles over the resampled units. Fractions and their differences lie between −1
    /// and 1, which Student's t doesn't know.
    pub(super) fn interval(&self, confidence: f64) -> Option<Interval> {
        let interval = match self.replicates {
            Replicates::Seeds { number, standard_deviation } => {
                student_interval(self.value, standard_deviation, number, confidence)
            }
            Replicates::Units(ref draws) => percentile_interval(draws, confidence),
            Replicates::Nothing => None,
        };
        interval.map(|interval| interval.within([-1.0, 1.0]))
    }

    /// Between the seeds.
    pub(super) fn standard_deviation(&self) -> Option<f64> {
        match self.replicates {
            Replicates::Seeds { standard_deviation, .. } => Some(standard_deviation),
            Replicates::Units(_) | Replicates::Nothing => None,
        }
    }

    /// The same mean and standard deviation as if they were of `number` seeds.
    pub(super) fn with_seeds(&self, number: usize) -> Self {
        let standard_deviation = self.standard_deviation().unwrap_or(f64::NAN);
        Self { value: self.value, replicates: Replicates::Seeds { number, standard_deviation } }
    }
}

/// Readings of the seeds and σ² that count in a contrast.
#[derive(Debug)]
pub(super) struct Sample {
    pub(super) seeds: Vec<u64>,
    pub(super) sigmas: Vec<f64>,
    /// One a seed.
    pub(super) observed: Vec<Replicate>,
    /// How many σ² the sweep has, missing ones included.
    pub(super) listed: usize,
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
    /// The runs of `curves` that are compared. Seeds count that have in every curve what is needed, and where that is asked for, at
    /// σ² = 0 an activation fraction above [`MARGIN`]. Of the σ² those count that each of these seeds has in every curve.
    ///
    /// # Errors
    /// The reason why nothing can be compared.
    pub(super) fn new(
        curves: &[&Curve],
        needs: Needs,
        pairing: Pairing,
        bootstrap: &Bootstrap<'_>,
    ) -> Result<Self, String> {
        let Selection { seeds, sigmas, listed, notes } = select(curves, needs)?;
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
        Ok(Self { seeds, sigmas, listed, observed, resampled, notes })
    }

    /// Whether no σ² is missing.
    pub(super) fn is_complete(&self) -> bool {
        self.sigmas.len() == self.listed
    }

    /// A sample of each curve, of the same seeds.
    pub(super) fn split(mut self) -> Vec<Self> {
        let curves = self.observed.first().map_or(0, Vec::len);
        let mut notes = std::mem::take(&mut self.notes);
        let mut resampled = self.resampled.map(Vec::into_iter);
        let alone = (0..curves).map(|curve| Self {
            seeds: self.seeds.clone(),
            sigmas: self.sigmas.clone(),
            listed: self.listed,
            observed: self.observed.iter().map(|replicate| vec![replicate[curve].clone()]).collect(),
            resampled: resampled.as_mut().and_then(|draws| Some(vec![draws.next()?])),
            notes: std::mem::take(&mut notes),
        });
        alone.collect()
    }

    /// Seeds 1, 2, … with a fraction and a dead fraction at each of `sigmas`, for each curve.
    #[cfg(test)]
    pub(super) fn simulated(sigmas: &[f64], seeds: &[Vec<Vec<(f64, f64)>>]) -> Self {
        let read = |curve: &Vec<(f64, f64)>| {
            curve.iter().map(|&(fraction, dead)| Reading { fraction, dead }).collect()
        };
        Self {
            seeds: (1..=seeds.len() as u64).collect(),
            sigmas: sigmas.to_vec(),
            observed: seeds.iter().map(|curves| curves.iter().map(read).collect()).collect(),
            listed: sigmas.len(),
            resampled: None,
            notes: Vec::new(),
        }
    }

    /// Where its intervals come from; `None` where it has none.
    pub(super) fn spread(&self) -> Option<Spread> {
        match &self.resampled {
            _ if self.seeds.len() > 1 => Some(Spread::Seeds),
            Some(_) => Some(Spread::Units),
            None => None,
        }
    }

    /// What a measure says of the runs behind it.
    pub(super) fn basis(&self) -> Basis {
        Basis { seeds: self.seeds.clone(), sigma_squared: self.sigmas.clone(), spread: self.spread() }
    }

    /// Each of the numbers that `statistic` finds in a replicate.
    pub(super) fn estimates(&self, statistic: impl Fn(&Replicate) -> Vec<f64>) -> Vec<Estimate> {
        let observed: Vec<Vec<f64>> = self.observed.iter().map(&statistic).collect();
        let drawn = self.draws(&statistic);
        let column = |rows: &[Vec<f64>], i: usize| rows.iter().map(|row| row[i]).collect::<Vec<f64>>();
        let numbers = observed.first().map_or(0, Vec::len);
        (0..numbers).map(|i| Estimate::new(&column(&observed, i), column(&drawn, i))).collect()
    }

    /// The number that `statistic` finds in a replicate.
    pub(super) fn estimate(&self, statistic: impl Fn(&Replicate) -> f64) -> Estimate {
        self.estimates(|replicate| vec![statistic(replicate)]).remove(0)
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
    listed: usize,
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
    let needed: Vec<&[Sigma]> = match needs.cells {
        Cells::Ends => vec![&ends],
        Cells::EveryOrEnds => vec![&every, &ends],
        Cells::EveryOrAny => vec![&every, &ends, &ends[..1]],
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
    let (seeds, silent): (Vec<u64>, Vec<u64>) = seeds
        .into_iter()
        .partition(|seed| !needs.activity || curves.iter().all(|curve| can_fall(curve, *seed)));
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
    Ok(Selection { seeds, sigmas, listed: every.len(), notes })
}

/// `σ² = 0.1 and 0.2`
pub(super) fn list_sigmas(sigmas: &[f64]) -> String {
    format!("σ² = {}", list(sigmas))
}
