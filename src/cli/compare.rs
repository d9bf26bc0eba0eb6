//! `aesparse compare`: two runs, or two results folders, side by side. Trains nothing.

mod folders;
mod text;
mod tolerance;

use super::args::CompareArguments;
use super::messages::Messages;
use super::{ExitStatus, document, screen, stored};
use crate::error::Result;
use crate::report::compare::{
    ComparedMetric, ComparedRun, Comparison, FolderComparison, RunComparison, ToleranceCheck,
};
use crate::report::dictionary::{DictionaryLikeness, UsedUnits};
use crate::report::document::{Block, Table, Text};
use crate::report::text::or_absent;
use crate::store::{Manifest, Moment, Results, StoredRun};
use crate::training::Status;
use serde::Serialize;
use std::path::Path;
use text::{names, settings, signed, significant};

/// A comparison as `--json` writes it.
#[derive(Serialize)]
struct ComparisonJson<'c> {
    #[serde(flatten)]
    comparison: &'c Comparison,
    /// The outcome of `--tolerance`.
    #[serde(skip_serializing_if = "Option::is_none")]
    tolerance: Option<&'c ToleranceCheck>,
}

/// Compares two results folders, or two runs if at least one argument is not a results folder. With `--tolerance` the status says
/// whether their fractions agree.
///
/// # Errors
/// Where a folder or run is missing, is damaged or names several runs, or the JSON can't be written.
pub(crate) fn compare(arguments: &CompareArguments, messages: &Messages) -> Result<ExitStatus> {
    let (a, b) = (arguments.a.as_path(), arguments.b.as_path());
    let is_folder = |path: &Path| Manifest::path(path).is_file();
    let comparison = if is_folder(a) && is_folder(b) {
        let [a, b] = [Results::read(a)?, Results::read(b)?];
        for results in [&a, &b] {
            stored::warn_of_problems(results, messages)?;
        }
        Comparison::Folders(FolderComparison::of(&a, &b))
    } else {
        let run = |path: &Path| stored::find_trained_run(path, &[], messages);
        // The argument that isn't a folder is looked up first: that it is missing says more than that a folder has several runs.
        let (a, b) = if is_folder(a) {
            let b = run(b)?;
            (run(a)?, b)
        } else {
            (run(a)?, run(b)?)
        };
        let units = likeness(&a, &b)?;
        Comparison::Runs(RunComparison::of(&a.1, &b.1, units))
    };
    let check = arguments.tolerance.map(|tolerance| comparison.check(tolerance));
    let table = || {
        let mut blocks = blocks(&comparison);
        blocks.extend(check.as_ref().and_then(|check| tolerance::exceeded(check, &comparison)));
        screen::text(blocks)
    };
    let json = ComparisonJson { comparison: &comparison, tolerance: check.as_ref() };
    let delivered =
        document::print_or_write_json(|| &json, ("--json", arguments.json.as_deref()), table, messages)?;
    Ok(check.map_or(delivered, |check| delivered.and(tolerance::status(&check, messages))))
}

/// How alike the units of two runs are; `None` where a run has no weights, or the inputs differ in number.
///
/// # Errors
/// Where weights are damaged or can't be read.
fn likeness(a: &(Results, StoredRun), b: &(Results, StoredRun)) -> Result<Option<DictionaryLikeness>> {
    let units = |(results, run): &(Results, StoredRun)| {
        let file = results.weights(run, Moment::Final)?;
        Result::Ok(file.map(|file| UsedUnits::of(&file.weights, &run.record)))
    };
    let both = units(a)?.zip(units(b)?);
    Ok(both.filter(|(a, b)| a.inputs() == b.inputs()).map(|(a, b)| DictionaryLikeness::of(&a, &b)))
}

fn blocks(comparison: &Comparison) -> Vec<Block> {
    match comparison {
        Comparison::Runs(runs) => run_blocks(runs),
        Comparison::Folders(folders) => folders::blocks(folders),
    }
}

fn run_blocks(runs: &RunComparison) -> Vec<Block> {
    let name = |run: &ComparedRun| {
        let end = match run.status {
            Status::Completed => String::new(),
            Status::Diverged { epoch, .. } => format!(", diverged in epoch {epoch}"),
        };
        format!("{}/{}{end}", run.name, run.run_key)
    };
    let row = |compared: &ComparedMetric| {
        let [a, b] = [compared.a, compared.b].map(|value| or_absent(value, significant));
        [compared.name.to_owned(), a, b, or_absent(compared.difference, signed)].map(Text::from).to_vec()
    };
    let results = Table::new("results", &["", "A", "B", "B − A"], &[]).with(runs.results.iter().map(row));
    let units = runs.units.as_ref().map(units_block);
    let blocks = [names(&name(&runs.a), &name(&runs.b)), settings(&runs.settings), Block::Table(results)];
    blocks.into_iter().chain(units).collect()
}

/// The likeness of the units, one number on each line.
fn units_block(units: &DictionaryLikeness) -> Block {
    let number = |value: Option<f64>| or_absent(value, |value| format!("{value:.4}"));
    let rows = [
        ("units of A", units.units_a.to_string()),
        ("units of B", units.units_b.to_string()),
        ("mean cosine", number(units.mean_matched_cosine)),
        ("share above 0.9", number(units.same_fraction)),
    ];
    let row = |(name, value): (&str, String)| vec![name.into(), value.into()];
    let caption = "rows of W, matched one to one by their cosines, dead units left out";
    Block::Table(Table::new(caption, &[""], &[""]).with(rows.map(row)))
}
