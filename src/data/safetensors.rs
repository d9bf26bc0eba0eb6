//! The `safetensors` source: a tensor of a `.safetensors` file.
//!
//! The tensor is a matrix \[N, n\] of `F16`, `BF16`, `F32`, `F64` or `U8`, with the rules of [`super::stored_matrix`]. Its digest covers the
//! bytes of the `.npy` file that `numpy.save` would write of it, so that other tensors and metadata of the file don't count, and a
//! tensor and the same array in a `.npy` file are the same data.

use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::Path;

use safetensors::tensor::{Dtype as Named, Metadata, TensorInfo};

use super::choice::choose;
use super::dtype::Dtype;
use super::file::{DataFile, open_nonempty, recognise};
use super::npy_header::{ArrayHeader, Header, start_of_file};
use super::reading::ReadingWatch;
use super::stored_matrix::StoredMatrix;
use crate::error::{Error, Result};

const FIX: &str = "write it again, for instance with safetensors.numpy.save_file({\"x\": x}, path)";

/// Limit on the header's bytes, that of the format's own reader.
const MOST_BYTES: u64 = 100_000_000;

/// The matrix `tensor` in the file, or the only one, with the name by which it was found if there are others; `watch` hears of the
/// reading.
pub(super) fn open(
    path: &Path,
    tensor: Option<&str>,
    watch: &ReadingWatch,
) -> Result<(StoredMatrix, Option<String>)> {
    let (mut file, length) = open_nonempty(path, FIX)?;
    let (metadata, start) = read_header(path, &mut file, length)?;
    let mut names: Vec<String> = metadata.offset_keys();
    names.sort();
    let is_only = names.len() == 1;
    let info = |name: &str| metadata.info(name).expect("a name that the file has");
    let describe = |name: &str| format!("{:?} {:?}", info(name).shape, info(name).dtype);
    let name = choose(path, "tensor", tensor, names, describe)?;

    let TensorInfo { dtype, shape, data_offsets: (first, end) } = info(&name);
    let place = path.join(&name);
    let dtype = match dtype {
        Named::U8 => Dtype::U8,
        Named::F16 => Dtype::F16,
        Named::BF16 => Dtype::Bf16,
        Named::F32 => Dtype::F32,
        Named::F64 => Dtype::F64,
        other => {
            let problem = format!("has dtype {other:?}, expected F16, BF16, F32, F64 or U8");
            return Err(Error::data(place, problem, "convert it, for instance with x.astype('float32')"));
        }
    };
    let array = ArrayHeader { dtype, fortran_order: false, shape: shape.clone() };
    let header = Header::of(array)
        .map_err(|(problem, fix)| Error::data(&place, problem, fix.unwrap_or_else(|| FIX.to_owned())))?;
    file.seek(SeekFrom::Start(start + *first as u64)).map_err(Error::io("read", path))?;
    let size = (end - first) as u64;
    let file = DataFile::part(place, Box::new(file.take(size)), size, FIX)?;
    let file = file.digested_after(&start_of_file(dtype.descr(), shape)).watched(watch);
    Ok((StoredMatrix::new(file, header), (!is_only).then_some(name)))
}

/// The header of the file, and the place of the first tensor's first byte.
fn read_header(path: &Path, file: &mut std::fs::File, length: u64) -> Result<(Metadata, u64)> {
    let damaged = |problem: String| Error::data(path, problem, FIX);
    let mut start = Vec::new();
    file.take(8).read_to_end(&mut start).map_err(Error::io("read", path))?;
    let Some(size) = start.first_chunk().map(|size| u64::from_le_bytes(*size)) else {
        return Err(damaged(format!("is truncated: it has {length} bytes")));
    };
    if size > MOST_BYTES || size > length - 8 {
        let problem = match recognise(&start) {
            Some(name) => format!("looks like {name}, expected a .safetensors file"),
            None => format!(
                "is no .safetensors file, or truncated: a header of {size} bytes is declared, and the file has {length} bytes"
            ),
        };
        return Err(damaged(problem));
    }
    let mut text = vec![0; size as usize];
    file.read_exact(&mut text).map_err(Error::io("read", path))?;
    let metadata: Metadata = serde_json::from_slice(&text)
        .map_err(|error| damaged(format!("has a header that can't be read: {error}")))?;
    let expected = (8 + size).saturating_add(metadata.data_len() as u64);
    if length != expected {
        let what = if length < expected { "is truncated" } else { "has trailing bytes" };
        return Err(damaged(format!("{what}: its header declares {expected} bytes, and it has {length}")));
    }
    Ok((metadata, 8 + size))
}
