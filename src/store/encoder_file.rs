//! Reading an encoder from one file, without its results folder.

use super::encoder::{DESCRIPTION, EncoderSpec};
use super::weights::{Weights, description};
use crate::error::{Error, Result};
use crate::real::Real;
use crate::regular;
use crate::training::RunSpec;
use ndarray::{Array, Dim, Dimension, IntoDimension};
use safetensors::{Dtype, SafeTensors};
use std::path::Path;

/// Reads the encoder in one file, `.npz` or `.safetensors`, that this program wrote.
///
/// # Errors
/// [`Error::Data`] where the file is missing, damaged, or has weights without a description.
pub fn read_encoder(path: &Path) -> Result<(Weights, EncoderSpec)> {
    let fix = "name a file of weights that this program wrote, final.npz in weights/ of a results folder, or one of aesparse export";
    let refuse = |problem: String| Error::data(path, problem, fix);
    let bytes = regular::read(path).map_err(|error| refuse(format!("can't be read: {error}")))?;
    let read = if bytes.starts_with(b"PK") { of_archive(&bytes) } else { of_tensors(&bytes) };
    read.map_err(refuse)?.ok_or_else(|| {
        Error::data(
            path,
            format!("it has weights but no `{DESCRIPTION}`, which says how samples are standardised and encoded"),
            "complete it where its results folder and data are: aesparse export FOLDER/KEY --format npz --out encoder.npz",
        )
    })
}

/// The encoder in an archive's content; `None` if it has no description.
///
/// # Errors
/// A sentence that says what is wrong.
fn of_archive(bytes: &[u8]) -> Result<Option<(Weights, EncoderSpec)>, String> {
    let Some(encoder) = description(bytes)? else { return Ok(None) };
    let RunSpec { hidden, inputs, .. } = encoder.spec;
    Ok(Some((Weights::decode(bytes, (hidden, inputs))?, encoder)))
}

/// The encoder in a safetensors file's content; `None` if it has no description.
///
/// # Errors
/// A sentence that says what is wrong.
fn of_tensors(bytes: &[u8]) -> Result<Option<(Weights, EncoderSpec)>, String> {
    let neither = |error| format!("neither an .npz archive nor a safetensors file: {error}");
    let (_, metadata) = SafeTensors::read_metadata(bytes).map_err(neither)?;
    let tensors = SafeTensors::deserialize(bytes).map_err(neither)?;
    let Some(json) = metadata.metadata().as_ref().and_then(|entries| entries.get(DESCRIPTION)) else {
        return Ok(None);
    };
    let encoder = EncoderSpec::read(json.as_bytes(), |name, length| {
        tensor(&tensors, name, [length], Dtype::F64, f64::from_le_bytes)
    })?;
    let RunSpec { hidden, inputs, decoder_bias, .. } = encoder.spec;
    let w = tensor(&tensors, "W", [hidden, inputs], Dtype::F32, f32::from_le_bytes)?;
    let b = tensor(&tensors, "b", [hidden], Dtype::F32, f32::from_le_bytes)?;
    let b_d = decoder_bias.then(|| tensor(&tensors, "b_d", [inputs], Dtype::F32, f32::from_le_bytes));
    Ok(Some((Weights { w, b, b_d: b_d.transpose()? }, encoder)))
}

/// The tensor `name`, which must have this shape and type and finite values.
fn tensor<const AXES: usize, const WIDTH: usize, F: Real>(
    tensors: &SafeTensors<'_>,
    name: &str,
    shape: [usize; AXES],
    dtype: Dtype,
    decode: impl Fn([u8; WIDTH]) -> F,
) -> Result<Array<F, Dim<[usize; AXES]>>, String>
where
    [usize; AXES]: IntoDimension<Dim = Dim<[usize; AXES]>>,
    Dim<[usize; AXES]>: Dimension,
{
    let found = tensors.tensor(name).map_err(|_| format!("the tensor `{name}` is missing"))?;
    if found.shape() != shape || found.dtype() != dtype {
        let (has, of) = (found.shape(), found.dtype());
        return Err(format!("the tensor `{name}` is {of:?} {has:?}, expected {dtype:?} {shape:?}"));
    }
    let values: Vec<F> = found.data().as_chunks().0.iter().map(|value| decode(*value)).collect();
    if let Some(value) = values.iter().find(|value| !value.is_finite()) {
        return Err(format!("the tensor `{name}` holds {value}, expected finite numbers"));
    }
    Array::from_shape_vec(shape, values).map_err(|error| error.to_string())
}
