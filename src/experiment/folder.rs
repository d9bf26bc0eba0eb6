//! The plan of a results folder: the union, axis by axis, of the plans in its manifests and the present plan. So a command with a smaller
//! plan does not shrink the tables of a larger one.

use super::config::{self, Config};
use super::execute;
use super::plan::{DataIdentity, Plan};
use super::prepared::Prepared;
use crate::error::{Error, Problems, Result, count};
use crate::store::{Manifest, Store, check_plan, load_records, refuse_other_folder};
use serde_json::Value as Json;
use std::borrow::Cow;
use std::collections::{BTreeSet, HashSet};
use std::path::Path;

/// The plan of a results folder after a command.
#[derive(Debug)]
pub struct FolderPlan<'p> {
    /// The plan of the tables: they list its finished cells.
    pub plan: Cow<'p, Plan>,
    /// The configuration of that plan, for the manifest.
    pub(super) config: Json,
    /// Number of finished cells of the plan in the folder's manifest.
    cells_in_manifest: usize,
}

impl FolderPlan<'_> {
    /// Whether the tables and the manifest of `store` are up to date, for a command that trains nothing.
    ///
    /// # Errors
    /// Where a file of the folder can't be read.
    pub(super) fn is_written(&self, store: &Store) -> Result<bool> {
        let rows = execute::rows(&self.plan, store);
        // Fewer rows are enough, because a worker doesn't know all finished cells.
        Ok(rows.len() <= self.cells_in_manifest && store.is_up_to_date(&rows)?)
    }
}

/// The plan in one of the folder's manifests, with its finished runs.
struct EarlierPlan {
    config: Config,
    /// The configuration as the manifest has it.
    written: Json,
    /// The keys of the finished runs.
    finished: Vec<String>,
    finished_cells: usize,
    /// Whether the manifest is the folder's own, not a worker's.
    is_the_folders: bool,
}

