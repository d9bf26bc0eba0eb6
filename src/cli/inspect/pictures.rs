//! The pictures of images: filters, reconstructions, and the images that activate units most. Without the feature `png` no source has any.

use crate::data::{Dataset, Raw, Source, Standardize};
#[cfg(not(feature = "png"))]
use crate::error::Error;
use crate::error::Result;
use crate::report::inspect::UnitFeature;
#[cfg(feature = "png")]
use crate::report::inspect::{Geometry, ShownSamples, filters, reconstructions, top_images};
use crate::state::Parameters;
use crate::store::StoredRun;
use ndarray::ArrayView2;

/// The files of the pictures.
pub(super) const PIXELS: &str = "filters.png, reconstructions.png and top_images.png";

/// The standardised samples of a run, and those that its picture of reconstructions shows.
pub(super) struct LoadedSamples {
    pub(super) dataset: Dataset,
    #[cfg(feature = "png")]
    shown: ShownSamples,
}

impl LoadedSamples {
    /// The samples `raw`, standardised as `how` says.
    ///
    /// # Errors
    /// Those of [`Raw::standardize`].
    pub(super) fn of(raw: Raw, how: Standardize) -> Result<Self> {
        #[cfg(feature = "png")]
        return ShownSamples::of(raw, how).map(|(shown, dataset)| Self { dataset, shown });
        #[cfg(not(feature = "png"))]
        raw.standardize(how).map(|dataset| Self { dataset })
    }
}

/// Draws pictures of a source of images.
pub(super) enum Pictures {
    #[cfg(feature = "png")]
    Of(Geometry),
}

#[cfg_attr(not(feature = "png"), allow(unused_variables, reason = "there are no pictures to draw"))]
impl Pictures {
    /// For the images of `source` with `inputs` values each.
    ///
    /// # Errors
    /// A sentence that says why there are none.
    pub(super) fn of(source: &Source, inputs: usize) -> Result<Self, String> {
        #[cfg(feature = "png")]
        return Geometry::of(source, inputs).map(Self::Of);
        #[cfg(not(feature = "png"))]
        Err(Error::Feature { what: "pictures in pixels", feature: "png" }.to_string())
    }

    /// As [`crate::report::inspect::filters`].
    pub(super) fn filters(&self, run: &StoredRun, weights: ArrayView2<'_, f32>) -> Result<Vec<u8>> {
        match *self {
            #[cfg(feature = "png")]
            Self::Of(geometry) => filters(run, weights, geometry),
        }
    }

    /// As [`crate::report::inspect::reconstructions`].
    pub(super) fn reconstructions(
        &self,
        run: &StoredRun,
        parameters: &Parameters<f32>,
        samples: &LoadedSamples,
        sigma_squared: Option<f64>,
    ) -> Result<Vec<u8>> {
        match *self {
            #[cfg(feature = "png")]
            Self::Of(geometry) => {
                let shown = (samples.dataset.train.view(), &samples.shown);
                reconstructions(run, parameters, shown, geometry, sigma_squared)
            }
        }
    }

    /// As [`crate::report::inspect::top_images`].
    pub(super) fn top_images(
        &self,
        run: &StoredRun,
        units: &[UnitFeature],
        samples: (&Dataset, Standardize),
    ) -> Result<Option<Vec<u8>>> {
        match *self {
            #[cfg(feature = "png")]
            Self::Of(geometry) => top_images(run, units, samples, geometry),
        }
    }
}
