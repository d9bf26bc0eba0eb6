//! `checkpoints/<run_key>.safetensors`: a run in progress, with a digest that shows damage.
//!
//! The arrays stand in the file as such; how far the run is stands in its metadata, as JSON under `progress`. The file is
//! removed once the run's record is there. What is damaged is never gone on from.

use super::files;
use crate::atomic;
use crate::data::digest::{Digest, agree};
use crate::error::{Error, Result};
use crate::training::{Arrays, Checkpoint, NUMERICS_VERSION, Progress};
use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use std::collections::HashMap;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// The marker of the file format.
const FORMAT: &str = "aesparse checkpoint 1";

const FOLDER: &str = "checkpoints";
const EXTENSION: &str = "safetensors";

/// Where the checkpoint of a run is kept in the results folder `folder`.
pub(super) fn path(folder: &Path, run_key: &str) -> PathBuf {
    folder.join(FOLDER).join(format!("{run_key}.{EXTENSION}"))
}

/// Writes the checkpoint of the run `run_key`.
///
/// # Errors
/// Where it can't be written.
pub(super) fn write(folder: &Path, run_key: &str, checkpoint: &Checkpoint<f32>) -> Result<()> {
    let path = path(folder, run_key);
    let bytes = encode(run_key, checkpoint)
        .map_err(|problem| Error::store(&path, problem, "set `output.checkpoint = \"none\"`"))?;
    atomic::write(&path, &bytes)
}

/// The checkpoint of the run `run_key`, if there is one.
///
/// # Errors
/// A sentence, where it can't be read or gone on from.
pub(super) fn read(folder: &Path, run_key: &str) -> Result<Option<Checkpoint<f32>>, String> {
    match fs::read(path(folder, run_key)) {
        Ok(bytes) => decode(&bytes, run_key).map(Some),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(format!("it can't be read: {error}")),
    }
}

/// Removes the checkpoints of runs that are finished.
///
/// # Errors
/// Where one can't be removed.
pub(super) fn remove(folder: &Path, is_finished: impl Fn(&str) -> bool) -> Result<()> {
    for path in files::entries(&folder.join(FOLDER))? {
        let is_ours = path.extension().is_some_and(|extension| extension == EXTENSION);
        if is_ours && path.file_stem().and_then(|stem| stem.to_str()).is_some_and(&is_finished) {
            match fs::remove_file(&path) {
                // Another worker has removed it.
                Err(error) if error.kind() == ErrorKind::NotFound => (),
                removed => removed.map_err(Error::io("remove", &path))?,
            }
        }
    }
    Ok(())
}

/// Removes the folder of checkpoints where it is empty; to be done when no run goes on.
pub(super) fn remove_folder(folder: &Path) {
    // Refused as long as there are any.
    let _ = fs::remove_dir(folder.join(FOLDER));
}

fn encode(run_key: &str, checkpoint: &Checkpoint<f32>) -> Result<Vec<u8>, String> {
    let progress = serde_json::to_string(&checkpoint.progress).map_err(|e| e.to_string())?;
    let arrays: Vec<(&str, Vec<u8>)> =
        checkpoint.arrays.named().map(|(name, values)| (name, bytes_of(values))).to_vec();
    let digest = digest(run_key, &progress, arrays.iter().map(|(_, bytes)| bytes.as_slice()));
    let metadata = [
        ("format", FORMAT.to_owned()),
        ("run_key", run_key.to_owned()),
        ("numerics", NUMERICS_VERSION.to_string()),
        ("progress", progress),
        ("sha256", digest),
    ];
    let metadata: HashMap<String, String> =
        metadata.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
    let views = arrays.iter().map(|(name, bytes)| {
        TensorView::new(Dtype::F32, vec![bytes.len() / 4], bytes).map(|view| (*name, view))
    });
    let views: Vec<_> = views.collect::<Result<_, _>>().map_err(|e| e.to_string())?;
    safetensors::serialize(views, Some(metadata)).map_err(|e| e.to_string())
}

