//! Every model and σ² at the last measured epoch, as a table and as `figures/theory_summary.csv`.

use super::measured::{Case, OfEpoch};
use crate::report::document::{Table, Text};
use crate::report::numbers::Line;
use crate::report::text::{integer, or_absent, percent, significant};
use crate::theory::{Columns, EpochRow};

/// The file's name.
pub const FILE: &str = "theory_summary.csv";

/// How several seeds become one number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pool {
    Mean,
    Sum,
}

/// A number of the summary.
#[derive(Debug)]
pub struct Quantity {
    of: OfEpoch,
    /// The head of its column; empty for what is in the file alone.
    pub head: &'static str,
    pool: Pool,
    write: fn(f64) -> String,
}

impl Quantity {
    const fn new(of: OfEpoch, head: &'static str, pool: Pool, write: fn(f64) -> String) -> Self {
        Self { of, head, pool, write }
    }

    /// Those that tables have.
    pub fn shown() -> impl Iterator<Item = &'static Self> {
        QUANTITIES.iter().filter(|quantity| !quantity.head.is_empty())
    }

    /// The number of a case at its last measured epoch.
    fn pooled(&self, case: &Case<'_>) -> Option<f64> {
        let values = case.of_runs(|run| (self.of)(&run.last));
        let sum: f64 = values.iter().sum();
        let mean = sum / values.len() as f64;
        (!values.is_empty()).then_some(if self.pool == Pool::Sum { sum } else { mean })
    }

    /// The cell of a measured epoch.
    pub fn cell(&self, row: &EpochRow) -> String {
        or_absent((self.of)(row), self.write)
    }
}

const QUANTITIES: [Quantity; 12] = [
    Quantity::new(|row| row.lemma1_tightness.median, "|g|/bound", Pool::Mean, significant),
    Quantity::new(|row| row.lemma1_violations, "above", Pool::Sum, integer),
    Quantity::new(|row| row.theorem1_met, "λR'>bound", Pool::Mean, percent),
    Quantity::new(|row| row.theorem1_required.median, "λ needed", Pool::Mean, significant),
    Quantity::new(|row| row.theorem1_falling, "a_j falls", Pool::Mean, percent),
    Quantity::new(|row| row.penalty_gradient_positive, "R'>0", Pool::Sum, integer),
    Quantity::new(|row| row.penalty_gradient_zero, "R'=0", Pool::Sum, integer),
    Quantity::new(|row| row.penalty_gradient_negative, "R'<0", Pool::Sum, integer),
    Quantity::new(|row| row.pre_activation_mean.mean, "", Pool::Mean, significant),
    Quantity::new(|row| row.theorem2_bound.mean, "p_j", Pool::Mean, significant),
    Quantity::new(|row| row.inactive_fraction.mean, "Pr(off)", Pool::Mean, significant),
    Quantity::new(|row| row.theorem2_violations, "p_j>Pr", Pool::Sum, integer),
];

/// What the columns of the quantities are.
pub const EXPLANATION: &str = "\
    Lemma 1: g = ∂J_AE/∂b_j, median of |g| over its bound 2σ_r√n‖W_j‖, units above it.\n\
    Theorem 1: R' = ∂R/∂b_j; share of units with λR' above the bound; the λ that half of the units with R' > 0 would need; share of \
    units whose E[a_j] falls with the next full step, g + λR' > 0.\n\
    Corollaries: signs of R'.\n\
    Theorem 2: means of its lower bound p_j and of Pr(h_j ≤ δ_min), units with the bound above the truth.";

/// A row for each model and σ².
pub(super) fn table(cases: &[Case<'_>]) -> Table {
    let about = "The last measured epoch. AE is the plain auto-encoder, every model at σ² = 0. Over seeds: means, and sums of numbers \
                 of units.";
    let row = |case: &Case<'_>| {
        let sigma = case.sigma_squared.map(|sigma| sigma.to_string());
        let names = [Some(case.setting.clone()), case.model.clone(), sigma].into_iter().flatten();
        let numbers = Quantity::shown().map(|quantity| or_absent(quantity.pooled(case), quantity.write));
        names.chain(numbers).map(Text::from).collect()
    };
    let heads: Vec<&str> = std::iter::once("σ²").chain(Quantity::shown().map(|q| q.head)).collect();
    Table::new(format!("{about}\n{EXPLANATION}"), &["setting", "model"], &heads).with(cases.iter().map(row))
}

/// The lines of the file.
pub(super) fn lines(cases: &[Case<'_>]) -> Vec<Line> {
    const SETTINGS: [&str; 7] =
        ["name", "dataset", "activation", "constraint", "learning_rate", "regularizer", "sigma_squared"];
    let names: Vec<String> = QUANTITIES.iter().map(|quantity| EpochRow::name_of(quantity.of)).collect();
    let line = |case: &Case<'_>| {
        let run = case.runs[0];
        let about = run.line(&SETTINGS).with("seeds", case.runs.len()).with("hidden", run.spec.hidden);
        let about =
            about.number("epoch", run.last.epoch).number("measured_samples", run.last.measured_samples);
        let quantities = names.iter().zip(&QUANTITIES);
        quantities.fold(about, |line, (name, quantity)| line.number(name, quantity.pooled(case)))
    };
    cases.iter().map(line).collect()
}
