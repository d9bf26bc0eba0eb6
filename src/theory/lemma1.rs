//! Lemma 1: |∂J_AE/∂b_j| ≤ 2 σ_r √n ‖W_j‖.
//!
//! g_j = ∂J_AE/∂b_j = −2 E\[s'(a_j) r·W_j\], r = x − y. For s' in \[0, 1\], by Cauchy–Schwarz twice,
//!
//! |g_j| ≤ 2 E|r·W_j| ≤ 2 ‖W_j‖ E‖r‖ ≤ 2 ‖W_j‖ √(E‖r‖²) = 2 ρ √n ‖W_j‖,   ρ = root mean square of r,
//!
//! for any residual at all: an identity. With σ_r for ρ it is the lemma, which needs E\[r\] = 0. GELU and SiLU, whose slopes
//! leave \[0, 1\], may exceed every bound here by the factor max |s'|, 1.13 and 1.10.
//!
//! **The √n is slack.** Where the dimensions of r are uncorrelated with mean 0 and deviation σ_r, as Assumption 1 says,
//! E\[(r·W_j)²\] = σ_r² ‖W_j‖², and so |g_j| ≤ 2 E|r·W_j| ≤ 2 σ_r ‖W_j‖ already: the `independent` bound. A unit beyond it
//! shows that the residual's dimensions are correlated, or not of mean 0.

use super::assumption1::Residual;
use super::summary::Summary;
use serde::Serialize;

/// Share by which rounding may take |g_j| past a bound without counting as a violation.
const ROUNDING: f64 = 1e-5;

/// The bias gradient of the plain auto-encoder and its bounds.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Lemma1 {
    /// g_j = ∂J_AE/∂b_j \[m\], exact over the samples.
    pub gradient: Vec<f64>,
    /// 2 σ_r √n ‖W_j‖ \[m\], σ_r being [`Residual::deviation`].
    pub bound: Vec<f64>,
    /// Units with |g_j| above it.
    pub violations: u64,
    /// Units with |g_j| above 2 ρ √n ‖W_j‖: 0, whatever the state, where |s'| ≤ 1.
    pub root_mean_square_violations: u64,
    /// Units with |g_j| above 2 σ_r ‖W_j‖.
    pub independent_violations: u64,
    /// Over the units with W_j ≠ 0: |g_j| / bound. Times √n it is the share of the `independent` bound.
    pub tightness: Summary,
    /// The same with ρ in the place of σ_r.
    pub root_mean_square_tightness: Summary,
}

impl Lemma1 {
    /// From the `gradient` \[m\] of units with row lengths `lengths` \[m\], for the residual of n inputs.
    pub(super) fn new(gradient: Vec<f64>, lengths: &[f64], residual: &Residual, inputs: usize) -> Self {
        let root = (inputs as f64).sqrt();
        let bounds = |factor: f64| lengths.iter().map(move |length| 2.0 * factor * length);
        let violations = |factor: f64| {
            let units = gradient.iter().zip(bounds(factor));
            units.filter(|(g, bound)| g.abs() > bound * (1.0 + ROUNDING)).count() as u64
        };
        let tightness = |factor: f64| Summary::of(shares(&gradient, &bounds(factor).collect::<Vec<_>>()));
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

/// |g_j| / bound, of the units with a bound.
fn shares<'a>(gradient: &'a [f64], bound: &'a [f64]) -> impl Iterator<Item = f64> {
    let units = gradient.iter().zip(bound).filter(|(_, bound)| **bound > 0.0);
    units.map(|(g, bound)| g.abs() / bound)
}

/// Lemma 1 on mini-batches, over pairs of batch and unit.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BatchLemma1 {
    /// How many batches.
    pub batches: u64,
    /// Pairs with |g_j| above 2 σ_r √n ‖W_j‖.
    pub violations: u64,
    /// Pairs with |g_j| above 2 ρ √n ‖W_j‖: 0, as in [`Lemma1`].
    pub root_mean_square_violations: u64,
    /// Pairs with |g_j| above 2 σ_r ‖W_j‖.
    pub independent_violations: u64,
    /// Over the pairs with W_j ≠ 0: |g_j| / bound.
    pub tightness: Summary,
}

impl BatchLemma1 {
    pub(super) fn of(batches: &[Lemma1]) -> Self {
        let sum = |count: fn(&Lemma1) -> u64| batches.iter().map(count).sum();
        Self {
            batches: batches.len() as u64,
            violations: sum(|lemma| lemma.violations),
            root_mean_square_violations: sum(|lemma| lemma.root_mean_square_violations),
            independent_violations: sum(|lemma| lemma.independent_violations),
            tightness: Summary::of(batches.iter().flat_map(|lemma| shares(&lemma.gradient, &lemma.bound))),
        }
    }
}
