//! Resampled hidden units of single runs: what one seed can say about spread.

use super::super::statistics::unit_resamples;
use crate::store::Record;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

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

/// How often each of [`RESAMPLES`] resamples takes each unit.
type Times = Rc<[Box<[u16]>]>;

/// Resampled readings of runs, made when they are first asked for.
#[derive(Debug, Default)]
pub(super) struct Bootstrap {
    /// By number of units.
    times: RefCell<BTreeMap<usize, Times>>,
    /// By run key.
    readings: RefCell<BTreeMap<String, Rc<[Reading]>>>,
}

impl Bootstrap {
    /// The run read with [`RESAMPLES`] resamples of its units: the same resamples for every run of as many units,
    /// so that runs are compared unit by unit. `None` where it has no counts by unit.
    pub(super) fn draws(&self, record: &Record) -> Option<Rc<[Reading]>> {
        let counts = &record.activity.as_ref()?.active_samples;
        let read = || self.times(counts.len()).iter().map(|times| read(record, counts, times)).collect();
        Some(Rc::clone(self.readings.borrow_mut().entry(record.run_key.clone()).or_insert_with(read)))
    }

    fn times(&self, units: usize) -> Times {
        let count = |resample: Vec<usize>| {
            let mut times = vec![0; units];
            resample.into_iter().for_each(|unit| times[unit] += 1);
            times.into()
        };
        let draw = || unit_resamples(units, RESAMPLES).map(count).collect();
        Rc::clone(self.times.borrow_mut().entry(units).or_insert_with(draw))
    }
}

/// The run of `record`, whose units are active on `counts` samples, with each unit taken so many `times`: as many in all as there
/// are units.
fn read(record: &Record, counts: &[u64], times: &[u16]) -> Reading {
    let (mut active, mut dead) = (0, 0);
    for (count, times) in counts.iter().zip(times) {
        active += count * u64::from(*times);
        dead += if *count == 0 { u64::from(*times) } else { 0 };
    }
    let units = counts.len() as f64;
    Reading { fraction: active as f64 / (record.spec.samples as f64 * units), dead: dead as f64 / units }
}
