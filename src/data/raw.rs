//! Samples as their source has them, and what standardising makes of them.

use ndarray::{Array2, ArrayView2, s};

use super::standardize::{Statistics, standardize, standardize_like};
use super::{Dataset, Standardize};
use crate::error::{Error, Result};
use crate::real::Real;
use serde::{Deserialize, Serialize};

/// Something to know about data that were read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Remark {
    /// Files that were passed over, as they should be.
    Note(String),
    /// Something that may bend results.
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
pub enum Values {
    /// f32; what a source stores as bytes, or what was drawn, too.
    Single(Array2<f32>),
    /// f64.
    Double(Array2<f64>),
}

impl Values {
    /// \[samples, inputs\]
    pub fn dim(&self) -> (usize, usize) {
        match self {
            Self::Single(matrix) => matrix.dim(),
            Self::Double(matrix) => matrix.dim(),
        }
    }

    /// The smallest and the largest value.
    pub(super) fn range(&self) -> (f64, f64) {
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

    /// The samples in f32, standardised like the training samples, whose `statistics` feature scope needs.
    ///
    /// # Panics
    /// Under feature scope, without statistics, or when the numbers of inputs differ.
    pub fn standardize_like(self, how: Standardize, statistics: Option<&Statistics>) -> Array2<f32> {
        match self {
            Self::Single(mut matrix) => {
                standardize_like(how, statistics, matrix.view_mut());
                matrix
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
    /// As bytes, which are divided by 255.
    Bytes,
    /// As floating-point numbers.
    Floats,
    /// Not at all: they are drawn.
    Drawn,
}

/// The scale of samples, where they may be the levels of pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scale {
    /// From 0 to 1: bytes, divided by 255.
    Unit,
    /// From 0 to 255: floating-point numbers, taken as they are.
    Levels,
    /// Any.
    Unknown,
}

/// Samples as their source has them; [`Raw::standardize`] makes a [`Dataset`] of them.
#[derive(Debug, Clone, PartialEq)]
pub struct Raw {
    /// [`Dataset::name`].
    pub name: String,
    /// [`Dataset::sha256`].
    pub sha256: String,
    /// [`Dataset::available`].
    pub available: usize,
    /// The training samples, \[samples, inputs\], row-major, finite.
    pub train: Values,
    /// The held-out samples, \[M, inputs\], row-major, finite.
    pub held_out: Option<Array2<f32>>,
    /// How the source stores the training samples.
    pub stored: Stored,
    /// What there is to know about them.
    pub remarks: Vec<Remark>,
}

impl Raw {
    /// The precision that the training samples have when they are standardised as `how` says. What isn't standardised is rounded to
    /// f32 either way.
    pub fn standardized_from(&self, how: Standardize) -> Precision {
        match self.train {
            Values::Double(_) if how != Standardize::None => Precision::Double,
            _ => Precision::Single,
        }
    }

    /// What 1 stands for in the training samples.
    pub fn scale(&self) -> Scale {
        /// Values from 0 to 1 with noise go a bit beyond.
        const BEYOND_UNIT: f64 = 2.0;
        match self.stored {
            Stored::Bytes => Scale::Unit,
            Stored::Drawn => Scale::Unknown,
            Stored::Floats => match self.train.range() {
                (least, most) if least >= 0.0 && most > BEYOND_UNIT && most <= 255.0 => Scale::Levels,
                _ => Scale::Unknown,
            },
        }
    }

    /// The samples, standardised.
    ///
    /// # Errors
    /// [`Error::Data`] where a held-out sample is not finite any more.
    ///
    /// # Panics
    /// If there are no training samples.
    pub fn standardize(self, how: Standardize) -> Result<Dataset> {
        let standardized_from = self.standardized_from(how);
        let Self { name, sha256, available, train, mut held_out, stored, mut remarks } = self;
        let mut coarse = Vec::new();
        let is_checked = stored == Stored::Floats;
        let others = held_out.as_mut().map(|samples| samples.view_mut());
        let (train, statistics) = match train {
            Values::Single(mut matrix) => {
                // What isn't in the file any more, no standardisation brings back.
                if is_checked {
                    coarse = coarse_columns(&matrix.view());
                }
                let statistics = standardize(how, matrix.view_mut(), others);
                if is_checked && coarse.is_empty() {
                    coarse = coarse_columns(&matrix.view());
                }
                (matrix, statistics)
            }
            Values::Double(mut matrix) => {
                let statistics = standardize(how, matrix.view_mut(), None);
                if let Some(others) = others {
                    standardize_like(how, statistics.as_ref(), others);
                }
                coarse = coarse_columns(&matrix.view());
                (narrow(&matrix), statistics)
            }
        };
        // Training samples stay within ±√N; a held-out one can lie any number of standard deviations away.
        if held_out.iter().flatten().any(|value| !value.is_finite()) {
            return Err(Error::data(
                &name,
                "a held-out sample is not finite after standardisation: an input hardly varies in the training samples",
                "raise data.standardize.epsilon",
            ));
        }
        remarks.extend(loss(&name, &coarse));
        Ok(Dataset { name, sha256, available, train, held_out, statistics, standardized_from, remarks })
    }

    /// The first held-out samples, or training samples where none are held out, `count` or as many as there are, and whether they are
    /// held out.
    pub fn first(&self, count: usize) -> (Array2<f64>, bool) {
        fn of<F: Real>(matrix: &Array2<F>, count: usize) -> Array2<f64> {
            matrix.slice(s![..matrix.nrows().min(count), ..]).mapv(Real::as_f64)
        }
        match (&self.held_out, &self.train) {
            (Some(held_out), _) if held_out.nrows() > 0 => (of(held_out, count), true),
            (_, Values::Single(train)) => (of(train, count), false),
            (_, Values::Double(train)) => (of(train, count), false),
        }
    }
}

fn narrow(matrix: &Array2<f64>) -> Array2<f32> {
    matrix.mapv(|value| value as f32)
}

/// The columns of which rounding to f32 takes digits that matter: f32 numbers of the size of the mean are further apart than 1 % of
/// the standard deviation. Constant ones, and those that vary by what f64 rounds, have none.
fn coarse_columns<F: Real>(samples: &ArrayView2<'_, F>) -> Vec<usize> {
    /// Of the mean, beyond what standardising in f64 rounds.
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

/// What a reader of results on the data set `name` should know of its `coarse` columns.
fn loss(name: &str, coarse: &[usize]) -> Option<Remark> {
    /// So many columns are named.
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
