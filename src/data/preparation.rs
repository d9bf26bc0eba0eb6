//! How raw values become a network's inputs, so that samples that come later are treated like the training samples.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::images::ImageFolder;
use super::{Dataset, Scale, Source, Statistics};
use crate::error::Result;

/// What the samples of a training say about the treatment of other samples, apart from the standardisation's scope.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Preparation {
    /// The mean and sd of each input over the training samples, under feature and global scope.
    #[serde(skip)]
    pub statistics: Option<Statistics>,
    /// The scale of the training samples' raw values.
    pub scale: Scale,
    /// How pictures become samples, if the training samples are pictures; the path is not kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub images: Option<ImageFolder>,
}

impl Preparation {
    /// The preparation of `dataset`, which was loaded from `source`.
    pub fn of(dataset: &Dataset, source: &Source) -> Self {
        Self { statistics: dataset.statistics.clone(), scale: dataset.scale, ..Self::unknown(source) }
    }

    /// The preparation of samples of `source` that were not loaded: without statistics, of unknown scale.
    pub fn unknown(source: &Source) -> Self {
        let images = match source {
            Source::Images(folder) => Some(ImageFolder { path: Default::default(), ..folder.clone() }),
            _ => None,
        };
        Self { statistics: None, scale: Scale::Unknown, images }
    }

    /// The source of a user's samples at `path`: a folder of pictures if the training samples are pictures, otherwise a file with its
    /// `array` ([`Source::of_file`]).
    ///
    /// # Errors
    /// The errors of [`Source::of_file`].
    pub fn source(&self, path: &Path, array: Option<&str>) -> Result<Source> {
        match &self.images {
            Some(folder) if path.is_dir() => {
                Ok(Source::Images(ImageFolder { path: path.to_owned(), ..folder.clone() }))
            }
            _ => Source::of_file(path, array),
        }
    }
}
