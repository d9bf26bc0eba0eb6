//! Bootstrap over the hidden units of single runs: the spread that one seed can show.

use super::super::statistics::unit_resamples;
use crate::store::Record;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

/// Number of resamples: enough for the percentiles of a dozen simultaneous intervals.
pub(super) const RESAMPLES: usize = 10_000;

/// Activation and dead units of one run, over all units or a resample of them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Reading {
    /// Activation fraction (Eq. 14).
    pub(super) fraction: f64,
    /// Dead units / m.
    pub(super) dead: f64,
}

/// For each of [`RESAMPLES`] resamples, how often it takes each unit.
type UnitCounts = Rc<[Box<[u16]>]>;

/// Resampled readings of runs, computed on first use.
#[derive(Debug, Default)]
pub(super) struct Bootstrap {
    /// By number of units.
    unit_counts: RefCell<BTreeMap<usize, UnitCounts>>,
    /// By run key.
    readings: RefCell<BTreeMap<String, Rc<[Reading]>>>,
}

impl Bootstrap {
    /// The readings of a run with each of [`RESAMPLES`] resamples of its units. All runs with the same number of units have the
    /// same resamples, so that they are compared unit by unit. `None` where the record has no counts by unit.
    pub(super) fn draws(&self, record: &Record) -> Option<Rc<[Reading]>> {
        let counts = &record.activity.as_ref()?.active_samples;
        let readings =
            || self.unit_counts(counts.len()).iter().map(|times| reading(record, counts, times)).collect();
        Some(Rc::clone(self.readings.borrow_mut().entry(record.run_key.clone()).or_insert_with(readings)))
    }

    fn unit_counts(&self, units: usize) -> UnitCounts {
        let count = |resample: Vec<usize>| {
            let mut times = vec![0; units];
            resample.into_iter().for_each(|unit| times[unit] += 1);
            times.into()
        };
        let draw = || unit_resamples(units, RESAMPLES).map(count).collect();
        Rc::clone(self.unit_counts.borrow_mut().entry(units).or_insert_with(draw))
    }
}

/// The reading of `record` over a resample of its units. For each unit, `counts` is its number of active samples, and `times` is
/// how often the resample takes it.
fn reading(record: &Record, counts: &[u64], times: &[u16]) -> Reading {
    let (mut active, mut dead) = (0, 0);
    for (count, times) in counts.iter().zip(times) {
        active += count * u64::from(*times);
        dead += if *count == 0 { u64::from(*times) } else { 0 };
    }
    let units = counts.len() as f64;
    Reading { fraction: active as f64 / (record.spec.samples as f64 * units), dead: dead as f64 / units }
}
