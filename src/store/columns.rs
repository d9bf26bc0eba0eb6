//! The columns of `runs.csv` and `epochs.csv`, each declared once: header, cell, check and documentation follow from it.
//!
//! New columns go behind `version`, so that readers keep working.

use super::run::StoredRun;
use super::text::number;
use crate::training::{METRICS, Measurement, Metric, Number, RunSpec, Status};
use serde::Serialize;

/// What a cell holds.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum TableCell {
    /// A word.
    Text(String),
    /// A number.
    Number(Number),
    /// Nothing, which is not 0.
    Absent,
}

impl TableCell {
    fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    const fn real(x: f64) -> Self {
        Self::Number(Number::Real(x))
    }

    const fn count(count: u64) -> Self {
        Self::Number(Number::Count(count))
    }

    /// The text in a table: numbers in shortest round-trip form, and nothing where nothing is.
    pub fn to_text(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Number(Number::Real(x)) => number(*x),
            Self::Number(Number::Count(count)) => count.to_string(),
            Self::Absent => String::new(),
        }
    }

    /// Whether `text` says the same. Numbers may be written otherwise: `0.10` is 0.1.
    pub fn is_said_by(&self, text: &str) -> bool {
        match self {
            Self::Number(number) => {
                let is_same = || text.parse() == Ok(number.as_f64());
                // Beyond 2⁵³ different counts are the same floating-point number.
                match number {
                    Number::Count(count) => text.parse() == Ok(*count) || *count < 1 << 53 && is_same(),
                    Number::Real(_) => is_same(),
                }
            }
            word => text == word.to_text(),
        }
    }
}

/// A column.
#[derive(Debug, Clone, Copy)]
pub struct Column {
    /// Its name in the header.
    pub name: &'static str,
    /// What it holds, in one sentence.
    pub meaning: &'static str,
    value: Value,
}

/// How a cell follows from a run.
#[derive(Debug, Clone, Copy)]
enum Value {
    Setting(fn(&RunSpec) -> TableCell),
    Run(fn(&StoredRun) -> TableCell),
    Measured(fn(&Measurement) -> TableCell),
    Metric(&'static Metric),
}

impl Column {
    /// The cell of `run`, in a line with what was measured then.
    pub fn cell(&self, run: &StoredRun, measurement: Option<&Measurement>) -> TableCell {
        let measured = match self.value {
            Value::Setting(cell) => return cell(&run.spec),
            Value::Run(cell) => return cell(run),
            Value::Measured(cell) => measurement.map(cell),
            Value::Metric(metric) => measurement.and_then(|m| metric.number(m)).map(TableCell::Number),
        };
        measured.unwrap_or(TableCell::Absent)
    }

    /// The metric that it holds, if it does.
    pub const fn metric(&self) -> Option<&'static Metric> {
        if let Value::Metric(metric) = self.value { Some(metric) } else { None }
    }

    /// The cell of a setting; absent for other columns.
    pub fn of_spec(&self, spec: &RunSpec) -> TableCell {
        if let Value::Setting(cell) = self.value { cell(spec) } else { TableCell::Absent }
    }

    const fn of(metric: &'static Metric) -> Self {
        Self { name: metric.name, meaning: metric.meaning, value: Value::Metric(metric) }
    }
}

const fn column(name: &'static str, meaning: &'static str, cell: fn(&StoredRun) -> TableCell) -> Column {
    Column { name, meaning, value: Value::Run(cell) }
}

const fn setting(name: &'static str, meaning: &'static str, cell: fn(&RunSpec) -> TableCell) -> Column {
    Column { name, meaning, value: Value::Setting(cell) }
}

const NAME: Column = column("name", "Name of the results folder.", |run| TableCell::text(&run.name));
const DATASET: Column =
    column("dataset", "`mnist`, `cifar10`, or the data file's stem.", |run| TableCell::text(&run.dataset));
const ACTIVATION: Column =
    setting("activation", "Encoder activation s_e.", |spec| TableCell::text(spec.activation.label()));
const CONSTRAINT: Column =
    setting("constraint", "Constraint on the rows W_j.", |spec| TableCell::text(spec.constraint.label()));
const REGULARIZER: Column =
    setting("regularizer", "Regularizer, with the parameters that are not at their defaults.", |spec| {
        TableCell::text(spec.regularizer.label())
    });
const SIGMA_SQUARED: Column = setting(
    "sigma_squared",
    "Variance σ² of the corruption for `dae` and `edae`, probability ν of `dae`'s other corruptions, coefficient λ for \
     the others.",
    |spec| TableCell::real(spec.sigma_squared),
);
const SEED: Column = setting("seed", "The replicate.", |spec| TableCell::count(spec.seed));
const LEARNING_RATE: Column =
    setting("learning_rate", "Step size η.", |spec| TableCell::real(spec.learning_rate));
const RUN_KEY: Column = column(
    "run_key",
    "The run that stands for the cell: the first 16 hex digits of the SHA-256 of what determines its numbers.",
    |run| TableCell::text(&run.record.run_key),
);
const VERSION: Column = column("version", "Version of the program that trained the run.", |run| {
    TableCell::text(&run.record.version)
});

const ENCODER_BIAS: Column =
    setting("encoder_bias", "Whether b_e was `trained`, or `frozen` as it was at the start.", |spec| {
        TableCell::text(spec.encoder_bias.name())
    });

