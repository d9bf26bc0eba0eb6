//! `runs.csv` and `epochs.csv`: pure functions from finished runs to bytes.
//!
//! Each column is declared once, with its name, its meaning and how its cell follows from a run; headers, cells
//! and documentation come from that declaration. New columns go after `version`, so that readers keep working.
//! Numbers are in shortest round-trip form; what is absent is an empty cell, never 0.

use super::record::Record;
use super::results::Settings;
use super::{TheoryRecord, TheoryRecords};
use crate::theory::Table;
use crate::training::{Measurement, RunSpec, Status};
use serde_json::Value as Json;
use std::sync::Arc;

/// A cell of the plan whose run is finished.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// The cell's settings as written: at σ² = 0 the regularizer still has its own name here.
    pub spec: RunSpec,
    /// The run that stands for the cell.
    pub record: Arc<Record>,
}

/// What a line of a table is made from.
#[derive(Debug, Clone, Copy)]
struct Line<'a> {
    name: &'a str,
    dataset: &'a str,
    row: &'a Row,
    measurement: Option<&'a Measurement>,
}

/// A column.
#[derive(Debug, Clone, Copy)]
pub struct Column {
    /// Its name in the header.
    pub name: &'static str,
    /// What it holds, in one sentence.
    pub meaning: &'static str,
    cell: fn(&Line<'_>) -> String,
}

const fn column(name: &'static str, meaning: &'static str, cell: fn(&Line<'_>) -> String) -> Column {
    Column { name, meaning, cell }
}

const NAME: Column = column("name", "Name of the results folder.", |l| l.name.to_owned());
const DATASET: Column =
    column("dataset", "`mnist`, `cifar10`, or the data file's stem.", |l| l.dataset.to_owned());
const ACTIVATION: Column = column("activation", "Encoder activation s_e.", |l| l.row.spec.activation.label());
const CONSTRAINT: Column =
    column("constraint", "Constraint on the rows W_j.", |l| l.row.spec.constraint.label());
const REGULARIZER: Column =
    column("regularizer", "Regularizer, with the parameters that are not at their defaults.", |l| {
        l.row.spec.regularizer.label()
    });
const SIGMA_SQUARED: Column = column(
    "sigma_squared",
    "Variance σ² of the corruption for `dae` and `edae`, probability ν of `dae`'s other corruptions, coefficient λ for \
     the others.",
    |l| number(l.row.spec.sigma_squared),
);
const SEED: Column = column("seed", "The replicate.", |l| l.row.spec.seed.to_string());
const LEARNING_RATE: Column = column("learning_rate", "Step size η.", |l| number(l.row.spec.learning_rate));
const RUN_KEY: Column = column(
    "run_key",
    "The run that stands for the cell: the first 16 hex digits of the SHA-256 of what determines its numbers.",
    |l| l.row.record.run_key.clone(),
);
const VERSION: Column =
    column("version", "Version of the program that trained the run.", |l| l.row.record.version.clone());

const ENCODER_BIAS: Column =
    column("encoder_bias", "Whether b_e was `trained`, or `frozen` as it was at the start.", |l| {
        l.row.spec.encoder_bias.name().to_owned()
    });

/// The columns that tables which were written earlier may lack.
const LATER: &[Column] = &[ENCODER_BIAS];

const RUN: &[Column] = &[
    NAME,
    DATASET,
    column("data_sha256", "SHA-256 of the data.", |l| l.row.spec.data_sha256.clone()),
    column("samples", "N, the number of training samples.", |l| l.row.spec.samples.to_string()),
    column("inputs", "n, the number of inputs.", |l| l.row.spec.inputs.to_string()),
    column("hidden", "m, the number of hidden units.", |l| l.row.spec.hidden.to_string()),
    ACTIVATION,
    column("threshold", "δ_min: a unit is active where h > δ_min.", |l| number(l.row.spec.threshold)),
    CONSTRAINT,
    REGULARIZER,
    SIGMA_SQUARED,
    SEED,
    LEARNING_RATE,
    column("momentum", "Heavy-ball momentum μ.", |l| number(l.row.spec.momentum)),
    column("batch", "Samples in a mini-batch.", |l| l.row.spec.batch.to_string()),
    column("epochs", "Passes over the samples.", |l| l.row.spec.epochs.to_string()),
];

const ENDING: &[Column] = &[
    column("status", "`completed` or `diverged`; a diverged run has no measurements here.", |l| {
        match l.row.record.status {
            Status::Completed => "completed".to_owned(),
            Status::Diverged { .. } => "diverged".to_owned(),
        }
    }),
    column(
        "diverged_epoch",
        "Epoch, from 1, in which the loss or a weight was no longer finite.",
        |l| match l.row.record.status {
            Status::Completed => String::new(),
            Status::Diverged { epoch, .. } => epoch.to_string(),
        },
    ),
    column("diverged_step", "The step of the run, from 1, at which it was seen.", |l| {
        match l.row.record.status {
            Status::Completed => String::new(),
            Status::Diverged { step, .. } => step.to_string(),
        }
    }),
];

const EPOCH: &[Column] = &[
    NAME,
    DATASET,
    ACTIVATION,
    CONSTRAINT,
    REGULARIZER,
    SIGMA_SQUARED,
    SEED,
    LEARNING_RATE,
    RUN_KEY,
    column("epoch", "Number of epochs trained; 0: before training.", |l| {
        integer(l, |m| Some(m.epoch.into()))
    }),
];

const MEASURED: &[Column] = &[
    column("avg_activation_fraction", "Fraction of (sample, unit) pairs that are active (Eq. 14).", |l| {
        real(l, |m| Some(m.avg_activation_fraction))
    }),
    column(
        "alive_activation_fraction",
        "Eq. 14 over the units that are not dead; empty where all are.",
        |l| real(l, |m| m.alive_activation_fraction),
    ),
    column("dead_units", "Units that are inactive on every training sample.", |l| {
        integer(l, |m| Some(m.dead_units))
    }),
    column("dead_fraction", "dead_units / hidden.", |l| real(l, |m| Some(m.dead_fraction))),
    column("mean_pre_activation", "Mean of a_j over samples, then over units.", |l| {
        real(l, |m| Some(m.mean_pre_activation))
    }),
    column("variance_pre_activation", "Variance of a_j over samples (÷ N), mean over units.", |l| {
        real(l, |m| Some(m.variance_pre_activation))
    }),
    column("mean_weight_norm", "Length of W_j, mean over units.", |l| real(l, |m| Some(m.mean_weight_norm))),
    column("zero_rows", "Rows of W that are zero.", |l| integer(l, |m| Some(m.zero_rows))),
    column("reconstruction", "Mean over samples of ‖x − y‖².", |l| {
        real(l, |m| Some(m.reconstruction))
    }),
    column(
        "penalty",
        "Coefficient times R on clean data; empty where the objective has no such term.",
        |l| real(l, |m| m.penalty),
    ),
    column(
        "fraction_variance_unexplained",
        "reconstruction / E‖x − E x‖²; empty for constant data.",
        |l| real(l, |m| m.fraction_variance_unexplained),
    ),
    column("held_out_activation_fraction", "Eq. 14 on held-out samples; empty where there are none.", |l| {
        real(l, |m| m.held_out_activation_fraction)
    }),
    column(
        "held_out_reconstruction",
        "Mean of ‖x − y‖² on held-out samples; empty where there are none.",
        |l| real(l, |m| m.held_out_reconstruction),
    ),
    column("rho_max_hits", "(step, unit) pairs with ρ_j > rho_max; empty for models without it.", |l| {
        integer(l, |m| m.rho_max_hits)
    }),
    column("rho_min_hits", "(step, unit) pairs with ρ_j < rho_min; empty for models without it.", |l| {
        integer(l, |m| m.rho_min_hits)
    }),
];

const TRAINING_LOSS: Column = column(
    "training_loss",
    "Mean over the epoch's samples of the trained objective, batches weighted by their size; empty at epoch 0.",
    |l| real(l, |m| m.training_loss),
);

/// The columns of `runs.csv`, in order.
pub fn run_columns() -> impl Iterator<Item = &'static Column> {
    RUN.iter().chain(ENDING).chain(MEASURED).chain(&[RUN_KEY, VERSION]).chain(LATER)
}

/// Whether a column of `runs.csv` holds how a run ended, or what was measured of it.
fn is_result(column: &Column) -> bool {
    let names = |columns: &[Column]| columns.iter().any(|other| other.name == column.name);
    names(ENDING) || names(MEASURED)
}

/// The columns of `epochs.csv`, in order.
pub fn epoch_columns() -> impl Iterator<Item = &'static Column> {
    EPOCH.iter().chain(MEASURED).chain(&[TRAINING_LOSS, VERSION]).chain(LATER)
}

