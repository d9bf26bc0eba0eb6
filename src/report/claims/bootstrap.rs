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
        let counts = |record: &Record| Some(record.activity.as_ref()?.active_samples.clone());
        let mut runs: Vec<(&str, f64, Vec<u64>, Vec<Reading>)> = (records.into_iter())
            .filter_map(|(key, record)| {
                let counts = counts(record).filter(|counts| counts.len() == units)?;
                let pairs = record.identity["samples"].as_f64()? * units as f64;
                Some((key, pairs, counts, Vec::with_capacity(RESAMPLES)))
            })
            .collect();
        for resample in unit_resamples(units, RESAMPLES) {
            for (_, pairs, counts, readings) in &mut runs {
                let (mut active, mut dead) = (0_u64, 0_u64);
                for unit in &resample {
                    active += counts[*unit];
                    dead += u64::from(counts[*unit] == 0);
                }
                readings.push(Reading { fraction: active as f64 / *pairs, dead: dead as f64 / units as f64 });
            }
        }
        runs.into_iter().map(|(key, _, _, readings)| (key.to_owned(), readings.into())).collect()
    }
}
