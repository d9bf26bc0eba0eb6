//! Forward and backward pass of a regularized auto-encoder on one mini-batch.
//!
//! J = E_x ‖x − y‖² + the regularizer's term,   a = W x̃ + b_e,   h = s_e(a),   y = Wᵀ h (+ b_d)
//!
//! E_x is the mean over the batch's samples; the loss is the sum over the n inputs without ½ and without 1/n, as Eq. 10 → 11
//! and the 2 of Lemma 1 require. Only this module has the factor 2 / B of the loss's gradient. A model that corrupts each sample
//! K times has K·B rows with repeated targets, and E_x is the mean over all of them. Cost: five products of 2 K B m n operations;
//! nothing is allocated after construction.

use crate::activation::{ActivationSpec, Batch};
use crate::linalg::{
    Matrix, Products, ShapeClass, Team, Write, add_column_sums, dots, multiply, residual, values, values_mut,
};
use crate::real::Real;
use crate::regularizer::{Adjoints, Forward, Regularizer, Shape, Step, Uses};
use crate::state::{Gradient, Parameters};
use ndarray::{Array2, ArrayView1, ArrayView2, ArrayViewMut2};

mod gradient_error;

pub use gradient_error::gradient_error;
#[cfg(test)]
pub(crate) use gradient_error::{central_differences, relative_error};

/// The objective of one model, with the buffers for batches of up to `shape.batch` samples.
pub struct Objective<F> {
    activation: ActivationSpec,
    regularizer: Box<dyn Regularizer<F>>,
    uses: Uses,
    /// K, the number of rows of each sample; B below counts all K·B rows.
    draws: usize,
    products: Products<F>,
    /// x̃ \[B, n\].
    corrupted: Matrix<F>,
    /// a, then ∂J/∂h and ∂J/∂a \[B, m\].
    pre_activation: Matrix<F>,
    /// h \[B, m\].
    hidden: Matrix<F>,
    /// s'(a) \[B, m\].
    slope: Matrix<F>,
    /// s''(a) \[B, m\], or no rows.
    curvature: Matrix<F>,
    /// ∂R/∂a \[B, m\], or no rows.
    pre_activation_adjoint: Matrix<F>,
    /// y, then ∂J/∂y \[B, n\].
    output: Matrix<F>,
    /// Column sums, of length max(m, n).
    sums: Vec<F>,
}

impl<F: Real> Objective<F> {
    /// The objective of `activation` and `regularizer` for batches of up to `shape.batch` samples.
    pub fn new(
        activation: impl Into<ActivationSpec>,
        regularizer: Box<dyn Regularizer<F>>,
        shape: Shape,
    ) -> Self {
        let Shape { batch, inputs, hidden } = shape;
        let (uses, draws) = (regularizer.uses(), regularizer.draws());
        let batch = draws * batch;
        Self {
            activation: activation.into(),
            regularizer,
            uses,
            draws,
            products: Products::new(batch, inputs, hidden),
            corrupted: Matrix::zeros(batch, inputs),
            pre_activation: Matrix::zeros(batch, hidden),
            hidden: Matrix::zeros(batch, hidden),
            slope: Matrix::zeros(batch, hidden),
            curvature: Matrix::zeros(rows_if(uses.curvature, batch), hidden),
            pre_activation_adjoint: Matrix::zeros(rows_if(uses.pre_activation_adjoint, batch), hidden),
            output: Matrix::zeros(batch, inputs),
            sums: vec![F::zero(); hidden.max(inputs)],
        }
    }

    /// The same objective, whose products the threads of `team` share.
    #[must_use]
    pub fn with_team(self, team: Team) -> Self {
        Self { products: self.products.with_team(team), ..self }
    }

    /// The same objective, with the limit of `class` between sparse and dense batches.
    #[must_use]
    pub fn with_shape_class(self, class: ShapeClass) -> Self {
        Self { products: self.products.with_shape_class(class), ..self }
    }

