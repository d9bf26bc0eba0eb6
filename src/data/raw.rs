//! Samples before standardisation, and how they become a [`Dataset`].

use ndarray::{Array2, ArrayView2, s};

use super::standardize::{Statistics, standardize, standardize_like};
use super::{Dataset, SampleIds, SplitRows, Standardize, size};
use crate::error::{Error, Result};
use crate::real::Real;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// A message for the user about data that were read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Remark {
    /// Files that were skipped on purpose.
    Note(String),
    /// A problem that may distort results.
    Warning(String),
}

/// The precision of a floating-point number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Precision {
    /// 32 bits.
    #[default]
    #[serde(rename = "f32")]
    Single,
    /// 64 bits.
    #[serde(rename = "f64")]
    Double,
}

impl Precision {
    /// `f32` or `f64`: the name in run identities.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Single => "f32",
            Self::Double => "f64",
        }
    }
}

/// A matrix of samples in the precision of its source.
#[derive(Debug, Clone, PartialEq)]
pub enum SampleMatrix {
    /// f32: also bytes divided by 255, and drawn samples.
    Single(Array2<f32>),
    /// f64.
    Double(Array2<f64>),
}

impl SampleMatrix {
    /// \[samples, inputs\]
    pub fn dim(&self) -> (usize, usize) {
        match self {
            Self::Single(matrix) => matrix.dim(),
            Self::Double(matrix) => matrix.dim(),
        }
    }

    /// The smallest and the largest value.
    pub fn range(&self) -> (f64, f64) {
        fn of<F: Real>(matrix: &Array2<F>) -> (f64, f64) {
            let (least, most) = (f64::INFINITY, f64::NEG_INFINITY);
            matrix.iter().fold((least, most), |(least, most), value| {
                (least.min(value.as_f64()), most.max(value.as_f64()))
            })
        }
        match self {
            Self::Single(matrix) => of(matrix),
            Self::Double(matrix) => of(matrix),
        }
    }

    /// The samples in f32, standardised like the training samples, whose `statistics` feature and global scope need.
    ///
    /// # Errors
    /// [`Error::Data`] without memory for them.
    ///
    /// # Panics
    /// Under feature and global scope, without statistics, or when the numbers of inputs differ.
    pub fn standardize_like(self, how: Standardize, statistics: Option<&Statistics>) -> Result<Array2<f32>> {
        match self {
            Self::Single(mut matrix) => {
                standardize_like(how, statistics, matrix.view_mut());
                Ok(matrix)
            }
            Self::Double(mut matrix) => {
                standardize_like(how, statistics, matrix.view_mut());
                narrow(&matrix)
            }
        }
    }
}

/// How a source stores its values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stored {
    /// As bytes, which the reader divides by 255.
    Bytes,
    /// As floating-point numbers.
    Floats,
    /// Nowhere: the samples are drawn.
    Drawn,
}

/// The range of pixel levels that the samples have, if they are pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Scale {
    /// From 0 to 1: bytes, divided by 255.
    #[serde(rename = "bytes_divided_by_255")]
    Unit,
    /// From 0 to 255: floating-point numbers, taken as they are.
    #[serde(rename = "floats_up_to_255")]
    Levels,
    /// Another or unknown range: floating-point numbers, taken as they are.
    #[serde(rename = "floats")]
    Unknown,
}

/// The held-out samples in a run's identity.
///
/// A share takes samples away from the training samples, so it changes every number. Another file changes only the measurements on
/// held-out samples; but these are in the run's record too, and a record must not keep the numbers of a file that has been replaced. The
/// data sets that the program knows or draws have no such entry, because their digest determines their held-out samples.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum HeldOutIdentity {
    /// A share of the samples of the source, whose digest covers them.
    Share {
        /// As in [`HeldOut::Share`](super::HeldOut::Share).
        share: f64,
        /// As in [`HeldOut::Share`](super::HeldOut::Share).
        seed: u64,
    },
    /// The samples of another file or folder.
    Other {
        /// The digest of its samples, as in [`Raw::sha256`].
        sha256: String,
    },
}

