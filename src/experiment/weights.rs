//! Which weights of a run are kept.

use crate::parameter::named;
use crate::store::Moment;

/// `output.weights`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WeightsOutput {
    /// None are kept.
    None,
    /// Those after the last epoch.
    Final,
    /// Those before the first and after the last epoch.
    InitialAndFinal,
}

named!(WeightsOutput { None => "none", Final => "final", InitialAndFinal => "initial_and_final" });

impl WeightsOutput {
    /// The weights that a completed run leaves.
    pub const fn moments(self) -> &'static [Moment] {
        match self {
            Self::None => &[],
            Self::Final => &[Moment::Final],
            Self::InitialAndFinal => &[Moment::Initial, Moment::Final],
        }
    }
}
