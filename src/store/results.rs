//! Results folders as others read them: the lines of `runs.csv`, each with the record behind it.

use super::columns::Column;
use super::manifest::Manifest;
use super::record::Record;
use super::records::{Records, TheoryRecords, load_records, load_theory};
use super::run::StoredRun;
use super::warning::{self, Warning};
use super::{csv, files, sessions};
use crate::activation::ActivationSpec;
use crate::error::{Error, Result, shell_word};
use crate::regularizer::{RegularizerKind, RegularizerSpec};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What brings a results folder's tables and manifest back.
const AGAIN: &str = "run its configuration again, which writes the folder's files from its records";

/// One results folder.
#[derive(Debug, Clone, PartialEq)]
pub struct Results {
    /// Its name.
    pub name: String,
    /// Where it was read.
    pub folder: PathBuf,
    /// What produced it.
    pub manifest: Manifest,
    /// The finished cells of its plan, in the plan's order.
    pub runs: Vec<StoredRun>,
    /// What these runs measured of the theory, where they did.
    pub theory: TheoryRecords,
    /// What the whole table lists.
    pub listing: Listing,
}

/// The lines of a results folder's table, and the finished runs that it is held against.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Listing {
    /// By run key and regularizer: at σ² = 0 several cells share a run.
    lines: BTreeSet<(String, String)>,
    records: Records,
}

impl Listing {
    /// Whether the run `run_key` is finished, but no line is that of its cell with the regularizer's label `regularizer`.
    pub fn lacks(&self, run_key: &str, regularizer: String) -> bool {
        self.records.contains_key(run_key) && !self.lines.contains(&(run_key.to_owned(), regularizer))
    }

    /// The finished runs of the folder.
    pub fn records(&self) -> impl Iterator<Item = &Record> {
        self.records.values().map(|record| &**record)
    }
}

impl Results {
    /// Reads the results folder `folder`, without locking or changing anything.
    ///
    /// # Errors
    /// [`Error::Store`] where there is no such folder, or it has no results or none that were merged; where the table, the manifest
    /// or a record is missing, damaged, or disagrees with the others, or what was measured of the theory is damaged;
    /// [`Error::Io`] where a file can't be read.
    pub fn read(folder: &Path) -> Result<Self> {
        let name = folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        // The empty path is the current directory, for what is joined to it.
        if !folder.as_os_str().is_empty() && !folder.is_dir() {
            return Err(no_folder(folder));
        }
        let path = folder.join("manifest.json");
        let aside = || format!("move it away and {AGAIN}");
        let manifest = match Manifest::load(&path) {
            Ok(Some(manifest)) => manifest,
            Ok(None) => return Err(no_manifest(folder)?),
            // Who reads has no options that would choose another folder, or start over.
            Err(Error::Store { path, problem, .. }) => return Err(Error::store(path, problem, aside())),
            Err(error) => return Err(error),
        };
        let records = load_records(folder)?;
        let path = folder.join("runs.csv");
        let bytes = files::read_if_there(&path)?;
        let bytes = bytes.ok_or_else(|| Error::store(&path, "there is no such file", AGAIN))?;
        let refuse = |problem: String| Error::store(&path, problem, AGAIN);
        // What isn't ours would be refused by a run too.
        let lines = csv::read_runs(&bytes).map_err(|problem| Error::store(&path, problem, aside()))?;
        let mut listing = Listing { lines: BTreeSet::new(), records: records.clone() };
        let runs = lines.iter().map(|line| {
            let run = listed(&name, line, &records).map_err(refuse)?;
            let key = &run.record.run_key;
            if !listing.lines.insert((key.clone(), run.spec.regularizer.label())) {
                return Err(refuse(format!("its line of the run {key} stands there twice")));
            }
            Ok(run)
        });
        let runs: Vec<StoredRun> = runs.collect::<Result<_>>()?;
        let mut theory = load_theory(folder)?;
        theory.retain(|key, _| runs.iter().any(|run| run.record.run_key == *key));
        Ok(Self { name, folder: folder.to_owned(), manifest, runs, theory, listing })
    }

    /// What is mixed among the runs.
    pub fn warnings(&self) -> Vec<Warning> {
        warning::of_records(self.runs.iter().map(|run| &*run.record))
    }

    /// What the runs were computed on, each processor once, whenever it was: `AMD EPYC, avx2+fma; AMD EPYC, avx512f`.
    pub fn processors(&self) -> String {
        let processors: BTreeSet<_> = self.runs.iter().flat_map(|run| run.record.processors()).collect();
        processors.into_iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
    }

    /// Reads `directory`, a results folder or a root with such folders, those in order of their names. What
    /// `--fresh` has set aside (`<name>.1`, …) is left out, and so is what [`Results::unread`] tells of.
    ///
    /// # Errors
    /// Where there are none, and those of [`Results::read`].
    pub fn read_all(directory: &Path) -> Result<Vec<Self>> {
        if directory.join("runs.csv").exists() {
            return Ok(vec![Self::read(directory)?]);
        }
        let mut folders = files::entries(directory)?;
        folders.retain(|path| path.join("runs.csv").exists() && !is_set_aside(path));
        if folders.is_empty() {
            let fix =
                "train a configuration first: aesparse run CONFIG --out DIR, or aesparse figures --out DIR";
            let unread = Self::unread(directory)?.into_iter().next();
            return Err(unread.unwrap_or_else(|| Error::store(directory, "there are no results", fix)));
        }
        folders.iter().map(|folder| Self::read(folder)).collect()
    }

