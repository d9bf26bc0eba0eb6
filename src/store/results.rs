//! Reading results folders: the lines of `runs.csv`, each with its record.

use super::columns::Column;
use super::distribution::DistributionRecord;
use super::layout::is_results_folder;
use super::manifest::Manifest;
use super::record::Record;
use super::records::{DistributionRecords, RunRecords, TheoryRecords, load_records};
use super::run::StoredRun;
use super::side::SideRecord;
use super::theory::TheoryRecord;
use super::warning::{self, Warning};
use super::{csv, files, sessions};
use crate::activation::ActivationSpec;
use crate::error::{Error, Result, shell_word};
use crate::regularizer::{RegularizerKind, RegularizerSpec};
use std::collections::{BTreeSet, HashSet};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The fix for missing or damaged tables and manifests.
pub(crate) const RUN_AGAIN: &str =
    "run its configuration again, which writes the folder's files from its records";

/// One results folder.
#[derive(Debug, Clone, PartialEq)]
pub struct Results {
    /// Its name.
    pub name: String,
    /// Its path.
    pub folder: PathBuf,
    /// Its manifest.
    pub manifest: Manifest,
    /// The finished cells of its plan, in the plan's order.
    pub runs: Vec<StoredRun>,
    /// The measurements of the theory of these runs, by run key; not every run has some.
    pub theory: TheoryRecords,
    /// The distributions of the codes of these runs, by run key; not every run has some.
    pub distributions: DistributionRecords,
    /// All lines of the table, even where `runs` are a selection.
    pub listing: Listing,
}

/// The lines of a results folder's table, and all finished runs of the folder.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Listing {
    /// The run key and regularizer of each line; at σ² = 0 several cells share a run.
    lines: BTreeSet<(String, String)>,
    records: RunRecords,
}

impl Listing {
    /// Whether the run `run_key` is finished, but the table has no line for its cell with the regularizer label `regularizer`.
    pub fn lacks(&self, run_key: &str, regularizer: String) -> bool {
        self.records.contains_key(run_key) && !self.lines.contains(&(run_key.to_owned(), regularizer))
    }

    /// The finished runs of the folder.
    pub fn records(&self) -> impl Iterator<Item = &Record> {
        self.records.values().map(|record| &**record)
    }
}

impl Results {
    /// Reads the results folder `folder`. Locks and changes nothing.
    ///
    /// # Errors
    /// [`Error::Store`] where the folder is missing, has no results, or its workers' results are not merged; where the table, the manifest
    /// or a record is missing, damaged, or disagrees with the others; where a side record is damaged. [`Error::Io`]
    /// where a file can't be read.
    pub fn read(folder: &Path) -> Result<Self> {
        let whole = || folder.canonicalize().ok()?.file_name().map(OsStr::to_owned);
        let name = folder.file_name().map(OsStr::to_owned).or_else(whole).unwrap_or_default();
        let name = name.to_string_lossy().into_owned();
        // The empty path is the current directory, but `is_dir` denies it.
        if !folder.as_os_str().is_empty() && !folder.is_dir() {
            return Err(no_folder(folder));
        }
        let aside = || format!("move it away and {RUN_AGAIN}");
        let manifest = match Manifest::of(folder) {
            Ok(Some(manifest)) => manifest,
            Ok(None) => return Err(no_manifest(folder)?),
            // Read-only commands cannot offer `--fresh` or another `--out`.
            Err(Error::Store { path, problem, .. }) => return Err(Error::store(path, problem, aside())),
            Err(error) => return Err(error),
        };
        let path = folder.join("runs.csv");
        // Before the records, because a run that is trained meanwhile is stored before its line is.
        let bytes = files::read_if_there(&path)?;
        let records = load_records(folder)?;
        let bytes = bytes.ok_or_else(|| Error::store(&path, "there is no such file", RUN_AGAIN))?;
        let refuse = |problem: String| Error::store(&path, problem, RUN_AGAIN);
        // A run refuses a foreign table too, so running again is not enough.
        let lines = csv::read_runs(&bytes).map_err(|problem| Error::store(&path, problem, aside()))?;
        let mut listing = Listing { lines: BTreeSet::new(), records: records.clone() };
        let runs = lines.iter().map(|line| {
            let run = listed(&name, line, &records).map_err(refuse)?;
            let key = &run.record.run_key;
            if !listing.lines.insert((key.clone(), run.spec.regularizer.label())) {
                return Err(refuse(format!("it has two lines of the run {key}")));
            }
            Ok(run)
        });
        let runs: Vec<StoredRun> = runs.collect::<Result<_>>()?;
        let keys: HashSet<&str> = runs.iter().map(|run| run.record.run_key.as_str()).collect();
        let mut theory = TheoryRecord::load_all(folder)?;
        theory.retain(|key, _| keys.contains(key.as_str()));
        let mut distributions = DistributionRecord::load_all(folder)?;
        distributions.retain(|key, _| keys.contains(key.as_str()));
        Ok(Self { name, folder: folder.to_owned(), manifest, runs, theory, distributions, listing })
    }

