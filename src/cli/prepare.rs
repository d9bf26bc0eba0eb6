//! From arguments to a plan with its data in memory: everything that can be refused before any training.

use super::args::WorkOptions;
use super::plan::{WrittenPlan, WrittenTraining};
use aesparse::data::{self, Dataset, Hints, Locations, locate};
use aesparse::error::{Error, Result};
use aesparse::experiment::{Config, Plan, config};
use aesparse::store::{Weights, WeightsFile};
use std::collections::BTreeMap;
use std::env;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A plan and what its trainings need.
#[derive(Debug)]
pub(crate) struct Prepared {
    pub(crate) config: Config,
    pub(crate) dataset: Arc<Dataset>,
    pub(crate) start: Option<WeightsFile>,
    pub(crate) plan: Plan,
}

impl Prepared {
    /// Reads the configuration in `file`, its data and its warm start, and makes the plan.
    ///
    /// # Errors
    /// Whatever is wrong with one of them.
    pub(crate) fn of_config(file: &Path, options: &WorkOptions) -> Result<Self> {
        Self::of(config::load(file, &options.overrides)?, file, options)
    }

    /// The same of `config`, which was read from `file`.
    ///
    /// # Errors
    /// What is wrong with the data or the warm start.
    pub(crate) fn of(config: Config, file: &Path, options: &WorkOptions) -> Result<Self> {
        let locations = data_folders(options.data_dir.as_deref(), Some(file), config.data_dir());
        let dataset = Arc::new(data::load(config.data(), &locations)?);
        Self::with_data(config, dataset)
    }

    /// The configuration, data and plan of a plan that was written to `file`, and its trainings as written.
    ///
    /// # Errors
    /// Whatever is wrong with the file, the overrides or the data, and where they don't give the plan that was written.
    pub(crate) fn of_plan(
        file: &Path,
        overrides: &[String],
        data_dir: Option<&Path>,
    ) -> Result<(Self, Vec<WrittenTraining>)> {
        let WrittenPlan { config, trainings, .. } = WrittenPlan::read(file)?;
        let config = config::parse(&config.to_string(), file, overrides)?;
        let locations = data_folders(data_dir, Some(file), config.data_dir());
        let dataset = Arc::new(data::load(config.data(), &locations)?);
        let prepared = Self::with_data(config, dataset)?;
        let keys = prepared.plan.trainings.iter().map(|training| training.key.as_str());
        if !keys.eq(trainings.iter().map(|written| written.run_key.as_str())) {
            let problem = "its run keys are not those that follow from it here: the data, the settings or the program's \
                           numerics are others than where it was written";
            return Err(Error::store(file, problem, "write it again, with this program and this data"));
        }
        Ok((prepared, trainings))
    }

    /// The plan of `config`, whose data is `dataset`.
    ///
    /// # Errors
    /// What is wrong with the warm start, or doesn't fit the data.
    pub(crate) fn with_data(config: Config, dataset: Arc<Dataset>) -> Result<Self> {
        let start = config.warm_start().map(Weights::read).transpose()?;
        let plan = Plan::new(
            &config,
            dataset.name.as_str(),
            dataset.sha256.as_str(),
            dataset.train.nrows(),
            dataset.inputs(),
            start.as_ref().map(|start| start.sha256.clone()),
        )?;
        if let (Some(start), Some(path), Some(first)) = (&start, config.warm_start(), plan.trainings.first())
        {
            start.weights.check_shape(path, first.spec.hidden, first.spec.inputs)?;
        }
        Ok(Self { config, dataset, start, plan })
    }

    /// The digests of what was read, for the manifest.
    pub(crate) fn digests(&self) -> BTreeMap<String, String> {
        let data = [("data".to_owned(), self.dataset.sha256.clone())];
        let start = self.start.iter().map(|start| ("warm_start".to_owned(), start.sha256.clone()));
        data.into_iter().chain(start).collect()
    }
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