impl Scale {
    /// The scale of samples that are `stored` like this and, if they are floating-point numbers, have this range.
    pub fn of(stored: Stored, range: impl FnOnce() -> (f64, f64)) -> Self {
        match stored {
            Stored::Floats => Self::of_floats(range()),
            Stored::Bytes => Self::Unit,
            Stored::Drawn => Self::Unknown,
        }
    }

    /// The scale of floating-point numbers from `least` to `most`: they are taken as levels from 0 to 255 if none is negative and the largest
    /// is above 2 and at most 255.
    pub fn of_floats((least, most): (f64, f64)) -> Self {
        /// Values from 0 to 1 with noise can exceed 1 a little.
        const BEYOND_UNIT: f64 = 2.0;
        if least >= 0.0 && most > BEYOND_UNIT && most <= 255.0 { Self::Levels } else { Self::Unknown }
    }
}

/// Samples before standardisation; [`Raw::standardize`] turns them into a [`Dataset`].
#[derive(Debug, Clone, PartialEq)]
pub struct Raw {
    /// [`Dataset::name`].
    pub name: String,
    /// [`Dataset::sha256`].
    pub sha256: String,
    /// [`Dataset::available`].
    pub available: usize,
    /// The training samples, \[samples, inputs\], row-major, finite.
    pub train: SampleMatrix,
    /// [`Dataset::ids`].
    pub ids: SampleIds,
    /// The held-out samples, \[M, inputs\], row-major, finite.
    pub held_out: Option<SampleMatrix>,
    /// [`Dataset::held_out_ids`].
    pub held_out_ids: SampleIds,
    /// [`Dataset::held_out_from`].
    pub held_out_from: Option<HeldOutIdentity>,
    /// [`Dataset::split`].
    pub split: Option<SplitRows>,
    /// How the source stores the training samples.
    pub stored: Stored,
    /// Notes and warnings about the samples.
    pub remarks: Vec<Remark>,
}

impl Raw {
    /// Training samples alone, whose ids are row numbers. `available` samples are in the source, which stores them as `stored`.
    pub(super) fn new(
        name: String,
        sha256: String,
        available: usize,
        train: SampleMatrix,
        stored: Stored,
    ) -> Self {
        Self {
            name,
            sha256,
            available,
            train,
            ids: SampleIds::Rows,
            held_out: None,
            held_out_ids: SampleIds::Rows,
            held_out_from: None,
            split: None,
            stored,
            remarks: Vec::new(),
        }
    }

    /// The precision of the training samples when they are standardised as `how` says. Without standardisation it is `Single`,
    /// because f64 samples are then only rounded to f32.
    pub fn standardized_from(&self, how: Standardize) -> Precision {
        match self.train {
            SampleMatrix::Double(_) if how != Standardize::None => Precision::Double,
            _ => Precision::Single,
        }
    }

    /// The range of pixel levels that the training samples have.
    pub fn scale(&self) -> Scale {
        Scale::of(self.stored, || self.train.range())
    }

    /// The samples, standardised.
    ///
    /// # Errors
    /// [`Error::Data`] if all values are the same under global scope, or standardisation makes a held-out sample infinite.
    ///
    /// # Panics
    /// If there are no training samples.
    pub fn standardize(self, how: Standardize) -> Result<Dataset> {
        let (standardized_from, scale) = (self.standardized_from(how), self.scale());
        let Self {
            name,
            sha256,
            available,
            train,
            ids,
            held_out,
            held_out_ids,
            held_out_from,
            split,
            stored,
            mut remarks,
        } = self;
        let mut coarse = Vec::new();
        let has_floats = stored == Stored::Floats;
        let (train, statistics) = match train {
            SampleMatrix::Single(mut matrix) => {
                // Digits that the file has lost stay lost, whatever the standardisation.
                if has_floats {
                    coarse = coarse_columns(&matrix.view());
                }
                let statistics = standardize(how, matrix.view_mut());
                if has_floats && coarse.is_empty() {
                    coarse = coarse_columns(&matrix.view());
                }
                (matrix, statistics)
            }
            SampleMatrix::Double(mut matrix) => {
                let statistics = standardize(how, matrix.view_mut());
                coarse = coarse_columns(&matrix.view());
                (narrow(&matrix)?, statistics)
            }
        };
        if let (Standardize::Global { .. }, Some(Statistics { mean, sd })) = (how, &statistics)
            && sd[0] == 0.0
        {
            return Err(Error::data(
                &name,
                format!(
                    "every value of the {} training samples is {}, so that standardised they are all 0",
                    train.nrows(),
                    mean[0]
                ),
                "use samples that vary, or set data.standardize = \"none\"",
            ));
        }
        let held_out =
            held_out.map(|samples| samples.standardize_like(how, statistics.as_ref())).transpose()?;
        // Training samples stay within ±√N, but a held-out sample can be any number of standard deviations away.
        if held_out.iter().flatten().any(|value| !value.is_finite()) {
            return Err(Error::data(
                &name,
                "a held-out sample is not finite after standardisation: an input hardly varies in the training samples",
                "raise data.standardize.epsilon",
            ));
        }
        remarks.extend(precision_warning(&name, &coarse));
        Ok(Dataset {
            name,
            sha256,
            available,
            train,
            ids,
            held_out,
            held_out_ids,
            held_out_from,
            split,
            statistics,
            scale,
            standardized_from,
            remarks,
        })
    }

