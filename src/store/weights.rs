//! `weights/<run_key>/{initial,final}.npz`: W \[m, n\], b \[m\] and, with a decoder bias, `b_d` \[n\], in f32, and what else encoding
//! needs ([`EncoderSpec`]).
//!
//! A warm start reads such a file, written by this program or by `numpy.savez`, in single or double precision.

use super::archive::{add, array, header, no_archive, open, unreadable};
use super::encoder::{DESCRIPTION, EncoderSpec};
use crate::data::digest::sha256;
use crate::data::{npy_start, start_of_weights};
use crate::error::{Error, Result};
use crate::regular;
use crate::state::Parameters;
use crate::training::Status;
use ndarray::{Array, Array1, Array2, Dimension};
use std::io::{Cursor, Read as _};
use std::path::{Path, PathBuf};
use zip::{ZipArchive, ZipWriter};

/// Limit on the bytes of a description; one takes some 1500.
const MOST_DESCRIPTION: u64 = 1 << 20;

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
    /// The description of the encoder; absent in files of earlier versions and of other programs.
    pub encoder: Option<EncoderSpec>,
    /// SHA-256 of the file without the description, 64 hex digits; part of the identity of a run with this warm start.
    pub sha256: String,
}

impl WeightsFile {
    /// The weights, for m units and n inputs as in [`Weights::decode`], and the description in the file's content.
    ///
    /// # Errors
    /// A sentence that says what is wrong.
    pub fn decode(bytes: &[u8], shape: (usize, usize)) -> Result<Self, String> {
        let (weights, encoder) = (Weights::decode(bytes, shape)?, description(bytes)?);
        let sha256 = if encoder.is_some() { sha256(&weights.encode()?) } else { sha256(bytes) };
        Ok(Self { weights, encoder, sha256 })
    }

    /// The file's content; the same weights and description give the same bytes.
    ///
    /// # Errors
    /// A sentence, where the archive is too large for its format or a setting can't be written.
    pub fn encode(&self) -> Result<Vec<u8>, String> {
        self.weights.archive(self.encoder.as_ref())
    }
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

impl From<&Weights> for Parameters<f32> {
    fn from(weights: &Weights) -> Self {
        let decoder_bias = weights.b_d.as_ref().map(|b_d| b_d.to_vec()).unwrap_or_default();
        Self::new(weights.w.view(), weights.b.to_vec(), decoder_bias)
    }
}

impl Weights {
    /// The content of a file with these weights alone; the same weights give the same bytes.
    ///
    /// # Errors
    /// A sentence, where the archive is too large for its format.
    pub fn encode(&self) -> Result<Vec<u8>, String> {
        self.archive(None)
    }

    /// The content of a file with these weights and the description of their `encoder`, if given; the same values give the same bytes.
    ///
    /// # Errors
    /// A sentence, where the archive is too large for its format or a setting can't be written.
    pub(super) fn archive(&self, encoder: Option<&EncoderSpec>) -> Result<Vec<u8>, String> {
        let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
        add_weights(&mut archive, "W", &self.w)?;
        add_weights(&mut archive, "b", &self.b)?;
        if let Some(b_d) = &self.b_d {
            add_weights(&mut archive, "b_d", b_d)?;
        }
        if let Some(encoder) = encoder {
            for (name, values) in encoder.arrays() {
                let start = npy_start("<f8", &[values.len()]);
                let values = values.iter().flat_map(|value| value.to_le_bytes());
                add(&mut archive, &format!("{name}.npy"), start, values)?;
            }
            add(&mut archive, DESCRIPTION, encoder.json()?, [])?;
        }
        archive.finish().map(Cursor::into_inner).map_err(|error| error.to_string())
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
            let fix = match (m, n) {
                (m, n) if (n, m) == (hidden, inputs) || m == inputs && n != inputs => {
                    "W has a row for each hidden unit: store its transpose".to_owned()
                }
                (m, n) if n == inputs => format!("set `model.hidden = {m}`"),
                _ => format!("use data of {n} inputs with `model.hidden = {m}`, or other weights"),
            };
            return Err(Error::data(path, problem, fix));
        }
        WeightsFile::decode(&bytes, (hidden, inputs)).map_err(refuse)
    }

    /// The weights in the file's content, with m = `hidden` units and n = `inputs`. Checks the shapes in the arrays' headers first, so
    /// that a malicious archive can't unpack to more bytes than these shapes take.
    ///
    /// # Errors
    /// A sentence that says what is wrong.
    pub fn decode(bytes: &[u8], (hidden, inputs): (usize, usize)) -> Result<Self, String> {
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

/// Adds the file `<name>.npy` with `array` to an archive, as `numpy.savez` does.
fn add_weights<D: Dimension>(
    archive: &mut ZipWriter<Cursor<Vec<u8>>>,
    name: &str,
    array: &Array<f32, D>,
) -> Result<(), String> {
    let values = array.iter().flat_map(|value| value.to_le_bytes());
    add(archive, &format!("{name}.npy"), start_of_weights(array.shape()), values)
}

/// The description of the encoder in a file's content; `None` where it has none.
///
/// # Errors
/// A sentence that says what is wrong.
pub(super) fn description(bytes: &[u8]) -> Result<Option<EncoderSpec>, String> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(no_archive)?;
    if archive.index_for_name(DESCRIPTION).is_none() {
        return Ok(None);
    }
    let mut json = Vec::new();
    let file = archive.by_name(DESCRIPTION).map_err(|error| unreadable(&error))?;
    file.take(MOST_DESCRIPTION + 1).read_to_end(&mut json).map_err(|error| unreadable(&error))?;
    if json.len() as u64 > MOST_DESCRIPTION {
        return Err(format!("`{DESCRIPTION}` in it has more than {MOST_DESCRIPTION} bytes"));
    }
    EncoderSpec::read(&json, |name, length| array(&mut archive, name, &[length])).map(Some)
}

/// The shape of `W` by its header in the file's content; `None` where the header declares no matrix.
fn declared_shape_of_w(bytes: &[u8]) -> Option<(usize, usize)> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).ok()?;
    let header = header(&mut open(&mut archive, "W").ok()?).ok()?;
    match header.shape[..] {
        [hidden, inputs] => Some((hidden, inputs)),
        _ => None,
    }
}

fn list(names: &[String]) -> String {
    if names.is_empty() { "no arrays".to_owned() } else { names.join(", ") }
}

/// The folder in a results folder that has the folders `<run_key>/` of weights.
pub const FOLDER: &str = "weights";

/// The path of a run's weights in the results folder `folder`.
pub fn weights_path(folder: &Path, run_key: &str, moment: Moment) -> PathBuf {
    folder.join(FOLDER).join(run_key).join(moment.file_name())
}
