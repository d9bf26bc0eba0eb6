//! Controls: experiments that tell an effect from a tautology, each a picture, a table and sentences from stored results alone.
//!
//! A control has a results folder of its own, called `control_<id>_<data set>` like its configuration, or looks once more at
//! the folders of figures. What isn't trained has no page. Differences are taken seed by seed, for seeds share initial weights,
//! batch orders and noise; Student's t gives the interval of their mean (95 %), and one seed has none.

mod activations;
mod bias;
mod constraint;
mod contrast;
mod corruption;
mod evidence;
mod identity;
mod penalty;
mod sweep;
mod threshold;

use self::evidence::Evidence;
use super::PaperFigure;
use super::chart::{Multiples, Row};
use super::document::{Block, Section, Text};
use super::drawing::{Chart, Drawing, file_stem};
use super::figure::{dataset, in_common};
use super::numbers::Numbers;
use crate::store::{Results, StoredRun};

/// An entry of the catalogue.
#[derive(Debug)]
pub struct Control {
    /// What its files and its place on the page are called.
    pub id: &'static str,
    /// Its heading.
    pub title: &'static str,
    /// What it asks, and of which claim.
    pub question: &'static str,
    /// What is compared, and how it is to be read.
    pub setup: &'static str,
    source: Source,
    examine: fn(&Evidence<'_>) -> Option<Findings>,
}

/// Where the runs of a control come from.
#[derive(Debug, Clone, Copy)]
enum Source {
    /// The folders `control_<id>_…`.
    Own,
    /// The folders of figures with these ids, and `relu_mnist`, which is Figure 1 on MNIST.
    Figures(&'static [&'static str]),
}

/// What a control finds in its runs.
struct Findings {
    /// The horizontal axis' name.
    x_name: &'static str,
    rows: Vec<Row>,
    table: Numbers,
    /// What it comes to, with numbers.
    sentences: Vec<String>,
}

/// A control on one data set.
#[derive(Debug)]
pub struct Page {
    /// The entry of the catalogue.
    pub control: &'static Control,
    /// The data set as the paper writes it.
    pub dataset: String,
    /// The name of the results folder, where all runs are of one.
    pub folder: Option<String>,
    /// The picture and the numbers behind it.
    pub drawing: Drawing,
    /// What it comes to, with numbers computed from the records.
    pub sentences: Vec<String>,
}

