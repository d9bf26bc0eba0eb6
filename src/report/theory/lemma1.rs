//! Lemma 1: |∂J_AE/∂b_j| ≤ 2 σ_r √n ‖W_j‖, counted over all units, epochs and runs.

use super::table::*;

pub(super) const STATEMENT: Statement = Statement {
    id: "lemma1",
    title: "Lemma 1",
    says: "The bias gradient g_j = ∂J_AE/∂b_j of the plain auto-encoder is within ±2 σ_r √n ‖W_j‖, under Assumption 1 and for slopes \
           in [0, 1].",
    question: "How often is a unit's |g_j| beyond the bound, by run, epoch and unit?",
    answer: BEYOND,
    tables: &[
        StatementTable {
            caption: "On all measured samples, over runs, epochs and units: |g_j| over the bound in the median and at most, and how often \
                      it is beyond the bound. For independent dimensions, as Assumption 1 has them, 2 σ_r ‖W_j‖ is a bound already, \
                      without the √n: how often |g_j| is beyond that, and its largest multiple of it. With the residual's root mean \
                      square (rms) for σ_r the lemma is the Cauchy–Schwarz inequality. Marked: whether no unit is beyond.",
            cases: |runs| runs.cases(Grain::Setting, |_| true),
            columns: &[
                column("|g_j| / bound", Median(|row| row.lemma1_tightness.median, percent), None),
                column("largest", Epochs(|row| row.lemma1_tightness.max, percent), None),
                BEYOND,
                column("beyond 2 σ_r ‖W_j‖", Units(|row| row.lemma1_independent_violations), None),
                column("largest multiple", Each(|_, run| over_independent(run), significant), None),
                column("beyond, rms", Units(|row| row.lemma1_root_mean_square_violations), Some(none)),
            ],
        },
        StatementTable {
            caption: "The same in single mini-batches, with their own means and σ_r, over runs, epochs, mini-batches and units.",
            cases: |runs| runs.cases(Grain::Setting, |_| true),
            columns: &[
                column("|g_j| / bound", Median(|row| row.batch_lemma1_tightness.median, percent), None),
                column("largest", Epochs(|row| row.batch_lemma1_tightness.max, percent), None),
                column("beyond the bound", Batches(|row| row.batch_lemma1_violations), Some(none)),
                column("beyond 2 σ_r ‖W_j‖", Batches(|row| row.batch_lemma1_independent_violations), None),
                column(
                    "beyond, rms",
                    Batches(|row| row.batch_lemma1_root_mean_square_violations),
                    Some(none),
                ),
            ],
        },
    ],
    picture: |_| None,
};

const BEYOND: TheoryColumn = column("beyond the bound", Units(|row| row.lemma1_violations), Some(none));

/// The largest |g_j| over 2 σ_r ‖W_j‖.
fn over_independent(run: &MeasuredRun<'_>) -> Option<f64> {
    Some(run.largest(|row| row.lemma1_tightness.max)? * (run.spec.inputs as f64).sqrt())
}
