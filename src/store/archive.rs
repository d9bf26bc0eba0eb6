//! Arrays in an `.npz` archive, as files of weights have them.

use crate::data::{ArrayHeader, Dtype, fill_from};
use crate::real::Real;
use ndarray::{Array, ArrayD, Dimension, IxDyn, ShapeBuilder as _};
use std::cmp::Ordering;
use std::fmt::Display;
use std::io::{Cursor, Read, Write as _};
use zip::read::ZipFile;
use zip::result::ZipError;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

/// Adds the file `name` with `start` and `rest` to an archive.
pub(super) fn add(
    archive: &mut ZipWriter<Cursor<Vec<u8>>>,
    name: &str,
    mut start: Vec<u8>,
    rest: impl IntoIterator<Item = u8>,
) -> Result<(), String> {
    start.extend(rest);
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    archive.start_file(name, stored).map_err(|error| error.to_string())?;
    archive.write_all(&start).map_err(|error| error.to_string())
}

/// The array `name` of shape `shape`, row-major, every value finite.
pub(super) fn array<F: Real, D: Dimension>(
    archive: &mut WeightsArchive<'_>,
    name: &str,
    shape: &[usize],
) -> Result<Array<F, D>, String> {
    let array =
        member::<F>(archive, name, shape).map_err(|problem| format!("the array `{name}` {problem}"))?;
    let array = array.into_dimensionality::<D>().map_err(|error| format!("the array `{name}`: {error}"))?;
    if let Some((at, value)) = array.indexed_iter().find(|(_, value)| !value.is_finite()) {
        let precision = if size_of::<F>() == 4 { "single" } else { "double" };
        return Err(format!(
            "`{name}` holds {value} at {at:?}: not a finite number in {precision} precision"
        ));
    }
    Ok(array)
}

/// A file of weights, opened.
pub(super) type WeightsArchive<'a> = ZipArchive<Cursor<&'a [u8]>>;

/// The file `<name>.npy` in an archive.
pub(super) fn open<'a, 'b>(
    archive: &'a mut WeightsArchive<'b>,
    name: &str,
) -> Result<ZipFile<'a, Cursor<&'b [u8]>>, String> {
    let path = [format!("{name}.npy"), name.to_owned()];
    let path = path.iter().find(|path| archive.index_for_name(path).is_some());
    archive.by_name(path.map_or(name, String::as_str)).map_err(|error| unreadable(&error))
}

/// The sentence that bytes are no archive.
pub(super) fn no_archive(error: ZipError) -> String {
    format!("not an .npz archive: {error}")
}

/// The sentence that a file can't be read.
pub(super) fn unreadable(error: &dyn Display) -> String {
    format!("can't be read: {error}")
}

/// The header of the array in `file`.
pub(super) fn header(file: &mut impl Read) -> Result<ArrayHeader, String> {
    let header = ArrayHeader::read(fill_from(file)).map_err(|error| unreadable(&error))?;
    header.map_err(|(problem, _)| problem)
}

/// The values of the file `<name>.npy` in an archive, row-major. Its size in the archive is not trusted: its header must declare
/// the shape `shape`, and no more bytes are unpacked than this shape takes.
fn member<F: Real>(
    archive: &mut WeightsArchive<'_>,
    name: &str,
    shape: &[usize],
) -> Result<ArrayD<F>, String> {
    let mut file = open(archive, name)?;
    let header = header(&mut file)?;
    if header.shape != shape {
        return Err(format!("has the shape {:?}, expected {shape:?}", header.shape));
    }
    let width: u64 = match header.dtype {
        Dtype::F32 => 4,
        Dtype::F64 => 8,
        other => return Err(format!("has dtype {}, expected f32 (<f4) or f64 (<f8)", other.name())),
    };
    let size = shape.iter().fold(width, |size, length| size.saturating_mul(*length as u64));
    let mut bytes = Vec::new();
    // One byte more, because the checksum is compared only at the file's end.
    file.take(size.saturating_add(1)).read_to_end(&mut bytes).map_err(|error| unreadable(&error))?;
    match (bytes.len() as u64).cmp(&size) {
        Ordering::Greater => return Err(format!("holds more than the values of the shape {shape:?}")),
        Ordering::Less => return Err(format!("is truncated: it has {} of its {size} bytes", bytes.len())),
        Ordering::Equal => {}
    }
    let values: Vec<F> = if width == 4 {
        let values = bytes.as_chunks().0.iter().map(|value| f64::from(f32::from_le_bytes(*value)));
        values.map(F::from_f64).collect()
    } else {
        bytes.as_chunks().0.iter().map(|value| F::from_f64(f64::from_le_bytes(*value))).collect()
    };
    let array = Array::from_shape_vec(IxDyn(shape).set_f(header.fortran_order), values);
    Ok(array.map_err(|error| error.to_string())?.as_standard_layout().into_owned())
}
