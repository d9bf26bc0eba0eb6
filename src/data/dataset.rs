//! Samples in memory, standardised.

use std::path::Path;

use ndarray::Array2;

use super::ids::{SampleIds, SplitRows};
use super::raw::{HeldOutIdentity, Precision, Remark, Scale};
use super::standardize::Statistics;
use crate::error::Result;

/// Samples in memory, loaded once and meant to be shared.
#[derive(Debug, Clone, PartialEq)]
pub struct Dataset {
    /// `mnist`, `cifar10`, `synthetic`, the name of the user's own file without ending, or the name of the folder of pictures. Behind
    /// the file's name stands the name of an array, if the file has several. A file or folder called like one of the first three gets
    /// the prefix `own-`.
    pub name: String,
    /// SHA-256 that identifies the source, 64 lower-case hexadecimal digits, independent of `samples` and `standardize`. It covers
    /// the whole decompressed file with the training samples; for an array in an archive or a tensor, the bytes of the same array in a
    /// `.npy` file; for pictures, the shape and bytes of all samples; for synthetic data, everything that was drawn.
    pub sha256: String,
    /// Number of training samples that the source has: all of its samples without a held-out share.
    pub available: usize,
    /// The training samples, \[samples, inputs\], row-major, finite, standardised.
    pub train: Array2<f32>,
    /// The ids of the training samples: for pictures the paths of their files relative to the folder, otherwise row numbers of the source.
    pub ids: SampleIds,
    /// The held-out samples, \[M, inputs\], row-major, finite, standardised by the statistics of the training samples; `None`: there are
    /// none.
    pub held_out: Option<Array2<f32>>,
    /// The ids of the held-out samples, as [`Dataset::ids`].
    pub held_out_ids: SampleIds,
    /// What identifies the held-out samples, if the source is the user's own.
    pub held_out_from: Option<HeldOutIdentity>,
    /// The rows of the source, if a share of its samples is held out.
    pub split: Option<SplitRows>,
    /// Mean and sd by which each input was standardised, under feature and global scope.
    pub statistics: Option<Statistics>,
    /// The scale of the training samples before they were standardised.
    pub scale: Scale,
    /// The precision of the training samples when they were standardised: part of a run's identity.
    pub standardized_from: Precision,
    /// Notes and warnings about these data.
    pub remarks: Vec<Remark>,
}

impl Dataset {
    /// Reads the ids of the held-out samples from the file at `path`, which has a line for each sample of the source if a share of it is
    /// held out, otherwise for each held-out sample.
    ///
    /// # Errors
    /// As for [`SampleIds::read`].
    pub fn read_held_out_ids(&self, path: &Path) -> Result<SampleIds> {
        match &self.split {
            None => SampleIds::read(path, self.held_out.as_ref().map_or(0, Array2::nrows)),
            Some(split) => Ok(SampleIds::read(path, split.all)?.select(&split.held_out)),
        }
    }

    /// Reads the ids of the training samples from the file at `path`, which has a line for each sample of the source.
    ///
    /// # Errors
    /// As for [`SampleIds::read`].
    pub fn read_ids(&self, path: &Path) -> Result<SampleIds> {
        match &self.split {
            None => SampleIds::read(path, self.available),
            Some(split) => Ok(SampleIds::read(path, split.all)?.select(&split.train)),
        }
    }

    /// n, the number of inputs.
    pub fn inputs(&self) -> usize {
        self.train.ncols()
    }
}
