//! `aesparse compare`: two runs, or two results folders, side by side. Trains nothing.

use super::args::CompareArguments;
use super::messages::Messages;
use super::{ExitStatus, count, document, stored};
use crate::error::Result;
use crate::report::compare::{
    ComparedCell, ComparedMetric, ComparedRun, Comparison, Difference, FolderComparison, RunComparison,
    SharedCell,
};
use crate::report::dictionary::{DictionaryLikeness, UsedUnits};
use crate::report::document::{Block, Table, Text};
use crate::report::render;
use crate::store::{AXES, Column, Moment, Results, StoredRun, varied};
use crate::training::Status;
use serde_json::Value as Json;
use std::path::Path;

/// The cell of a missing value.
const ABSENT: &str = "–";

/// Number of characters after which the table cuts a setting's value. The JSON has the whole value.
const MAX_LENGTH: usize = 60;

/// Compares two results folders, or two runs if at least one argument is not a results folder.
///
/// # Errors
/// Where a folder or run is missing, is damaged or names several runs, or the JSON can't be written.
pub(crate) fn compare(arguments: &CompareArguments, messages: &Messages) -> Result<ExitStatus> {
    let (a, b) = (arguments.a.as_path(), arguments.b.as_path());
    let is_folder = |path: &Path| path.join("manifest.json").is_file();
    let comparison = if is_folder(a) && is_folder(b) {
        let [a, b] = [Results::read(a)?, Results::read(b)?];
        for results in [&a, &b] {
            stored::warn_of_problems(results, messages)?;
        }
        Comparison::Folders(FolderComparison::of(&a, &b))
    } else {
        let run = |path: &Path| stored::find_run(path, &[], messages);
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
    let table = || render::terminal(&blocks(&comparison).into());
    document::print_or_write_json(&comparison, arguments.json.as_deref(), table, messages)
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
        Comparison::Folders(folders) => folder_blocks(folders),
    }
}

/// The names of A and B.
fn names(a: &str, b: &str) -> Block {
    let row = |letter: &str, name: &str| vec![letter.into(), name.into()];
    Block::Table(Table::new("", &["", ""], &[]).with([row("A", a), row("B", b)]))
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
        let [a, b] = [compared.a, compared.b].map(|value| value.map_or_else(absent, significant));
        [compared.name.to_owned(), a, b, compared.difference.map_or_else(absent, signed)]
            .map(Text::from)
            .to_vec()
    };
    let results = Table::new("results", &["", "A", "B", "B − A"], &[]).with(runs.results.iter().map(row));
    let units = runs.units.as_ref().map(units_block);
    let blocks = [names(&name(&runs.a), &name(&runs.b)), settings(&runs.settings), Block::Table(results)];
    blocks.into_iter().chain(units).collect()
}

