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
pub(super) struct NoiseCall {
    pub(super) noise: Noise,
    /// The number that indexes the noise: of the step or of the sample.
    pub(super) number: u64,
    rows: Range<usize>,
}

impl NoiseCall {
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

    /// The calls that together give the noise of the batch of `step` in the draw `draw` of each sample.
    pub(super) fn calls(self, step: Step<'_>, draw: u32) -> impl Iterator<Item = NoiseCall> {
        let rows = step.samples.len();
        let count = if self == Self::Fixed { rows } else { 1 };
        let noise = step.noise.of_draw(draw);
        (0..count).map(move |row| match self {
            Self::Fresh => NoiseCall { noise, number: step.number, rows: 0..rows },
            Self::Fixed => {
                let (noise, number) = (noise.by_sample(), step.samples[row].into());
                NoiseCall { noise, number, rows: row..row + 1 }
            }
        })
    }
}
