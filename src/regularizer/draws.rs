//! Several corruptions of each sample in one step: independent draws of the noise, or antithetic pairs.
//!
//! J = E_x 1/K Σ_k ℓ(x, f(x + d_k)) with K draws. The expectation over the noise does not depend on K. An antithetic pair has d and
//! −d, so every odd order in d cancels exactly, the first-order term of §3.1.1 included; K independent draws divide its variance by K.
//! Both have the same even orders in expectation.
//!
//! Draw 0 has the noise of a single corruption, and draw k has the same noise for every K > k. The first draw of a pair has the
//! noise of the independent draw with its number.

use crate::parameter::{Domain, Parameter, Value, Values, named};

/// K.
pub(super) const DRAWS: Parameter = Parameter {
    name: "draws",
    doc: "Number of corruptions of each sample in a step; the loss is the mean over them.",
    domain: Domain::Integer { min: 1, max: 64 },
    default: Some(Value::Integer(1)),
    later: true,
};

/// How the draws of a sample depend on each other.
pub(super) const PAIRING: Parameter = Parameter {
    name: "pairing",
    doc: "Whether the draws are independent, or pairs of opposite Gaussian noise, ε and −ε, whose odd orders cancel.",
    domain: Domain::Choice(Pairing::NAMES),
    default: Some(Value::Choice("independent")),
    later: true,
};

/// How the draws of a sample depend on each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pairing {
    /// Each draw has noise of its own.
    Independent,
    /// Draws 2i and 2i + 1 have the noise ε and −ε.
    Antithetic,
}

named!(Pairing { Independent => "independent", Antithetic => "antithetic" });

/// The draws of each sample in one step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct SampleDraws {
    /// K.
    pub(super) count: usize,
    pub(super) pairing: Pairing,
}

impl SampleDraws {
    /// The values of [`DRAWS`] and [`PAIRING`].
    pub(super) fn of(values: &Values) -> Self {
        Self {
            count: values.integer(DRAWS.name) as usize,
            pairing: values.one_of(PAIRING.name, Pairing::from_name),
        }
    }

    /// For each draw, the number of its noise ([`Noise::of_draw`](crate::random::Noise::of_draw)) and its sign, 1 or −1.
    pub(super) fn noises(self) -> impl Iterator<Item = (u32, f64)> {
        (0..self.count as u32).map(move |draw| match self.pairing {
            Pairing::Antithetic if !draw.is_multiple_of(2) => (draw - 1, -1.0),
            _ => (draw, 1.0),
        })
    }
}
