//! The forward pass over clean samples, and the one product of the backward pass that the bias gradient needs.

use crate::activation::{ActivationSpec, Batch};
use crate::linalg::{Matrix, Products, Team, Write, residual, values, values_mut};
use crate::objective::encode;
use crate::real::Real;
use crate::regularizer::Forward;
use crate::state::Parameters;
use ndarray::ArrayView2;

/// Samples of one batch. It is constant, because the bits of a dense product depend on the batch's size.
pub(super) const ROWS: usize = 100;

/// A forward pass over a batch of clean samples and its results; B samples, n inputs, m hidden units.
pub(super) struct CleanPass<F> {
    activation: ActivationSpec,
    products: Products<F>,
    /// Samples of the current batch.
    rows: usize,
    pre_activation: Matrix<F>,
    hidden: Matrix<F>,
    slope: Matrix<F>,
    /// s''(a), or no rows.
    curvature: Matrix<F>,
    /// y − x \[B, n\]: the negative of the paper's residual r.
    error: Matrix<F>,
    /// W_j·(y − x) \[B, m\].
    projected: Matrix<F>,
}

impl<F: Real> CleanPass<F> {
    /// Buffers for up to [`ROWS`] samples; s'' is computed only with `curvature`.
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

    /// The same, with the products shared by the threads of `team`.
    pub(super) fn with_team(self, team: Team) -> Self {
        Self { products: self.products.with_team(team), ..self }
    }

    /// The threads that share the products.
    pub(super) fn team(&self) -> &Team {
        self.products.team()
    }

    /// Encodes, decodes and projects `batch` \[B, n\], B ≤ [`ROWS`]: three products.
    pub(super) fn run(&mut self, parameters: &Parameters<F>, batch: ArrayView2<'_, F>) {
        let (rows, m) = (batch.nrows(), parameters.hidden());
        self.rows = rows;
        let curvature_rows = rows.min(self.curvature.rows());
        let into = Batch {
            pre_activation: &mut self.pre_activation.values_mut()[..rows * m],
            hidden: &mut self.hidden.values_mut()[..rows * m],
            slope: &mut self.slope.values_mut()[..rows * m],
            curvature: &mut self.curvature.values_mut()[..curvature_rows * m],
        };
        encode(self.products.team(), &self.activation, parameters, batch, into);
        let (mut error, hidden) = (self.error.head_mut(rows), self.hidden.head(rows));
        self.products.begin(hidden, self.activation.vanishes());
        self.products.combine(error.view_mut(), hidden, parameters.weights());
        let (decoder_bias, n) = (parameters.decoder_bias(), parameters.inputs());
        residual(values_mut(&mut error), values(&batch), decoder_bias, n, F::one());
        let projected = self.projected.head_mut(rows);
        self.products.project(projected, Write::Replace, self.error.head(rows), parameters.weights());
    }

    /// The batch's results for a regularizer.
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

    fn batch_values<'a>(&self, matrix: &'a Matrix<F>) -> &'a [F] {
        &matrix.values()[..self.rows * matrix.columns()]
    }

    /// a \[B, m\].
    pub(super) fn pre_activation(&self) -> &[F] {
        self.batch_values(&self.pre_activation)
    }

    /// h \[B, m\].
    pub(super) fn hidden(&self) -> &[F] {
        self.batch_values(&self.hidden)
    }

    /// s'(a) \[B, m\].
    pub(super) fn slope(&self) -> ArrayView2<'_, F> {
        self.slope.head(self.rows)
    }

    /// s''(a) \[B, m\].
    pub(super) fn curvature(&self) -> &[F] {
        self.batch_values(&self.curvature)
    }

    /// y − x \[B, n\].
    pub(super) fn error(&self) -> ArrayView2<'_, F> {
        self.error.head(self.rows)
    }

    /// W_j·(y − x) \[B, m\]; 0 at inactive units if their slope and curvature are 0.
    pub(super) fn projected(&self) -> &[F] {
        self.batch_values(&self.projected)
    }
}

/// The first row and the number of rows of each batch of `samples` samples.
pub(super) fn batches(samples: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..samples).step_by(ROWS).map(move |start| (start, ROWS.min(samples - start)))
}
