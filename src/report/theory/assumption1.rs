//! Assumption 1: the data's first two moments, and the residual's distribution.

use super::table::*;

/// A distance up to so many times its value by chance counts as chance, because it is a mean over many numbers.
const MOST_OVER_CHANCE: f64 = 1.5;
/// Dimensions up to so many times as wide as the median one count as equally wide.
const MOST_WIDTH: f64 = 2.0;
/// A skewness or an excess kurtosis up to this counts as a Gaussian's.
const LARGEST_GAUSSIAN: f64 = 0.5;
/// The residual's mean counts as 0 if the root mean square exceeds σ_r by less than this share.
const LARGEST_MEAN: f64 = 0.01;

pub(super) const STATEMENT: Statement = Statement {
    id: "assumption1",
    title: "Assumption 1",
    says: "E[x] = 0 and E[x xᵀ] = I; the dimensions of the residual r = x − y are independent and all N(0, σ_r²).",
    question: "How far is Cov[x] from I, over what as many samples of N(0, I) would give?",
    answer: COVARIANCE,
    tables: &[DATA, RESIDUAL],
    picture: |_| None,
};

/// The data's moments. All runs of a folder share their data; records that are older than the columns have none.
const DATA: StatementTable = StatementTable {
    caption: "The data's moments. \"Over chance\": over those of as many samples of N(0, I), √(n / N) for ‖E[x]‖ and √((n + 1) / N) for \
              ‖Cov − I‖_F / √n. Marked: whether that factor is at most 1.5, as assumed.",
    cases: |runs| runs.cases(Grain::Folder, |run| run.whole.data_covariance_distance.is_some()),
    columns: &[
        column("‖E[x]‖", Each(|_, run| run.whole.data_mean_length, significant), None),
        column("E[x] over chance", Each(mean_over_chance, significant), Some(is_chance)),
        column("largest |E[x_i]|", Each(|_, run| run.whole.data_largest_mean, significant), None),
        column("‖Cov − I‖_F / √n", Each(|_, run| run.whole.data_covariance_distance, significant), None),
        COVARIANCE,
        column("largest |Cov_ik|", Each(|_, run| run.whole.data_largest_covariance, significant), None),
        column("least Cov_ii", Each(|_, run| run.whole.data_variance.min, significant), None),
        column("largest Cov_ii", Each(|_, run| run.whole.data_variance.max, significant), None),
    ],
};

const COVARIANCE: TheoryColumn =
    column("Cov over chance", Each(covariance_over_chance, significant), Some(is_chance));

const RESIDUAL: StatementTable = StatementTable {
    caption: "The residual over models and σ², at the last measured epoch. \"Mean\": by how much its root mean square exceeds σ_r around \
              the dimensions' own means; \"width\": the widest dimension over the median one; both are the largest of a run's epochs. \
              \"Gaussian\": runs with skewness and excess kurtosis within ±0.5. |correlation|: mean over pairs of dimensions, also over \
              that of independent ones. Marked, as assumed or not: a mean below 1 %, a width up to 2, Gaussian in all runs, a \
              correlation of at most 1.5 times chance.",
    cases: |runs| runs.cases(Grain::Setting, |_| true),
    columns: &[
        column("σ_r", Last(|row| row.residual_deviation, significant), None),
        column("‖E[r]‖", Last(|row| row.residual_mean_length, significant), None),
        column("mean", Each(|_, run| mean_excess(run), percent), Some(|excess| good(excess < LARGEST_MEAN))),
        column("width", Each(|_, run| width(run), significant), Some(|width| good(width <= MOST_WIDTH))),
        column("skewness", Last(|row| row.residual_skewness, significant), None),
        column("excess kurtosis", Last(|row| row.residual_excess_kurtosis, significant), None),
        column("Gaussian", RunsThat(|_, run| is_gaussian(run)), Some(all)),
        column("|correlation|", Last(|row| row.residual_mean_absolute_correlation, significant), None),
        column("over chance", Each(|_, run| correlation_over_chance(run), significant), Some(is_chance)),
    ],
};

fn is_chance(times: f64) -> Mark {
    good(times <= MOST_OVER_CHANCE)
}

/// ‖E\[x\]‖ over its value by chance: for N samples of N(0, I), ‖mean‖² has the expectation n / N.
fn mean_over_chance(_: &TheoryCase<'_>, run: &MeasuredRun<'_>) -> Option<f64> {
    Some(run.whole.data_mean_length? / (run.spec.inputs as f64 / run.last.measured_samples?).sqrt())
}

/// ‖Cov − I‖_F / √n over its value by chance: for N samples of N(0, I), its square has the expectation (n + 1) / N.
fn covariance_over_chance(_: &TheoryCase<'_>, run: &MeasuredRun<'_>) -> Option<f64> {
    let chance = (run.spec.inputs as f64 + 1.0) / run.last.measured_samples?;
    Some(run.whole.data_covariance_distance? / chance.sqrt())
}

/// The residual's root mean square, the largest estimator of σ_r, over the smallest one, within the dimensions, minus 1.
fn mean_excess(run: &MeasuredRun<'_>) -> Option<f64> {
    run.largest(|row| {
        let within = row.residual_deviation_within.filter(|within| *within > 0.0)?;
        Some(row.residual_root_mean_square? / within - 1.0)
    })
}

fn width(run: &MeasuredRun<'_>) -> Option<f64> {
    run.largest(|row| {
        let deviations = row.residual_dimension_deviation;
        Some(deviations.max? / deviations.median.filter(|median| *median > 0.0)?)
    })
}

fn is_gaussian(run: &MeasuredRun<'_>) -> Option<bool> {
    let near = |number: f64| number.abs() <= LARGEST_GAUSSIAN;
    Some(near(run.last.residual_skewness?) && near(run.last.residual_excess_kurtosis?))
}

fn correlation_over_chance(run: &MeasuredRun<'_>) -> Option<f64> {
    let chance = run.last.residual_correlation_by_chance.filter(|chance| *chance > 0.0)?;
    Some(run.last.residual_mean_absolute_correlation? / chance)
}
