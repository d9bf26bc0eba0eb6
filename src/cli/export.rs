//! `aesparse export`: stored measurements and weights in the formats of other programs.

use super::args::{ExportArguments, ExportFormat};
use super::messages::Messages;
use super::{ExitStatus, count, output, stored};
use crate::data::Preparation;
use crate::error::{Error, Result};
use crate::store::export::{EVENT_FILE, event_file, is_event_file, json_lines, named_runs, safetensors};
use crate::store::{EncoderSpec, Moment, Results, StoredRun, entries, write_atomic};
use crate::training::Status;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Writes the results that the arguments select, and prints where.
///
/// # Errors
/// Where results are missing or damaged, or a file can't be written.
pub(crate) fn export(arguments: &ExportArguments, messages: &Messages) -> Result<ExitStatus> {
    let out = &arguments.out;
    let is_one_file = arguments.format == ExportFormat::Jsonl;
    let to_stdout = is_one_file && output::is_stdout(out);
    if !to_stdout {
        output::check_outside_results("--out", out)?;
    }
    stored::check_not_initial(&arguments.path)?;
    let results = Results::find_runs(&arguments.path, &arguments.conditions)?;
    stored::warn_of_unread(&arguments.path, messages)?;
    for folder in &results {
        stored::warn_of_problems(folder, messages)?;
    }
    // With a folder for each results folder, `--out` must not be a results root, where these folders are the results.
    for folder in results.iter().filter(|_| !is_one_file) {
        output::check_outside_results("--out", &out.join(&folder.name))?;
    }
    let data_paths = (arguments.data.as_deref(), arguments.data_dir.as_deref());
    for folder in &results {
        let data = stored::own_data(folder, data_paths);
        output::check_not_an_input("--out", out, data.iter().map(PathBuf::as_path))?;
    }
    let text = match arguments.format {
        ExportFormat::Jsonl if to_stdout => {
            return Ok(messages.write_stdout(&json_lines(&results)));
        }
        ExportFormat::Jsonl => {
            write_atomic(out, &json_lines(&results))?;
            written_line(out, results.iter().map(|folder| folder.runs.len()).sum(), "cell")
        }
        ExportFormat::Tensorboard => {
            let runs = exported_runs(&results);
            for ExportedRun { path, run, .. } in &runs {
                write_atomic(&out.join(path).join(EVENT_FILE), &event_file(run))?;
            }
            let folders = runs.iter().map(|exported| out.join(&exported.path)).collect::<Vec<_>>();
            for folder in &results {
                remove_earlier_exports(arguments, folder, &folders, messages)?;
            }
            written_line(out, runs.len(), "run")
        }
        ExportFormat::Npz => write_weights(&results, arguments, "npz", messages)?,
        ExportFormat::Safetensors => write_weights(&results, arguments, "safetensors", messages)?,
    };
    Ok(messages.print(&text))
}

/// A run and its path inside the folder of an export.
struct ExportedRun<'a> {
    results: &'a Results,
    /// `<results>/<name>`, without an extension.
    path: PathBuf,
    run: &'a StoredRun,
}

/// The runs of all `results`, each once.
fn exported_runs(results: &[Results]) -> Vec<ExportedRun<'_>> {
    let of_folder = |results| {
        let runs = named_runs(results).into_iter();
        runs.map(move |named| ExportedRun {
            results,
            // The folder's own name.
            path: Path::new(&results.name).join(named.name),
            run: named.run,
        })
    };
    results.iter().flat_map(of_folder).collect()
}

/// Removes event files that earlier exports left beside the `written` folders, when all of `results` are exported: their runs are
/// no longer in the sweep or now have another name. When only a part of the results is exported, the other files may belong to
/// another part; they stay and a note names them.
///
/// # Errors
/// Where a folder can't be read or a file can't be removed.
fn remove_earlier_exports(
    arguments: &ExportArguments,
    results: &Results,
    written: &[PathBuf],
    messages: &Messages,
) -> Result<()> {
    let place = arguments.out.join(&results.name);
    let mut earlier = other_entries(&place, written)?;
    // The target of a link may belong to somebody else.
    earlier.retain(|folder| !folder.is_symlink() && is_event_file(&folder.join(EVENT_FILE)));
    if earlier.is_empty() {
        return Ok(());
    }
    let (runs, place) = (count(earlier.len(), "run"), place.display());
    // A path that names a run is longer than the results folder's.
    let is_whole = arguments.conditions.is_empty() && results.folder.starts_with(&arguments.path);
    if !is_whole {
        messages.note(format_args!("{runs} of earlier exports stay in {place}"));
        return Ok(());
    }
    for folder in &earlier {
        let file = folder.join(EVENT_FILE);
        fs::remove_file(&file).map_err(Error::io("remove", &file))?;
        // A folder with other files stays.
        let _ = fs::remove_dir(folder);
    }
    messages.note(format_args!(
        "removed from {place}: {runs} of an earlier export that {} no longer has under that name",
        results.folder.display()
    ));
    Ok(())
}

/// The entries of the folder `place`, if it is there, without the `written` ones. Upper and lower case count as equal, as on some
/// file systems.
fn other_entries(place: &Path, written: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let name = |path: &Path| path.to_string_lossy().to_lowercase();
    let written: BTreeSet<_> = written.iter().map(|path| name(path)).collect();
    let mut others = entries(place)?;
    others.retain(|path| !written.contains(&name(path)));
    Ok(others)
}

