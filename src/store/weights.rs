//! `weights/<run_key>/{initial,final}.npz`: W \[m, n\], b \[m\] and, with a decoder bias, `b_d` \[n\].
//!
//! A warm start reads such a file, written by this program or by `numpy.savez`, in single or double precision.

use crate::data::declared_shape;
use crate::data::digest::sha256;
use crate::error::{Error, Result};
use crate::regular;
use crate::state::Parameters;
use crate::training::{Status, WarmStart};
use aligned_vec::AVec;
use ndarray::{Array, Array1, Array2, ArrayView, Dimension};
use ndarray_npy::{NpzWriter, ViewNpyError, ViewNpyExt, WriteNpzError};
use std::fmt::Display;
use std::io::{Cursor, Read};
use std::path::{Path, PathBuf};
use zip::ZipArchive;
use zip::read::ZipFile;
use zip::result::ZipError;

/// The moment of a run at which weights are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// Before the first step.
    Initial,
    /// After the last epoch.
    Final,
}

impl Moment {
    /// Both moments.
    pub const ALL: [Self; 2] = [Self::Initial, Self::Final];

    /// Whether a run that ended with `status` keeps these weights. The final weights of a run that diverged are useless.
    pub fn is_left(self, status: Status) -> bool {
        self == Self::Initial || status == Status::Completed
    }

    /// The file's name.
    pub const fn file_name(self) -> &'static str {
        match self {
            Self::Initial => "initial.npz",
            Self::Final => "final.npz",
        }
    }
}

/// The parameters of an auto-encoder with n inputs and m hidden units.
#[derive(Debug, Clone, PartialEq)]
pub struct Weights {
    /// W \[m, n\], one row per hidden unit.
    pub w: Array2<f32>,
    /// The encoder's bias b \[m\].
    pub b: Array1<f32>,
    /// The decoder's bias `b_d` \[n\]; absent where the model has none.
    pub b_d: Option<Array1<f32>>,
}

/// Weights read from a file.
#[derive(Debug, Clone, PartialEq)]
pub struct WeightsFile {
    /// The weights; every value is finite.
    pub weights: Weights,
    /// SHA-256 of the file, 64 hex digits; part of the identity of a run with this warm start.
    pub sha256: String,
}

impl From<&Parameters<f32>> for Weights {
    fn from(parameters: &Parameters<f32>) -> Self {
        let b_d = parameters.decoder_bias();
        Self {
            w: parameters.weights().to_owned(),
            b: parameters.bias().to_vec().into(),
            b_d: (!b_d.is_empty()).then(|| b_d.to_vec().into()),
        }
    }
}

impl From<Weights> for WarmStart<f32> {
    fn from(weights: Weights) -> Self {
        let decoder_bias = weights.b_d.map(|b_d| b_d.to_vec()).unwrap_or_default();
        Self { weights: weights.w, bias: weights.b.to_vec(), decoder_bias }
    }
}

impl Weights {
    /// The file's content; the same weights give the same bytes.
    ///
    /// # Errors
    /// A sentence, where the archive is too large for its format.
    pub fn encode(&self) -> Result<Vec<u8>, String> {
        let mut archive = NpzWriter::new(Cursor::new(Vec::new()));
        let failed = |error: WriteNpzError| error.to_string();
        archive.add_array("W", &self.w).map_err(failed)?;
        archive.add_array("b", &self.b).map_err(failed)?;
        if let Some(b_d) = &self.b_d {
            archive.add_array("b_d", b_d).map_err(failed)?;
        }
        archive.finish().map(Cursor::into_inner).map_err(failed)
    }

    /// Reads the weights of a warm start for m = `hidden` units and n = `inputs`: arrays `W`, `b` and optionally `b_d`, in f32 or f64.
    ///
    /// # Errors
    /// [`Error::Data`] where the file is missing or is no archive, or where an array is missing, has another type or shape, or holds a
    /// value that isn't finite in single precision.
    pub fn read(path: &Path, (hidden, inputs): (usize, usize)) -> Result<WeightsFile> {
        let fix = "name a file with arrays W [m, n], b [m] and optionally b_d [n] (numpy.savez)";
        let refuse = |problem: String| Error::data(path, problem, fix);
        let bytes = regular::read(path).map_err(|error| refuse(format!("can't be read: {error}")))?;
        if let Some((m, n)) = declared_shape_of_w(&bytes).filter(|found| *found != (hidden, inputs)) {
            let problem = format!(
                "W has the shape [{m}, {n}], but the model has [{hidden}, {inputs}] (hidden units, inputs)"
            );
            return Err(Error::data(path, problem, format!("set `model.hidden = {m}` or use data that fit")));
        }
        let sha256 = sha256(&bytes);
        let weights = Self::decode(&bytes, (hidden, inputs)).map_err(refuse)?;
        Ok(WeightsFile { weights, sha256 })
    }

    /// The weights in the file's content, with m = `hidden` units and n = `inputs`. Checks the shapes in the arrays' headers first, so
    /// that a malicious archive can't unpack to more bytes than these shapes take.
    ///
    /// # Errors
    /// A sentence that says what is wrong.
    pub fn decode(bytes: &[u8], (hidden, inputs): (usize, usize)) -> Result<Self, String> {
        let no_archive = |error: ZipError| format!("not an .npz archive: {error}");
        let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(no_archive)?;
        let without_end = |name: &str| name.strip_suffix(".npy").unwrap_or(name).to_owned();
        let names: Vec<String> = archive.file_names().map(without_end).collect();
        let missing = |name: &str| format!("the array `{name}` is missing; it has {}", list(&names));
        let has = |name: &str| names.iter().any(|found| found == name);
        for name in ["W", "b"] {
            if !has(name) {
                return Err(missing(name));
            }
        }
        let w = array(&mut archive, "W", &[hidden, inputs])?;
        let b = array(&mut archive, "b", &[hidden])?;
        let b_d = has("b_d").then(|| array(&mut archive, "b_d", &[inputs])).transpose()?;
        Ok(Self { w, b, b_d })
    }
}

