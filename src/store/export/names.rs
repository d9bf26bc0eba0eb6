//! What tools for sparse auto-encoders (SAEs) call the paper's quantities, where the notion is the same.

use crate::training::Measurement;
use serde::Serialize;
use serde_json::Value as Json;

/// The paper's quantities under the names that SAE tools use. Each is equal to one of [`Measurement`]:
///
/// | SAE tools | here |
/// |---|---|
/// | `l0` | `avg_activation_fraction` · m |
/// | `dead_features` | `dead_units` |
/// | `explained_variance` | 1 − `fraction_variance_unexplained` |
///
/// Two things to know before comparing with such a tool's own numbers. A unit is active where h > δ_min, the run's `threshold`;
/// those tools ask for h > 0, which is the same under ReLU and not under sigmoid and softplus. And a dead unit is inactive on
/// every training sample as the weights are after the epoch, where those tools often mean on none of the last so many samples of
/// the training.
///
/// Other names of theirs have no counterpart here: `mse` is a mean over inputs in some and a sum in others (`reconstruction` is
/// the sum), `l1` is a term of the trained objective (`penalty` depends on the model), and "sparsity" means several things.
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
    /// The names for `measurement` of a network with m = `hidden` units.
    pub fn of(measurement: &Measurement, hidden: usize) -> Self {
        Self {
            l0: measurement.avg_activation_fraction * hidden as f64,
            dead_features: measurement.dead_units,
            explained_variance: measurement.fraction_variance_unexplained.map(|share| 1.0 - share),
        }
    }
}

/// A measurement under both names.
#[derive(Debug, Clone, Copy, Serialize)]
pub(super) struct Named<'a> {
    #[serde(flatten)]
    measurement: &'a Measurement,
    #[serde(flatten)]
    sae: SaeNames,
}

impl<'a> Named<'a> {
    pub(super) fn new(measurement: &'a Measurement, hidden: usize) -> Self {
        Self { measurement, sae: SaeNames::of(measurement, hidden) }
    }

    /// What was measured, in the order of the names; what is absent is left out, and so is the epoch.
    pub(super) fn numbers(&self) -> Vec<(String, f64)> {
        let Ok(Json::Object(all)) = serde_json::to_value(self) else { return Vec::new() };
        let measured = all.into_iter().filter(|(name, _)| name != "epoch");
        measured.filter_map(|(name, value)| Some((name, value.as_f64()?))).collect()
    }
}
