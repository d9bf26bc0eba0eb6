//! Contractive auto-encoder (CAE), Eq. 9.
//!
//! R = E_x\[ Σ_j s'(a_j)² ‖W_j‖² \]
//!
//! By Remark 1 this is E_x\[‖∂h/∂x‖²\], the squared Frobenius norm of the encoder's Jacobian (Eq. 8).
//! It is Corollary 2 with q = 2 and p = 2; see [`super::corollary2`] for adjoints, prediction and cost.

use super::corollary2::SlopePenalty;
use super::{Model, Regularizer, Shape};
use crate::parameter::Values;
use crate::real::Real;

pub(super) struct Cae;

impl Model for Cae {
    const NAME: &'static str = "cae";
    const LEGEND: &'static str = "CAE";
    const SOURCE: &'static str = "Eq. 9";

    fn build<F: Real>(_: &Values, sigma_squared: f64, shape: Shape) -> Box<dyn Regularizer<F>> {
        Box::new(SlopePenalty::new(2, 2, sigma_squared, shape))
    }
}

#[cfg(test)]
impl super::tests::TestedModel for Cae {
    fn oracle(network: &super::tests::Network, _: &Values, sigma_squared: f64) -> f64 {
        // The oracle uses Eq. 8 and not Eq. 9: the squared Frobenius norm of the Jacobian ∂h_j/∂x_i = s'(a_j) W_ji, entry by entry.
        let penalty = network.mean(|x| {
            let entry = |j: usize, i: usize| (network.slope(j, x) * network.weights[j][i]).powi(2);
            (0..network.bias.len()).map(|j| (0..x.len()).map(|i| entry(j, i)).sum::<f64>()).sum()
        });
        network.reconstruction() + sigma_squared * penalty
    }
}
