//! The paper's first general family, Corollary 1, and the penalty on mean activations that KL-SAE shares.
//!
//! R = Σ_j f(ρ_j),   ρ_j = E_x\[h_j\] over the mini-batch,   f increasing
//!
//! Adjoint     ∂R/∂h_bj = f'(ρ_j) / B
//! Prediction  ∂R/∂b_j = f'(ρ_j) E_x\[s'(a_j)\] ≥ 0 for a non-decreasing activation: sparser with λ
//! Cost        two passes over the hidden units, no product
//!
//! f(ρ) = ρ (`identity`), e^ρ (`exp`) or ρ² (`square`, which increases only for ρ ≥ 0, so not for units that become negative).

use super::{Adjoints, Forward, Model, RangeHits, Regularizer, Shape, Step, Uses};
use crate::linalg::{column_sums_into, values, values_mut};
use crate::parameter::{Domain, Parameter, Value, Values, named};
use crate::real::Real;

pub(super) struct Corollary1;

/// An increasing f.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Increasing {
    Identity,
    Square,
    Exp,
}

named!(Increasing { Identity => "identity", Square => "square", Exp => "exp" });

impl Model for Corollary1 {
    const NAME: &'static str = "corollary1";
    const LEGEND: &'static str = "Corollary 1";
    const SOURCE: &'static str = "Corollary 1";
    const PARAMETERS: &'static [Parameter] = &[Parameter {
        name: "f",
        doc: "The increasing function of a unit's mean activation.",
        domain: Domain::Choice(Increasing::NAMES),
        default: Some(Value::Choice("identity")),
        later: false,
    }];

    fn build<F: Real>(values: &Values, sigma_squared: f64, shape: Shape) -> Box<dyn Regularizer<F>> {
        let lambda = sigma_squared;
        match values.one_of("f", Increasing::from_name) {
            Increasing::Identity => Box::new(MeanActivationPenalty::new(|rho| (rho, 1.0), lambda, shape)),
            Increasing::Square => {
                Box::new(MeanActivationPenalty::new(|rho| (rho * rho, 2.0 * rho), lambda, shape))
            }
            Increasing::Exp => {
                Box::new(MeanActivationPenalty::new(|rho: f64| (rho.exp(), rho.exp()), lambda, shape))
            }
        }
    }
}

#[cfg(test)]
impl super::tests::TestedModel for Corollary1 {
    fn examples() -> Vec<Vec<(&'static str, Value)>> {
        ["identity", "square", "exp"].map(|f| vec![("f", Value::Choice(f))]).into()
    }

    fn oracle(network: &super::tests::Network, values: &Values, sigma_squared: f64) -> f64 {
        let f = |rho: f64| match values.choice("f") {
            "identity" => rho,
            "square" => rho.powi(2),
            _ => rho.exp(),
        };
        network.reconstruction() + sigma_squared * network.mean_hidden().into_iter().map(f).sum::<f64>()
    }
}

/// A function f of a mean activation, possibly with a range outside of which it is extended. Closures that return f(ρ) and f'(ρ) are
/// such functions.
pub trait MeanFunction: Send {
    /// f(ρ) and f'(ρ).
    fn jet(&self, rho: f64) -> (f64, f64);
    /// Counts `rho` if it is out of range.
    fn count(&mut self, rho: f64) {
        let _ = rho;
    }
    /// The counts; `None` without a range.
    fn range_hits(&self) -> Option<RangeHits> {
        None
    }
    /// See [`Regularizer::state`].
    fn state(&self) -> Vec<u64> {
        Vec::new()
    }
    /// See [`Regularizer::restore`].
    fn restore(&mut self, state: &[u64]) {
        assert!(state.is_empty(), "a function without counts is given some");
    }
}

impl<T: Fn(f64) -> (f64, f64) + Send> MeanFunction for T {
    fn jet(&self, rho: f64) -> (f64, f64) {
        self(rho)
    }
}

