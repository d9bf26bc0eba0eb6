//! What a run and its pictures are called.

use crate::optimizer::EncoderBias;
use crate::report::figure::{activation, constraint, dataset, legend};
use crate::store::StoredRun;

/// The names of the pictures' files without their ends.
pub const FILTERS: &str = "filters";
/// See [`FILTERS`].
pub const RECONSTRUCTIONS: &str = "reconstructions";
/// See [`FILTERS`].
pub const HISTOGRAM: &str = "activation_histogram";
/// See [`FILTERS`].
pub const CURVES: &str = "curves";

/// The run in words: `DAE at σ² = 0.1 · ReLU · unit norm · learning rate 0.001 · seed 1`.
pub fn words(run: &StoredRun) -> String {
    let spec = &run.spec;
    let mut parts = vec![
        format!("{} at σ² = {}", legend(&spec.regularizer.label()), spec.sigma_squared),
        activation(&spec.activation.label()),
        constraint(&spec.constraint.label()),
        format!("learning rate {}", spec.learning_rate),
        format!("seed {}", spec.seed),
    ];
    if spec.encoder_bias != EncoderBias::Trained {
        parts.push(format!("encoder bias {}", spec.encoder_bias.name()));
    }
    parts.join(" · ")
}

/// `Filters: MNIST`
pub(super) fn heading(what: &str, run: &StoredRun) -> String {
    format!("{what}: {}", dataset(&run.dataset))
}
