//! Weights that runs have kept, and `weights/<run_key>/{initial,final}.json` beside them, which tie each file to its run by the
//! run's key and a digest. Versions before there was such a file have left weights alone: these are held against the run's shape.

use super::record::Record;
use super::results::Results;
use super::run::StoredRun;
use super::weights::{Moment, Weights, WeightsFile, weights_path};
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

/// What ties a file of weights to its run.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Tie {
    run_key: String,
    weights_sha256: String,
}

impl Tie {
    /// Where the tie of the weights at `path` is kept.
    pub(super) fn path(path: &Path) -> PathBuf {
        path.with_extension("json")
    }

    /// Reads the tie of the weights at `path`; `None` where there is none.
    fn read(path: &Path, fix: &str) -> Result<Option<Self>> {
        let tie = Self::path(path);
        let Some(bytes) = files::read_optional(&tie, fix)? else { return Ok(None) };
        let content = sealed::open(&bytes, FORMAT, "file of weights' digests");
        let read = content.and_then(|content| serde_json::from_value(content).map_err(|e| e.to_string()));
        read.map(Some).map_err(|problem| {
            let name = tie.file_name().unwrap_or_default().display();
            Error::store(path, format!("{name} beside it can't be trusted: {problem}"), fix)
        })
    }

    /// Checks that `bytes` are what the run `run_key` has left.
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

/// What to do about weights that can't be trusted.
fn fix(moment: Moment) -> String {
    let asked = match moment {
        Moment::Initial => "initial_and_final",
        Moment::Final => "final",
    };
    format!(
        "move it away, or run its configuration with -o output.weights={asked}, which sets it aside and trains its run again"
    )
}

/// Writes weights of the run `run_key`, and what ties them to it.
///
/// # Errors
/// Where they can't be written.
pub(super) fn write(folder: &Path, run_key: &str, moment: Moment, weights: &Weights) -> Result<()> {
    let path = weights_path(folder, run_key, moment);
    let refuse = |problem: String| {
        Error::store(&path, problem, "set `output.weights = \"none\"` to train without keeping weights")
    };
    let bytes = weights.encode().map_err(refuse)?;
    let tie = Tie { run_key: run_key.to_owned(), weights_sha256: sha256(&bytes) };
    let tie = sealed::seal(FORMAT, tie).map_err(refuse)?;
    atomic::write(&path, &bytes)?;
    atomic::write(&Tie::path(&path), &tie)
}

/// The content of the weights of the run of `record` in the results folder `folder`, and whether a tie vouches for it; `None` where
/// there are none.
///
/// # Errors
/// [`Error::Store`] where they are another run's or damaged, as far as a tie says; [`Error::Io`] where they can't be read.
fn content(folder: &Path, record: &Record, moment: Moment) -> Result<Option<(Vec<u8>, bool)>> {
    let (path, fix) = (weights_path(folder, &record.run_key, moment), fix(moment));
    let Some(bytes) = files::read_optional(&path, &fix)? else { return Ok(None) };
    let Some(tie) = Tie::read(&path, &fix)? else { return Ok(Some((bytes, false))) };
    tie.check(&record.run_key, &bytes).map_err(|problem| Error::store(&path, problem, &fix))?;
    Ok(Some((bytes, true)))
}

/// The weights in `bytes`, which must have the shapes of the run of `record`.
fn decode(bytes: &[u8], record: &Record) -> Result<Weights, String> {
    let RunSpec { hidden, inputs, decoder_bias: has_bias, .. } = record.spec;
    let weights = Weights::decode(bytes, (hidden, inputs))?;
    if has_bias == weights.b_d.is_some() {
        return Ok(weights);
    }
    let (found, expected) = if has_bias { ("no", "one") } else { ("an", "none") };
    Err(format!("it has {found} array `b_d`, but the run's decoder has {expected}"))
}

/// Checks the weights of the run of `record` in the results folder `folder`; whether there are any.
///
/// # Errors
/// [`Error::Store`] where they are another run's, or damaged; [`Error::Io`] where they can't be read.
pub(super) fn check(folder: &Path, record: &Record, moment: Moment) -> Result<bool> {
    match content(folder, record, moment)? {
        None => Ok(false),
        Some((_, true)) => Ok(true),
        Some((bytes, false)) => read(folder, record, moment, &bytes).map(|_| true),
    }
}

fn read(folder: &Path, record: &Record, moment: Moment, bytes: &[u8]) -> Result<WeightsFile> {
    let refuse = |problem| Error::store(weights_path(folder, &record.run_key, moment), problem, fix(moment));
    Ok(WeightsFile { weights: decode(bytes, record).map_err(refuse)?, sha256: sha256(bytes) })
}

/// The moments of `asked` whose weights a finished run leaves.
pub(super) fn due<'m>(record: &Record, asked: &'m [Moment]) -> impl Iterator<Item = Moment> + use<'m> {
    let status = record.status;
    asked.iter().copied().filter(move |moment| moment.is_left(status))
}

/// Whether weights of the finished run of `record` are there no more although it has left them, so that it is to be trained again:
/// damaged ones, another run's, and those that were set aside.
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

/// Copies the weights of the run of `record`, where there are any, with what ties them to it, from the results folder `from` to `to`.
///
/// # Errors
/// [`Error::Store`] where they are another run's, or damaged; where they can't be read or written.
pub(super) fn copy(from: &Path, to: &Path, record: &Record, moment: Moment) -> Result<()> {
    check(from, record, moment)?;
    let path = |folder| weights_path(folder, &record.run_key, moment);
    for (from, to) in [(path(from), path(to)), (Tie::path(&path(from)), Tie::path(&path(to)))] {
        if let Some(bytes) = files::read_if_there(&from)? {
            atomic::write(&to, &bytes)?;
        }
    }
    Ok(())
}

/// Runs that are finished but for weights that were lost, by run key, with the moments that were asked for.
pub(super) type Lost = BTreeMap<String, Vec<Moment>>;

impl Results {
    /// The weights of `run`, one of these; `None` where they were not kept.
    ///
    /// # Errors
    /// [`Error::Store`] where they are another run's, or damaged; [`Error::Io`] where they can't be read.
    pub fn weights(&self, run: &StoredRun, moment: Moment) -> Result<Option<WeightsFile>> {
        let content = content(&self.folder, &run.record, moment)?;
        content.map(|(bytes, _)| read(&self.folder, &run.record, moment, &bytes)).transpose()
    }

    /// What is wrong with the weights that these runs have kept, for each file that is not to be trusted.
    ///
    /// # Errors
    /// Where one can't be read.
    pub fn damaged_weights(&self) -> Result<Vec<Error>> {
        let mut damaged = Vec::new();
        if !self.folder.join("weights").is_dir() {
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
