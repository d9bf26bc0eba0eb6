//! Names of a run and its pictures.

use crate::optimizer::EncoderBias;
use crate::report::figure::{dataset, legend, word};
use crate::store::StoredRun;
use crate::training::RunSpec;

/// Stem of a picture's file.
pub const FILTERS: &str = "filters";
/// See [`FILTERS`].
pub const RECONSTRUCTIONS: &str = "reconstructions";
/// See [`FILTERS`].
pub const HISTOGRAM: &str = "activation_histogram";
/// See [`FILTERS`].
pub const DENSITIES: &str = "density_spectrum";
/// See [`FILTERS`].
pub const ACTIVE_UNITS: &str = "active_units";
/// See [`FILTERS`].
pub const CURVES: &str = "curves";
/// See [`FILTERS`].
pub const DISTRIBUTION: &str = "distribution";
/// See [`FILTERS`].
pub const FEATURES: &str = "features";
/// See [`FILTERS`].
pub const TOP_IMAGES: &str = "top_images";

/// The run in words: `DAE at σ² = 0.1 · ReLU · unit norm · learning rate 0.001 · seed 1`.
pub fn words(run: &StoredRun) -> String {
    let RunSpec { regularizer, sigma_squared, encoder_bias, .. } = &run.spec;
    let model = format!("{} at σ² = {sigma_squared}", legend(&regularizer.label()));
    let bias = (*encoder_bias != EncoderBias::Trained).then_some("encoder_bias");
    let settings = ["activation", "constraint", "learning_rate", "seed"].into_iter().chain(bias);
    std::iter::once(model).chain(settings.map(|key| word(run, key))).collect::<Vec<_>>().join(" · ")
}

/// `Filters: MNIST`
pub(super) fn heading(what: &str, run: &StoredRun) -> String {
    format!("{what}: {}", dataset(&run.dataset))
}