    /// Adds `gradient.scale` · ∇J of the samples `batch` \[B, n\] to `gradient` and returns J. Part of the weights' gradient may
    /// stay pending in [`Objective::products_mut`]: the update, [`Products::add_pending`], or the next call adds it.
    ///
    /// # Panics
    /// If the batch is empty, larger than the buffers, or doesn't fit the parameters or the step.
    pub fn evaluate(
        &mut self,
        parameters: &Parameters<F>,
        batch: ArrayView2<'_, F>,
        step: Step<'_>,
        gradient: &mut Gradient<'_, F>,
    ) -> f64 {
        let (samples, inputs) = batch.dim();
        let rows = self.draws * samples;
        assert!(
            (1..=self.output.rows()).contains(&rows) && inputs == parameters.inputs(),
            "a batch of {:?} for {} samples of {} inputs",
            batch.dim(),
            self.output.rows() / self.draws,
            parameters.inputs()
        );
        assert_eq!(step.samples.len(), samples, "a step of {} samples for {samples}", step.samples.len());
        // Terms are still pending if no update followed the last call; they would be lost with its batch.
        self.products.add_pending(gradient.weights.view_mut());
        let corrupted = self.regularizer.corrupt(batch, step, self.corrupted.head_mut(rows));
        assert!(corrupted || self.draws == 1, "{} draws of samples that are not corrupted", self.draws);
        let input = if corrupted { self.corrupted.head(rows) } else { batch };
        let mut pre_activation = self.pre_activation.head_mut(rows);
        let vanishes = self.activation.vanishes();
        self.products.encode(pre_activation.view_mut(), input, parameters.weights());
        let mut hidden = self.hidden.head_mut(rows);
        let mut slope = self.slope.head_mut(rows);
        let mut curvature = self.curvature.head_mut(rows_if(self.uses.curvature, rows));
        let into = Batch {
            pre_activation: values_mut(&mut pre_activation),
            hidden: values_mut(&mut hidden),
            slope: values_mut(&mut slope),
            curvature: values_mut(&mut curvature),
        };
        self.activation.apply(&parameters.bias, into);
        let (mut output, hidden) = (self.output.head_mut(rows), self.hidden.head(rows));
        self.products.begin(hidden, vanishes);
        self.products.combine(output.view_mut(), hidden, parameters.weights());
        let scale = F::from_f64(2.0 / rows as f64);
        let draws = values_mut(&mut output).chunks_exact_mut(batch.len());
        let errors = draws.map(|y| residual(y, values(&batch), &parameters.decoder_bias, inputs, scale));
        let loss = errors.sum::<f64>() / rows as f64;
        let penalty = self.penalize(parameters, batch, step, gradient);
        self.backward(parameters, corrupted, batch, gradient);
        loss + penalty
    }

    /// Lets the regularizer add its adjoints and returns its value. The output's adjoint is already set; the adjoints of h and a
    /// start at 0 if the regularizer uses them.
    fn penalize(
        &mut self,
        parameters: &Parameters<F>,
        batch: ArrayView2<'_, F>,
        step: Step<'_>,
        gradient: &mut Gradient<'_, F>,
    ) -> f64 {
        let rows = self.draws * batch.nrows();
        // a is no longer needed, so its buffer becomes the adjoint of h.
        let mut hidden_adjoint = self.pre_activation.head_mut(rows_if(self.uses.hidden_adjoint, rows));
        let mut pre_activation_adjoint =
            self.pre_activation_adjoint.head_mut(rows_if(self.uses.pre_activation_adjoint, rows));
        hidden_adjoint.fill(F::zero());
        pre_activation_adjoint.fill(F::zero());
        let forward = Forward {
            target: batch,
            hidden: self.hidden.head(rows),
            slope: self.slope.head(rows),
            curvature: self.curvature.head(rows_if(self.uses.curvature, rows)),
            parameters,
        };
        let mut adjoints = Adjoints {
            output: self.output.head_mut(rows),
            hidden: hidden_adjoint,
            pre_activation: pre_activation_adjoint,
            gradient,
            products: &mut self.products,
        };
        self.regularizer.penalize(&forward, step, &mut adjoints)
    }

