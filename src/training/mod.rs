//! One run: epoch loop, batches, evaluation, observers. Never prints, reads no clock, starts no thread.

mod outcome;
mod spec;

pub use outcome::{Measurement, Outcome, Status};
pub use spec::{NUMERICS_VERSION, RunSpec, key_of};

/// Told of a run's progress while it trains.
pub trait Observer {
    /// An epoch has ended; `latest` is the newest measurement, not necessarily of this epoch.
    fn epoch(&mut self, epoch: u32, training_loss: f64, latest: &Measurement);
}
