//! A contrast: the runs that one part of a claim compares, and intervals of statistics of them.

use super::bootstrap::{Bootstrap, RESAMPLES, Reading};
use super::curves::ClaimCurve;
use super::margins::MARGIN;
use super::verdict::{Basis, Spread};
use crate::report::statistics::{
    Interval, increasing, mean, percentile_interval, standard_deviation, student_interval,
};
use crate::report::text::{decimal, list, seeds as seeds_text};
use std::collections::BTreeSet;
use std::rc::Rc;

/// One replicate of a contrast: a reading for each curve and, within it, for each σ² in increasing order.
pub(super) type Replicate = Vec<Vec<Reading>>;

/// The runs that a seed must have to count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RequiredCells {
    /// The runs at σ² = 0 and at the largest σ²: for rules on a curve's ends.
    Ends,
    /// The runs at every σ². Where no seed has them all, the runs at the ends may still contradict.
    EveryOrEnds,
    /// The runs at every σ². Where no seed has them all, the existing runs may still contradict.
    EveryOrAny,
}

/// A statistic of a contrast, with its uncertainty.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct ContrastEstimate {
    /// The mean over the seeds; NaN where the statistic of a seed is undefined.
    pub(super) value: f64,
    /// The number of seeds behind its uncertainty; 0 where the statistic of a replicate is undefined.
    seeds: usize,
    /// Standard deviation between the seeds; NaN for fewer than two.
    standard_deviation: f64,
    /// The statistic of each resample of one seed's units, increasing.
    draws: Vec<f64>,
    /// The range of possible values, which Student's t doesn't know.
    range: [f64; 2],
}

impl ContrastEstimate {
    /// The estimate of a difference of two fractions.
    fn new(observed: &[f64], mut draws: Vec<f64>) -> Self {
        let (value, range) = (mean(observed), [-1.0, 1.0]);
        if !observed.iter().chain(&draws).all(|number| number.is_finite()) {
            return Self { value, seeds: 0, standard_deviation: f64::NAN, draws: Vec::new(), range };
        }
        draws.sort_by(f64::total_cmp);
        Self { value, seeds: observed.len(), standard_deviation: standard_deviation(observed), draws, range }
    }

    /// The estimate of a number from 0 to 1: of a fraction, or of a rise that is at least 0.
    pub(super) fn nonnegative(self) -> Self {
        Self { range: [0.0, 1.0], ..self }
    }

    /// The estimate of a number of any size.
    pub(super) fn unbounded(self) -> Self {
        Self { range: [f64::NEG_INFINITY, f64::INFINITY], ..self }
    }

    /// The interval by percentiles over the resampled units, or by Student's t over the seeds, clamped to the range of possible
    /// values.
    pub(super) fn interval(&self, confidence: f64) -> Option<Interval> {
        percentile_interval(&self.draws, confidence)
            .or_else(|| student_interval(self.value, self.standard_deviation, self.seeds, confidence))
            .map(|interval| interval.within(self.range))
    }

    /// Standard deviation between the seeds, where there are several.
    pub(super) fn standard_deviation(&self) -> Option<f64> {
        (self.seeds > 1).then_some(self.standard_deviation)
    }

    /// The estimate as if another number of `seeds` had the same mean and standard deviation.
    pub(super) fn with_seeds(&self, seeds: usize) -> Self {
        Self { seeds, ..self.clone() }
    }
}

/// The readings of the curves that are compared, for the seeds and σ² that count.
#[derive(Debug)]
pub(super) struct Contrast {
    pub(super) seeds: Vec<u64>,
    pub(super) sigmas: Vec<f64>,
    /// Number of σ² of the sweep, including missing ones.
    pub(super) sigma_count: usize,
    /// Notes on the runs that were left out.
    pub(super) notes: Vec<String>,
    /// One replicate for each seed.
    pub(super) observed: Vec<Replicate>,
    /// With one seed whose units were counted, one replicate for each resample; otherwise empty.
    resampled: Vec<Replicate>,
}

impl Contrast {
    /// Selects the runs of `curves` to compare; the curves must have been trained alike. A seed counts if it has the required
    /// `cells` in every curve. With `must_be_active` its activation fraction at σ² = 0 must also exceed [`MARGIN`]: where
    /// training alone switched nearly all units off, no fall could be large enough to count, and a level curve would prove
    /// nothing. A σ² counts if each of these seeds has it in every curve.
    ///
    /// # Errors
    /// The reason why no run can be compared.
    pub(super) fn new(
        curves: &[&ClaimCurve<'_>],
        cells: RequiredCells,
        must_be_active: bool,
        bootstrap: &Bootstrap,
    ) -> Result<Self, String> {
        curves[1..].iter().try_for_each(|curve| curves[0].check_same_protocol(curve))?;
        let mut contrast = select(curves, cells, must_be_active)?;
        let read = |curve: &ClaimCurve<'_>, sigma, seed| {
            let result = curve.result(sigma, seed).expect("selected runs have results");
            Reading { fraction: result.avg_activation_fraction, dead: result.dead_fraction }
        };
        let row = |curve, seed| contrast.sigmas.iter().map(|sigma| read(curve, *sigma, seed)).collect();
        let replicate = |seed| curves.iter().map(|curve| row(curve, seed)).collect();
        contrast.observed = contrast.seeds.iter().map(|seed| replicate(*seed)).collect();
        if let [seed] = contrast.seeds[..] {
            contrast.resampled = resample(curves, &contrast.sigmas, seed, bootstrap).unwrap_or_default();
        }
        Ok(contrast)
    }

