//! The interface for reporting a sweep's progress.

use super::plan::{Plan, Training};
use crate::store::LeaseHolder;
use crate::training::{Measurement, Outcome};

/// Receives a sweep's progress; called from several threads.
pub trait Reporter: Sync {
    /// The sweep begins; `finished` of the plan's trainings are already in the store.
    fn begin(&self, _plan: &Plan, _finished: usize) {}
    /// A training starts, or resumes from a checkpoint after `resumed_at` steps.
    fn started(&self, _training: &Training, _threads: usize, _resumed_at: Option<u64>) {}
    /// A training has completed an epoch; `latest` is the newest measurement, not necessarily of this epoch.
    fn epoch(&self, _training: &Training, _epoch: u32, _training_loss: f64, _latest: &Measurement) {}
    /// This worker waits for `training`, whose lease another worker holds, because no other run is left. Called once for each run and
    /// holder.
    fn waiting(&self, _training: &Training, _holder: &LeaseHolder) {}
    /// A training is finished and stored.
    fn finished(&self, _training: &Training, _outcome: &Outcome) {}
}

/// Ignores all progress.
impl Reporter for () {}
