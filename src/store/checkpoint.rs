//! `checkpoints/<run_key>.safetensors`: a run in progress, with a digest that shows damage.
//!
//! The arrays are the file's tensors. Its metadata hold the run's progress and its processors, as JSON. The file is removed once the
//! run's record is written. No run is resumed from a damaged file.

use super::files;
use super::machine::{Processor, instruction_set};
use crate::data::digest::{Digest, agree};
use crate::error::Result;
use crate::regular;
use crate::training::{Arrays, Checkpoint, NUMERICS_VERSION, RunProgress};
use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use std::collections::HashMap;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// The marker of the file format.
const FORMAT: &str = "aesparse checkpoint 2";
/// The marker of the earlier format, without processors.
const EARLIER_FORMAT: &str = "aesparse checkpoint 1";

pub(super) const FOLDER: &str = "checkpoints";
const EXTENSION: &str = "safetensors";

/// A checkpoint with the processors that its run was computed on.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredCheckpoint {
    /// The checkpoint.
    pub checkpoint: Checkpoint<f32>,
    /// The processors, each once; the last one wrote the checkpoint.
    pub processors: Vec<Processor>,
    /// Their architecture.
    architecture: String,
}

impl StoredCheckpoint {
    /// The processors other than this machine's.
    pub fn earlier_processors(&self) -> Vec<Processor> {
        let here = Processor::detect();
        self.processors.iter().filter(|processor| **processor != here).cloned().collect()
    }

    /// Checks that this machine would have computed the same numbers, by instruction set and architecture.
    ///
    /// # Errors
    /// A sentence that names both processors.
    pub(super) fn check_numerics(&self) -> Result<(), String> {
        let (here, architecture) = (instruction_set(), std::env::consts::ARCH);
        let is_other = |processor: &&Processor| processor.instruction_set != here;
        let found = match self.processors.iter().find(is_other) {
            Some(other) => other.to_string(),
            None if self.architecture != architecture => format!("the architecture {}", self.architecture),
            None => return Ok(()),
        };
        let expected = Processor::detect();
        Err(format!(
            "it was computed on {found}, and this is {expected} ({architecture}): the last digits of sums differ between them; \
             --resume-anywhere resumes it all the same, and the record then names both"
        ))
    }
}

/// The path of a run's checkpoint in the results folder `folder`.
pub(super) fn path(folder: &Path, run_key: &str) -> PathBuf {
    folder.join(FOLDER).join(format!("{run_key}.{EXTENSION}"))
}

/// Reads the checkpoint of the run `run_key`, if it exists.
///
/// # Errors
/// A sentence, where the run can't be resumed from it.
pub(super) fn read(folder: &Path, run_key: &str) -> Result<Option<StoredCheckpoint>, String> {
    match regular::read(&path(folder, run_key)) {
        Ok(bytes) => decode(&bytes, run_key).map(Some),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(format!("it can't be read: {error}")),
    }
}

/// Removes the checkpoints of runs that are `is_finished`.
///
/// # Errors
/// Where one can't be removed.
pub(super) fn remove(folder: &Path, is_finished: impl Fn(&str) -> bool) -> Result<()> {
    for path in files::entries(&folder.join(FOLDER))? {
        let is_ours = path.extension().is_some_and(|extension| extension == EXTENSION);
        if is_ours && path.file_stem().and_then(|stem| stem.to_str()).is_some_and(&is_finished) {
            // No error where it is missing: another worker may have removed it.
            files::remove_file(&path)?;
        }
    }
    Ok(())
}

/// Removes the folder of checkpoints if it is empty. Call this when no run is in progress.
pub(super) fn remove_folder(folder: &Path) {
    // Fails where checkpoints remain.
    let _ = fs::remove_dir(folder.join(FOLDER));
}

