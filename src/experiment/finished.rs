//! Which runs of a plan are finished, and what they lack of what it asks: one answer for commands that train and those that only look.

use super::plan::Plan;
use crate::error::{Error, Result};
use crate::store::{
    Moment, Record, Store, TheoryRecord, TheoryRecords, has_damaged_theory, has_lost_weights,
    load_from_neighbours, load_records, load_theory, weights_path,
};
use crate::training::Status;
use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

/// A run of a plan that has a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Finished {
    /// How it ended.
    pub status: Status,
    /// Whether it is in another results folder of the same root, to be taken over from there.
    pub is_beside: bool,
    /// What the plan asks for beside the record.
    pub lacks: Lacks,
}

/// What a plan asks to be kept or measured beside a run's record that isn't there: the run was finished without.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Lacks {
    /// Weights, as `output.weights` asks.
    pub weights: bool,
    /// Measurements of the theory, as `[theory]` asks.
    pub theory: bool,
}

impl Lacks {
    /// Whether it is anything.
    pub fn anything(self) -> bool {
        self.weights || self.theory
    }
}

/// How many finished runs of a plan lack something.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Lacking {
    /// Runs that lack anything.
    pub runs: usize,
    weights: usize,
    theory: usize,
}

impl Lacking {
    /// Those of `plan` in `store`.
    pub fn of(plan: &Plan, store: &Store) -> Self {
        plan.keys().filter_map(|key| lacks(plan, store, key)).collect()
    }

    /// Refuses to leave the runs without, where there are any in `folder`.
    ///
    /// # Errors
    /// [`Error::Store`] that says how many runs lack what.
    pub fn refuse(self, folder: &Path) -> Result<()> {
        if self.runs == 0 {
            return Ok(());
        }
        let fix = "train these runs again, to the same numbers, with --retrain, or everything in a new folder with --fresh, an option \
                   of run, theory and figures";
        Err(Error::store(folder, self.to_string(), fix))
    }
}

impl FromIterator<Lacks> for Lacking {
    fn from_iter<I: IntoIterator<Item = Lacks>>(all: I) -> Self {
        all.into_iter().fold(Self::default(), |sum, lacks| Self {
            runs: sum.runs + usize::from(lacks.anything()),
            weights: sum.weights + usize::from(lacks.weights),
            theory: sum.theory + usize::from(lacks.theory),
        })
    }
}

/// `3 finished runs lack what is asked for now: 3 the weights, 1 the measurements of the theory`
impl fmt::Display for Lacking {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (runs, verb) = if self.runs == 1 { ("run", "lacks") } else { ("runs", "lack") };
        write!(f, "{} finished {runs} {verb} what is asked for now: ", self.runs)?;
        let parts = [(self.weights, "the weights"), (self.theory, "the measurements of the theory")];
        let parts = parts.iter().filter(|(runs, _)| *runs > 0).map(|(runs, what)| format!("{runs} {what}"));
        f.write_str(&parts.collect::<Vec<_>>().join(", "))
    }
}

/// Whether nothing is left to do for the training `key`: it is stored, with what the plan asks for beside its record.
pub fn is_finished(plan: &Plan, store: &Store, key: &str) -> bool {
    lacks(plan, store, key).is_some_and(|lacks| !lacks.anything())
}

/// What the run `key` lacks in `store`; `None` where it isn't finished there, or is to be trained again since its weights or what it
/// measured were damaged.
fn lacks(plan: &Plan, store: &Store, key: &str) -> Option<Lacks> {
    if store.has_lost_weights(key) {
        return None;
    }
    lacks_of(plan, store.folder(), &*store.record(key)?, store.theory(key).as_deref())
}

/// The runs of `plan` that have a record in the results folder `folder`, or will have one once [`adopt`] has taken over those that are
/// beside it; by run key. Nothing is locked or changed, and the folder needn't be there.
///
/// # Errors
/// Where a record, or what was measured of the theory, is damaged, or a file can't be read.
pub fn find_finished(plan: &Plan, folder: &Path) -> Result<BTreeMap<String, Finished>> {
    let records = load_records(folder)?;
    let theory = if plan.theory.is_some() { load_theory(folder)? } else { TheoryRecords::new() };
    let mut found = BTreeMap::new();
    for key in plan.keys() {
        if let Some(record) = records.get(key)
            && let Some(lacks) = lacks_of(plan, folder, record, theory.get(key).map(|theory| &**theory))
            && !has_lost_weights(folder, record, plan.weights.moments())?
        {
            found.insert(key.to_owned(), Finished { status: record.status, is_beside: false, lacks });
        }
    }
    if plan.takes_over() {
        let missing = plan.keys().filter(|key| !found.contains_key(*key));
        for (key, record) in load_from_neighbours(folder, missing)? {
            let (status, lacks) = (record.status, Lacks::default());
            found.insert(key, Finished { status, is_beside: true, lacks });
        }
    }
    Ok(found)
}

/// Takes over into `store` what other results folders of the same root have finished of `plan`; how many trainings that were.
///
/// # Errors
/// Those of [`Store::check_plan`], and where the root can't be listed or a record not be written.
pub fn adopt(plan: &Plan, store: &Store) -> Result<usize> {
    // Before, for afterwards the folder shares these runs with the plan.
    store.check_plan(plan.keys())?;
    if plan.takes_over() { store.adopt(plan.keys()) } else { Ok(0) }
}

/// What the run with this `record` lacks in the results folder `folder`, where it measured `theory`; `None` where what it measured
/// was damaged: that run is trained again without being asked.
fn lacks_of(plan: &Plan, folder: &Path, record: &Record, theory: Option<&TheoryRecord>) -> Option<Lacks> {
    let key = &record.run_key;
    let is_there = |moment: &Moment| weights_path(folder, key, *moment).exists();
    let mut due = plan.weights.moments().iter().filter(|moment| moment.is_left(record.status));
    let weights = !due.all(is_there);
    let is_measured = |spec| theory.is_some_and(|theory| theory.satisfies(spec));
    let lacks = Lacks { weights, theory: !plan.theory.is_none_or(is_measured) };
    let is_damaged = lacks.theory && theory.is_none() && has_damaged_theory(folder, key);
    (!is_damaged).then_some(lacks)
}
