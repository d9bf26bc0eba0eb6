//! "The theory, measured": what stored theory records say of each statement of the paper's section 2, in words and tables.
//!
//! Every number is computed from the records; nothing is written down beforehand. A [`Study`] is one results folder, a [`Block`]
//! one statement with its findings. How they look is up to `html` and `markdown` here, what they hold to the file of the
//! statement.

mod assumption1;
mod corollaries;
mod identity;
mod lemma1;
mod measured;
mod panels;
mod remainder;
mod summary;
mod theorem1;
mod theorem2;
mod theorem3;

use self::measured::{Runs, measured};
use crate::report::document::{self, Section, Table, Text};
use crate::report::drawing::file_stem;
use crate::report::{Drawing, figure, text};
use crate::store::Results;
pub(super) use identity::COPIED;
pub use summary::{FILE, csv};

/// What the runs of one results folder measured.
#[derive(Debug, Clone, PartialEq)]
pub struct Study {
    /// The folder's name.
    pub name: String,
    /// The data set as the paper writes it.
    pub dataset: String,
    /// On what it was measured, in a sentence or two.
    pub about: String,
    /// Every model and σ² at the last measured epoch.
    pub summary: Sheet,
    /// The statements in the paper's order.
    pub blocks: Vec<Block>,
    lines: Vec<summary::Line>,
}

/// One statement and what was found of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Block {
    /// Part of its anchor: letters and digits.
    pub id: &'static str,
    /// Its name in the paper.
    pub title: &'static str,
    /// What it says.
    pub statement: &'static str,
    /// What was found, a sentence or a few each.
    pub findings: Vec<String>,
    /// What of it is drawn.
    pub drawings: Vec<Drawing>,
    /// The numbers beside them.
    pub sheet: Option<Sheet>,
}

/// A table of texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sheet {
    /// What it shows.
    pub caption: String,
    /// Its columns.
    pub columns: Vec<Head>,
    /// Its rows, as long as `columns`.
    pub rows: Vec<Vec<String>>,
}

/// The head of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// Its text.
    pub text: &'static str,
    /// Whether numbers stand below it.
    pub numeric: bool,
}

/// Heads of columns of words, and of numbers behind them.
fn heads(words: &[&'static str], numbers: &[&'static str]) -> Vec<Head> {
    let words = words.iter().map(|text| Head { text, numeric: false });
    words.chain(numbers.iter().map(|text| Head { text, numeric: true })).collect()
}

impl Study {
    /// The studies of all `results` with completed runs that measured the theory, in their order.
    pub fn all(results: &[Results]) -> Vec<Self> {
        results.iter().filter_map(Self::of).collect()
    }

    fn of(results: &Results) -> Option<Self> {
        let (runs, diverged) = measured(results);
        let first = runs.first()?;
        let lines = summary::lines(&runs);
        Some(Self {
            name: results.name.clone(),
            dataset: figure::dataset(&first.stored.dataset),
            about: about(&runs, diverged),
            summary: summary::sheet(&lines),
            blocks: [
                assumption1::block(&runs),
                lemma1::block(&runs),
                theorem1::block(&runs),
                corollaries::block(&runs),
                theorem2::block(&runs),
                theorem3::block(&runs),
            ]
            .into_iter()
            .chain(identity::block(&runs))
            .collect(),
            lines,
        })
    }

    /// The pictures of all statements.
    pub fn drawings(&self) -> impl Iterator<Item = &Drawing> {
        self.blocks.iter().flat_map(|block| &block.drawings)
    }

    /// The same, to be named.
    pub(super) fn drawings_mut(&mut self) -> impl Iterator<Item = &mut Drawing> {
        self.blocks.iter_mut().flat_map(|block| &mut block.drawings)
    }

    /// The rows that say most.
    pub(super) fn glance(&self) -> Vec<Vec<Text>> {
        Vec::new()
    }

    /// The study on the page; `command` is what makes its results folder.
    pub(super) fn section(&self, command: Option<&str>) -> Section {
        let statement = |block: &Block| {
            let mut blocks = vec![document::Block::note(block.statement)];
            blocks.push(document::Block::List(
                block.findings.iter().map(|text| text.as_str().into()).collect(),
            ));
            if !block.drawings.is_empty() {
                let picture = |drawing: &Drawing| drawing.picture(command.map(str::to_owned));
                blocks.push(document::Block::Pictures(block.drawings.iter().map(picture).collect()));
            }
            blocks.extend(block.sheet.as_ref().map(Sheet::block));
            let id = format!("theory-{}-{}", file_stem(&self.name), block.id);
            document::Block::Section(Section::new(id, block.title, blocks).folded())
        };
        let before = [document::Block::paragraph(self.about.as_str()), self.summary.block()];
        let blocks = before.into_iter().chain(self.blocks.iter().map(statement)).collect();
        let title = format!("{}: {}", self.name, self.dataset);
        Section::new(format!("theory-{}", file_stem(&self.name)), title, blocks)
    }
}

impl Sheet {
    fn block(&self) -> document::Block {
        let heads = |numeric: bool| {
            let heads = self.columns.iter().filter(move |head| head.numeric == numeric);
            heads.map(|head| head.text).collect::<Vec<_>>()
        };
        let rows = self.rows.iter().map(|row| row.iter().map(|cell| cell.as_str().into()).collect());
        document::Block::Table(Table::new(self.caption.as_str(), &heads(false), &heads(true)).with(rows))
    }
}

fn about(runs: &Runs<'_>, diverged: usize) -> String {
    use crate::report::text::{integer, range};
    let samples = range(runs.iter().filter_map(|run| run.last.measured_samples), integer);
    let epochs = |place: fn(&[f64]) -> Option<&f64>| {
        range(runs.iter().filter_map(|run| place(&run.over(|row| row.epoch)).copied()), integer)
    };
    let units = range(runs.iter().map(|run| run.spec.hidden as f64), integer);
    let often = match range(runs.iter().map(|run| run.epochs.len() as f64), integer).as_str() {
        "1" => "once".to_owned(),
        often => format!("{often} times each"),
    };
    let mut text = format!(
        "{} of {units} hidden units, measured {often} from epoch {} to {} on {samples} samples.",
        text::counted(runs.len(), "run"),
        epochs(<[f64]>::first),
        epochs(<[f64]>::last),
    );
    if diverged > 0 {
        text.push_str(&format!(" {} diverged and left out.", text::counted(diverged, "run")));
    }
    text
}

#[cfg(test)]
mod tests;
