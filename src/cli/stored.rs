//! A stored run as it was trained: its weights and its data, checked against what its record says.

use super::prepare::data_folders;
use aesparse::data::{self, DataSpec, Dataset, Source};
use aesparse::error::{Error, Result};
use aesparse::experiment::config;
use aesparse::store::{Moment, Results, StoredRun, Weights, WeightsFile, weights_path};
use aesparse::training::{Status, settings_of};
use serde_json::Value as Json;
use std::path::{Path, PathBuf};

/// The final weights of `run`, one of `results`; `None` where they were not kept.
///
/// # Errors
/// Where they are damaged or not the run's.
pub(super) fn final_weights(results: &Results, run: &StoredRun) -> Result<Option<WeightsFile>> {
    let path = weights_path(&results.folder, &run.settings.run_key, Moment::Final);
    if !path.exists() {
        return Ok(None);
    }
    let file = Weights::read(&path)?;
    file.weights.check_shape(&path, run.settings.hidden, run.settings.inputs)?;
    Ok(Some(file))
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

/// How and on what `run` was trained, as the manifest of its `results` says: the data's specification, and the folder of data sets
/// that the configuration names. Where the configuration's file stood isn't known, so its relative paths are left to the current
/// directory.
///
/// # Errors
/// Where the manifest's configuration can't be used, or isn't the run's.
pub(super) fn data_of(results: &Results, run: &StoredRun) -> Result<(DataSpec, Option<PathBuf>)> {
    let manifest = manifest(results);
    let config = &results.manifest.config;
    let mut spec = config::parse(&config.to_string(), &manifest, &[])?.data().clone();
    let written = |path: &Json| path.as_str().map(PathBuf::from);
    if let (Source::Npy { path }, Some(written)) =
        (&mut spec.source, written(&config["data"]["source"]["path"]))
    {
        *path = written;
    }
    let standardize = settings_of(&run.record.identity).get("standardize").cloned();
    if standardize != Some(spec.standardize.to_json()) {
        let problem = format!(
            "its configuration standardises otherwise than the run {} was trained",
            run.settings.run_key
        );
        return Err(Error::store(
            manifest,
            problem,
            "run the configuration again, which writes the manifest",
        ));
    }
    Ok((spec, written(&config["data"]["dir"])))
}

/// The data that `run` was trained on. `file` stands for the path of a `.npy` source, and `data_dir` is searched first.
///
/// # Errors
/// Where they aren't found, are damaged, or aren't those that the run was trained on; what is wrong with the manifest.
pub(super) fn load_data(
    results: &Results,
    run: &StoredRun,
    file: Option<&Path>,
    data_dir: Option<&Path>,
) -> Result<Dataset> {
    let (mut spec, config_dir) = data_of(results, run)?;
    match (&mut spec.source, file) {
        (_, None) => {}
        (Source::Npy { path }, Some(file)) => file.clone_into(path),
        (_, Some(file)) => {
            let problem = format!("{}: the run was not trained on a .npy file", file.display());
            return Err(Error::Usage { problem: format!("{problem}; accepted: no --data") });
        }
    }
    let manifest = manifest(results);
    let locations = data_folders(data_dir, Some(&manifest), config_dir.as_deref());
    let dataset = data::load(&spec, &locations)?;
    let settings = &run.settings;
    let expected = (settings.data_sha256.as_str(), settings.samples, settings.inputs);
    let (samples, inputs) = dataset.train.dim();
    if (dataset.sha256.as_str(), samples, inputs) != expected {
        let path = match &spec.source {
            Source::Npy { path } => path.as_path(),
            _ => Path::new(&dataset.name),
        };
        let problem = format!(
            "not the data that the run {} was trained on: {samples} samples of {inputs} inputs with the SHA-256 {}…, expected \
             {} of {} with {}…",
            settings.run_key,
            beginning(&dataset.sha256),
            settings.samples,
            settings.inputs,
            beginning(&settings.data_sha256),
        );
        return Err(Error::data(path, problem, "name the right ones with --data FILE or --data-dir DIR"));
    }
    Ok(dataset)
}

/// Refuses `out` where it lies in a results folder, whose files are the trainings'.
///
/// # Errors
/// [`Error::Usage`] that names the folder.
pub(super) fn check_outside(out: &Path) -> Result<()> {
    let whole = std::path::absolute(out).unwrap_or_else(|_| out.to_owned());
    match whole.ancestors().find(|folder| folder.join("manifest.json").is_file()) {
        None => Ok(()),
        Some(folder) => Err(Error::Usage {
            problem: format!(
                "--out {}: it lies in the results folder {}, which holds what trainings write; accepted: a path outside of it",
                out.display(),
                folder.display()
            ),
        }),
    }
}

fn manifest(results: &Results) -> PathBuf {
    results.folder.join("manifest.json")
}

/// As much of a digest as tells it from others.
fn beginning(digest: &str) -> String {
    digest.chars().take(12).collect()
}
