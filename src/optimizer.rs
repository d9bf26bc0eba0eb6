//! Mini-batch SGD with heavy-ball momentum; the update includes the constraint's projection.
//!
//! V ← μ V − η ∇J,   W ← W + V,   W_j ← projection of W_j;   V itself is not projected
//!
//! With tangent updates (`unit_norm` with `update = "tangent"`) V loses its part along W_j before it moves the row:
//!
//! V ← μ V − η ∇J,   V_j ← V_j − (V_j · W_j / ‖W_j‖²) W_j,   W_j ← (W_j + V_j) / ‖W_j + V_j‖
//!
//! The gradient of a term in ‖W_j‖² is along W_j, so that [`RowUpdate`] leaves it out. Under ReLU it is the whole gradient of the
//! penalties of CAE and mDAE, which then train exactly as `none` does.
//!
//! The backward pass accumulates −η ∇J directly into V, so V already holds the decayed μ V between two steps. Update,
//! projection, row lengths and the next decay are one pass over the rows.

use crate::constraint::Constraint;
use crate::linalg::{Products, RowUpdate};
use crate::parameter::named;
use crate::real::Real;
use crate::state::{Gradient, GradientBuffer, Parameters};
use serde::{Deserialize, Serialize};

/// Whether training changes the encoder bias b_e.
///
/// The paper predicts that a regularizer acts on sparsity through b_e. A frozen bias shows which effect remains without it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EncoderBias {
    /// b_e is trained, as in the paper.
    #[default]
    Trained,
    /// b_e keeps its initial value, bit for bit: 0, or the value of the warm start.
    Frozen,
}

named!(EncoderBias { Trained => "trained", Frozen => "frozen" });

/// The optimizer's settings and its velocity.
#[derive(Debug, Clone)]
pub struct Sgd<F> {
    learning_rate: F,
    momentum: F,
    constraint: Constraint,
    encoder_bias: EncoderBias,
    velocity: GradientBuffer<F>,
}

impl<F: Real> Sgd<F> {
    /// An optimizer with velocity 0: learning rate η > 0, momentum μ in \[0, 1).
    pub fn new(
        learning_rate: f64,
        momentum: f64,
        constraint: Constraint,
        parameters: &Parameters<F>,
    ) -> Self {
        Self {
            learning_rate: F::from_f64(learning_rate),
            momentum: F::from_f64(momentum),
            constraint,
            encoder_bias: EncoderBias::Trained,
            velocity: GradientBuffer::zeros(parameters),
        }
    }

    /// The same optimizer with b_e trained or frozen.
    #[must_use]
    pub fn with_encoder_bias(self, encoder_bias: EncoderBias) -> Self {
        Self { encoder_bias, ..self }
    }

    /// The decayed velocity μ V between two steps.
    pub(crate) fn velocity(&self) -> &GradientBuffer<F> {
        &self.velocity
    }

    /// The decayed velocity μ V between two steps, mutable.
    pub(crate) fn velocity_mut(&mut self) -> &mut GradientBuffer<F> {
        &mut self.velocity
    }

    /// The destination of the step's gradient; [`Sgd::update`] must follow.
    pub fn accumulate(&mut self) -> Gradient<'_, F> {
        self.velocity.accumulate(-self.learning_rate)
    }

    /// Adds the terms pending in `products` to the velocity, moves the parameters by the velocity and projects the weights.
    /// Returns `false` if a parameter is no longer finite.
    pub fn update(&mut self, parameters: &mut Parameters<F>, products: &mut Products<F>) -> bool {
        let radial = &mut self.velocity.squared_norms;
        let radial_scale = F::from_f64(-2.0) * self.learning_rate;
        radial.iter_mut().for_each(|adjoint| *adjoint *= radial_scale);
        let rows_are_finite = products.update(RowUpdate {
            constraint: self.constraint,
            momentum: self.momentum,
            columns: parameters.inputs(),
            weights: parameters.weights.values_mut(),
            velocity: self.velocity.weights.values_mut(),
            radial,
            squared_norms: &mut parameters.squared_norms,
        });
        radial.fill(F::zero());
        let bias_is_finite = match self.encoder_bias {
            EncoderBias::Trained => step_vector(&mut parameters.bias, &mut self.velocity.bias, self.momentum),
            EncoderBias::Frozen => {
                // The backward pass adds the gradient of b_e even if the bias is frozen.
                self.velocity.bias.fill(F::zero());
                true
            }
        };
        let biases_are_finite = bias_is_finite
            & step_vector(&mut parameters.decoder_bias, &mut self.velocity.decoder_bias, self.momentum);
        rows_are_finite && biases_are_finite
    }
}

