//! The rows of the theory's stored tables: each column's name, meaning and number.

use super::table::columns;
use super::{
    Agreement, BatchLemma1, DataMoments, IdentityErrors, Ledger, Quantiles, Rises, TheoryMeasurement,
    quantiles::share,
};
use crate::real::Real;
use crate::state::Parameters;

columns! {
    /// A row of `theory.csv`: the measurements at an epoch.
    pub struct EpochRow {
        /// epochs trained
        pub epoch: Option<f64>,
        /// number of samples that E is the mean of
        pub measured_samples: Option<f64>,
        /// ‖E\[r\]‖; 0 under Assumption 1
        pub residual_mean_length: Option<f64>,
        /// mean of all values of r; 0 under Assumption 1
        pub residual_mean: Option<f64>,
        /// σ_r, the standard deviation of all values of r around their common mean
        pub residual_deviation: Option<f64>,
        /// standard deviation of all values of r around each dimension's own mean
        pub residual_deviation_within: Option<f64>,
        /// √(E‖r‖² / n)
        pub residual_root_mean_square: Option<f64>,
        /// third standardised moment, by dimension, pooled; 0 for Gaussians
        pub residual_skewness: Option<f64>,
        /// fourth standardised moment minus 3, by dimension, pooled; 0 for Gaussians
        pub residual_excess_kurtosis: Option<f64>,
        /// standard deviations of the dimensions; all equal under Assumption 1
        pub residual_dimension_deviation: Quantiles,
        /// mean of abs(correlation) over pairs of dimensions, on the first 1000 samples
        pub residual_mean_absolute_correlation: Option<f64>,
        /// the same mean for independent dimensions, by chance: √(2 / (π N))
        pub residual_correlation_by_chance: Option<f64>,
        /// g_j
        pub loss_gradient: Quantiles,
        /// units with abs(g_j) above the bound
        pub lemma1_violations: Option<f64>,
        /// the same with the root mean square in place of σ_r: always 0 if s' is in \[0, 1\]
        pub lemma1_root_mean_square_violations: Option<f64>,
        /// units with abs(g_j) > 2 σ_r ‖W_j‖
        pub lemma1_independent_violations: Option<f64>,
        /// abs(g_j) / bound, of units with W_j ≠ 0
        pub lemma1_tightness: Quantiles,
        /// the same with the root mean square in place of σ_r
        pub lemma1_root_mean_square_tightness: Quantiles,
        /// R without λ; for a DAE the second-order form of Eq. 7
        pub penalty_value: Option<f64>,
        /// ∂R/∂b_j, without λ
        pub penalty_gradient: Quantiles,
        /// share of units with λ ∂R/∂b_j > 2 σ_r √n ‖W_j‖
        pub theorem1_met: Option<f64>,
        /// share of units with λ ∂R/∂b_j > 2 σ_r ‖W_j‖
        pub theorem1_met_independent: Option<f64>,
        /// share of units with g_j + λ ∂R/∂b_j > 0, whose E\[a_j\] a plain step on all samples lowers
        pub theorem1_falling: Option<f64>,
        /// share of units with ∂R/∂b_j > 0, for which some λ meets the condition
        pub theorem1_reachable: Option<f64>,
        /// the λ above which a unit meets the condition, for units with such a λ
        pub theorem1_required: Quantiles,
        /// E\[a_j\]
        pub pre_activation_mean: Quantiles,
        /// Var\[a_j\] / ‖W_j‖²; 1 under Assumption 1
        pub pre_activation_variance_ratio: Quantiles,
        /// units with ∂R/∂b_j > 0
        pub penalty_gradient_positive: Option<f64>,
        /// units with ∂R/∂b_j = 0 exactly
        pub penalty_gradient_zero: Option<f64>,
        /// units with ∂R/∂b_j < 0
        pub penalty_gradient_negative: Option<f64>,
        /// units with abs(∂R/∂b_j) below a millionth of the largest: rounding
        pub penalty_gradient_negligible: Option<f64>,
        /// p_j with v = ‖W_j‖²
        pub theorem2_bound: Quantiles,
        /// p_j with v = Var\[a_j\]
        pub theorem2_variance_bound: Quantiles,
        /// Pr(h_j ≤ δ_min)
        pub inactive_fraction: Quantiles,
        /// units with p_j, for v = ‖W_j‖², above Pr(h_j ≤ δ_min)
        pub theorem2_violations: Option<f64>,
        /// number of mini-batches for Lemma 1, each with its own E and σ_r: successive samples, at most 20
        pub batches: Option<f64>,
        /// pairs of batch and unit with abs(g_j) above the bound
        pub batch_lemma1_violations: Option<f64>,
        /// the same with the root mean square: always 0
        pub batch_lemma1_root_mean_square_violations: Option<f64>,
        /// the same with 2 σ_r ‖W_j‖
        pub batch_lemma1_independent_violations: Option<f64>,
        /// abs(g_j) / bound over the pairs
        pub batch_lemma1_tightness: Quantiles,
        /// Eq. 5 and the next step of training
        pub theorem1_step: Agreement,
        /// Eq. 5 and all steps up to the next measurement
        pub theorem1_interval: Agreement,
    }
}