    /// Backward pass from ∂J/∂y to the parameters: ∂J/∂h = W ∂J/∂y, ∂J/∂a = ∂J/∂h ∘ s', ∂J/∂W = ∂J/∂a x̃ᵀ + h (∂J/∂y)ᵀ.
    fn backward(
        &mut self,
        parameters: &Parameters<F>,
        corrupted: bool,
        batch: ArrayView2<'_, F>,
        gradient: &mut Gradient<'_, F>,
    ) {
        let rows = self.draws * batch.nrows();
        let input = if corrupted { self.corrupted.head(rows) } else { batch };
        let output_adjoint = self.output.head(rows);
        let write = if self.uses.hidden_adjoint { Write::Add } else { Write::Replace };
        let mut adjoint = self.pre_activation.head_mut(rows);
        self.products.project(adjoint.view_mut(), write, output_adjoint, parameters.weights());
        let adjoint_values = values_mut(&mut adjoint);
        multiply(adjoint_values, &self.slope.values()[..adjoint_values.len()]);
        if self.uses.pre_activation_adjoint {
            let penalty = self.pre_activation_adjoint.values();
            adjoint_values.iter_mut().zip(penalty).for_each(|(value, add)| *value += *add);
        }
        let scale = gradient.scale;
        add_column_sums(gradient.bias, &mut self.sums[..parameters.hidden()], adjoint_values, scale);
        if !parameters.decoder_bias.is_empty() {
            let sums = &mut self.sums[..parameters.inputs()];
            add_column_sums(gradient.decoder_bias, sums, values(&output_adjoint), scale);
        }
        let terms = [(adjoint.view(), input), (self.hidden.head(rows), output_adjoint)];
        self.products.add_last_outer(gradient.weights.view_mut(), scale, terms);
    }

    /// The products of the batch.
    pub fn products(&self) -> &Products<F> {
        &self.products
    }

    /// The products of the batch, mutable; part of its gradient may be pending there until the update.
    pub fn products_mut(&mut self) -> &mut Products<F> {
        &mut self.products
    }

    /// The regularizer.
    pub fn regularizer(&self) -> &dyn Regularizer<F> {
        &*self.regularizer
    }

    /// The regularizer, mutable, for measuring its term on clean samples.
    pub fn regularizer_mut(&mut self) -> &mut dyn Regularizer<F> {
        &mut *self.regularizer
    }
}

/// a = W x + b_e, h = s_e(a) and, unless their slices are empty, s'(a) and s''(a), for the samples `input` \[B, n\]. The threads of `team`
/// share the product.
///
/// # Panics
/// If the shapes don't fit.
pub fn encode<F: Real>(
    team: &Team,
    activation: &ActivationSpec,
    parameters: &Parameters<F>,
    input: ArrayView2<'_, F>,
    into: Batch<'_, F>,
) {
    let shape = (input.nrows(), parameters.hidden());
    let destination = ArrayViewMut2::from_shape(shape, &mut *into.pre_activation);
    let destination = destination.expect("the pre-activation has one value per sample and unit");
    dots(team, destination, Write::Replace, input, parameters.weights());
    activation.apply(&parameters.bias, into);
}

/// y = Wᵀ h (+ b_d) \[B, n\] with h = s_e(W x + b_e) for the samples `input` \[B, n\], clean or corrupted. It allocates its
/// buffers, so it suits a few samples, not training.
///
/// # Panics
/// If the shapes don't fit, or the samples aren't row-major.
pub fn reconstruct<F: Real>(
    activation: &ActivationSpec,
    parameters: &Parameters<F>,
    input: ArrayView2<'_, F>,
) -> Array2<F> {
    let (rows, n) = input.dim();
    let m = parameters.hidden();
    let [mut pre_activation, mut hidden] = [(); 2].map(|()| Matrix::zeros(rows, m));
    let into = Batch {
        pre_activation: pre_activation.values_mut(),
        hidden: hidden.values_mut(),
        slope: &mut [],
        curvature: &mut [],
    };
    encode(&Team::alone(), activation, parameters, input, into);
    let mut output = Matrix::zeros(rows, n);
    let mut products = Products::new(rows, n, m);
    products.begin(hidden.view(), activation.vanishes());
    products.combine(output.view_mut(), hidden.view(), parameters.weights());
    let mut y = output.view().to_owned();
    if let Ok(decoder_bias) = ArrayView1::from_shape(n, parameters.decoder_bias()) {
        y += &decoder_bias;
    }
    y
}

