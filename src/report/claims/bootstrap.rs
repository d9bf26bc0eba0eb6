//! Resampled hidden units of single runs: what one seed can say about spread.

use super::super::statistics::unit_resamples;
use super::curves::Curves;
use crate::store::Record;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

/// Draws of every bootstrap: enough for the percentiles that a dozen simultaneous intervals need.
pub(super) const RESAMPLES: usize = 10_000;

/// How active the units of one run are, all of them or a resample.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Reading {
    /// Eq. 14.
    pub(super) fraction: f64,
    /// Dead units / m.
    pub(super) dead: f64,
}

/// Resampled readings of runs, by run key.
type Draws = BTreeMap<String, Rc<[Reading]>>;

/// The resampled readings, made when they are first asked for.
#[derive(Debug)]
pub(super) struct Bootstrap<'c> {
    curves: &'c Curves,
    /// By seed and number of units.
    draws: RefCell<BTreeMap<(u64, usize), Rc<Draws>>>,
}

impl<'c> Bootstrap<'c> {
    pub(super) fn new(curves: &'c Curves) -> Self {
        Self { curves, draws: RefCell::default() }
    }

    /// The run read with [`RESAMPLES`] resamples of its units: the same resamples for every run of as many units,
    /// so that runs are compared unit by unit. `None` where it has no counts by unit.
    pub(super) fn draws(&self, record: &Record, seed: u64) -> Option<Rc<[Reading]>> {
        let units = record.activity.as_ref()?.active_samples.len();
        let mut draws = self.draws.borrow_mut();
        let of_seed = draws.entry((seed, units)).or_insert_with(|| Rc::new(self.resample(seed, units)));
        of_seed.get(&record.run_key).cloned()
    }

    /// All runs of a seed together, since drawing indices takes as long as reading several runs with them.
    fn resample(&self, seed: u64, units: usize) -> Draws {
        let records: BTreeMap<&str, &Arc<Record>> =
            self.curves.records(seed).map(|record| (record.run_key.as_str(), record)).collect();
        let runs: Vec<(&str, Counts)> = (records.into_iter())
            .filter_map(|(key, record)| Some((key, Counts::of(record)?)))
            .filter(|(_, counts)| counts.active.len() == units)
            .collect();
        let mut readings = vec![Vec::with_capacity(RESAMPLES); runs.len()];
        let mut times = vec![0.0; units];
        for resample in unit_resamples(units, RESAMPLES) {
            times.fill(0.0);
            for unit in resample {
                times[unit] += 1.0;
            }
            for ((_, counts), readings) in runs.iter().zip(&mut readings) {
                readings.push(counts.read(&times));
            }
        }
        runs.iter().zip(readings).map(|((key, _), readings)| ((*key).to_owned(), readings.into())).collect()
    }
}

/// The counts of one run, as whole numbers in `f64`: sums of them are exact, in whichever order.
struct Counts {
    /// Samples on which each unit is active.
    active: Vec<f64>,
    /// The units that are dead.
    dead: Vec<usize>,
    /// N · m.
    pairs: f64,
}

impl Counts {
    fn of(record: &Record) -> Option<Self> {
        let counts = &record.activity.as_ref()?.active_samples;
        Some(Self {
            active: counts.iter().map(|count| *count as f64).collect(),
            dead: (0..counts.len()).filter(|unit| counts[*unit] == 0).collect(),
            pairs: record.spec.samples as f64 * counts.len() as f64,
        })
    }

    /// The run with each unit taken so many `times`, as many in all as there are units.
    fn read(&self, times: &[f64]) -> Reading {
        let dead: f64 = self.dead.iter().map(|unit| times[*unit]).sum();
        let units = self.active.len() as f64;
        Reading { fraction: dot(&self.active, times) / self.pairs, dead: dead / units }
    }
}

/// Σ a b in eight sums side by side, which become vectors.
fn dot(a: &[f64], b: &[f64]) -> f64 {
    let (a, b) = (a.chunks_exact(8), b.chunks_exact(8));
    let rest: f64 = a.remainder().iter().zip(b.remainder()).map(|(a, b)| a * b).sum();
    let mut sums = [0.0; 8];
    for (a, b) in a.zip(b) {
        for ((sum, a), b) in sums.iter_mut().zip(a).zip(b) {
            *sum += a * b;
        }
    }
    sums.iter().sum::<f64>() + rest
}