/// `runs.csv`: one line per row, measurements as they were after the last epoch.
pub fn runs_csv(name: &str, dataset: &str, rows: &[Row]) -> Vec<u8> {
    let lines = rows.iter().map(|row| Line { name, dataset, row, measurement: row.record.result() });
    table(run_columns(), lines)
}

/// `epochs.csv`: one line per row and evaluated epoch; a diverged run has those before it diverged.
pub fn epochs_csv(name: &str, dataset: &str, rows: &[Row]) -> Vec<u8> {
    let lines = rows.iter().flat_map(|row| {
        let measured = row.record.measurements.iter();
        measured.map(move |measurement| Line { name, dataset, row, measurement: Some(measurement) })
    });
    table(epoch_columns(), lines)
}

/// The tables of what runs measured of the theory.
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

    /// The table in what a run measured.
    pub fn of(self, record: &TheoryRecord) -> &Table {
        match self {
            Self::Epochs => &record.epochs,
            Self::Runs => &record.run,
            Self::Ledger => &record.ledger,
        }
    }
}

const THEORY: &[Column] =
    &[NAME, DATASET, ACTIVATION, CONSTRAINT, REGULARIZER, SIGMA_SQUARED, SEED, LEARNING_RATE, RUN_KEY];

/// A table of what the runs of `rows` measured of the theory: the settings, then the columns of `docs/theory.md`; `None`
/// where there is nothing to write.
pub fn theory_csv(
    name: &str,
    dataset: &str,
    rows: &[Row],
    theory: &TheoryRecords,
    part: TheoryPart,
) -> Option<Vec<u8>> {
    let measured = |row: &Row| theory.get(&row.record.run_key).map(|record| part.of(record).clone());
    let tables: Vec<_> = rows.iter().filter_map(|row| Some((row, measured(row)?))).collect();
    let columns = tables.iter().map(|(_, table)| &table.columns).find(|columns| !columns.is_empty())?;
    let mut lines = vec![THEORY.iter().map(|column| column.name.to_owned()).chain(columns.clone()).collect()];
    for (row, table) in &tables {
        let line = Line { name, dataset, row, measurement: None };
        // By name: a run that an earlier version measured may lack a column.
        let places: Vec<_> = columns.iter().map(|column| table.place(column)).collect();
        lines.extend(table.rows.iter().map(|values| {
            let settings = THEORY.iter().map(|column| (column.cell)(&line));
            settings.chain(places.iter().map(|place| cell(place.and_then(|place| values[place])))).collect()
        }));
    }
    Some(csv_lines(lines))
}

