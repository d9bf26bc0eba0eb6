//! The runs of a results folder with what they measured of the theory, each once.

use crate::activation::ActivationSpec;
use crate::regularizer::RegularizerKind;
use crate::report::figure;
use crate::report::text::median;
use crate::store::{Results, StoredRun, varied};
use crate::theory::{EpochRow, GRID, LedgerRow, RunRow};
use crate::training::RunSpec;
use std::collections::BTreeSet;
use std::ops::Deref;

/// A number of a measured epoch.
pub(super) type OfEpoch = fn(&EpochRow) -> Option<f64>;

/// A completed run and its measurements.
#[derive(Debug)]
pub(super) struct Run<'a> {
    pub(super) stored: &'a StoredRun,
    pub(super) spec: &'a RunSpec,
    /// The measured epochs.
    pub(super) epochs: Vec<EpochRow>,
    /// The last of them.
    pub(super) last: EpochRow,
    /// The whole training.
    pub(super) whole: RunRow,
    /// The lines of the Taylor ledger.
    pub(super) ledger: Vec<LedgerRow>,
    /// The activation, and what else is not the same in all runs beside model, σ² and seed.
    pub(super) setting: String,
}

/// Runs, in the order of their plan.
#[derive(Debug)]
pub(super) struct Runs<'a> {
    /// The results folder's name.
    pub(super) study: &'a str,
    runs: Vec<Run<'a>>,
}

/// The replicates of a model at a σ².
#[derive(Debug)]
pub(super) struct Cell<'r> {
    pub(super) setting: String,
    pub(super) model: String,
    /// 0 for the plain auto-encoder.
    pub(super) sigma_squared: f64,
    pub(super) runs: Vec<&'r Run<'r>>,
}

impl<'a> Deref for Runs<'a> {
    type Target = [Run<'a>];

    fn deref(&self) -> &Self::Target {
        &self.runs
    }
}

/// The runs of `results` that measured the theory and completed, and how many of them diverged. At σ² = 0 all models are one run.
pub(super) fn measured(results: &Results) -> (Runs<'_>, usize) {
    let mut seen = BTreeSet::new();
    let varied: Vec<_> = varied(results.runs.iter().map(|run| &run.spec)).map(|axis| axis.name).collect();
    let setting = |spec: &RunSpec| {
        let mut words = vec![figure::activation(&spec.activation.label())];
        words.extend(varied.iter().filter_map(|axis| match *axis {
            "constraint" => Some(figure::constraint(&spec.constraint.label())),
            "learning_rate" => Some(format!("rate {}", spec.learning_rate)),
            "encoder_bias" => Some(format!("encoder bias {}", spec.encoder_bias.name())),
            _ => None,
        }));
        words.join(", ")
    };
    let (mut runs, mut diverged) = (Vec::new(), 0);
    for run in results.runs.iter().filter(|run| seen.insert(&run.record.run_key)) {
        let Some(record) = results.theory.get(&run.record.run_key) else { continue };
        if run.record.result().is_none() {
            diverged += 1;
        } else if let Some(last) = record.epochs.read().next_back() {
            runs.push(Run {
                stored: run,
                spec: &run.spec,
                epochs: record.epochs.read().collect(),
                last,
                whole: record.run.read().next().unwrap_or_default(),
                ledger: record.ledger.read().collect(),
                setting: setting(&run.spec),
            });
        }
    }
    (Runs { study: &results.name, runs }, diverged)
}

impl Run<'_> {
    /// Pairs of measured epoch and unit.
    pub(super) fn pairs(&self) -> f64 {
        (self.epochs.len() * self.spec.hidden) as f64
    }

    /// `number` over the measured epochs, where it is not absent.
    pub(super) fn over(&self, number: impl Fn(&EpochRow) -> Option<f64>) -> Vec<f64> {
        self.epochs.iter().filter_map(number).collect()
    }

    /// Its sum.
    pub(super) fn sum(&self, number: impl Fn(&EpochRow) -> Option<f64>) -> f64 {
        self.over(number).iter().sum()
    }

    /// Which model it is.
    pub(super) fn kind(&self) -> RegularizerKind {
        self.spec.regularizer.kind()
    }

    /// Whether it is the plain auto-encoder, as every model is at σ² = 0.
    pub(super) fn is_plain(&self) -> bool {
        self.spec.sigma_squared == 0.0 || self.kind() == RegularizerKind::None
    }

    /// Its name in the paper.
    pub(super) fn model(&self) -> String {
        let plain = RegularizerKind::None.legend();
        if self.is_plain() { plain.to_owned() } else { figure::legend(&self.spec.regularizer.label()) }
    }

    /// Its label, from which its look in pictures follows.
    pub(super) fn label(&self) -> String {
        if self.is_plain() { RegularizerKind::None.name().to_owned() } else { self.spec.regularizer.label() }
    }

