//! Finished cells that are missing from a results folder's table.

use super::config;
use super::plan::{Cell, DataIdentity, Plan};
use crate::store::Results;

/// The cells of the plan in the manifest of `results` whose runs are finished but that its table lacks. None if the manifest's
/// configuration can't be used, for example because of another program's models.
pub fn unlisted_cells(results: &Results) -> Vec<Cell> {
    let Some(plan) = plan_of(results) else { return Vec::new() };
    let key = |cell: &Cell| plan.trainings[cell.training].key.clone();
    let is_unlisted = |cell: &Cell| results.listing.lacks(&key(cell), cell.spec.regularizer.label());
    plan.cells.iter().filter(|cell| is_unlisted(cell)).cloned().collect()
}

/// The plan in the manifest of `results`, on the data of its runs.
fn plan_of(results: &Results) -> Option<Plan> {
    let config = config::stored(&results.manifest.config).ok()?;
    let spec = &results.listing.records().next()?.spec;
    let start = config.warm_start().map(|_| spec.warm_start.clone().unwrap_or_default());
    let data = DataIdentity {
        sha256: spec.data_sha256.clone(),
        samples: spec.samples,
        inputs: spec.inputs,
        standardized_from: spec.standardized_from,
        held_out: spec.held_out.clone(),
    };
    Plan::on(&config, String::new(), data, start).ok()
}
