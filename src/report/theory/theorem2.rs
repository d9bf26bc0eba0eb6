//! Theorem 2: when and by how much the bound p_j rises, how the true probability moves, and where p_j is no bound.

use super::panels::over_epochs;
use super::table::*;

const CAPTION: &str = "Means over the hidden units at the measured epochs: above the bound p_j, below the probability that it bounds. A bound \
                       that says something is not far below the truth. Each model at its largest σ², beside the plain auto-encoder \
                       (AE).";

pub(super) const STATEMENT: Statement = Statement {
    id: "theorem2",
    title: "Theorem 2",
    says: "There is a lower bound p_j of Pr(h_j ≤ δ_min) that does not fall from some T_min to some T_max, for non-decreasing activations \
           and bounded ‖W_j‖. (p_j is Cantelli's bound with Var[a_j] = ‖W_j‖², which the paper leaves open.)",
    question: "How often is p_j above the probability that it bounds, by run, epoch and unit?",
    answer: ABOVE,
    tables: &[StatementTable {
        caption: "p_j and Pr(h_j ≤ δ_min), means over the units at the last measured epoch; runs in which p_j is 0 for every unit then; how \
                  often p_j is above the probability, over runs, epochs and units, which needs Var[a_j] ≠ ‖W_j‖². The share of units \
                  whose p_j rises by more than 0.01 without a step down; their medians of T_min, T_max + 1 and the changes of p_j and \
                  Pr(h_j ≤ δ_min) between; the share of them for which the latter does not fall. Marked: whether p_j is a lower bound \
                  throughout, and whether ‖W_j‖ is bounded, as the theorem asks.",
        cases: |runs| runs.cases(Grain::Model, |_| true),
        columns: &[
            column("p_j", Last(|row| row.theorem2_bound.mean, significant), None),
            column("Pr(h_j ≤ δ_min)", Last(|row| row.inactive_fraction.mean, significant), None),
            ABOVE,
            column("p_j = 0", RunsThat(|_, run| Some(run.last.theorem2_bound.max? == 0.0)), None),
            column("units that rise", Each(|_, run| run.whole.theorem2.rising, percent), None),
            column("T_min", Each(|_, run| run.whole.theorem2.rise_first_epoch.median, epochs), None),
            column("T_max + 1", Each(|_, run| run.whole.theorem2.rise_last_epoch.median, epochs), None),
            column("p_j by", Each(|_, run| run.whole.theorem2.rise.median, significant), None),
            column("Pr by", Each(|_, run| run.whole.theorem2.truth_rise.median, significant), None),
            column("Pr follows", Each(|_, run| run.whole.theorem2.truth_follows, percent), None),
            column("‖W_j‖ bounded", RunsThat(|_, run| is_bounded(run)), Some(all)),
        ],
    }],
    picture: |runs| {
        over_epochs(
            runs,
            ("theorem2", "Theorem 2 over training", CAPTION),
            &[(|row| row.theorem2_bound.mean, "p_j"), (|row| row.inactive_fraction.mean, "Pr(h_j ≤ δ_min)")],
        )
    },
};

const ABOVE: TheoryColumn = column("p_j above it", Units(|row| row.theorem2_violations), Some(none));

fn is_bounded(run: &MeasuredRun<'_>) -> Option<bool> {
    run.last.theorem2_bound.max.map(|_| run.spec.constraint.label() != "none")
}
