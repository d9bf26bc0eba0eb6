//! Every model and σ² at the last measured epoch, as a table and as `figures/theory_summary.csv`.

use super::measured::{OfEpoch, Run, Runs, grouped};
use super::{Sheet, Study, heads};
use crate::report::numbers::setting_of;
use crate::report::text::{integer, or_absent, percent, significant};
use crate::store::{StoredRun, cell, csv_lines, number};
use crate::theory::{Cells, EpochRow};

/// The file's name.
pub const FILE: &str = "theory_summary.csv";

/// How several seeds become one number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pool {
    Mean,
    Sum,
}

/// A number of the summary: what it is in `theory.csv`, its head in the table, how seeds are pooled, how it is written.
struct Quantity(OfEpoch, &'static str, Pool, fn(f64) -> String);

const QUANTITIES: [Quantity; 12] = [
    Quantity(|row| row.lemma1_tightness.median, "|g| / bound", Pool::Mean, significant),
    Quantity(|row| row.lemma1_violations, "beyond", Pool::Sum, integer),
    Quantity(|row| row.theorem1_met, "λR′ > bound", Pool::Mean, percent),
    Quantity(|row| row.theorem1_required.median, "λ needed", Pool::Mean, significant),
    Quantity(|row| row.theorem1_falling, "E[a] falls", Pool::Mean, percent),
    Quantity(|row| row.penalty_gradient_positive, "R′ > 0", Pool::Sum, integer),
    Quantity(|row| row.penalty_gradient_zero, "= 0", Pool::Sum, integer),
    Quantity(|row| row.penalty_gradient_negative, "< 0", Pool::Sum, integer),
    Quantity(|row| row.pre_activation_mean.mean, "E[a]", Pool::Mean, significant),
    Quantity(|row| row.theorem2_bound.mean, "p", Pool::Mean, significant),
    Quantity(|row| row.inactive_fraction.mean, "Pr(off)", Pool::Mean, significant),
    Quantity(|row| row.theorem2_violations, "p > Pr", Pool::Sum, integer),
];

/// The replicates of a model at a σ².
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Line {
    run: StoredRun,
    setting: String,
    model: String,
    sigma_squared: f64,
    seeds: usize,
    epoch: Option<f64>,
    samples: Option<f64>,
    /// In the order of [`QUANTITIES`].
    values: Vec<Option<f64>>,
}

/// The lines in the order of the plan.
pub(super) fn lines(runs: &Runs<'_>) -> Vec<Line> {
    let key = |run: &&Run<'_>| (run.setting.clone(), run.model(), run.sigma_squared());
    let line = |((setting, model, sigma_squared), runs): ((String, String, f64), Vec<&Run<'_>>)| Line {
        run: runs[0].stored.clone(),
        setting,
        model,
        sigma_squared,
        seeds: runs.len(),
        epoch: runs[0].last.epoch,
        samples: runs[0].last.measured_samples,
        values: QUANTITIES.iter().map(|quantity| pooled(quantity, &runs)).collect(),
    };
    grouped(runs.iter(), key).into_iter().map(line).collect()
}

fn pooled(quantity: &Quantity, runs: &[&Run<'_>]) -> Option<f64> {
    let Quantity(number, _, pool, _) = quantity;
    let values: Vec<f64> = runs.iter().filter_map(|run| number(&run.last)).collect();
    let sum: f64 = values.iter().sum();
    (!values.is_empty()).then(|| if *pool == Pool::Sum { sum } else { sum / values.len() as f64 })
}

pub(super) fn sheet(lines: &[Line]) -> Sheet {
    let row = |line: &Line| {
        let settings = [line.setting.clone(), line.model.clone(), line.sigma_squared.to_string()];
        let values =
            QUANTITIES.iter().zip(&line.values).map(|(quantity, value)| or_absent(*value, quantity.3));
        settings.into_iter().chain(values).collect()
    };
    let heads_of_numbers: Vec<&str> =
        std::iter::once("σ²").chain(QUANTITIES.iter().map(|quantity| quantity.1)).collect();
    let several = lines.iter().any(|line| line.seeds > 1);
    Sheet {
        caption: format!(
            "The last measured epoch. |g| / bound: |∂J_AE/∂b_j| over Lemma 1's bound, median unit; beyond: units beyond it. \
             λR′ > bound: units that meet Theorem 1's condition; λ needed: by half of the units with R′ = ∂R/∂b_j > 0; E[a] \
             falls: units with g + λR′ > 0 (Eq. 5). R′ > 0, = 0, < 0: units with that sign. E[a], p, Pr(off): means over \
             units of E[a_j], Theorem 2's bound and Pr(h_j ≤ δ_min); p > Pr: units whose bound is above the truth. AE is the \
             plain auto-encoder, every model at σ² = 0.{}",
            if several { " Over seeds: means, and sums of numbers of units." } else { "" }
        ),
        columns: heads(&["activation", "model"], &heads_of_numbers),
        rows: lines.iter().map(row).collect(),
    }
}

/// `theory_summary.csv`: the summaries of all `studies`, a line for each model and σ². Numbers are in shortest round-trip form,
/// those of several seeds their mean, and their sum where they count units; what is absent is an empty cell.
pub fn csv(studies: &[Study]) -> Vec<u8> {
    table(studies.iter().flat_map(|study| &study.lines))
}

fn table<'a>(lines: impl Iterator<Item = &'a Line>) -> Vec<u8> {
    let settings = [
        "name",
        "dataset",
        "activation",
        "constraint",
        "learning_rate",
        "regularizer",
        "sigma_squared",
        "seeds",
        "hidden",
        "epoch",
        "measured_samples",
    ];
    let quantities = QUANTITIES.iter().map(|quantity| EpochRow::name_of(quantity.0));
    let header = settings.map(str::to_owned).into_iter().chain(quantities);
    let cells = lines.map(|line| {
        let setting = |name| setting_of(&line.run, name);
        let words = ["name", "dataset", "activation", "constraint", "learning_rate"].map(setting);
        let numbers = [
            if line.sigma_squared == 0.0 { "none".to_owned() } else { setting("regularizer") },
            number(line.sigma_squared),
            line.seeds.to_string(),
            setting("hidden"),
            cell(line.epoch),
            cell(line.samples),
        ];
        let values = line.values.iter().map(|value| cell(*value));
        words.into_iter().chain(numbers).chain(values).collect()
    });
    csv_lines(std::iter::once(header.collect()).chain(cells))
}
