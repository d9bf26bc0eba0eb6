//! Explicit first-order Taylor expansion of the DAE (eDAE), §3.1.1.
//!
//! J = E_x\[ ‖x − f(x)‖² + dᵀ ∇_x̃ ℓ(x, f(x̃)) at x̃ = x \],   d = x̃ − x = σ ε
//!
//! With u = W d, v = s'(a) ∘ u and z = Wᵀ v (the decoder's response to d), the second term is T = 2 E_x\[(y − x)·z\].
//! Adjoints, with g = 2 (y − x) / B: ∂T/∂y = 2 z / B; ∂T/∂v = W g; ∂T/∂a = (W g) ∘ u ∘ s''(a);
//! ∂T/∂W = v gᵀ + (W g ∘ s') dᵀ, the first term through the decoder and the second through u.
//!
//! T is odd in ε, so E\[T\] = 0: only the finite sample of ε has an effect. With `noise = "fixed"` all epochs share one sample
//! of ε. Cost: the noise and five more products.

use super::presentation::{NOISE, Presentation};
use super::{Adjoints, Forward, Model, Regularizer, Shape, Step, Uses};
use crate::linalg::{Matrix, Write, values, values_mut};
#[cfg(test)]
use crate::parameter::Value;
use crate::parameter::{Parameter, Values};
use crate::real::Real;

pub(super) struct Edae;

impl Model for Edae {
    const NAME: &'static str = "edae";
    const LEGEND: &'static str = "eDAE";
    const SOURCE: &'static str = "§3.1.1";
    const PARAMETERS: &'static [Parameter] = &[NOISE];

    fn build<F: Real>(values: &Values, sigma_squared: f64, shape: Shape) -> Box<dyn Regularizer<F>> {
        Box::new(FirstOrder::new(sigma_squared.sqrt(), Presentation::of(values), shape))
    }
}

#[cfg(test)]
impl super::tests::TestedModel for Edae {
    fn examples() -> Vec<Vec<(&'static str, Value)>> {
        ["fresh", "fixed"].map(|noise| vec![("noise", Value::Choice(noise))]).into()
    }

    /// The directional derivative by central differences of the loss itself, without s' and s''.
    fn oracle(network: &super::tests::Network, values: &Values, sigma_squared: f64) -> f64 {
        let sigma = sigma_squared.sqrt();
        network.mean_drawn(values.choice("noise"), 0, |x, drawn| {
            let along = |t: f64| {
                let moved: Vec<f64> = x.iter().zip(&drawn.normals).map(|(x, e)| x + t * sigma * e).collect();
                network.loss(x, &moved)
            };
            let t = 1e-4;
            // Fourth-order differences have an error far below the tests' tolerance.
            let derivative = (8.0 * (along(t) - along(-t)) - (along(2.0 * t) - along(-2.0 * t))) / (12.0 * t);
            network.loss(x, x) + derivative
        })
    }
}

pub(super) struct FirstOrder<F> {
    sigma: F,
    presentation: Presentation,
    /// d \[B, n\].
    displacement: Matrix<F>,
    /// z \[B, n\].
    response: Matrix<F>,
    /// u \[B, m\].
    u: Matrix<F>,
    /// v \[B, m\].
    v: Matrix<F>,
    /// W g \[B, m\], then W g ∘ s'.
    adjoint: Matrix<F>,
}

impl<F: Real> FirstOrder<F> {
    /// The regularizer for the corruption σ ε; σ may be negative.
    pub(super) fn new(sigma: f64, presentation: Presentation, shape: Shape) -> Self {
        let hidden = || Matrix::zeros(shape.batch, shape.hidden);
        Self {
            sigma: F::from_f64(sigma),
            presentation,
            displacement: Matrix::zeros(shape.batch, shape.inputs),
            response: Matrix::zeros(shape.batch, shape.inputs),
            u: hidden(),
            v: hidden(),
            adjoint: hidden(),
        }
    }
}

impl<F: Real> Regularizer<F> for FirstOrder<F> {
    fn uses(&self) -> Uses {
        Uses { curvature: true, pre_activation_adjoint: true, ..Uses::default() }
    }

    fn penalize(
        &mut self,
        forward: &Forward<'_, F>,
        step: Step<'_>,
        adjoints: &mut Adjoints<'_, '_, F>,
    ) -> f64 {
        let batch = forward.target.nrows();
        let weights = forward.parameters.weights();
        let slope = values(&forward.slope);
        let curvature = values(&forward.curvature);

        let mut d = self.displacement.head_mut(batch);
        let (inputs, d_values) = (forward.target.ncols(), values_mut(&mut d));
        for call in self.presentation.calls(step, 0) {
            call.noise.fill_scaled(call.number, self.sigma, &mut d_values[call.values(inputs)]);
        }
        adjoints.products.project(self.u.head_mut(batch), Write::Replace, d.view(), weights);
        let mut v = self.v.head_mut(batch);
        let v_values = values_mut(&mut v).iter_mut();
        for ((v, u), slope) in v_values.zip(self.u.values()).zip(slope) {
            *v = *u * *slope;
        }
        adjoints.products.combine(self.response.head_mut(batch), v.view(), weights);

        // The output's adjoint is still g.
        let g = adjoints.output.view();
        let value = g.iter().zip(self.response.values()).map(|(g, z)| g.as_f64() * z.as_f64()).sum();
        adjoints.products.project(self.adjoint.head_mut(batch), Write::Replace, g, weights);

        let adjoint = &mut self.adjoint.values_mut()[..slope.len()];
        let pre_activation = values_mut(&mut adjoints.pre_activation);
        let derivatives = slope.iter().zip(curvature);
        for (((a, w), u), (slope, curvature)) in
            pre_activation.iter_mut().zip(adjoint).zip(self.u.values()).zip(derivatives)
        {
            *a += *w * *u * *curvature;
            *w *= *slope;
        }
        let gradient = &mut *adjoints.gradient;
        let terms = [(v.view(), g), (self.adjoint.head(batch), d.view())];
        adjoints.products.add_outer(gradient.weights.view_mut(), gradient.scale, terms);

        let scale = F::from_f64(2.0 / batch as f64);
        adjoints.output.scaled_add(scale, &self.response.head(batch));
        value
    }
}
