//! The `npy` source: a `.npy` file, plain or gzip, with one sample a row.
//!
//! The matrix is \[N, n\] with N and n ≥ 1, little-endian, in C or Fortran order, with the values of [`super::stored_matrix`]; f64
//! samples are rounded to f32 after standardisation. The digest covers the decompressed bytes of the file, header included. The file
//! may have any size, but the rows that are used must stay within [`MAX_BYTES`](super::size::MAX_BYTES).

use std::path::Path;

use super::dtype::Dtype;
use super::file::{DataFile, recognise};
use super::npy_header::{ArrayHeader, Header, MAGIC};
use super::raw::Raw;
use super::reading::ReadingWatch;
use super::stored_matrix::StoredMatrix;
use crate::error::{Error, Result};

pub(super) const FIX: &str = "write it again, for instance with numpy.save(path, x.astype('float32'))";

/// The matrix in the file; `watch` hears of the reading.
pub(super) fn open(path: &Path, watch: &ReadingWatch) -> Result<StoredMatrix> {
    matrix(DataFile::open(path, FIX)?.watched(watch))
}

/// The matrix in the `.npy` file `file`, of which nothing has been read.
pub(super) fn matrix(mut file: DataFile) -> Result<StoredMatrix> {
    let header = read_header(&mut file)?;
    Ok(StoredMatrix::new(file, header))
}

/// The first `samples` rows (`None`: all) of a file that must hold u8 values of the `shape` \[rows, columns\], not standardised; `fix`
/// ends the message for any damage.
pub(super) fn load_bytes(
    path: &Path,
    shape: (usize, usize),
    samples: Option<usize>,
    fix: &'static str,
) -> Result<Raw> {
    let (file, header) = open_bytes(path, shape, fix)?;
    StoredMatrix::new(file, header).load(stem(path, &[".npy"]), samples)
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

fn read_header(file: &mut DataFile) -> Result<Header> {
    let head = file.head();
    if let Some(name) = recognise(head).filter(|_| !head.starts_with(MAGIC) && !MAGIC.starts_with(head)) {
        let problem = format!("looks like {name}, expected a .npy file, which begins with \\x93NUMPY");
        return Err(match name {
            "a zip or .npz archive" => Error::data(file.path(), problem, of_kind("npz")),
            "a text file" => Error::data(file.path(), problem, of_kind("csv")),
            _ => file.damaged(problem),
        });
    }
    let header = ArrayHeader::read(|buffer| file.fill(buffer))?.and_then(Header::of);
    header.map_err(|(problem, fix)| match fix {
        Some(fix) => Error::data(file.path(), problem, fix),
        None => file.damaged(problem),
    })
}

/// The way to read a file of another kind.
fn of_kind(kind: &str) -> String {
    format!(
        "{FIX}; or read it as what it is: in `new` with --source {kind}, in a configuration with kind = \"{kind}\" in data.source, in \
         `encode` by a name that ends in .{kind}"
    )
}

/// The file's name without `.gz` and then without the first of `endings` that it has.
pub(super) fn stem(path: &Path, endings: &[&str]) -> String {
    let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
    let name = name.strip_suffix(".gz").unwrap_or(&name);
    endings.iter().find_map(|ending| name.strip_suffix(ending)).unwrap_or(name).to_owned()
}
