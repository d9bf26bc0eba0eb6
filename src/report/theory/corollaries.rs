//! Corollaries 1 and 2: the signs of ∂R/∂b_j, compared with the predictions from the activation's properties.

use super::table::*;
use crate::regularizer::RegularizerKind;
use crate::report::corollary::Corollary;
use crate::theory::EpochRow;

pub(super) const STATEMENT: Statement = Statement {
    id: "corollaries",
    title: "Corollaries 1 and 2",
    says: "Penalties Σ f(E[h_j]) with f increasing have ∂R/∂b_j ≥ 0 under non-decreasing activations with slopes in [0, 1]; penalties \
           E[Σ s'^q ‖W_j‖^p] under such activations that are convex.",
    question: "For how many of the covered models is the sign of ∂R/∂b_j as predicted, always?",
    answer: column("covered", Count(covered), Some(all)),
    tables: &[StatementTable {
        caption: "The sign of ∂R/∂b_j over runs with σ² > 0, epochs and units. \"Against\": it breaks the prediction and can't be rounding. \
                  For a DAE, the corollary covers the first term of Eq. 7; §2.2 takes the last one to become small. Where ∂R/∂b_j is 0 \
                  for every unit, σ² should not change Pr(h_j ≤ δ_min): see its difference from the plain auto-encoder's for Theorem 1. \
                  Marked: whether the prediction holds; open where there is none.",
        cases: |runs| runs.cases(Grain::Model, has_signs),
        columns: &[
            column("corollary", Words(|case| predicted(case).0.into()), None),
            column("predicted", Words(|case| predicted_words(case).into()), None),
            column("found", Words(|case| found(case).into()), None),
            column("against", Count(against), None),
            column("> 0", Values(|case| share(case, POSITIVE), percent), None),
            column("= 0", Values(|case| share(case, ZERO), percent), None),
            column("< 0", Values(|case| share(case, NEGATIVE), percent), None),
        ],
    }],
    picture: |_| None,
};

const POSITIVE: OfEpoch = |row| row.penalty_gradient_positive;
const ZERO: OfEpoch = |row| row.penalty_gradient_zero;
const NEGATIVE: OfEpoch = |row| row.penalty_gradient_negative;

/// The predicted sign of ∂R/∂b_j.
#[derive(Debug, Clone, Copy)]
enum Sign {
    NotNegative,
    /// Exactly: the activation has no second derivative (footnote 1).
    Zero,
}

fn predicted_words(case: &TheoryCase<'_>) -> &'static str {
    match predicted(case).1 {
        Some(Sign::NotNegative) => "≥ 0",
        Some(Sign::Zero) => "0 exactly",
        None => "nothing",
    }
}

fn total(case: &TheoryCase<'_>) -> f64 {
    case.epoch_sum(|row| Some(POSITIVE(row)? + ZERO(row)? + NEGATIVE(row)?))
}

/// Number of signs against the prediction, and number of all signs; zeros where there is no prediction.
fn against(case: &TheoryCase<'_>) -> [f64; 2] {
    // Negligible gradients include exact zeros and have any sign, so up to this many of the negative ones may be rounding.
    let surely_negative = |row: &EpochRow| {
        let rounding = row.penalty_gradient_negligible.unwrap_or(0.0) - ZERO(row).unwrap_or(0.0);
        Some((NEGATIVE(row)? - rounding).max(0.0))
    };
    match predicted(case).1 {
        Some(Sign::NotNegative) => [case.epoch_sum(surely_negative), total(case)],
        Some(Sign::Zero) => [total(case) - case.epoch_sum(ZERO), total(case)],
        None => [0.0, 0.0],
    }
}

fn found(case: &TheoryCase<'_>) -> Span {
    let (mark, word) = match against(case) {
        [_, 0.0] => (Mark::Open, "open"),
        [0.0, _] => (Mark::Good, "holds"),
        _ => (Mark::Bad, "fails"),
    };
    Span::Mark(mark, word.to_owned())
}

fn share(case: &TheoryCase<'_>, count: OfEpoch) -> Vec<f64> {
    vec![case.epoch_sum(count) / total(case).max(1.0)]
}

/// Whether the run has a bias gradient, under an activation that this program knows.
fn has_signs(run: &MeasuredRun<'_>) -> bool {
    run.has_term() && run.activation().is_some()
}

/// Number of covered models for which the prediction holds, and number of all covered ones.
fn covered(folder: &TheoryCase<'_>) -> [f64; 2] {
    let models = folder.all.cases(Grain::Model, has_signs);
    let against: Vec<f64> = models.iter().map(against).filter(|of| of[1] > 0.0).map(|of| of[0]).collect();
    [against.iter().filter(|against| **against == 0.0).count() as f64, against.len() as f64]
}

/// The corollary about the model's term, and the sign that it predicts under the activation.
fn predicted(case: &TheoryCase<'_>) -> (&'static str, Option<Sign>) {
    let run = case.runs[0];
    let name = match run.kind() {
        _ if run.activation().is_none() => "–",
        RegularizerKind::KlSae => "1, Eq. 13",
        RegularizerKind::L1 => "1, f(ρ) = ρ",
        RegularizerKind::Cae => "2, Eq. 9",
        RegularizerKind::Mdae => "2, Eq. 11",
        RegularizerKind::Dae => "2, Eq. 7's first term",
        kind => match Corollary::about(kind) {
            Some(Corollary::One) => "1",
            Some(Corollary::Two) => "2",
            None => "–",
        },
    };
    let is_about_slopes = Corollary::about(run.kind()) == Some(Corollary::Two);
    let sign = match Corollary::covers(run.spec) {
        _ if is_about_slopes && run.is_piecewise_linear() => Some(Sign::Zero),
        covered => covered.then_some(Sign::NotNegative),
    };
    (name, sign)
}
