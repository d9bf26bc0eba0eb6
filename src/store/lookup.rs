//! Finding runs among stored results by a path, a key or conditions on their settings.

use super::columns::{TableCell, setting_column, setting_columns};
use super::layout::{OF_RUNS, results_folder};
use super::results::Results;
use super::run::StoredRun;
use crate::error::{Error, Result};
use crate::parameter::plain;
use std::collections::HashSet;
use std::fmt::Write as _;
use std::path::{Component, Path, PathBuf};
use std::str::FromStr;

/// The most runs that an error lists.
const LISTED: usize = 8;

/// A condition on a run's settings: a column of `runs.csv` and its value, written `sigma_squared=0.25`. Names of models are accepted in the
/// spellings that configurations accept: in upper or lower case, and a regularizer also by its name in figures. `model` is the regularizer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    column: String,
    value: String,
}

impl FromStr for Condition {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (column, value) =
            text.split_once('=').ok_or("expected COLUMN=VALUE, as in sigma_squared=0.25")?;
        // Tables for people have the regularizers in a column called model.
        let column = if column == "model" { "regularizer" } else { column };
        Ok(Self { column: column.to_owned(), value: value.to_owned() })
    }
}

impl Condition {
    /// Whether `run` has such a setting.
    fn holds(&self, run: &StoredRun) -> bool {
        let cell = setting_column(&self.column).map(|column| column.cell(run, None));
        cell.is_some_and(|cell| cell.matches_text(&self.value) || self.spells(&cell, run))
    }

    /// Whether the value is another spelling of the name in `cell`, a setting of `run`.
    fn spells(&self, cell: &TableCell, run: &StoredRun) -> bool {
        let TableCell::Text(label) = cell else { return false };
        let (name, parameters) = label.split_at(label.find('(').unwrap_or(label.len()));
        let legend = match self.column.as_str() {
            "regularizer" => run.spec.regularizer.kind().legend(),
            "activation" | "constraint" | "encoder_bias" => name,
            _ => return false,
        };
        let meant = plain(&self.value);
        [name, legend].iter().any(|name| plain(&format!("{name}{parameters}")) == meant)
    }
}

impl Results {
    /// The run that `path` names, with its results folder. `path` is a results folder, one of its files
    /// `records/<run_key>.json` or `weights/<run_key>…`, or `<folder>/<run key or its beginning>`. `conditions` select among several
    /// runs.
    ///
    /// # Errors
    /// [`Error::Store`] that lists the candidates where there is no such run or more than one; the errors of [`Results::read`].
    pub fn find_run(path: &Path, conditions: &[Condition]) -> Result<(Self, StoredRun)> {
        let (folder, key) = split(path);
        let results = Self::read(&folder)?;
        let mut found = results.matching(path, &key, conditions)?;
        // Cells at σ² = 0 may share a run.
        let mut known = HashSet::new();
        found.retain(|run| known.insert(&run.record.run_key));
        let run = match found.as_slice() {
            [run] => (*run).clone(),
            [] => return Err(no_such_run(path, results.runs.iter())),
            several => {
                let problem = format!("{} runs may be meant", several.len());
                let fix = "name one by its key, as FOLDER/KEY, or by its settings, as in --where sigma_squared=0.25";
                return Err(Error::store(path, problem, format!("{fix}:{}", list(several))));
            }
        };
        Ok((results, run))
    }

    /// The cells that `path` names and that meet all `conditions`, by results folder. `path` is as in [`Results::find_run`], or a root
    /// with results folders. Results folders without such cells are left out.
    ///
    /// # Errors
    /// [`Error::Store`] where there are no such cells; the errors of [`Results::read`] and [`Results::read_all`].
    pub fn find_runs(path: &Path, conditions: &[Condition]) -> Result<Vec<Self>> {
        let (folder, key) = split(path);
        let all = Self::read_all(&folder)?;
        let mut found = Vec::new();
        for results in &all {
            let runs: Vec<_> = results.matching(path, &key, conditions)?.into_iter().cloned().collect();
            if !runs.is_empty() {
                found.push(Self { runs, ..results.clone() });
            }
        }
        if found.is_empty() {
            return Err(no_such_run(path, all.iter().flat_map(|results| &results.runs)));
        }
        Ok(found)
    }

    /// The cells whose run's key begins with `key` and that meet all `conditions`.
    fn matching(&self, path: &Path, key: &str, conditions: &[Condition]) -> Result<Vec<&StoredRun>> {
        let is_unknown = |condition: &&Condition| setting_column(&condition.column).is_none();
        if let Some(unknown) = conditions.iter().find(is_unknown) {
            let problem = format!("its table has no settings called {}", unknown.column);
            let mut known: Vec<_> = setting_columns().map(|column| column.name).collect();
            known.sort_unstable();
            return Err(Error::store(path, problem, format!("accepted: {}", known.join(", "))));
        }
        let matches = |run: &&StoredRun| {
            run.record.run_key.starts_with(key) && conditions.iter().all(|condition| condition.holds(run))
        };
        Ok(self.runs.iter().filter(matches).collect())
    }
}

fn no_such_run<'a>(path: &Path, all: impl Iterator<Item = &'a StoredRun>) -> Error {
    let all: Vec<_> = all.collect();
    if all.is_empty() {
        return Error::store(
            path,
            "there is no such run, because none is finished",
            "train its configuration",
        );
    }
    let fix = format!("name one of these by its key, as FOLDER/KEY:{}", list(&all));
    Error::store(path, "there is no such run", fix)
}

/// Splits `path` into its results folder and the beginning of a run key.
fn split(path: &Path) -> (PathBuf, String) {
    let Some(folder) = results_folder(path) else { return (path.to_owned(), String::new()) };
    let inside = path.strip_prefix(folder).unwrap_or(Path::new(""));
    let mut names = inside.components().filter_map(|component| match component {
        Component::Normal(name) => name.to_str(),
        _ => None,
    });
    let key = names.find(|name| !OF_RUNS.contains(name));
    let key = key.and_then(|name| name.split('.').next());
    (folder.to_owned(), key.unwrap_or_default().to_owned())
}

/// The first of `runs`, one on each line, and the number of the others.
fn list(runs: &[&StoredRun]) -> String {
    let mut lines = String::new();
    for run in runs.iter().take(LISTED) {
        let _ = write!(lines, "\n  {} ({})", run.record.run_key, run.spec.summary());
    }
    if runs.len() > LISTED {
        let _ = write!(lines, "\n  and {} more; runs.csv has all", runs.len() - LISTED);
    }
    lines
}
