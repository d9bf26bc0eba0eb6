//! Training of one run: steps, epochs, measurements and checkpoints. Never prints, reads no clock, starts no thread.

use crate::state::Parameters;

mod activity;
mod checkpoint;
mod distribution;
mod encoder;
mod evaluation;
mod metrics;
mod outcome;
mod run;
mod session;
mod spec;
mod watch;

pub use checkpoint::{Arrays, Checkpoint, RunProgress};
pub use distribution::{CodeDistribution, CodeTally, DistributionState, EpochDistribution, gini, hoyer};
pub use encoder::Encoder;
pub use evaluation::total_variance;
pub use metrics::{Better, COLLAPSED, METRICS, Measurement, Metric, Number, Unit};
pub use outcome::{Activity, Outcome, Status, THRESHOLDS};
pub use run::{Run, RunDiverged, Samples};
pub use session::Session;
pub use spec::{NUMERICS_VERSION, RunSpec};
pub use watch::{TheoryOutcome, TheorySpec, TheoryWatchState};

/// Receives a run's progress while it trains.
pub trait Observer {
    /// An epoch has ended; `latest` is the newest measurement, not necessarily of this epoch.
    fn epoch(&mut self, epoch: u32, training_loss: f64, latest: &Measurement);
}

/// Ignores all progress.
impl Observer for () {
    fn epoch(&mut self, _: u32, _: f64, _: &Measurement) {}
}

/// The next action of a training after a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// Take the next step.
    Continue,
    /// Save a checkpoint and take the next step.
    Checkpoint,
    /// Save a checkpoint and stop.
    Stop,
}

/// The result of a training.
#[derive(Debug, Clone)]
pub struct Trained<F> {
    /// The status and the measurements.
    pub outcome: Outcome,
    /// The measurements of the theory, if the run makes them.
    pub theory: Option<TheoryOutcome>,
    /// The distribution of the codes at each measured epoch, if the run measures it.
    pub distribution: Option<Vec<EpochDistribution>>,
    /// The parameters before the first step.
    pub initial: Parameters<F>,
    /// The parameters after the last step, even where the run diverged.
    pub last: Parameters<F>,
}
