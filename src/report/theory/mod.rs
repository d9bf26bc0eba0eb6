//! "The theory, measured": tables and pictures of the stored theory records, for each statement of the paper's section 2.
//!
//! A [`Study`] is one results folder. A `Statement` is a constant: what the paper says, and descriptions of the tables of its
//! findings. Every number is computed from the records.

mod assumption1;
mod corollaries;
mod identity;
mod lemma1;
mod measured;
mod panels;
mod summary;
mod table;
mod theorem1;
mod theorem2;
mod theorem3;

use self::table::*;
use super::catalogue::{DATASETS, half};
use super::document::{Block, Section, Table, Text, anchor};
use super::drawing::Drawing;
use super::numbers::{Line, Numbers};
use crate::store::Results;
pub(super) use identity::LARGEST_COPY_ERROR;
use std::cmp::Reverse;
pub use summary::{EXPLANATION, FILE, SummaryColumn};

/// The statements, in the paper's order.
static STATEMENTS: [Statement; 7] = [
    assumption1::STATEMENT,
    lemma1::STATEMENT,
    theorem1::STATEMENT,
    corollaries::STATEMENT,
    theorem2::STATEMENT,
    theorem3::STATEMENT,
    identity::STATEMENT,
];

/// The measurements of one results folder.
#[derive(Debug)]
pub struct Study {
    /// The folder's name.
    pub name: String,
    /// The data set as the paper writes it.
    dataset: String,
    /// The index of the data set in the paper; after all of them for other data sets.
    half: usize,
    about: Table,
    /// Every model and σ² at the last measured epoch.
    summary: Table,
    /// The summary as lines of [`FILE`].
    lines: Vec<Line>,
    found: Vec<StatementFindings>,
}

/// The findings on a statement.
#[derive(Debug)]
struct StatementFindings {
    statement: &'static Statement,
    answer: Text,
    tables: Vec<Table>,
    drawing: Option<Drawing>,
}

/// The first table of a study: the measured runs and epochs.
const ABOUT: StatementTable = StatementTable {
    caption: "What was measured, the numbers of measured epochs, and the first and the last of them.",
    cases: |runs| runs.cases(Grain::Folder, |_| true),
    columns: &[
        column("runs", Values(|case| vec![case.runs.len() as f64], integer), None),
        column("diverged, left out", Values(|case| vec![case.all.diverged as f64], integer), None),
        column("hidden units", Each(|_, run| Some(run.spec.hidden as f64), integer), None),
        column("mini-batch", Each(|_, run| Some(run.spec.batch as f64), integer), None),
        column("samples measured", Last(|row| row.measured_samples, integer), None),
        column("measured epochs", Each(|_, run| Some(run.epochs.len() as f64), integer), None),
        column("first", Each(|_, run| run.epochs.first()?.epoch, integer), None),
        column("last", Last(|row| row.epoch, integer), None),
    ],
};

impl Study {
    /// The studies of the `results` with completed runs that measured the theory, in the same order.
    pub fn all(results: &[Results]) -> Vec<Self> {
        results.iter().filter_map(Self::of).collect()
    }