/// The regularizer with the penalty λ Σ_j f(ρ_j), where ρ_j = E_x\[h_j\] is a unit's mean activation over the mini-batch. A model of your
/// own returns it from [`Model::build`]; f and its derivative are all that it adds:
///
/// ```
/// use aesparse::activation::ActivationKind;
/// use aesparse::objective::gradient_error;
/// use aesparse::parameter::{Parameter, Values};
/// use aesparse::real::Real;
/// use aesparse::regularizer::{
///     MeanActivationPenalty, Model, Regularizer, RegularizerKind, RegularizerSpec, Shape,
/// };
///
/// /// R = Σ_j ln(1 + ρ_j²).
/// struct LogMean;
///
/// impl Model for LogMean {
///     const NAME: &'static str = "log_mean";
///     const LEGEND: &'static str = "log mean";
///     const SOURCE: &'static str = "R = Σ_j ln(1 + ρ_j²)";
///     const PARAMETERS: &'static [Parameter] = &[];
///
///     fn build<F: Real>(_: &Values, sigma_squared: f64, shape: Shape) -> Box<dyn Regularizer<F>> {
///         let log = |rho: f64| ((rho * rho).ln_1p(), 2.0 * rho / (1.0 + rho * rho));
///         Box::new(MeanActivationPenalty::new(log, sigma_squared, shape))
///     }
/// }
///
/// let log_mean = RegularizerSpec::new(RegularizerKind::register::<LogMean>()?, &[])?;
/// assert!(gradient_error(ActivationKind::Sigmoid, &log_mean, 0.3) < 1e-7);
/// # Ok::<(), String>(())
/// ```
#[derive(Debug)]
pub struct MeanActivationPenalty<F, M> {
    function: M,
    lambda: f64,
    /// Σ_b h_bj of one batch \[m\], then λ f'(ρ_j) / B.
    row: Vec<F>,
    /// Σ h_j over the measured samples \[m\].
    measured: Vec<f64>,
    measured_samples: usize,
    /// Σ h_j and Σ s'(a_j) over the samples of the bias gradient \[m\].
    bias_sums: [Vec<f64>; 2],
    bias_samples: usize,
}

impl<F: Real, M: MeanFunction> MeanActivationPenalty<F, M> {
    /// The penalty of f, `function`, with the coefficient λ for a batch of this `shape`.
    pub fn new(function: M, lambda: f64, shape: Shape) -> Self {
        Self {
            function,
            lambda,
            row: vec![F::zero(); shape.hidden],
            measured: vec![0.0; shape.hidden],
            measured_samples: 0,
            bias_sums: [(); 2].map(|()| vec![0.0; shape.hidden]),
            bias_samples: 0,
        }
    }
}

impl<F: Real, M: MeanFunction> Regularizer<F> for MeanActivationPenalty<F, M> {
    fn uses(&self) -> Uses {
        Uses { hidden_adjoint: true, ..Uses::default() }
    }

    fn penalize(&mut self, forward: &Forward<'_, F>, _: Step<'_>, adjoints: &mut Adjoints<'_, '_, F>) -> f64 {
        let batch = forward.hidden.nrows() as f64;
        column_sums_into(&mut self.row, values(&forward.hidden));
        let mut value = 0.0;
        for sum in &mut self.row {
            let rho = sum.as_f64() / batch;
            let (f, derivative) = self.function.jet(rho);
            self.function.count(rho);
            value += f;
            *sum = F::from_f64(self.lambda * derivative / batch);
        }
        let adjoint = values_mut(&mut adjoints.hidden);
        for row in adjoint.chunks_exact_mut(self.row.len()) {
            row.iter_mut().zip(&self.row).for_each(|(adjoint, add)| *adjoint += *add);
        }
        self.lambda * value
    }

    fn has_penalty(&self) -> bool {
        true
    }

    fn measure(&mut self, forward: &Forward<'_, F>) {
        column_sums_into(&mut self.row, values(&forward.hidden));
        self.measured.iter_mut().zip(&self.row).for_each(|(sum, batch)| *sum += batch.as_f64());
        self.measured_samples += forward.hidden.nrows();
    }

    fn measured(&mut self) -> f64 {
        let samples = std::mem::take(&mut self.measured_samples) as f64;
        let penalty = self.measured.iter().map(|sum| self.function.jet(sum / samples).0).sum::<f64>();
        self.measured.fill(0.0);
        self.lambda * penalty
    }

    fn has_bias_gradient(&self) -> bool {
        true
    }

    fn measure_bias_gradient(&mut self, forward: &Forward<'_, F>) {
        for (sums, matrix) in self.bias_sums.iter_mut().zip([&forward.hidden, &forward.slope]) {
            column_sums_into(&mut self.row, values(matrix));
            sums.iter_mut().zip(&self.row).for_each(|(sum, batch)| *sum += batch.as_f64());
        }
        self.bias_samples += forward.hidden.nrows();
    }

    /// λ f'(ρ_j) E_x\[s'(a_j)\].
    fn measured_bias_gradient(&mut self) -> Vec<f64> {
        let samples = std::mem::take(&mut self.bias_samples) as f64;
        let [hidden, slope] = &mut self.bias_sums;
        let unit = |(hidden, slope): (&f64, &f64)| {
            self.lambda * self.function.jet(hidden / samples).1 * slope / samples
        };
        let gradient = hidden.iter().zip(&*slope).map(unit).collect();
        hidden.fill(0.0);
        slope.fill(0.0);
        gradient
    }

    fn state(&self) -> Vec<u64> {
        self.function.state()
    }

    fn restore(&mut self, state: &[u64]) {
        self.function.restore(state);
    }

    fn range_hits(&self) -> Option<RangeHits> {
        self.function.range_hits()
    }
}