    /// What [`Results::read_all`] leaves out of `directory` because it has runs but no tables, such as those of workers that aren't
    /// merged: for each folder what to do about it.
    ///
    /// # Errors
    /// Where a folder can't be listed.
    pub fn unread(directory: &Path) -> Result<Vec<Error>> {
        if !directory.is_dir() || directory.join("runs.csv").exists() {
            return Ok(Vec::new());
        }
        if let Some(error) = no_tables(directory)? {
            return Ok(vec![error]);
        }
        let folders = files::entries(directory)?;
        let folders = folders.iter().filter(|path| !is_set_aside(path));
        folders.filter_map(|folder| no_tables(folder).transpose()).collect()
    }
}

/// The run of a line of the table in the results folder called `name`, whose numbers are its record's. Only the data set's name, and
/// at σ² = 0, where the plain auto-encoder stands for any model, the regularizer, are known from the line alone.
///
/// # Errors
/// A sentence, where there is no such record, or the line says otherwise.
fn listed(name: &str, line: &csv::Line, records: &Records) -> Result<StoredRun, String> {
    let cell = |name| csv::cells(line).find(|(column, _)| column.name == name).map_or("", |(_, text)| text);
    let key = cell("run_key");
    let record = records.get(key).ok_or_else(|| format!("there is no record {key}"))?;
    let other = |column: &str| format!("its line of the run {key} has another {column} than the record");
    let mut spec = record.spec.clone();
    let regularizer = RegularizerSpec::from_label(cell("regularizer")).ok_or_else(|| other("regularizer"))?;
    let activation = ActivationSpec::from_label(cell("activation")).ok_or_else(|| other("activation"))?;
    // Which parameters of a model of another program are at their defaults is known to its label alone.
    let is_unknown = matches!(regularizer.kind(), RegularizerKind::Unknown(_));
    if is_unknown && regularizer.kind() == spec.regularizer.kind() || spec.is_plain() {
        spec.regularizer = regularizer;
    }
    if activation.known().is_none() && activation.kind() == spec.activation.kind() {
        spec.activation = activation;
    }
    // Files are called by the folder's name: it may have been renamed, and a table of someone else's may name any place. On the
    // version no number depends.
    let (name, dataset) = (name.to_owned(), cell("dataset").to_owned());
    let run = StoredRun { name, dataset, spec, record: Arc::clone(record) };
    let disagrees = |(column, text): &(Column, &str)| {
        !["name", "version"].contains(&column.name) && !column.cell(&run, record.result()).is_said_by(text)
    };
    match csv::cells(line).find(disagrees) {
        Some((column, _)) => Err(other(column.name)),
        None => Ok(run),
    }
}

/// Whether `folder` is one that trainings write to: it has records, and a table or a manifest of ours beside them.
pub fn is_results_folder(folder: &Path) -> bool {
    let has = |name: &str| folder.join(name).exists();
    // Other programs have folders with a manifest.json and records too.
    let is_described = || matches!(Manifest::load(&folder.join("manifest.json")), Ok(Some(_)));
    folder.join("records").is_dir() && (has("runs.csv") || has(sessions::FOLDER) || is_described())
}

const NAME_ONE: &str = "name a results folder, DIR/<name>, or a run in it, DIR/<name>/KEY";

/// Why `folder` can't be read as a results folder: it is none at all.
fn no_folder(folder: &Path) -> Error {
    let problem = if folder.exists() { "it is no folder" } else { "there is no such file or folder" };
    Error::store(folder, problem, NAME_ONE)
}

/// Why `folder` can't be read as a results folder: it has no manifest.
fn no_manifest(folder: &Path) -> Result<Error> {
    if let Some(error) = no_tables(folder)? {
        return Ok(error);
    }
    if folder.join("runs.csv").exists() {
        return Ok(Error::store(folder.join("manifest.json"), "there is no such file", AGAIN));
    }
    let mut inside = files::entries(folder)?;
    inside.retain(|path| is_results_folder(path) && !is_set_aside(path));
    Ok(match inside.first() {
        None => Error::store(folder, "there are no results in it", NAME_ONE),
        Some(first) => {
            let problem = format!("it is no results folder, but a root with {} of them", inside.len());
            Error::store(folder, problem, format!("name one, such as {}", first.display()))
        }
    })
}

/// Why there are no tables in `folder` though it has records; `None` where there are tables, or no records.
fn no_tables(folder: &Path) -> Result<Option<Error>> {
    let records = folder.join("records");
    if folder.join("runs.csv").exists() || !records.is_dir() || files::run_files(&records)?.is_empty() {
        return Ok(None);
    }
    // A session of one process alone has a manifest before it has runs; those of workers are kept elsewhere until they are merged.
    if folder.join("manifest.json").exists() && !folder.join(sessions::FOLDER).is_dir() {
        return Ok(Some(Error::store(folder, "it has runs but no tables", AGAIN)));
    }
    let problem = "workers have trained runs of it, which are not merged yet";
    let root = folder.parent().filter(|root| !root.as_os_str().is_empty());
    let out = root.map_or_else(String::new, |root| format!(" --out {}", shell_word(root)));
    Ok(Some(Error::store(
        folder,
        problem,
        format!("bring them together with their plan: aesparse merge --plan FILE{out}"),
    )))
}

/// Whether the folder `path` has been set aside by `--fresh`, as `<name>.1`: the names of results have no dot.
pub(super) fn is_set_aside(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().contains('.'))
}
