//! Theorem 1: how often its condition is met, what E\[a_j\] does all the same, and Var\[a_j\] against ‖W_j‖².

use super::panels::over_epochs;
use super::table::*;
use crate::report::claims::margins::MARGIN;

const CAPTION: &str = "The share of units whose E[a_j] moved the way Eq. 5 says, of those with a predicted change: above in the next step \
                       of training, below in all steps up to the next measurement. A coin would be right for half of them. Each model at \
                       its largest σ², beside the plain auto-encoder (AE).";

pub(super) const STATEMENT: Statement = Statement {
    id: "theorem1",
    title: "Theorem 1",
    says: "Where λ ∂R/∂b_j > 2 σ_r √n ‖W_j‖, the next gradient step lowers E[a_j], and Var[a_j] = ‖W_j‖². (For a DAE, σ² times the \
           second-order form of Eq. 7 stands for λ R.)",
    question: "How often is its condition met, by run with λ > 0, epoch and unit?",
    answer: MET,
    tables: &[CONDITION, EFFECT],
    picture: |runs| {
        over_epochs(
            runs,
            ("theorem1", "Theorem 1, Eq. 5 over training", CAPTION),
            &[
                (|row| row.theorem1_step.sign, "As predicted, next step"),
                (|row| row.theorem1_interval.sign, "As predicted, all steps"),
            ],
        )
    },
};

const CONDITION: Rows = Rows {
    caption: "The condition, over runs with λ > 0, epochs and units: how often it is met, in how many runs, and how often without the √n; \
              for how many units ∂R/∂b_j > 0, so that some λ would meet it; by run and epoch, the λ that the first of them and half of \
              them would need. \"Falls, never met\": runs in which E[a_j] falls for most units at the end, by Eq. 5, although none ever \
              meets the condition. Marked: whether the condition is ever met; where it is not (open), the theorem says nothing.",
    cases: |runs| runs.cases(Grain::Model, Run::has_term),
    columns: &[
        Column("λ", Each(|_, run| Some(run.sigma_squared()), plain), None),
        MET,
        Column("in runs", RunsThat(|_, run| Some(run.most(|row| row.theorem1_met)? > 0.0)), None),
        Column("without √n", Count(|case| units(case, |row| row.theorem1_met_independent)), None),
        Column("∂R/∂b_j > 0", Count(|case| units(case, |row| row.theorem1_reachable)), None),
        Column("λ needed by one", Epochs(|row| row.theorem1_required.min, significant), None),
        Column("λ needed by half", Epochs(|row| row.theorem1_required.median, significant), None),
        Column("falls, never met", RunsThat(|_, run| falls_without(run)), None),
    ],
};

const MET: Column = Column(
    "met",
    Count(|case| units(case, |row| row.theorem1_met)),
    Some(|met| if met > 0.0 { Mark::Good } else { Mark::Open }),
);

const EFFECT: Rows = Rows {
    caption: "At the last measured epoch, means over the units: E[a_j] and the share of units for which it falls with the next full step \
              by Eq. 5, g_j + λ ∂R/∂b_j > 0; Pr(h_j ≤ δ_min) minus the plain auto-encoder's, and in how many runs that is above 0.02; \
              Var[a_j] / ‖W_j‖², 1 in the theorem: in how many runs the median unit's is within a factor of 2, and the least and the \
              largest unit's. Medians over epochs, σ² and seeds: the share of units whose E[a_j] moves as Eq. 5 says, and the \
              correlation of predicted and found change, in the next step (one mini-batch, with momentum) and in all steps up to the next \
              measurement. Marked: sparser or denser by more than 0.02, or neither (open); right for at least half of the units; within \
              a factor of 2 in all runs.",
    cases: |runs| runs.cases(Grain::Model, |_| true),
    columns: &[
        Column("E[a_j]", Last(|row| row.pre_activation_mean.mean, significant), None),
        Column("falls", Last(|row| row.theorem1_falling, percent), None),
        Column("Pr(off) − AE's", Each(more_off, significant), Some(sparser)),
        Column("above 0.02", RunsThat(|case, run| Some(more_off(case, run)? > MARGIN)), None),
        Column("next step", Median(|row| row.theorem1_step.sign, percent), Some(as_predicted)),
        Column("correlation", Median(|row| row.theorem1_step.correlation, significant), None),
        Column("all steps", Median(|row| row.theorem1_interval.sign, percent), Some(as_predicted)),
        Column("their correlation", Median(|row| row.theorem1_interval.correlation, significant), None),
        Column("Var[a_j] / ‖W_j‖²", Last(|row| row.pre_activation_variance_ratio.median, significant), None),
        Column("within 2", RunsThat(|_, run| is_within_two(run)), Some(all)),
        Column("least", Last(|row| row.pre_activation_variance_ratio.min, significant), None),
        Column("largest", Last(|row| row.pre_activation_variance_ratio.max, significant), None),
    ],
};

/// Triples of run with λ > 0, epoch and unit, of which `share` is the share by run and epoch, and all of them.
fn units(case: &Case<'_>, share: OfEpoch) -> [f64; 2] {
    let runs = || case.runs.iter().filter(|run| run.has_term()).map(|run| (run, run.spec.hidden as f64));
    let found = runs().map(|(run, hidden)| (run.sum(share) * hidden).round()).sum();
    [found, runs().map(|(run, hidden)| run.over(share).len() as f64 * hidden).sum()]
}

/// Whether E\[a_j\] falls at the end for most units, by the exact sign of Eq. 5, though none ever met the sufficient condition.
fn falls_without(run: &Run<'_>) -> Option<bool> {
    Some(run.last.theorem1_falling? > 0.5 && run.sum(|row| row.theorem1_met) == 0.0)
}

/// What the theorem is there to explain, whether its condition is met or not.
fn more_off(case: &Case<'_>, run: &Run<'_>) -> Option<f64> {
    case.all.more_off(run).filter(|_| run.has_term())
}

fn sparser(more: f64) -> Mark {
    if more.abs() > MARGIN { good(more > 0.0) } else { Mark::Open }
}

/// A prediction that is right for fewer units than a coin would be is missing something.
fn as_predicted(share: f64) -> Mark {
    good(share >= 0.5)
}

fn is_within_two(run: &Run<'_>) -> Option<bool> {
    run.last.pre_activation_variance_ratio.median.map(|ratio| (0.5..=2.0).contains(&ratio))
}
