//! The weights in a results folder, and beside each file of weights its digest, `weights/<run_key>/{initial,final}.json`, with the
//! run's key. Weights of versions without digests are checked against the run's shape only.

use super::encoder::EncoderSpec;
use super::record::Record;
use super::results::Results;
use super::run::StoredRun;
use super::weights::{self, Moment, Weights, WeightsFile, weights_path};
use super::{files, sealed};
use crate::atomic;
use crate::data::digest::{agree, sha256};
use crate::error::{Error, Result};
use crate::training::RunSpec;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The marker of the file format.
const FORMAT: &str = "aesparse weights 1";

/// The digest of a file of weights, with the key of its run.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WeightsDigest {
    run_key: String,
    weights_sha256: String,
}

impl WeightsDigest {
    /// The path of the digest of the weights at `path`.
    pub(super) fn path(path: &Path) -> PathBuf {
        path.with_extension("json")
    }

    /// Reads the digest of the weights at `path`; `None` where it is missing.
    fn read(path: &Path, fix: &str) -> Result<Option<Self>> {
        let digest = Self::path(path);
        let Some(bytes) = files::read_optional(&digest, fix)? else { return Ok(None) };
        let content = sealed::open(&bytes, FORMAT, "file of weights' digests");
        let read = content.and_then(|content| serde_json::from_value(content).map_err(|e| e.to_string()));
        read.map(Some).map_err(|problem| {
            let name = digest.file_name().unwrap_or_default().display();
            Error::store(path, format!("{name} beside it can't be trusted: {problem}"), fix)
        })
    }

    /// Checks that `bytes` are the weights of the run `run_key`.
    fn check(&self, run_key: &str, bytes: &[u8]) -> Result<(), String> {
        let found = sha256(bytes);
        if self.run_key != run_key {
            return Err(format!("the weights of another run, {}", self.run_key));
        }
        if !agree(&found, &self.weights_sha256) {
            let beginning = |digest: &str| digest.chars().take(12).collect::<String>();
            let (found, expected) = (beginning(&found), beginning(&self.weights_sha256));
            return Err(format!(
                "not the weights that the run has left: the SHA-256 is {found}…, expected {expected}…"
            ));
        }
        Ok(())
    }
}

/// The fix in errors about weights that can't be trusted.
fn fix(moment: Moment) -> String {
    let asked = match moment {
        Moment::Initial => "initial_and_final",
        Moment::Final => "final",
    };
    format!(
        "move it away, or run its configuration with -o output.weights={asked}, which sets it aside and trains its run again"
    )
}

/// Writes weights of the run `run_key`, the description of their `encoder`, and the digest of the file.
///
/// # Errors
/// Where they can't be written.
pub(super) fn write(
    folder: &Path,
    run_key: &str,
    moment: Moment,
    weights: &Weights,
    encoder: Option<&EncoderSpec>,
) -> Result<()> {
    let path = weights_path(folder, run_key, moment);
    let refuse = |problem: String| {
        Error::store(&path, problem, "set `output.weights = \"none\"` to train without keeping weights")
    };
    let bytes = weights.archive(encoder).map_err(refuse)?;
    let digest = WeightsDigest { run_key: run_key.to_owned(), weights_sha256: sha256(&bytes) };
    let digest = sealed::seal(FORMAT, digest).map_err(refuse)?;
    atomic::write(&path, &bytes)?;
    atomic::write(&WeightsDigest::path(&path), &digest)
}

/// The bytes of the weights of the run of `record` in the results folder `folder`, and whether they have been checked against a digest;
/// `None` where there are no weights.
///
/// # Errors
/// [`Error::Store`] where the digest shows that they are damaged or another run's; [`Error::Io`] where they can't be read.
fn content(folder: &Path, record: &Record, moment: Moment) -> Result<Option<(Vec<u8>, bool)>> {
    let (path, fix) = (weights_path(folder, &record.run_key, moment), fix(moment));
    let Some(bytes) = files::read_optional(&path, &fix)? else { return Ok(None) };
    let Some(digest) = WeightsDigest::read(&path, &fix)? else { return Ok(Some((bytes, false))) };
    digest.check(&record.run_key, &bytes).map_err(|problem| Error::store(&path, problem, &fix))?;
    Ok(Some((bytes, true)))
}

