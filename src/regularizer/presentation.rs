//! Whether the corruption of a sample is fresh at every presentation or fixed for the whole training.
//!
//! With fresh noise, training averages over more and more draws of ε. With fixed noise the first-order term of the finite
//! sample of ε (§3.1.1) stays. The comparison separates the effect of drawing anew from the effect of the noise's size.

use super::Step;
use crate::parameter::{Domain, Parameter, Value, Values, named};
use crate::random::Noise;
use std::ops::Range;

/// The parameter of all regularizers that draw noise.
pub(super) const NOISE: Parameter = Parameter {
    name: "noise",
    doc: "Whether a sample is corrupted afresh at every presentation, or once for the whole training.",
    domain: Domain::Choice(Presentation::NAMES),
    default: Some(Value::Choice("fresh")),
    later: true,
};

/// The key of a sample's noise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Presentation {
    /// The step.
    Fresh,
    /// The sample's index in the training set, independent of epoch, order and batch.
    Fixed,
}

named!(Presentation { Fresh => "fresh", Fixed => "fixed" });

/// One call of the noise generator, for one or all rows of a batch.
pub(super) struct NoiseDraw {
    pub(super) noise: Noise,
    /// The number that indexes the noise: of the step or of the sample.
    pub(super) number: u64,
    rows: Range<usize>,
}

impl NoiseDraw {
    /// Range of the rows' values in a row-major batch of `columns` columns.
    pub(super) fn values(&self, columns: usize) -> Range<usize> {
        self.rows.start * columns..self.rows.end * columns
    }
}

impl Presentation {
    /// The value of [`NOISE`].
    pub(super) fn of(values: &Values) -> Self {
        values.one_of(NOISE.name, Self::from_name)
    }

    /// The draws that together are the noise of the batch of `step`.
    pub(super) fn draws(self, step: Step<'_>) -> impl Iterator<Item = NoiseDraw> {
        let rows = step.samples.len();
        let count = if self == Self::Fixed { rows } else { 1 };
        (0..count).map(move |row| match self {
            Self::Fresh => NoiseDraw { noise: *step.noise, number: step.number, rows: 0..rows },
            Self::Fixed => {
                let (noise, number) = (step.noise.by_sample(), step.samples[row].into());
                NoiseDraw { noise, number, rows: row..row + 1 }
            }
        })
    }
}
