//! A matrix in a file, \[N, n\], read in blocks of rows.
//!
//! Values are f16, bfloat16, f32 or f64, taken as they are, or u8, divided by 255. They must be finite, also in f32. Blocks of f64
//! stay f64; all other values become f32.

use std::path::{Path, PathBuf};

use half::{bf16, f16};
use ndarray::{Array2, ShapeBuilder, s};

use super::dtype::Dtype;
use super::file::DataFile;
use super::npy_header::Header;
use super::raw::{Raw, SampleMatrix, Stored};
use super::size;
use crate::error::{Error, Result};
use crate::real::Real;

/// A matrix whose header has been read and whose values come next.
pub(super) struct StoredMatrix {
    /// The file; for an array in an archive with the array's name behind it.
    path: PathBuf,
    file: DataFile,
    header: Header,
}

impl StoredMatrix {
    /// The matrix with the header `header`; `file` has been read up to its values.
    pub(super) fn new(file: DataFile, header: Header) -> Self {
        Self { path: file.path().to_owned(), file, header }
    }

    /// N and n.
    pub(super) fn dim(&self) -> (usize, usize) {
        (self.header.rows, self.header.columns)
    }

    /// How the file stores the values.
    pub(super) fn stored(&self) -> Stored {
        if self.header.dtype == Dtype::U8 { Stored::Bytes } else { Stored::Floats }
    }

    /// The first `samples` rows (`None`: all) under the name `name`; all rows are checked.
    pub(super) fn load(self, name: String, samples: Option<usize>) -> Result<Raw> {
        let (available, stored) = (self.header.rows, self.stored());
        let count = super::count(&self.path, samples, available)?;
        let mut train = None;
        let sha256 = self.blocks(count, count, |block| {
            train = Some(block);
            Ok(())
        })?;
        let train = train.expect("one block has all rows, at least one");
        Ok(Raw::new(name, sha256, available, train, stored))
    }

    /// Hands the first `count` ≥ 1 rows to `sink` in blocks of `height` ≥ 1 rows, the last one with the rest. Checks all rows and
    /// returns the digest of the file. A file in Fortran order is held in memory as a whole.
    pub(super) fn blocks(
        self,
        count: usize,
        height: usize,
        mut sink: impl FnMut(SampleMatrix) -> Result<()>,
    ) -> Result<String> {
        let single = |block| sink(SampleMatrix::Single(block));
        let rows = (count, height);
        match self.header.dtype {
            Dtype::U8 => self.read(rows, |[byte]: [u8; 1]| Ok(f32::from(byte) / 255.0), single),
            Dtype::F16 => self.read(rows, |bytes| finite(f16::from_le_bytes(bytes).to_f32()), single),
            Dtype::Bf16 => self.read(rows, |bytes| finite(bf16::from_le_bytes(bytes).to_f32()), single),
            Dtype::F32 => self.read(rows, |bytes| finite(f32::from_le_bytes(bytes)), single),
            Dtype::F64 => {
                let decode = |bytes| finite_in_f32(f64::from_le_bytes(bytes));
                self.read(rows, decode, |block| sink(SampleMatrix::Double(block)))
            }
        }
    }

    fn read<const WIDTH: usize, F: Real>(
        self,
        (count, height): (usize, usize),
        decode: impl Fn([u8; WIDTH]) -> Result<F, String>,
        mut sink: impl FnMut(Array2<F>) -> Result<()>,
    ) -> Result<String> {
        let Self { path, file, header } = self;
        let Header { rows, columns, fortran_order, .. } = header;
        let size = (rows as u64).saturating_mul(columns as u64).saturating_mul(WIDTH as u64);
        let declared = format!("its header declares {rows} × {columns} values of {WIDTH} bytes");
        let kept = if fortran_order { count } else { height.min(count) };
        size::check::<F>(&path, kept, columns)?;
        file.check_size(size, &declared)?;
        let mut values = size::reserve(&path, kept, columns)?;
        let full = kept * columns;
        let mut index = 0;
        let sha256 = file.body(size, &declared, |piece| {
            for &item in piece.as_chunks::<WIDTH>().0 {
                let value = decode(item).map_err(|problem| bad_value(&path, &header, index, &problem))?;
                let is_used = if fortran_order { index % rows < count } else { index < count * columns };
                index += 1;
                if is_used {
                    values.push(value);
                }
                if is_used && !fortran_order && values.len() == full {
                    let left = if index < count * columns { kept } else { 0 };
                    let next = size::reserve(&path, left, columns)?;
                    sink(super::matrix(kept, columns, std::mem::replace(&mut values, next)))?;
                }
            }
            Ok(())
        })?;
        if fortran_order {
            let all = transpose(count, columns, values);
            if height >= count {
                sink(all)?;
            } else {
                for first in (0..count).step_by(height) {
                    sink(all.slice(s![first..count.min(first + height), ..]).to_owned())?;
                }
            }
        } else if !values.is_empty() {
            sink(super::matrix(values.len() / columns, columns, values))?;
        }
        Ok(sha256)
    }
}

/// The error for the value at `index` in the order of the file.
fn bad_value(path: &Path, header: &Header, index: usize, problem: &str) -> Error {
    let Header { rows, columns, fortran_order, .. } = *header;
    let (row, column) =
        if fortran_order { (index % rows, index / rows) } else { (index / columns, index % columns) };
    Error::data(
        path,
        format!("has {problem} in row {row}, column {column} (both from 0)"),
        "remove or replace such values",
    )
}

fn finite(value: f32) -> Result<f32, String> {
    if value.is_finite() { Ok(value) } else { Err(format!("a value that is not finite ({value})")) }
}

/// `value`, if it is finite, also in f32.
pub(super) fn finite_in_f32(value: f64) -> Result<f64, String> {
    let narrowed = value as f32;
    if value.is_finite() && narrowed.is_infinite() {
        return Err(format!("a value too large for f32 ({value:e})"));
    }
    finite(narrowed).map(|_| value)
}

/// The matrix \[rows, columns\] in C order of `values` in Fortran order.
fn transpose<F: Real>(rows: usize, columns: usize, values: Vec<F>) -> Array2<F> {
    match Array2::from_shape_vec((rows, columns).f(), values) {
        Ok(matrix) => matrix.as_standard_layout().into_owned(),
        Err(error) => unreachable!("as many values as the shape asks for were read: {error}"),
    }
}
