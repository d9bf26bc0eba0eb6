//! Assumption 1: the data's first two moments, and the residual's distribution.

use super::table::*;

/// How many times as large as by chance a distance may be and count as chance: those looked at are means over many numbers.
const CHANCE: f64 = 1.5;
/// How many times as wide as the median a dimension may be and count as alike.
const ALIKE: f64 = 2.0;
/// A skewness or an excess kurtosis up to this counts as a Gaussian's.
const GAUSSIAN: f64 = 0.5;
/// By how much the root mean square may exceed σ_r where the residual's mean counts as 0.
const APART: f64 = 0.01;

pub(super) const STATEMENT: Statement = Statement {
    id: "assumption1",
    title: "Assumption 1",
    says: "E[x] = 0 and E[x xᵀ] = I; the dimensions of the residual r = x − y are independent and all N(0, σ_r²).",
    question: "How far is Cov[x] from I, over what as many samples of N(0, I) would give?",
    answer: COVARIANCE,
    tables: &[DATA, RESIDUAL],
    picture: |_| None,
};

/// All runs of a folder share their data; its moments are absent in records that are older than they.
const DATA: Rows = Rows {
    caption: "The data's moments. \"Over chance\": over those of as many samples of N(0, I), √(n / N) for ‖E[x]‖ and √((n + 1) / N) for \
              ‖Cov − I‖_F / √n. Marked: whether that factor is at most 1.5, as assumed.",
    cases: |runs| runs.cases(Grain::Folder, |run| run.whole.data_covariance_distance.is_some()),
    columns: &[
        Column("‖E[x]‖", Each(|_, run| run.whole.data_mean_length, significant), None),
        Column("E[x] over chance", Each(mean_over_chance, significant), Some(is_chance)),
        Column("largest |E[x_i]|", Each(|_, run| run.whole.data_largest_mean, significant), None),
        Column("‖Cov − I‖_F / √n", Each(|_, run| run.whole.data_covariance_distance, significant), None),
        COVARIANCE,
        Column("largest |Cov_ik|", Each(|_, run| run.whole.data_largest_covariance, significant), None),
        Column("least Cov_ii", Each(|_, run| run.whole.data_variance.min, significant), None),
        Column("largest Cov_ii", Each(|_, run| run.whole.data_variance.max, significant), None),
    ],
};

const COVARIANCE: Column =
    Column("Cov over chance", Each(covariance_over_chance, significant), Some(is_chance));

const RESIDUAL: Rows = Rows {
    caption: "The residual over models and σ², at the last measured epoch. \"Mean\": by how much its root mean square exceeds σ_r around \
              the dimensions' own means; \"width\": the widest dimension over the median one; both are the largest of a run's epochs. \
              \"Gaussian\": runs with skewness and excess kurtosis within ±0.5. |correlation|: mean over pairs of dimensions, also over \
              that of independent ones. Marked, as assumed or not: a mean below 1 %, a width up to 2, Gaussian in all runs, a \
              correlation of at most 1.5 times chance.",
    cases: |runs| runs.cases(Grain::Setting, |_| true),
    columns: &[
        Column("σ_r", Last(|row| row.residual_deviation, significant), None),
        Column("‖E[r]‖", Last(|row| row.residual_mean_length, significant), None),
        Column("mean", Each(|_, run| apart(run), percent), Some(|apart| good(apart < APART))),
        Column("width", Each(|_, run| width(run), significant), Some(|width| good(width <= ALIKE))),
        Column("skewness", Last(|row| row.residual_skewness, significant), None),
        Column("excess kurtosis", Last(|row| row.residual_excess_kurtosis, significant), None),
        Column("Gaussian", RunsThat(|_, run| is_gaussian(run)), Some(all)),
        Column("|correlation|", Last(|row| row.residual_mean_absolute_correlation, significant), None),
        Column("over chance", Each(|_, run| correlation_over_chance(run), significant), Some(is_chance)),
    ],
};

fn is_chance(times: f64) -> Mark {
    good(times <= CHANCE)
}

/// N samples of N(0, I): ‖mean‖² has the expectation n / N.
fn mean_over_chance(_: &Case<'_>, run: &Run<'_>) -> Option<f64> {
    Some(run.whole.data_mean_length? / (run.spec.inputs as f64 / run.last.measured_samples?).sqrt())
}

/// N samples of N(0, I): ‖Cov − I‖² / n has the expectation (n + 1) / N.
fn covariance_over_chance(_: &Case<'_>, run: &Run<'_>) -> Option<f64> {
    let chance = (run.spec.inputs as f64 + 1.0) / run.last.measured_samples?;
    Some(run.whole.data_covariance_distance? / chance.sqrt())
}

/// Of the estimators of σ_r, the one within the dimensions is the smallest and the root mean square the largest.
fn apart(run: &Run<'_>) -> Option<f64> {
    run.most(|row| {
        let within = row.residual_deviation_within.filter(|within| *within > 0.0)?;
        Some(row.residual_root_mean_square? / within - 1.0)
    })
}

fn width(run: &Run<'_>) -> Option<f64> {
    run.most(|row| {
        let deviations = row.residual_dimension_deviation;
        Some(deviations.max? / deviations.median.filter(|median| *median > 0.0)?)
    })
}

fn is_gaussian(run: &Run<'_>) -> Option<bool> {
    let near = |number: f64| number.abs() <= GAUSSIAN;
    Some(near(run.last.residual_skewness?) && near(run.last.residual_excess_kurtosis?))
}

fn correlation_over_chance(run: &Run<'_>) -> Option<f64> {
    let chance = run.last.residual_correlation_by_chance.filter(|chance| *chance > 0.0)?;
    Some(run.last.residual_mean_absolute_correlation? / chance)
}
