//! One run looked at: its filters, its reconstructions, the features and the activity of its units, and its training.
//!
//! | picture | from | shows |
//! |---|---|---|
//! | [`filters()`] | weights | every row W_j as an image, the most active unit first |
//! | [`reconstructions()`] | weights and samples | samples, corrupted samples, and the reconstructions of both |
//! | [`features_csv`], [`features_page`] | weights and samples | what each unit responds to: density, activations, top samples, nearest units |
//! | [`top_images()`] | weights and samples | the images that activate the most active units most |
//! | [`histogram()`] | record | units by their activation fraction |
//! | [`densities()`] | record | units by the logarithm of their activation fraction |
//! | [`active_units`] | weights and samples, or distribution | samples by their number of active units |
//! | [`curves()`] | record | loss, reconstruction, activation and dead units over the epochs |
//! | [`distribution()`] | distribution | sparseness, L0 and units that died and came back over the epochs |
//!
//! A distribution is what `evaluation.distribution` has measured. Pictures of weights and samples are PNG alone and need the feature `png`;
//! charts are SVG, PNG and CSV like all others. One pass over the samples measures codes and features ([`MeasuredCodes`]). Equal runs give
//! equal bytes. The report shows the pictures that `aesparse inspect` has written to a results folder ([`albums`]).

mod album;
mod curves;
mod distribution;
mod feature_table;
mod features;
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
#[cfg(feature = "png")]
mod top_images;

pub(super) use album::ABOUT;
pub use album::albums;
pub use curves::{curves, deaths_and_revivals};
pub use distribution::{MeasuredCodes, active_units, distribution, l0_range};
pub use feature_table::{features_csv, features_page};
pub use features::{NEAREST_UNITS, TOP_SAMPLES, UnitFeature};
#[cfg(feature = "png")]
pub use filters::filters;
#[cfg(feature = "png")]
pub use geometry::Geometry;
pub use histogram::{densities, histogram};
pub use names::{
    ACTIVE_UNITS, CURVES, DENSITIES, DISTRIBUTION, FEATURES, FILTERS, HISTOGRAM, RECONSTRUCTIONS, TOP_IMAGES,
    words,
};
#[cfg(feature = "png")]
pub use reconstructions::{DEFAULT_SIGMA_SQUARED, ShownSamples, reconstructions};
#[cfg(feature = "png")]
pub use top_images::top_images;
