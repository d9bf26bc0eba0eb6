//! The outcome of a run: its status, its measurements and the activity of its units.

use super::metrics::Measurement;
use serde::{Deserialize, Serialize};

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "snake_case", deny_unknown_fields)]
pub enum Status {
    /// All epochs were trained.
    Completed,
    /// The loss, a parameter or a measurement was no longer finite.
    Diverged {
        /// The epoch, from 1; 0 if the measurement of the initial network was not finite.
        epoch: u32,
        /// The step within the run, from 1; 0 if the measurement of the initial network was not finite.
        step: u64,
    },
}

impl Status {
    /// The name in tables.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Completed => "completed",
            Self::Diverged { .. } => "diverged",
        }
    }
}

/// The thresholds of the counts in [`Activity`], increasing.
pub const THRESHOLDS: [f32; 24] = [
    0.0, 0.0001, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8,
    0.9, 0.95, 1.0, 2.0, 5.0, 10.0,
];

/// The activity of the units after the last epoch, on all N clean training samples. It allows units to be resampled and other values of
/// δ_min to be tried without the weights.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Activity {
    /// For each of the m units, the number of samples with h_j > δ_min, the run's own threshold.
    pub active_samples: Vec<u64>,
    /// Number of pairs of sample and unit with h_j > δ, for each δ of [`THRESHOLDS`].
    pub pairs_above: Vec<u64>,
    /// Number of units with h_j ≤ δ on every sample, for each δ of [`THRESHOLDS`].
    pub units_never_above: Vec<u64>,
}

/// A finished run.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// How it ended.
    pub status: Status,
    /// The measured epochs, in order; for a diverged run, those before it diverged.
    pub measurements: Vec<Measurement>,
    /// The activity of the units after the last epoch; absent where the run diverged.
    pub activity: Option<Activity>,
}

impl Outcome {
    /// The measurement after the last epoch; `None` for a run that diverged.
    pub fn result(&self) -> Option<&Measurement> {
        match self.status {
            Status::Completed => self.measurements.last(),
            Status::Diverged { .. } => None,
        }
    }
}
