//! The runs of a results folder with their measurements of the theory, and the cases that the rows of tables show.

use crate::activation::ActivationSpec;
use crate::regularizer::{RegularizerKind, RegularizerSpec};
use crate::report::figure::{self, grouped};
use crate::report::numbers::Line;
use crate::store::{Results, StoredRun, varied};
use crate::theory::{EpochRow, GRID, LedgerRow, RunRow};
use crate::training::RunSpec;
use std::collections::BTreeSet;

/// Gets a number from a measured epoch.
pub(super) type OfEpoch = fn(&EpochRow) -> Option<f64>;

/// A completed run and its measurements of the theory.
#[derive(Debug)]
pub(super) struct MeasuredRun<'a> {
    pub(super) stored: &'a StoredRun,
    pub(super) spec: &'a RunSpec,
    /// The measured epochs.
    pub(super) epochs: Vec<EpochRow>,
    /// The last of them.
    pub(super) last: EpochRow,
    /// The measurements of the whole training.
    pub(super) whole: RunRow,
    /// The lines of the Taylor ledger.
    pub(super) ledger: Vec<LedgerRow>,
    /// The activation and the other settings that vary in the folder, apart from model, σ² and seed; in words.
    pub(super) setting: String,
}

/// The measured runs of a folder, in the order of their plan.
#[derive(Debug)]
pub(super) struct MeasuredRuns<'a> {
    /// The results folder's name.
    pub(super) study: &'a str,
    /// Number of runs that measured the theory and diverged.
    pub(super) diverged: usize,
    pub(super) runs: Vec<MeasuredRun<'a>>,
}

/// A row of a table: some of the runs.
#[derive(Debug, Clone)]
pub(super) struct TheoryCase<'r> {
    /// The runs of the whole folder.
    pub(super) all: &'r MeasuredRuns<'r>,
    /// The setting that `runs` share; the data set where they share nothing else.
    pub(super) setting: String,
    pub(super) model: Option<String>,
    /// 0 for the plain auto-encoder.
    pub(super) sigma_squared: Option<f64>,
    /// The σ² of the noise, which selects lines of the ledgers; `None` for all lines.
    pub(super) noise: Option<f64>,
    pub(super) runs: Vec<&'r MeasuredRun<'r>>,
}

/// The settings that the runs of a case share.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd)]
pub(super) enum Grain {
    /// The folder.
    Folder,
    /// The setting.
    Setting,
    /// Setting and model, at all its σ².
    Model,
    /// Setting, model and σ².
    Cell,
}

impl<'a> MeasuredRuns<'a> {
    /// The completed runs of `results` that measured the theory. At σ² = 0 all models share one run, which occurs once.
    pub(super) fn of(results: &'a Results) -> Self {
        let varied: Vec<_> = varied(results.runs.iter().map(|run| &run.spec)).map(|axis| axis.name).collect();
        let setting = |run: &StoredRun| {
            let other = |axis: &&str| match *axis {
                "learning_rate" => Some(format!("rate {}", run.spec.learning_rate)),
                "constraint" | "encoder_bias" => Some(figure::word(run, axis)),
                _ => None,
            };
            let words = std::iter::once(figure::word(run, "activation"));
            words.chain(varied.iter().filter_map(other)).collect::<Vec<_>>().join(", ")
        };
        let (mut seen, mut diverged, mut runs) = (BTreeSet::new(), 0, Vec::new());
        for stored in results.runs.iter().filter(|run| seen.insert(&run.record.run_key)) {
            let Some(record) = results.theory.get(&stored.record.run_key) else { continue };
            let epochs: Vec<EpochRow> = record.epochs.read().collect();
            match epochs.last().copied() {
                _ if stored.record.result().is_none() => diverged += 1,
                None => {}
                Some(last) => runs.push(MeasuredRun {
                    stored,
                    spec: &stored.spec,
                    epochs,
                    last,
                    whole: record.run.read().next().unwrap_or_default(),
                    ledger: record.ledger.read().collect(),
                    setting: setting(stored),
                }),
            }
        }
        Self { study: &results.name, diverged, runs }
    }

