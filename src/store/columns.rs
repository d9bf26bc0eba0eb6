//! The columns of `runs.csv` and `epochs.csv`. Each is declared once; header, cell, check and documentation follow from its declaration.
//!
//! New columns go after `version`, so that existing readers keep working.

use super::run::StoredRun;
use super::text::number;
use crate::training::{METRICS, Measurement, Metric, Number, RunSpec, Status};
use serde::Serialize;

/// The content of a cell.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum TableCell {
    /// A word.
    Text(String),
    /// A number.
    Number(Number),
    /// No value, which is not 0.
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

    /// The text in a table: numbers in shortest round-trip form, the empty text for an absent value.
    pub fn to_text(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Number(Number::Real(x)) => number(*x),
            Self::Number(Number::Count(count)) => count.to_string(),
            Self::Absent => String::new(),
        }
    }

    /// Whether `text` has the same value. A number may be written in another form: `0.10` is 0.1.
    pub fn matches_text(&self, text: &str) -> bool {
        match self {
            Self::Number(number) => {
                let is_same = || text.parse() == Ok(number.as_f64());
                // Above 2⁵³, different counts may be the same floating-point number.
                match number {
                    Number::Count(count) => text.parse() == Ok(*count) || *count < 1 << 53 && is_same(),
                    Number::Real(_) => is_same(),
                }
            }
            word => text == word.to_text(),
        }
    }
}

/// A column of a table.
#[derive(Debug, Clone, Copy)]
pub struct Column {
    /// Its name in the header.
    pub name: &'static str,
    /// Its meaning, in one sentence.
    pub meaning: &'static str,
    source: ColumnSource,
}

/// The source of a column's cells, each with a function that computes the cell.
#[derive(Debug, Clone, Copy)]
enum ColumnSource {
    Setting(fn(&RunSpec) -> TableCell),
    Run(fn(&StoredRun) -> TableCell),
    Measured(fn(&Measurement) -> TableCell),
    Metric(&'static Metric),
}

impl Column {
    /// The cell of `run`, in a line with `measurement`.
    pub fn cell(&self, run: &StoredRun, measurement: Option<&Measurement>) -> TableCell {
        let measured = match self.source {
            ColumnSource::Setting(cell) => return cell(&run.spec),
            ColumnSource::Run(cell) => return cell(run),
            ColumnSource::Measured(cell) => measurement.map(cell),
            ColumnSource::Metric(metric) => measurement.and_then(|m| metric.number(m)).map(TableCell::Number),
        };
        measured.unwrap_or(TableCell::Absent)
    }

    /// The metric of the column, if it has one.
    pub const fn metric(&self) -> Option<&'static Metric> {
        if let ColumnSource::Metric(metric) = self.source { Some(metric) } else { None }
    }

    /// The cell for a run with the settings `spec`; absent for columns that are no settings.
    pub fn setting_cell(&self, spec: &RunSpec) -> TableCell {
        if let ColumnSource::Setting(cell) = self.source { cell(spec) } else { TableCell::Absent }
    }

    const fn of_metric(metric: &'static Metric) -> Self {
        Self { name: metric.name, meaning: metric.meaning, source: ColumnSource::Metric(metric) }
    }
}

const fn column(name: &'static str, meaning: &'static str, cell: fn(&StoredRun) -> TableCell) -> Column {
    Column { name, meaning, source: ColumnSource::Run(cell) }
}

const fn setting(name: &'static str, meaning: &'static str, cell: fn(&RunSpec) -> TableCell) -> Column {
    Column { name, meaning, source: ColumnSource::Setting(cell) }
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

/// The name, the data set and the settings of a run, without settings of later versions.
const SETTINGS: &[Column] = &[
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

/// How a run ended.
const STATUS: &[Column] = &[
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
    source: ColumnSource::Measured(|measurement| TableCell::count(measurement.epoch.into())),
};

/// The settings that identify a cell in `epochs.csv` and in the tables of the theory, and the key of its run.
pub(super) const CELL: &[Column] =
    &[NAME, DATASET, ACTIVATION, CONSTRAINT, REGULARIZER, SIGMA_SQUARED, SEED, LEARNING_RATE, RUN_KEY];

/// The settings in which the cells of one plan may differ.
pub const AXES: [Column; 7] =
    [ACTIVATION, CONSTRAINT, LEARNING_RATE, ENCODER_BIAS, REGULARIZER, SIGMA_SQUARED, SEED];

/// The [`AXES`] in which `specs` differ.
pub fn varied<'a>(specs: impl Iterator<Item = &'a RunSpec> + Clone) -> impl Iterator<Item = Column> {
    AXES.into_iter().filter(move |axis| {
        let mut cells = specs.clone().map(|spec| axis.setting_cell(spec));
        cells.next().is_some_and(|first| cells.any(|cell| cell != first))
    })
}

/// The version of the program that first wrote the tables.
const FIRST_VERSION: &str = "0.1.0";

/// Settings added after the first version: their columns are after `version`.
const LATER_SETTINGS: &[Column] = &[ENCODER_BIAS];

/// The columns of metrics that the first version had (`of_first_version`), or of those added later.
fn metrics(of_first_version: bool) -> impl Iterator<Item = Column> {
    let is_chosen = move |metric: &&Metric| (metric.since == FIRST_VERSION) == of_first_version;
    METRICS.iter().filter(is_chosen).map(Column::of_metric)
}

/// Whether a column is about the steps of an epoch rather than the network after it. `runs.csv` has no such column.
fn is_of_steps(column: &Column) -> bool {
    column.name == const { Metric::named("training_loss").name }
}

/// The columns of `runs.csv`, in order.
pub fn run_columns() -> impl Iterator<Item = Column> {
    let first = SETTINGS.iter().chain(STATUS).copied().chain(metrics(true)).chain([RUN_KEY, VERSION]);
    first.chain(later_columns()).filter(|column| !is_of_steps(column))
}

/// The columns of `epochs.csv`, in order.
pub fn epoch_columns() -> impl Iterator<Item = Column> {
    let (steps, network): (Vec<_>, Vec<_>) = metrics(true).partition(is_of_steps);
    let first = CELL.iter().copied().chain([EPOCH]).chain(network).chain(steps).chain([VERSION]);
    first.chain(later_columns())
}

/// The columns after `version`, which tables of earlier versions may lack.
pub(super) fn later_columns() -> impl Iterator<Item = Column> {
    LATER_SETTINGS.iter().copied().chain(metrics(false))
}

/// The columns of a run's settings, and of its key.
pub fn setting_columns() -> impl Iterator<Item = Column> {
    SETTINGS.iter().chain(&[RUN_KEY]).chain(LATER_SETTINGS).copied()
}

/// The column called `name` of a setting, or of the run's key.
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
    fn a_number_matches_every_form_of_it_and_an_absent_value_only_the_empty_text() {
        let matches = |cell: TableCell, text: &str| cell.matches_text(text);
        assert!(
            matches(TableCell::real(0.1), "0.10")
                && matches(TableCell::real(0.1), "1e-1")
                && !matches(TableCell::real(0.1), "0.2")
        );
        assert!(
            matches(TableCell::count(12), "12.0")
                && !matches(TableCell::count(12), "13")
                && !matches(TableCell::count(12), "")
        );
        assert!(matches(TableCell::count(u64::MAX), &u64::MAX.to_string()));
        assert!(!matches(TableCell::count(u64::MAX), &(u64::MAX - 1).to_string()), "the same as f64");
        assert!(
            matches(TableCell::Absent, "")
                && !matches(TableCell::Absent, "0")
                && !matches(TableCell::text("relu"), "ReLU")
        );
    }
}