fn decode(bytes: &[u8], run_key: &str) -> Result<Checkpoint<f32>, String> {
    let damaged = |e: safetensors::SafeTensorError| format!("damaged: {e}");
    let (_, header) = SafeTensors::read_metadata(bytes).map_err(damaged)?;
    let tensors = SafeTensors::deserialize(bytes).map_err(damaged)?;
    let metadata = header.metadata().as_ref().ok_or("not a checkpoint: it has no metadata")?;
    let text = |key: &str| metadata.get(key).map(String::as_str).unwrap_or_default();
    if text("format") != FORMAT {
        return Err(format!("its format is `{}`, expected `{FORMAT}`", text("format")));
    }
    if text("run_key") != run_key {
        return Err(format!("it is of the run {}, which is not its name", text("run_key")));
    }
    if text("numerics") != NUMERICS_VERSION.to_string() {
        return Err("a version of the program with other numerics has written it".to_owned());
    }
    let progress = text("progress");
    let data = |name: &str| tensors.tensor(name).ok().filter(|tensor| tensor.dtype() == Dtype::F32);
    let arrays = Arrays::from_named(|name| data(name).map(|tensor| values_of(tensor.data())))
        .map_err(|name| format!("damaged: the array `{name}` is missing"))?;
    // In the order of their names, whatever the file's.
    let stored = arrays.named().map(|(name, _)| data(name).map_or(&[][..], |tensor| tensor.data()));
    if !agree(&digest(run_key, progress, stored.into_iter()), text("sha256")) {
        return Err("damaged: its content does not match its digest".to_owned());
    }
    let progress: Progress = serde_json::from_str(progress).map_err(|e| format!("not a checkpoint: {e}"))?;
    Ok(Checkpoint { progress, arrays })
}

/// Of everything that is gone on from; each part's length stands before it, so that none can pass for another.
fn digest<'a>(run_key: &'a str, progress: &'a str, arrays: impl Iterator<Item = &'a [u8]>) -> String {
    let mut digest = Digest::new();
    for part in [run_key.as_bytes(), progress.as_bytes()].into_iter().chain(arrays) {
        digest.update(&(part.len() as u64).to_le_bytes());
        digest.update(part);
    }
    digest.finish()
}

fn bytes_of(values: &[f32]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(4 * values.len());
    for value in values {
        bytes.extend_from_slice(&value.to_le_bytes());
    }
    bytes
}

fn values_of(bytes: &[u8]) -> Vec<f32> {
    let (chunks, _) = bytes.as_chunks::<4>();
    chunks.iter().map(|chunk| f32::from_le_bytes(*chunk)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "0123456789abcdef";

    fn checkpoint() -> Checkpoint<f32> {
        let progress = Progress {
            steps: 12,
            every: 2,
            // Numbers that a rounded text would change.
            loss: 0.1 + 0.2,
            regularizer: vec![u64::MAX, 1.5_f64.to_bits()],
            measurements: Vec::new(),
            theory: None,
        };
        let arrays = Arrays {
            weights: vec![1.0, -0.0, f32::MIN_POSITIVE, 1.0 / 3.0],
            bias: vec![0.5, -2.0],
            decoder_bias: Vec::new(),
            squared_norms: vec![1.0, 1.0 / 9.0],
            weights_velocity: vec![1e-30; 4],
            bias_velocity: vec![0.25, 0.0],
            decoder_bias_velocity: Vec::new(),
        };
        Checkpoint { progress, arrays }
    }

    #[test]
    fn what_is_written_is_read_back_bit_for_bit() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(read(folder.path(), KEY), Ok(None));
        write(folder.path(), KEY, &checkpoint()).unwrap();
        let found = read(folder.path(), KEY).unwrap().unwrap();
        assert_eq!(found, checkpoint());
        assert!(found.arrays.weights[1].is_sign_negative());
        remove(folder.path(), |key| key != KEY).unwrap();
        assert!(read(folder.path(), KEY).unwrap().is_some());
        remove(folder.path(), |key| key == KEY).unwrap();
        assert_eq!(read(folder.path(), KEY), Ok(None));
        remove_folder(folder.path());
        assert!(!folder.path().join(FOLDER).exists());
    }

    #[test]
    fn no_bit_can_change_unnoticed() {
        let whole = encode(KEY, &checkpoint()).unwrap();
        for place in 0..whole.len() {
            for bit in 0..8 {
                let mut bytes = whole.clone();
                bytes[place] ^= 1 << bit;
                // The names of the format's own fields can be changed to others that nobody reads.
                if let Ok(read) = decode(&bytes, KEY) {
                    assert_eq!(read, checkpoint(), "bit {bit} of byte {place}");
                }
            }
        }
        for length in 0..whole.len() {
            assert!(decode(&whole[..length], KEY).is_err(), "cut to {length} bytes");
        }
        assert!(decode(&[&whole[..], b" "].concat(), KEY).is_err());
        assert!(decode(&whole, "fedcba9876543210").is_err());
    }
}
