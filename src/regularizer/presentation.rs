//! Which corruption a sample has when it is presented: another one every time, or its own for the whole training.
//!
//! Fresh noise is what a finite sample of ε averages over as training goes on; fixed noise leaves its first-order term
//! (§3.1.1) in place, so that what comes of a sample's drawing anew can be told from what comes of its size.

use super::Step;
use crate::parameter::{Domain, Parameter, Value, Values, named};
use crate::random::Noise;
use std::ops::Range;

/// The setting of the regularizers that corrupt.
pub(super) const NOISE: Parameter = Parameter {
    name: "noise",
    doc: "Whether a sample is corrupted afresh at every presentation, or once for the whole training.",
    domain: Domain::Choice(Presentation::NAMES),
    default: Some(Value::Choice("fresh")),
    later: true,
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Presentation {
    /// Keyed by the step.
    Fresh,
    /// Keyed by the sample's index in the training set: whatever the epoch, the order and the batch.
    Fixed,
}

named!(Presentation { Fresh => "fresh", Fixed => "fixed" });

/// Rows of a batch whose noise is drawn at once.
pub(super) struct Drawing {
    pub(super) noise: Noise,
    /// Of the noise.
    pub(super) number: u64,
    rows: Range<usize>,
}

impl Drawing {
    /// The places of the rows' values in a batch of `columns` columns.
    pub(super) fn places(&self, columns: usize) -> Range<usize> {
        self.rows.start * columns..self.rows.end * columns
    }
}

impl Presentation {
    /// What [`NOISE`] says.
    pub(super) fn of(values: &Values) -> Self {
        values.one_of(NOISE.name, Self::from_name)
    }

    /// The drawings that together are the noise of the batch of `step`.
    pub(super) fn drawings(self, step: Step<'_>) -> impl Iterator<Item = Drawing> {
        let rows = step.samples.len();
        let count = if self == Self::Fixed { rows } else { 1 };
        (0..count).map(move |row| match self {
            Self::Fresh => Drawing { noise: *step.noise, number: step.number, rows: 0..rows },
            Self::Fixed => {
                let (noise, number) = (step.noise.by_sample(), step.samples[row].into());
                Drawing { noise, number, rows: row..row + 1 }
            }
        })
    }
}
