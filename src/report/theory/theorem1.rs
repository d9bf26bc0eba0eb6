//! Theorem 1: how often its condition is met, what E\[a_j\] does all the same, and Var\[a_j\] against ‖W_j‖².

use super::measured::{OfEpoch, Run, Runs, median_of};
use super::panels::{Share, over_epochs};
use super::{Block, Sheet, heads};
use crate::report::Drawing;
use crate::report::claims::margins::MARGIN;
use crate::report::text::{counted, integer, list, median, of, or_absent, percent, range, significant};
use crate::theory::{Agreement, EpochRow};

pub(super) fn block(runs: &Runs<'_>) -> Block {
    let with_term = runs.filter(Run::has_term);
    let findings = if with_term.is_empty() {
        vec!["No run has a term λ R with λ > 0: there is no condition to meet.".to_owned(), variance(runs)]
    } else {
        vec![
            condition(&with_term),
            needed(&with_term),
            falling(runs, &with_term),
            switched_off(runs, &with_term),
            agreement(runs),
            variance(runs),
        ]
        .into_iter()
        .chain(against(runs))
        .collect()
    };
    Block {
        id: "theorem1",
        title: "Theorem 1",
        statement: "Where λ ∂R/∂b_j > 2 σ_r √n ‖W_j‖, the next gradient step lowers E[a_j], and Var[a_j] = ‖W_j‖². (For a \
                    DAE, σ² times the second-order form of Eq. 7 stands for λ R.)",
        findings,
        drawings: picture(runs).into_iter().collect(),
        sheet: Some(sheet(runs)),
    }
}

