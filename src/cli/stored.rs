//! Reads stored results, and a stored run with its data, which are checked against its record.

use super::count;
use super::messages::Messages;
use super::prepare::{check_data_dir, data_folders};
use crate::data::{DataSpec, HeldOut, Preparation, Raw, Source};
use crate::error::{Error, Result};
use crate::experiment::{Cell, config, unlisted_cells};
use crate::store::{
    Condition, DataPlaces, Manifest, Moment, RUN_AGAIN, Results, StoredRun, foreign_files, weights_path,
};
use crate::training::{RunSpec, Status};
use std::path::{Path, PathBuf};

/// The data that a configuration names.
pub(super) struct ConfiguredData {
    pub(super) spec: DataSpec,
    /// The folder of the data sets, where the configuration names one.
    folder: Option<PathBuf>,
}

/// Reads all results in `directory`, a results folder or a results root. Warns of folders that have no tables yet and of problems
/// with files.
///
/// # Errors
/// Those of [`Results::read_all`].
pub(super) fn read_all(directory: &Path, messages: &Messages) -> Result<Vec<Results>> {
    let results = Results::read_all(directory)?;
    warn_of_unread(directory, messages)?;
    for folder in &results {
        warn_of_problems(folder, messages)?;
        folder.damaged_weights()?.into_iter().for_each(|damaged| messages.warning(damaged));
    }
    Ok(results)
}

/// Finds the run that the arguments name, and returns it with its results folder. Warns of problems with files.
///
/// # Errors
/// Those of [`Results::find_run`].
pub(super) fn find_run(
    path: &Path,
    conditions: &[Condition],
    messages: &Messages,
) -> Result<(Results, StoredRun)> {
    let found = Results::find_run(path, conditions)?;
    warn_of_problems(&found.0, messages)?;
    Ok(found)
}

/// Finds the run that the arguments name, as [`find_run`], for its trained weights.
///
/// # Errors
/// Those of [`find_run`], and where `path` names initial weights.
pub(super) fn find_trained_run(
    path: &Path,
    conditions: &[Condition],
    messages: &Messages,
) -> Result<(Results, StoredRun)> {
    check_not_initial(path)?;
    find_run(path, conditions, messages)
}

/// The moment of the weights that `path` names: the initial ones by their file, otherwise the final ones.
pub(super) fn named_moment(path: &Path) -> Moment {
    let is_initial = path.is_file() && path.ends_with(Moment::Initial.file_name());
    if is_initial { Moment::Initial } else { Moment::Final }
}

/// Refuses a file of initial weights, where a command takes the trained ones.
///
/// # Errors
/// [`Error::Store`] with the file of the trained weights.
pub(super) fn check_not_initial(path: &Path) -> Result<()> {
    if named_moment(path) == Moment::Final {
        return Ok(());
    }
    let trained = path.with_file_name(Moment::Final.file_name());
    let fix = format!("name {} for the trained ones; `aesparse encode` takes both", trained.display());
    Err(Error::store(path, "these are the weights before training", fix))
}

/// Warns of foreign files in `results`, and of finished runs that its table lacks.
///
/// # Errors
/// Where a folder can't be listed.
pub(super) fn warn_of_problems(results: &Results, messages: &Messages) -> Result<()> {
    warn_of_foreign(&results.folder, messages)?;
    let cells = unlisted_cells(results);
    if let Some(Cell { spec, .. }) = cells.first() {
        let is_first = if cells.len() == 1 { "" } else { "the first " };
        let cells = count(cells.len(), "finished cell");
        let problem = format!("it lacks {cells} of its plan, {is_first}{}", spec.summary());
        messages.warning(Error::store(results.folder.join("runs.csv"), problem, RUN_AGAIN));
    }
    Ok(())
}

/// Warns of foreign files in the results folder `folder`.
///
/// # Errors
/// Where a folder can't be listed.
pub(super) fn warn_of_foreign(folder: &Path, messages: &Messages) -> Result<()> {
    foreign_files(folder)?.into_iter().for_each(|foreign| messages.warning(foreign));
    Ok(())
}

/// Warns of results in `directory` that have no tables yet.
///
/// # Errors
/// Those of [`Results::unread`].
pub(super) fn warn_of_unread(directory: &Path, messages: &Messages) -> Result<()> {
    Results::unread(directory)?.into_iter().for_each(|left_out| messages.warning(left_out));
    Ok(())
}

