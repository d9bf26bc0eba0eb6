//! The forward pass over clean samples with the one product of the backward pass that the bias needs.

use crate::activation::{ActivationSpec, Batch};
use crate::linalg::{Matrix, Products, Write, residual, values, values_mut};
use crate::objective::encode;
use crate::real::Real;
use crate::regularizer::Forward;
use crate::state::Parameters;
use ndarray::ArrayView2;

/// Samples of one batch: constant, for the bits of a dense product depend on how many there are.
pub(super) const ROWS: usize = 100;

/// What one batch of clean samples leaves behind; B samples, n inputs, m hidden units.
pub(super) struct Clean<F> {
    activation: ActivationSpec,
    products: Products<F>,
    /// Samples of the batch at hand.
    rows: usize,
    pre_activation: Matrix<F>,
    hidden: Matrix<F>,
    slope: Matrix<F>,
    /// s''(a), or no rows.
    curvature: Matrix<F>,
    /// y − x \[B, n\]: the paper's residual r with its sign turned.
    error: Matrix<F>,
    /// W_j·(y − x) \[B, m\].
    projected: Matrix<F>,
}

impl<F: Real> Clean<F> {
    /// Buffers for up to [`ROWS`] samples; s'' is computed only where asked for.
    pub(super) fn new(activation: &ActivationSpec, inputs: usize, hidden: usize, curvature: bool) -> Self {
        Self {
            activation: activation.clone(),
            products: Products::new(ROWS, inputs, hidden),
            rows: 0,
            pre_activation: Matrix::zeros(ROWS, hidden),
            hidden: Matrix::zeros(ROWS, hidden),
            slope: Matrix::zeros(ROWS, hidden),
            curvature: Matrix::zeros(if curvature { ROWS } else { 0 }, hidden),
            error: Matrix::zeros(ROWS, inputs),
            projected: Matrix::zeros(ROWS, hidden),
        }
    }

    /// Encodes, decodes and projects `batch` \[B, n\], B ≤ [`ROWS`]: three products.
    pub(super) fn run(&mut self, parameters: &Parameters<F>, batch: ArrayView2<'_, F>) {
        let (rows, m) = (batch.nrows(), parameters.hidden());
        self.rows = rows;
        let curved = rows.min(self.curvature.rows());
        let into = Batch {
            pre_activation: &mut self.pre_activation.values_mut()[..rows * m],
            hidden: &mut self.hidden.values_mut()[..rows * m],
            slope: &mut self.slope.values_mut()[..rows * m],
            curvature: &mut self.curvature.values_mut()[..curved * m],
        };
        encode(&self.activation, parameters, batch, into);
        let (mut error, hidden) = (self.error.head_mut(rows), self.hidden.head(rows));
        self.products.begin(hidden, self.activation.vanishes());
        self.products.combine(error.view_mut(), hidden, parameters.weights());
        let (decoder_bias, n) = (parameters.decoder_bias(), parameters.inputs());
        residual(values_mut(&mut error), values(&batch), decoder_bias, n, F::one());
        let projected = self.projected.head_mut(rows);
        self.products.project(projected, Write::Replace, self.error.head(rows), parameters.weights());
    }

    /// What a regularizer takes in.
    pub(super) fn forward<'a>(
        &'a self,
        parameters: &'a Parameters<F>,
        target: ArrayView2<'a, F>,
    ) -> Forward<'a, F> {
        Forward {
            target,
            hidden: self.hidden.head(self.rows),
            slope: self.slope.head(self.rows),
            curvature: self.curvature.head(self.rows.min(self.curvature.rows())),
            parameters,
        }
    }

    fn of_units<'a>(&self, matrix: &'a Matrix<F>) -> &'a [F] {
        &matrix.values()[..self.rows * matrix.columns()]
    }

    /// a \[B, m\].
    pub(super) fn pre_activation(&self) -> &[F] {
        self.of_units(&self.pre_activation)
    }

    /// h \[B, m\].
    pub(super) fn hidden(&self) -> &[F] {
        self.of_units(&self.hidden)
    }

    /// s'(a) \[B, m\].
    pub(super) fn slope(&self) -> ArrayView2<'_, F> {
        self.slope.head(self.rows)
    }

    /// s''(a) \[B, m\].
    pub(super) fn curvature(&self) -> &[F] {
        self.of_units(&self.curvature)
    }

    /// y − x \[B, n\].
    pub(super) fn error(&self) -> ArrayView2<'_, F> {
        self.error.head(self.rows)
    }

    /// W_j·(y − x) \[B, m\]; 0 where slope and curvature are 0 because the unit is off.
    pub(super) fn projected(&self) -> &[F] {
        self.of_units(&self.projected)
    }
}

/// The first row and the number of rows of each batch of `samples` samples.
pub(super) fn batches(samples: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..samples).step_by(ROWS).map(move |start| (start, ROWS.min(samples - start)))
}
