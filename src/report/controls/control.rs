//! What a control is, and its page: from runs to a picture and tables.

use super::evidence::Evidence;
use super::findings::Findings;
use super::sweep::Facet;
use crate::report::catalogue::{PaperFigure, half};
use crate::report::chart::{Multiples, Stack};
use crate::report::document::{Table, Text, anchor};
use crate::report::drawing::{Chart, Drawing};
use crate::report::figure::{dataset, grouped, in_common};
use crate::report::numbers::Numbers;
use crate::report::text::file_stem;
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
    pub(super) source: Source,
    /// The setting, with its name, in which panels and tables tell the runs of each model apart.
    pub(super) facet: (&'static str, fn(&RunSpec) -> String),
    /// The horizontal axis' name.
    pub(super) x_name: &'static str,
    /// What the picture shows.
    pub(super) stacks: fn(&[Facet<'_>]) -> Vec<Stack>,
    /// The numbers behind it.
    pub(super) numbers: fn(&Evidence<'_>) -> Numbers,
    pub(super) findings: &'static [Findings],
}

/// Where the runs of a control come from.
#[derive(Debug, Clone, Copy)]
pub(super) enum Source {
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
    pub(super) telling: Option<Text>,
}

impl Control {
    /// The id of its section.
    pub(super) fn section(&self) -> String {
        anchor(&["control", self.id])
    }

    /// Its pages: one for each data set that there are runs on, MNIST first.
    pub(super) fn pages(&'static self, results: &[Results]) -> Vec<Page> {
        let mut pages: Vec<Page> =
            self.sets(results).iter().filter_map(|(stem, runs)| self.page(stem, runs)).collect();
        pages.sort_by_key(|page| page.dataset != "MNIST");
        pages
    }

    /// Whether `results` are for this control. Its own are on the paper's data, but no figure of the paper, and within a facet
    /// they differ in nothing but learning rate, model, σ² and seed.
    pub(super) fn is_about(&self, results: &Results) -> bool {
        let figure = PaperFigure::of(&results.runs);
        let asks = match self.source {
            Source::Figures(ids) => return figure.is_some_and(|(figure, _)| ids.contains(&figure.id)),
            Source::Own(asks) => asks,
        };
        let is_the_papers = |run: &StoredRun| half(&run.dataset).is_some();
        let setting = |spec: &RunSpec| (spec.activation.label(), spec.constraint.label(), spec.encoder_bias);
        let is_one = |(_, runs): &Facet<'_>| runs.distinct(setting).len() == 1;
        let runs = Evidence::of(results);
        results.runs.first().is_some_and(is_the_papers)
            && figure.is_none()
            && asks(&runs)
            && self.facets(&runs).iter().all(is_one)
    }

    /// The runs of each page, with the name of its files: of own folders each learning rate by itself, of figures those of all
    /// folders on a data set with the same protocol, as far as activities were counted.
    fn sets<'r>(&self, results: &'r [Results]) -> Vec<(String, Evidence<'r>)> {
        let is_own = matches!(self.source, Source::Own(_));
        let of_folder = |folder: &'r Results| {
            let mut all = Evidence::of(folder);
            all.runs.retain(|run| is_own || run.stored.record.activity.is_some());
            let rates = all.by(|run| run.stored.spec.learning_rate);
            let are_several = rates.len() > 1;
            rates.into_iter().map(move |(rate, runs)| {
                let stem = match (is_own, are_several) {
                    (false, _) => format!("control_{}_{}", self.id, folder.runs[0].dataset),
                    (true, false) => folder.name.clone(),
                    (true, true) => format!("{}_{rate}", folder.name),
                };
                ((stem, runs.protocol()), runs)
            })
        };
        let sets = results.iter().filter(|folder| self.is_about(folder)).flat_map(of_folder);
        let sets = grouped(sets, |(key, _)| key.clone()).into_iter();
        sets.map(|((stem, _), parts)| (stem, Evidence::joined(parts.into_iter().map(|(_, runs)| runs))))
            .collect()
    }

    /// The runs of each panel, and its title.
    fn facets<'r>(&self, runs: &Evidence<'r>) -> Vec<Facet<'r>> {
        runs.by(|run| (self.facet.1)(&run.stored.spec))
    }

    fn page(&'static self, stem: &str, runs: &Evidence<'_>) -> Option<Page> {
        let stored: Vec<&StoredRun> = runs.stored().collect();
        let dataset = dataset(&stored.first()?.dataset);
        let facets = self.facets(runs);
        let stacks = (self.stacks)(&facets);
        let names: Vec<&str> = stacks.iter().flat_map(|stack| &stack.rows).map(|row| row.name).collect();
        let description = format!("{} against {}", names.join(", "), self.x_name);
        let title = format!("{}: {dataset}", self.title);
        let x_name = self.x_name.to_owned();
        let chart = Multiples { title, subtitle: in_common(&stored), description, x_name, stacks };
        // What is to be known stands above it, in the control's setup.
        let drawing = Drawing::new(file_stem(stem), Chart::Multiples(chart), "", (self.numbers)(runs));
        let findings = self.findings.iter().map(|findings| findings.of(&dataset, self.facet.0, &facets));
        let (tables, telling): (_, Vec<_>) = findings.unzip();
        let telling = telling.into_iter().flatten().next();
        Some(Page { control: self, dataset, folder: runs.folder(), drawing, tables, telling })
    }
}
