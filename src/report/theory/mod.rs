//! "The theory, measured": what stored theory records say of each statement of the paper's section 2, as tables and pictures.
//!
//! A [`Study`] is one results folder. A `Statement` is a constant: what the paper says, and descriptions of the tables in which
//! what was found stands. Every number is computed from the records.

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
pub(super) use identity::COPIED;
use std::cmp::Reverse;
pub use summary::{EXPLANATION, FILE, Quantity};

/// In the paper's order.
static STATEMENTS: [Statement; 7] = [
    assumption1::STATEMENT,
    lemma1::STATEMENT,
    theorem1::STATEMENT,
    corollaries::STATEMENT,
    theorem2::STATEMENT,
    theorem3::STATEMENT,
    identity::STATEMENT,
];

/// What the runs of one results folder measured.
#[derive(Debug)]
pub struct Study {
    /// The folder's name.
    pub name: String,
    /// The data set as the paper writes it.
    dataset: String,
    /// The data set's place in the paper.
    half: usize,
    about: Table,
    /// Every model and σ² at the last measured epoch.
    summary: Table,
    /// The same as lines of [`FILE`].
    lines: Vec<Line>,
    found: Vec<Found>,
}

/// What was found of a statement.
#[derive(Debug)]
struct Found {
    statement: &'static Statement,
    answer: Text,
    tables: Vec<Table>,
    drawing: Option<Drawing>,
}

/// What was measured.
const ABOUT: Rows = Rows {
    caption: "What was measured, the numbers of measured epochs, and the first and the last of them.",
    cases: |runs| runs.cases(Grain::Folder, |_| true),
    columns: &[
        Column("runs", Values(|case| vec![case.runs.len() as f64], integer), None),
        Column("diverged, left out", Values(|case| vec![case.all.diverged as f64], integer), None),
        Column("hidden units", Each(|_, run| Some(run.spec.hidden as f64), integer), None),
        Column("mini-batch", Each(|_, run| Some(run.spec.batch as f64), integer), None),
        Column("samples measured", Last(|row| row.measured_samples, integer), None),
        Column("measured epochs", Each(|_, run| Some(run.epochs.len() as f64), integer), None),
        Column("first", Each(|_, run| run.epochs.first()?.epoch, integer), None),
        Column("last", Last(|row| row.epoch, integer), None),
    ],
};

impl Study {
    /// The studies of all `results` with completed runs that measured the theory, in their order.
    pub fn all(results: &[Results]) -> Vec<Self> {
        results.iter().filter_map(Self::of).collect()
    }

    fn of(results: &Results) -> Option<Self> {
        let runs = Runs::of(results);
        let folder = runs.cases(Grain::Folder, |_| true).into_iter().next()?;
        let cells = runs.cases(Grain::Cell, |_| true);
        let found = |statement: &'static Statement| {
            let tables: Vec<Table> = statement.tables.iter().filter_map(|rows| rows.table(&runs)).collect();
            let answer = statement.answer.cell(&folder);
            let drawing = (statement.picture)(&runs);
            (!tables.is_empty()).then_some(Found { statement, answer, tables, drawing })
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

    /// The same, to be named.
    pub(super) fn drawings_mut(&mut self) -> impl Iterator<Item = &mut Drawing> {
        self.found.iter_mut().filter_map(|found| found.drawing.as_mut())
    }

    /// Where links to what was found lead.
    fn id(&self, found: &Found) -> String {
        anchor(&["theory", &self.name, found.statement.id])
    }

    /// The study on the page; `command` is what makes its results folder.
    fn section(&self, command: Option<String>) -> Block {
        let statement = |found: &Found| {
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

/// `studies` in the paper's order, MNIST before CIFAR-10: first, for each data set, the one with most models and σ², which was
/// made for the theory, and how many they are; then those that measured it on the side.
fn ordered(studies: &[Study]) -> (Vec<&Study>, usize) {
    let mut rest: Vec<&Study> = studies.iter().collect();
    rest.sort_by_key(|study| (study.half, study.dataset.clone(), Reverse(study.lines.len())));
    let mut leading = rest.clone();
    leading.dedup_by_key(|study| &study.dataset);
    rest.retain(|study| !leading.iter().any(|leader| std::ptr::eq(*leader, *study)));
    let leaders = leading.len();
    (leading.into_iter().chain(rest).collect(), leaders)
}

/// The studies on the page; `command` gives the command that makes a results folder.
pub(super) fn sections(studies: &[Study], command: impl Fn(&str) -> Option<String>) -> Vec<Block> {
    ordered(studies).0.into_iter().map(|study| study.section(command(&study.name))).collect()
}

/// `theory_summary.csv`: the summaries of all `studies`, a line for each model and σ². Numbers are in shortest round-trip form,
/// those of several seeds their mean, and their sum where they count units; what is absent is an empty cell.
pub fn csv(studies: &[Study]) -> Vec<u8> {
    studies.iter().flat_map(|study| study.lines.clone()).collect::<Numbers>().csv()
}

/// A row for each statement: what was found of it by the studies that were made for the theory.
pub(super) fn glance(studies: &[Study]) -> Vec<Vec<Text>> {
    let (studies, leaders) = ordered(studies);
    let row = |statement: &'static Statement| {
        let answer = |study: &&Study| {
            let found = study.found.iter().find(|found| std::ptr::eq(found.statement, statement))?;
            Some((Span::to(study.id(found), study.dataset.as_str()), found.answer.clone()))
        };
        let (datasets, answers): (Vec<Span>, Vec<Text>) =
            studies[..leaders].iter().filter_map(answer).unzip();
        let is_told = !datasets.is_empty();
        let [datasets, answers] = [Text::stacked(datasets), Text::stacked(answers)];
        is_told.then(|| vec![statement.title.into(), datasets, statement.question.into(), answers])
    };
    STATEMENTS.iter().filter_map(row).collect()
}

#[cfg(test)]
mod tests;
