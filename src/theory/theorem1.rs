//! Theorem 1: if λ ∂R/∂b_j > 2 σ_r √n ‖W_j‖, E\[a_j\] falls with the next gradient step; and Var\[a_j\] = ‖W_j‖².
//!
//! Eq. 5, exact for a plain step on all samples if E\[x\] = 0:
//!
//! E\[a_j\] changes by −η (g_j + λ ∂R/∂b_j),   g_j = ∂J_AE/∂b_j
//!
//! because then E\[a_j\] = W_j·E\[x\] + b_j = b_j, which a projection of W does not change. So E\[a_j\] falls if and only if
//! g_j + λ ∂R/∂b_j > 0 (`falling`). The theorem's condition replaces |g_j| by its bound and is sufficient (`met`).
//!
//! R is the model's penalty. A DAE has no penalty; σ² times the second-order form of Eq. 7, an expectation over the noise,
//! takes the place of λ R. eDAE's additional term and its gradient have expectation 0. Eq. 7 is derived for fresh Gaussian
//! noise. Under masking, salt and pepper, or fixed noise, or with several draws of a sample, a DAE's numbers here are those of J_AE
//! alone, without a statement about the effect of its corruption.
//!
//! All numbers are about the objective at one state. A frozen b_e has the same gradient but does not follow it, so its
//! E\[a_j\] stays.

use super::lemma1::Lemma1;
use super::quantiles::{Quantiles, share};
use super::units::UnitMeans;

/// The term whose gradient is ∂R/∂b_j.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// The model's penalty R(W, b_e), over all samples.
    Penalty,
    /// The second-order form of Eq. 7, on the first [`SECOND_ORDER_SAMPLES`](super::SECOND_ORDER_SAMPLES) samples.
    SecondOrder,
    /// None: the model has no term, a term with expectation 0, or a corruption that Eq. 7 doesn't describe.
    Nothing,
}

/// The condition of Theorem 1 and its statements.
#[derive(Debug, Clone, PartialEq)]
pub struct Theorem1 {
    /// The term whose gradient is `penalty_gradient`.
    pub origin: Origin,
    /// λ; σ² for a DAE.
    pub coefficient: f64,
    /// ∂R/∂b_j \[m\], without the coefficient.
    pub penalty_gradient: Vec<f64>,
    /// The share of units with λ ∂R/∂b_j > 2 σ_r √n ‖W_j‖.
    pub met: f64,
    /// The share of units with λ ∂R/∂b_j > 2 σ_r ‖W_j‖, which is sufficient under Assumption 1 (see [`Lemma1`]).
    pub met_independent: f64,
    /// The share of units with g_j + λ ∂R/∂b_j > 0, whose E\[a_j\] falls.
    pub falling: f64,
    /// The λ above which the condition is met, 2 σ_r √n ‖W_j‖ / (∂R/∂b_j) \[m\]; absent if ∂R/∂b_j ≤ 0.
    pub required: Vec<Option<f64>>,
    /// E\[a_j\] \[m\].
    pub mean: Vec<f64>,
    /// Var\[a_j\] \[m\], ÷ N.
    pub variance: Vec<f64>,
    /// Var\[a_j\] / ‖W_j‖² over the units with W_j ≠ 0, 1 under Assumption 1.
    pub variance_ratio: Quantiles,
}

impl Theorem1 {
    pub(super) fn new(
        (origin, coefficient): (Origin, f64),
        penalty_gradient: Vec<f64>,
        lemma1: &Lemma1,
        units: UnitMeans,
        lengths: &[f64],
        inputs: usize,
    ) -> Self {
        let root = (inputs as f64).sqrt();
        let pairs = || penalty_gradient.iter().zip(&lemma1.bound);
        let required = |(gradient, bound): (&f64, &f64)| {
            let lambda = bound / gradient;
            (*gradient > 0.0 && lambda.is_finite()).then_some(lambda)
        };
        let ratios = units.variance.iter().zip(lengths).filter(|(_, length)| **length > 0.0);
        let gradients = penalty_gradient.iter().zip(&lemma1.gradient);
        Self {
            origin,
            coefficient,
            met: share(pairs().map(|(gradient, bound)| coefficient * gradient > *bound)),
            met_independent: share(pairs().map(|(gradient, bound)| coefficient * gradient > bound / root)),
            falling: share(gradients.map(|(penalty, loss)| loss + coefficient * penalty > 0.0)),
            required: pairs().map(required).collect(),
            variance_ratio: Quantiles::of(ratios.map(|(variance, length)| variance / length.powi(2))),
            mean: units.mean,
            variance: units.variance,
            penalty_gradient,
        }
    }
}