impl EpochRow {
    /// The row of a measurement on `samples` samples after `epoch` epochs; the agreement with later steps is still absent.
    pub fn new(epoch: u32, samples: usize, findings: &TheoryMeasurement, batches: &BatchLemma1) -> Self {
        let TheoryMeasurement { residual, lemma1, theorem1, signs, theorem2, penalty } = findings;
        let of = |values: &[f64]| Quantiles::of(values.iter().copied());
        let count = |units: u64| Some(units as f64);
        Self {
            epoch: Some(f64::from(epoch)),
            measured_samples: Some(samples as f64),
            residual_mean_length: Some(residual.mean_length),
            residual_mean: Some(residual.mean),
            residual_deviation: Some(residual.deviation),
            residual_deviation_within: Some(residual.deviation_within),
            residual_root_mean_square: Some(residual.root_mean_square),
            residual_skewness: residual.skewness,
            residual_excess_kurtosis: residual.excess_kurtosis,
            residual_dimension_deviation: residual.dimension_deviations,
            residual_mean_absolute_correlation: residual.mean_absolute_correlation,
            residual_correlation_by_chance: residual.correlation_by_chance,
            loss_gradient: of(&lemma1.gradient),
            lemma1_violations: count(lemma1.violations),
            lemma1_root_mean_square_violations: count(lemma1.root_mean_square_violations),
            lemma1_independent_violations: count(lemma1.independent_violations),
            lemma1_tightness: lemma1.tightness,
            lemma1_root_mean_square_tightness: lemma1.root_mean_square_tightness,
            penalty_value: *penalty,
            penalty_gradient: of(&theorem1.penalty_gradient),
            theorem1_met: Some(theorem1.met),
            theorem1_met_independent: Some(theorem1.met_independent),
            theorem1_falling: Some(theorem1.falling),
            theorem1_reachable: Some(share(theorem1.required.iter().map(Option::is_some))),
            theorem1_required: Quantiles::of(theorem1.required.iter().copied().flatten()),
            pre_activation_mean: of(&theorem1.mean),
            pre_activation_variance_ratio: theorem1.variance_ratio,
            penalty_gradient_positive: count(signs.positive),
            penalty_gradient_zero: count(signs.zero),
            penalty_gradient_negative: count(signs.negative),
            penalty_gradient_negligible: count(signs.negligible),
            theorem2_bound: of(&theorem2.bound),
            theorem2_variance_bound: of(&theorem2.variance_bound),
            inactive_fraction: of(&theorem2.inactive),
            theorem2_violations: count(theorem2.violations),
            batches: count(batches.batches),
            batch_lemma1_violations: count(batches.violations),
            batch_lemma1_root_mean_square_violations: count(batches.root_mean_square_violations),
            batch_lemma1_independent_violations: count(batches.independent_violations),
            batch_lemma1_tightness: batches.tightness,
            theorem1_step: Agreement::default(),
            theorem1_interval: Agreement::default(),
        }
    }
}

columns! {
    /// A row of `theory_runs.csv`: the measurements of a whole run.
    pub struct RunRow {
        /// ‖E\[x\]‖
        pub data_mean_length: Option<f64>,
        /// largest abs(E\[x_i\])
        pub data_largest_mean: Option<f64>,
        /// ‖Cov − I‖_F / √n; about √((n + 1) / N) for N samples of N(0, I), 1 for constant data
        pub data_covariance_distance: Option<f64>,
        /// largest abs(Cov_ik), i ≠ k
        pub data_largest_covariance: Option<f64>,
        /// Cov_ii
        pub data_variance: Quantiles,
        /// the longest rise of p_j by unit
        pub theorem2: Rises,
        /// E‖x − y‖² / E‖x‖²
        pub identity_error: IdentityErrors,
    }
}

impl RunRow {
    /// The row of a run; `errors` are those of its last network on held-out samples, if there are any.
    pub fn new(data: &DataMoments, rises: Rises, errors: Option<IdentityErrors>) -> Self {
        Self {
            data_mean_length: Some(data.mean_length),
            data_largest_mean: Some(data.largest_mean),
            data_covariance_distance: Some(data.covariance_distance),
            data_largest_covariance: Some(data.largest_covariance),
            data_variance: data.variances,
            theorem2: rises,
            identity_error: errors.unwrap_or_default(),
        }
    }
}

