//! The state of a run: its parameters, and the destination of gradients.

use crate::linalg::{Matrix, squared_length};
use crate::real::Real;
use ndarray::{ArrayView2, ArrayViewMut2};

/// W, b_e, b_d and the squared lengths of the rows of W.
#[derive(Debug, Clone)]
pub struct Parameters<F> {
    /// W \[m, n\]: a = W x + b_e, y = Wᵀ h (+ b_d).
    pub(crate) weights: Matrix<F>,
    /// b_e \[m\].
    pub(crate) bias: Vec<F>,
    /// b_d \[n\], or empty without a decoder bias.
    pub(crate) decoder_bias: Vec<F>,
    /// ‖W_j‖² \[m\], always up to date with `weights`.
    pub(crate) squared_norms: Vec<F>,
}

impl<F: Real> Parameters<F> {
    /// Parameters with the weights \[m, n\], the encoder bias \[m\] and the decoder bias \[n\] (empty: none).
    ///
    /// # Panics
    /// If the shapes don't fit.
    pub fn new(weights: ArrayView2<'_, F>, bias: Vec<F>, decoder_bias: Vec<F>) -> Self {
        let (m, n) = weights.dim();
        assert_eq!(bias.len(), m, "the bias has {} values for {m} hidden units", bias.len());
        assert!(
            decoder_bias.is_empty() || decoder_bias.len() == n,
            "the decoder bias doesn't fit {n} inputs"
        );
        let weights = Matrix::from_view(weights);
        let squared_norms = weights.values().chunks_exact(n.max(1)).map(squared_length).collect();
        Self { weights, bias, decoder_bias, squared_norms }
    }

    /// m, the number of hidden units.
    pub fn hidden(&self) -> usize {
        self.weights.rows()
    }

    /// n, the number of inputs.
    pub fn inputs(&self) -> usize {
        self.weights.columns()
    }

    /// W \[m, n\].
    pub fn weights(&self) -> ArrayView2<'_, F> {
        self.weights.view()
    }

    /// b_e \[m\].
    pub fn bias(&self) -> &[F] {
        &self.bias
    }

    /// b_d \[n\], or empty without a decoder bias.
    pub fn decoder_bias(&self) -> &[F] {
        &self.decoder_bias
    }

    /// ‖W_j‖² \[m\].
    pub fn squared_norms(&self) -> &[F] {
        &self.squared_norms
    }
}

/// The destination to which scale · ∇J is added: the velocity of a run, or a separate buffer.
#[derive(Debug)]
pub struct Gradient<'g, F> {
    /// Factor of every addition: −η in training, 1 for the gradient itself.
    pub scale: F,
    /// Gradient of W \[m, n\].
    pub weights: ArrayViewMut2<'g, F>,
    /// Gradient of b_e \[m\].
    pub bias: &'g mut [F],
    /// Gradient of b_d \[n\]; empty without a decoder bias.
    pub decoder_bias: &'g mut [F],
    /// ∂J/∂‖W_j‖² \[m\], **unscaled**. The following pass over the weights adds scale · 2 · ∂J/∂‖W_j‖² · W_j to row j of the
    /// weights' gradient.
    pub squared_norms: &'g mut [F],
}

/// Memory for a [`Gradient`].
#[derive(Debug, Clone)]
pub struct GradientBuffer<F> {
    pub(crate) weights: Matrix<F>,
    pub(crate) bias: Vec<F>,
    pub(crate) decoder_bias: Vec<F>,
    pub(crate) squared_norms: Vec<F>,
}

impl<F: Real> GradientBuffer<F> {
    /// Zeros in the shapes of `parameters`.
    pub fn zeros(parameters: &Parameters<F>) -> Self {
        Self {
            weights: Matrix::zeros(parameters.hidden(), parameters.inputs()),
            bias: vec![F::zero(); parameters.bias.len()],
            decoder_bias: vec![F::zero(); parameters.decoder_bias.len()],
            squared_norms: vec![F::zero(); parameters.hidden()],
        }
    }

    /// The buffer as the destination of `scale` · ∇J.
    pub fn accumulate(&mut self, scale: F) -> Gradient<'_, F> {
        Gradient {
            scale,
            weights: self.weights.view_mut(),
            bias: &mut self.bias,
            decoder_bias: &mut self.decoder_bias,
            squared_norms: &mut self.squared_norms,
        }
    }
}

impl<F: Real> Parameters<F> {
    /// W by rows, then b_e, then b_d.
    pub(crate) fn flatten(&self) -> Vec<F> {
        [self.weights.values(), &self.bias, &self.decoder_bias].concat()
    }

    /// Parameters of the same shapes with the values of [`Parameters::flatten`].
    pub(crate) fn with_values(&self, flat: &[F]) -> Self {
        let (weights, rest) = flat.split_at(self.weights.values().len());
        let (bias, decoder_bias) = rest.split_at(self.bias.len());
        let weights =
            ArrayView2::from_shape((self.hidden(), self.inputs()), weights).expect("the same shape");
        Self::new(weights, bias.to_vec(), decoder_bias.to_vec())
    }
}

impl<F: Real> GradientBuffer<F> {
    /// The gradient in the order of [`Parameters::flatten`], including the adjoints of the squared norms.
    pub(crate) fn flatten(&self, parameters: &Parameters<F>) -> Vec<F> {
        let mut weights = self.weights.values().to_vec();
        let n = parameters.inputs();
        for (j, adjoint) in self.squared_norms.iter().enumerate() {
            let row = j * n..(j + 1) * n;
            for (g, w) in weights[row.clone()].iter_mut().zip(&parameters.weights.values()[row]) {
                *g += F::from_f64(2.0) * *adjoint * *w;
            }
        }
        [&weights[..], &self.bias, &self.decoder_bias].concat()
    }
}
