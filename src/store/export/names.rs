//! The names that tools for sparse auto-encoders (SAEs) give to the paper's quantities.

use crate::training::Measurement;
use serde::Serialize;
use serde_json::Value as Json;

/// The paper's quantities under the names that SAE tools use. Each follows from a field of [`Measurement`]:
///
/// | SAE tools | here |
/// |---|---|
/// | `l0` | `avg_activation_fraction` · m |
/// | `dead_features` | `dead_units` |
/// | `explained_variance` | 1 − `fraction_variance_unexplained` |
///
/// Two definitions differ from those of such tools. Here a unit is active where h > δ_min, the run's `threshold`; the tools use h > 0,
/// which is the same for ReLU but not for sigmoid and softplus. Here a dead unit is inactive on every training sample, with the weights
/// after the epoch; the tools often use the latest samples of the training, with the weights of that time.
///
/// Other names of such tools have no counterpart here: `mse` is a mean over inputs in some tools and a sum in others (`reconstruction`
/// is the sum), `l1` is a term of the trained objective (`penalty` depends on the model), and "sparsity" has several meanings.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct SaeNames {
    /// Mean number of active units of a sample, in \[0, m\].
    pub l0: f64,
    /// Units that are inactive on every training sample.
    pub dead_features: u64,
    /// 1 − E‖x − y‖² / E‖x − E x‖², at most 1; absent for constant data.
    pub explained_variance: Option<f64>,
}

impl SaeNames {
    /// The values for `measurement` of a network with m = `hidden` units.
    pub fn of(measurement: &Measurement, hidden: usize) -> Self {
        Self {
            l0: measurement.avg_activation_fraction * hidden as f64,
            dead_features: measurement.dead_units,
            explained_variance: measurement.fraction_variance_unexplained.map(|share| 1.0 - share),
        }
    }
}

/// A measurement under the paper's names and those of SAE tools.
#[derive(Debug, Clone, Copy, Serialize)]
pub(super) struct ExportedMeasurement<'a> {
    #[serde(flatten)]
    measurement: &'a Measurement,
    #[serde(flatten)]
    sae: SaeNames,
}

impl<'a> ExportedMeasurement<'a> {
    pub(super) fn new(measurement: &'a Measurement, hidden: usize) -> Self {
        Self { measurement, sae: SaeNames::of(measurement, hidden) }
    }

    /// Each measured number with its name, sorted by name; without the epoch and without absent values.
    pub(super) fn numbers(&self) -> Vec<(String, f64)> {
        let Ok(Json::Object(all)) = serde_json::to_value(self) else { return Vec::new() };
        let measured = all.into_iter().filter(|(name, _)| name != "epoch");
        measured.filter_map(|(name, value)| Some((name, value.as_f64()?))).collect()
    }
}
