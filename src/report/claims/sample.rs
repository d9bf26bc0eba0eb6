//! The runs that one contrast is made of, and intervals of statistics of them.

use super::bootstrap::{Bootstrap, RESAMPLES, Reading};
use super::curves::Curve;
use super::margins::MARGIN;
use super::verdict::{Basis, Spread};
use crate::report::statistics::{
    Interval, increasing, mean, percentile_interval, standard_deviation, student_interval,
};
use crate::report::text::{list, plain, seeds as seeds_text};
use std::collections::BTreeSet;
use std::rc::Rc;

/// One replicate of a contrast: a reading for each curve and, increasing, each σ².
pub(super) type Replicate = Vec<Vec<Reading>>;

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
    /// How many seeds tell its uncertainty; 0 where a replicate has no such number.
    seeds: usize,
    /// Between the seeds; NaN of fewer than two.
    standard_deviation: f64,
    /// The numbers of one seed's resampled units, increasing.
    draws: Vec<f64>,
}

impl Estimate {
    fn new(observed: &[f64], mut draws: Vec<f64>) -> Self {
        let value = mean(observed);
        if !observed.iter().chain(&draws).all(|number| number.is_finite()) {
            return Self { value, seeds: 0, standard_deviation: f64::NAN, draws: Vec::new() };
        }
        draws.sort_by(f64::total_cmp);
        Self { value, seeds: observed.len(), standard_deviation: standard_deviation(observed), draws }
    }

    /// Student's t over the seeds, or percentiles over the resampled units. Fractions and their differences lie between −1
    /// and 1, which Student's t doesn't know.
    pub(super) fn interval(&self, confidence: f64) -> Option<Interval> {
        percentile_interval(&self.draws, confidence)
            .or_else(|| student_interval(self.value, self.standard_deviation, self.seeds, confidence))
            .map(|interval| interval.within([-1.0, 1.0]))
    }

    /// Between the seeds, where there are several.
    pub(super) fn standard_deviation(&self) -> Option<f64> {
        (self.seeds > 1).then_some(self.standard_deviation)
    }

    /// The same mean and standard deviation as if they were of so many `seeds`.
    pub(super) fn with_seeds(&self, seeds: usize) -> Self {
        Self { seeds, ..self.clone() }
    }
}

/// Readings of the seeds and σ² that count in a contrast.
#[derive(Debug)]
pub(super) struct Sample {
    pub(super) seeds: Vec<u64>,
    pub(super) sigmas: Vec<f64>,
    /// How many σ² the sweep has, missing ones included.
    pub(super) listed: usize,
    /// What was left out.
    pub(super) notes: Vec<String>,
    /// One a seed.
    pub(super) observed: Vec<Replicate>,
    /// With one seed whose units were counted: one a resample of them; otherwise none.
    resampled: Vec<Replicate>,
}

impl Sample {
    /// The runs of `curves` that are compared, which must have been trained alike. Seeds count that have in every curve what
    /// `cells` asks for. With `must_be_active` they must also be active at σ² = 0, by more than [`MARGIN`]: where training itself
    /// switched nearly all units off, no fall could be large enough to count, and what stays so would speak for a claim or
    /// against it without having been tested. Of the σ² those count that each of these seeds has in every curve.
    ///
    /// # Errors
    /// The reason why nothing can be compared.
    pub(super) fn new(
        curves: &[&Curve<'_>],
        cells: Cells,
        must_be_active: bool,
        bootstrap: &Bootstrap,
    ) -> Result<Self, String> {
        curves[1..].iter().try_for_each(|curve| curves[0].compare(curve))?;
        let mut sample = select(curves, cells, must_be_active)?;
        let read = |curve: &Curve<'_>, sigma, seed| {
            let result = curve.result(sigma, seed).expect("selected runs have results");
            Reading { fraction: result.avg_activation_fraction, dead: result.dead_fraction }
        };
        let row = |curve, seed| sample.sigmas.iter().map(|sigma| read(curve, *sigma, seed)).collect();
        let replicate = |seed| curves.iter().map(|curve| row(curve, seed)).collect();
        sample.observed = sample.seeds.iter().map(|seed| replicate(*seed)).collect();
        if let [seed] = sample.seeds[..] {
            sample.resampled = resample(curves, &sample.sigmas, seed, bootstrap).unwrap_or_default();
        }
        Ok(sample)
    }

    /// The last σ².
    pub(super) fn last(&self) -> f64 {
        self.sigmas.last().copied().unwrap_or(f64::NAN)
    }

    /// Whether no σ² is missing.
    pub(super) fn is_complete(&self) -> bool {
        self.sigmas.len() == self.listed
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
            listed: sigmas.len(),
            notes: Vec::new(),
            observed: seeds.iter().map(|curves| curves.iter().map(read).collect()).collect(),
            resampled: Vec::new(),
        }
    }

    /// What a measure says of the runs behind it.
    pub(super) fn basis(&self) -> Basis {
        let by_units = (!self.resampled.is_empty()).then_some(Spread::Units);
        let spread = if self.seeds.len() > 1 { Some(Spread::Seeds) } else { by_units };
        Basis { seeds: self.seeds.clone(), sigma_squared: self.sigmas.clone(), spread }
    }

    /// Each of the numbers that `statistic` finds in a replicate.
    pub(super) fn estimates(&self, statistic: impl Fn(&Replicate) -> Vec<f64>) -> Vec<Estimate> {
        let [observed, drawn] = [&self.observed, &self.resampled]
            .map(|replicates| replicates.iter().map(&statistic).collect::<Vec<_>>());
        let column = |rows: &[Vec<f64>], i: usize| rows.iter().map(|row| row[i]).collect::<Vec<f64>>();
        (0..observed[0].len()).map(|i| Estimate::new(&column(&observed, i), column(&drawn, i))).collect()
    }

    /// The number that `statistic` finds in a replicate.
    pub(super) fn estimate(&self, statistic: impl Fn(&Replicate) -> f64) -> Estimate {
        self.estimates(|replicate| vec![statistic(replicate)]).remove(0)
    }
}