    /// The largest σ².
    pub(super) fn last_sigma(&self) -> f64 {
        self.sigmas.last().copied().unwrap_or(f64::NAN)
    }

    /// Whether no σ² is missing.
    pub(super) fn is_complete(&self) -> bool {
        self.sigmas.len() == self.sigma_count
    }

    /// A contrast of seeds 1, 2, …: for each seed and curve, an activation fraction and a dead fraction at each of `sigmas`.
    #[cfg(test)]
    pub(super) fn simulated(sigmas: &[f64], seeds: &[Vec<Vec<(f64, f64)>>]) -> Self {
        let read = |curve: &Vec<(f64, f64)>| {
            curve.iter().map(|&(fraction, dead)| Reading { fraction, dead }).collect()
        };
        Self {
            seeds: (1..=seeds.len() as u64).collect(),
            sigmas: sigmas.to_vec(),
            sigma_count: sigmas.len(),
            notes: Vec::new(),
            observed: seeds.iter().map(|curves| curves.iter().map(read).collect()).collect(),
            resampled: Vec::new(),
        }
    }

    /// The runs behind a measure.
    pub(super) fn basis(&self) -> Basis {
        let by_units = (!self.resampled.is_empty()).then_some(Spread::Units);
        let spread = if self.seeds.len() > 1 { Some(Spread::Seeds) } else { by_units };
        let curves = self.observed.first().map_or(0, Vec::len);
        Basis {
            seeds: self.seeds.clone(),
            sigma_squared: self.sigmas.clone(),
            cells: self.seeds.len() * self.sigmas.len() * curves,
            spread,
        }
    }

    /// The estimates of all numbers that `statistic` gives for a replicate.
    pub(super) fn estimates(&self, statistic: impl Fn(&Replicate) -> Vec<f64>) -> Vec<ContrastEstimate> {
        let [observed, drawn] = [&self.observed, &self.resampled]
            .map(|replicates| replicates.iter().map(&statistic).collect::<Vec<_>>());
        let column = |rows: &[Vec<f64>], i: usize| rows.iter().map(|row| row[i]).collect::<Vec<f64>>();
        (0..observed[0].len())
            .map(|i| ContrastEstimate::new(&column(&observed, i), column(&drawn, i)))
            .collect()
    }

    /// The estimate of the number that `statistic` gives for a replicate.
    pub(super) fn estimate(&self, statistic: impl Fn(&Replicate) -> f64) -> ContrastEstimate {
        self.estimates(|replicate| vec![statistic(replicate)]).remove(0)
    }
}

/// One replicate of the runs of `seed` for each resample of their units; `None` where a record has no counts by unit. Units j of
/// two curves began with the same weights and are resampled together; units of curves on different data sets are unrelated.
fn resample(
    curves: &[&ClaimCurve<'_>],
    sigmas: &[f64],
    seed: u64,
    bootstrap: &Bootstrap,
) -> Option<Vec<Replicate>> {
    let draws = |curve: &&ClaimCurve<'_>| -> Option<Vec<Rc<[Reading]>>> {
        sigmas.iter().map(|sigma| bootstrap.draws(curve.record(*sigma, seed)?)).collect()
    };
    let rows = curves.iter().map(draws).collect::<Option<Vec<_>>>()?;
    let unrelated = curves.iter().any(|curve| curve.settings.dataset != curves[0].settings.dataset);
    // Curves with unrelated units use the same resamples, shifted, so that their draws are not paired.
    let shift = if unrelated { RESAMPLES / curves.len() } else { 0 };
    let replicate = |index: usize| {
        let read = |(curve, row): (usize, &Vec<Rc<[Reading]>>)| {
            row.iter().map(|draws| draws[(index + curve * shift) % RESAMPLES]).collect()
        };
        rows.iter().enumerate().map(read).collect()
    };
    Some((0..RESAMPLES).map(replicate).collect())
}

/// Selects the seeds and σ² of `curves`; readings are added later.
fn select(
    curves: &[&ClaimCurve<'_>],
    cells: RequiredCells,
    must_be_active: bool,
) -> Result<Contrast, String> {
    let every = increasing(curves.iter().flat_map(|curve| curve.sigmas.iter().copied()));
    let all_seeds: BTreeSet<u64> = curves.iter().flat_map(|curve| curve.seeds()).collect();
    let ends = match every[..] {
        [0.0, .., last] => [0.0, last],
        [0.0] => return Err("there are no runs at σ² > 0".to_owned()),
        _ => return Err("there are no runs at σ² = 0".to_owned()),
    };
    let needed: Vec<&[f64]> = match cells {
        RequiredCells::Ends => vec![&ends],
        RequiredCells::EveryOrEnds => vec![&every, &ends],
        RequiredCells::EveryOrAny => vec![&every, &ends, &ends[..1]],
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
    let is_active = |curve: &&ClaimCurve<'_>, seed| {
        curve.result(0.0, seed).is_some_and(|result| result.avg_activation_fraction > MARGIN)
    };
    let (seeds, silent): (Vec<u64>, Vec<u64>) = seeds
        .into_iter()
        .partition(|seed| !must_be_active || curves.iter().all(|curve| is_active(curve, *seed)));
    let silence = format!("active on at most {} of samples and units at σ² = 0 already", decimal(MARGIN));
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
    Ok(Contrast {
        seeds,
        sigmas,
        sigma_count: every.len(),
        notes,
        observed: Vec::new(),
        resampled: Vec::new(),
    })
}

/// `σ² = 0.1 and 0.2`
pub(super) fn list_sigmas(sigmas: &[f64]) -> String {
    format!("σ² = {}", list(sigmas))
}