    /// The runs for which `keep` is true, grouped into cases in the order of the plan.
    pub(super) fn cases(
        &'a self,
        grain: Grain,
        keep: impl Fn(&MeasuredRun<'a>) -> bool,
    ) -> Vec<TheoryCase<'a>> {
        let key = |run: &&'a MeasuredRun<'a>| {
            let dataset = || figure::dataset(&run.stored.dataset);
            let setting = if grain == Grain::Folder { dataset() } else { run.setting.clone() };
            let sigma_squared = (grain == Grain::Cell).then(|| run.sigma_squared());
            (setting, (grain >= Grain::Model).then(|| run.model()), sigma_squared)
        };
        let case = |((setting, model, sigma_squared), runs)| TheoryCase {
            all: self,
            setting,
            model,
            sigma_squared,
            noise: None,
            runs,
        };
        grouped(self.runs.iter().filter(|run| keep(run)), key).into_iter().map(case).collect()
    }

    /// The cases of setting and model, each at its largest σ².
    pub(super) fn at_largest(&'a self, keep: impl Fn(&MeasuredRun<'a>) -> bool) -> Vec<TheoryCase<'a>> {
        let models = self.cases(Grain::Model, keep).into_iter();
        models.map(|case| case.at_sigma(case.sigmas().fold(0.0, f64::max))).collect()
    }

    /// The plain auto-encoder with the settings and the seed of `run`.
    pub(super) fn plain_beside(&self, run: &MeasuredRun<'_>) -> Option<&MeasuredRun<'_>> {
        self.runs.iter().find(|plain| {
            plain.is_plain() && plain.setting == run.setting && plain.spec.seed == run.spec.seed
        })
    }

    /// Pr(h_j ≤ δ_min), mean over the units, at the end of `run`, minus the plain auto-encoder's.
    pub(super) fn inactive_above_plain(&self, run: &MeasuredRun<'_>) -> Option<f64> {
        let off = |run: &MeasuredRun<'_>| run.last.inactive_fraction.mean;
        Some(off(run)? - off(self.plain_beside(run)?)?)
    }
}

impl MeasuredRun<'_> {
    /// `number` at the measured epochs that have it.
    pub(super) fn epoch_values(&self, number: impl Fn(&EpochRow) -> Option<f64>) -> Vec<f64> {
        self.epochs.iter().filter_map(number).collect()
    }

    /// The sum of `number` over the measured epochs.
    pub(super) fn epoch_sum(&self, number: impl Fn(&EpochRow) -> Option<f64>) -> f64 {
        self.epoch_values(number).iter().sum()
    }

    /// The largest `number` over the measured epochs.
    pub(super) fn largest(&self, number: impl Fn(&EpochRow) -> Option<f64>) -> Option<f64> {
        self.epoch_values(number).into_iter().reduce(f64::max)
    }

    /// Its kind of regularizer.
    pub(super) fn kind(&self) -> RegularizerKind {
        self.spec.regularizer.kind()
    }

    /// Whether it is the plain auto-encoder, as every model is at σ² = 0.
    pub(super) fn is_plain(&self) -> bool {
        self.spec.sigma_squared == 0.0 || self.kind() == RegularizerKind::None
    }

    /// The model's name in the paper.
    pub(super) fn model(&self) -> String {
        figure::legend(&self.label())
    }

    /// The label of its regularizer, which decides on its look in pictures.
    pub(super) fn label(&self) -> String {
        if self.is_plain() { RegularizerKind::None.name().to_owned() } else { self.spec.regularizer.label() }
    }

    /// σ²; 0 for the plain auto-encoder, which has none.
    pub(super) fn sigma_squared(&self) -> f64 {
        if self.is_plain() { 0.0 } else { self.spec.sigma_squared }
    }

    /// The line of a CSV with these `settings`. The plain auto-encoder has its own name there, whichever model it served at σ² =
    /// 0.
    pub(super) fn line(&self, settings: &[&str]) -> Line {
        let mut cell = self.stored.clone();
        if self.is_plain() {
            (cell.spec.regularizer, cell.spec.sigma_squared) = (RegularizerSpec::none(), 0.0);
        }
        Line::of_run(&cell, settings)
    }

    /// Whether there is a λ ∂R/∂b_j, as Theorem 1 asks: λ > 0, and a penalty or a DAE's second-order form.
    pub(super) fn has_term(&self) -> bool {
        !self.is_plain() && self.last.penalty_value.is_some()
    }

    /// Its activation, if this program knows it.
    pub(super) fn activation(&self) -> Option<&ActivationSpec> {
        self.spec.activation.known()
    }

    /// Whether s'' is 0 on the whole grid, so that the activation has no second derivative except at kinks.
    pub(super) fn is_piecewise_linear(&self) -> bool {
        let (first, last, steps) = GRID;
        self.activation().is_some_and(|activation| {
            let curvature = |k: i32| activation.jet(f64::from(k) / f64::from(steps)).curvature;
            (first * steps..=last * steps).all(|k| curvature(k) == 0.0)
        })
    }
}