    /// Warnings about runs that come from different versions or processors.
    pub fn warnings(&self) -> Vec<Warning> {
        warning::of_records(self.runs.iter().map(|run| &*run.record))
    }

    /// All processors that the runs were computed on, each once: `AMD EPYC, avx2+fma; AMD EPYC, avx512f`.
    pub fn processors(&self) -> String {
        let processors: BTreeSet<_> = self.runs.iter().flat_map(|run| run.record.processors()).collect();
        processors.into_iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
    }

    /// Reads `directory`: a results folder, or a root with results folders, which are sorted by name. Leaves out folders that `--fresh`
    /// has set aside (`<name>.1`, …) and those of [`Results::unread`].
    ///
    /// # Errors
    /// Where there are none, and the errors of [`Results::read`].
    pub fn read_all(directory: &Path) -> Result<Vec<Self>> {
        if directory.join("runs.csv").exists() {
            return Ok(vec![Self::read(directory)?]);
        }
        if directory.is_file() {
            let fix = "name the folder that has runs.csv, or a folder of such folders";
            return Err(Error::store(directory, "it is a file, not a results folder", fix));
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

    /// An error for each folder that [`Results::read_all`] leaves out of `directory` because it has runs but no tables, as before
    /// workers' results are merged. The error says what to do.
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

/// The run of a line of the table in the results folder called `name`. Its numbers come from its record. Only the data set's name comes
/// from the line, and at σ² = 0, where all models are the plain auto-encoder, the regularizer.
///
/// # Errors
/// A sentence, where the record is missing or disagrees with the line.
fn listed(name: &str, line: &csv::CsvLine, records: &RunRecords) -> Result<StoredRun, String> {
    let cell = |name| csv::cells(line).find(|(column, _)| column.name == name).map_or("", |(_, text)| text);
    let key = cell("run_key");
    let record = records
        .get(key)
        .ok_or_else(|| format!("there is no record {key}, so its run is to be trained again"))?;
    let other = |column: &str| format!("its line of the run {key} has another {column} than the record");
    let mut spec = record.spec.clone();
    let regularizer = RegularizerSpec::from_label(cell("regularizer")).ok_or_else(|| other("regularizer"))?;
    let activation = ActivationSpec::from_label(cell("activation")).ok_or_else(|| other("activation"))?;
    // The defaults of another program's model are unknown here, so only the line's label shows which parameters are at their defaults.
    let is_unknown = matches!(regularizer.kind(), RegularizerKind::Unknown(_));
    if is_unknown && regularizer.kind() == spec.regularizer.kind() || spec.is_plain() {
        spec.regularizer = regularizer;
    }
    if activation.known().is_none() && activation.kind() == spec.activation.kind() {
        spec.activation = activation;
    }
    // The run gets the folder's name, because files are named after it: the folder may have been renamed, and a table from elsewhere may
    // hold any name. The columns `name` and `version` are not compared.
    let (name, dataset) = (name.to_owned(), cell("dataset").to_owned());
    let run = StoredRun { name, dataset, spec, record: Arc::clone(record) };
    let disagrees = |(column, text): &(Column, &str)| {
        !["name", "version"].contains(&column.name) && !column.cell(&run, record.result()).matches_text(text)
    };
    match csv::cells(line).find(disagrees) {
        Some((column, _)) => Err(other(column.name)),
        None => Ok(run),
    }
}

/// The fix where a path leads to no results folder.
const NAME_ONE: &str = "name a results folder, DIR/<name>, or a run in it, DIR/<name>/KEY";

/// The error for a `folder` that does not exist or is no folder.
fn no_folder(folder: &Path) -> Error {
    let problem = if folder.exists() { "it is no folder" } else { "there is no such file or folder" };
    Error::store(folder, problem, NAME_ONE)
}

/// The error for a `folder` without a manifest.
fn no_manifest(folder: &Path) -> Result<Error> {
    if let Some(error) = no_tables(folder)? {
        return Ok(error);
    }
    if folder.join("runs.csv").exists() {
        return Ok(Error::store(Manifest::path(folder), "there is no such file", RUN_AGAIN));
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

/// The error for a `folder` with records but without tables; `None` where it has tables or no records.
fn no_tables(folder: &Path) -> Result<Option<Error>> {
    let records = folder.join(Record::FOLDER);
    if folder.join("runs.csv").exists() || !records.is_dir() || files::run_files(&records)?.is_empty() {
        return Ok(None);
    }
    // A process that works alone writes manifest.json before any run; workers' manifests stay in sessions/ until they are merged.
    if Manifest::path(folder).exists() && !folder.join(sessions::FOLDER).is_dir() {
        return Ok(Some(Error::store(folder, "it has runs but no tables", RUN_AGAIN)));
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

/// Whether `--fresh` has set the folder `path` aside, as `<name>.1`. Names of results folders have no dot.
pub(super) fn is_set_aside(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().contains('.'))
}
