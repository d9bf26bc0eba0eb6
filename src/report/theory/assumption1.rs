//! Assumption 1: the data's first two moments, and the residual's distribution.

use super::measured::{OfEpoch, Run, Runs};
use super::{Block, Sheet, heads};
use crate::report::text::{list, of, percent, range, significant};

/// How many times as large as by chance a distance may be and count as chance: those looked at are means over many numbers.
const CHANCE: f64 = 1.5;
/// How many times as wide as the median a dimension may be and count as alike.
const ALIKE: f64 = 2.0;
/// A skewness or an excess kurtosis up to this counts as a Gaussian's.
const GAUSSIAN: f64 = 0.5;

pub(super) fn block(runs: &Runs<'_>) -> Block {
    let mut findings: Vec<String> = data(runs).into_iter().collect();
    findings.extend([estimators(runs), shape(runs), correlation(runs)]);
    Block {
        id: "assumption1",
        title: "Assumption 1",
        statement: "E[x] = 0 and E[x xᵀ] = I; the dimensions of the residual r = x − y are independent and all N(0, σ_r²).",
        findings,
        drawings: Vec::new(),
        sheet: Some(sheet(runs)),
    }
}

/// The data's moments, which all runs of a folder share; absent in records that are older than they.
fn data(runs: &Runs<'_>) -> Option<String> {
    let run = runs.iter().find(|run| run.whole.data_covariance_distance.is_some())?;
    let (mean, distance) = (run.whole.data_mean_length?, run.whole.data_covariance_distance?);
    let (n, samples) = (run.spec.inputs as f64, run.last.measured_samples?);
    // N samples of N(0, I): ‖mean‖² has the expectation n / N, ‖Cov − I‖² / n has (n + 1) / N.
    let (mean_by_chance, distance_by_chance) = ((n / samples).sqrt(), ((n + 1.0) / samples).sqrt());
    let (low, high) = (run.whole.data_variance.min?, run.whole.data_variance.max?);
    let variances = match (significant(low), significant(high)) {
        (low, high) if low == high => format!("are all {low}"),
        (low, high) => format!("go from {low} to {high}"),
    };
    let holds = |found: f64, by_chance: f64| {
        if found <= CHANCE * by_chance { "as assumed" } else { "not as assumed" }
    };
    Some(format!(
        "The data: ‖E[x]‖ = {}, the largest |E[x_i]| = {} ({}: N samples of N(0, I) would give about {}). The covariance is \
         at a distance ‖Cov − I‖_F / √n = {} from I, {} times what chance would give ({}); its variances {}, and the \
         largest |Cov_ik| is {}.",
        significant(mean),
        significant(run.whole.data_largest_mean?),
        holds(mean, mean_by_chance),
        significant(mean_by_chance),
        significant(distance),
        significant(distance / distance_by_chance),
        holds(distance, distance_by_chance),
        variances,
        significant(run.whole.data_largest_covariance?),
    ))
}

fn estimators(runs: &Runs<'_>) -> String {
    // within ≤ σ_r ≤ root mean square: the outer two say how far all three are apart.
    let apart = runs.all(|row| {
        let within = row.residual_deviation_within.filter(|within| *within > 0.0)?;
        Some(row.residual_root_mean_square? / within - 1.0)
    });
    let spread = runs.all(|row| {
        let deviations = row.residual_dimension_deviation;
        Some(deviations.max? / deviations.median.filter(|median| *median > 0.0)?)
    });
    let apart = apart.into_iter().reduce(f64::max).map_or_else(
        || "The residual is 0.".to_owned(),
        |apart| {
            format!(
                "σ_r around the dimensions' own means, around the common mean and around 0 differ by at most {}: the \
                 residual's mean {}.",
                percent(apart),
                if apart < 0.01 { "hardly matters" } else { "is not 0" }
            )
        },
    );
    let spread = spread.into_iter().reduce(f64::max).map_or_else(String::new, |spread| {
        format!(
            " Its dimensions {}: the largest standard deviation of one is up to {} times the median.",
            if spread > ALIKE { "are not one distribution" } else { "have similar widths" },
            significant(spread)
        )
    });
    apart + &spread
}

fn shape(runs: &Runs<'_>) -> String {
    let skewness = runs.last(|row| row.residual_skewness);
    let kurtosis = runs.last(|row| row.residual_excess_kurtosis);
    let near = |number: Option<f64>| number.is_some_and(|value| value.abs() <= GAUSSIAN);
    let is_near =
        |run: &&Run<'_>| near(run.last.residual_skewness) && near(run.last.residual_excess_kurtosis);
    let gaussian = runs.iter().filter(is_near).count();
    format!(
        "Standardised by dimension and pooled, its values are about Gaussian at the end in {} runs (within ±{GAUSSIAN} of a \
         Gaussian's 0): skewness {}, excess kurtosis {}.",
        of(gaussian as f64, skewness.len() as f64),
        range(skewness.into_iter(), significant),
        range(kurtosis.into_iter(), significant),
    )
}

fn correlation(runs: &Runs<'_>) -> String {
    let times = |run: &Run<'_>| {
        let chance = run.last.residual_correlation_by_chance.filter(|chance| *chance > 0.0)?;
        Some(run.last.residual_mean_absolute_correlation? / chance)
    };
    let times: Vec<f64> = runs.iter().filter_map(times).collect();
    let beyond = times.iter().filter(|times| **times > CHANCE).count();
    let verdict = if beyond == 0 {
        "no more correlated than independent ones would seem"
    } else if beyond == times.len() {
        "correlated in every run"
    } else {
        "correlated in some runs"
    };
    format!(
        "Its dimensions are {verdict}: the mean |correlation| of two is {} at the end, {} times that of independent ones.",
        range(runs.last(|row| row.residual_mean_absolute_correlation).into_iter(), significant),
        range(times.into_iter(), significant),
    )
}

fn sheet(runs: &Runs<'_>) -> Sheet {
    const COLUMNS: [OfEpoch; 8] = [
        |row| row.residual_deviation_within,
        |row| row.residual_deviation,
        |row| row.residual_root_mean_square,
        |row| row.residual_mean_length,
        |row| row.residual_skewness,
        |row| row.residual_excess_kurtosis,
        |row| row.residual_mean_absolute_correlation,
        |row| row.residual_correlation_by_chance,
    ];
    let row = |(setting, runs): (String, Vec<&Run<'_>>)| {
        let last = |number: OfEpoch| range(runs.iter().filter_map(|run| number(&run.last)), significant);
        std::iter::once(setting).chain(COLUMNS.map(last)).collect()
    };
    let settings = runs.by_setting();
    let names = list(settings.iter().map(|(setting, _)| setting));
    Sheet {
        caption: format!(
            "The residual at the last measured epoch, ranges over the models and σ² of {names}."
        ),
        columns: heads(
            &["activation"],
            &[
                "σ_r, own means",
                "σ_r",
                "root mean square",
                "‖E[r]‖",
                "skewness",
                "excess kurtosis",
                "|correlation|",
                "by chance",
            ],
        ),
        rows: settings.into_iter().map(row).collect(),
    }
}
