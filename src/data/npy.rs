//! The `npy` source: a `.npy` file, plain or gzip, with one sample a row.
//!
//! The matrix is \[N, n\] with N and n ≥ 1, little-endian, in C or Fortran order. Values are f32 or f64, taken as they are, or u8,
//! divided by 255; f64 samples are rounded to f32 after standardisation. Values must be finite, also in f32. The digest covers the
//! decompressed bytes of the file, header included. The file may have any size, but the rows that are used must stay within
//! [`size::MAX_BYTES`]. No samples are held out.

use std::path::Path;

use ndarray::{Array2, ShapeBuilder};

use super::file::{DataFile, recognise};
use super::npy_header::{ArrayHeader, Dtype, Header, MAGIC};
use super::raw::{Raw, SampleMatrix, Stored};
use super::reading::ReadingWatch;
use super::{SampleIds, size};
use crate::error::{Error, Result};
use crate::real::Real;

const FIX: &str = "write it again, for instance with numpy.save(path, x.astype('float32'))";

/// The first `samples` rows (`None`: all) of the file, not standardised; `watch` hears of the reading.
pub(super) fn load(path: &Path, samples: Option<usize>, watch: &ReadingWatch) -> Result<Raw> {
    let mut file = DataFile::open(path, FIX)?.watched(watch);
    let header = read_header(&mut file)?;
    read(path, file, &header, samples)
}

/// Like [`load`] for a file that must hold u8 values of the `shape` \[rows, columns\]; `fix` ends the message for any damage.
pub(super) fn load_bytes(
    path: &Path,
    shape: (usize, usize),
    samples: Option<usize>,
    fix: &'static str,
) -> Result<Raw> {
    let (file, header) = open_bytes(path, shape, fix)?;
    read(path, file, &header, samples)
}

/// Checks the header of a file for [`load_bytes`] and, if the file is plain, its length.
pub(super) fn quick_check_bytes(path: &Path, shape: (usize, usize), fix: &'static str) -> Result<()> {
    let (file, Header { rows, columns, .. }) = open_bytes(path, shape, fix)?;
    file.check_size((rows * columns) as u64, &format!("its header declares {rows} × {columns} bytes"))
}

fn open_bytes(path: &Path, (rows, columns): (usize, usize), fix: &'static str) -> Result<(DataFile, Header)> {
    let mut file = DataFile::open(path, fix)?;
    let header = read_header(&mut file)?;
    let expected = Header { dtype: Dtype::U8, fortran_order: false, rows, columns };
    if header != expected {
        return Err(file.damaged(format!("is {header}, expected {expected}")));
    }
    Ok((file, header))
}

fn read(path: &Path, file: DataFile, header: &Header, samples: Option<usize>) -> Result<Raw> {
    let count = super::count(path, samples, header.rows)?;
    let body = Body { path, header, count };
    let (train, sha256) = match header.dtype {
        Dtype::U8 => body.matrix(file, |[byte]: [u8; 1]| Ok(f32::from(byte) / 255.0)).map(single),
        Dtype::F32 => body.matrix(file, |bytes| finite(f32::from_le_bytes(bytes))).map(single),
        Dtype::F64 => body
            .matrix(file, |bytes| finite_in_f32(f64::from_le_bytes(bytes)))
            .map(|(matrix, sha256)| (SampleMatrix::Double(matrix), sha256)),
    }?;
    let stored = if header.dtype == Dtype::U8 { Stored::Bytes } else { Stored::Floats };
    let (name, available) = (stem(path), header.rows);
    Ok(Raw {
        name,
        sha256,
        available,
        train,
        ids: SampleIds::Rows,
        held_out: None,
        stored,
        remarks: Vec::new(),
    })
}

fn single((matrix, sha256): (Array2<f32>, String)) -> (SampleMatrix, String) {
    (SampleMatrix::Single(matrix), sha256)
}

fn read_header(file: &mut DataFile) -> Result<Header> {
    let head = file.head();
    if let Some(name) = recognise(head).filter(|_| !head.starts_with(MAGIC) && !MAGIC.starts_with(head)) {
        return Err(
            file.damaged(format!("looks like {name}, expected a .npy file, which begins with \\x93NUMPY"))
        );
    }
    let header = ArrayHeader::read(|buffer| file.fill(buffer))?.and_then(Header::of);
    header.map_err(|(problem, fix)| match fix {
        Some(fix) => Error::data(file.path(), problem, fix),
        None => file.damaged(problem),
    })
}

/// The values behind the header; the first `count` rows are used.
struct Body<'a> {
    path: &'a Path,
    header: &'a Header,
    count: usize,
}

impl Body<'_> {
    /// The first `count` rows, \[count, columns\], and the digest; all rows are checked.
    fn matrix<const WIDTH: usize, F: Real>(
        &self,
        file: DataFile,
        decode: impl Fn([u8; WIDTH]) -> Result<F, String>,
    ) -> Result<(Array2<F>, String)> {
        let (values, sha256) = self.read(file, decode)?;
        let columns = self.header.columns;
        let is_transposed = self.header.fortran_order;
        let matrix = if is_transposed { transpose } else { super::matrix }(self.count, columns, values);
        Ok((matrix, sha256))
    }

    /// The values of the first `count` rows in the file's order, and the digest.
    fn read<const WIDTH: usize, F: Real>(
        &self,
        file: DataFile,
        decode: impl Fn([u8; WIDTH]) -> Result<F, String>,
    ) -> Result<(Vec<F>, String)> {
        let Header { rows, columns, .. } = *self.header;
        let size = (rows as u64).saturating_mul(columns as u64).saturating_mul(WIDTH as u64);
        let declared = format!("its header declares {rows} × {columns} values of {WIDTH} bytes");
        size::check::<F>(self.path, self.count, columns)?;
        file.check_size(size, &declared)?;
        let mut values = size::reserve(self.path, self.count, columns)?;
        let mut index = 0;
        let sha256 = file.body(size, &declared, |piece| {
            let (items, _) = piece.as_chunks::<WIDTH>();
            for &item in items {
                let value = decode(item).map_err(|problem| self.bad_value(index, &problem))?;
                if self.is_used(index) {
                    values.push(value);
                }
                index += 1;
            }
            Ok(())
        })?;
        Ok((values, sha256))
    }

    fn is_used(&self, index: usize) -> bool {
        if self.header.fortran_order {
            index % self.header.rows < self.count
        } else {
            index < self.count * self.header.columns
        }
    }

    fn bad_value(&self, index: usize, problem: &str) -> Error {
        let Header { rows, columns, fortran_order, .. } = *self.header;
        let (row, column) =
            if fortran_order { (index % rows, index / rows) } else { (index / columns, index % columns) };
        Error::data(
            self.path,
            format!("has {problem} in row {row}, column {column} (both from 0)"),
            "remove or replace such values",
        )
    }
}

fn finite(value: f32) -> Result<f32, String> {
    if value.is_finite() { Ok(value) } else { Err(format!("a value that is not finite ({value})")) }
}

fn finite_in_f32(value: f64) -> Result<f64, String> {
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

/// The file's name without `.gz` and `.npy`.
fn stem(path: &Path) -> String {
    let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
    let name = name.strip_suffix(".gz").unwrap_or(&name);
    name.strip_suffix(".npy").unwrap_or(name).to_owned()
}
