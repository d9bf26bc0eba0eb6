//! Controls: experiments that tell an effect from a tautology, each a picture and tables from stored results alone.
//!
//! The settings of a folder's runs decide which control it is, or of which figures it is one that a control looks at once more.
//! What isn't trained has no page. Differences are taken seed by seed, for seeds share initial weights, batch orders and noise;
//! Student's t gives the interval of their mean (95 %), and one seed has none.

mod catalogue;
mod evidence;
mod findings;
mod quantity;
mod sweep;
mod threshold;

use self::evidence::Evidence;
use self::findings::Findings;
use self::sweep::{Facet, facets};
use super::PaperFigure;
use super::chart::{Multiples, Row};
use super::document::{Block, Section, Span, Table, Text};
use super::drawing::{Chart, Drawing, file_stem};
use super::figure::{dataset, in_common};
use super::numbers::Numbers;
use crate::store::{Results, StoredRun};
use crate::training::RunSpec;

/// An entry of the catalogue.
#[derive(Debug)]
pub struct Control {
    /// What its place on the page is called.
    pub id: &'static str,
    /// Its heading.
    pub title: &'static str,
    /// What it asks.
    pub question: &'static str,
    /// Of which claim it asks, what is compared, and how it is to be read.
    pub setup: &'static str,
    source: Source,
    /// The setting, with its name, in which panels and tables tell the runs of each model apart.
    facet: (&'static str, fn(&RunSpec) -> String),
    /// The horizontal axis' name.
    x_name: &'static str,
    /// What the picture shows.
    rows: fn(&[Facet<'_>]) -> Vec<Row>,
    /// The numbers behind it.
    numbers: fn(&Evidence<'_>) -> Numbers,
    findings: &'static [Findings],
}

/// Where the runs of a control come from.
#[derive(Debug, Clone, Copy)]
enum Source {
    /// Folders of their own, of whose runs this is true.
    Own(fn(&Evidence<'_>) -> bool),
    /// The folders of figures with these ids, as far as activities were counted.
    Figures(&'static [&'static str]),
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
    /// What it comes to.
    pub tables: Vec<Table>,
    /// The case that says most.
    telling: Option<Text>,
}

impl Control {
    /// Every one, in the order of the report.
    pub const ALL: &'static [Self] = &[
        catalogue::CONSTRAINT,
        catalogue::BIAS,
        catalogue::CORRUPTION,
        threshold::CONTROL,
        catalogue::IDENTITY,
        catalogue::PENALTY,
        catalogue::ACTIVATIONS,
    ];

    /// The id of its section.
    fn section(&self) -> String {
        format!("control-{}", self.id)
    }

    /// Its pages: one for each data set that there are runs on, MNIST first.
    fn pages(&'static self, results: &[Results]) -> Vec<Page> {
        let mut pages: Vec<Page> =
            self.sets(results).iter().filter_map(|(stem, runs)| self.page(stem, runs)).collect();
        pages.sort_by_key(|page| page.dataset != "MNIST");
        pages
    }

    /// Whether `results` are for this control. Its own are on the paper's data, but no figure of the paper, and within a facet
    /// they differ in nothing but learning rate, model, σ² and seed.
    fn is_about(&self, results: &Results) -> bool {
        let figure = PaperFigure::of(&results.runs);
        let asks = match self.source {
            Source::Figures(ids) => return figure.is_some_and(|(figure, _)| ids.contains(&figure.id)),
            Source::Own(asks) => asks,
        };
        let is_the_papers = |run: &StoredRun| ["mnist", "cifar10"].contains(&run.dataset.as_str());
        let setting = |spec: &RunSpec| (spec.activation.label(), spec.constraint.label(), spec.encoder_bias);
        let is_one = |facet: &Facet<'_>| facet.evidence.distinct(setting).len() == 1;
        let runs = Evidence::of(results);
        results.runs.first().is_some_and(is_the_papers)
            && figure.is_none()
            && asks(&runs)
            && facets(&runs, self.facet.1).iter().all(is_one)
    }

    /// The runs of each page, with the name of its files: of own folders each learning rate by itself, of figures those of all
    /// folders on a data set with the same protocol, as far as activities were counted.
    fn sets<'r>(&self, results: &'r [Results]) -> Vec<(String, Evidence<'r>)> {
        let mut sets: Vec<(String, Evidence<'r>)> = Vec::new();
        for folder in results.iter().filter(|folder| self.is_about(folder)) {
            let mut all = Evidence::of(folder);
            let is_own = matches!(self.source, Source::Own(_));
            all.runs.retain(|run| is_own || run.stored.record.activity.is_some());
            let rates = all.distinct(|spec| spec.learning_rate);
            for rate in &rates {
                let runs = all.filter(|spec| spec.learning_rate == *rate);
                let stem = match (is_own, rates.len()) {
                    (false, _) => format!("control_{}_{}", self.id, folder.runs[0].dataset),
                    (true, 1) => folder.name.clone(),
                    (true, _) => format!("{}_{rate}", folder.name),
                };
                match sets.iter_mut().find(|(known, set)| *known == stem && set.is_trained_as(&runs)) {
                    Some((_, set)) => set.add(runs),
                    None => sets.push((stem, runs)),
                }
            }
        }
        sets
    }

    fn page(&'static self, stem: &str, evidence: &Evidence<'_>) -> Option<Page> {
        let stored: Vec<&StoredRun> = evidence.runs.iter().map(|run| run.stored).collect();
        let dataset = dataset(&stored.first()?.dataset);
        let facets = facets(evidence, self.facet.1);
        let rows = (self.rows)(&facets);
        let names: Vec<&str> = rows.iter().map(|row| row.name.as_str()).collect();
        let description = format!("{} against {}", names.join(", "), self.x_name);
        let title = format!("{}: {dataset}", self.title);
        let x_name = self.x_name.to_owned();
        let chart = Multiples { title, subtitle: in_common(&stored), description, x_name, rows };
        // What is to be known stands above it, in the control's setup.
        let drawing = Drawing::new(file_stem(stem), Chart::Multiples(chart), "", (self.numbers)(evidence));
        let findings = self.findings.iter().map(|findings| findings.of(&dataset, self.facet.0, &facets));
        let (tables, telling): (_, Vec<_>) = findings.unzip();
        let telling = telling.into_iter().flatten().next();
        Some(Page { control: self, dataset, folder: evidence.folder(), drawing, tables, telling })
    }
}

/// Whether `results` are a control's own.
pub(super) fn is_control(results: &Results) -> bool {
    let is_own = |control: &Control| matches!(control.source, Source::Own(_));
    Control::ALL.iter().any(|control| is_own(control) && control.is_about(results))
}

/// A section for each control that has `pages`; `command` gives that which makes a results folder.
pub(super) fn sections(pages: &[Page], command: impl Fn(&str) -> Option<String>) -> Vec<Block> {
    let section = |control: &'static Control| {
        let own: Vec<&Page> = pages.iter().filter(|page| page.control.id == control.id).collect();
        let mut blocks = vec![Block::paragraph(control.question), Block::note(control.setup)];
        for page in &own {
            let command = page.folder.as_deref().and_then(&command);
            blocks.push(Block::Pictures(vec![page.drawing.picture(command)]));
            blocks.extend(page.tables.iter().cloned().map(Block::Table));
        }
        let section = Section::new(control.section(), control.title, blocks).folded();
        (!own.is_empty()).then(|| Block::Section(section))
    };
    Control::ALL.iter().filter_map(section).collect()
}

/// The row of the first page of each control on each data set: its section, the data set, the question, and the case that says most.
pub(super) fn glance(pages: &[Page]) -> Vec<Vec<Text>> {
    let is_first = |(index, page): &(usize, &Page)| {
        let same = |other: &Page| other.control.id == page.control.id && other.dataset == page.dataset;
        !pages[..*index].iter().any(same)
    };
    let row = |(_, page): (usize, &Page)| {
        let study = Span::to(page.control.section(), page.control.title).into();
        let telling = page.telling.clone()?;
        Some(vec![study, page.dataset.as_str().into(), page.control.question.into(), telling])
    };
    pages.iter().enumerate().filter(is_first).filter_map(row).collect()
}

impl Page {
    /// The pages of all `results`, in the catalogue's order.
    pub fn all(results: &[Results]) -> Vec<Self> {
        Control::ALL.iter().flat_map(|control| control.pages(results)).collect()
    }
}

#[cfg(test)]
pub(super) mod tests;