/// The number of rows of a buffer: 0 unless it is `used`.
fn rows_if(used: bool, rows: usize) -> usize {
    if used { rows } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::activation::ActivationKind;
    use crate::random::Noise;
    use crate::regularizer::RegularizerSpec;
    use crate::state::GradientBuffer;
    use ndarray::{Axis, array};

    /// ∇J of one half of the samples and then of the other, summed in one buffer.
    fn gradient_of_halves<F: Real>(activation: &ActivationSpec) -> Vec<f64> {
        let shape = Shape { batch: 25, inputs: 33, hidden: 70 };
        let normals = |number: u64, rows: usize, scale: f64| {
            let mut values = Array2::<F>::zeros((rows, shape.inputs));
            Noise::new(1).fill_scaled(number, F::from_f64(scale), values.as_slice_mut().unwrap());
            values
        };
        let (weights, samples) = (normals(0, shape.hidden, 0.2), normals(1, 2 * shape.batch, 1.0));
        let bias = vec![F::from_f64(-0.5); shape.hidden];
        let parameters = Parameters::new(weights.view(), bias, vec![F::zero(); shape.inputs]);
        let regularizer = RegularizerSpec::none().build(0.0, shape);
        let mut objective = Objective::new(activation, regularizer, shape);
        // ReLU vanishes below 0, so its batches are sparse; the sigmoid's are dense. So both kinds of pending terms occur.
        objective.products_mut().always_sparse();
        let mut buffer = GradientBuffer::zeros(&parameters);
        for (number, half) in (0..).zip(samples.axis_chunks_iter(Axis(0), shape.batch)) {
            let step = Step { noise: &Noise::new(1), number, samples: &[0; 25] };
            objective.evaluate(&parameters, half, step, &mut buffer.accumulate(F::one()));
        }
        objective.products_mut().add_pending(buffer.accumulate(F::one()).weights);
        buffer.flatten(&parameters).into_iter().map(Real::as_f64).collect()
    }

    /// In single precision terms stay pending, because 25 · 33 · 70 multiplications are more than a small product has.
    #[test]
    fn a_second_call_before_an_update_loses_nothing_of_the_first() {
        for activation in [ActivationKind::Sigmoid, ActivationKind::Relu].map(ActivationSpec::from) {
            let (single, double) =
                (gradient_of_halves::<f32>(&activation), gradient_of_halves::<f64>(&activation));
            let error = relative_error(&single, &double);
            assert!(error < 1e-5, "{activation:?}: {error:e}");
        }
    }

    #[test]
    fn a_reconstruction_equals_scalar_loops() {
        let weights = array![[0.5, -1.0, 0.25], [2.0, 0.0, -0.5]];
        let samples = array![[1.0, 0.5, -2.0], [0.0, -1.0, 3.0], [-1.0, 0.25, 0.5]];
        for activation in
            [ActivationKind::Relu, ActivationKind::Sigmoid, ActivationKind::Tanh].map(ActivationSpec::from)
        {
            for decoder_bias in [vec![], vec![0.1, -0.2, 0.3]] {
                let parameters = Parameters::new(weights.view(), vec![0.1_f64, -0.3], decoder_bias.clone());
                let y = reconstruct(&activation, &parameters, samples.view());
                for ((sample, i), found) in y.indexed_iter() {
                    let unit = |j: usize| {
                        let a: f64 = (0..3).map(|i| weights[[j, i]] * samples[[sample, i]]).sum();
                        weights[[j, i]] * activation.jet(a + parameters.bias()[j]).value
                    };
                    let expected = unit(0) + unit(1) + decoder_bias.get(i).copied().unwrap_or(0.0);
                    assert!((found - expected).abs() < 1e-12, "{activation:?} {found} {expected}");
                }
            }
        }
    }
}
