//! Theorem 1: how often its condition is met, how E\[a_j\] moves even without it, and Var\[a_j\] compared with ‖W_j‖².

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

const CONDITION: StatementTable = StatementTable {
    caption: "The condition, over runs with λ > 0, epochs and units: how often it is met, in how many runs, and how often without the √n; \
              for how many units ∂R/∂b_j > 0, so that some λ would meet it; by run and epoch, the λ that the first of them and half of \
              them would need. \"Falls, never met\": runs in which E[a_j] falls for most units at the end, by Eq. 5, although none ever \
              meets the condition. Marked: whether the condition is ever met; where it is not (open), the theorem says nothing.",
    cases: |runs| runs.cases(Grain::Model, MeasuredRun::has_term),
    columns: &[
        column("λ", Each(|_, run| Some(run.sigma_squared()), decimal), None),
        MET,
        column("in runs", RunsThat(|_, run| Some(run.largest(|row| row.theorem1_met)? > 0.0)), None),
        column("without √n", Count(|case| units(case, |row| row.theorem1_met_independent)), None),
        column("∂R/∂b_j > 0", Count(|case| units(case, |row| row.theorem1_reachable)), None),
        column("λ needed by one", Epochs(|row| row.theorem1_required.min, significant), None),
        column("λ needed by half", Epochs(|row| row.theorem1_required.median, significant), None),
        column("falls, never met", RunsThat(|_, run| falls_without(run)), None),
    ],
};

const MET: TheoryColumn = column(
    "met",
    Count(|case| units(case, |row| row.theorem1_met)),
    Some(|met| if met > 0.0 { Mark::Good } else { Mark::Open }),
);

const EFFECT: StatementTable = StatementTable {
    caption: "At the last measured epoch, means over the units: E[a_j] and the share of units for which it falls with the next full step \
              by Eq. 5, g_j + λ ∂R/∂b_j > 0; Pr(h_j ≤ δ_min) minus the plain auto-encoder's, and in how many runs that is above 0.02; \
              Var[a_j] / ‖W_j‖², 1 in the theorem: in how many runs the median unit's is within a factor of 2, and the least and the \
              largest unit's. Medians over epochs, σ² and seeds: the share of units whose E[a_j] moves as Eq. 5 says, and the \
              correlation of predicted and found change, in the next step (one mini-batch, with momentum) and in all steps up to the next \
              measurement. Marked: sparser or denser by more than 0.02, or neither (open); right for at least half of the units; within \
              a factor of 2 in all runs.",
    cases: |runs| runs.cases(Grain::Model, |_| true),
    columns: &[
        column("E[a_j]", Last(|row| row.pre_activation_mean.mean, significant), None),
        column("falls", Last(|row| row.theorem1_falling, percent), None),
        column("Pr(off) − AE's", Each(inactive_above_plain, significant), Some(sparser)),
        column("above 0.02", RunsThat(|case, run| Some(inactive_above_plain(case, run)? > MARGIN)), None),
        column("next step", Median(|row| row.theorem1_step.sign, percent), Some(as_predicted)),
        column("correlation", Median(|row| row.theorem1_step.correlation, significant), None),
        column("all steps", Median(|row| row.theorem1_interval.sign, percent), Some(as_predicted)),
        column("their correlation", Median(|row| row.theorem1_interval.correlation, significant), None),
        column("Var[a_j] / ‖W_j‖²", Last(|row| row.pre_activation_variance_ratio.median, significant), None),
        column("within 2", RunsThat(|_, run| is_within_two(run)), Some(all)),
        column("least", Last(|row| row.pre_activation_variance_ratio.min, significant), None),
        column("largest", Last(|row| row.pre_activation_variance_ratio.max, significant), None),
    ],
};

/// Numbers of triples of run with λ > 0, epoch and unit: those that are in `share`, a share of the units at each epoch, and all
/// of them.
fn units(case: &TheoryCase<'_>, share: OfEpoch) -> [f64; 2] {
    let runs = || case.runs.iter().filter(|run| run.has_term()).map(|run| (run, run.spec.hidden as f64));
    let found = runs().map(|(run, hidden)| (run.epoch_sum(share) * hidden).round()).sum();
    [found, runs().map(|(run, hidden)| run.epoch_values(share).len() as f64 * hidden).sum()]
}

/// Whether E\[a_j\] falls at the end for most units, by the exact sign of Eq. 5, though none ever met the sufficient condition.
fn falls_without(run: &MeasuredRun<'_>) -> Option<bool> {
    Some(run.last.theorem1_falling? > 0.5 && run.epoch_sum(|row| row.theorem1_met) == 0.0)
}

/// The effect that the theorem explains, for runs with λ > 0, whether its condition is met or not.
fn inactive_above_plain(case: &TheoryCase<'_>, run: &MeasuredRun<'_>) -> Option<f64> {
    case.all.inactive_above_plain(run).filter(|_| run.has_term())
}

fn sparser(more: f64) -> Mark {
    if more.abs() > MARGIN { good(more > 0.0) } else { Mark::Open }
}

/// A prediction must be right for at least as many units as a coin would be.
fn as_predicted(share: f64) -> Mark {
    good(share >= 0.5)
}

fn is_within_two(run: &MeasuredRun<'_>) -> Option<bool> {
    run.last.pre_activation_variance_ratio.median.map(|ratio| (0.5..=2.0).contains(&ratio))
}
