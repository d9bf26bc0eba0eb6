//! A control and its pages, each a picture and tables of runs on one data set.

use super::evidence::Evidence;
use super::findings::FindingsTable;
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
    /// The name of its section, part of the section's id.
    pub id: &'static str,
    /// Its heading.
    pub title: &'static str,
    /// Its question.
    pub question: &'static str,
    /// The claim behind the question, the comparison, and how to read it.
    pub setup: &'static str,
    pub(super) source: RunSource,
    /// The name and the value of the setting that distinguishes the panels of a picture and the rows of a model.
    pub(super) facet: (&'static str, fn(&RunSpec) -> String),
    /// The name of the horizontal axis.
    pub(super) x_name: &'static str,
    /// The panels of the picture.
    pub(super) stacks: fn(&[Facet<'_>]) -> Vec<Stack>,
    /// The numbers behind the picture.
    pub(super) numbers: fn(&Evidence<'_>) -> Numbers,
    pub(super) findings: &'static [FindingsTable],
}

/// The source of a control's runs.
#[derive(Debug, Clone, Copy)]
pub(super) enum RunSource {
    /// Folders that were trained for the control; the predicate recognises their runs.
    Own(fn(&Evidence<'_>) -> bool),
    /// Like [`RunSource::Own`], but the control compares standardisations and learning rates too, so that its folders on one data set
    /// share a page.
    Joined(fn(&Evidence<'_>) -> bool),
    /// The folders of the figures with these ids; only runs with counted activity.
    Figures(&'static [&'static str]),
}

/// A control on one data set.
#[derive(Debug)]
pub struct ControlPage {
    /// The control, an entry of the catalogue.
    pub control: &'static Control,
    /// The data set as the paper writes it.
    pub dataset: String,
    /// The name of the results folder, if all runs are in one.
    pub folder: Option<String>,
    /// The picture and the numbers behind it.
    pub drawing: Drawing,
    /// The findings.
    pub tables: Vec<Table>,
    /// The case that says most, for the table at a glance.
    pub(super) highlight: Option<Text>,
}

impl Control {
    /// The id of its section.
    pub(super) fn section(&self) -> String {
        anchor(&["control", self.id])
    }

    /// Its pages, MNIST first: at least one for each data set with runs.
    pub(super) fn pages(&'static self, results: &[Results]) -> Vec<ControlPage> {
        let mut pages: Vec<ControlPage> =
            self.sets(results).iter().filter_map(|(stem, runs)| self.page(stem, runs)).collect();
        pages.sort_by_key(|page| page.dataset != "MNIST");
        pages
    }

    /// Whether `results` belong to this control. A folder that was trained for it is on one of the paper's data sets, is no
    /// figure of the paper, and within a facet varies only learning rate, model, σ² and seed.
    pub(super) fn is_about(&self, results: &Results) -> bool {
        let figure = PaperFigure::of(&results.runs);
        let asks = match self.source {
            RunSource::Figures(ids) => return figure.is_some_and(|(figure, _)| ids.contains(&figure.id)),
            RunSource::Own(asks) | RunSource::Joined(asks) => asks,
        };
        let is_the_papers = |run: &StoredRun| half(&run.dataset).is_some();
        let setting = |spec: &RunSpec| (spec.activation.label(), spec.constraint.label(), spec.encoder_bias);
        let is_one = |(_, runs): &Facet<'_>| runs.distinct(setting).len() == 1;
        let runs = Evidence::from_folder(results);
        results.runs.first().is_some_and(is_the_papers)
            && figure.is_none()
            && asks(&runs)
            && self.facets(&runs).iter().all(is_one)
    }

    /// The runs of each page, with the stem of its files. A folder that was trained for the control has a page for each learning
    /// rate, unless the control compares learning rates; runs of figures are joined over all folders with the same data set and
    /// protocol, if their activity was counted.
    fn sets<'r>(&self, results: &'r [Results]) -> Vec<(String, Evidence<'r>)> {
        let is_counted = matches!(self.source, RunSource::Figures(_));
        let is_joined = !matches!(self.source, RunSource::Own(_));
        let compares: &[&str] = match self.source {
            RunSource::Joined(_) => &["learning_rate", "standardize"],
            RunSource::Own(_) | RunSource::Figures(_) => &[],
        };
        let of_folder = |folder: &'r Results| {
            let mut all = Evidence::from_folder(folder);
            all.runs.retain(|run| !is_counted || run.stored.record.activity.is_some());
            let parts = all.grouped_by(|run| compares.is_empty().then_some(run.stored.spec.learning_rate));
            let are_several = parts.len() > 1;
            parts.into_iter().map(move |(rate, runs)| {
                let stem = match rate.filter(|_| are_several) {
                    _ if is_joined => format!("control_{}_{}", self.id, folder.runs[0].dataset),
                    None => folder.name.clone(),
                    Some(rate) => format!("{}_{rate}", folder.name),
                };
                ((stem, runs.protocol(compares)), runs)
            })
        };
        let sets = results.iter().filter(|folder| self.is_about(folder)).flat_map(of_folder);
        let sets = grouped(sets, |(key, _)| key.clone()).into_iter();
        sets.map(|((stem, _), parts)| (stem, Evidence::joined(parts.into_iter().map(|(_, runs)| runs))))
            .collect()
    }

    /// The title and the runs of each panel.
    fn facets<'r>(&self, runs: &Evidence<'r>) -> Vec<Facet<'r>> {
        runs.grouped_by(|run| (self.facet.1)(&run.stored.spec))
    }

    fn page(&'static self, stem: &str, runs: &Evidence<'_>) -> Option<ControlPage> {
        let stored: Vec<&StoredRun> = runs.stored().collect();
        let dataset = dataset(&stored.first()?.dataset);
        let facets = self.facets(runs);
        let stacks = (self.stacks)(&facets);
        let names: Vec<&str> = stacks.iter().flat_map(|stack| &stack.rows).map(|row| row.name).collect();
        let description = format!("{} against {}", names.join(", "), self.x_name);
        let title = format!("{}: {dataset}", self.title);
        let x_name = self.x_name.to_owned();
        let chart = Multiples { title, subtitle: in_common(&stored), description, x_name, stacks };
        // The drawing has no caption, because the control's setup is above it.
        let drawing = Drawing::new(file_stem(stem), Chart::Multiples(chart), "", (self.numbers)(runs));
        let findings = self.findings.iter().map(|findings| findings.table(&dataset, self.facet.0, &facets));
        let (tables, highlight): (_, Vec<_>) = findings.filter(|(table, _)| !table.rows.is_empty()).unzip();
        let highlight = highlight.into_iter().flatten().next();
        Some(ControlPage { control: self, dataset, folder: runs.folder(), drawing, tables, highlight })
    }
}
