//! Settings, data, machine and caveats of each results folder.

use crate::report::caveats::Caveat;
use crate::store::Results;
use maud::{Markup, html};
use std::cmp::Ordering;

/// The list of caveats, by folder.
pub(super) fn caveats(caveats: &[Caveat]) -> Markup {
    html! {
        @if caveats.is_empty() {
            p { "None." }
        } @else {
            ul.caveats {
                @for caveat in caveats { li { strong { (caveat.name) } ": " (caveat.text) } }
            }
        }
    }
}

/// Where the numbers of each folder come from.
pub(super) fn provenance(results: &[Results]) -> Markup {
    html! { @for folder in results { (of_folder(folder)) } }
}

fn of_folder(results: &Results) -> Markup {
    let manifest = &results.manifest;
    let first = results.runs.first().map(|run| &run.spec);
    let digests = manifest.data_sha256.iter().map(|(role, digest)| format!("{role}: SHA-256 {digest}"));
    let hours = manifest.seconds.values().sum::<f64>() / 3600.0;
    let finished = manifest.finished.as_deref().unwrap_or("not finished");
    let rows = [
        ("cells", results.runs.len().to_string()),
        ("seeds", list(results.runs.iter().map(|run| run.spec.seed))),
        ("samples", first.map(|s| format!("{} of {} inputs", s.samples, s.inputs)).unwrap_or_default()),
        ("hidden units", first.map(|s| s.hidden.to_string()).unwrap_or_default()),
        (
            "training",
            first.map(|s| format!("{} epochs, batches of {}", s.epochs, s.batch)).unwrap_or_default(),
        ),
        ("learning rate", list(results.runs.iter().map(|run| run.spec.learning_rate))),
        ("data", digests.collect::<Vec<_>>().join("; ")),
        ("version", format!("{}, numerics {}", manifest.version, manifest.numerics)),
        ("processor", results.processors()),
        (
            "system",
            format!("{}, {}, {} cores", manifest.operating_system, manifest.architecture, manifest.cores),
        ),
        ("trained", format!("{} to {finished}", manifest.started)),
        ("training time", format!("{hours:.2} hours of one core, as far as noted")),
    ];
    html! {
        h3 id={ "folder-" (results.name) } { (results.name) }
        dl { @for (name, value) in &rows { @if !value.is_empty() { dt { (name) } dd { (value) } } } }
        details {
            summary { "Configuration, resolved" }
            pre { (format!("{:#}", manifest.config)) }
        }
    }
}

/// The different values in order: `1, 2, 3`.
fn list<T: PartialOrd + ToString>(values: impl Iterator<Item = T>) -> String {
    let mut different: Vec<T> = values.collect();
    different.sort_by(|a, b| a.partial_cmp(b).unwrap_or(Ordering::Equal));
    different.dedup_by(|a, b| a == b);
    different.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}
