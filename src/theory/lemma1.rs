//! Lemma 1: |∂J_AE/∂b_j| ≤ 2 σ_r √n ‖W_j‖.
//!
//! g_j = ∂J_AE/∂b_j = −2 E\[s'(a_j) r·W_j\], r = x − y. For s' in \[0, 1\], by Cauchy–Schwarz twice,
//!
//! |g_j| ≤ 2 E|r·W_j| ≤ 2 ‖W_j‖ E‖r‖ ≤ 2 ‖W_j‖ √(E‖r‖²) = 2 ρ √n ‖W_j‖,   ρ = root mean square of r,
//!
//! which holds for any residual. With σ_r in place of ρ it is the lemma, which needs E\[r\] = 0. The slopes of GELU and SiLU
//! leave \[0, 1\], so they may exceed every bound here by the factor max |s'|, 1.13 and 1.10.
//!
//! **The √n is slack.** If the dimensions of r are uncorrelated with mean 0 and deviation σ_r, as Assumption 1 states, then
//! E\[(r·W_j)²\] = σ_r² ‖W_j‖², so |g_j| ≤ 2 E|r·W_j| ≤ 2 σ_r ‖W_j‖: the `independent` bound. A unit above this bound shows
//! that the residual's dimensions are correlated, of different widths, or have a mean other than 0.

use super::assumption1::ResidualMoments;
use super::quantiles::Quantiles;

/// Relative tolerance: |g_j| may exceed a bound by this share through rounding without counting as a violation.
const ROUNDING: f64 = 1e-5;

/// The bias gradient of the plain auto-encoder and its bounds.
#[derive(Debug, Clone, PartialEq)]
pub struct Lemma1 {
    /// g_j = ∂J_AE/∂b_j \[m\], exact over the samples.
    pub gradient: Vec<f64>,
    /// 2 σ_r √n ‖W_j‖ \[m\] with σ_r = [`ResidualMoments::deviation`].
    pub bound: Vec<f64>,
    /// Number of units with |g_j| above `bound`.
    pub violations: u64,
    /// Number of units with |g_j| above 2 ρ √n ‖W_j‖: always 0 if |s'| ≤ 1.
    pub root_mean_square_violations: u64,
    /// Number of units with |g_j| above 2 σ_r ‖W_j‖.
    pub independent_violations: u64,
    /// |g_j| / bound over the units with W_j ≠ 0. Times √n it is relative to the `independent` bound.
    pub tightness: Quantiles,
    /// |g_j| / bound with ρ in place of σ_r.
    pub root_mean_square_tightness: Quantiles,
}

impl Lemma1 {
    /// Lemma 1 for the `gradient` \[m\] of units with the row lengths `lengths` \[m\] and the residual of n = `inputs` inputs.
    pub(super) fn new(
        gradient: Vec<f64>,
        lengths: &[f64],
        residual: &ResidualMoments,
        inputs: usize,
    ) -> Self {
        let root = (inputs as f64).sqrt();
        let bounds = |factor: f64| lengths.iter().map(move |length| 2.0 * factor * length);
        let violations = |factor: f64| {
            let units = gradient.iter().zip(bounds(factor));
            units.filter(|(g, bound)| g.abs() > bound * (1.0 + ROUNDING)).count() as u64
        };
        let tightness = |factor: f64| Quantiles::of(shares(&gradient, &bounds(factor).collect::<Vec<_>>()));
        let (sigma, rms) = (residual.deviation, residual.root_mean_square);
        Self {
            bound: bounds(sigma * root).collect(),
            violations: violations(sigma * root),
            root_mean_square_violations: violations(rms * root),
            independent_violations: violations(sigma),
            tightness: tightness(sigma * root),
            root_mean_square_tightness: tightness(rms * root),
            gradient,
        }
    }
}

/// |g_j| / bound of the units whose bound is above 0.
fn shares<'a>(gradient: &'a [f64], bound: &'a [f64]) -> impl Iterator<Item = f64> {
    let units = gradient.iter().zip(bound).filter(|(_, bound)| **bound > 0.0);
    units.map(|(g, bound)| g.abs() / bound)
}

/// Lemma 1 on mini-batches, over pairs of batch and unit.
#[derive(Debug, Clone, PartialEq)]
pub struct BatchLemma1 {
    /// Number of batches.
    pub batches: u64,
    /// Number of pairs with |g_j| above 2 σ_r √n ‖W_j‖.
    pub violations: u64,
    /// Number of pairs with |g_j| above 2 ρ √n ‖W_j‖: 0, as in [`Lemma1`].
    pub root_mean_square_violations: u64,
    /// Number of pairs with |g_j| above 2 σ_r ‖W_j‖.
    pub independent_violations: u64,
    /// |g_j| / bound over the pairs with W_j ≠ 0.
    pub tightness: Quantiles,
}

impl BatchLemma1 {
    pub(super) fn of(batches: &[Lemma1]) -> Self {
        let sum = |count: fn(&Lemma1) -> u64| batches.iter().map(count).sum();
        Self {
            batches: batches.len() as u64,
            violations: sum(|lemma| lemma.violations),
            root_mean_square_violations: sum(|lemma| lemma.root_mean_square_violations),
            independent_violations: sum(|lemma| lemma.independent_violations),
            tightness: Quantiles::of(batches.iter().flat_map(|lemma| shares(&lemma.gradient, &lemma.bound))),
        }
    }
}