/// The shape of `W` by its header in the file's content; `None` where the header declares no matrix.
fn declared_shape_of_w(bytes: &[u8]) -> Option<(usize, usize)> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).ok()?;
    let mut file = open(&mut archive, "W").ok()?;
    let (_, shape) = header(&mut file).ok()?;
    match shape?[..] {
        [hidden, inputs] => Some((hidden, inputs)),
        _ => None,
    }
}

/// The array `name` of shape `shape`, in f32 and row-major, every value finite.
fn array<D: Dimension>(
    archive: &mut Archive<'_>,
    name: &str,
    shape: &[usize],
) -> Result<Array<f32, D>, String> {
    let bytes = member(archive, name, shape).map_err(|problem| format!("the array `{name}` {problem}"))?;
    let array = match ArrayView::<f32, D>::view_npy(&bytes) {
        Ok(array) => array.to_owned(),
        Err(first) => match ArrayView::<f64, D>::view_npy(&bytes) {
            #[expect(clippy::cast_possible_truncation, reason = "single precision is what runs compute in")]
            Ok(array) => array.mapv(|x| x as f32),
            Err(second) => {
                let error = if matches!(first, ViewNpyError::WrongDescriptor(_)) { second } else { first };
                let expected = D::NDIM.unwrap_or_default();
                return Err(format!("the array `{name}` is not {expected}-dimensional f32 or f64: {error}"));
            }
        },
    };
    if let Some((at, value)) = array.indexed_iter().find(|(_, value)| !value.is_finite()) {
        return Err(format!("`{name}` holds {value} at {at:?}: not a finite number in single precision"));
    }
    // Not checked yet where the header could not be parsed before.
    if array.shape() != shape {
        return Err(format!("the array `{name}` has the shape {:?}, expected {shape:?}", array.shape()));
    }
    Ok(array.as_standard_layout().into_owned())
}

type Archive<'a> = ZipArchive<Cursor<&'a [u8]>>;

/// The file `<name>.npy` in an archive.
fn open<'a, 'b>(archive: &'a mut Archive<'b>, name: &str) -> Result<ZipFile<'a, Cursor<&'b [u8]>>, String> {
    let path = [format!("{name}.npy"), name.to_owned()];
    let path = path.iter().find(|path| archive.index_for_name(path).is_some());
    archive.by_name(path.map_or(name, String::as_str)).map_err(|error| unreadable(&error))
}

fn unreadable(error: &dyn Display) -> String {
    format!("can't be read: {error}")
}

/// The header of the array in `file` (magic number, version, size and text), and the shape that it declares, if its text can be parsed.
fn header(file: &mut impl Read) -> Result<(Vec<u8>, Option<Vec<usize>>), String> {
    let mut bytes = Vec::new();
    let mut read = |most: u64, bytes: &mut Vec<u8>| {
        file.by_ref().take(most).read_to_end(bytes).map_err(|error| unreadable(&error))
    };
    // Magic number and version, then the size of the text: two bytes, or four from version 2 on.
    read(8, &mut bytes)?;
    let is_long = bytes.get(6).is_some_and(|version| *version > 1);
    let from = bytes.len();
    read(if is_long { 4 } else { 2 }, &mut bytes)?;
    let size = bytes[from..].iter().rev().fold(0, |size, byte| size << 8 | u64::from(*byte));
    let from = bytes.len();
    // numpy refuses longer headers too.
    read(size.min(LONGEST_HEADER), &mut bytes)?;
    if (bytes.len() - from) as u64 != size {
        return Err("is cut within its header".to_owned());
    }
    let shape = std::str::from_utf8(&bytes[from..]).ok().and_then(declared_shape);
    Ok((bytes, shape))
}

/// The longest accepted header text of an array, in bytes.
const LONGEST_HEADER: u64 = 10_000;

/// The file `<name>.npy` in an archive, aligned for its values. Its size in the archive is not trusted: its header must declare the shape
/// `shape`, and no more bytes are unpacked than this shape takes in double precision.
fn member(archive: &mut Archive<'_>, name: &str, shape: &[usize]) -> Result<AVec<u8>, String> {
    let mut file = open(archive, name)?;
    let (mut bytes, declared) = header(&mut file)?;
    if let Some(found) = declared.filter(|found| found != shape) {
        return Err(format!("has the shape {found:?}, expected {shape:?}"));
    }
    let values = shape.iter().fold(1_u64, |values, length| values.saturating_mul(*length as u64));
    let most = values.saturating_mul(8);
    let start = bytes.len() as u64;
    // One byte more, because the checksum is compared only at the file's end.
    file.take(most.saturating_add(1)).read_to_end(&mut bytes).map_err(|error| unreadable(&error))?;
    if bytes.len() as u64 - start > most {
        return Err(format!("holds more than the values of the shape {shape:?}"));
    }
    Ok(AVec::from_slice(align_of::<f64>(), &bytes))
}

fn list(names: &[String]) -> String {
    if names.is_empty() { "no arrays".to_owned() } else { names.join(", ") }
}

/// The path of a run's weights in the results folder `folder`.
pub fn weights_path(folder: &Path, run_key: &str, moment: Moment) -> PathBuf {
    folder.join("weights").join(run_key).join(moment.file_name())
}