/// Pairs of epoch and unit, summed over runs, of which `share` is the share.
fn pairs(runs: &[&Run<'_>], share: OfEpoch) -> f64 {
    runs.iter().map(|run| (run.sum(share) * run.spec.hidden as f64).round()).sum()
}

fn condition(runs: &[&Run<'_>]) -> String {
    let (met, total) = (pairs(runs, |row| row.theorem1_met), runs.iter().map(|run| run.pairs()).sum::<f64>());
    let independent = pairs(runs, |row| row.theorem1_met_independent);
    let found = if met == 0.0 {
        format!(
            "The condition is never met: by {} triples of run, epoch and unit in {} with λ > 0.",
            of(met, total),
            counted(runs.len(), "run")
        )
    } else {
        let ever = runs.iter().filter(|run| run.sum(|row| row.theorem1_met) > 0.0).count();
        format!(
            "The condition is met by {} triples of run, epoch and unit ({}), in {} of {} with λ > 0.",
            of(met, total),
            percent(met / total),
            ever,
            counted(runs.len(), "run")
        )
    };
    format!(
        "{found} Without the √n, which independent dimensions would make superfluous, it would be met by {}.",
        of(independent, total)
    )
}

fn needed(runs: &[&Run<'_>]) -> String {
    let over = |number: OfEpoch| runs.iter().flat_map(|run| run.over(number)).collect::<Vec<_>>();
    let Some(least) = over(|row| row.theorem1_required.min).into_iter().reduce(f64::min) else {
        return "No λ would do: no unit has ∂R/∂b_j > 0.".to_owned();
    };
    let reachable: f64 = pairs(runs, |row| row.theorem1_reachable);
    let total = runs.iter().map(|run| run.pairs()).sum::<f64>();
    let used = runs.iter().map(|run| run.sigma_squared()).fold(0.0, f64::max);
    format!(
        "Some λ would do for units with ∂R/∂b_j > 0, {} of the triples. It would have to be above {} for the first of \
         them, and {} for half of them (by run and epoch); the largest λ here is {used}.",
        percent(reachable / total),
        significant(least),
        range(over(|row| row.theorem1_required.median).into_iter(), significant),
    )
}

/// The exact sign of Eq. 5, beside the sufficient condition.
fn falling(all: &Runs<'_>, runs: &[&Run<'_>]) -> String {
    let shares = |runs: &[&Run<'_>]| range(runs.iter().filter_map(|run| run.last.theorem1_falling), percent);
    let plain = all.filter(Run::is_plain);
    let beside = if plain.is_empty() {
        String::new()
    } else {
        format!(" (the plain auto-encoder: {})", shares(&plain))
    };
    let without = |run: &&&Run<'_>| {
        run.sum(|row| row.theorem1_met) == 0.0
            && run.last.theorem1_falling.is_some_and(|falling| falling > 0.5)
    };
    let without = runs.iter().filter(without).count();
    let verdict = if without > 0 {
        format!(
            " In {} of {} E[a_j] falls for more than half of the units although none ever meets the condition: it is \
             sufficient, and far from necessary.",
            integer(without as f64),
            counted(runs.len(), "run")
        )
    } else {
        String::new()
    };
    format!(
        "By Eq. 5 itself, g_j + λ ∂R/∂b_j > 0, E[a_j] falls with the next full step for {} of the units at the last \
         measured epoch{beside}.{verdict}",
        shares(runs)
    )
}

/// What the theorem is there to explain, whether its condition is met or not.
fn switched_off(all: &Runs<'_>, runs: &[&Run<'_>]) -> String {
    let more: Vec<f64> = runs.iter().filter_map(|run| all.more_off(run)).collect();
    if more.is_empty() {
        return "There is no plain auto-encoder beside these runs to compare their sparsity with.".to_owned();
    }
    let denser = |((setting, model), runs): ((String, String), Vec<&Run<'_>>)| {
        let runs = runs.into_iter().filter(|run| run.has_term());
        median(runs.filter_map(|run| all.more_off(run)))
            .filter(|more| *more < 0.0)
            .map(|_| format!("{model} under {setting}"))
    };
    let denser: Vec<String> = all.by_model().into_iter().filter_map(denser).collect();
    let below = if denser.is_empty() {
        String::new()
    } else {
        format!(" It ends below, in the median, for {}.", list(denser))
    };
    let sparser = more.iter().filter(|more| **more > MARGIN).count();
    format!(
        "Sparsity itself: Pr(h_j ≤ δ_min), mean over the units, ends more than {MARGIN} above the plain auto-encoder's in {} of \
         {}; the difference is {} ({} in the median).{below}",
        integer(sparser as f64),
        counted(more.len(), "run"),
        range(more.iter().copied(), significant),
        or_absent(median(more.iter().copied()), significant),
    )
}

fn agreement(runs: &Runs<'_>) -> String {
    let sentence = |of: fn(&EpochRow) -> Agreement| {
        let (sign, correlation) = (runs.all(|row| of(row).sign), runs.all(|row| of(row).correlation));
        format!(
            "moves E[a_j] the way Eq. 5 says for {} of the units in the median of runs and epochs ({}), with a correlation \
             over units of {} ({})",
            or_absent(median(sign.iter().copied()), percent),
            range(sign.into_iter(), percent),
            or_absent(median(correlation.iter().copied()), significant),
            range(correlation.into_iter(), significant),
        )
    };
    format!(
        "The next step of training, on one mini-batch and with momentum, {}. All that is trained up to the next measurement \
         {}.",
        sentence(|row| row.theorem1_step),
        sentence(|row| row.theorem1_interval),
    )
}

/// A prediction that is right for fewer units than a coin would be is missing something.
fn against(runs: &Runs<'_>) -> Option<String> {
    let worse = |((setting, model), runs): ((String, String), Vec<&Run<'_>>)| {
        let sign = median_of(&runs, |row| row.theorem1_step.sign).filter(|sign| *sign < 0.5)?;
        Some(format!("{model} under {setting} ({})", percent(sign)))
    };
    let worse: Vec<String> = runs.by_model().into_iter().filter_map(worse).collect();
    (!worse.is_empty()).then(|| {
        format!(
            "Most units move against Eq. 5 in the next step, in the median over epochs and σ², with: {}. There g_j + λ ∂R/∂b_j \
             is not the gradient that is followed.",
            list(worse)
        )
    })
}

fn variance(runs: &Runs<'_>) -> String {
    let medians = runs.last(|row| row.pre_activation_variance_ratio.median);
    let far = medians.iter().filter(|ratio| **ratio < 0.5 || **ratio > 2.0).count();
    let verdict = if medians.is_empty() {
        "was not measured".to_owned()
    } else if far == 0 {
        "is within a factor of 2 of what is claimed in every run".to_owned()
    } else {
        format!(
            "is off by more than a factor of 2 in {} of {}, for E[x xᵀ] is not I",
            far,
            counted(medians.len(), "run")
        )
    };
    format!(
        "Var[a_j] / ‖W_j‖², 1 in the theorem, {verdict}. It is {} at the last measured epoch in the median unit, {} over all units.",
        range(medians.iter().copied(), significant),
        range(
            runs.last(|row| row.pre_activation_variance_ratio.min)
                .into_iter()
                .chain(runs.last(|row| row.pre_activation_variance_ratio.max)),
            significant
        ),
    )
}

fn picture(runs: &Runs<'_>) -> Option<Drawing> {
    let caption = "The share of units whose E[a_j] moved the way Eq. 5 says, of those with a predicted change: above in the next \
                   step of training, below in all steps up to the next measurement. A coin would be right for half of them. \
                   Each model at its largest σ², beside the plain auto-encoder (AE).";
    let shares = [
        Share(|row| row.theorem1_step.sign, "As predicted, next step"),
        Share(|row| row.theorem1_interval.sign, "As predicted, all steps"),
    ];
    over_epochs(runs, ("theorem1", "Theorem 1, Eq. 5 over training", caption), &shares)
}

fn sheet(runs: &Runs<'_>) -> Sheet {
    let row = |((setting, model), runs): ((String, String), Vec<&Run<'_>>)| {
        let typical = |number: OfEpoch, text: fn(f64) -> String| or_absent(median_of(&runs, number), text);
        vec![
            setting,
            model,
            typical(|row| row.theorem1_step.sign, percent),
            typical(|row| row.theorem1_step.correlation, significant),
            typical(|row| row.theorem1_interval.sign, percent),
            typical(|row| row.theorem1_interval.correlation, significant),
            typical(|row| row.pre_activation_variance_ratio.median, significant),
        ]
    };
    Sheet {
        caption: "Eq. 5 against training, medians over epochs, σ² and seeds: the share of units whose E[a_j] moved as \
                  predicted, and the correlation of predicted and found change."
            .to_owned(),
        columns: heads(
            &["activation", "model"],
            &["next step: sign", "correlation", "up to the next measurement: sign", "correlation", "Var[a_j] / ‖W_j‖²"],
        ),
        rows: runs.by_model().into_iter().map(row).collect(),
    }
}