/// The likeness of the units, one number on each line.
fn units_block(units: &DictionaryLikeness) -> Block {
    let number = |value: Option<f64>| value.map_or_else(absent, |value| format!("{value:.4}"));
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

fn folder_blocks(folders: &FolderComparison) -> Vec<Block> {
    let FolderComparison { a, b, cells, only_a, only_b, .. } = folders;
    let all: Vec<&ComparedCell> = cells.iter().map(|pair| &pair.cell).chain(only_a).chain(only_b).collect();
    let axes = match all.as_slice() {
        [_] => AXES.to_vec(),
        all => varied(all.iter().map(|cell| &cell.0)).collect(),
    };
    let heads: Vec<&str> = axes.iter().map(heading).collect();
    let settings_of = |cell: &ComparedCell| {
        axes.iter().map(|axis| axis.setting_cell(&cell.0).to_text().into()).collect::<Vec<Text>>()
    };
    let same = cells.iter().filter(|pair| pair.same_run).count();
    let caption =
        format!("results: {} in both, {same} of them the very same run", count(cells.len(), "cell"));
    let row = |pair: &SharedCell| {
        let fraction = &pair.activation_fraction;
        let dead = &pair.dead_units;
        let four = |value: f64| format!("{value:.4}");
        let shown = [
            fraction.a.map_or_else(absent, four),
            fraction.b.map_or_else(absent, four),
            fraction
                .difference
                .map_or_else(absent, |difference| without_sign_of_zero(format!("{difference:+.4}"))),
            dead.a.map_or_else(absent, significant),
            dead.b.map_or_else(absent, significant),
            dead.difference.map_or_else(absent, signed),
        ];
        settings_of(&pair.cell).into_iter().chain(shown.map(Text::from)).collect()
    };
    let both = if cells.is_empty() {
        Block::paragraph(caption)
    } else {
        let measured = ["fraction A", "fraction B", "B − A", "dead A", "dead B", "B − A"];
        Block::Table(Table::new(caption, &heads, &measured).with(cells.iter().map(row)))
    };
    let only = |(name, cells): (&str, &Vec<ComparedCell>)| {
        let caption = format!("only in {name}: {}", count(cells.len(), "cell"));
        (!cells.is_empty())
            .then(|| Block::Table(Table::new(caption, &heads, &[]).with(cells.iter().map(settings_of))))
    };
    let only = [("A", only_a), ("B", only_b)].into_iter().filter_map(only);
    [names(a, b), settings(&folders.settings), both].into_iter().chain(only).collect()
}

/// The heading of an axis' column.
fn heading(axis: &Column) -> &'static str {
    match axis.name {
        "learning_rate" => "rate",
        "encoder_bias" => "bias",
        "sigma_squared" => "σ²",
        name => name,
    }
}

fn settings(differences: &[Difference]) -> Block {
    if differences.is_empty() {
        return Block::paragraph("settings: none differ");
    }
    let row = |difference: &Difference| {
        let [a, b] =
            [&difference.a, &difference.b].map(|value| value.as_ref().map_or_else(absent, setting_text));
        [one_line(&difference.key), a, b].map(Text::from).to_vec()
    };
    Block::Table(Table::new("settings that differ", &["", "A", "B"], &[]).with(differences.iter().map(row)))
}

/// The value of a setting, as in a configuration.
fn setting_text(value: &Json) -> String {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    one_line(&text)
}

/// The first [`MAX_LENGTH`] characters of `text`, without line breaks.
fn one_line(text: &str) -> String {
    let mut line: String =
        text.chars().take(MAX_LENGTH).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if text.chars().count() > MAX_LENGTH {
        line.push('…');
    }
    line
}

fn absent() -> String {
    ABSENT.to_owned()
}

/// A whole number in full, another number with six significant digits.
fn significant(x: f64) -> String {
    if x.fract() == 0.0 && x.abs() < 1e15 {
        return format!("{x}");
    }
    let rounded: f64 = format!("{x:.5e}").parse().unwrap_or(x);
    match rounded.abs() {
        size if (1e-4..1e9).contains(&size) => rounded.to_string(),
        _ => format!("{rounded:e}"),
    }
}

/// [`significant`] with a sign; the difference 0 has none.
fn signed(x: f64) -> String {
    if x > 0.0 { format!("+{}", significant(x)) } else { significant(x + 0.0) }
}

/// `text` without the sign if its number is 0.
fn without_sign_of_zero(text: String) -> String {
    if text.trim_start_matches(['+', '-']).chars().all(|c| ['0', '.'].contains(&c)) {
        text.trim_start_matches(['+', '-']).to_owned()
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short_and_differences_have_signs() {
        let numbers = [0.0, 12.0, 0.123_456_789, 1_234.567_89, 1e-7, 2.5e20];
        assert_eq!(
            numbers.map(significant),
            ["0", "12", "0.123457", "1234.57", "1e-7", "2.5e20"].map(str::to_owned)
        );
        assert_eq!([-0.0, -1.5, 2.0].map(signed), ["0", "-1.5", "+2"].map(str::to_owned));
        assert_eq!(without_sign_of_zero("-0.0000".to_owned()), "0.0000");
        assert_eq!(without_sign_of_zero("+0.0100".to_owned()), "+0.0100");
        assert_eq!(one_line(&"x".repeat(70)).chars().count(), MAX_LENGTH + 1);
    }
}
