//! `aesparse` with a regularizer and an activation from outside the library.
//!
//! ```sh
//! cargo run --release --example own_model -- run examples/own_model.toml      # stopped, it resumes when called again
//! cargo run --release --example own_model -- report results/own_model
//! cargo run --release --example own_model -- theory --activations
//! ```

use aesparse::activation::{Activation, ActivationKind, Jet};
use aesparse::objective::gradient_error;
use aesparse::parameter::{Domain, Parameter, Value, Values};
use aesparse::real::Real;
use aesparse::regularizer::{
    Adjoints, Forward, Model, Regularizer, RegularizerKind, RegularizerSpec, Shape, Step, Uses,
};
use std::process::ExitCode;

/// s(a) = max(0, a)² (So et al. 2021, "Primer"): s' = 2 max(0, a), s'' = 2 for a > 0 and 0 elsewhere.
struct SquaredRelu;

impl Activation for SquaredRelu {
    const NAME: &'static str = "squared_relu";
    const THRESHOLD: Option<f64> = Some(0.0);
    // Nothing comes of a ≤ 0, so training leaves such units out.
    const VANISHES: bool = true;

    fn build(_: &Values) -> Self {
        Self
    }

    #[inline(always)]
    fn jet<F: Real>(&self, a: F) -> Jet<F> {
        let two = F::from_f64(2.0);
        if a <= F::zero() {
            Jet { value: F::zero(), slope: F::zero(), curvature: F::zero() }
        } else {
            Jet { value: a * a, slope: two * a, curvature: two }
        }
    }
}

/// R = E_x\[ Σ_j ln(1 + (h_j / scale)²) \], the sparsity penalty of Olshausen and Field (1996).
pub(crate) struct StudentT;

impl Model for StudentT {
    const NAME: &'static str = "student_t";
    const LEGEND: &'static str = "Student-t";
    const SOURCE: &'static str = "Olshausen and Field 1996";
    const PARAMETERS: &'static [Parameter] = &[Parameter {
        name: "scale",
        doc: "Activations that are small beside this are penalised by their square.",
        domain: Domain::closed(1e-6, 1e6),
        default: Some(Value::Real(1.0)),
        later: false,
    }];

    fn build<F: Real>(values: &Values, sigma_squared: f64, shape: Shape) -> Box<dyn Regularizer<F>> {
        let scale = values.real("scale");
        Box::new(LogPenalty {
            lambda: sigma_squared,
            scale,
            measured: 0.0,
            samples: 0,
            bias: vec![0.0; shape.hidden],
            bias_samples: 0,
        })
    }
}

/// [`StudentT`] at work in a run.
struct LogPenalty {
    lambda: f64,
    scale: f64,
    /// Σ ln(1 + (h / scale)²) over measured samples and units, and the number of these samples.
    measured: f64,
    samples: usize,
    /// ∂R/∂b_j, each sample's part added up \[m\], and the number of these samples: both are asked for in one measurement.
    bias: Vec<f64>,
    bias_samples: usize,
}

impl LogPenalty {
    fn value<F: Real>(&self, hidden: impl IntoIterator<Item = F>) -> f64 {
        hidden.into_iter().map(|h| (h.as_f64() / self.scale).powi(2).ln_1p()).sum()
    }

    /// ∂/∂h ln(1 + (h / scale)²) = 2 h / (scale² + h²).
    fn derivative<F: Real>(&self, h: F) -> F {
        F::from_f64(2.0) * h / (F::from_f64(self.scale * self.scale) + h * h)
    }
}

impl<F: Real> Regularizer<F> for LogPenalty {
    fn uses(&self) -> Uses {
        Uses { hidden_adjoint: true, ..Uses::default() }
    }

    fn penalize(&mut self, forward: &Forward<'_, F>, _: Step<'_>, adjoints: &mut Adjoints<'_, '_, F>) -> f64 {
        let weight = self.lambda / forward.hidden.nrows() as f64;
        adjoints.hidden.zip_mut_with(&forward.hidden, |adjoint, h| {
            *adjoint += F::from_f64(weight) * self.derivative(*h);
        });
        weight * self.value(forward.hidden.iter().copied())
    }

    // The penalty on all clean samples, for the column `penalty`.

    fn has_penalty(&self) -> bool {
        true
    }

    fn measure(&mut self, forward: &Forward<'_, F>) {
        self.measured += self.value(forward.hidden.iter().copied());
        self.samples += forward.hidden.nrows();
    }

    fn measured(&mut self) -> f64 {
        let samples = std::mem::take(&mut self.samples) as f64;
        self.lambda * std::mem::take(&mut self.measured) / samples
    }

    // Its gradient in the biases, for `aesparse::theory`.

    fn has_bias_gradient(&self) -> bool {
        true
    }

    fn measure_bias_gradient(&mut self, forward: &Forward<'_, F>) {
        for (hidden, slope) in forward.hidden.rows().into_iter().zip(forward.slope.rows()) {
            for (j, (h, slope)) in hidden.iter().zip(slope).enumerate() {
                self.bias[j] += (self.derivative(*h) * *slope).as_f64();
            }
        }
        self.bias_samples += forward.hidden.nrows();
    }

    fn measured_bias_gradient(&mut self) -> Vec<f64> {
        let weight = self.lambda / std::mem::take(&mut self.bias_samples) as f64;
        let gradient = self.bias.iter().map(|sum| weight * sum).collect();
        self.bias.fill(0.0);
        gradient
    }
}

/// Adds both models to those that configurations can name.
///
/// # Errors
/// Where a name is taken, or the gradient that [`LogPenalty`] gives isn't that of its value.
fn register() -> Result<(), String> {
    let student_t = RegularizerKind::register::<StudentT>()?;
    let squared_relu = ActivationKind::register::<SquaredRelu>()?;
    for activation in [squared_relu, ActivationKind::Sigmoid] {
        let error = gradient_error(activation, &RegularizerSpec::new(student_t, &[])?, 0.3);
        if error > 1e-7 {
            return Err(format!("the gradient of student_t under {activation:?} is off by {error:e}"));
        }
    }
    Ok(())
}

fn main() -> ExitCode {
    register().expect("both models are right");
    aesparse::cli::main()
}