/// The content of the checkpoint file of the run `run_key`, which was computed on `processors`.
///
/// # Errors
/// A sentence, where the content can't be encoded.
pub(super) fn encode(
    run_key: &str,
    checkpoint: &Checkpoint<f32>,
    processors: &[Processor],
) -> Result<Vec<u8>, String> {
    let json = |json: serde_json::Result<String>| json.map_err(|e| e.to_string());
    let progress = json(serde_json::to_string(&checkpoint.progress))?;
    let processors = json(serde_json::to_string(processors))?;
    let architecture = std::env::consts::ARCH;
    let arrays: Vec<(&str, Vec<u8>)> =
        checkpoint.arrays.named().map(|(name, values)| (name, bytes_of(values))).to_vec();
    let texts = [run_key, architecture, &processors, &progress];
    let digest = digest(texts, arrays.iter().map(|(_, bytes)| bytes.as_slice()));
    let metadata = [
        ("format", FORMAT.to_owned()),
        ("run_key", run_key.to_owned()),
        ("numerics", NUMERICS_VERSION.to_string()),
        ("architecture", architecture.to_owned()),
        ("processors", processors),
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

fn decode(bytes: &[u8], run_key: &str) -> Result<StoredCheckpoint, String> {
    let damaged = |e: safetensors::SafeTensorError| format!("damaged: {e}");
    let (_, header) = SafeTensors::read_metadata(bytes).map_err(damaged)?;
    let tensors = SafeTensors::deserialize(bytes).map_err(damaged)?;
    let metadata = header.metadata().as_ref().ok_or("not a checkpoint: it has no metadata")?;
    let text = |key: &str| metadata.get(key).map(String::as_str).unwrap_or_default();
    if text("format") == EARLIER_FORMAT {
        return Err("an earlier version has written it, which didn't say on which instruction set".to_owned());
    }
    if text("format") != FORMAT {
        return Err(format!("its format is `{}`, expected `{FORMAT}`", text("format")));
    }
    if text("run_key") != run_key {
        return Err(format!("it is of the run {}, which is not its name", text("run_key")));
    }
    if text("numerics") != NUMERICS_VERSION.to_string() {
        return Err("a version of the program with other numerics has written it".to_owned());
    }
    let [architecture, processors, progress] = ["architecture", "processors", "progress"].map(text);
    let data = |name: &str| tensors.tensor(name).ok().filter(|tensor| tensor.dtype() == Dtype::F32);
    let arrays = Arrays::from_named(|name| data(name).map(|tensor| values_of(tensor.data())))
        .map_err(|name| format!("damaged: the array `{name}` is missing"))?;
    // The digest takes the arrays in the order of `Arrays::named`, not in the file's order.
    let stored = arrays.named().map(|(name, _)| data(name).map_or(&[][..], |tensor| tensor.data()));
    let texts = [run_key, architecture, processors, progress];
    if !agree(&digest(texts, stored.into_iter()), text("sha256")) {
        return Err("damaged: its content does not match its digest".to_owned());
    }
    let no_checkpoint = |e: serde_json::Error| format!("not a checkpoint: {e}");
    let progress: RunProgress = serde_json::from_str(progress).map_err(no_checkpoint)?;
    let processors: Vec<Processor> = serde_json::from_str(processors).map_err(no_checkpoint)?;
    if processors.is_empty() {
        return Err("not a checkpoint: it names no processor".to_owned());
    }
    let checkpoint = Checkpoint { progress, arrays };
    Ok(StoredCheckpoint { checkpoint, processors, architecture: architecture.to_owned() })
}

/// The digest of everything that a run is resumed from. Each part is preceded by its length, so that no bytes can move between parts.
fn digest<'a>(texts: [&'a str; 4], arrays: impl Iterator<Item = &'a [u8]>) -> String {
    let mut digest = Digest::new();
    for part in texts.map(str::as_bytes).into_iter().chain(arrays) {
        digest.update(&(part.len() as u64).to_le_bytes());
        digest.update(part);
    }
    digest.finish()
}

