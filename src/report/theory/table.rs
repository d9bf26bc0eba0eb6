//! A statement of the paper and its tables as descriptions: which cases their rows are about, and how each cell follows from a
//! case. What descriptions are made of is re-exported for the statements.

pub(super) use self::Cell::{
    Batches, Count, Each, Epochs, Last, Lines, LinesThat, Median, RunsThat, Units, Values, Words,
};
pub(super) use super::measured::{Case, Grain, OfEpoch, Run, Runs};
pub(super) use crate::report::document::{Mark, Span};
pub(super) use crate::report::text::{epochs, integer, percent, plain, significant};

use crate::report::Drawing;
use crate::report::document::{self, Table, Text};
use crate::report::text::{ABSENT, median, of, range};
use crate::theory::LedgerRow;

/// A statement of the paper.
#[derive(Debug)]
pub(super) struct Statement {
    /// Part of its anchor: letters and digits.
    pub(super) id: &'static str,
    /// Its name in the paper.
    pub(super) title: &'static str,
    /// What it says.
    pub(super) says: &'static str,
    /// What a reader wants to know first.
    pub(super) question: &'static str,
    /// The answer, of a whole folder.
    pub(super) answer: Column,
    pub(super) tables: &'static [Rows],
    pub(super) picture: fn(&Runs<'_>) -> Option<Drawing>,
}

/// A table of a statement.
#[derive(Debug)]
pub(super) struct Rows {
    /// What its rows, columns and marks are.
    pub(super) caption: &'static str,
    pub(super) cases: for<'r> fn(&'r Runs<'r>) -> Vec<Case<'r>>,
    /// The columns behind those that name the case.
    pub(super) columns: &'static [Column],
}

/// A column: its head, how its cells follow from a case, and the mark of its numbers, or of the shares that counts are; the worst
/// is shown.
#[derive(Debug, Clone, Copy)]
pub(super) struct Column(pub(super) &'static str, pub(super) Cell, pub(super) Option<fn(f64) -> Mark>);

/// How a number is written.
type Write = fn(f64) -> String;

/// How a cell follows from a case. Several numbers are written as their range.
#[derive(Debug, Clone, Copy)]
pub(super) enum Cell {
    /// Words.
    Words(fn(&Case<'_>) -> Text),
    /// A number of each run.
    Each(fn(&Case<'_>, &Run<'_>) -> Option<f64>, Write),
    /// A number of each run at its last measured epoch.
    Last(OfEpoch, Write),
    /// A number of each run and measured epoch.
    Epochs(OfEpoch, Write),
    /// The median of a number over runs and measured epochs.
    Median(OfEpoch, Write),
    /// Any numbers.
    Values(fn(&Case<'_>) -> Vec<f64>, Write),
    /// A number of units, over runs and measured epochs, of all of them.
    Units(OfEpoch),
    /// A number of pairs of mini-batch and unit, over runs and measured epochs, of all of them.
    Batches(OfEpoch),
    /// A number of each line of the runs' ledgers.
    Lines(fn(&LedgerRow) -> Option<f64>, Write),
    /// The number of lines of which this is true, of those that can tell.
    LinesThat(fn(&LedgerRow) -> Option<bool>),
    /// A count and what it is of.
    Count(fn(&Case<'_>) -> [f64; 2]),
    /// The number of runs of which this is true, of those that can tell.
    RunsThat(fn(&Case<'_>, &Run<'_>) -> Option<bool>),
}

impl Column {
    /// The cell of `case`.
    pub(super) fn cell(&self, case: &Case<'_>) -> Text {
        let ranged = |values: Vec<f64>, write: Write| (range(values.iter().copied(), write), values);
        let counted = |[count, total]: [f64; 2]| match total {
            0.0 => (ABSENT.to_owned(), Vec::new()),
            _ => (of(count, total), vec![count / total]),
        };
        let that = |told: Vec<f64>| counted([told.iter().sum(), told.len() as f64]);
        let (words, values) = match self.1 {
            Words(words) => return words(case),
            Each(number, write) => ranged(case.of_runs(|run| number(case, run)), write),
            Last(number, write) => ranged(case.of_runs(|run| number(&run.last)), write),
            Epochs(number, write) => ranged(case.over(number), write),
            Median(number, write) => {
                ranged(median(case.over(number).into_iter()).into_iter().collect(), write)
            }
            Values(values, write) => ranged(values(case), write),
            Units(count) => counted([case.sum(count), case.triples(|row| count(row).and(Some(1.0)))]),
            Batches(count) => counted([case.sum(count), case.triples(|row| count(row).and(row.batches))]),
            Lines(number, write) => ranged(case.of_lines(number), write),
            LinesThat(is_one) => that(case.of_lines(|row| is_one(row).map(f64::from))),
            Count(count) => counted(count(case)),
            RunsThat(is_one) => that(case.of_runs(|run| is_one(case, run).map(f64::from))),
        };
        match self.2.filter(|_| !values.is_empty()) {
            None => words.into(),
            Some(mark) => {
                let marks: Vec<Mark> = values.into_iter().map(mark).collect();
                let worst = [Mark::Bad, Mark::Open].into_iter().find(|mark| marks.contains(mark));
                Span::Mark(worst.unwrap_or(Mark::Good), words).into()
            }
        }
    }
}

impl Rows {
    /// The table of `runs` with the columns that any case has a number for; `None` without them.
    pub(super) fn table(&self, runs: &Runs<'_>) -> Option<Table> {
        let cases = (self.cases)(runs);
        let is_told = |column: &&Column| cases.iter().any(|case| column.cell(case).words() != ABSENT);
        let columns: Vec<&Column> = self.columns.iter().filter(is_told).collect();
        // Each cell with its column's head, and whether numbers stand there.
        let row = |case: &Case<'_>| -> Vec<(&str, bool, Text)> {
            let sigma = case.sigma_squared.or(case.noise).map(|sigma| ("σ²", true, sigma.to_string().into()));
            let model = case.model.clone().map(|model| ("model", false, model.into()));
            let named = std::iter::once(("setting", false, case.setting.as_str().into()));
            let cell = |column: &&Column| (column.0, !matches!(column.1, Words(_)), column.cell(case));
            named.chain(model).chain(sigma).chain(columns.iter().map(cell)).collect()
        };
        let rows: Vec<_> = cases.iter().map(row).collect();
        let head = |(head, is_numeric, _): &(&str, bool, Text)| document::Column {
            head: (*head).to_owned(),
            is_numeric: *is_numeric,
        };
        Some(Table {
            caption: self.caption.into(),
            columns: rows.first().filter(|_| !columns.is_empty())?.iter().map(head).collect(),
            rows: rows.into_iter().map(|row| row.into_iter().map(|(.., text)| text).collect()).collect(),
        })
    }
}

/// [`Mark::Good`] where a statement holds.
pub(super) fn good(holds: bool) -> Mark {
    if holds { Mark::Good } else { Mark::Bad }
}

/// For counts of what is against a statement.
pub(super) fn none(share: f64) -> Mark {
    good(share == 0.0)
}

/// For counts of what agrees with a statement.
pub(super) fn all(share: f64) -> Mark {
    good(share == 1.0)
}
