//! Corollaries 1 and 2: the signs of ∂R/∂b_j, beside what the activation's properties predict.

use super::measured::{OfEpoch, Run, Runs, is_piecewise_linear};
use super::{Block, Sheet, heads};
use crate::activation::ActivationSpec;
use crate::regularizer::RegularizerKind;
use crate::report::text::{counted, integer, list, of, percent, range, significant};
use crate::theory::{EpochRow, Properties};

pub(super) fn block(runs: &Runs<'_>) -> Block {
    let rows: Vec<Row> = runs.by_model().into_iter().filter_map(Row::new).collect();
    let mut findings = vec![verdict(&rows)];
    findings.extend(uncovered(&rows));
    findings.extend(without_gradient(runs));
    Block {
        id: "corollaries",
        title: "Corollaries 1 and 2",
        statement: "Penalties Σ f(E[h_j]) with f increasing have ∂R/∂b_j ≥ 0 under non-decreasing activations with slopes in \
                    [0, 1]; penalties E[Σ s'^q ‖W_j‖^p] under such activations that are convex.",
        findings,
        drawings: Vec::new(),
        sheet: (!rows.is_empty()).then(|| sheet(&rows)),
    }
}

/// What the paper says of ∂R/∂b_j.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Prediction {
    NotNegative,
    /// Exactly: the activation has no second derivative (footnote 1).
    Zero,
    Nothing,
}

/// A model under an activation, over all epochs and σ² > 0.
struct Row {
    setting: String,
    model: String,
    corollary: &'static str,
    prediction: Prediction,
    positive: f64,
    zero: f64,
    negative: f64,
    /// Of `negative`, those that can't be rounding.
    surely_negative: f64,
}

