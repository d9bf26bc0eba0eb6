//! `aesparse export`: stored measurements and weights in the formats of other programs.

use super::args::{ExportArguments, ExportFormat};
use super::messages::Messages;
use super::{Ending, count, output, stored};
use crate::error::{Error, Result};
use crate::store::export::{EVENT_FILE, event_file, is_event_file, json_lines, named_runs, safetensors};
use crate::store::{Moment, Results, StoredRun, write_atomic};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The end of files with weights.
const SAFETENSORS: &str = "safetensors";

/// Writes what the arguments ask for and says where.
///
/// # Errors
/// Whatever is wrong with the results, or where a file can't be written.
pub(crate) fn export(arguments: &ExportArguments, messages: &Messages) -> Result<Ending> {
    let out = &arguments.out;
    let is_one_file = arguments.format == ExportFormat::Jsonl;
    let to_stdout = is_one_file && output::is_stdout(out);
    if !to_stdout {
        output::outside_results("--out", out)?;
    }
    let results = Results::find_runs(&arguments.path, &arguments.conditions)?;
    stored::warn_of_unread(&arguments.path, messages)?;
    for folder in &results {
        stored::warn_of(folder, messages)?;
    }
    // What goes to a folder for each results folder must not go to a root, where these are.
    for folder in results.iter().filter(|_| !is_one_file) {
        output::outside_results("--out", &out.join(&folder.name))?;
    }
    let text = match arguments.format {
        ExportFormat::Jsonl if to_stdout => {
            return Ok(messages.deliver(&String::from_utf8_lossy(&json_lines(&results))));
        }
        ExportFormat::Jsonl => {
            write_atomic(out, &json_lines(&results))?;
            written(out, results.iter().map(|folder| folder.runs.len()).sum(), "cell")
        }
        ExportFormat::Tensorboard => {
            let runs = placed(&results);
            for Placed { path, run, .. } in &runs {
                write_atomic(&out.join(path).join(EVENT_FILE), &event_file(run))?;
            }
            let folders = runs.iter().map(|placed| out.join(&placed.path)).collect::<Vec<_>>();
            for folder in &results {
                remove_earlier(arguments, folder, &folders, messages)?;
            }
            written(out, runs.len(), "run")
        }
        ExportFormat::Safetensors => weights(&results, out, messages)?,
    };
    Ok(messages.print(&text))
}

/// A run and where it stands below the place of an export.
struct Placed<'a> {
    results: &'a Results,
    /// `<results>/<name>`, without an end.
    path: PathBuf,
    run: &'a StoredRun,
}

/// The runs of all `results`, each once.
fn placed(results: &[Results]) -> Vec<Placed<'_>> {
    let of_folder = |results| {
        let runs = named_runs(results).into_iter();
        runs.map(move |named| Placed {
            results,
            // The folder's own name, or none where it was given as `.`.
            path: Path::new(&results.name).join(named.name),
            run: named.run,
        })
    };
    results.iter().flat_map(of_folder).collect()
}

/// Removes the event files that earlier exports have left beside the `written` folders, now that all of `results` are exported: their
/// runs are no longer in the sweep, or have another name by now. Where a part of the results is exported, the others may be another
/// part, and are only told of.
///
/// # Errors
/// Where the system refuses.
fn remove_earlier(
    arguments: &ExportArguments,
    results: &Results,
    written: &[PathBuf],
    messages: &Messages,
) -> Result<()> {
    let place = arguments.out.join(&results.name);
    let mut earlier = others(&place, written)?;
    // What a link leads to isn't ours.
    earlier.retain(|folder| !folder.is_symlink() && is_event_file(&folder.join(EVENT_FILE)));
    if earlier.is_empty() {
        return Ok(());
    }
    let (runs, place) = (count(earlier.len(), "run"), place.display());
    // The path of a run leads on from the folder.
    let is_whole = arguments.conditions.is_empty() && results.folder.starts_with(&arguments.path);
    if !is_whole {
        messages.note(format_args!("{runs} of earlier exports stay in {place}"));
        return Ok(());
    }
    for folder in &earlier {
        let file = folder.join(EVENT_FILE);
        fs::remove_file(&file).map_err(Error::io("remove", &file))?;
        // Other files in it stay, and it with them.
        let _ = fs::remove_dir(folder);
    }
    messages.note(format_args!(
        "removed from {place}: {runs} of an earlier export that {} no longer has under that name",
        results.folder.display()
    ));
    Ok(())
}

/// What is in `place` and not among the `written`. Some file systems have one name for capital and small letters.
fn others(place: &Path, written: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let name = |path: &Path| path.to_string_lossy().to_lowercase();
    let written: BTreeSet<_> = written.iter().map(|path| name(path)).collect();
    let mut others = Vec::new();
    for entry in fs::read_dir(place).map_err(Error::io("list", place))? {
        let path = entry.map_err(Error::io("list", place))?.path();
        others.extend((!written.contains(&name(&path))).then_some(path));
    }
    others.sort();
    Ok(others)
}

fn written(out: &Path, number: usize, noun: &str) -> String {
    format!("written: {}, {}\n", out.display(), count(number, noun))
}

/// Writes the final weights of `results`, and returns what to print.
fn weights(results: &[Results], out: &Path, messages: &Messages) -> Result<String> {
    let runs = placed(results);
    let is_file = out.extension().is_some_and(|extension| extension == SAFETENSORS);
    if is_file && runs.len() > 1 {
        return Err(Error::usage(format_args!(
            "--out {}: one file takes one run, and {} are meant; accepted: a folder, or one run, by FOLDER/KEY or --where",
            out.display(),
            runs.len()
        )));
    }
    // Before any is written: weights that can't be trusted refuse the whole.
    for Placed { results, run, .. } in &runs {
        results.weights(run, Moment::Final)?;
    }
    let mut kept = Vec::new();
    for Placed { results, path, run } in &runs {
        let Some(file) = results.weights(run, Moment::Final)? else { continue };
        // Not `with_extension`, which would replace what stands behind the last dot of a name.
        let inside = format!("{}.{SAFETENSORS}", path.display());
        let path = if is_file { out.to_owned() } else { out.join(inside) };
        write_atomic(&path, &safetensors(run, &file))?;
        kept.push(path);
    }
    match runs.first() {
        Some(first) if kept.is_empty() => return Err(stored::no_weights(first.results, first.run)),
        _ if kept.len() < runs.len() => messages.warning(format_args!(
            "{} of {} have no final weights and are left out: train with -o output.weights=final",
            runs.len() - kept.len(),
            count(runs.len(), "run")
        )),
        _ => {}
    }
    for folder in results.iter().filter(|_| !is_file) {
        let place = out.join(&folder.name);
        // Nothing was written there where its runs have no weights.
        let mut left = if place.is_dir() { others(&place, &kept)? } else { Vec::new() };
        left.retain(|path| path.extension().is_some_and(|extension| extension == SAFETENSORS));
        if !left.is_empty() {
            let (files, place) = (count(left.len(), "file"), place.display());
            messages.note(format_args!("{files} of weights in {place} are not of this export, and stay"));
        }
    }
    Ok(written(out, kept.len(), "run"))
}
