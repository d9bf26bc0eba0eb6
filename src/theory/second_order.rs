//! Theorem 3, Eq. 7: the second-order term that Gaussian corruption adds to the objective, and its bias gradient.
//!
//! J_DAE = J_AE + σ² E_x\[own + cross + curvature\] + o(σ²), with G = W Wᵀ, in this file r = y − x, and
//!
//! | term | formula |
//! |---|---|
//! | own | Σ_j s'_j² ‖W_j‖⁴, the form of Corollary 2 and mDAE |
//! | cross | Σ_{j≠k} s'_j s'_k G_jk² |
//! | curvature | Σ_j (W_j·r) s''_j ‖W_j‖², the paper's last term summed over the inputs |
//!
//! Their sum is ½ of the trace of the Hessian of ‖x − f(x̃)‖² by x̃: Σ_i ‖∂y/∂x̃_i‖² = ‖Wᵀ diag(s') W‖_F² = own + cross, and
//! Σ_i r·∂²y/∂x̃_i² = curvature. With q = (G∘G) s', so that own + cross = s'·q, the derivatives by b_j are
//!
//! own 2 s'_j s''_j ‖W_j‖⁴;   cross 2 s''_j (q_j − s'_j ‖W_j‖⁴);
//! curvature (W_j·r) s'''_j ‖W_j‖² + s'_j W_j·Wᵀ(s'' ∘ ‖W‖²)
//!
//! s''' is a central difference of s'' in `f64`, so activations need not define it. Cost: six products for each sample, one of
//! them with the m × m matrix, and m² n once.

use super::clean::{CleanPass, ROWS, batches};
use crate::activation::ActivationSpec;
use crate::linalg::{Matrix, Team, Write, dots, product, values};
use crate::real::Real;
use crate::state::Parameters;
use ndarray::{ArrayView2, s};

/// The three terms of Eq. 7, without σ², and their gradients by b_e.
#[derive(Debug, Clone, PartialEq)]
pub struct SecondOrderTerms {
    /// E\[Σ_j s'_j² ‖W_j‖⁴\].
    pub own: f64,
    /// E\[Σ_{j≠k} s'_j s'_k (W_j·W_k)²\].
    pub cross: f64,
    /// E\[Σ_j (W_j·(y − x)) s''_j ‖W_j‖²\].
    pub curvature: f64,
    /// ∂own/∂b_j \[m\].
    pub own_gradient: Vec<f64>,
    /// ∂cross/∂b_j \[m\].
    pub cross_gradient: Vec<f64>,
    /// ∂curvature/∂b_j \[m\].
    pub curvature_gradient: Vec<f64>,
}

impl SecondOrderTerms {
    fn zeros(hidden: usize) -> Self {
        let zeros = || vec![0.0; hidden];
        Self {
            own: 0.0,
            cross: 0.0,
            curvature: 0.0,
            own_gradient: zeros(),
            cross_gradient: zeros(),
            curvature_gradient: zeros(),
        }
    }

    /// The sum of the three terms.
    pub fn total(&self) -> f64 {
        self.own + self.cross + self.curvature
    }

    /// The gradient of the total by b_j \[m\].
    pub fn total_gradient(&self) -> Vec<f64> {
        let both = self.own_gradient.iter().zip(&self.cross_gradient);
        both.zip(&self.curvature_gradient).map(|((own, cross), curvature)| own + cross + curvature).collect()
    }

    fn scale(&mut self, factor: f64) {
        for value in [&mut self.own, &mut self.cross, &mut self.curvature] {
            *value *= factor;
        }
        for gradient in [&mut self.own_gradient, &mut self.cross_gradient, &mut self.curvature_gradient] {
            gradient.iter_mut().for_each(|value| *value *= factor);
        }
    }
}

/// Measures [`SecondOrderTerms`]; holds the buffers.
pub(super) struct SecondOrder<F> {
    activation: ActivationSpec,
    /// G∘G \[m, m\].
    squared_gram: Matrix<F>,
    /// q = (G∘G) s' \[B, m\].
    q: Matrix<F>,
    /// s'' ∘ ‖W‖² \[B, m\], then W Wᵀ of it.
    curved: Matrix<F>,
    /// Wᵀ(s'' ∘ ‖W‖²) \[B, n\].
    curved_output: Matrix<F>,
    sums: SecondOrderTerms,
    samples: usize,
}