impl Row {
    /// `None` for models without a bias gradient.
    fn new(((setting, model), runs): ((String, String), Vec<&Run<'_>>)) -> Option<Self> {
        let runs: Vec<_> = runs.into_iter().filter(|run| run.has_term()).collect();
        let first = runs.first()?;
        let sum = |number: OfEpoch| runs.iter().map(|run| run.sum(number)).sum::<f64>();
        // The negligible ones include exact zeros and have any sign, so as many of the negative ones may be rounding.
        let surely = |row: &EpochRow| {
            let [negative, negligible, zero] =
                [row.penalty_gradient_negative, row.penalty_gradient_negligible, row.penalty_gradient_zero]
                    .map(Option::unwrap_or_default);
            Some((negative - (negligible - zero)).max(0.0))
        };
        let (corollary, prediction) =
            predicted(first.kind(), &first.spec.regularizer.label(), first.activation()?);
        Some(Self {
            corollary,
            prediction,
            positive: sum(|row| row.penalty_gradient_positive),
            zero: sum(|row| row.penalty_gradient_zero),
            negative: sum(|row| row.penalty_gradient_negative),
            surely_negative: sum(surely),
            setting,
            model,
        })
    }

    fn total(&self) -> f64 {
        self.positive + self.zero + self.negative
    }

    /// Whether the prediction holds, if there is one.
    fn holds(&self) -> Option<bool> {
        match self.prediction {
            Prediction::NotNegative => Some(self.surely_negative == 0.0),
            Prediction::Zero => Some(self.zero == self.total()),
            Prediction::Nothing => None,
        }
    }

    fn name(&self) -> String {
        format!("{} under {}", self.model, self.setting)
    }

    fn cells(&self) -> Vec<String> {
        let prediction = match self.prediction {
            Prediction::NotNegative => "≥ 0",
            Prediction::Zero => "0 exactly",
            Prediction::Nothing => "none",
        };
        let found = match self.holds() {
            Some(true) if self.negative > 0.0 => "holds, but for rounding",
            Some(true) => "holds",
            Some(false) => "fails",
            None => "not covered",
        };
        let share = |count: f64| percent(count / self.total().max(1.0));
        let words = [&self.setting, &self.model, self.corollary, prediction].map(str::to_owned);
        let numbers = [share(self.positive), share(self.zero), share(self.negative)];
        words.into_iter().chain([found.to_owned()]).chain(numbers).collect()
    }
}

/// What covers a DAE's terms of second order.
const OF_DAE: &str = "2, Eq. 7's first term; §2.2 for the others";

/// Which corollary covers the model's term, and what it says under the activation.
fn predicted(kind: RegularizerKind, label: &str, activation: &ActivationSpec) -> (&'static str, Prediction) {
    let properties = Properties::of(|a| activation.jet(a).value);
    let when = |covered: bool| if covered { Prediction::NotNegative } else { Prediction::Nothing };
    let slopes =
        || if is_piecewise_linear(activation) { Prediction::Zero } else { when(properties.corollary2()) };
    // The penalties of negative h are not increasing functions of E[h].
    let not_negative = (-64..=64).all(|k| activation.jet(f64::from(k) / 4.0).value >= 0.0);
    match kind {
        // For ρ > 0 the penalty falls below ρ, so f is not increasing.
        RegularizerKind::KlSae => ("1, Eq. 13", when(properties.corollary1() && !label.contains("rho=0."))),
        RegularizerKind::L1 => ("1, f(ρ) = ρ", when(properties.corollary1() && not_negative)),
        RegularizerKind::Corollary1 => {
            ("1", when(properties.corollary1() && (not_negative || !label.contains("square"))))
        }
        RegularizerKind::Cae => ("2, Eq. 9", slopes()),
        RegularizerKind::Mdae => ("2, Eq. 11", slopes()),
        RegularizerKind::Corollary2 => ("2", slopes()),
        RegularizerKind::Dae => (OF_DAE, slopes()),
        RegularizerKind::None
        | RegularizerKind::Edae
        | RegularizerKind::Registered(_)
        | RegularizerKind::Unknown(_) => ("–", Prediction::Nothing),
    }
}

fn verdict(rows: &[Row]) -> String {
    let covered: Vec<&Row> = rows.iter().filter(|row| row.holds().is_some()).collect();
    if covered.is_empty() {
        return "None of these models has a bias gradient that a corollary covers.".to_owned();
    }
    let failing: Vec<&&Row> = covered.iter().filter(|row| row.holds() == Some(false)).collect();
    let found = if failing.is_empty() {
        "the sign is as predicted in all of them, at every measured epoch and σ²".to_owned()
    } else {
        let each = failing.iter().map(|row| {
            let (count, what) = match row.prediction {
                Prediction::Zero => (row.total() - row.zero, "are not 0"),
                _ => (row.surely_negative, "are negative"),
            };
            format!("{} ({} {what})", row.name(), of(count, row.total()))
        });
        format!("the sign is not as predicted for {}", list(each))
    };
    let of_dae =
        if covered.iter().any(|row| row.corollary == OF_DAE && row.prediction == Prediction::NotNegative) {
            " (for a DAE, but for Eq. 7's last term, which §2.2 takes to become small)"
        } else {
            ""
        };
    format!(
        "Of {} with a bias gradient, a corollary covers {}{of_dae}: {found}.",
        counted(rows.len(), "model"),
        covered.len()
    )
}

fn uncovered(rows: &[Row]) -> Option<String> {
    let free: Vec<&Row> = rows.iter().filter(|row| row.holds().is_none()).collect();
    (!free.is_empty()).then(|| {
        let each =
            free.iter().map(|row| format!("{} {}", row.name(), percent(row.positive / row.total().max(1.0))));
        format!("No corollary covers the others. There ∂R/∂b_j is positive for: {}.", list(each))
    })
}

/// §3.1: with no bias gradient, the coefficient should not change the sparsity.
fn without_gradient(runs: &Runs<'_>) -> Option<String> {
    let still = |run: &Run<'_>| {
        run.has_term()
            && run.sum(|row| row.penalty_gradient_positive) + run.sum(|row| row.penalty_gradient_negative)
                == 0.0
    };
    let mut each = Vec::new();
    for ((setting, model), members) in runs.by_model() {
        let still: Vec<f64> =
            members.iter().filter(|run| still(run)).filter_map(|run| runs.more_off(run)).collect();
        if !still.is_empty() {
            each.push(format!("{model} under {setting} by {}", range(still.into_iter(), significant)));
        }
    }
    (!each.is_empty()).then(|| {
        format!(
            "Where ∂R/∂b_j is exactly 0 for every unit, Pr(h_j ≤ δ_min) should not depend on σ². Against the plain \
             auto-encoder it changes for {}.",
            list(each)
        )
    })
}

fn sheet(rows: &[Row]) -> Sheet {
    let total = rows.iter().map(Row::total).sum();
    Sheet {
        caption: format!(
            "The sign of ∂R/∂b_j over the measured epochs and all σ² > 0, {} triples of run, epoch and unit.",
            integer(total)
        ),
        columns: heads(&["activation", "model", "corollary", "prediction", "found"], &["> 0", "= 0", "< 0"]),
        rows: rows.iter().map(Row::cells).collect(),
    }
}
