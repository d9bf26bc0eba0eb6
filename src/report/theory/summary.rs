//! The summary: every model and σ² at the last measured epoch, as a table and as `figures/theory_summary.csv`.

use super::measured::{OfEpoch, TheoryCase};
use crate::report::document::{Table, Text};
use crate::report::numbers::Line;
use crate::report::text::{integer, or_absent, percent, significant};
use crate::theory::{Columns, EpochRow};

/// The name of the summary's file.
pub const FILE: &str = "theory_summary.csv";

/// The way in which several seeds become one number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pool {
    Mean,
    Sum,
}

/// A column of the summary.
#[derive(Debug)]
pub struct SummaryColumn {
    value: OfEpoch,
    /// Its head in tables; empty for a column that only the file has.
    pub head: &'static str,
    pool: Pool,
    format: fn(f64) -> String,
}

impl SummaryColumn {
    const fn new(value: OfEpoch, head: &'static str, pool: Pool, format: fn(f64) -> String) -> Self {
        Self { value, head, pool, format }
    }

    /// The columns that tables show.
    pub fn shown() -> impl Iterator<Item = &'static Self> {
        COLUMNS.iter().filter(|column| !column.head.is_empty())
    }

    /// The number of a case at its last measured epoch, pooled over seeds.
    fn pooled(&self, case: &TheoryCase<'_>) -> Option<f64> {
        let values = case.run_values(|run| (self.value)(&run.last));
        let sum: f64 = values.iter().sum();
        let mean = sum / values.len() as f64;
        (!values.is_empty()).then_some(if self.pool == Pool::Sum { sum } else { mean })
    }

    /// The cell of a measured epoch.
    pub fn cell(&self, row: &EpochRow) -> String {
        or_absent((self.value)(row), self.format)
    }
}

const COLUMNS: [SummaryColumn; 12] = [
    SummaryColumn::new(|row| row.lemma1_tightness.median, "|g|/bound", Pool::Mean, significant),
    SummaryColumn::new(|row| row.lemma1_violations, "above", Pool::Sum, integer),
    SummaryColumn::new(|row| row.theorem1_met, "λR'>bound", Pool::Mean, percent),
    SummaryColumn::new(|row| row.theorem1_required.median, "λ needed", Pool::Mean, significant),
    SummaryColumn::new(|row| row.theorem1_falling, "a_j falls", Pool::Mean, percent),
    SummaryColumn::new(|row| row.penalty_gradient_positive, "R'>0", Pool::Sum, integer),
    SummaryColumn::new(|row| row.penalty_gradient_zero, "R'=0", Pool::Sum, integer),
    SummaryColumn::new(|row| row.penalty_gradient_negative, "R'<0", Pool::Sum, integer),
    SummaryColumn::new(|row| row.pre_activation_mean.mean, "", Pool::Mean, significant),
    SummaryColumn::new(|row| row.theorem2_bound.mean, "p_j", Pool::Mean, significant),
    SummaryColumn::new(|row| row.inactive_fraction.mean, "Pr(off)", Pool::Mean, significant),
    SummaryColumn::new(|row| row.theorem2_violations, "p_j>Pr", Pool::Sum, integer),
];

/// The meaning of the columns.
pub const EXPLANATION: &str = "\
    Lemma 1: g = ∂J_AE/∂b_j, median of |g| over its bound 2σ_r√n‖W_j‖, units above it.\n\
    Theorem 1: R' = ∂R/∂b_j; share of units with λR' above the bound; the λ that half of the units with R' > 0 would need; share of \
    units whose E[a_j] falls with the next full step, g + λR' > 0.\n\
    Corollaries: signs of R'.\n\
    Theorem 2: means of its lower bound p_j and of Pr(h_j ≤ δ_min), units with the bound above the truth.";

/// A row for each model and σ².
pub(super) fn table(cases: &[TheoryCase<'_>]) -> Table {
    let about = "The last measured epoch. AE is the plain auto-encoder, every model at σ² = 0. Over seeds: means, and sums of numbers \
                 of units.";
    let row = |case: &TheoryCase<'_>| {
        let sigma = case.sigma_squared.map(|sigma| sigma.to_string());
        let names = [Some(case.setting.clone()), case.model.clone(), sigma].into_iter().flatten();
        let numbers = SummaryColumn::shown().map(|column| or_absent(column.pooled(case), column.format));
        names.chain(numbers).map(Text::from).collect()
    };
    let heads: Vec<&str> =
        std::iter::once("σ²").chain(SummaryColumn::shown().map(|column| column.head)).collect();
    Table::new(format!("{about}\n{EXPLANATION}"), &["setting", "model"], &heads).with(cases.iter().map(row))
}

/// The lines of the file.
pub(super) fn lines(cases: &[TheoryCase<'_>]) -> Vec<Line> {
    const SETTINGS: [&str; 7] =
        ["name", "dataset", "activation", "constraint", "learning_rate", "regularizer", "sigma_squared"];
    let names: Vec<String> = COLUMNS.iter().map(|column| EpochRow::name_of(column.value)).collect();
    let line = |case: &TheoryCase<'_>| {
        let run = case.runs[0];
        let about = run.line(&SETTINGS).with("seeds", case.runs.len()).with("hidden", run.spec.hidden);
        let about =
            about.number("epoch", run.last.epoch).number("measured_samples", run.last.measured_samples);
        let columns = names.iter().zip(&COLUMNS);
        columns.fold(about, |line, (name, column)| line.number(name, column.pooled(case)))
    };
    cases.iter().map(line).collect()
}
