//! Theorem 3, Eq. 7: what Gaussian corruption adds to the objective to second order, and its gradient by bias.
//!
//! J_DAE = J_AE + σ² E_x\[own + cross + curvature\] + o(σ²), with G = W Wᵀ, r = y − x in this file (design part 6) and
//!
//! | term | formula |
//! |---|---|
//! | own | Σ_j s'_j² ‖W_j‖⁴, Corollary 2's form (and mDAE's) |
//! | cross | Σ_{j≠k} s'_j s'_k G_jk² |
//! | curvature | Σ_j (W_j·r) s''_j ‖W_j‖², the paper's last term with the sum over inputs done |
//!
//! They are ½ tr of the Hessian of ‖x − f(x̃)‖² by x̃: Σ_i ‖∂y/∂x̃_i‖² = ‖Wᵀ diag(s') W‖_F² = own + cross, and
//! Σ_i r·∂²y/∂x̃_i² = curvature. With q = (G∘G) s', so that own + cross = s'·q, the derivatives by b_j are
//!
//! own 2 s'_j s''_j ‖W_j‖⁴;   cross 2 s''_j (q_j − s'_j ‖W_j‖⁴);
//! curvature (W_j·r) s'''_j ‖W_j‖² + s'_j W_j·Wᵀ(s'' ∘ ‖W‖²)
//!
//! s''' is taken from s'' by central differences in `f64`: no activation needs to know it. Cost: six products for each sample,
//! one of them with the m × m matrix, and m² n once.

use super::clean::{Clean, ROWS, batches};
use crate::activation::ActivationSpec;
use crate::linalg::{Matrix, Write, dots, product, values};
use crate::real::Real;
use crate::state::Parameters;
use ndarray::{ArrayView2, s};
use serde::Serialize;

/// The three terms of Eq. 7, without σ², and their gradients by b_e.
#[derive(Debug, Clone, PartialEq, Serialize)]
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

    /// Its gradient by b_j \[m\].
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

/// Memory for [`SecondOrderTerms`].
pub(super) struct SecondOrder<F> {
    activation: ActivationSpec,
    /// G∘G \[m, m\].
    squared_gram: Matrix<F>,
    /// q = (G∘G) s' \[B, m\].
    q: Matrix<F>,
    /// s'' ∘ ‖W‖² \[B, m\], then W Wᵀ of it.
    bent: Matrix<F>,
    /// Wᵀ(s'' ∘ ‖W‖²) \[B, n\].
    bend: Matrix<F>,
    sums: SecondOrderTerms,
    samples: usize,
}

impl<F: Real> SecondOrder<F> {
    pub(super) fn new(activation: &ActivationSpec, inputs: usize, hidden: usize) -> Self {
        Self {
            activation: activation.clone(),
            squared_gram: Matrix::zeros(hidden, hidden),
            q: Matrix::zeros(ROWS, hidden),
            bent: Matrix::zeros(ROWS, hidden),
            bend: Matrix::zeros(ROWS, inputs),
            sums: SecondOrderTerms::zeros(hidden),
            samples: 0,
        }
    }

    /// The terms over all of `samples` \[M, n\], through a `clean` pass with curvature.
    pub(super) fn measure(
        &mut self,
        clean: &mut Clean<F>,
        parameters: &Parameters<F>,
        samples: ArrayView2<'_, F>,
    ) -> SecondOrderTerms {
        self.begin(parameters);
        for (start, rows) in batches(samples.nrows()) {
            clean.run(parameters, samples.slice(s![start..start + rows, ..]));
            self.add(clean, parameters);
        }
        self.finish()
    }

    /// G∘G of the parameters; nothing seen yet.
    pub(super) fn begin(&mut self, parameters: &Parameters<F>) {
        let weights = parameters.weights();
        dots(self.squared_gram.view_mut(), Write::Replace, weights, weights);
        self.squared_gram.values_mut().iter_mut().for_each(|g| *g *= *g);
        self.sums = SecondOrderTerms::zeros(parameters.hidden());
        self.samples = 0;
    }

    /// Takes in the batch that `clean` has at hand.
    pub(super) fn add(&mut self, clean: &Clean<F>, parameters: &Parameters<F>) {
        let (slope, m) = (clean.slope(), parameters.hidden());
        let rows = slope.nrows();
        product(self.q.head_mut(rows), Write::Replace, F::one(), slope, self.squared_gram.view());
        let squared_norms = parameters.squared_norms();
        let bent = &mut self.bent.values_mut()[..rows * m];
        for (bent, curvature) in bent.chunks_exact_mut(m).zip(clean.curvature().chunks_exact(m)) {
            bent.iter_mut()
                .zip(curvature)
                .zip(squared_norms)
                .for_each(|((bent, c), norm)| *bent = *c * *norm);
        }
        let weights = parameters.weights();
        product(self.bend.head_mut(rows), Write::Replace, F::one(), self.bent.head(rows), weights);
        dots(self.bent.head_mut(rows), Write::Replace, self.bend.head(rows), weights);
        self.samples += rows;
        for b in 0..rows {
            self.add_sample(clean, squared_norms, b * m..(b + 1) * m);
        }
    }

    fn add_sample(&mut self, clean: &Clean<F>, squared_norms: &[F], at: std::ops::Range<usize>) {
        let slope = clean.slope();
        let wide = |values: &[F], j: usize| values[at.start + j].as_f64();
        let sums = &mut self.sums;
        for (j, squared_norm) in squared_norms.iter().enumerate() {
            let slope = wide(values(&slope), j);
            let curvature = wide(clean.curvature(), j);
            let along = wide(clean.projected(), j);
            let squared_norm = squared_norm.as_f64();
            let own = slope * squared_norm * squared_norm;
            let others = wide(self.q.values(), j) - own;
            sums.own += slope * own;
            sums.cross += slope * others;
            sums.curvature += along * curvature * squared_norm;
            sums.own_gradient[j] += 2.0 * curvature * own;
            sums.cross_gradient[j] += 2.0 * curvature * others;
            let third = third_derivative(&self.activation, wide(clean.pre_activation(), j));
            sums.curvature_gradient[j] += along * third * squared_norm + slope * wide(self.bent.values(), j);
        }
    }

    /// The means over what was taken in.
    pub(super) fn finish(&self) -> SecondOrderTerms {
        let mut terms = self.sums.clone();
        terms.scale(1.0 / self.samples as f64);
        terms
    }
}

/// s'''(a), by a central difference of s''; a kink within the step is not seen for what it is.
fn third_derivative(activation: &ActivationSpec, a: f64) -> f64 {
    // The cube root of the machine epsilon balances truncation and rounding: errors of about 1e-10.
    let h = 6e-6;
    (activation.jet(a + h).curvature - activation.jet(a - h).curvature) / (2.0 * h)
}