    /// The first held-out samples, or the first training samples if none are held out, at most `count`; `true`: they are held out.
    pub fn first_samples(&self, count: usize) -> (Array2<f64>, bool) {
        fn first_rows<F: Real>(matrix: &Array2<F>, count: usize) -> Array2<f64> {
            matrix.slice(s![..matrix.nrows().min(count), ..]).mapv(Real::as_f64)
        }
        let held_out = self.held_out.as_ref().filter(|held_out| held_out.dim().0 > 0);
        let rows = match held_out.unwrap_or(&self.train) {
            SampleMatrix::Single(samples) => first_rows(samples, count),
            SampleMatrix::Double(samples) => first_rows(samples, count),
        };
        (rows, held_out.is_some())
    }
}

fn narrow(matrix: &Array2<f64>) -> Result<Array2<f32>> {
    let (rows, columns) = matrix.dim();
    let mut values = size::reserve::<f32>(Path::new("the samples in f32"), rows, columns)?;
    values.extend(matrix.iter().map(|value| *value as f32));
    Ok(super::matrix(rows, columns, values))
}

/// The columns that lose significant digits in f32: near their mean, f32 numbers are further apart than 1 % of the standard
/// deviation. Columns that are constant or vary by rounding errors of f64 alone have no digits to lose.
fn coarse_columns<F: Real>(samples: &ArrayView2<'_, F>) -> Vec<usize> {
    /// As a fraction of the mean: a standard deviation below it is a rounding error of standardising in f64.
    const ROUNDING: f64 = 1e-13;
    let Statistics { mean, sd } = Statistics::of(samples);
    let is_coarse =
        |(mean, sd): (&f64, &f64)| *sd > ROUNDING * mean.abs() && spacing(*mean as f32) > sd / 100.0;
    let columns = mean.iter().zip(&sd).enumerate();
    columns.filter(|(_, column)| is_coarse(*column)).map(|(index, _)| index).collect()
}

/// The distance from |x| to the next larger f32.
fn spacing(x: f32) -> f64 {
    let x = x.abs();
    f64::from(x.next_up()) - f64::from(x)
}

/// A warning that names the `coarse` columns of the data set `name`; `None` without such columns.
fn precision_warning(name: &str, coarse: &[usize]) -> Option<Remark> {
    /// Number of columns that are named.
    const NAMED: usize = 10;
    if coarse.is_empty() {
        return None;
    }
    let mut columns =
        coarse[..coarse.len().min(NAMED)].iter().map(usize::to_string).collect::<Vec<_>>().join(", ");
    if coarse.len() > NAMED {
        columns = format!("{columns} and {} more", coarse.len() - NAMED);
    }
    let (noun, verb, its) =
        if coarse.len() == 1 { ("column", "loses", "its") } else { ("columns", "lose", "their") };
    Some(Remark::Warning(format!(
        "{name}: {noun} {columns} (from 0) {verb} digits in f32, whose numbers are further apart than 1 % of {its} standard \
         deviation; store {its} values as f64 and set data.standardize = \"feature\", or subtract {its} mean first"
    )))
}

#[cfg(test)]
mod tests;