/// The error that `run` has no final weights, with the way to get them.
pub(super) fn no_weights(results: &Results, run: &StoredRun) -> Error {
    let path = weights_path(&results.folder, &run.record.run_key, Moment::Final);
    match run.record.status {
        Status::Diverged { epoch, .. } => {
            let problem = format!("the run diverged in epoch {epoch} and left no final weights");
            Error::store(path, problem, "choose another run, or train it at a smaller learning rate")
        }
        Status::Completed => Error::store(
            path,
            "the run's final weights were not kept",
            "run its configuration with -o output.weights=final --retrain, which trains it again to the same numbers",
        ),
    }
}

/// The data in the configuration of `results`. The manifest doesn't have the path of the configuration's file, so paths are
/// relative to the current directory, and [`data_sources`] searches other folders too for the user's own data.
///
/// # Errors
/// Where the configuration can't be used, or standardises the data in another way than `run` was trained with.
pub(super) fn configured_data(results: &Results, run: &StoredRun) -> Result<ConfiguredData> {
    let path = Manifest::path(&results.folder);
    let (spec, folder) = config::data(&results.manifest.config).map_err(|error| {
        Error::store(&path, format!("its configuration can't be used: {error}"), RUN_AGAIN)
    })?;
    if spec.standardize != run.record.spec.standardize {
        let key = &run.record.run_key;
        let problem = format!("its configuration standardises otherwise than the run {key} was trained");
        return Err(Error::store(path, problem, RUN_AGAIN));
    }
    Ok(ConfiguredData { spec, folder })
}

/// The possible sources of the data `configured` in `results`.
///
/// The user's own data (a `.npy` file or a folder of images) are at the path `own` if it is given. Otherwise they may be below
/// `data_dir`, at the path noted by a training, or at the path in the configuration; paths that don't exist are left out.
///
/// # Errors
/// Where the user's own data are at none of these paths, or `own` is given for data of another kind.
pub(super) fn data_sources(
    results: &Results,
    configured: &ConfiguredData,
    (own, data_dir): (Option<&Path>, Option<&Path>),
) -> Result<Vec<Source>> {
    let source = &configured.spec.source;
    let moved = |path: &Path| source.with_path(path);
    if let Some(own) = own {
        let moved = moved(own).ok_or_else(|| {
            let problem = "the run was not trained on a data file or a folder of images of your own; accepted: no --data";
            Error::usage(format_args!("{}: {problem}", own.display()))
        })?;
        return Ok(vec![moved]);
    }
    let Some(written) = source.path() else { return Ok(vec![source.clone()]) };
    let noted = DataPlaces::read(&results.folder).sources(&results.folder);
    let below = data_dir.map(|dir| dir.join(written));
    let mut places: Vec<PathBuf> = below.into_iter().chain(noted).chain([written.to_owned()]).collect();
    places.dedup();
    let found: Vec<Source> =
        places.iter().filter(|path| path.exists()).filter_map(|path| moved(path)).collect();
    if !found.is_empty() {
        return Ok(found);
    }
    let noun = if matches!(source, Source::Images(_)) { "folder" } else { "file" };
    let looked: Vec<String> = places.iter().map(|path| path.display().to_string()).collect();
    let problem = format!("there is no such {noun}; looked for it at {}", looked.join(", "));
    Err(Error::data(written, problem, "name the data that the run was trained on with --data PATH"))
}

/// Loads the data `configured` that `run`, one of `results`, was trained on, without standardisation. `own` and `data_dir` mean the
/// same as in [`data_sources`].
///
/// # Errors
/// Where the data are missing, damaged, or not the data that the run was trained on.
pub(super) fn load_data(
    (results, run): (&Results, &StoredRun),
    configured: &ConfiguredData,
    (own, data_dir): (Option<&Path>, Option<&Path>),
) -> Result<Raw> {
    check_data_dir(data_dir)?;
    let mut folders =
        data_folders(data_dir, Some(&Manifest::path(&results.folder)), configured.folder.as_deref());
    for folder in DataPlaces::read(&results.folder).folders(&results.folder) {
        folders.add("where the run found them", folder);
    }
    let spec = DataSpec { held_out: held_out(results, configured, data_dir), ..configured.spec.clone() };
    let mut first_error = None;
    for source in data_sources(results, configured, (own, data_dir))? {
        let read = DataSpec { source: source.clone(), ..spec.clone() }.read(&folders);
        match read.and_then(|raw| check_data(raw, (&source, spec.held_out.as_ref()), run)) {
            Ok(raw) => return Ok(raw),
            // Another path may have the right data.
            Err(error) => first_error = first_error.or(Some(error)),
        }
    }
    Err(first_error.expect("data_sources gives at least one source"))
}