/// The weights in `bytes`, which must have the shapes of the run of `record`.
fn decode(bytes: &[u8], record: &Record) -> Result<WeightsFile, String> {
    let RunSpec { hidden, inputs, decoder_bias: has_bias, .. } = record.spec;
    let file = WeightsFile::decode(bytes, (hidden, inputs))?;
    if let Some(encoder) = file.encoder.as_ref().filter(|encoder| encoder.run_key != record.run_key) {
        return Err(format!("the weights of another run, {}", encoder.run_key));
    }
    if has_bias == file.weights.b_d.is_some() {
        return Ok(file);
    }
    let (found, expected) = if has_bias { ("no", "one") } else { ("an", "none") };
    Err(format!("it has {found} array `b_d`, but the run's decoder has {expected}"))
}

/// Checks the weights of the run of `record` in the results folder `folder`. Returns whether there are any.
///
/// # Errors
/// [`Error::Store`] where they are damaged or another run's; [`Error::Io`] where they can't be read.
pub(super) fn check(folder: &Path, record: &Record, moment: Moment) -> Result<bool> {
    match content(folder, record, moment)? {
        None => Ok(false),
        Some((_, true)) => Ok(true),
        Some((bytes, false)) => read(folder, record, moment, &bytes).map(|_| true),
    }
}

fn read(folder: &Path, record: &Record, moment: Moment, bytes: &[u8]) -> Result<WeightsFile> {
    let refuse = |problem| Error::store(weights_path(folder, &record.run_key, moment), problem, fix(moment));
    decode(bytes, record).map_err(refuse)
}

/// The moments of `asked` whose weights the finished run of `record` keeps.
pub(super) fn due<'m>(record: &Record, asked: &'m [Moment]) -> impl Iterator<Item = Moment> + use<'m> {
    let status = record.status;
    asked.iter().copied().filter(move |moment| moment.is_left(status))
}

/// Whether weights that the finished run of `record` had kept are lost, so that the run is to be trained again: they are damaged, another
/// run's, or were set aside.
///
/// # Errors
/// Where they can't be read.
pub fn has_lost_weights(folder: &Path, record: &Record, asked: &[Moment]) -> Result<bool> {
    for moment in due(record, asked) {
        match check(folder, record, moment) {
            Ok(true) => {}
            Ok(false) if !files::was_set_aside(&weights_path(folder, &record.run_key, moment)) => {}
            Ok(false) | Err(Error::Store { .. }) => return Ok(true),
            Err(error) => return Err(error),
        }
    }
    Ok(false)
}

/// Copies the weights of the run `run_key` and their digest, where there are any, from the results folder `from` to `to`.
///
/// # Errors
/// Where they can't be read or written.
pub(super) fn copy(from: &Path, to: &Path, run_key: &str, moment: Moment) -> Result<()> {
    let path = |folder| weights_path(folder, run_key, moment);
    for (from, to) in
        [(path(from), path(to)), (WeightsDigest::path(&path(from)), WeightsDigest::path(&path(to)))]
    {
        if let Some(bytes) = files::read_if_there(&from)? {
            atomic::write(&to, &bytes)?;
        }
    }
    Ok(())
}

/// The keys of runs that are finished except for lost weights, each with the moments that were asked for.
pub(super) type LostWeights = BTreeMap<String, Vec<Moment>>;

impl Results {
    /// The weights of `run`, a run of these results; `None` where they were not kept.
    ///
    /// # Errors
    /// [`Error::Store`] where they are damaged or another run's; [`Error::Io`] where they can't be read.
    pub fn weights(&self, run: &StoredRun, moment: Moment) -> Result<Option<WeightsFile>> {
        let content = content(&self.folder, &run.record, moment)?;
        content.map(|(bytes, _)| read(&self.folder, &run.record, moment, &bytes)).transpose()
    }

    /// An error for each file of weights of these runs that can't be trusted.
    ///
    /// # Errors
    /// Where a file can't be read.
    pub fn damaged_weights(&self) -> Result<Vec<Error>> {
        let mut damaged = Vec::new();
        if !self.folder.join(weights::FOLDER).is_dir() {
            return Ok(damaged);
        }
        let records: BTreeMap<_, _> =
            self.runs.iter().map(|run| (&run.record.run_key, &run.record)).collect();
        for record in records.values() {
            for moment in Moment::ALL {
                match check(&self.folder, record, moment) {
                    Ok(_) => {}
                    Err(error @ Error::Store { .. }) => damaged.push(error),
                    Err(error) => return Err(error),
                }
            }
        }
        Ok(damaged)
    }
}