/// A table of numbers alone.
pub(super) fn plain(table: &Table) -> Vec<u8> {
    let rows = table.rows.iter().map(|row| row.iter().map(|value| cell(*value)).collect());
    csv_lines(std::iter::once(table.columns.clone()).chain(rows))
}

/// A number as a cell, an empty one where it is absent.
pub(crate) fn cell(value: Option<f64>) -> String {
    value.map(number).unwrap_or_default()
}

fn table<'a>(
    columns: impl Iterator<Item = &'static Column>,
    lines: impl Iterator<Item = Line<'a>>,
) -> Vec<u8> {
    let columns: Vec<_> = columns.collect();
    let header = columns.iter().map(|column| column.name.to_owned()).collect();
    let cells = lines.map(|line| columns.iter().map(|column| (column.cell)(&line)).collect());
    csv_lines(std::iter::once(header).chain(cells))
}

/// Lines, all of the same length, as CSV.
pub(crate) fn csv_lines(lines: impl IntoIterator<Item = Vec<String>>) -> Vec<u8> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let written = "writing to memory can't fail, and every line has as many cells as there are columns";
    for line in lines {
        writer.write_record(line).expect(written);
    }
    writer.into_inner().expect(written)
}

/// A line of a `runs.csv` that was read.
#[derive(Debug)]
pub(super) struct ReadLine {
    pub(super) settings: Settings,
    /// How the run ended and what was measured of it: cells by their columns.
    results: Vec<(&'static str, String)>,
}

impl ReadLine {
    /// The column of the results that says otherwise than the run's `record`.
    pub(super) fn contradicted(&self, record: &Record) -> Option<&'static str> {
        let status = serde_json::to_value(record.status).unwrap_or_default();
        let measured = serde_json::to_value(record.result()).unwrap_or_default();
        let agrees = |column: &str, cell: &str| match column {
            "status" => status["status"] == cell,
            "diverged_epoch" => is_number(cell, &status["epoch"]),
            "diverged_step" => is_number(cell, &status["step"]),
            measurement => is_number(cell, &measured[measurement]),
        };
        self.results.iter().find(|(column, cell)| !agrees(column, cell)).map(|(column, _)| *column)
    }
}

