//! The encoder of a trained network: hidden codes h = s_e(W x + b_e) of any samples.

use super::evaluation::ROWS;
use crate::activation::{ActivationSpec, Batch};
use crate::linalg::{Matrix, Team};
use crate::objective::encode;
use crate::real::Real;
use crate::state::Parameters;
use ndarray::{ArrayView2, s};

/// An encoder of n inputs and m hidden units, with buffers for one block of samples.
#[derive(Debug)]
pub struct Encoder<'p, F> {
    activation: ActivationSpec,
    parameters: &'p Parameters<F>,
    team: Team,
    pre_activation: Matrix<F>,
    hidden: Matrix<F>,
}

impl<'p, F: Real> Encoder<'p, F> {
    /// The encoder of a network that was trained on `samples` samples. Its blocks have the same height as those of the run's measurements.
    /// So on the same kind of processor, its codes of the training samples are, bit for bit, the measured ones.
    pub fn new(activation: impl Into<ActivationSpec>, parameters: &'p Parameters<F>, samples: usize) -> Self {
        let rows = ROWS.min(samples).max(1);
        Self {
            activation: activation.into(),
            parameters,
            team: Team::alone(),
            pre_activation: Matrix::zeros(rows, parameters.hidden()),
            hidden: Matrix::zeros(rows, parameters.hidden()),
        }
    }

    /// The same encoder, whose products the threads of `team` share. This changes no bit.
    #[must_use]
    pub fn with_team(self, team: &Team) -> Self {
        Self { team: team.clone(), ..self }
    }

    /// The number of samples in a block.
    pub fn height(&self) -> usize {
        self.hidden.rows()
    }

    /// Encodes the first `count` of the samples `input` \[N, n\], which must be standardised as the training samples were, and passes the
    /// codes to `each` in order, a block \[B, m\] at a time. The codes are, bit for bit, the first rows of the codes of all N samples.
    ///
    /// Cost: one product of 2 m n operations per sample; memory for one block, whatever N.
    ///
    /// # Errors
    /// The first error of `each`, which is not called again.
    ///
    /// # Panics
    /// If the samples don't have the network's n inputs, or are fewer than `count`.
    pub fn encode<E>(
        &mut self,
        input: ArrayView2<'_, F>,
        count: usize,
        mut each: impl FnMut(ArrayView2<'_, F>) -> Result<(), E>,
    ) -> Result<(), E> {
        let (m, n) = (self.parameters.hidden(), self.parameters.inputs());
        assert!(input.ncols() == n && count <= input.nrows(), "{count} of {:?} for {n} inputs", input.dim());
        for start in (0..count).step_by(self.hidden.rows()) {
            // A whole block, even where `count` needs fewer rows, because the bits of a dense product depend on the number of rows.
            let rows = self.hidden.rows().min(input.nrows() - start);
            let into = Batch {
                pre_activation: &mut self.pre_activation.values_mut()[..rows * m],
                hidden: &mut self.hidden.values_mut()[..rows * m],
                slope: &mut [],
                curvature: &mut [],
            };
            encode(
                &self.team,
                &self.activation,
                self.parameters,
                input.slice(s![start..start + rows, ..]),
                into,
            );
            each(self.hidden.head(rows.min(count - start)))?;
        }
        Ok(())
    }
}
