//! The setting `output.weights`: which weights of a run are kept.

use crate::parameter::named;
use crate::store::Moment;

/// The weights of a run to keep, `output.weights`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WeightsOutput {
    /// No weights.
    None,
    /// The weights after the last epoch.
    Final,
    /// The weights before the first step and after the last epoch.
    InitialAndFinal,
}

named!(WeightsOutput { None => "none", Final => "final", InitialAndFinal => "initial_and_final" });

impl WeightsOutput {
    /// The moments whose weights a completed run keeps.
    pub const fn moments(self) -> &'static [Moment] {
        match self {
            Self::None => &[],
            Self::Final => &[Moment::Final],
            Self::InitialAndFinal => &[Moment::Initial, Moment::Final],
        }
    }
}