    /// σ²; 0 for the plain auto-encoder, which has none.
    pub(super) fn sigma_squared(&self) -> f64 {
        if self.is_plain() { 0.0 } else { self.spec.sigma_squared }
    }

    /// Whether there is a λ ∂R/∂b_j, as Theorem 1 asks: λ > 0, and a penalty or a DAE's second-order form.
    pub(super) fn has_term(&self) -> bool {
        !self.is_plain() && self.last.penalty_value.is_some()
    }

    /// Its activation, where it is known here.
    pub(super) fn activation(&self) -> Option<&ActivationSpec> {
        self.spec.activation.known()
    }

    /// Whether its activation has no second derivative, but for kinks.
    pub(super) fn is_piecewise_linear(&self) -> bool {
        self.activation().is_some_and(is_piecewise_linear)
    }
}

/// Whether s'' is 0 wherever it is looked at.
pub(super) fn is_piecewise_linear(activation: &ActivationSpec) -> bool {
    let (first, last, steps) = GRID;
    (first * steps..=last * steps).all(|k| activation.jet(f64::from(k) / f64::from(steps)).curvature == 0.0)
}

impl<'a> Runs<'a> {
    /// `number` over all runs and measured epochs.
    pub(super) fn all(&self, number: impl Fn(&EpochRow) -> Option<f64>) -> Vec<f64> {
        self.iter().flat_map(|run| run.over(&number)).collect()
    }

    /// `number` at the last measured epoch of each run.
    pub(super) fn last(&self, number: impl Fn(&EpochRow) -> Option<f64>) -> Vec<f64> {
        self.iter().filter_map(|run| number(&run.last)).collect()
    }

    /// Its sum over all runs and epochs.
    pub(super) fn sum(&self, number: impl Fn(&EpochRow) -> Option<f64>) -> f64 {
        self.all(number).iter().sum()
    }

    /// Pairs of measured epoch and unit of all runs.
    pub(super) fn pairs(&self) -> f64 {
        self.iter().map(Run::pairs).sum()
    }

    /// Those of the runs that `keep`.
    pub(super) fn filter(&self, keep: impl Fn(&Run<'a>) -> bool) -> Vec<&Run<'a>> {
        self.iter().filter(|run| keep(run)).collect()
    }

    /// The plain auto-encoder with the settings and the seed of `run`.
    pub(super) fn plain_beside(&self, run: &Run<'_>) -> Option<&Run<'_>> {
        self.iter().find(|plain| {
            plain.is_plain() && plain.setting == run.setting && plain.spec.seed == run.spec.seed
        })
    }

    /// By how much Pr(h_j ≤ δ_min), mean over the units, lies above the plain auto-encoder's at the end of `run`.
    pub(super) fn more_off(&self, run: &Run<'_>) -> Option<f64> {
        let off = |run: &Run<'_>| run.last.inactive_fraction.mean;
        Some(off(run)? - off(self.plain_beside(run)?)?)
    }

    /// The settings, with their runs, in order.
    pub(super) fn by_setting(&self) -> Vec<(String, Vec<&Run<'_>>)> {
        grouped(self.iter(), |run| run.setting.clone())
    }

    /// Each setting's models at their largest σ², in order.
    pub(super) fn at_largest<'r>(&'r self) -> Vec<Cell<'r>> {
        let cell = |((setting, model), mut runs): ((String, String), Vec<&'r Run<'r>>)| {
            let sigma_squared = runs.iter().map(|run| run.sigma_squared()).fold(0.0, f64::max);
            runs.retain(|run| run.sigma_squared() == sigma_squared);
            Cell { setting, model, sigma_squared, runs }
        };
        self.by_model().into_iter().map(cell).collect()
    }

    /// The settings and models, with their runs, in order.
    pub(super) fn by_model(&self) -> Vec<((String, String), Vec<&Run<'_>>)> {
        grouped(self.iter(), |run| (run.setting.clone(), run.model()))
    }
}

impl Cell<'_> {
    /// Model and σ²: `DAE, σ² = 0.25`.
    pub(super) fn name(&self) -> String {
        if self.sigma_squared == 0.0 {
            self.model.clone()
        } else {
            format!("{}, σ² = {}", self.model, self.sigma_squared)
        }
    }
}

/// The median of `number` over all measured epochs of `runs`.
pub(super) fn median_of(runs: &[&Run<'_>], number: OfEpoch) -> Option<f64> {
    median(runs.iter().flat_map(|run| run.over(number)))
}

/// `items` by `key`, the keys in the order in which they first come.
pub(super) fn grouped<T, K: PartialEq>(
    items: impl Iterator<Item = T>,
    key: impl Fn(&T) -> K,
) -> Vec<(K, Vec<T>)> {
    let mut groups: Vec<(K, Vec<T>)> = Vec::new();
    for item in items {
        let key = key(&item);
        match groups.iter_mut().find(|(known, _)| *known == key) {
            Some((_, members)) => members.push(item),
            None => groups.push((key, vec![item])),
        }
    }
    groups
}
