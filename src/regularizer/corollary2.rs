//! The paper's second general family, Corollary 2, and the penalty on slopes that CAE and mDAE share.
//!
//! R = E_x\[ Σ_j s'(a_j)^q ‖W_j‖^p \],   q ≥ 1 and p ≥ 0 whole
//!
//! Adjoints    ∂R/∂a_bj = q s'^(q−1) s'' ‖W_j‖^p / B
//!             ∂R/∂‖W_j‖² = (p / 2) ‖W_j‖^(p−2) Σ_b s'^q / B; 0 for a zero row, which has no direction
//! Prediction  ∂R/∂b_j ≥ 0 for a convex activation; 0 for ReLU, whose curvature is 0 (§2.1.2)
//! Domain      s' ≥ 0, as for every non-decreasing activation; for odd q negative slopes of GELU and SiLU have negative terms
//! Cost        one pass over the hidden units, no product

use super::{Adjoints, Forward, Model, Regularizer, Shape, Step, Uses};
use crate::linalg::{PlainLoop, values, values_mut, vectorize};
use crate::parameter::{Domain, Parameter, Value, Values};
use crate::real::Real;

pub(super) struct Corollary2;

impl Model for Corollary2 {
    const NAME: &'static str = "corollary2";
    const LEGEND: &'static str = "Corollary 2";
    const SOURCE: &'static str = "Corollary 2";
    const PARAMETERS: &'static [Parameter] = &[
        Parameter {
            name: "q",
            doc: "The power of the slope ∂h_j/∂a_j.",
            domain: Domain::Integer { min: 1, max: 16 },
            default: Some(Value::Integer(2)),
            later: false,
        },
        Parameter {
            name: "p",
            doc: "The power of the length ‖W_j‖.",
            domain: Domain::Integer { min: 0, max: 16 },
            default: Some(Value::Integer(2)),
            later: false,
        },
    ];

    fn build<F: Real>(values: &Values, sigma_squared: f64, shape: Shape) -> Box<dyn Regularizer<F>> {
        // Both are at most 16, so the conversions are exact.
        let (q, p) = (values.integer("q") as i32, values.integer("p") as i32);
        Box::new(SlopePenalty::new(q, p, sigma_squared, shape))
    }
}

#[cfg(test)]
impl super::tests::TestedModel for Corollary2 {
    fn examples() -> Vec<Vec<(&'static str, Value)>> {
        let example = |q, p| vec![("q", Value::Integer(q)), ("p", Value::Integer(p))];
        vec![example(1, 0), example(1, 1), example(2, 2), example(3, 5)]
    }

    fn oracle(network: &super::tests::Network, values: &Values, sigma_squared: f64) -> f64 {
        let (q, p) = (values.integer("q") as i32, values.integer("p") as i32);
        let penalty = network.mean(|x| {
            let unit = |j: usize| network.slope(j, x).powi(q) * network.norm(j).powi(p);
            (0..network.bias.len()).map(unit).sum()
        });
        network.reconstruction() + sigma_squared * penalty
    }
}

/// The regularizer with the penalty λ E_x\[Σ_j s'(a_j)^q ‖W_j‖^p\].
pub(super) struct SlopePenalty<F> {
    q: i32,
    p: i32,
    lambda: f64,
    /// λ q ‖W_j‖^p / B \[m\].
    factor: Vec<F>,
    /// Σ_b s'^q \[m\].
    powers: Vec<F>,
    /// Σ s'^q over the measured samples \[m\].
    measured: Vec<f64>,
    /// ‖W_j‖^p of the measured parameters \[m\].
    measured_lengths: Vec<f64>,
    measured_samples: usize,
    /// Σ s'^(q−1) s'' over the samples of the bias gradient \[m\].
    bias_sums: Vec<f64>,
    bias_samples: usize,
}

impl<F: Real> SlopePenalty<F> {
    pub(super) fn new(q: i32, p: i32, lambda: f64, shape: Shape) -> Self {
        let m = shape.hidden;
        Self {
            q,
            p,
            lambda,
            factor: vec![F::zero(); m],
            powers: vec![F::zero(); m],
            measured: vec![0.0; m],
            measured_lengths: vec![0.0; m],
            measured_samples: 0,
            bias_sums: vec![0.0; m],
            bias_samples: 0,
        }
    }

    fn sum_powers(&mut self, slope: &[F]) {
        vectorize(SumPowers { q: self.q, slope, sums: &mut self.powers });
    }

    fn store_lengths(&mut self, squared_norms: &[F]) {
        for (length, squared) in self.measured_lengths.iter_mut().zip(squared_norms) {
            *length = power_of_length(squared.as_f64(), self.p);
        }
    }
}

/// sums\[j\] = Σ_b s'_bj^q.
struct SumPowers<'a, F> {
    q: i32,
    slope: &'a [F],
    sums: &'a mut [F],
}

impl<F: Real> SumPowers<'_, F> {
    #[inline(always)]
    fn with(self, power: impl Fn(F) -> F) {
        self.sums.fill(F::zero());
        for slope in self.slope.chunks_exact(self.sums.len()) {
            self.sums.iter_mut().zip(slope).for_each(|(sum, s)| *sum += power(*s));
        }
    }
}

impl<F: Real> PlainLoop for SumPowers<'_, F> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        // CAE and mDAE have q = 2; other powers may be slower.
        match self.q {
            2 => self.with(|s| s * s),
            q => self.with(|s| s.powi(q)),
        }
    }
}

