//! The provenance of each results folder: settings, data, machine, and the command that trains its runs again.

use super::document::{Block, Details, Section, Span, Table, Text, anchor};
use crate::error::shell_word;
use crate::store::{Manifest, Results};
use crate::training::RunSpec;
use std::cmp::Ordering;

/// The id of the section of a folder.
pub(super) fn id(folder: &str) -> String {
    anchor(&["folder", folder])
}

/// The command that trains the runs of `results` again: the manifest holds the resolved configuration.
pub(super) fn command(results: &Results) -> String {
    format!("aesparse run {} --out again", shell_word(Manifest::path(&results.folder)))
}

/// The training time of `results` in hours of one core, where it is known.
pub(super) fn hours(results: &Results) -> f64 {
    results.manifest.core_seconds().map(|(_, seconds)| seconds).sum::<f64>() / 3600.0
}

/// A table of all folders, followed by a section for each.
pub(super) fn blocks(results: &[Results]) -> Vec<Block> {
    let row = |folder: &Results| {
        let manifest = &folder.manifest;
        vec![
            Span::link_to(id(&folder.name), folder.name.as_str()).into(),
            manifest.finished.as_deref().unwrap_or("not finished").into(),
            manifest.version.as_str().into(),
            folder.processors().into(),
            folder.runs.len().to_string().into(),
            format!("{:.2}", hours(folder)).into(),
        ]
    };
    let words = ["results folder", "finished", "version", "processor"];
    let table = Table::new("", &words, &["cells", "hours of a core"]).with(results.iter().map(row));
    let sections = results.iter().map(|folder| Block::Section(of_folder(folder)));
    std::iter::once(Block::Table(table)).chain(sections).collect()
}

fn of_folder(results: &Results) -> Section {
    let manifest = &results.manifest;
    let of_first =
        |text: fn(&RunSpec) -> String| results.runs.first().map(|run| text(&run.spec)).unwrap_or_default();
    let digests = manifest.data_sha256.iter().map(|(role, digest)| format!("{role}: SHA-256 {digest}"));
    let finished = manifest.finished.as_deref().unwrap_or("not finished");
    let rows = [
        ("cells", results.runs.len().to_string()),
        ("seeds", list(results.runs.iter().map(|run| run.spec.seed))),
        ("samples", of_first(|s| format!("{} of {} inputs", s.samples, s.inputs))),
        ("hidden units", of_first(|s| s.hidden.to_string())),
        ("training", of_first(|s| format!("{} epochs, batches of {}", s.epochs, s.batch))),
        ("learning rate", list(results.runs.iter().map(|run| run.spec.learning_rate))),
        ("data", digests.collect::<Vec<_>>().join("; ")),
        ("version", format!("{}, numerics {}", manifest.version, manifest.numerics)),
        ("processor", results.processors()),
        (
            "system",
            format!("{}, {}, {} cores", manifest.operating_system, manifest.architecture, manifest.cores),
        ),
        ("trained", format!("{} to {finished}", manifest.started)),
        ("training time", format!("{:.2} hours of one core, as far as known", hours(results))),
    ];
    let rows = rows.into_iter().filter(|(_, value)| !value.is_empty());
    let row = |(name, value): (&str, String)| -> Vec<Text> { vec![name.into(), value.into()] };
    let blocks = vec![
        Block::Table(Table::new("", &["", ""], &[]).with(rows.map(row))),
        Block::Code(command(results)),
        Block::Details(Details {
            summary: "Configuration, resolved".to_owned(),
            blocks: vec![Block::Code(format!("{:#}", manifest.config))],
        }),
    ];
    Section::new(id(&results.name), results.name.as_str(), blocks)
}

/// The distinct values in ascending order: `1, 2, 3`.
fn list<T: PartialOrd + ToString>(values: impl Iterator<Item = T>) -> String {
    let mut different: Vec<T> = values.collect();
    different.sort_by(|a, b| a.partial_cmp(b).unwrap_or(Ordering::Equal));
    different.dedup_by(|a, b| a == b);
    different.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}
