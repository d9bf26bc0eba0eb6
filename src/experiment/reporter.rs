//! Who is told of a sweep's progress.

use super::plan::{Plan, Training};
use crate::store::Holder;
use crate::training::{Measurement, Outcome};

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
