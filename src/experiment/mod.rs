//! From a configuration as written to a resolved plan, and from the plan to results.

pub mod config;
mod execute;
mod finished;
mod folder;
mod plan;
mod prepared;
mod shard;
mod trainer;
mod unlisted;
mod weights;

use crate::store::Holder;
use crate::training::{Measurement, Outcome};

pub use config::Config;
pub use execute::{Control, Executor, Failure, Summary, Supervisor, assemble, execute};
pub use finished::{Finished, Lacking, Lacks, adopt, find_finished, is_finished};
pub use folder::FolderPlan;
pub use plan::{Cell, Plan, Training};
pub use prepared::Prepared;
pub use shard::divide;
pub use trainer::Trainer;
pub use unlisted::unlisted_cells;
pub use weights::WeightsOutput;

/// Told of a sweep's progress; called from several threads.
pub trait Reporter: Sync {
    /// The sweep begins: `finished` of the plan's trainings are in the store already.
    fn begin(&self, plan: &Plan, finished: usize);
    /// A training starts.
    fn started(&self, training: &Training);
    /// A training has finished an epoch; `latest` is the newest measurement, not necessarily of this epoch.
    fn epoch(&self, training: &Training, epoch: u32, training_loss: f64, latest: &Measurement);
    /// Another worker has `training`, for which this one waits, because nothing else is left to do; told once for each worker.
    fn waiting(&self, _training: &Training, _holder: &Holder) {}
    /// A training is finished and stored.
    fn finished(&self, training: &Training, outcome: &Outcome);
}

/// Nobody is told.
impl Reporter for () {
    fn begin(&self, _: &Plan, _: usize) {}
    fn started(&self, _: &Training) {}
    fn epoch(&self, _: &Training, _: u32, _: f64, _: &Measurement) {}
    fn finished(&self, _: &Training, _: &Outcome) {}
}