const RUN: &[Column] = &[
    NAME,
    DATASET,
    setting("data_sha256", "SHA-256 of the data.", |spec| TableCell::text(&spec.data_sha256)),
    setting("samples", "N, the number of training samples.", |spec| TableCell::count(spec.samples as u64)),
    setting("inputs", "n, the number of inputs.", |spec| TableCell::count(spec.inputs as u64)),
    setting("hidden", "m, the number of hidden units.", |spec| TableCell::count(spec.hidden as u64)),
    ACTIVATION,
    setting("threshold", "δ_min: a unit is active where h > δ_min.", |spec| {
        TableCell::real(spec.threshold)
    }),
    CONSTRAINT,
    REGULARIZER,
    SIGMA_SQUARED,
    SEED,
    LEARNING_RATE,
    setting("momentum", "Heavy-ball momentum μ.", |spec| TableCell::real(spec.momentum)),
    setting("batch", "Samples in a mini-batch.", |spec| TableCell::count(spec.batch as u64)),
    setting("epochs", "Passes over the samples.", |spec| TableCell::count(spec.epochs.into())),
];

const ENDING: &[Column] = &[
    column("status", "`completed` or `diverged`; a diverged run has no measurements here.", |run| {
        TableCell::text(run.record.status.name())
    }),
    column("diverged_epoch", "Epoch, from 1, in which the loss or a weight was no longer finite.", |run| {
        match run.record.status {
            Status::Completed => TableCell::Absent,
            Status::Diverged { epoch, .. } => TableCell::count(epoch.into()),
        }
    }),
    column("diverged_step", "The step of the run, from 1, at which it was seen.", |run| {
        match run.record.status {
            Status::Completed => TableCell::Absent,
            Status::Diverged { step, .. } => TableCell::count(step),
        }
    }),
];

const EPOCH: Column = Column {
    name: "epoch",
    meaning: "Number of epochs trained; 0: before training.",
    value: Value::Measured(|measurement| TableCell::count(measurement.epoch.into())),
};

/// The settings by which `epochs.csv` and the theory's tables tell runs apart, and the run's key.
pub(super) const CELL: &[Column] =
    &[NAME, DATASET, ACTIVATION, CONSTRAINT, REGULARIZER, SIGMA_SQUARED, SEED, LEARNING_RATE, RUN_KEY];

/// The settings in which the cells of one plan may differ.
pub const AXES: [Column; 7] =
    [ACTIVATION, CONSTRAINT, LEARNING_RATE, ENCODER_BIAS, REGULARIZER, SIGMA_SQUARED, SEED];

/// Those of [`AXES`] in which `specs` differ.
pub fn varied<'a>(specs: impl Iterator<Item = &'a RunSpec> + Clone) -> impl Iterator<Item = Column> {
    AXES.into_iter().filter(move |axis| {
        let mut cells = specs.clone().map(|spec| axis.of_spec(spec));
        cells.next().is_some_and(|first| cells.any(|cell| cell != first))
    })
}

/// The version of the program that first wrote the tables.
const FIRST: &str = "0.1.0";

/// Settings that came after tables were written: their columns stand behind `version`.
const LATER: &[Column] = &[ENCODER_BIAS];

/// The columns of metrics that were measured from the first version on (`from_the_first`), or that came later.
fn metrics(from_the_first: bool) -> impl Iterator<Item = Column> {
    let of_version = move |metric: &&Metric| (metric.since == FIRST) == from_the_first;
    METRICS.iter().filter(of_version).map(Column::of)
}

/// Whether a column is of an epoch's steps, and not of the network after them: `runs.csv` has no such column.
fn is_of_steps(column: &Column) -> bool {
    column.name == const { Metric::named("training_loss").name }
}

/// The columns of `runs.csv`, in order.
pub fn run_columns() -> impl Iterator<Item = Column> {
    let first = RUN.iter().chain(ENDING).copied().chain(metrics(true)).chain([RUN_KEY, VERSION]);
    first.chain(later_columns()).filter(|column| !is_of_steps(column))
}

/// The columns of `epochs.csv`, in order.
pub fn epoch_columns() -> impl Iterator<Item = Column> {
    let (steps, network): (Vec<_>, Vec<_>) = metrics(true).partition(is_of_steps);
    let first = CELL.iter().copied().chain([EPOCH]).chain(network).chain(steps).chain([VERSION]);
    first.chain(later_columns())
}

/// The columns behind `version`, which tables of earlier versions may lack.
pub(super) fn later_columns() -> impl Iterator<Item = Column> {
    LATER.iter().copied().chain(metrics(false))
}

/// The columns with a run's settings, and its key.
pub fn setting_columns() -> impl Iterator<Item = Column> {
    RUN.iter().chain(&[RUN_KEY]).chain(LATER).copied()
}

/// The column of a setting, or of the run's key.
pub fn setting_column(name: &str) -> Option<Column> {
    setting_columns().find(|column| column.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

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

    #[test]
    fn a_number_is_said_by_any_text_of_it_and_nothing_by_nothing() {
        let said = |cell: TableCell, text: &str| cell.is_said_by(text);
        assert!(
            said(TableCell::real(0.1), "0.10")
                && said(TableCell::real(0.1), "1e-1")
                && !said(TableCell::real(0.1), "0.2")
        );
        assert!(
            said(TableCell::count(12), "12.0")
                && !said(TableCell::count(12), "13")
                && !said(TableCell::count(12), "")
        );
        assert!(said(TableCell::count(u64::MAX), &u64::MAX.to_string()));
        assert!(!said(TableCell::count(u64::MAX), &(u64::MAX - 1).to_string()), "the same as f64");
        assert!(
            said(TableCell::Absent, "")
                && !said(TableCell::Absent, "0")
                && !said(TableCell::text("relu"), "ReLU")
        );
    }
}
