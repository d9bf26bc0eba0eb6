//! What of a plan needs no training: one answer for who trains it and for who only looks.

use super::Plan;
use crate::error::Result;
use crate::store::{
    Record, Store, TheoryRecord, TheoryRecords, has_lost_weights, load_from_neighbours, load_records,
    load_theory,
};
use crate::training::Status;
use std::collections::BTreeMap;
use std::path::Path;

/// A training that a run of its plan leaves out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Finished {
    /// How it ended.
    pub status: Status,
    /// Whether it is in another results folder of the same root, to be taken over from there.
    pub is_beside: bool,
}

/// Whether nothing is left to do for the training `key`: it is stored, with what the plan asks to be measured beside it, and has not
/// lost the weights that it left.
pub fn is_finished(plan: &Plan, store: &Store, key: &str) -> bool {
    !store.has_lost_weights(key)
        && sufficient(plan, store.record(key).as_deref(), store.theory(key).as_deref()).is_some()
}

/// The trainings of `plan` that [`is_finished`] would find in the results folder `folder`, once [`adopt`] has taken over those
/// that are beside it; by run key. Nothing is locked or changed, and the folder needn't be there.
///
/// # Errors
/// Where a record, or what was measured of the theory, is damaged, or a file can't be read.
pub fn find_finished(plan: &Plan, folder: &Path) -> Result<BTreeMap<String, Finished>> {
    let records = load_records(folder)?;
    let theory = if plan.theory.is_some() { load_theory(folder)? } else { TheoryRecords::new() };
    let keys = || plan.trainings.iter().map(|training| training.key.as_str());
    let mut found = BTreeMap::new();
    for key in keys() {
        let (record, theory) =
            (records.get(key).map(|record| &**record), theory.get(key).map(|theory| &**theory));
        if let Some(record) = sufficient(plan, record, theory)
            && !has_lost_weights(folder, record, plan.weights.moments())?
        {
            found.insert(key.to_owned(), Finished { status: record.status, is_beside: false });
        }
    }
    if plan.takes_over() {
        let missing = keys().filter(|key| !found.contains_key(*key));
        for (key, record) in load_from_neighbours(folder, missing)? {
            found.insert(key, Finished { status: record.status, is_beside: true });
        }
    }
    Ok(found)
}

/// Takes over into `store` what other results folders of the same root have finished of `plan`; how many trainings that were.
///
/// # Errors
/// Those of [`Store::check_plan`], and where the root can't be listed or a record not be written.
pub fn adopt(plan: &Plan, store: &Store) -> Result<usize> {
    let keys = || plan.trainings.iter().map(|training| training.key.as_str());
    // Before, for afterwards the folder shares these runs with the plan.
    store.check_plan(keys())?;
    if plan.takes_over() { store.adopt(keys()) } else { Ok(0) }
}

/// `record`, where it leaves nothing to do for a training of `plan`: `theory` is then what the plan asks to be measured beside it.
fn sufficient<'r>(
    plan: &Plan,
    record: Option<&'r Record>,
    theory: Option<&TheoryRecord>,
) -> Option<&'r Record> {
    let measured = |spec| theory.is_some_and(|theory| theory.satisfies(spec));
    record.filter(|_| plan.theory.is_none_or(measured))
}
