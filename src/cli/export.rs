//! `aesparse export`: stored measurements and weights in the formats of other programs.

use super::args::{ExportArguments, ExportFormat};
use super::messages::Messages;
use super::{Ending, count, output, stored};
use aesparse::error::{Error, Result};
use aesparse::store::export::{EVENT_FILE, event_file, json_lines, named_runs, safetensors};
use aesparse::store::{Results, StoredRun, write_atomic};
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
    if !(is_one_file && output::is_stdout(out)) {
        output::outside_results("--out", out)?;
    }
    let results = Results::find_runs(&arguments.path, &arguments.conditions)?;
    stored::warn_of_unread(&arguments.path, messages)?;
    // What goes to a folder for each results folder must not go to a root, where these are.
    for folder in results.iter().filter(|_| !is_one_file) {
        output::outside_results("--out", &out.join(&folder.name))?;
    }
    let text = match arguments.format {
        ExportFormat::Jsonl => measurements(&results, out)?,
        ExportFormat::Tensorboard => {
            let runs = placed(&results);
            for Placed { path, run, .. } in &runs {
                write_atomic(&out.join(path).join(EVENT_FILE), &event_file(run))?;
            }
            written(out, runs.len(), "run")
        }
        ExportFormat::Safetensors => weights(&placed(&results), out, messages)?,
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

fn written(out: &Path, number: usize, noun: &str) -> String {
    format!("written: {}, {}\n", out.display(), count(number, noun))
}

/// Writes the measurements of `results` as JSON Lines, and returns what to print.
fn measurements(results: &[Results], out: &Path) -> Result<String> {
    let lines = json_lines(results);
    if output::is_stdout(out) {
        return Ok(String::from_utf8_lossy(&lines).into_owned());
    }
    write_atomic(out, &lines)?;
    Ok(written(out, results.iter().map(|folder| folder.runs.len()).sum(), "cell"))
}

/// Writes the final weights of `runs`, and returns what to print.
fn weights(runs: &[Placed<'_>], out: &Path, messages: &Messages) -> Result<String> {
    let is_file = out.extension().is_some_and(|extension| extension == SAFETENSORS);
    if is_file && runs.len() > 1 {
        let problem =
            format!("--out {}: one file takes one run, and {} are meant", out.display(), runs.len());
        let accepted = "a folder, or one run, by FOLDER/KEY or --where";
        return Err(Error::Usage { problem: format!("{problem}; accepted: {accepted}") });
    }
    let mut kept = 0;
    for Placed { results, path, run } in runs {
        let Some(file) = stored::final_weights(results, run)? else { continue };
        // Not `with_extension`, which would replace what stands behind the last dot of a name.
        let inside = format!("{}.{SAFETENSORS}", path.display());
        let path = if is_file { out.to_owned() } else { out.join(inside) };
        write_atomic(&path, &safetensors(run, &file))?;
        kept += 1;
    }
    match runs.first() {
        Some(first) if kept == 0 => return Err(stored::no_weights(first.results, first.run)),
        _ if kept < runs.len() => messages.warning(format_args!(
            "{} of {} have no final weights and are left out: train with -o output.weights=final",
            runs.len() - kept,
            count(runs.len(), "run")
        )),
        _ => {}
    }
    Ok(written(out, kept, "run"))
}
