//! `runs.csv`, `epochs.csv` and the tables of the theory: pure functions that write finished runs as CSV and read lines back.

use super::columns::{CELL, Column, epoch_columns, later_columns, run_columns};
use super::run::StoredRun;
use super::text::{cell, csv_lines};
use super::theory::TheoryRecord;
use crate::training::Measurement;
use std::collections::BTreeMap;
use std::sync::Arc;

/// `runs.csv`: a line for each run, with the measurement after its last epoch.
pub fn runs_csv(runs: &[StoredRun]) -> Vec<u8> {
    table(run_columns(), runs.iter().map(|run| (run, run.record.result())))
}

/// `epochs.csv`: a line for each run and measured epoch; for a diverged run, the epochs before it diverged.
pub fn epochs_csv(runs: &[StoredRun]) -> Vec<u8> {
    let lines = runs.iter().flat_map(|run| run.record.measurements.iter().map(move |m| (run, Some(m))));
    table(epoch_columns(), lines)
}

fn table<'a>(
    columns: impl Iterator<Item = Column>,
    lines: impl Iterator<Item = (&'a StoredRun, Option<&'a Measurement>)>,
) -> Vec<u8> {
    let columns: Vec<_> = columns.collect();
    let header = columns.iter().map(|column| column.name.to_owned()).collect();
    let cells = |(run, measured)| columns.iter().map(|column| column.cell(run, measured).to_text()).collect();
    csv_lines(std::iter::once(header).chain(lines.map(cells)))
}

/// One of the tables of measurements of the theory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TheoryPart {
    /// `theory.csv`: a line for each run and measured epoch.
    Epochs,
    /// `theory_runs.csv`: a line for each completed run.
    Runs,
    /// `theory_ledger.csv`: a line for each completed run that has a Taylor ledger and each σ² of it.
    Ledger,
}

impl TheoryPart {
    /// Every table.
    pub const ALL: [Self; 3] = [Self::Epochs, Self::Runs, Self::Ledger];

    /// The file's name.
    pub const fn file_name(self) -> &'static str {
        match self {
            Self::Epochs => "theory.csv",
            Self::Runs => "theory_runs.csv",
            Self::Ledger => "theory_ledger.csv",
        }
    }

    /// The columns and rows of this table in one run's measurements.
    pub fn of(self, record: &TheoryRecord) -> (&[String], &[Vec<Option<f64>>]) {
        match self {
            Self::Epochs => (&record.epochs.columns, &record.epochs.rows),
            Self::Runs => (&record.run.columns, &record.run.rows),
            Self::Ledger => (&record.ledger.columns, &record.ledger.rows),
        }
    }
}

/// A table of the measurements of the theory of `runs`: the settings, then the columns of `docs/theory.md`; `None` where no run has
/// such measurements.
pub fn theory_csv(
    runs: &[StoredRun],
    theory: &BTreeMap<String, Arc<TheoryRecord>>,
    part: TheoryPart,
) -> Option<Vec<u8>> {
    let measured = |run: &StoredRun| theory.get(&run.record.run_key).map(|record| part.of(record));
    let tables: Vec<_> = runs.iter().filter_map(|run| Some((run, measured(run)?))).collect();
    // Runs measured by an earlier version may lack some.
    let columns = distinct(tables.iter().flat_map(|(_, (own, _))| *own));
    if columns.is_empty() {
        return None;
    }
    let header = CELL.iter().map(|column| column.name.to_owned());
    let mut lines = vec![header.chain(columns.iter().copied().cloned()).collect()];
    for (run, (own, measured)) in &tables {
        let places: Vec<_> =
            columns.iter().map(|column| own.iter().position(|name| name == *column)).collect();
        lines.extend(measured.iter().map(|values| {
            let settings = CELL.iter().map(|column| column.cell(run, None).to_text());
            settings.chain(places.iter().map(|place| cell(place.and_then(|place| values[place])))).collect()
        }));
    }
    Some(csv_lines(lines))
}

/// The distinct `items`, in order of first occurrence.
pub(crate) fn distinct<T: PartialEq>(items: impl Iterator<Item = T>) -> Vec<T> {
    let mut found = Vec::new();
    for item in items {
        if !found.contains(&item) {
            found.push(item);
        }
    }
    found
}

/// The lines of a `runs.csv`, without its header.
///
/// # Errors
/// A sentence that says what is wrong and where.
pub(super) fn read_runs(bytes: &[u8]) -> Result<Vec<CsvLine>, String> {
    if !has_header(bytes, run_columns()) {
        return Err("its first line does not have the columns of a runs.csv".to_owned());
    }
    let mut reader = csv::Reader::from_reader(bytes);
    reader.records().collect::<Result<_, _>>().map_err(|error: csv::Error| error.to_string())
}

