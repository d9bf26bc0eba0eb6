//! What a training leaves behind: how it ended and what was measured.

use serde::{Deserialize, Serialize};

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "snake_case", deny_unknown_fields)]
pub enum Status {
    /// All epochs were trained.
    Completed,
    /// The loss, a parameter or a measurement was no longer finite.
    Diverged {
        /// The epoch, from 1; 0 where already the initial network's numbers were not finite.
        epoch: u32,
        /// The step within the run, from 1; 0 likewise.
        step: u64,
    },
}

/// What was measured after an epoch, on all clean training samples unless stated otherwise.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Measurement {
    /// Number of epochs trained; 0: before training.
    pub epoch: u32,
    /// Mean over the epoch's samples of the trained objective, penalty and corruption included: each batch's, as it was before
    /// its step, counts by its size; absent at epoch 0.
    pub training_loss: Option<f64>,
    /// Eq. 14.
    pub avg_activation_fraction: f64,
    /// Eq. 14 over the units that are not dead; absent where all are.
    pub alive_activation_fraction: Option<f64>,
    /// Units that are inactive on every sample.
    pub dead_units: u64,
    /// dead_units / m.
    pub dead_fraction: f64,
    /// E\[a_j\], mean over the units.
    pub mean_pre_activation: f64,
    /// Var\[a_j\] (÷ N), mean over the units.
    pub variance_pre_activation: f64,
    /// ‖W_j‖, mean over the units.
    pub mean_weight_norm: f64,
    /// Rows of W that are zero.
    pub zero_rows: u64,
    /// E‖x − y‖².
    pub reconstruction: f64,
    /// coefficient · R; absent where the objective has no such term (none, dae, edae, every model at σ² = 0).
    pub penalty: Option<f64>,
    /// E‖x − y‖² / E‖x − E x‖²; absent for constant data.
    pub fraction_variance_unexplained: Option<f64>,
    /// Eq. 14 on the held-out samples; absent where there are none.
    pub held_out_activation_fraction: Option<f64>,
    /// E‖x − y‖² on the held-out samples; absent where there are none.
    pub held_out_reconstruction: Option<f64>,
    /// (step, unit) pairs with ρ_j > `rho_max` so far; absent for models without that setting.
    pub rho_max_hits: Option<u64>,
    /// (step, unit) pairs with ρ_j < `rho_min` so far; absent for models without that setting, and at ρ = 0.
    pub rho_min_hits: Option<u64>,
}

/// The share of dead units, and the fraction of variance unexplained, from which a trained network counts as collapsed.
pub const COLLAPSED: f64 = 0.99;

impl Measurement {
    /// Whether the network has collapsed: at least [`COLLAPSED`] of its units are dead, or at least that fraction of the variance
    /// is unexplained, so that the reconstruction is hardly better than the mean. It follows from what is measured and is
    /// nowhere stored. A run has collapsed where it completed and its last measurement has.
    pub fn is_collapsed(&self) -> bool {
        self.dead_fraction >= COLLAPSED
            || self.fraction_variance_unexplained.is_some_and(|fvu| fvu >= COLLAPSED)
    }

    /// Whether every number is finite.
    pub fn is_finite(&self) -> bool {
        let always = [
            self.avg_activation_fraction,
            self.mean_pre_activation,
            self.variance_pre_activation,
            self.mean_weight_norm,
            self.reconstruction,
        ];
        let sometimes = [
            self.training_loss,
            self.penalty,
            self.fraction_variance_unexplained,
            self.held_out_activation_fraction,
            self.held_out_reconstruction,
        ];
        always.into_iter().chain(sometimes.into_iter().flatten()).all(f64::is_finite)
    }
}

/// The thresholds at which [`Activity`] counts, increasing.
pub const THRESHOLDS: [f32; 24] = [
    0.0, 0.0001, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8,
    0.9, 0.95, 1.0, 2.0, 5.0, 10.0,
];

/// How active the units are after the last epoch, on all N clean training samples: what resampling of units and
/// other choices of δ_min need, without the weights.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Activity {
    /// For each of the m units, the samples with h_j > δ_min, the run's own threshold.
    pub active_samples: Vec<u64>,
    /// Pairs of sample and unit with h_j > δ, for each δ of [`THRESHOLDS`].
    pub pairs_above: Vec<u64>,
    /// Units with h_j > δ on no sample, for each δ of [`THRESHOLDS`].
    pub units_never_above: Vec<u64>,
}

/// A finished run.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// How it ended.
    pub status: Status,
    /// The evaluated epochs, in order; a diverged run has those before it diverged.
    pub measurements: Vec<Measurement>,
    /// The units after the last epoch; absent where the run diverged.
    pub activity: Option<Activity>,
}

impl Outcome {
    /// What the last epoch left; `None` for a run that diverged.
    pub fn result(&self) -> Option<&Measurement> {
        match self.status {
            Status::Completed => self.measurements.last(),
            Status::Diverged { .. } => None,
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A made-up measurement of 1000 units.
    pub(crate) fn measured(dead: u64, unexplained: Option<f64>) -> Measurement {
        Measurement {
            epoch: 1,
            training_loss: Some(1.0),
            avg_activation_fraction: 0.5,
            alive_activation_fraction: None,
            dead_units: dead,
            dead_fraction: dead as f64 / 1000.0,
            mean_pre_activation: 0.0,
            variance_pre_activation: 1.0,
            mean_weight_norm: 1.0,
            zero_rows: 0,
            reconstruction: 1.0,
            penalty: None,
            fraction_variance_unexplained: unexplained,
            held_out_activation_fraction: None,
            held_out_reconstruction: None,
            rho_max_hits: None,
            rho_min_hits: None,
        }
    }

    #[test]
    fn a_network_has_collapsed_from_99_percent_on_of_either() {
        for (dead, unexplained, collapsed) in [
            (0, Some(0.5), false),
            (989, Some(0.9899), false),
            (990, Some(0.5), true),
            (1000, None, true),
            (0, Some(0.99), true),
            (0, Some(7.0), true),
            (0, None, false),
        ] {
            assert_eq!(measured(dead, unexplained).is_collapsed(), collapsed, "{dead} {unexplained:?}");
        }
    }
}
