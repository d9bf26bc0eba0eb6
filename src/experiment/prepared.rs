//! A plan with its data and its warm start in memory. Everything that can be wrong with them is checked before any training.

use super::config::Config;
use super::plan::Plan;
use crate::data::{self, Dataset, Locations};
use crate::error::Result;
use crate::store::{Weights, WeightsFile};
use std::sync::Arc;

/// A plan with everything that its trainings need.
#[derive(Debug)]
pub struct Prepared {
    /// The configuration of the plan.
    pub config: Config,
    /// The samples.
    pub dataset: Arc<Dataset>,
    /// The folders in which the data were looked for.
    pub locations: Locations,
    /// The warm start, if the configuration names one.
    pub start: Option<WeightsFile>,
    /// The plan.
    pub plan: Plan,
}

impl Prepared {
    /// Loads the data of `config` from `locations` and makes the plan.
    ///
    /// # Errors
    /// Where the data or the warm start can't be used.
    pub fn load(config: Config, locations: &Locations) -> Result<Self> {
        let dataset = Arc::new(data::load(config.data(), locations)?);
        Self::new(config, dataset, locations.clone())
    }

    /// The plan of `config` with its data, `dataset`, which were looked for in `locations`.
    ///
    /// # Errors
    /// Where the warm start can't be used, or the model doesn't fit the data.
    pub fn new(config: Config, dataset: Arc<Dataset>, locations: Locations) -> Result<Self> {
        let shape = (config.model.hidden, dataset.inputs());
        let start = config.warm_start().map(|path| Weights::read(path, shape)).transpose()?;
        let plan = Plan::of(&config, &dataset, start.as_ref().map(|start| start.sha256.clone()))?;
        Ok(Self { config, dataset, locations, start, plan })
    }

    /// The plan of `config`, which differs from the prepared configuration only in the values of its axes.
    ///
    /// # Errors
    /// The errors of [`Plan::new`].
    pub(super) fn plan_of(&self, config: &Config) -> Result<Plan> {
        Plan::of(config, &self.dataset, self.start.as_ref().map(|start| start.sha256.clone()))
    }
}