    fn of(results: &Results) -> Option<Self> {
        let runs = MeasuredRuns::of(results);
        let folder = runs.cases(Grain::Folder, |_| true).into_iter().next()?;
        let cells = runs.cases(Grain::Cell, |_| true);
        let found = |statement: &'static Statement| {
            let tables: Vec<Table> = statement.tables.iter().filter_map(|rows| rows.table(&runs)).collect();
            let answer = statement.answer.cell(&folder);
            let drawing = (statement.picture)(&runs);
            (!tables.is_empty()).then_some(StatementFindings { statement, answer, tables, drawing })
        };
        let dataset = &folder.runs[0].stored.dataset;
        Some(Self {
            name: results.name.clone(),
            dataset: folder.setting.clone(),
            half: half(dataset).unwrap_or(DATASETS.len()),
            about: ABOUT.table(&runs)?,
            summary: summary::table(&cells),
            lines: summary::lines(&cells),
            found: STATEMENTS.iter().filter_map(found).collect(),
        })
    }

    /// The pictures of all statements.
    pub fn drawings(&self) -> impl Iterator<Item = &Drawing> {
        self.found.iter().filter_map(|found| found.drawing.as_ref())
    }

    /// The pictures of all statements, to be renamed.
    pub(super) fn drawings_mut(&mut self) -> impl Iterator<Item = &mut Drawing> {
        self.found.iter_mut().filter_map(|found| found.drawing.as_mut())
    }

    /// The id of the section of `found`.
    fn id(&self, found: &StatementFindings) -> String {
        anchor(&["theory", &self.name, found.statement.id])
    }

    /// The section of the study; `command` reproduces its results folder.
    fn section(&self, command: Option<String>) -> Block {
        let statement = |found: &StatementFindings| {
            let mut blocks = vec![Block::note(found.statement.says)];
            let pictures = found.drawing.iter().map(|drawing| vec![drawing.picture(command.clone())]);
            blocks.extend(pictures.map(Block::Pictures));
            blocks.extend(found.tables.iter().cloned().map(Block::Table));
            Block::Section(Section::new(self.id(found), found.statement.title, blocks).folded())
        };
        let tables = [&self.about, &self.summary].map(|table| Block::Table(table.clone()));
        let blocks = tables.into_iter().chain(self.found.iter().map(statement)).collect();
        let title = format!("{}: {}", self.name, self.dataset);
        Block::Section(Section::new(anchor(&["theory", &self.name]), title, blocks))
    }
}

/// `studies` in the order of the page, and the number of leading ones. For each data set, MNIST before CIFAR-10, the study with
/// most models and σ² leads, because it was made for the theory; the others, which measured it on the side, follow.
fn ordered(studies: &[Study]) -> (Vec<&Study>, usize) {
    let mut rest: Vec<&Study> = studies.iter().collect();
    rest.sort_by_key(|study| (study.half, study.dataset.clone(), Reverse(study.lines.len())));
    let mut leading = rest.clone();
    leading.dedup_by_key(|study| &study.dataset);
    rest.retain(|study| !leading.iter().any(|leader| std::ptr::eq(*leader, *study)));
    let leaders = leading.len();
    (leading.into_iter().chain(rest).collect(), leaders)
}

/// The sections of the studies; `command` gives the command that reproduces a results folder.
pub(super) fn sections(studies: &[Study], command: impl Fn(&str) -> Option<String>) -> Vec<Block> {
    ordered(studies).0.into_iter().map(|study| study.section(command(&study.name))).collect()
}

/// `theory_summary.csv`: the summaries of all `studies`, with a line for each model and σ². Numbers are in shortest round-trip
/// form; over several seeds they are means, or sums where they count units. A missing value is an empty cell.
pub fn csv(studies: &[Study]) -> Vec<u8> {
    studies.iter().flat_map(|study| study.lines.clone()).collect::<Numbers>().csv()
}

/// A row for each statement, with the answers of the leading studies.
pub(super) fn glance(studies: &[Study]) -> Vec<Vec<Text>> {
    let (studies, leaders) = ordered(studies);
    let row = |statement: &'static Statement| {
        let answer = |study: &&Study| {
            let found = study.found.iter().find(|found| std::ptr::eq(found.statement, statement))?;
            Some((Span::link_to(study.id(found), study.dataset.as_str()), found.answer.clone()))
        };
        let (datasets, answers): (Vec<Span>, Vec<Text>) =
            studies[..leaders].iter().filter_map(answer).unzip();
        let has_numbers = !datasets.is_empty();
        let [datasets, answers] = [Text::stacked(datasets), Text::stacked(answers)];
        has_numbers.then(|| vec![statement.title.into(), datasets, statement.question.into(), answers])
    };
    STATEMENTS.iter().filter_map(row).collect()
}

/// The tables of the statement `id` in the leading studies, with the names of their data sets; empty where no study has any.
pub(super) fn tables_of<'s>(studies: &'s [Study], id: &str) -> Vec<(&'s str, &'s [Table])> {
    let (studies, leaders) = ordered(studies);
    let of_study = |study: &&'s Study| {
        let found = study.found.iter().find(|found| found.statement.id == id)?;
        Some((study.dataset.as_str(), found.tables.as_slice()))
    };
    studies[..leaders].iter().filter_map(of_study).collect()
}

#[cfg(test)]
mod tests;
