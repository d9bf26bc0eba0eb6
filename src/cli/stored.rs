//! Stored results, and a run as it was trained: its weights and its data, checked against what its record says.

use super::messages::Messages;
use super::prepare::data_folders;
use aesparse::data::digest::sha256;
use aesparse::data::{self, DataSpec, Dataset, Standardize};
use aesparse::error::{Error, Result};
use aesparse::experiment::{Config, config};
use aesparse::store::{Moment, Results, StoredRun, Weights, WeightsFile, weights_path};
use aesparse::training::{Status, settings_of};
use serde_json::Value as Json;
use std::fs;
use std::path::{Path, PathBuf};

/// The results in `directory`, a results folder or a root with such folders; warns of those that have no tables yet.
///
/// # Errors
/// Those of [`Results::read_all`].
pub(super) fn read_all(directory: &Path, messages: &Messages) -> Result<Vec<Results>> {
    let results = Results::read_all(directory)?;
    warn_of_unread(directory, messages)?;
    Ok(results)
}

/// Warns of what is in `directory` and has no tables yet.
///
/// # Errors
/// Those of [`Results::unread`].
pub(super) fn warn_of_unread(directory: &Path, messages: &Messages) -> Result<()> {
    Results::unread(directory)?.into_iter().for_each(|left_out| messages.warning(left_out));
    Ok(())
}

/// The final weights of `run`, one of `results`; `None` where they were not kept.
///
/// # Errors
/// Where they are damaged or not the run's.
pub(super) fn final_weights(results: &Results, run: &StoredRun) -> Result<Option<WeightsFile>> {
    let path = weights_path(&results.folder, &run.settings.run_key, Moment::Final);
    if !path.exists() {
        return Ok(None);
    }
    let refuse = |problem: String| {
        let fix = "move it away, or train its configuration again with --fresh -o output.weights=final";
        Error::store(&path, problem, fix)
    };
    let bytes = fs::read(&path).map_err(Error::io("read", &path))?;
    let weights = Weights::decode(&bytes).map_err(refuse)?;
    let identity = settings_of(&run.record.identity);
    let is = |key: &str, size: usize| identity.get(key).and_then(Json::as_u64) == Some(size as u64);
    let (hidden, inputs) = weights.w.dim();
    if !is("hidden", hidden) || !is("inputs", inputs) {
        return Err(refuse(format!(
            "W has the shape [{hidden}, {inputs}], but the run has [{}, {}] (hidden units, inputs)",
            run.record.identity["hidden"], run.record.identity["inputs"]
        )));
    }
    let has_bias = identity.get("decoder_bias").and_then(Json::as_bool) == Some(true);
    if has_bias != weights.b_d.is_some() {
        let (found, expected) = if has_bias { ("no", "one") } else { ("an", "none") };
        return Err(refuse(format!("it has {found} array `b_d`, but the run's decoder has {expected}")));
    }
    Ok(Some(WeightsFile { weights, sha256: sha256(&bytes) }))
}

/// Why there are no final weights of `run`, and how to get them.
pub(super) fn no_weights(results: &Results, run: &StoredRun) -> Error {
    let path = weights_path(&results.folder, &run.settings.run_key, Moment::Final);
    match run.record.status {
        Status::Diverged { epoch, .. } => {
            let problem = format!("the run diverged in epoch {epoch} and left no final weights");
            Error::store(path, problem, "choose another run, or train it at a smaller learning rate")
        }
        Status::Completed => Error::store(
            path,
            "the run's final weights were not kept",
            "train its configuration with -o output.weights=final, and with --fresh in the same folder",
        ),
    }
}

/// The configuration in the manifest of `results`. It doesn't say where it stood: paths in it are taken relative to the current
/// directory, and that of one's own data which aren't there relative to `data_dir`.
///
/// # Errors
/// Where it can't be used, or standardises otherwise than `run` was trained.
pub(super) fn configuration(results: &Results, run: &StoredRun, data_dir: Option<&Path>) -> Result<Config> {
    let path = manifest(results);
    let text = results.manifest.config.to_string();
    let again = "run its configuration again, which writes the folder's files from its records";
    let read = |base: &Path| {
        config::parse(&text, &base.join("manifest.json"), &[])
            .map_err(|error| Error::store(&path, format!("its configuration can't be used: {error}"), again))
    };
    let mut config = read(Path::new(""))?;
    if let (Some(dir), Some(path)) = (data_dir, config.data().source.path())
        && !path.exists()
    {
        config = read(dir)?;
    }
    let standardize = settings_of(&run.record.identity).get("standardize").cloned();
    if standardize != Some(config.data().standardize.to_json()) {
        let key = &run.settings.run_key;
        let problem = format!("its configuration standardises otherwise than the run {key} was trained");
        return Err(Error::store(path, problem, again));
    }
    Ok(config)
}

/// The data that `run`, one of `results`, was trained on by `config`, standardised as `standardize` says. `own` stands for the path
/// of one's own data, and `data_dir` is searched first.
///
/// # Errors
/// Where they aren't found, are damaged, or aren't those that the run was trained on.
pub(super) fn load_data(
    (results, run): (&Results, &StoredRun),
    config: &Config,
    standardize: Standardize,
    (own, data_dir): (Option<&Path>, Option<&Path>),
) -> Result<Dataset> {
    let mut spec = DataSpec { standardize, ..config.data().clone() };
    if let Some(own) = own {
        spec.source = spec.source.moved(own).ok_or_else(|| {
            let problem = "the run was not trained on a .npy file or a folder of images; accepted: no --data";
            Error::Usage { problem: format!("{}: {problem}", own.display()) }
        })?;
    }
    let dataset = data::load(&spec, &data_folders(data_dir, Some(&manifest(results)), config.data_dir()))?;
    let settings = &run.settings;
    let expected = (settings.data_sha256.as_str(), settings.samples, settings.inputs);
    let (samples, inputs) = dataset.train.dim();
    if (dataset.sha256.as_str(), samples, inputs) != expected {
        let path = spec.source.path().unwrap_or(Path::new(&dataset.name));
        let problem = format!(
            "not the data that the run {} was trained on: {samples} samples of {inputs} inputs with the SHA-256 {}…, expected \
             {} of {} with {}…",
            settings.run_key,
            beginning(&dataset.sha256),
            settings.samples,
            settings.inputs,
            beginning(&settings.data_sha256),
        );
        return Err(Error::data(path, problem, "name the right ones with --data PATH or --data-dir DIR"));
    }
    Ok(dataset)
}

fn manifest(results: &Results) -> PathBuf {
    results.folder.join("manifest.json")
}

/// As much of a digest as tells it from others.
fn beginning(digest: &str) -> String {
    digest.chars().take(12).collect()
}