fn written_line(out: &Path, number: usize, noun: &str) -> String {
    format!("written: {}, {}\n", out.display(), count(number, noun))
}

/// Writes the final weights of `results`, in files with the `extension` of the format, and returns the line to print.
fn write_weights(
    results: &[Results],
    arguments: &ExportArguments,
    extension: &str,
    messages: &Messages,
) -> Result<String> {
    let (runs, out) = (exported_runs(results), &arguments.out);
    let is_file = out.extension().is_some_and(|end| end == extension);
    if !is_file && out.extension().is_some_and(|end| end == "npz" || end == "safetensors") {
        return Err(Error::usage(format_args!(
            "--out {}: its end is of another format than --format {extension}; accepted: a folder, or FILE.{extension}",
            out.display()
        )));
    }
    if is_file && runs.len() > 1 {
        return Err(Error::usage(format_args!(
            "--out {}: one file takes one run, and {} are meant; accepted: a folder, or one run, by FOLDER/KEY or --where",
            out.display(),
            runs.len()
        )));
    }
    // All weights are checked before any file is written: damaged ones refuse the whole export.
    for ExportedRun { results, run, .. } in &runs {
        results.weights(run, Moment::Final)?;
    }
    let (mut files, mut descriptions) = (Vec::new(), Descriptions::new(arguments));
    for ExportedRun { results, path, run } in &runs {
        let Some(mut file) = results.weights(run, Moment::Final)? else { continue };
        file.encoder = file.encoder.or_else(|| descriptions.of(results, run));
        // Not `with_extension`, which would replace the part of the name after its last dot.
        let inside = format!("{}.{extension}", path.display());
        let path = if is_file { out.to_owned() } else { out.join(inside) };
        let bytes = match arguments.format {
            ExportFormat::Npz => {
                file.encode().map_err(|problem| Error::store(&path, problem, "choose safetensors"))?
            }
            _ => safetensors(run, &file),
        };
        write_atomic(&path, &bytes)?;
        files.push(path);
    }
    descriptions.warn(files.len(), messages);
    match runs.first() {
        Some(first) if files.is_empty() => return Err(stored::no_weights(first.results, first.run)),
        _ if files.len() < runs.len() => {
            let has_diverged = |exported: &&ExportedRun<'_>| exported.run.record.status != Status::Completed;
            let diverged = runs.iter().filter(has_diverged).count();
            let (left_out, all) = (runs.len() - files.len(), count(runs.len(), "run"));
            let reason = match left_out.saturating_sub(diverged) {
                0 => "they diverged".to_owned(),
                kept_none if diverged == 0 => format!(
                    "train {} with -o output.weights=final --retrain",
                    if kept_none == 1 { "it" } else { "them" }
                ),
                kept_none => format!(
                    "{diverged} diverged; train the other {kept_none} with -o output.weights=final --retrain"
                ),
            };
            messages.warning(format_args!(
                "{left_out} of {all} have no final weights and are left out: {reason}"
            ));
        }
        _ => {}
    }
    for folder in results.iter().filter(|_| !is_file) {
        let place = out.join(&folder.name);
        let mut left = other_entries(&place, &files)?;
        left.retain(|path| path.extension().is_some_and(|end| end == extension));
        if !left.is_empty() {
            let (left, place) = (count(left.len(), "file"), place.display());
            messages.note(format_args!("{left} of weights in {place} are not of this export, and stay"));
        }
    }
    Ok(written_line(out, files.len(), "run"))
}

/// The descriptions of encoders for weights of earlier versions, which lack them, from the data that the runs were trained on.
struct Descriptions<'a> {
    data_paths: (Option<&'a Path>, Option<&'a Path>),
    /// The latest results folder, and how the samples of its runs became inputs: all runs of a folder have the same data.
    latest: Option<(PathBuf, Result<Preparation>)>,
    /// The number of weights whose encoder can't be described, and the first reason.
    missing: Option<(usize, String)>,
}

impl<'a> Descriptions<'a> {
    fn new(arguments: &'a ExportArguments) -> Self {
        let data_paths = (arguments.data.as_deref(), arguments.data_dir.as_deref());
        Self { data_paths, latest: None, missing: None }
    }

    /// The description of the encoder of `run`, one of `results`; `None` where its data can't be used.
    fn of(&mut self, results: &Results, run: &StoredRun) -> Option<EncoderSpec> {
        if self.latest.as_ref().is_none_or(|(folder, _)| *folder != results.folder) {
            let found = stored::preparation((results, run), self.data_paths);
            self.latest = Some((results.folder.clone(), found));
        }
        match self.latest.as_ref().map(|(_, found)| found)? {
            Ok(input) => Some(EncoderSpec::new(&run.record.spec, input.clone(), &run.record.version)),
            Err(error) => {
                self.missing.get_or_insert_with(|| (0, error.to_string())).0 += 1;
                None
            }
        }
    }

    /// Warns of the encoders among `written` that couldn't be described.
    fn warn(self, written: usize, messages: &Messages) {
        if let Some((count, reason)) = self.missing {
            messages.warning(format_args!(
                "{count} of {written} files have weights of an earlier version without mean, sd and encoder.json, so that `aesparse \
                 encode` needs their results folder and its data: {reason}"
            ));
        }
    }
}