/// b ← b + v, v ← μ v; returns whether every b is finite.
fn step_vector<F: Real>(values: &mut [F], velocity: &mut [F], momentum: F) -> bool {
    let mut finite = true;
    for (value, v) in values.iter_mut().zip(velocity) {
        *value += *v;
        *v *= momentum;
        finite &= value.is_finite();
    }
    finite
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    /// Products without pending terms, because the tests add the whole gradient to the velocity.
    fn idle_products<F: Real>(parameters: &Parameters<F>) -> Products<F> {
        Products::new(1, parameters.inputs(), parameters.hidden())
    }

    /// Three steps with a constant gradient, by hand: V = −η g (1, 1 + μ, 1 + μ + μ²).
    #[test]
    fn momentum_is_heavy_ball() {
        let mut parameters = Parameters::<f64>::new(array![[1.0, 2.0]].view(), vec![0.5], vec![0.0, 0.0]);
        let mut sgd = Sgd::new(0.1, 0.9, Constraint::None, &parameters);
        let mut products = idle_products(&parameters);
        for _ in 0..3 {
            let gradient = sgd.accumulate();
            let scale = gradient.scale;
            gradient.bias[0] += scale * 2.0;
            gradient.decoder_bias[1] += scale * 3.0;
            let mut weights = gradient.weights;
            weights[[0, 1]] += scale * 4.0;
            assert!(sgd.update(&mut parameters, &mut products));
        }
        let moved = 0.1 * (1.0 + 1.9 + 2.71);
        assert!((parameters.bias()[0] - (0.5 - 2.0 * moved)).abs() < 1e-15);
        assert!((parameters.decoder_bias()[1] + 3.0 * moved).abs() < 1e-15);
        assert_eq!(parameters.weights()[[0, 0]], 1.0);
        assert!((parameters.weights()[[0, 1]] - (2.0 - 4.0 * moved)).abs() < 1e-15);
    }

    #[test]
    fn a_frozen_encoder_bias_stays_and_has_no_velocity() {
        let mut parameters = Parameters::<f64>::new(array![[1.0, 2.0]].view(), vec![-0.0], vec![0.0, 0.0]);
        let frozen = Sgd::new(0.1, 0.9, Constraint::None, &parameters);
        let mut sgd = frozen.with_encoder_bias(EncoderBias::Frozen);
        let mut products = idle_products(&parameters);
        for _ in 0..3 {
            let gradient = sgd.accumulate();
            gradient.bias[0] += 2.0;
            gradient.decoder_bias[1] += 3.0;
            assert!(sgd.update(&mut parameters, &mut products));
        }
        assert_eq!(parameters.bias()[0].to_bits(), (-0.0_f64).to_bits());
        assert_eq!(sgd.velocity.bias, [0.0]);
        assert!(parameters.decoder_bias()[1] > 3.0, "the other bias is trained");
    }

    #[test]
    fn every_update_ends_on_the_constraint_and_the_velocity_keeps_its_radial_part() {
        let mut parameters =
            Parameters::<f64>::new(array![[1.0, 0.0], [0.0, 0.0]].view(), vec![0.0; 2], vec![]);
        let mut sgd = Sgd::new(1.0, 0.5, Constraint::UnitNorm, &parameters);
        let mut products = idle_products(&parameters);
        let mut gradient = sgd.accumulate();
        gradient.weights[[0, 0]] -= -1.0;
        assert!(sgd.update(&mut parameters, &mut products));
        assert_eq!(parameters.weights(), array![[1.0, 0.0], [0.0, 0.0]], "radial motion is projected away");
        assert_eq!(parameters.squared_norms(), [1.0, 0.0], "a zero row stays zero");
        // The radial velocity 1 has decayed to 0.5, so a tangential step of 1.5 leads to (1.5, 1.5) / norm.
        sgd.accumulate().weights[[0, 1]] += 1.5;
        assert!(sgd.update(&mut parameters, &mut products));
        let expected = 0.5_f64.sqrt();
        assert!((parameters.weights()[[0, 0]] - expected).abs() < 1e-15);
        assert!((parameters.weights()[[0, 1]] - expected).abs() < 1e-15);
    }

    #[test]
    fn the_adjoint_of_the_squared_norm_is_radial_and_used_once() {
        let mut parameters = Parameters::<f64>::new(array![[3.0, 4.0]].view(), vec![0.0], vec![]);
        let mut sgd = Sgd::new(0.1, 0.0, Constraint::None, &parameters);
        let mut products = idle_products(&parameters);
        sgd.accumulate().squared_norms[0] += 0.5;
        assert!(sgd.update(&mut parameters, &mut products));
        assert!(
            (parameters.weights()[[0, 0]] - 2.7).abs() < 1e-15
                && (parameters.weights()[[0, 1]] - 3.6).abs() < 1e-15
        );
        assert!((parameters.squared_norms()[0] - 20.25).abs() < 1e-13);
        let before = parameters.weights().to_owned();
        assert!(sgd.update(&mut parameters, &mut products));
        assert_eq!(parameters.weights(), before);
    }

    #[test]
    fn parameters_that_are_not_finite_are_reported() {
        for place in 0..3 {
            let mut parameters = Parameters::<f32>::new(array![[1.0, 0.0]].view(), vec![0.0], vec![0.0, 0.0]);
            let mut sgd = Sgd::new(1.0, 0.9, Constraint::None, &parameters);
            let mut products = idle_products(&parameters);
            let mut gradient = sgd.accumulate();
            match place {
                0 => gradient.weights[[0, 1]] = f32::NAN,
                1 => gradient.bias[0] = f32::INFINITY,
                _ => gradient.decoder_bias[1] = f32::NAN,
            }
            assert!(!sgd.update(&mut parameters, &mut products), "place {place}");
        }
    }
}
