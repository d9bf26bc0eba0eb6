//! From arguments to a plan with its data in memory: everything that can be refused before any training.

use super::args::WorkOptions;
use super::messages::Messages;
use super::output;
use super::written_plan::{WrittenPlan, WrittenTraining};
use crate::data::{Hints, Locations, Source, locate};
use crate::error::{Error, Result};
use crate::experiment::{Config, Prepared, config};
use std::env;
use std::path::{Path, PathBuf};

/// Reads the configuration in `file`, its data and its warm start, and makes the plan.
///
/// # Errors
/// Whatever is wrong with one of them.
pub(super) fn of_file(file: &Path, options: &WorkOptions, messages: &Messages) -> Result<Prepared> {
    of_config(config::load(file, &options.overrides)?, file, options, messages)
}

/// The same of `config`, which was read from `file`.
///
/// # Errors
/// What is wrong with the data, the warm start or the results' root.
pub(super) fn of_config(
    config: Config,
    file: &Path,
    options: &WorkOptions,
    messages: &Messages,
) -> Result<Prepared> {
    output::is_root("--out", &options.out)?;
    load(config, file, options.data_dir.as_deref(), messages)
}

/// The plan of `config`, which was read from `file`, with its data; says what there is to know about these.
fn load(config: Config, file: &Path, data_dir: Option<&Path>, messages: &Messages) -> Result<Prepared> {
    let locations = data_folders(data_dir, Some(file), config.data_dir());
    // Data that are nowhere are told with every place.
    let prepared = Prepared::load(config, &locations)?;
    if let Err(error) = check_data_dir(data_dir) {
        match prepared.config.data().source {
            Source::Mnist | Source::Cifar10Patches => return Err(error),
            // Of which nothing is looked for there.
            _ => messages.warning(error),
        }
    }
    messages.remarks(&prepared.dataset.remarks);
    Ok(prepared)
}

/// The configuration, data and plan of a plan that was written to `file`, and its trainings as written.
///
/// # Errors
/// Whatever is wrong with the file, the overrides or the data, and where they don't give the plan that was written.
pub(super) fn of_plan(
    file: &Path,
    overrides: &[String],
    data_dir: Option<&Path>,
    messages: &Messages,
) -> Result<(Prepared, Vec<WrittenTraining>)> {
    let WrittenPlan { config, trainings, .. } = WrittenPlan::read(file)?;
    let config = config::parse(&config.to_string(), file, overrides)?;
    let prepared = load(config, file, data_dir, messages)?;
    if !prepared.plan.keys().eq(trainings.iter().map(|written| written.run_key.as_str())) {
        let problem = "its run keys are not those that follow from it here: the data, the settings or the program's \
                       numerics are others than where it was written";
        return Err(Error::store(file, problem, "write it again, with this program and this data"));
    }
    Ok((prepared, trainings))
}

/// The folders in which data sets are looked for, with `--data-dir`, the path of a configuration's file and the folder
/// that it names, where given.
pub(super) fn data_folders(
    data_dir: Option<&Path>,
    config_file: Option<&Path>,
    config_dir: Option<&Path>,
) -> Locations {
    let environment = env::var_os(locate::ENVIRONMENT).map(PathBuf::from);
    // Without a current directory, relative paths still mean what the system makes of them.
    let current_dir = env::current_dir().ok();
    Locations::new(&Hints {
        data_dir,
        environment: environment.as_deref(),
        config_file,
        config_dir,
        current_dir: current_dir.as_deref(),
    })
}

/// Refuses a `--data-dir` that is no folder: data that are found elsewhere are not those that it means.
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