/// adjoint_bj += factor_j s'^(q−1) s''.
struct AddAdjoint<'a, F> {
    q: i32,
    factor: &'a [F],
    slope: &'a [F],
    curvature: &'a [F],
    adjoint: &'a mut [F],
}

impl<F: Real> AddAdjoint<'_, F> {
    #[inline(always)]
    fn with(self, power: impl Fn(F) -> F) {
        let m = self.factor.len();
        let derivatives = self.slope.chunks_exact(m).zip(self.curvature.chunks_exact(m));
        for (adjoint, (slope, curvature)) in self.adjoint.chunks_exact_mut(m).zip(derivatives) {
            let terms = self.factor.iter().zip(slope.iter().zip(curvature));
            for (adjoint, (factor, (s, c))) in adjoint.iter_mut().zip(terms) {
                *adjoint += *factor * power(*s) * *c;
            }
        }
    }
}

impl<F: Real> PlainLoop for AddAdjoint<'_, F> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        match self.q {
            2 => self.with(|s| s),
            q => self.with(|s| s.powi(q - 1)),
        }
    }
}

/// sums\[j\] += Σ_b s'_bj^(q−1) s''_bj.
struct SumBiasTerms<'a, F> {
    q: i32,
    slope: &'a [F],
    curvature: &'a [F],
    sums: &'a mut [f64],
}

impl<F: Real> PlainLoop for SumBiasTerms<'_, F> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let m = self.sums.len();
        for (slope, curvature) in self.slope.chunks_exact(m).zip(self.curvature.chunks_exact(m)) {
            for (sum, (s, c)) in self.sums.iter_mut().zip(slope.iter().zip(curvature)) {
                *sum += (s.powi(self.q - 1) * *c).as_f64();
            }
        }
    }
}

/// ‖W_j‖^p from ‖W_j‖².
fn power_of_length(squared_norm: f64, p: i32) -> f64 {
    if p % 2 == 0 { squared_norm.powi(p / 2) } else { squared_norm.sqrt().powi(p) }
}

/// ∂‖W_j‖^p / ∂‖W_j‖², 0 for a zero row.
fn power_derivative(squared_norm: f64, p: i32) -> f64 {
    if p == 0 || squared_norm == 0.0 {
        0.0
    } else {
        f64::from(p) / 2.0 * power_of_length(squared_norm, p) / squared_norm
    }
}

impl<F: Real> Regularizer<F> for SlopePenalty<F> {
    fn uses(&self) -> Uses {
        Uses { curvature: true, pre_activation_adjoint: true, ..Uses::default() }
    }

    fn penalize(&mut self, forward: &Forward<'_, F>, _: Step<'_>, adjoints: &mut Adjoints<'_, '_, F>) -> f64 {
        let weight = self.lambda / forward.target.nrows() as f64;
        let slope = values(&forward.slope);
        let curvature = values(&forward.curvature);
        let squared_norms = forward.parameters.squared_norms();
        self.sum_powers(slope);
        let mut value = 0.0;
        for (j, squared_norm) in squared_norms.iter().map(|x| x.as_f64()).enumerate() {
            let length = power_of_length(squared_norm, self.p);
            let powers = self.powers[j].as_f64();
            value += length * powers;
            self.factor[j] = F::from_f64(weight * f64::from(self.q) * length);
            adjoints.gradient.squared_norms[j] +=
                F::from_f64(weight * powers * power_derivative(squared_norm, self.p));
        }
        let adjoint = values_mut(&mut adjoints.pre_activation);
        vectorize(AddAdjoint { q: self.q, factor: &self.factor, slope, curvature, adjoint });
        weight * value
    }

    fn has_penalty(&self) -> bool {
        true
    }

    fn measure(&mut self, forward: &Forward<'_, F>) {
        self.sum_powers(values(&forward.slope));
        self.measured.iter_mut().zip(&self.powers).for_each(|(sum, batch)| *sum += batch.as_f64());
        self.measured_samples += forward.slope.nrows();
        self.store_lengths(forward.parameters.squared_norms());
    }

    fn measured(&mut self) -> f64 {
        let samples = std::mem::take(&mut self.measured_samples) as f64;
        let sum: f64 = self.measured.iter().zip(&self.measured_lengths).map(|(s, length)| s * length).sum();
        self.measured.fill(0.0);
        self.lambda * sum / samples
    }

    fn has_bias_gradient(&self) -> bool {
        true
    }

    fn measure_bias_gradient(&mut self, forward: &Forward<'_, F>) {
        let (slope, curvature) = (values(&forward.slope), values(&forward.curvature));
        vectorize(SumBiasTerms { q: self.q, slope, curvature, sums: &mut self.bias_sums });
        self.bias_samples += forward.slope.nrows();
        self.store_lengths(forward.parameters.squared_norms());
    }

    /// λ q ‖W_j‖^p E_x\[s'^(q−1) s''\].
    fn measured_bias_gradient(&mut self) -> Vec<f64> {
        let weight = self.lambda * f64::from(self.q) / std::mem::take(&mut self.bias_samples) as f64;
        let units = self.bias_sums.iter().zip(&self.measured_lengths);
        let gradient = units.map(|(sum, length)| weight * length * sum).collect();
        self.bias_sums.fill(0.0);
        gradient
    }
}
