//! Descriptions of the paper's statements and their tables: the cases that are rows, and the rule by which each cell follows from
//! a case. Re-exports everything that the modules of the statements need.

pub(super) use self::CellRule::{
    Batches, Count, Each, Epochs, Last, Lines, LinesThat, Median, RunsThat, Units, Values, Words,
};
pub(super) use super::measured::{Grain, MeasuredRun, MeasuredRuns, OfEpoch, TheoryCase};
pub(super) use crate::report::document::{Mark, Span};
pub(super) use crate::report::text::{decimal, epochs, integer, percent, significant};

use crate::report::Drawing;
use crate::report::document::{self, Table, Text};
use crate::report::text::{ABSENT, median, of_total, range};
use crate::theory::LedgerRow;

/// A statement of the paper.
#[derive(Debug)]
pub(super) struct Statement {
    /// Part of its anchor: letters and digits.
    pub(super) id: &'static str,
    /// Its name in the paper.
    pub(super) title: &'static str,
    /// The statement in words.
    pub(super) says: &'static str,
    /// The question of its row at a glance.
    pub(super) question: &'static str,
    /// The answer to the question, for a whole folder.
    pub(super) answer: TheoryColumn,
    pub(super) tables: &'static [StatementTable],
    pub(super) picture: fn(&MeasuredRuns<'_>) -> Option<Drawing>,
}

/// A table of a statement.
#[derive(Debug)]
pub(super) struct StatementTable {
    /// The meaning of its rows, columns and marks.
    pub(super) caption: &'static str,
    pub(super) cases: for<'r> fn(&'r MeasuredRuns<'r>) -> Vec<TheoryCase<'r>>,
    /// The columns after those that name the case.
    pub(super) columns: &'static [TheoryColumn],
}

/// A column of a statement's table.
#[derive(Debug, Clone, Copy)]
pub(super) struct TheoryColumn {
    head: &'static str,
    rule: CellRule,
    /// The mark of each number of a cell, or of its share where the cell is a count; the cell shows the worst one.
    mark: Option<fn(f64) -> Mark>,
}

/// The column under `head`, whose cells follow from `rule`; `mark` marks their numbers.
pub(super) const fn column(
    head: &'static str,
    rule: CellRule,
    mark: Option<fn(f64) -> Mark>,
) -> TheoryColumn {
    TheoryColumn { head, rule, mark }
}

/// Writes a number as text.
type NumberFormat = fn(f64) -> String;

/// The rule by which a cell follows from a case. Several numbers are written as their range.
#[derive(Debug, Clone, Copy)]
pub(super) enum CellRule {
    /// Words.
    Words(fn(&TheoryCase<'_>) -> Text),
    /// A number of each run.
    Each(fn(&TheoryCase<'_>, &MeasuredRun<'_>) -> Option<f64>, NumberFormat),
    /// A number of each run at its last measured epoch.
    Last(OfEpoch, NumberFormat),
    /// A number of each run and measured epoch.
    Epochs(OfEpoch, NumberFormat),
    /// The median of a number over runs and measured epochs.
    Median(OfEpoch, NumberFormat),
    /// Numbers of the case.
    Values(fn(&TheoryCase<'_>) -> Vec<f64>, NumberFormat),
    /// A number of units, summed over runs and measured epochs, out of all units.
    Units(OfEpoch),
    /// A number of pairs of mini-batch and unit, summed over runs and measured epochs, out of all pairs.
    Batches(OfEpoch),
    /// A number of each line of the runs' ledgers.
    Lines(fn(&LedgerRow) -> Option<f64>, NumberFormat),
    /// The number of lines for which this is true, out of the lines that have an answer.
    LinesThat(fn(&LedgerRow) -> Option<bool>),
    /// A count and its total.
    Count(fn(&TheoryCase<'_>) -> [f64; 2]),
    /// The number of runs for which this is true, out of the runs that have an answer.
    RunsThat(fn(&TheoryCase<'_>, &MeasuredRun<'_>) -> Option<bool>),
}

impl TheoryColumn {
    /// The cell of `case`.
    pub(super) fn cell(&self, case: &TheoryCase<'_>) -> Text {
        let ranged = |values: Vec<f64>, format: NumberFormat| (range(values.iter().copied(), format), values);
        let counted = |[count, total]: [f64; 2]| match total {
            0.0 => (ABSENT.to_owned(), Vec::new()),
            _ => (of_total(count, total), vec![count / total]),
        };
        let count_true = |answers: Vec<f64>| counted([answers.iter().sum(), answers.len() as f64]);
        let (words, values) = match self.rule {
            Words(words) => return words(case),
            Each(number, format) => ranged(case.run_values(|run| number(case, run)), format),
            Last(number, format) => ranged(case.run_values(|run| number(&run.last)), format),
            Epochs(number, format) => ranged(case.epoch_values(number), format),
            Median(number, format) => {
                ranged(median(case.epoch_values(number).into_iter()).into_iter().collect(), format)
            }
            Values(values, format) => ranged(values(case), format),
            Units(count) => {
                counted([case.epoch_sum(count), case.weighted_units(|row| count(row).and(Some(1.0)))])
            }
            Batches(count) => {
                counted([case.epoch_sum(count), case.weighted_units(|row| count(row).and(row.batches))])
            }
            Lines(number, format) => ranged(case.ledger_values(number), format),
            LinesThat(is_one) => count_true(case.ledger_values(|row| is_one(row).map(f64::from))),
            Count(count) => counted(count(case)),
            RunsThat(is_one) => count_true(case.run_values(|run| is_one(case, run).map(f64::from))),
        };
        match self.mark.filter(|_| !values.is_empty()) {
            None => words.into(),
            Some(mark) => {
                let marks: Vec<Mark> = values.into_iter().map(mark).collect();
                let worst = [Mark::Bad, Mark::Open].into_iter().find(|mark| marks.contains(mark));
                Span::Mark(worst.unwrap_or(Mark::Good), words).into()
            }
        }
    }
}

impl StatementTable {
    /// The table of `runs`, without columns for which no case has a number; `None` where no column is left.
    pub(super) fn table(&self, runs: &MeasuredRuns<'_>) -> Option<Table> {
        let cases = (self.cases)(runs);
        let has_numbers =
            |column: &&TheoryColumn| cases.iter().any(|case| column.cell(case).words() != ABSENT);
        let columns: Vec<&TheoryColumn> = self.columns.iter().filter(has_numbers).collect();
        // Each cell with its column's head, and whether the column is numeric.
        let row = |case: &TheoryCase<'_>| -> Vec<(&str, bool, Text)> {
            let sigma = case.sigma_squared.or(case.noise).map(|sigma| ("σ²", true, sigma.to_string().into()));
            let model = case.model.clone().map(|model| ("model", false, model.into()));
            let named = std::iter::once(("setting", false, case.setting.as_str().into()));
            let cell =
                |column: &&TheoryColumn| (column.head, !matches!(column.rule, Words(_)), column.cell(case));
            named.chain(model).chain(sigma).chain(columns.iter().map(cell)).collect()
        };
        let rows: Vec<_> = cases.iter().map(row).collect();
        let head = |(head, is_numeric, _): &(&str, bool, Text)| document::TableColumn {
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

/// Marks a share that is against a statement: good if it is 0.
pub(super) fn none(share: f64) -> Mark {
    good(share == 0.0)
}

/// Marks a share that agrees with a statement: good if it is 1.
pub(super) fn all(share: f64) -> Mark {
    good(share == 1.0)
}