/// Where the held-out samples of `configured` are. A missing file is left out, because most commands need the training samples
/// alone.
fn held_out(results: &Results, configured: &ConfiguredData, data_dir: Option<&Path>) -> Option<HeldOut> {
    let held_out = configured.spec.held_out.as_ref()?;
    let Some(written) = held_out.path() else { return Some(held_out.clone()) };
    let noted = DataPlaces::read(&results.folder).held_out(&results.folder);
    let mut places =
        data_dir.map(|dir| dir.join(written)).into_iter().chain(noted).chain([written.to_owned()]);
    places.find(|path| path.exists()).map(|path| held_out.with_path(path))
}

/// The user's own files and folders that the configuration of `results` names, at all places where they are found. `data_paths` are as in
/// [`data_sources`].
pub(super) fn own_data(results: &Results, data_paths: (Option<&Path>, Option<&Path>)) -> Vec<PathBuf> {
    let Ok((spec, folder)) = config::data(&results.manifest.config) else { return Vec::new() };
    let configured = ConfiguredData { spec, folder };
    let sources = data_sources(results, &configured, data_paths).unwrap_or_default();
    let held_out = held_out(results, &configured, data_paths.1);
    let paths = sources.iter().filter_map(Source::path).chain(held_out.as_ref().and_then(HeldOut::path));
    paths.map(Path::to_owned).collect()
}

/// How raw values became the inputs of `run`, one of `results`, found by loading its data. `data_paths` are as in [`load_data`].
///
/// # Errors
/// The errors of [`configured_data`] and [`load_data`].
pub(super) fn preparation(
    (results, run): (&Results, &StoredRun),
    data_paths: (Option<&Path>, Option<&Path>),
) -> Result<Preparation> {
    let configured = configured_data(results, run)?;
    let dataset =
        load_data((results, run), &configured, data_paths)?.standardize(configured.spec.standardize)?;
    Ok(Preparation::of(&dataset, &configured.spec.source))
}

/// Returns `raw`, read from `source` and `held_out`, if it is the data that `run` was trained on.
fn check_data(raw: Raw, (source, held_out): (&Source, Option<&HeldOut>), run: &StoredRun) -> Result<Raw> {
    let RunSpec { data_sha256, samples: trained_on, inputs: of_inputs, .. } = &run.record.spec;
    let path = source.path().unwrap_or(Path::new(&raw.name));
    let expected = (data_sha256.as_str(), *trained_on, *of_inputs);
    let (samples, inputs) = raw.train.dim();
    if (raw.sha256.as_str(), samples, inputs) != expected {
        let problem = format!(
            "not the data that the run {} was trained on: {samples} samples of {inputs} inputs with the SHA-256 {:.12}…, expected \
             {trained_on} of {of_inputs} with {data_sha256:.12}…",
            run.record.run_key, raw.sha256,
        );
        return Err(Error::data(path, problem, "name the right ones with --data PATH or --data-dir DIR"));
    }
    if raw.held_out_from.is_some() && raw.held_out_from != run.record.spec.held_out {
        let problem = format!("not the held-out samples that the run {} was measured on", run.record.run_key);
        let path = held_out.and_then(HeldOut::path).unwrap_or(path);
        let fix = "put the right ones at the path in data.held_out of its configuration";
        return Err(Error::data(path, problem, fix));
    }
    if raw.standardized_from(run.record.spec.standardize) != run.record.spec.standardized_from {
        let problem = format!(
            "the run {} was trained by a version of the program that rounded f64 samples to f32 before it standardised them",
            run.record.run_key
        );
        return Err(Error::data(path, problem, "train its configuration again with --fresh"));
    }
    Ok(raw)
}
