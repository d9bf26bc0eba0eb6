//! Makes a plan from the arguments and loads its data, with all checks that are possible before training.

use super::args::WorkOptions;
use super::messages::Messages;
use super::written_plan::{WrittenPlan, WrittenTraining};
use super::{output, progress};
use crate::atomic::folder_of;
use crate::data::{Hints, Locations, Source, locate};
use crate::error::{Error, Result};
use crate::experiment::{Config, Prepared, config};
use crate::store::{DataPlaces, Manifest};
use std::env;
use std::path::{Path, PathBuf};

/// Reads the configuration in `file`, its data and its warm start, and makes the plan.
///
/// # Errors
/// Where one of them can't be used.
pub(super) fn from_file(file: &Path, options: &WorkOptions, messages: &Messages) -> Result<Prepared> {
    let overrides = [moved_data(file), options.overrides.clone()].concat();
    from_config(config::load(file, &overrides)?, file, options, messages)
}

/// For a manifest as configuration: overrides with the places where its runs found the user's own data, if these aren't at the relative paths
/// in it, which started from the configuration that was trained.
fn moved_data(file: &Path) -> Vec<String> {
    let folder = folder_of(file);
    if file.file_name().is_none_or(|name| name != Manifest::FILE) {
        return Vec::new();
    }
    let Ok(Some(manifest)) = Manifest::load(file) else { return Vec::new() };
    let places = DataPlaces::read(folder);
    let moved = |key: &str, noted: Vec<PathBuf>| {
        let setting = &manifest.config["data"][key];
        let (key, written) = match setting.as_str() {
            Some(_) => (format!("data.{key}"), setting),
            None => (format!("data.{key}.path"), &setting["path"]),
        };
        let is_missing = !folder.join(written.as_str()?).exists();
        let place = noted.into_iter().find(|place| is_missing && place.exists())?;
        Some(format!("{key}={}", serde_json::Value::from(place.to_str()?)))
    };
    let (source, held_out) = (places.sources(folder), places.held_out(folder));
    moved("source", source).into_iter().chain(moved("held_out", held_out)).collect()
}

/// Does the same as [`from_file`], with the `config` that was read from `file`.
///
/// # Errors
/// Where the data, the warm start or the results root can't be used.
pub(super) fn from_config(
    config: Config,
    file: &Path,
    options: &WorkOptions,
    messages: &Messages,
) -> Result<Prepared> {
    output::check_root("--out", &options.out)?;
    load(config, file, options.data_dir.as_deref(), messages)
}

/// The plan of `config`, which was read from `file`, with its data. Writes remarks about the data.
fn load(config: Config, file: &Path, data_dir: Option<&Path>, messages: &Messages) -> Result<Prepared> {
    let mut locations = data_folders(data_dir, Some(file), config.data_dir());
    locations.reading = progress::reading(messages);
    // Loading comes first, because its error for missing data names every place where they were searched.
    let prepared = Prepared::load(config, &locations)?;
    if let Err(error) = check_data_dir(data_dir) {
        match prepared.config.data().source {
            Source::Mnist | Source::Cifar10Patches => return Err(error),
            // Other sources don't use the folder.
            _ => messages.warning(error),
        }
    }
    messages.remarks(&prepared.dataset.remarks);
    Ok(prepared)
}

/// Makes the plan that `aesparse plan --write` wrote to `file` again, with its data, and returns its trainings as they were
/// written.
///
/// # Errors
/// Where the file, the overrides or the data can't be used, or give another plan than the written one.
pub(super) fn from_written_plan(
    file: &Path,
    overrides: &[String],
    data_dir: Option<&Path>,
    messages: &Messages,
) -> Result<(Prepared, Vec<WrittenTraining>)> {
    let WrittenPlan { config, trainings, .. } = WrittenPlan::read(file)?;
    let config = config::written(&config, file, overrides)?;
    let prepared = load(config, file, data_dir, messages)?;
    if !prepared.plan.keys().eq(trainings.iter().map(|written| written.run_key.as_str())) {
        let problem = "its run keys differ from those computed here: the data, the settings or the program's numerics \
                       have changed since it was written";
        return Err(Error::store(file, problem, "write it again, with this program and this data"));
    }
    Ok((prepared, trainings))
}

/// The folders to search for data sets, by the value of `--data-dir`, the path of the configuration's file and the folder that the
/// configuration names.
pub(super) fn data_folders(
    data_dir: Option<&Path>,
    config_file: Option<&Path>,
    config_dir: Option<&Path>,
) -> Locations {
    let environment = env::var_os(locate::ENVIRONMENT).map(PathBuf::from);
    // Without a known current directory, the system resolves relative paths.
    let current_dir = env::current_dir().ok();
    Locations::new(&Hints {
        data_dir,
        environment: environment.as_deref(),
        config_file,
        config_dir,
        current_dir: current_dir.as_deref(),
    })
}

/// Refuses a `--data-dir` that is no folder, because data found in another folder are not the intended data.
///
/// # Errors
/// [`Error::Usage`] that names it.
pub(super) fn check_data_dir(data_dir: Option<&Path>) -> Result<()> {
    match data_dir.filter(|dir| !dir.is_dir()) {
        None => Ok(()),
        Some(dir) => Err(Error::usage(format_args!(
            "{} {}: there is no such folder; accepted: the folder of the data sets",
            locate::OPTION,
            dir.display()
        ))),
    }
}