impl Prepared {
    /// The plan of the results folder `store`, including this plan.
    ///
    /// # Errors
    /// The errors of [`Store::check_plan`]; where a manifest or its configuration can't be used; where the finished runs of the folder can't be
    /// in one plan with this one's; where the table would lose rows.
    pub fn folder_plan(&self, store: &Store) -> Result<FolderPlan<'_>> {
        let manifests = store.manifests()?;
        let named = |error| self.named(error, manifests.first().map(|(_, manifest)| manifest));
        store.check_plan(self.plan.keys()).map_err(named)?;
        let listed = store.listed_run_keys()?;
        self.refuse_rows_without_records(&listed, store)?;
        let mut all_earlier = Vec::new();
        for (path, manifest) in &manifests {
            all_earlier.extend(self.earlier(path, manifest, store)?);
        }
        let configs = all_earlier.iter().map(|earlier| earlier.config.clone());
        let together = configs.reduce(|together, later| later.united_with(&together));
        let united = self.config.united_with(together.as_ref().unwrap_or(&self.config));
        let plan = if united == self.config {
            Cow::Borrowed(&self.plan)
        } else {
            // The united configuration is in no file, so its problems have no place.
            let cant = |error: Error| match error {
                Error::Config(Problems(problems)) => {
                    let problems =
                        problems.iter().map(|problem| format!("{}: {}", problem.key, problem.message));
                    let problems = problems.collect::<Vec<_>>().join("; ");
                    self.cant_be_one(store, &problems, &self.config.resolved())
                }
                error => error,
            };
            config::stored(&united.resolved()).map_err(cant)?;
            Cow::Owned(self.plan_of(&united)?)
        };
        let keys: HashSet<&str> = plan.keys().collect();
        for earlier in &all_earlier {
            let lost = earlier.finished.iter().filter(|key| !keys.contains(key.as_str())).count();
            if lost > 0 {
                let earlier = earlier.config.resolved();
                let differing = differing(&earlier, &self.config.resolved());
                let problem = format!("{lost} have another {}", differing.join(", "));
                return Err(self.cant_be_one(store, &problem, &earlier));
            }
        }
        refuse_rows_of_no_plan(&listed, &keys, store)?;
        let own = all_earlier.iter().find(|earlier| earlier.is_the_folders);
        // A manifest without settings that a later version has added is not written again, if the configuration is the same.
        let kept = own.filter(|own| own.config.resolved() == united.resolved());
        Ok(FolderPlan {
            config: kept.map_or_else(|| united.resolved(), |own| own.written.clone()),
            cells_in_manifest: own.map_or(0, |own| own.finished_cells),
            plan,
        })
    }

    /// The error for finished runs in `store`, of the resolved configuration `earlier`, that can't be in one plan with this one's.
    fn cant_be_one(&self, store: &Store, problem: &str, earlier: &Json) -> Error {
        let path = store.folder().to_owned();
        let problem = format!("its finished runs can't be in one plan with this one's: {problem}");
        self.with_own_name(Error::OtherSettings { path, problem, name: String::new() }, earlier)
    }

    /// Checks that this plan has a run in common with the finished runs of the results folder `folder`, if there are any; otherwise a
    /// training there is refused. Opens no folder.
    ///
    /// # Errors
    /// [`Error::OtherSettings`] where it has none; where the folder is none for results, and where the manifest or a record can't be read.
    pub fn check_settings(&self, folder: &Path) -> Result<()> {
        refuse_other_folder(folder)?;
        let manifest = Manifest::of(folder)?;
        let checked = check_plan(folder, &load_records(folder)?, self.plan.keys());
        checked.map_err(|error| self.named(error, manifest.as_ref()))
    }

    /// [`Prepared::with_own_name`] where this program can read the configuration of the `earlier` manifest.
    fn named(&self, error: Error, earlier: Option<&Manifest>) -> Error {
        // Parsed and resolved, because earlier versions left settings out.
        match earlier.and_then(|manifest| config::stored(&manifest.config).ok()) {
            Some(earlier) => self.with_own_name(error, &earlier.resolved()),
            None => error,
        }
    }

    /// `error` with a name that says in which setting this plan differs from the resolved configuration `earlier`: `relu_mnist_100` for
    /// 100 epochs, `relu_mnist_hidden_2000`; `relu_mnist_2` for several settings.
    fn with_own_name(&self, error: Error, earlier: &Json) -> Error {
        let Error::OtherSettings { path, mut problem, .. } = error else { return error };
        let resolved = self.config.resolved();
        let differing = differing(earlier, &resolved);
        if !differing.is_empty() && differing.iter().any(|key| !problem.contains(key)) {
            problem = format!("{problem} ({})", differing.join(", "));
        }
        let value = |key: &str| match resolved.pointer(&format!("/{}", key.replace('.', "/")))? {
            Json::Number(number) => Some(number.to_string()),
            Json::String(word) => Some(word.clone()),
            _ => None,
        };
        let ending = match differing.as_slice() {
            [key] if key == "training.epochs" => value(key),
            [key] => value(key).map(|value| format!("{}_{value}", key.rsplit('.').next().unwrap_or(key))),
            _ => None,
        };
        let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
        let ending = ending.filter(|ending| ending.len() <= 30 && ending.chars().all(is_plain));
        let name = format!("{}_{}", self.config.name(), ending.as_deref().unwrap_or("2"));
        Error::OtherSettings { path, problem, name }
    }

    /// Checks that every row `listed` in `runs.csv` has a record or a training in this plan. Rows whose damaged record was set aside are
    /// allowed, because the damage is reported and the record kept.
    ///
    /// # Errors
    /// [`Error::Store`] with the number of rows that would be lost.
    fn refuse_rows_without_records(&self, listed: &[String], store: &Store) -> Result<()> {
        let own: HashSet<&str> = self.plan.keys().collect();
        let is_lost =
            |key: &str| !own.contains(key) && !store.has_record(key) && !store.has_damaged_record(key);
        let lost = listed.iter().filter(|key| is_lost(key));
        let why = "their runs have no record in records/ and are not in this plan";
        let fix = "put the records back, or set the old results aside with --fresh; where they are gone for good, remove runs.csv";
        refuse_rows(lost, (why, fix), store)
    }

    /// The plan in the `manifest` at `path`; `None` if none of its runs is finished in `store`.
    fn earlier(&self, path: &Path, manifest: &Manifest, store: &Store) -> Result<Option<EarlierPlan>> {
        let written = manifest.config.clone();
        let config = config::stored(&written).map_err(|error| {
            let fix = "move it away, choose another folder with --out, or start over with --fresh";
            Error::store(path, format!("its configuration can't be used: {error}"), fix)
        })?;
        let digest = |role: &str| manifest.data_sha256.get(role).cloned();
        let warm_start = config.warm_start().and_then(|_| digest("warm_start"));
        if config.warm_start().is_some() != warm_start.is_some() {
            return Ok(None);
        }
        let config = config.with_name(self.config.name());
        let data =
            DataIdentity { sha256: digest("data").unwrap_or_default(), ..DataIdentity::of(&self.dataset) };
        // A model that doesn't fit the data was trained on other data, so none of its runs can be here.
        let Ok(plan) = Plan::on(&config, self.dataset.name.clone(), data, warm_start) else {
            return Ok(None);
        };
        let finished: Vec<bool> = plan.keys().map(|key| store.has_record(key)).collect();
        let finished_cells = plan.cells.iter().filter(|cell| finished[cell.training]).count();
        let keys = plan.trainings.into_iter().zip(finished).filter(|(_, is_finished)| *is_finished);
        let finished: Vec<String> = keys.map(|(training, _)| training.key).collect();
        let is_the_folders = path.parent() == Some(store.folder());
        let earlier = EarlierPlan { config, written, finished, finished_cells, is_the_folders };
        Ok((finished_cells > 0).then_some(earlier))
    }
}

