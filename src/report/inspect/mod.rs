//! Pictures of one run: its filters, its reconstructions, the activity of its units, and its training.
//!
//! | picture | from | shows |
//! |---|---|---|
//! | [`filters()`] | weights | every row W_j as an image, the most active unit first |
//! | [`reconstructions()`] | weights and samples | samples, corrupted samples, and the reconstructions of both |
//! | [`histogram()`] | record | units by their activation fraction |
//! | [`densities()`] | record | units by the logarithm of their activation fraction |
//! | [`CodeDistribution::histogram`] | weights and samples | samples by their number of active units |
//! | [`curves()`] | record | loss, reconstruction, activation and dead units over the epochs |
//!
//! Pictures of weights and samples are PNG alone and need the feature `png`; charts are SVG, PNG and CSV like all others. Equal
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
pub use distribution::{CodeDistribution, MOST_SAMPLES, gini, hoyer};
#[cfg(feature = "png")]
pub use filters::filters;
#[cfg(feature = "png")]
pub use geometry::Geometry;
pub use histogram::{densities, histogram};
pub use names::{ACTIVE_UNITS, CURVES, DENSITIES, FILTERS, HISTOGRAM, RECONSTRUCTIONS, words};
#[cfg(feature = "png")]
pub use reconstructions::{DEFAULT_SIGMA_SQUARED, ShownSamples, reconstructions};