impl<'r> TheoryCase<'r> {
    /// The case with the runs at `sigma_squared` alone.
    pub(super) fn at_sigma(&self, sigma_squared: f64) -> Self {
        let mut case = Self { sigma_squared: Some(sigma_squared), ..self.clone() };
        case.runs.retain(|run| run.sigma_squared() == sigma_squared);
        case
    }

    /// The σ² of its runs.
    pub(super) fn sigmas(&self) -> impl Iterator<Item = f64> {
        self.runs.iter().map(|run| run.sigma_squared())
    }

    /// Model and σ²: `DAE, σ² = 0.25`.
    pub(super) fn name(&self) -> String {
        let model = self.model.clone().unwrap_or_default();
        match self.sigma_squared {
            Some(sigma) if sigma > 0.0 => format!("{model}, σ² = {sigma}"),
            _ => model,
        }
    }

    /// The stored runs.
    pub(super) fn stored(&self) -> impl Iterator<Item = &'r StoredRun> {
        self.runs.iter().map(|run| run.stored)
    }

    /// `number` of each run that has it.
    pub(super) fn run_values(&self, number: impl Fn(&MeasuredRun<'_>) -> Option<f64>) -> Vec<f64> {
        self.runs.iter().filter_map(|run| number(run)).collect()
    }

    /// The selected lines of the ledgers, with their runs.
    pub(super) fn ledger_lines(&self) -> Vec<(&'r MeasuredRun<'r>, &'r LedgerRow)> {
        let of_run =
            |run: &&'r MeasuredRun<'r>| run.ledger.iter().map(move |row| (*run, row)).collect::<Vec<_>>();
        let is_its = |row: &LedgerRow| self.noise.is_none() || row.ledger_sigma_squared == self.noise;
        self.runs.iter().flat_map(of_run).filter(|(_, row)| is_its(row)).collect()
    }

    /// `number` of each selected line that has it.
    pub(super) fn ledger_values(&self, number: impl Fn(&LedgerRow) -> Option<f64>) -> Vec<f64> {
        self.ledger_lines().into_iter().filter_map(|(_, row)| number(row)).collect()
    }

    /// `number` at the measured epochs of all runs that have it.
    pub(super) fn epoch_values(&self, number: impl Fn(&EpochRow) -> Option<f64>) -> Vec<f64> {
        self.runs.iter().flat_map(|run| run.epoch_values(&number)).collect()
    }

    /// The sum of `number` over the measured epochs.
    pub(super) fn epoch_sum(&self, number: impl Fn(&EpochRow) -> Option<f64>) -> f64 {
        self.epoch_values(number).iter().sum()
    }

    /// Number of triples of run, measured epoch and unit, in which each epoch counts as `times` says.
    pub(super) fn weighted_units(&self, times: impl Fn(&EpochRow) -> Option<f64>) -> f64 {
        self.runs.iter().map(|run| run.epoch_sum(&times) * run.spec.hidden as f64).sum()
    }
}