columns! {
    /// A row of `theory_ledger.csv`: a [`Ledger`] with its gradients as root mean squares over the units.
    pub struct LedgerRow {
        /// σ² of the corruption in this row
        pub ledger_sigma_squared: Option<f64>,
        /// J_AE
        pub plain: Option<f64>,
        /// J_DAE
        pub corrupted: Option<f64>,
        /// standard error of `corrupted`
        pub corrupted_error: Option<f64>,
        /// the drawn first-order term, with expectation 0
        pub first_order: Option<f64>,
        /// standard error of `first_order`
        pub first_order_error: Option<f64>,
        /// the drawn second-order term
        pub second_order: Option<f64>,
        /// standard error of `second_order`
        pub second_order_error: Option<f64>,
        /// σ² E\[Σ s'_j² ‖W_j‖⁴\]
        pub own: Option<f64>,
        /// σ² E\[Σ_{j≠k} s'_j s'_k (W_j·W_k)²\]
        pub cross: Option<f64>,
        /// σ² E\[Σ_j (W_j·(y − x)) s''_j ‖W_j‖²\]
        pub curvature: Option<f64>,
        /// J_DAE − J_AE − own − cross − curvature, from antithetic pairs minus the drawn second order
        pub remainder: Option<f64>,
        /// standard error of `remainder`
        pub remainder_error: Option<f64>,
        /// root mean square over units of the drawn first order's ∂/∂b_j, averaged over draws
        pub first_order_gradient: Option<f64>,
        /// standard deviation of the first order's ∂/∂b_j in a mini-batch, root mean square over units
        pub first_order_batch_gradient_deviation: Option<f64>,
        /// σ² ∂(Eq. 7)/∂b_j, root mean square over units
        pub second_order_gradient: Option<f64>,
    }
}

impl LedgerRow {
    /// The row of `ledger`; the deviation of the first order's gradient is the one in a mini-batch of `batch` samples.
    pub fn new(ledger: &Ledger, batch: usize) -> Self {
        let rms =
            |values: &[f64]| Some((values.iter().map(|x| x * x).sum::<f64>() / values.len() as f64).sqrt());
        Self {
            ledger_sigma_squared: Some(ledger.sigma_squared),
            plain: Some(ledger.plain),
            corrupted: Some(ledger.corrupted.mean),
            corrupted_error: Some(ledger.corrupted.standard_error),
            first_order: Some(ledger.first_order.mean),
            first_order_error: Some(ledger.first_order.standard_error),
            second_order: Some(ledger.second_order.mean),
            second_order_error: Some(ledger.second_order.standard_error),
            own: Some(ledger.own),
            cross: Some(ledger.cross),
            curvature: Some(ledger.curvature),
            remainder: Some(ledger.remainder.mean),
            remainder_error: Some(ledger.remainder.standard_error),
            first_order_gradient: rms(&ledger.first_order_gradient),
            first_order_batch_gradient_deviation: rms(&ledger.first_order_deviation(batch)),
            second_order_gradient: rms(&ledger.second_order_gradient),
        }
    }
}

columns! {
    /// A row of `theory/<run_key>.csv`: a unit at a measured epoch.
    pub struct UnitRow {
        /// epochs trained
        pub epoch: Option<f64>,
        /// j, from 0
        pub unit: Option<f64>,
        /// ‖W_j‖
        pub weight_length: Option<f64>,
        /// b_j
        pub bias: Option<f64>,
        /// g_j
        pub loss_gradient: Option<f64>,
        /// 2 σ_r √n ‖W_j‖
        pub lemma1_bound: Option<f64>,
        /// ∂R/∂b_j
        pub penalty_gradient: Option<f64>,
        /// the λ above which the condition of Theorem 1 is met; empty without such a λ
        pub theorem1_required: Option<f64>,
        /// E\[a_j\]
        pub pre_activation_mean: Option<f64>,
        /// Var\[a_j\]
        pub pre_activation_variance: Option<f64>,
        /// p_j with v = ‖W_j‖²
        pub theorem2_bound: Option<f64>,
        /// p_j with v = Var\[a_j\]
        pub theorem2_variance_bound: Option<f64>,
        /// Pr(h_j ≤ δ_min)
        pub inactive_fraction: Option<f64>,
    }
}

impl UnitRow {
    /// The rows of all units of `parameters`, measured after `epoch` epochs.
    pub fn all<F: Real>(
        epoch: u32,
        findings: &TheoryMeasurement,
        parameters: &Parameters<F>,
    ) -> impl Iterator<Item = Self> {
        let TheoryMeasurement { lemma1, theorem1, theorem2, .. } = findings;
        (0..parameters.hidden()).map(move |j| Self {
            epoch: Some(f64::from(epoch)),
            unit: Some(j as f64),
            weight_length: Some(parameters.squared_norms()[j].as_f64().sqrt()),
            bias: Some(parameters.bias()[j].as_f64()),
            loss_gradient: Some(lemma1.gradient[j]),
            lemma1_bound: Some(lemma1.bound[j]),
            penalty_gradient: Some(theorem1.penalty_gradient[j]),
            theorem1_required: theorem1.required[j],
            pre_activation_mean: Some(theorem1.mean[j]),
            pre_activation_variance: Some(theorem1.variance[j]),
            theorem2_bound: Some(theorem2.bound[j]),
            theorem2_variance_bound: Some(theorem2.variance_bound[j]),
            inactive_fraction: Some(theorem2.inactive[j]),
        })
    }
}
