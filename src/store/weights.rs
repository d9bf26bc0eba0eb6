//! `weights/<run_key>/{initial,final}.npz`: W \[m, n\], b \[m\] and, with a decoder bias, `b_d` \[n\].
//!
//! A warm start reads such a file, ours or one that `numpy.savez` wrote, in single or double precision.

use crate::atomic;
use crate::data::digest::sha256;
use crate::error::{Error, Result};
use crate::state::Parameters;
use crate::training::WarmStart;
use aligned_vec::AVec;
use ndarray::{Array, Array1, Array2, ArrayView, Dimension};
use ndarray_npy::{NpzWriter, ViewNpyError, ViewNpyExt, WriteNpzError};
use std::fmt::Display;
use std::fs;
use std::io::{Cursor, Read as _};
use std::path::Path;
use zip::ZipArchive;
use zip::result::ZipError;

/// Which weights of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// Before the first step.
    Initial,
    /// After the last epoch.
    Final,
}

impl Moment {
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

/// A file of weights that was read.
#[derive(Debug, Clone, PartialEq)]
pub struct WeightsFile {
    /// The weights; every value is finite.
    pub weights: Weights,
    /// SHA-256 of the file, 64 hex digits: part of the identity of a run that starts from it.
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
    /// A sentence, where the archive can't be made (it is too large for its format).
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

    /// Writes the file at `path`, whole or not at all.
    ///
    /// # Errors
    /// Where it can't be made or written.
    pub fn write(&self, path: &Path) -> Result<()> {
        let bytes = self.encode().map_err(|problem| {
            Error::store(path, problem, "set `output.weights = \"none\"` to train without keeping weights")
        })?;
        atomic::write(path, &bytes)
    }

    /// Checks that the weights fit a model with m = `hidden` units and n = `inputs`.
    ///
    /// # Errors
    /// [`Error::Data`] for `path`, naming the shape that was found and the one that is needed.
    pub fn check_shape(&self, path: &Path, hidden: usize, inputs: usize) -> Result<()> {
        let found = self.w.dim();
        if found == (hidden, inputs) {
            return Ok(());
        }
        let problem = format!(
            "W has the shape [{}, {}], but the model has [{hidden}, {inputs}] (hidden units, inputs)",
            found.0, found.1
        );
        Err(Error::data(path, problem, format!("set `model.hidden = {}` or use data that fit", found.0)))
    }

    /// Reads weights to start from: arrays `W`, `b` and optionally `b_d`, in f32 or f64.
    ///
    /// # Errors
    /// [`Error::Data`] with what is wrong: no such file, no archive, an array missing, of another type, of the
    /// wrong shape, or with a value that isn't finite in single precision.
    pub fn read(path: &Path) -> Result<WeightsFile> {
        let fix = "name a file with arrays W [m, n], b [m] and optionally b_d [n] (numpy.savez)";
        let refuse = |problem: String| Error::data(path, problem, fix);
        let bytes = fs::read(path).map_err(|error| refuse(format!("can't be read: {error}")))?;
        let sha256 = sha256(&bytes);
        let weights = Self::decode(&bytes).map_err(refuse)?;
        Ok(WeightsFile { weights, sha256 })
    }

    /// The weights in the file's content.
    ///
    /// # Errors
    /// A sentence that says what is wrong.
    pub fn decode(bytes: &[u8]) -> Result<Self, String> {
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
        let w: Array2<f32> = array(&mut archive, "W")?;
        let b: Array1<f32> = array(&mut archive, "b")?;
        let b_d: Option<Array1<f32>> = has("b_d").then(|| array(&mut archive, "b_d")).transpose()?;
        let (hidden, inputs) = w.dim();
        if w.is_empty() {
            return Err(format!("W is empty: its shape is [{hidden}, {inputs}]"));
        }
        if b.len() != hidden {
            return Err(format!("b has {} values, but W has {hidden} rows", b.len()));
        }
        if let Some(b_d) = b_d.as_ref().filter(|b_d| b_d.len() != inputs) {
            return Err(format!("b_d has {} values, but W has {inputs} columns", b_d.len()));
        }
        Ok(Self { w, b, b_d })
    }
}

/// The array `name` in f32, row-major, every value finite.
fn array<D: Dimension>(archive: &mut Archive<'_>, name: &str) -> Result<Array<f32, D>, String> {
    let bytes = member(archive, name).map_err(|problem| format!("the array `{name}` {problem}"))?;
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
    Ok(array.as_standard_layout().into_owned())
}

type Archive<'a> = ZipArchive<Cursor<&'a [u8]>>;

/// The file `<name>.npy` in an archive, aligned for its values. What it says of its own size is not believed.
fn member(archive: &mut Archive<'_>, name: &str) -> Result<AVec<u8>, String> {
    let damaged = |error: &dyn Display| format!("can't be read: {error}");
    let path = [format!("{name}.npy"), name.to_owned()];
    let path = path.iter().find(|path| archive.index_for_name(path).is_some());
    let mut file = archive.by_name(path.map_or(name, String::as_str)).map_err(|e| damaged(&e))?;
    // A deflated byte stands for at most 1032, and a stored one for itself.
    let most = file.compressed_size().saturating_mul(1032).min(file.size());
    let mut bytes = Vec::new();
    // One more, for only at its end a file's checksum is compared.
    (&mut file).take(most.saturating_add(1)).read_to_end(&mut bytes).map_err(|e| damaged(&e))?;
    if bytes.len() as u64 > most {
        return Err("is longer than the archive says".to_owned());
    }
    // ndarray-npy takes as much memory as the header says that it is long.
    let length = |at: usize| Some(u32::from_le_bytes(*bytes.get(at..)?.first_chunk()?) as usize);
    if bytes.get(6).is_some_and(|version| *version > 1) && length(8).is_none_or(|size| size > bytes.len()) {
        return Err("is cut within its header".to_owned());
    }
    Ok(AVec::from_slice(align_of::<f64>(), &bytes))
}

fn list(names: &[String]) -> String {
    if names.is_empty() { "no arrays".to_owned() } else { names.join(", ") }
}
