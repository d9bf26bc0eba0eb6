//! A plan with everything in memory that its trainings need: what could be refused is refused by now.

use super::config::Config;
use super::plan::Plan;
use crate::data::{self, Dataset, Locations};
use crate::error::Result;
use crate::store::{Weights, WeightsFile};
use std::sync::Arc;

/// A plan and what its trainings need.
#[derive(Debug)]
pub struct Prepared {
    /// What the plan was made of.
    pub config: Config,
    /// The samples.
    pub dataset: Arc<Dataset>,
    /// Where they were looked for.
    pub locations: Locations,
    /// The parameters that the trainings start from, where the configuration names a file of them.
    pub start: Option<WeightsFile>,
    /// What is to be trained.
    pub plan: Plan,
}

impl Prepared {
    /// Loads the data of `config`, looked for in `locations`, and makes the plan.
    ///
    /// # Errors
    /// What is wrong with the data or the warm start.
    pub fn load(config: Config, locations: &Locations) -> Result<Self> {
        let dataset = Arc::new(data::load(config.data(), locations)?);
        Self::new(config, dataset, locations.clone())
    }

    /// The plan of `config`, whose data is `dataset`, looked for in `locations`.
    ///
    /// # Errors
    /// What is wrong with the warm start, or doesn't fit the data.
    pub fn new(config: Config, dataset: Arc<Dataset>, locations: Locations) -> Result<Self> {
        let shape = (config.model.hidden, dataset.inputs());
        let start = config.warm_start().map(|path| Weights::read(path, shape)).transpose()?;
        let plan = Plan::of(&config, &dataset, start.as_ref().map(|start| start.sha256.clone()))?;
        Ok(Self { config, dataset, locations, start, plan })
    }

    /// The plan of `config`, which differs from the prepared one in the values of its axes.
    ///
    /// # Errors
    /// Those of [`Plan::new`].
    pub(super) fn plan_of(&self, config: &Config) -> Result<Plan> {
        Plan::of(config, &self.dataset, self.start.as_ref().map(|start| start.sha256.clone()))
    }
}
