//! Lemma 1: |∂J_AE/∂b_j| ≤ 2 σ_r √n ‖W_j‖, counted over all units, epochs and runs.

use super::measured::{OfEpoch, Run, Runs};
use super::{Block, Sheet, heads};
use crate::report::text::{integer, median, of, or_absent, percent, range, significant};

pub(super) fn block(runs: &Runs<'_>) -> Block {
    let mut findings = vec![all_samples(runs), mini_batches(runs), identity(runs)];
    findings.push(independent(runs));
    Block {
        id: "lemma1",
        title: "Lemma 1",
        statement: "The bias gradient g_j = ∂J_AE/∂b_j of the plain auto-encoder is within ±2 σ_r √n ‖W_j‖, under \
                    Assumption 1 and for slopes in [0, 1].",
        findings,
        drawings: Vec::new(),
        sheet: Some(sheet(runs)),
    }
}

fn all_samples(runs: &Runs<'_>) -> String {
    let violations = runs.sum(|row| row.lemma1_violations);
    let medians = median(runs.all(|row| row.lemma1_tightness.median).into_iter());
    let largest = runs.all(|row| row.lemma1_tightness.max).into_iter().reduce(f64::max);
    format!(
        "On all measured samples {} triples of run, epoch and unit are beyond the bound: {}. |g_j| takes {} of it in the \
         median and {} at most.",
        of(violations, runs.pairs()),
        if violations == 0.0 { "it holds everywhere" } else { "it fails there, where E[r] is not 0" },
        or_absent(medians, percent),
        or_absent(largest, percent),
    )
}

/// Pairs of batch and unit over the measured epochs of a run.
fn batch_pairs(run: &Run<'_>) -> f64 {
    run.sum(|row| row.batches) * run.spec.hidden as f64
}

fn mini_batches(runs: &Runs<'_>) -> String {
    let violations = runs.sum(|row| row.batch_lemma1_violations);
    let largest = runs.all(|row| row.batch_lemma1_tightness.max).into_iter().reduce(f64::max);
    format!(
        "In single mini-batches of {}, with their own means and σ_r: {} beyond it; {} of the bound in the median, {} at \
         most.",
        range(runs.iter().map(|run| run.spec.batch as f64), integer),
        of(violations, runs.iter().map(batch_pairs).sum()),
        or_absent(median(runs.all(|row| row.batch_lemma1_tightness.median).into_iter()), percent),
        or_absent(largest, percent),
    )
}

/// The columns with the root mean square can't have anything in them but 0.
fn identity(runs: &Runs<'_>) -> String {
    let violations = runs.sum(|row| row.lemma1_root_mean_square_violations)
        + runs.sum(|row| row.batch_lemma1_root_mean_square_violations);
    let found = if violations == 0.0 {
        "none was found beyond it, as must be".to_owned()
    } else {
        format!(
            "{} were found beyond it, which is a fault of the measurement or of an activation",
            integer(violations)
        )
    };
    format!(
        "With the residual's root mean square in the place of σ_r the lemma is the Cauchy–Schwarz inequality and needs no \
         assumption: {found}."
    )
}

fn independent(runs: &Runs<'_>) -> String {
    let exceeded = runs.sum(|row| row.lemma1_independent_violations);
    let in_batches = runs.sum(|row| row.batch_lemma1_independent_violations);
    let share = |run: &Run<'_>| {
        let largest = run.over(|row| row.lemma1_tightness.max).into_iter().reduce(f64::max)?;
        Some(largest * (run.spec.inputs as f64).sqrt())
    };
    let largest = runs.iter().filter_map(share).reduce(f64::max);
    let means = if exceeded == 0.0 {
        "the stricter bound holds too. That alone does not show independence: the gradient is an average of s′ r·W_j over \
         the samples, in which most cancels"
    } else {
        "where it is exceeded, the residual's dimensions are correlated or not of mean 0, against Assumption 1"
    };
    format!(
        "The √n is slack: for independent dimensions, as Assumption 1 has them, 2 σ_r ‖W_j‖ is a bound already. It is \
         exceeded by {} (in mini-batches {}), at most by a factor of {}: {means}.",
        of(exceeded, runs.pairs()),
        of(in_batches, runs.iter().map(batch_pairs).sum()),
        or_absent(largest, significant),
    )
}

fn sheet(runs: &Runs<'_>) -> Sheet {
    let row = |(setting, runs): (String, Vec<&Run<'_>>)| {
        let sum = |number: OfEpoch| runs.iter().map(|run| run.sum(number)).sum::<f64>();
        let all = |number: OfEpoch| range(runs.iter().flat_map(|run| run.over(number)), significant);
        let pairs = runs.iter().map(|run| run.pairs()).sum();
        vec![
            setting,
            all(|row| row.lemma1_tightness.median),
            all(|row| row.lemma1_tightness.max),
            of(sum(|row| row.lemma1_violations), pairs),
            of(sum(|row| row.lemma1_independent_violations), pairs),
            all(|row| row.batch_lemma1_tightness.max),
            of(sum(|row| row.batch_lemma1_violations), runs.iter().map(|run| batch_pairs(run)).sum()),
        ]
    };
    Sheet {
        caption: "Over all runs and epochs; ranges are over them, medians and maxima over the units."
            .to_owned(),
        columns: heads(
            &["activation"],
            &[
                "|g_j| / bound, median",
                "largest",
                "beyond the bound",
                "beyond 2 σ_r ‖W_j‖",
                "largest in a mini-batch",
                "beyond the bound there",
            ],
        ),
        rows: runs.by_setting().into_iter().map(row).collect(),
    }
}
