//! One run: epoch loop, batches, evaluation, observers. Never prints, reads no clock, starts no thread.

use crate::state::Parameters;

mod activity;
mod checkpoint;
mod encoder;
mod evaluation;
mod metrics;
mod outcome;
mod run;
mod session;
mod spec;
mod watch;

pub use checkpoint::{Arrays, Checkpoint, Progress};
pub use encoder::Encoder;
pub use evaluation::total_variance;
pub use metrics::{Better, COLLAPSED, METRICS, Measurement, Metric, Number, Unit};
pub use outcome::{Activity, Outcome, Status, THRESHOLDS};
pub use run::{Divergence, Run, Samples, WarmStart};
pub use session::Session;
pub use spec::{NUMERICS_VERSION, RunSpec};
pub use watch::{TheoryOutcome, TheorySpec, WatchState};

/// Told of a run's progress while it trains.
pub trait Observer {
    /// An epoch has ended; `latest` is the newest measurement, not necessarily of this epoch.
    fn epoch(&mut self, epoch: u32, training_loss: f64, latest: &Measurement);
}

/// What a [`Session`] should do after a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// Take the next step.
    GoOn,
    /// Hand over a checkpoint and take the next step.
    Keep,
    /// Hand over a checkpoint and end here.
    Stop,
}

/// What a training leaves behind.
#[derive(Debug, Clone)]
pub struct Trained<F> {
    /// How it ended and what was measured.
    pub outcome: Outcome,
    /// What was measured of the theory, where asked for.
    pub theory: Option<TheoryOutcome>,
    /// The parameters before the first step.
    pub initial: Parameters<F>,
    /// The parameters after the last step; where the run diverged, those that diverged.
    pub last: Parameters<F>,
}
