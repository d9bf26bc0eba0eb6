//! De-noising auto-encoder (DAE), Eq. 6.
//!
//! J = E_x ‖x − f(x̃)‖²,   x̃ = x + σ ε,   ε ~ N(0, I) fresh for every presentation
//!
//! Here σ² is the variance of the corruption, added after standardisation, to constant inputs too. The backward
//! pass is the plain auto-encoder's with x̃ in the encoder. By Theorem 3 its expectation carries Eq. 7's terms
//! beside J_AE; the finite sample of ε also leaves a first-order term (§3.1.1). Cost: the noise.

use super::{Model, Regularizer, Shape, Step};
use crate::linalg::{values, values_mut};
use crate::parameter::Values;
use crate::real::Real;
use ndarray::{ArrayView2, ArrayViewMut2};

pub(super) struct Dae;

impl Model for Dae {
    const NAME: &'static str = "dae";
    const LEGEND: &'static str = "DAE";
    const SOURCE: &'static str = "Eq. 6";

    fn build<F: Real>(_: &Values, sigma_squared: f64, _: Shape) -> Box<dyn Regularizer<F>> {
        Box::new(GaussianCorruption { sigma: F::from_f64(sigma_squared.sqrt()) })
    }

    #[cfg(test)]
    fn oracle(network: &super::tests::Network, _: &Values, sigma_squared: f64) -> f64 {
        let sigma = sigma_squared.sqrt();
        network.mean(|x, noise| {
            let corrupted: Vec<f64> = x.iter().zip(noise).map(|(x, e)| x + sigma * e).collect();
            network.loss(x, &corrupted)
        })
    }
}

struct GaussianCorruption<F> {
    sigma: F,
}

impl<F: Real> Regularizer<F> for GaussianCorruption<F> {
    fn corrupt(
        &mut self,
        clean: ArrayView2<'_, F>,
        step: Step<'_>,
        mut corrupted: ArrayViewMut2<'_, F>,
    ) -> bool {
        step.noise.corrupt(step.number, self.sigma, values(&clean), values_mut(&mut corrupted));
        true
    }
}
