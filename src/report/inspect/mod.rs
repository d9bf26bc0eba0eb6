//! Pictures of one run: its filters, its reconstructions, the activity of its units, and its training.
//!
//! | picture | from | shows |
//! |---|---|---|
//! | [`filters()`] | weights | every row W_j as an image, the most active unit first |
//! | [`reconstructions()`] | weights and samples | samples, corrupted samples, and the reconstructions of both |
//! | [`histogram()`] | record | units by their activation fraction |
//! | [`densities()`] | record | units by the logarithm of their activation fraction |
//! | [`active_units`] | weights and samples, or distribution | samples by their number of active units |
//! | [`curves()`] | record | loss, reconstruction, activation and dead units over the epochs |
//! | [`distribution()`] | distribution | sparseness, L0 and units that died and came back over the epochs |
//!
//! A distribution is what `evaluation.distribution` has measured. Pictures of weights and samples are PNG alone and need the feature `png`; charts are SVG, PNG and CSV like all others. Equal
//! runs give equal bytes. The report shows the pictures that `aesparse inspect` has written to a results folder ([`albums`]).

mod album;
mod curves;
mod distribution;
#[cfg(feature = "png")]
mod filters;
#[cfg(feature = "png")]
mod geometry;
mod histogram;
mod names;
#[cfg(feature = "png")]
mod raster;
#[cfg(feature = "png")]
mod reconstructions;

pub(super) use album::ABOUT;
pub use album::albums;
pub use curves::{curves, deaths_and_revivals};
pub use distribution::{MOST_SAMPLES, active_units, code_distribution, distribution, l0_range};
#[cfg(feature = "png")]
pub use filters::filters;
#[cfg(feature = "png")]
pub use geometry::Geometry;
pub use histogram::{densities, histogram};
pub use names::{ACTIVE_UNITS, CURVES, DENSITIES, DISTRIBUTION, FILTERS, HISTOGRAM, RECONSTRUCTIONS, words};
#[cfg(feature = "png")]
pub use reconstructions::{DEFAULT_SIGMA_SQUARED, ShownSamples, reconstructions};