/// One replicate of the runs of `seed` for each resample of their units; `None` where some have no counts by unit. Unit j of
/// one curve and unit j of another began with the same weights, and are resampled together; those of other data are unrelated.
fn resample(
    curves: &[&Curve<'_>],
    sigmas: &[f64],
    seed: u64,
    bootstrap: &Bootstrap,
) -> Option<Vec<Replicate>> {
    let draws = |curve: &&Curve<'_>| -> Option<Vec<Rc<[Reading]>>> {
        sigmas.iter().map(|sigma| bootstrap.draws(curve.record(*sigma, seed)?)).collect()
    };
    let rows = curves.iter().map(draws).collect::<Option<Vec<_>>>()?;
    let unrelated = curves.iter().any(|curve| curve.series.dataset != curves[0].series.dataset);
    // Draws of unrelated units may be of the same indices, but not in the same turn.
    let shift = if unrelated { RESAMPLES / curves.len() } else { 0 };
    let replicate = |index: usize| {
        let read = |(curve, row): (usize, &Vec<Rc<[Reading]>>)| {
            row.iter().map(|draws| draws[(index + curve * shift) % RESAMPLES]).collect()
        };
        rows.iter().enumerate().map(read).collect()
    };
    Some((0..RESAMPLES).map(replicate).collect())
}

/// The seeds and σ² of `curves` that are compared, without readings.
fn select(curves: &[&Curve<'_>], cells: Cells, must_be_active: bool) -> Result<Sample, String> {
    let every = increasing(curves.iter().flat_map(|curve| curve.sigmas.iter().copied()));
    let all_seeds: BTreeSet<u64> = curves.iter().flat_map(|curve| curve.seeds()).collect();
    let ends = match every[..] {
        [0.0, .., last] => [0.0, last],
        [0.0] => return Err("there are no runs at σ² > 0".to_owned()),
        _ => return Err("there are no runs at σ² = 0".to_owned()),
    };
    let needed: Vec<&[f64]> = match cells {
        Cells::Ends => vec![&ends],
        Cells::EveryOrEnds => vec![&every, &ends],
        Cells::EveryOrAny => vec![&every, &ends, &ends[..1]],
    };
    let completed = |sigma, seed| curves.iter().all(|curve| curve.result(sigma, seed).is_some());
    let has = |needed: &[f64], seed: u64| needed.iter().all(|sigma| completed(*sigma, seed));
    let mut notes: Vec<String> = curves.iter().filter_map(|curve| curve.divergences()).collect();
    let Some(needed) = needed.iter().find(|needed| all_seeds.iter().any(|seed| has(needed, *seed))) else {
        let required = needed.last().copied().unwrap_or_default().iter().copied();
        let missing = required.filter(|end| !all_seeds.iter().any(|seed| completed(*end, *seed)));
        let missing: Vec<f64> = missing.collect();
        let what = if missing.is_empty() { "either end of σ²".to_owned() } else { list_sigmas(&missing) };
        notes.insert(0, format!("no seed has results at {what} in every curve"));
        return Err(notes.join("; "));
    };
    let (seeds, incomplete): (Vec<u64>, Vec<u64>) = all_seeds.iter().partition(|seed| has(needed, **seed));
    let is_active = |curve: &&Curve<'_>, seed| {
        curve.result(0.0, seed).is_some_and(|result| result.avg_activation_fraction > MARGIN)
    };
    let (seeds, silent): (Vec<u64>, Vec<u64>) = seeds
        .into_iter()
        .partition(|seed| !must_be_active || curves.iter().all(|curve| is_active(curve, *seed)));
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
        let is_lacking = |sigma: &&f64| incomplete.iter().any(|seed| !completed(**sigma, *seed));
        let lacking: Vec<f64> = needed.iter().filter(is_lacking).copied().collect();
        notes.push(if lacking.len() == needed.len() {
            format!("left out: {who}, which not every curve has")
        } else {
            format!("left out: {who}, without results at {} in every curve", list_sigmas(&lacking))
        });
    }
    let (sigmas, left_out): (Vec<f64>, Vec<f64>) =
        every.iter().partition(|sigma| seeds.iter().all(|seed| completed(**sigma, *seed)));
    if !left_out.is_empty() {
        notes.push(format!("left out: {}, which not every seed and curve has", list_sigmas(&left_out)));
    }
    Ok(Sample { seeds, sigmas, listed: every.len(), notes, observed: Vec::new(), resampled: Vec::new() })
}

/// `σ² = 0.1 and 0.2`
pub(super) fn list_sigmas(sigmas: &[f64]) -> String {
    format!("σ² = {}", list(sigmas))
}
