//! A plan with everything in memory that its trainings need: what could be refused is refused by now.

use super::{
    Config, Control, FolderPlan, Lacking, Plan, Reporter, Summary, Trainer, adopt, execute, is_finished,
};
use crate::data::{self, Dataset, Locations, Source};
use crate::error::Result;
use crate::store::{DataPlaces, Store, Weights, WeightsFile};
use std::collections::{BTreeMap, HashSet};
use std::path::Path;
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

    /// Begins a session that trains what is missing of `plan`, all or a part of the prepared one, in `store`, which then holds
    /// `folder`: writes the manifest, unless nothing is missing and nothing comes to the tables.
    ///
    /// # Errors
    /// Those of [`Store::begin`].
    pub fn begin(&self, plan: &Plan, folder: &FolderPlan<'_>, store: &Store) -> Result<()> {
        let trains = !plan.keys().all(|key| is_finished(plan, store, key));
        self.write_manifest(folder, store, trains)
    }

    /// Writes the manifest of `store`, which then holds `folder`, where something comes to the tables; nothing is trained.
    ///
    /// # Errors
    /// Those of [`Store::begin`].
    pub fn describe(&self, folder: &FolderPlan<'_>, store: &Store) -> Result<()> {
        self.write_manifest(folder, store, false)
    }

    fn write_manifest(&self, folder: &FolderPlan<'_>, store: &Store, trains: bool) -> Result<()> {
        if !trains && folder.is_written(store)? {
            return Ok(());
        }
        let data = [("data".to_owned(), self.dataset.sha256.clone())];
        let start = self.start.iter().map(|start| ("warm_start".to_owned(), start.sha256.clone()));
        let digests: BTreeMap<_, _> = data.into_iter().chain(start).collect();
        let own: HashSet<&str> = self.plan.keys().collect();
        // Of a run that this plan doesn't have, its record is all that is asked for.
        let is_done =
            |key: &str| if own.contains(key) { is_finished(&self.plan, store, key) } else { store.has(key) };
        store.begin(self.plan.keys(), folder.config.clone(), digests, trains, is_done)?;
        self.note_data(store);
        Ok(())
    }

    /// Notes in `store` where the data are, so that commands that look at its runs find them; of drawn ones nothing.
    fn note_data(&self, store: &Store) {
        let source = &self.config.data().source;
        if matches!(source, Source::Synthetic(_)) {
            return;
        }
        let folders = self.locations.candidates.iter().map(|(_, folder)| folder.as_path());
        let folders = folders.filter(|_| source.path().is_none());
        let places = DataPlaces::new(store.folder(), source.path(), folders);
        // No result depends on the note: without it, a reader looks where it would look for any data.
        let _ = places.write(store.folder());
    }

    /// Trains what is missing of the plan in `<root>/<name>/` and writes the tables, as `aesparse run` does.
    ///
    /// # Errors
    /// Whatever is wrong with the results folder, and where finished runs lack weights or theory that the plan asks for, before
    /// anything is trained.
    pub fn run(&self, root: &Path, control: Control<'_>, reporter: &dyn Reporter) -> Result<Summary> {
        let store = Store::open(root, &self.plan.name)?;
        store.set_aside_weights(self.plan.keys(), self.plan.weights.moments())?;
        let folder = self.folder_plan(&store)?;
        Lacking::of(&self.plan, &store).refuse(store.folder())?;
        adopt(&self.plan, &store)?;
        self.begin(&self.plan, &folder, &store)?;
        let start = self.start.as_ref().map(|start| &start.weights);
        let trainer = Trainer::new(&self.plan, &self.dataset, start);
        execute(&self.plan, &folder.plan, &store, &trainer, control, reporter)
    }
}
