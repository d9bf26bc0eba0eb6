//! One run looked at: its filters, what it reconstructs, how active its units are, and how it was trained.
//!
//! | picture | from | shows |
//! |---|---|---|
//! | [`filters()`] | weights | every row W_j as an image, the most active unit first |
//! | [`reconstructions()`] | weights and samples | samples, what the encoder is given, and what comes of it |
//! | [`Histogram`] | record | units by their activation fraction |
//! | [`curves()`] | record | loss, reconstruction, activation and dead units over the epochs |
//!
//! Pictures of weights and samples are pixels, so they are PNG alone; charts are SVG, PNG and CSV like all others.
//! Equal runs give equal bytes. The report shows what `aesparse inspect` has left in a results folder ([`Album`]).

mod album;
mod curves;
mod filters;
mod geometry;
mod histogram;
mod raster;
mod reconstructions;

pub(super) use album::ABOUT;
pub use album::Album;
pub use curves::curves;
pub use filters::filters;
pub use geometry::Geometry;
pub use histogram::Histogram;
pub use reconstructions::{DEFAULT_SIGMA_SQUARED, Shown, reconstructions};

use super::figure::{activation, constraint, dataset, legend};
use crate::optimizer::EncoderBias;
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
fn heading(what: &str, run: &StoredRun) -> String {
    format!("{what}: {}", dataset(&run.dataset))
}
