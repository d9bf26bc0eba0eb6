//! Which runs of a plan are finished, and which weights and side records they lack. Commands that train and read-only commands both ask
//! here.

use super::plan::Plan;
use crate::error::{Error, Result};
use crate::store::{
    DistributionRecord, DistributionRecords, Moment, Record, SideRecord as _, Store, TheoryRecord,
    TheoryRecords, has_lost_weights, load_from_neighbours, load_records, weights_path,
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
    /// Whether its record is in another results folder of the same root, from which it will be taken over.
    pub is_in_neighbour: bool,
    /// Files that the plan asks for besides the record and that are missing.
    pub missing: MissingOutputs,
}

/// Files that a plan asks for besides a run's record and that are missing, because the run was finished without them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct MissingOutputs {
    /// Whether weights of `output.weights` are missing.
    pub weights: bool,
    /// Whether the measurements of `[theory]` are missing.
    pub theory: bool,
    /// Whether the distribution of codes of `evaluation.distribution` is missing.
    pub distribution: bool,
}

impl MissingOutputs {
    /// Whether anything is missing.
    pub fn any(self) -> bool {
        self.names().next().is_some()
    }

    /// What is missing, in a word each.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        let parts = [(self.weights, "weights"), (self.theory, "theory"), (self.distribution, "distribution")];
        parts.into_iter().filter(|(is_missing, _)| *is_missing).map(|(_, name)| name)
    }
}

/// Numbers of finished runs of a plan for which something is missing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct MissingCounts {
    /// Number of runs for which anything is missing.
    pub runs: usize,
    weights: usize,
    theory: usize,
    distribution: usize,
}

impl MissingCounts {
    /// Counts the runs of `plan` in `store`.
    pub fn of(plan: &Plan, store: &Store) -> Self {
        plan.keys().filter_map(|key| missing_outputs(plan, store, key)).collect()
    }

    /// Checks that nothing is missing in the results folder `folder`.
    ///
    /// # Errors
    /// [`Error::Store`] with the numbers of runs.
    pub fn refuse(self, folder: &Path) -> Result<()> {
        if self.runs == 0 {
            return Ok(());
        }
        let fix = "train these runs again, to the same numbers, with --retrain, or everything in a new folder with --fresh, an option \
                   of run, theory and figures";
        Err(Error::store(folder, self.to_string(), fix))
    }
}

impl FromIterator<MissingOutputs> for MissingCounts {
    fn from_iter<I: IntoIterator<Item = MissingOutputs>>(all: I) -> Self {
        all.into_iter().fold(Self::default(), |sum, missing| Self {
            runs: sum.runs + usize::from(missing.any()),
            weights: sum.weights + usize::from(missing.weights),
            theory: sum.theory + usize::from(missing.theory),
            distribution: sum.distribution + usize::from(missing.distribution),
        })
    }
}

/// `3 finished runs lack what is asked for now: 3 the weights, 1 the measurements of the theory`
impl fmt::Display for MissingCounts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (runs, verb) = if self.runs == 1 { ("run", "lacks") } else { ("runs", "lack") };
        write!(f, "{} finished {runs} {verb} what is asked for now: ", self.runs)?;
        let parts = [
            (self.weights, "the weights"),
            (self.theory, "the measurements of the theory"),
            (self.distribution, "the distribution of codes"),
        ];
        let parts = parts.iter().filter(|(runs, _)| *runs > 0).map(|(runs, what)| format!("{runs} {what}"));
        f.write_str(&parts.collect::<Vec<_>>().join(", "))
    }
}

/// Whether the run `key` is finished: its record is stored, and with it everything else that the plan asks for.
pub fn is_finished(plan: &Plan, store: &Store, key: &str) -> bool {
    missing_outputs(plan, store, key).is_some_and(|missing| !missing.any())
}

/// What is missing of the run `key` in `store`; `None` if the run has no record there, or is to be trained again because its weights or a
/// side record were damaged.
fn missing_outputs(plan: &Plan, store: &Store, key: &str) -> Option<MissingOutputs> {
    if store.has_lost_weights(key) {
        return None;
    }
    let has_distribution = store.distribution(key).is_some();
    missing_in(plan, store.folder(), &*store.record(key)?, store.theory(key).as_deref(), has_distribution)
}

/// The finished runs of `plan` by run key: those with a record in the results folder `folder`, and those that
/// [`adopt_and_notify`](super::adopt_and_notify) would take over from other folders. Locks and changes nothing; the folder need not exist.
///
/// # Errors
/// Where a record or a side record is damaged, or a file can't be read.
pub fn find_finished(plan: &Plan, folder: &Path) -> Result<BTreeMap<String, Finished>> {
    let records = load_records(folder)?;
    let theory = if plan.theory.is_some() { TheoryRecord::load_all(folder)? } else { TheoryRecords::new() };
    let distributions =
        if plan.distribution { DistributionRecord::load_all(folder)? } else { DistributionRecords::new() };
    let mut found = BTreeMap::new();
    for key in plan.keys() {
        if let Some(record) = records.get(key)
            && let theory = theory.get(key).map(|theory| &**theory)
            && let Some(missing) = missing_in(plan, folder, record, theory, distributions.contains_key(key))
            && !has_lost_weights(folder, record, plan.weights.moments())?
        {
            found.insert(key.to_owned(), Finished { status: record.status, is_in_neighbour: false, missing });
        }
    }
    if plan.takes_over() {
        let unfinished = plan.keys().filter(|key| !found.contains_key(*key));
        for (key, record) in load_from_neighbours(folder, unfinished)? {
            let (status, missing) = (record.status, MissingOutputs::default());
            found.insert(key, Finished { status, is_in_neighbour: true, missing });
        }
    }
    Ok(found)
}

/// Number of completed runs of `plan` in `store` without a measurement at one of the epochs at which the plan measures.
pub fn count_measured_seldom(plan: &Plan, store: &Store) -> usize {
    let lacks_epochs = |record: &Record| {
        let measured = &record.measurements;
        let has = |epoch| measured.binary_search_by_key(&epoch, |measurement| measurement.epoch).is_ok();
        let mut wanted = (0..=record.spec.epochs).step_by(plan.evaluate_every as usize);
        record.status == Status::Completed && !wanted.all(has)
    };
    plan.keys().filter(|key| store.record(key).is_some_and(|record| lacks_epochs(&record))).count()
}

/// What is missing of the run with this `record` in the results folder `folder`; `theory` are its measurements there, and
/// `has_distribution` says whether its distribution is there. `None` if a side record was damaged: such a run is trained again without
/// `--retrain`.
fn missing_in(
    plan: &Plan,
    folder: &Path,
    record: &Record,
    theory: Option<&TheoryRecord>,
    has_distribution: bool,
) -> Option<MissingOutputs> {
    let key = &record.run_key;
    let is_there = |moment: &Moment| weights_path(folder, key, *moment).exists();
    let mut due = plan.weights.moments().iter().filter(|moment| moment.is_left(record.status));
    let is_measured = |spec| theory.is_some_and(|theory| theory.satisfies(spec));
    let missing = MissingOutputs {
        weights: !due.all(is_there),
        theory: !plan.theory.is_none_or(is_measured),
        distribution: plan.distribution && !has_distribution,
    };
    let is_damaged = missing.theory && theory.is_none() && TheoryRecord::is_damaged(folder, key)
        || missing.distribution && DistributionRecord::is_damaged(folder, key);
    (!is_damaged).then_some(missing)
}