/// Whether a cell holds the number `known`, however written, or is empty where there is none.
fn is_number(cell: &str, known: &Json) -> bool {
    if known.is_null() { cell.is_empty() } else { cell.parse().ok() == known.as_f64() }
}

/// The lines of a `runs.csv`.
///
/// # Errors
/// A sentence that says what is wrong and where.
pub(super) fn read_runs(bytes: &[u8]) -> Result<Vec<ReadLine>, String> {
    if !has_header(bytes, run_columns()) {
        return Err("its first line does not have the columns of a runs.csv".to_owned());
    }
    let mut reader = csv::Reader::from_reader(bytes);
    let header = reader.headers().map_err(|error| error.to_string())?.clone();
    // The header begins with the columns of [`run_columns`], as was just checked.
    let results = run_columns().enumerate().filter(|(_, column)| is_result(column));
    let results: Vec<_> = results.map(|(place, column)| (place, column.name)).collect();
    let lines = reader.records().map(|record| {
        let record = record?;
        let cells = results.iter().map(|(place, name)| (*name, record[*place].to_owned())).collect();
        Ok(ReadLine { settings: record.deserialize(Some(&header))?, results: cells })
    });
    lines.collect::<Result<_, csv::Error>>().map_err(|error| error.to_string())
}

/// Whether the table `old` holds what the table `new` does: the same lines, in whichever order. It may lack columns at the end or have
/// more there, as an earlier or a later version writes it.
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
                // Sorted, the header stays a line among the others: a table without it does not agree.
                cut(&old) == cut(&new)
            })
}

/// The lines of a table, its header first; `None` where they are not of one length.
fn lines(table: &[u8]) -> Option<Vec<csv::ByteRecord>> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(table);
    reader.byte_records().collect::<Result<_, _>>().ok()
}

/// Whether the first line of `bytes` is the header of `columns`, as this, an earlier or a later version writes it.
pub(super) fn has_header(bytes: &[u8], columns: impl Iterator<Item = &'static Column>) -> bool {
    let mut reader = csv::Reader::from_reader(bytes);
    let Ok(header) = reader.headers() else { return false };
    let columns: Vec<_> = columns.map(|column| column.name).collect();
    // Columns are only ever added, and at the end: the shorter header is the beginning of the longer one.
    header.len() + LATER.len() >= columns.len()
        && header.iter().zip(columns).all(|(found, ours)| found == ours)
}

fn real(line: &Line<'_>, value: impl FnOnce(&Measurement) -> Option<f64>) -> String {
    cell(line.measurement.and_then(value))
}

fn integer(line: &Line<'_>, value: impl FnOnce(&Measurement) -> Option<u64>) -> String {
    line.measurement.and_then(value).map(|k| k.to_string()).unwrap_or_default()
}

/// The shortest decimal that reads back as `x`: plain between 1e-4 and 1e16, with an exponent beyond.
pub(crate) fn number(x: f64) -> String {
    let text = format!("{x:?}");
    text.strip_suffix(".0").map(str::to_owned).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn numbers_are_short_and_plain_where_they_are_of_ordinary_size() {
        for (x, expected) in [
            (0.0, "0"),
            (-0.0, "-0"),
            (1.0, "1"),
            (0.001, "0.001"),
            (0.1 + 0.2, "0.30000000000000004"),
            (1e-4, "0.0001"),
            (1e-5, "1e-5"),
            (1e-7, "1e-7"),
            (123_456_789.0, "123456789"),
            (1e16, "1e16"),
            (f64::MIN_POSITIVE, "2.2250738585072014e-308"),
        ] {
            assert_eq!(number(x), expected);
        }
    }

    proptest! {
        #[test]
        fn numbers_read_back_bit_for_bit(bits: u64) {
            let x = f64::from_bits(bits);
            prop_assume!(x.is_finite());
            let back: f64 = number(x).parse().unwrap();
            prop_assert_eq!(back.to_bits(), x.to_bits());
        }
    }

    #[test]
    fn a_header_is_ours_with_later_columns_and_not_with_the_first_ones_missing() {
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
    fn tables_of_the_same_lines_agree_whatever_their_order_and_their_last_columns() {
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

    #[test]
    fn every_column_has_its_own_name_and_a_meaning() {
        for columns in [run_columns().collect::<Vec<_>>(), epoch_columns().collect()] {
            let mut names: Vec<_> = columns.iter().map(|column| column.name).collect();
            assert!(columns.iter().all(|column| column.meaning.ends_with('.')));
            names.sort_unstable();
            names.dedup();
            assert_eq!(names.len(), columns.len());
        }
    }
}
