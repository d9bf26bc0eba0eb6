//! The outcome of `compare --tolerance`.

use super::folders::CellColumns;
use super::text::{signed, significant};
use crate::cli::{ExitStatus, Messages, count};
use crate::report::compare::{ComparedFraction, Comparison, ToleranceCheck};
use crate::report::document::{Block, Table, Text};
use crate::report::text::or_absent;

/// The fractions that differ by more than the tolerance; `None` if there are none.
pub(super) fn exceeded(check: &ToleranceCheck, comparison: &Comparison) -> Option<Block> {
    let columns = match comparison {
        Comparison::Runs(_) => None,
        Comparison::Folders(folders) => Some(CellColumns::of(folders)),
    };
    let row = |ComparedFraction { cell, metric }: &ComparedFraction| {
        let cell = columns.as_ref().zip(cell.as_ref());
        let settings = cell.map(|(columns, cell)| columns.row(cell)).unwrap_or_default();
        let [a, b] = [metric.a, metric.b].map(|value| or_absent(value, significant).into());
        let values = vec![metric.name.into(), a, b, or_absent(metric.difference, signed).into()];
        [settings, values].concat()
    };
    let heads = columns.as_ref().map(CellColumns::heads).unwrap_or_default();
    let caption = format!("fractions that differ by more than {}", check.tolerance);
    let table = Table::new(caption, &[heads.as_slice(), &[""]].concat(), &["A", "B", "B − A"]);
    let rows: Vec<Vec<Text>> = check.exceeded.iter().map(row).collect();
    (!rows.is_empty()).then(|| Block::Table(table.with(rows)))
}

/// Says on stderr whether the fractions agree, and returns the status.
pub(super) fn status(check: &ToleranceCheck, messages: &Messages) -> ExitStatus {
    let ToleranceCheck { tolerance, compared, not_compared, exceeded, .. } = check;
    let largest = or_absent(check.largest, significant);
    if check.holds() {
        messages.note(format_args!(
            "agreement: the fractions of {} differ by at most {largest}; tolerance {tolerance}",
            count(*compared, "matched run"),
        ));
        return ExitStatus::Complete;
    }
    let mut problems = Vec::new();
    let missing = exceeded.iter().filter(|fraction| fraction.metric.difference.is_none()).count();
    let (beyond, all) = (exceeded.len() - missing, count(2 * compared, "fraction"));
    if beyond > 0 {
        problems.push(format!(
            "{beyond} of {all} differ by more than {tolerance}; the largest difference is {largest}"
        ));
    }
    if missing > 0 {
        problems.push(format!("{missing} of {all} are missing on one side, whose runs diverged"));
    }
    if *compared == 0 || *not_compared > 0 {
        problems.push(format!("{} compared, {not_compared} not compared", count(*compared, "cell")));
    }
    messages.warning(format_args!("no agreement: {}", problems.join("; ")));
    ExitStatus::Incomplete
}