fn bytes_of(values: &[f32]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_le_bytes()).collect()
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
        let progress = RunProgress {
            steps: 12,
            every: 2,
            // Numbers that rounding to fewer digits would change.
            loss: 0.1 + 0.2,
            regularizer: vec![u64::MAX, 1.5_f64.to_bits()],
            measurements: Vec::new(),
            theory: None,
            distribution: None,
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

    /// Writes [`checkpoint`] as computed on the processors `earlier` and on this one.
    fn write(folder: &Path, earlier: &[Processor]) {
        let bytes = encode(KEY, &checkpoint(), &[earlier, &[Processor::detect()]].concat()).unwrap();
        crate::atomic::write(&path(folder, KEY), &bytes).unwrap();
    }

    #[test]
    fn a_checkpoint_is_read_back_bit_for_bit() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(read(folder.path(), KEY), Ok(None));
        write(folder.path(), &[]);
        let found = read(folder.path(), KEY).unwrap().unwrap();
        assert_eq!(
            (&found.checkpoint, found.processors.as_slice()),
            (&checkpoint(), &[Processor::detect()][..])
        );
        assert!(found.checkpoint.arrays.weights[1].is_sign_negative());
        assert!(found.check_numerics().is_ok() && found.earlier_processors().is_empty());
        remove(folder.path(), |key| key != KEY).unwrap();
        assert!(read(folder.path(), KEY).unwrap().is_some());
        remove(folder.path(), |key| key == KEY).unwrap();
        assert_eq!(read(folder.path(), KEY), Ok(None));
        remove_folder(folder.path());
        assert!(!folder.path().join(FOLDER).exists());
    }

    fn elsewhere(instruction_set: &str) -> Processor {
        Processor { cpu_model: Some("Z80".to_owned()), instruction_set: instruction_set.to_owned() }
    }

    #[test]
    fn a_checkpoint_of_another_instruction_set_is_refused_by_its_name() {
        let folder = tempfile::tempdir().unwrap();
        let resumed = |earlier: &[Processor]| {
            write(folder.path(), earlier);
            read(folder.path(), KEY).unwrap().unwrap()
        };
        let other = elsewhere("z80");
        let found = resumed(std::slice::from_ref(&other));
        assert_eq!(found.earlier_processors(), [other]);
        let problem = found.check_numerics().unwrap_err();
        for part in ["Z80, z80", &Processor::detect().to_string(), "--resume-anywhere"] {
            assert!(problem.contains(part), "{problem} lacks {part}");
        }
        // Another processor with the same instruction set gives the same numbers.
        let same = elsewhere(instruction_set());
        let found = resumed(std::slice::from_ref(&same));
        assert_eq!((found.check_numerics(), found.earlier_processors()), (Ok(()), vec![same]));
        let foreign = StoredCheckpoint { architecture: "z80".to_owned(), ..found };
        assert!(foreign.check_numerics().unwrap_err().contains("the architecture z80"));
    }

    #[test]
    fn the_earlier_format_is_refused() {
        let (old, new) = (EARLIER_FORMAT.as_bytes(), FORMAT.as_bytes());
        let mut bytes = encode(KEY, &checkpoint(), &[]).unwrap();
        let place = bytes.windows(new.len()).position(|window| window == new).unwrap();
        bytes[place..place + old.len()].copy_from_slice(old);
        assert!(decode(&bytes, KEY).unwrap_err().contains("on which instruction set"));
    }

    #[test]
    fn every_changed_bit_is_noticed() {
        let whole = encode(KEY, &checkpoint(), &[elsewhere("z80")]).unwrap();
        let expected = decode(&whole, KEY).unwrap();
        for place in 0..whole.len() {
            for bit in 0..8 {
                let mut bytes = whole.clone();
                bytes[place] ^= 1 << bit;
                // A changed bit may turn the name of a field into one that is never read.
                if let Ok(read) = decode(&bytes, KEY) {
                    assert_eq!(read, expected, "bit {bit} of byte {place}");
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
