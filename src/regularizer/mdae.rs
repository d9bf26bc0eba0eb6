//! Marginalized de-noising auto-encoder (mDAE), Eq. 11.
//!
//! R = E_x\[ Σ_j s'(a_j)² ‖W_j‖⁴ \]
//!
//! By Remark 2 this is Eq. 10 with a linear decoder, squared loss and σ_xi² = λ for every input.
//! It is Corollary 2 with q = 2 and p = 4; see [`super::corollary2`] for adjoints, prediction and cost.

use super::corollary2::SlopePenalty;
use super::{Model, Regularizer, Shape};
use crate::parameter::Values;
use crate::real::Real;

pub(super) struct Mdae;

impl Model for Mdae {
    const NAME: &'static str = "mdae";
    const LEGEND: &'static str = "mDAE";
    const SOURCE: &'static str = "Eq. 11";

    fn build<F: Real>(_: &Values, sigma_squared: f64, shape: Shape) -> Box<dyn Regularizer<F>> {
        Box::new(SlopePenalty::new(2, 4, sigma_squared, shape))
    }
}

#[cfg(test)]
impl super::tests::TestedModel for Mdae {
    fn oracle(network: &super::tests::Network, _: &Values, sigma_squared: f64) -> f64 {
        // The oracle uses Eq. 10 and not Eq. 11: ½ Σ_i λ Σ_j (∂²ℓ/∂h_j²) (∂h_j/∂x_i)² with ∂²ℓ/∂h_j² = 2 Σ_k W_jk².
        let penalty = network.mean(|x| {
            let second = |j: usize| 2.0 * network.weights[j].iter().map(|w| w * w).sum::<f64>();
            let entry = |j: usize, i: usize| (network.slope(j, x) * network.weights[j][i]).powi(2);
            let input = |i: usize| (0..network.bias.len()).map(|j| second(j) * entry(j, i)).sum::<f64>();
            0.5 * (0..x.len()).map(input).sum::<f64>()
        });
        network.reconstruction() + sigma_squared * penalty
    }
}
