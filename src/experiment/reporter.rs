//! Who is told of a sweep's progress.

use super::plan::{Plan, Training};
use crate::store::Holder;
use crate::training::{Measurement, Outcome};

/// Told of a sweep's progress; called from several threads.
pub trait Reporter: Sync {
    /// The sweep begins: `finished` of the plan's trainings are in the store already.
    fn begin(&self, _plan: &Plan, _finished: usize) {}
    /// A training starts.
    fn started(&self, _training: &Training) {}
    /// A training has finished an epoch; `latest` is the newest measurement, not necessarily of this epoch.
    fn epoch(&self, _training: &Training, _epoch: u32, _training_loss: f64, _latest: &Measurement) {}
    /// Another worker has `training`, for which this one waits, because nothing else is left to do; told once for each worker.
    fn waiting(&self, _training: &Training, _holder: &Holder) {}
    /// A training is finished and stored.
    fn finished(&self, _training: &Training, _outcome: &Outcome) {}
}

/// Nobody is told.
impl Reporter for () {}