impl<F: Real> SecondOrder<F> {
    pub(super) fn new(activation: &ActivationSpec, inputs: usize, hidden: usize) -> Self {
        Self {
            activation: activation.clone(),
            squared_gram: Matrix::zeros(hidden, hidden),
            q: Matrix::zeros(ROWS, hidden),
            curved: Matrix::zeros(ROWS, hidden),
            curved_output: Matrix::zeros(ROWS, inputs),
            sums: SecondOrderTerms::zeros(hidden),
            samples: 0,
        }
    }

    /// The terms over all `samples` \[M, n\]; `clean` is a pass with curvature.
    pub(super) fn measure(
        &mut self,
        clean: &mut CleanPass<F>,
        parameters: &Parameters<F>,
        samples: ArrayView2<'_, F>,
    ) -> SecondOrderTerms {
        self.begin(clean.team(), parameters);
        for (start, rows) in batches(samples.nrows()) {
            clean.run(parameters, samples.slice(s![start..start + rows, ..]));
            self.add(clean, parameters);
        }
        self.finish()
    }

    /// Computes G∘G of the parameters, a product that `team` shares, and clears the sums.
    pub(super) fn begin(&mut self, team: &Team, parameters: &Parameters<F>) {
        let weights = parameters.weights();
        dots(team, self.squared_gram.view_mut(), Write::Replace, weights, weights);
        self.squared_gram.values_mut().iter_mut().for_each(|g| *g *= *g);
        self.sums = SecondOrderTerms::zeros(parameters.hidden());
        self.samples = 0;
    }

    /// Adds the current batch of `clean`.
    pub(super) fn add(&mut self, clean: &CleanPass<F>, parameters: &Parameters<F>) {
        let (slope, m) = (clean.slope(), parameters.hidden());
        let rows = slope.nrows();
        product(self.q.head_mut(rows), Write::Replace, F::one(), slope, self.squared_gram.view());
        let squared_norms = parameters.squared_norms();
        let curved = &mut self.curved.values_mut()[..rows * m];
        for (curved, curvature) in curved.chunks_exact_mut(m).zip(clean.curvature().chunks_exact(m)) {
            curved
                .iter_mut()
                .zip(curvature)
                .zip(squared_norms)
                .for_each(|((curved, c), norm)| *curved = *c * *norm);
        }
        let weights = parameters.weights();
        product(self.curved_output.head_mut(rows), Write::Replace, F::one(), self.curved.head(rows), weights);
        dots(
            clean.team(),
            self.curved.head_mut(rows),
            Write::Replace,
            self.curved_output.head(rows),
            weights,
        );
        self.samples += rows;
        for b in 0..rows {
            self.add_sample(clean, squared_norms, b * m..(b + 1) * m);
        }
    }

    /// Adds one sample, whose values by unit are at `range` in the batch's matrices.
    fn add_sample(&mut self, clean: &CleanPass<F>, squared_norms: &[F], range: std::ops::Range<usize>) {
        let slope = clean.slope();
        let wide = |values: &[F], j: usize| values[range.start + j].as_f64();
        let sums = &mut self.sums;
        for (j, squared_norm) in squared_norms.iter().enumerate() {
            let slope = wide(values(&slope), j);
            let curvature = wide(clean.curvature(), j);
            let projected = wide(clean.projected(), j);
            let squared_norm = squared_norm.as_f64();
            let own = slope * squared_norm * squared_norm;
            let others = wide(self.q.values(), j) - own;
            sums.own += slope * own;
            sums.cross += slope * others;
            sums.curvature += projected * curvature * squared_norm;
            sums.own_gradient[j] += 2.0 * curvature * own;
            sums.cross_gradient[j] += 2.0 * curvature * others;
            let third = third_derivative(&self.activation, wide(clean.pre_activation(), j));
            sums.curvature_gradient[j] +=
                projected * third * squared_norm + slope * wide(self.curved.values(), j);
        }
    }

    /// The means over the samples seen so far.
    pub(super) fn finish(&self) -> SecondOrderTerms {
        let mut terms = self.sums.clone();
        terms.scale(1.0 / self.samples as f64);
        terms
    }
}

/// s'''(a) by a central difference of s''; it is wrong if a kink is within the step.
fn third_derivative(activation: &ActivationSpec, a: f64) -> f64 {
    // The cube root of the machine epsilon balances truncation and rounding; the error is about 1e-10.
    let h = 6e-6;
    (activation.jet(a + h).curvature - activation.jet(a - h).curvature) / (2.0 * h)
}
