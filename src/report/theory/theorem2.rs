//! Theorem 2: when the bound p_j rises, by how much, what the true probability does, and where the bound is none.

use super::measured::{Cell, OfEpoch, Runs};
use super::panels::{Share, over_epochs};
use super::{Block, Sheet, heads};
use crate::report::Drawing;
use crate::report::text::{epochs, integer, median, of, or_absent, percent, range, significant};
use crate::theory::Rises;

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
        drawings: picture(runs).into_iter().collect(),
        sheet: Some(sheet(runs)),
    }
}

fn rises(runs: &Runs<'_>) -> String {
    let all = |number: fn(&Rises) -> Option<f64>| {
        runs.iter().filter_map(|run| number(&run.whole.theorem2)).collect::<Vec<_>>()
    };
    let rising = all(|rises| rises.rising);
    let Some(most) = rising.iter().copied().reduce(f64::max) else {
        return "Rises were not measured.".to_owned();
    };
    if most == 0.0 {
        return "p_j rises by more than 0.01 for no unit of any run: it stays where it is, most often at 0."
            .to_owned();
    }
    let typical = |number: fn(&Rises) -> Option<f64>, text: fn(f64) -> String| {
        or_absent(median(all(number).into_iter()), text)
    };
    let rising_runs = rising.iter().filter(|share| **share > 0.0).count();
    format!(
        "p_j rises by more than 0.01 without a step down for {} of the units ({} in the median run; in {} of {} runs for \
         some). Of those, in the median run and unit, it rises from epoch {} (T_min) to {} (T_max + 1) by {}, and \
         Pr(h_j ≤ δ_min) by {} meanwhile; Pr does not fall for {} of them ({} over the runs).",
        range(rising.iter().copied(), percent),
        or_absent(median(rising.iter().copied()), percent),
        rising_runs,
        rising.len(),
        typical(|rises| rises.rise_first_epoch.median, epochs),
        typical(|rises| rises.rise_last_epoch.median, epochs),
        typical(|rises| rises.rise.median, significant),
        typical(|rises| rises.truth_rise.median, significant),
        typical(|rises| rises.truth_follows, percent),
        range(all(|rises| rises.truth_follows).into_iter(), percent),
    )
}

fn bound(runs: &Runs<'_>) -> String {
    let violations = runs.sum(|row| row.theorem2_violations);
    let verdict = if violations == 0.0 {
        "it is a lower bound throughout"
    } else {
        "there Var[a_j] is not ‖W_j‖², against Assumption 1"
    };
    let at_zero = runs.last(|row| row.theorem2_bound.max).iter().filter(|largest| **largest == 0.0).count();
    let zero = if at_zero == 0 {
        String::new()
    } else {
        format!(" In {at_zero} of {} runs it is 0 for every unit at the end, which says nothing.", runs.len())
    };
    format!(
        "p_j is above the truth for {} triples of run, epoch and unit: {verdict}. It is loose: at the last measured epoch \
         its mean over the units is {}, that of Pr(h_j ≤ δ_min) {}.{zero}",
        of(violations, runs.pairs()),
        range(runs.last(|row| row.theorem2_bound.mean).into_iter(), significant),
        range(runs.last(|row| row.inactive_fraction.mean).into_iter(), significant),
    )
}

/// The theorem asks for bounded weight lengths.
fn free_weights(runs: &Runs<'_>) -> Option<String> {
    let free = runs.iter().filter(|run| run.spec.constraint.label() == "none").count();
    (free > 0).then(|| {
        format!("In {} of {} runs nothing bounds ‖W_j‖, and the theorem does not apply.", free, runs.len())
    })
}

fn picture(runs: &Runs<'_>) -> Option<Drawing> {
    let caption = "Means over the hidden units at the measured epochs: above the bound p_j, below the probability that it \
                   bounds. A bound that says something is not far below the truth. Each model at its largest σ², beside the \
                   plain auto-encoder (AE).";
    let shares = [
        Share(|row| row.theorem2_bound.mean, "p_j"),
        Share(|row| row.inactive_fraction.mean, "Pr(h_j ≤ δ_min)"),
    ];
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
    let last = |number: OfEpoch, text: fn(f64) -> String| {
        range(runs.iter().filter_map(|run| number(&run.last)), text)
    };
    let whole = |number: fn(&Rises) -> Option<f64>, text: fn(f64) -> String| {
        range(runs.iter().filter_map(|run| number(&run.whole.theorem2)), text)
    };
    vec![
        setting,
        model,
        sigma_squared.to_string(),
        last(|row| row.theorem2_bound.mean, significant),
        last(|row| row.inactive_fraction.mean, significant),
        last(|row| row.theorem2_violations, integer),
        whole(|rises| rises.rising, percent),
        whole(|rises| rises.rise_first_epoch.median, epochs),
        whole(|rises| rises.rise_last_epoch.median, epochs),
        whole(|rises| rises.rise.median, significant),
        whole(|rises| rises.truth_rise.median, significant),
        whole(|rises| rises.truth_follows, percent),
    ]
}