/// Checks that the runs of the rows `listed` in `runs.csv` are in the folder's plan with the run keys `keys`. They are not where the
/// manifest is gone, or was edited.
///
/// # Errors
/// [`Error::Store`] with the number of rows that would be lost.
fn refuse_rows_of_no_plan(listed: &[String], keys: &HashSet<&str>, store: &Store) -> Result<()> {
    let lost = listed.iter().filter(|key| !keys.contains(key.as_str()) && store.has_record(key));
    let why = "their runs are finished, but neither this plan nor manifest.json has them";
    let fix = "add their runs to the plan, put manifest.json back, or set the old results aside with --fresh; to drop the rows, remove runs.csv";
    refuse_rows(lost, (why, fix), store)
}

/// The error for rows of `runs.csv` that would be `lost`, if there are any.
fn refuse_rows<'k>(
    lost: impl Iterator<Item = &'k String>,
    (why, fix): (&str, &str),
    store: &Store,
) -> Result<()> {
    let mut lost = lost.peekable();
    let Some(first) = lost.peek().copied() else { return Ok(()) };
    let problem = format!("{} would be lost: {why}, the first is {first}", count(lost.count(), "row"));
    Err(Error::store(store.folder().join("runs.csv"), problem, fix))
}

/// The dotted keys of settings in which two configurations differ, without the axes and without those that no run depends on.
fn differing(a: &Json, b: &Json) -> Vec<String> {
    let sections = ["data", "model", "training", "evaluation"];
    let axes = ["activation", "constraint", "learning_rate", "encoder_bias"];
    let apart = ["dir", "every", "distribution"];
    let mut found = Vec::new();
    for section in sections {
        let [a, b] = [a, b].map(|config| config[section].as_object());
        let keys: BTreeSet<&String> = [a, b].into_iter().flatten().flat_map(|map| map.keys()).collect();
        let differ = keys.into_iter().filter(|key| a.map(|a| a.get(*key)) != b.map(|b| b.get(*key)));
        found.extend(
            differ
                .filter(|key| !axes.iter().chain(&apart).any(|other| other == key))
                .map(|key| format!("{section}.{key}")),
        );
    }
    found
}
