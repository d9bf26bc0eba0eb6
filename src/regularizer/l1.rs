//! L1 penalty on the hidden units: the penalty of sparse coding (Eq. 2) in an auto-encoder.
//!
//! R = E_x\[ Σ_j |h_j| \]
//!
//! Adjoint     ∂R/∂h_bj = sign(h_bj) / B with sign(0) = 0
//! Prediction  for h ≥ 0 it is Corollary 1 with f the identity, so ∂R/∂b_j ≥ 0
//! Cost        one pass over the hidden units, no product

use super::{Adjoints, Forward, Model, Regularizer, Shape, Step, Uses};
use crate::linalg::{values, values_mut};
use crate::parameter::Values;
use crate::real::Real;

pub(super) struct L1;

impl Model for L1 {
    const NAME: &'static str = "l1";
    const LEGEND: &'static str = "L1";
    const SOURCE: &'static str = "Eq. 2, the penalty of sparse coding";

    fn build<F: Real>(_: &Values, sigma_squared: f64, shape: Shape) -> Box<dyn Regularizer<F>> {
        Box::new(AbsolutePenalty {
            lambda: sigma_squared,
            measured: 0.0,
            measured_samples: 0,
            bias_sums: vec![0.0; shape.hidden],
            bias_samples: 0,
        })
    }
}

#[cfg(test)]
impl super::tests::TestedModel for L1 {
    fn oracle(network: &super::tests::Network, _: &Values, sigma_squared: f64) -> f64 {
        let penalty = network.mean(|x| (0..network.bias.len()).map(|j| network.hidden(j, x).abs()).sum());
        network.reconstruction() + sigma_squared * penalty
    }
}

struct AbsolutePenalty {
    lambda: f64,
    /// Σ |h| over the measured samples and units.
    measured: f64,
    measured_samples: usize,
    /// Σ sign(h_j) s'(a_j) over the samples of the bias gradient \[m\].
    bias_sums: Vec<f64>,
    bias_samples: usize,
}

impl<F: Real> Regularizer<F> for AbsolutePenalty {
    fn uses(&self) -> Uses {
        Uses { hidden_adjoint: true, ..Uses::default() }
    }

    fn penalize(&mut self, forward: &Forward<'_, F>, _: Step<'_>, adjoints: &mut Adjoints<'_, '_, F>) -> f64 {
        let weight = self.lambda / forward.hidden.nrows() as f64;
        let add = F::from_f64(weight);
        let hidden = values(&forward.hidden);
        let adjoint = values_mut(&mut adjoints.hidden);
        for (adjoint, h) in adjoint.iter_mut().zip(hidden) {
            *adjoint += with_sign_of(*h, add);
        }
        weight * sum_of_absolutes(hidden)
    }

    fn has_penalty(&self) -> bool {
        true
    }

    fn measure(&mut self, forward: &Forward<'_, F>) {
        self.measured += sum_of_absolutes(values(&forward.hidden));
        self.measured_samples += forward.hidden.nrows();
    }

    fn measured(&mut self) -> f64 {
        let samples = std::mem::take(&mut self.measured_samples) as f64;
        self.lambda * std::mem::take(&mut self.measured) / samples
    }

    fn has_bias_gradient(&self) -> bool {
        true
    }

    fn measure_bias_gradient(&mut self, forward: &Forward<'_, F>) {
        let rows = forward.hidden.rows().into_iter().zip(forward.slope.rows());
        for (hidden, slope) in rows {
            for ((sum, h), slope) in self.bias_sums.iter_mut().zip(hidden).zip(slope) {
                *sum += with_sign_of(*h, *slope).as_f64();
            }
        }
        self.bias_samples += forward.hidden.nrows();
    }

    /// λ E_x\[sign(h_j) s'(a_j)\].
    fn measured_bias_gradient(&mut self) -> Vec<f64> {
        let weight = self.lambda / std::mem::take(&mut self.bias_samples) as f64;
        let gradient = self.bias_sums.iter().map(|sum| weight * sum).collect();
        self.bias_sums.fill(0.0);
        gradient
    }
}

/// sign(h) · value with sign(0) = 0, where `signum` would be ±1.
fn with_sign_of<F: Real>(h: F, value: F) -> F {
    if h > F::zero() {
        value
    } else if h < F::zero() {
        -value
    } else {
        F::zero()
    }
}

fn sum_of_absolutes<F: Real>(values: &[F]) -> f64 {
    values.iter().map(|x| x.abs().as_f64()).sum()
}
