//! Theorem 2: when the bound p_j rises, by how much, what the true probability does, and where the bound is none.

use super::measured::{Cell, Runs};
use super::panels::{Share, over_epochs};
use super::words::{epochs, integer, median, of, or_absent, percent, range, significant};
use super::{Block, Sheet, heads};
use crate::report::Picture;

pub(super) fn block(runs: &Runs<'_>) -> Block {
    let mut findings = vec![rises(runs), bound(runs)];
    findings.extend(free_weights(runs));
    Block {
        id: "theorem2",
        title: "Theorem 2",
        statement: "There is a lower bound p_j of Pr(h_j ≤ δ_min) that does not fall from some T_min to some T_max, for \
                    non-decreasing activations and bounded ‖W_j‖. (p_j is Cantelli's bound with Var[a_j] = ‖W_j‖², which the \
                    paper leaves open.)",
        findings,
        pictures: picture(runs).into_iter().collect(),
        sheet: Some(sheet(runs)),
    }
}

fn rises(runs: &Runs<'_>) -> String {
    let whole = |name: &str| runs.iter().filter_map(|run| run.whole(name)).collect::<Vec<_>>();
    let rising = whole("theorem2_rising");
    let Some(most) = rising.iter().copied().reduce(f64::max) else {
        return "Rises were not measured.".to_owned();
    };
    if most == 0.0 {
        return "p_j rises by more than 0.01 for no unit of any run: it stays where it is, most often at 0."
            .to_owned();
    }
    let typical = |name: &str, text: fn(f64) -> String| or_absent(median(whole(name).into_iter()), text);
    let rising_runs = rising.iter().filter(|share| **share > 0.0).count();
    format!(
        "p_j rises by more than 0.01 without a step down for {} of the units ({} in the median run; in {} of {} runs for \
         some). Of those, in the median run and unit, it rises from epoch {} (T_min) to {} (T_max + 1) by {}, and \
         Pr(h_j ≤ δ_min) by {} meanwhile; Pr does not fall for {} of them ({} over the runs).",
        range(rising.iter().copied(), percent),
        or_absent(median(rising.iter().copied()), percent),
        rising_runs,
        rising.len(),
        typical("theorem2_rise_first_epoch_median", epochs),
        typical("theorem2_rise_last_epoch_median", epochs),
        typical("theorem2_rise_median", significant),
        typical("theorem2_truth_rise_median", significant),
        typical("theorem2_truth_follows", percent),
        range(whole("theorem2_truth_follows").into_iter(), percent),
    )
}

fn bound(runs: &Runs<'_>) -> String {
    let violations = runs.sum("theorem2_violations");
    let verdict = if violations == 0.0 {
        "it is a lower bound throughout"
    } else {
        "there Var[a_j] is not ‖W_j‖², against Assumption 1"
    };
    let at_zero = runs.last("theorem2_bound_max").iter().filter(|largest| **largest == 0.0).count();
    let zero = if at_zero == 0 {
        String::new()
    } else {
        format!(" In {at_zero} of {} runs it is 0 for every unit at the end, which says nothing.", runs.len())
    };
    format!(
        "p_j is above the truth for {} triples of run, epoch and unit: {verdict}. It is loose: at the last measured epoch \
         its mean over the units is {}, that of Pr(h_j ≤ δ_min) {}.{zero}",
        of(violations, runs.pairs()),
        range(runs.last("theorem2_bound_mean").into_iter(), significant),
        range(runs.last("inactive_fraction_mean").into_iter(), significant),
    )
}

/// The theorem asks for bounded weight lengths.
fn free_weights(runs: &Runs<'_>) -> Option<String> {
    let free = runs.iter().filter(|run| run.spec.constraint.label() == "none").count();
    (free > 0).then(|| {
        format!("In {} of {} runs nothing bounds ‖W_j‖, and the theorem does not apply.", free, runs.len())
    })
}

fn picture(runs: &Runs<'_>) -> Option<Picture> {
    let caption = "Means over the hidden units at the measured epochs: above the bound p_j, below the probability that it \
                   bounds. A bound that says something is not far below the truth. Each model at its largest σ², beside the \
                   plain auto-encoder (AE).";
    let shares = [Share("theorem2_bound_mean", "p_j"), Share("inactive_fraction_mean", "Pr(h_j ≤ δ_min)")];
    over_epochs(runs, ("theorem2", "Theorem 2 over training", caption), &shares)
}

/// Each model at its largest σ².
fn sheet(runs: &Runs<'_>) -> Sheet {
    Sheet {
        caption: "Each model at its largest σ²; means and medians over the units, at the last measured epoch, or over the \
                  rising units."
            .to_owned(),
        columns: heads(
            &["activation", "model"],
            &[
                "σ²",
                "p_j",
                "Pr(h_j ≤ δ_min)",
                "p_j above it",
                "units that rise",
                "T_min",
                "T_max + 1",
                "p_j by",
                "Pr by",
                "Pr follows",
            ],
        ),
        rows: runs.at_largest().into_iter().map(row).collect(),
    }
}

fn row(Cell { setting, model, sigma_squared, runs }: Cell<'_>) -> Vec<String> {
    let last =
        |name: &str, text: fn(f64) -> String| range(runs.iter().filter_map(|run| run.last(name)), text);
    let whole =
        |name: &str, text: fn(f64) -> String| range(runs.iter().filter_map(|run| run.whole(name)), text);
    vec![
        setting,
        model,
        sigma_squared.to_string(),
        last("theorem2_bound_mean", significant),
        last("inactive_fraction_mean", significant),
        last("theorem2_violations", integer),
        whole("theorem2_rising", percent),
        whole("theorem2_rise_first_epoch_median", epochs),
        whole("theorem2_rise_last_epoch_median", epochs),
        whole("theorem2_rise_median", significant),
        whole("theorem2_truth_rise_median", significant),
        whole("theorem2_truth_follows", percent),
    ]
}