/// A line of a table.
pub(super) type CsvLine = csv::StringRecord;

/// The cells of a line of a `runs.csv` with their columns.
pub(super) fn cells(line: &CsvLine) -> impl Iterator<Item = (Column, &str)> {
    run_columns().zip(line)
}

/// Whether the tables `old` and `new` have the same lines, in any order. `old` may have fewer or more columns at the end, as an earlier or
/// a later version writes them.
pub(super) fn agrees(old: &[u8], new: &[u8]) -> bool {
    let count = |table: &[u8]| table.iter().filter(|byte| **byte == b'\n').count();
    old == new
        || count(old) == count(new)
            && lines(old).zip(lines(new)).is_some_and(|(old, new)| {
                let columns = |lines: &[csv::ByteRecord]| lines.first().map_or(0, csv::ByteRecord::len);
                let common = columns(&old).min(columns(&new));
                let cut = |lines: &[csv::ByteRecord]| {
                    let cut = |line: &csv::ByteRecord| line.iter().take(common).map(<[u8]>::to_vec).collect();
                    let mut lines: Vec<Vec<Vec<u8>>> = lines.iter().map(cut).collect();
                    lines.sort();
                    lines
                };
                // The header is sorted among the lines, so a table without it does not agree.
                cut(&old) == cut(&new)
            })
}

/// The lines of a table, with its header; `None` where they have different numbers of cells.
fn lines(table: &[u8]) -> Option<Vec<csv::ByteRecord>> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(table);
    reader.byte_records().collect::<Result<_, _>>().ok()
}

/// Whether the first line of `bytes` is the header of a table with `columns`, as this, an earlier or a later version writes it.
pub(super) fn has_header(bytes: &[u8], columns: impl Iterator<Item = Column>) -> bool {
    let mut reader = csv::Reader::from_reader(bytes);
    let Ok(header) = reader.headers() else { return false };
    let columns: Vec<_> = columns.map(|column| column.name).collect();
    // Versions only add columns at the end, so the shorter header is the beginning of the longer one.
    header.len() + later_columns().count() >= columns.len()
        && header.iter().zip(columns).all(|(found, ours)| found == ours)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_those_of_all_runs() {
        let [old, new] = [&["a", "c"][..], &["a", "b", "c"]]
            .map(|names| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>());
        assert_eq!(distinct(old.iter().chain(&new)), ["a", "c", "b"]);
        assert_eq!(distinct(new.iter().chain(&old)), ["a", "b", "c"]);
    }

    #[test]
    fn a_header_may_lack_later_columns_but_no_first_ones() {
        let names: Vec<_> = run_columns().map(|column| column.name).collect();
        let ours = names.join(",");
        let contract = names.iter().position(|name| *name == "version").unwrap() + 1;
        assert!(has_header(format!("{ours}\n").as_bytes(), run_columns()));
        assert!(has_header(format!("{ours},added_later\n1\n").as_bytes(), run_columns()));
        assert!(has_header(names[..contract].join(",").as_bytes(), run_columns()), "before there was more");
        let without_version = names[..contract - 1].join(",");
        let other_instead = format!("{},other", names[..contract].join(","));
        for foreign in [
            "",
            "\n",
            "a,b\n1,2\n",
            &names[..5].join(","),
            &names[1..].join(","),
            &without_version,
            &other_instead,
            "\u{0}\u{1}",
        ] {
            assert!(!has_header(foreign.as_bytes(), run_columns()), "{foreign}");
        }
    }

    #[test]
    fn tables_with_the_same_lines_agree_in_any_order_and_with_other_last_columns() {
        let agree = |old: &str, new: &str| agrees(old.as_bytes(), new.as_bytes());
        let new = "a,b,c\n1,2,3\n4,5,\n";
        for old in [new, "a,b,c\n4,5,\n1,2,3\n", "a,b\n1,2\n4,5\n", "a,b,c,d\n4,5,,7\n1,2,3,8\n"] {
            assert!(agree(old, new), "{old}");
        }
        for old in [
            "",
            "a,b,c\n",
            "a,b,c\n1,2,3\n",
            "a,b,c\n1,2,3\n4,5",
            "a,b,c\n1,2,3\n4,6,\n",
            "a,b,c\n1,2,3\n1,2,3\n",
            "a,c,b\n1,2,3\n4,5,\n",
            "a,b,c\n1,2,3\n4,5\n",
            "1,2,3\n4,5,\na,b,x\n",
        ] {
            assert!(!agree(old, new), "{old}");
        }
    }
}