impl Control {
    /// Every one, in the order of the report.
    pub const ALL: &'static [Self] = &[
        constraint::CONTROL,
        bias::CONTROL,
        corruption::CONTROL,
        threshold::CONTROL,
        identity::CONTROL,
        penalty::CONTROL,
        activations::CONTROL,
    ];

    /// Its pages: one for each data set that there are runs on.
    fn pages(&'static self, results: &[Results]) -> Vec<Page> {
        let sets = match self.source {
            Source::Own => {
                results.iter().filter(|folder| self.owns(&folder.name)).flat_map(by_rate).collect()
            }
            Source::Figures(ids) => self.by_dataset(results, ids),
        };
        let mut pages: Vec<Page> =
            sets.iter().filter_map(|(stem, evidence)| self.page(stem, evidence)).collect();
        // Folders come in the order of their names, the paper and the figures have MNIST first.
        pages.sort_by_key(|page| page.dataset != "MNIST");
        pages
    }

    fn owns(&self, folder: &str) -> bool {
        let rest = folder.strip_prefix("control_").and_then(|rest| rest.strip_prefix(self.id));
        rest.is_some_and(|rest| rest.starts_with('_'))
    }

    fn by_dataset<'r>(&self, results: &'r [Results], ids: &[&str]) -> Vec<(String, Evidence<'r>)> {
        let files =
            || PaperFigure::ALL.iter().filter(|figure| ids.contains(&figure.id)).flat_map(|f| f.configs);
        let is_known = |name: &str| {
            name == "relu_mnist" || files().any(|half| half.file.strip_suffix(".toml") == Some(name))
        };
        let mut sets: Vec<(String, Evidence<'r>)> = Vec::new();
        for folder in results.iter().filter(|folder| is_known(&folder.name)) {
            let Some(first) = folder.runs.first() else { continue };
            let stem = format!("control_{}_{}", self.id, first.dataset);
            match sets.iter_mut().find(|(known, _)| *known == stem) {
                None => sets.push((stem, Evidence::of(folder, folder.runs.iter()))),
                Some((_, evidence)) if evidence.is_trained_as(first) => {
                    evidence.add(folder, folder.runs.iter());
                }
                // Another protocol is another page.
                Some(_) => {
                    sets.push((format!("{stem}_{}", folder.name), Evidence::of(folder, folder.runs.iter())));
                }
            }
        }
        sets
    }

    fn page(&'static self, stem: &str, evidence: &Evidence<'_>) -> Option<Page> {
        let Findings { x_name, rows, table, sentences } = (self.examine)(evidence)?;
        let stored: Vec<&StoredRun> = evidence.runs.iter().map(|run| run.stored).collect();
        let dataset = dataset(&stored.first()?.dataset);
        let chart = Multiples {
            title: format!("{}: {dataset}", self.title),
            subtitle: in_common(&stored),
            description: sentences.join(" "),
            x_name: x_name.to_owned(),
            rows,
        };
        // What is to be known stands above it, in the control's setup.
        let drawing = Drawing::new(file_stem(stem), Chart::Multiples(chart), "", table);
        Some(Page { control: self, dataset, folder: evidence.folder(), drawing, sentences })
    }
}

/// The runs of a folder, those of each learning rate by themselves.
fn by_rate(folder: &Results) -> Vec<(String, Evidence<'_>)> {
    let mut rates: Vec<f64> = folder.runs.iter().map(|run| run.spec.learning_rate).collect();
    rates.sort_by(f64::total_cmp);
    rates.dedup();
    let stem =
        |rate: f64| if rates.len() == 1 { folder.name.clone() } else { format!("{}_{rate}", folder.name) };
    let runs = |rate: f64| folder.runs.iter().filter(move |run| run.spec.learning_rate == rate);
    rates.iter().map(|rate| (stem(*rate), Evidence::of(folder, runs(*rate)))).collect()
}

/// Whether `results` are a control's own.
pub(super) fn is_control(results: &Results) -> bool {
    Control::ALL.iter().any(|control| control.owns(&results.name))
}

/// A section for each control that has `pages`; `command` gives that which makes a results folder.
pub(super) fn sections(pages: &[Page], command: impl Fn(&str) -> Option<String>) -> Vec<Block> {
    let section = |control: &'static Control| {
        let own: Vec<&Page> = pages.iter().filter(|page| page.control.id == control.id).collect();
        let mut blocks = vec![Block::paragraph(control.question), Block::note(control.setup)];
        for page in &own {
            let command = page.folder.as_deref().and_then(&command);
            blocks.push(Block::Pictures(vec![page.drawing.picture(command)]));
            let said = |sentence: &String| format!("{}: {sentence}", page.dataset).into();
            blocks.push(Block::List(page.sentences.iter().map(said).collect()));
        }
        let section = Section::new(format!("control-{}", control.id), control.title, blocks).folded();
        (!own.is_empty()).then(|| Block::Section(section))
    };
    Control::ALL.iter().filter_map(section).collect()
}

/// The row of each page that says most.
pub(super) fn glance(_pages: &[Page]) -> Vec<Vec<Text>> {
    Vec::new()
}

impl Page {
    /// The pages of all `results`, in the catalogue's order.
    pub fn all(results: &[Results]) -> Vec<Self> {
        Control::ALL.iter().flat_map(|control| control.pages(results)).collect()
    }
}

#[cfg(test)]
pub(super) mod tests;
