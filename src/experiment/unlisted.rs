//! What a results folder's table should list by its manifest and its records, and doesn't.

use super::config;
use super::plan::{Cell, DataIdentity, Plan};
use crate::store::Results;
use std::path::Path;

/// The cells of the plan in the manifest of `results` whose runs are finished and that its table lacks. None are known where the
/// configuration can't be used, as one with models of another program.
pub fn unlisted_cells(results: &Results) -> Vec<Cell> {
    let Some(plan) = plan_of(results) else { return Vec::new() };
    let key = |cell: &Cell| plan.trainings[cell.training].key.clone();
    let is_unlisted = |cell: &Cell| results.listing.lacks(&key(cell), cell.spec.regularizer.label());
    plan.cells.iter().filter(|cell| is_unlisted(cell)).cloned().collect()
}

/// The plan that the manifest of `results` describes, on the data of their runs.
fn plan_of(results: &Results) -> Option<Plan> {
    let text = results.manifest.config.to_string();
    let config = config::parse(&text, Path::new("manifest.json"), &[]).ok()?;
    let spec = &results.listing.records().next()?.spec;
    let start = config.warm_start().map(|_| spec.warm_start.clone().unwrap_or_default());
    let data = DataIdentity {
        sha256: spec.data_sha256.clone(),
        samples: spec.samples,
        inputs: spec.inputs,
        standardized_from: spec.standardized_from,
    };
    Plan::on(&config, String::new(), data, start).ok()
}
