//! Samples read in blocks of rows, so that a file may be larger than memory.

use ndarray::s;

use super::raw::{Raw, Remark, SampleMatrix, Stored};
use super::reading::ReadingWatch;
use super::stored_matrix::StoredMatrix;
use super::{Locations, SampleIds, Source, npy, npz, read, safetensors};
use crate::error::Result;
use std::path::Path;

/// The samples of a source, opened: their number is known, and their values are read in blocks.
///
/// Arrays in C order of `.npy`, `.npz` and `.safetensors` files are read block by block and may have any size. Samples of other sources,
/// and arrays in Fortran order, are held in memory as a whole.
pub struct SampleRows(OpenedRows);

enum OpenedRows {
    Stored(Box<StoredMatrix>),
    Loaded(Box<Raw>),
}

impl SampleRows {
    /// Opens `source`; for an array in a file only its header is read.
    ///
    /// # Errors
    /// As for [`read`].
    pub fn open(source: &Source, locations: &Locations) -> Result<Self> {
        Ok(Self(match source {
            Source::Npy { .. } | Source::Npz { .. } | Source::Safetensors { .. } => {
                OpenedRows::Stored(Box::new(stored(source, &locations.reading)?.0))
            }
            _ => OpenedRows::Loaded(Box::new(read(source, None, locations)?)),
        }))
    }

    /// The number of samples and the number of inputs.
    pub fn dim(&self) -> (usize, usize) {
        match &self.0 {
            OpenedRows::Stored(matrix) => matrix.dim(),
            OpenedRows::Loaded(raw) => raw.train.dim(),
        }
    }

    /// How the source stores the values.
    pub fn stored(&self) -> Stored {
        match &self.0 {
            OpenedRows::Stored(matrix) => matrix.stored(),
            OpenedRows::Loaded(raw) => raw.stored,
        }
    }

    /// The ids of the samples: for pictures the paths of their files relative to the folder, otherwise row numbers.
    pub fn ids(&self) -> &SampleIds {
        match &self.0 {
            OpenedRows::Stored(_) => &SampleIds::Rows,
            OpenedRows::Loaded(raw) => &raw.ids,
        }
    }

    /// Notes and warnings about the samples.
    pub fn remarks(&self) -> &[Remark] {
        match &self.0 {
            OpenedRows::Stored(_) => &[],
            OpenedRows::Loaded(raw) => &raw.remarks,
        }
    }

    /// Hands the first `count` samples to `sink`, not standardised, in blocks of `height` samples, the last one with the rest. All samples
    /// of the source are checked, also the ones behind `count`. Returns the digest, [`Raw::sha256`].
    ///
    /// # Errors
    /// As for [`read`], and the errors of `sink`.
    ///
    /// # Panics
    /// If `count` or `height` is 0, or there are fewer samples.
    pub fn blocks(
        self,
        count: usize,
        height: usize,
        mut sink: impl FnMut(SampleMatrix) -> Result<()>,
    ) -> Result<String> {
        assert!(height > 0 && (1..=self.dim().0).contains(&count), "{count} samples in blocks of {height}");
        match self.0 {
            OpenedRows::Stored(matrix) => matrix.blocks(count, height, sink),
            OpenedRows::Loaded(raw) => {
                for first in (0..count).step_by(height) {
                    let rows = s![first..count.min(first + height), ..];
                    sink(match &raw.train {
                        SampleMatrix::Single(all) => SampleMatrix::Single(all.slice(rows).to_owned()),
                        SampleMatrix::Double(all) => SampleMatrix::Double(all.slice(rows).to_owned()),
                    })?;
                }
                Ok(raw.sha256)
            }
        }
    }
}

/// The array of a `.npy`, `.npz` or `.safetensors` file, and the name of the data set; `watch` hears of the reading.
///
/// # Panics
/// For another source.
pub(super) fn stored(source: &Source, watch: &ReadingWatch) -> Result<(StoredMatrix, String)> {
    let named = |path: &Path, ending: &str, array: Option<String>| {
        let stem = npy::stem(path, &[ending]);
        array.map_or_else(|| stem.clone(), |array| format!("{stem}-{array}"))
    };
    match source {
        Source::Npy { path } => Ok((npy::open(path, watch)?, named(path, ".npy", None))),
        Source::Npz { path, array } => {
            let (matrix, array) = npz::open(path, array.as_deref(), watch)?;
            Ok((matrix, named(path, ".npz", array)))
        }
        Source::Safetensors { path, tensor } => {
            let (matrix, tensor) = safetensors::open(path, tensor.as_deref(), watch)?;
            Ok((matrix, named(path, ".safetensors", tensor)))
        }
        other => unreachable!("{other:?} has no array in a file"),
    }
}
