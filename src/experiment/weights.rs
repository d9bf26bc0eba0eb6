//! Which weights of a run are kept.

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

impl WeightsOutput {
    /// Every choice.
    pub const ALL: [Self; 3] = [Self::None, Self::Final, Self::InitialAndFinal];

    /// The weights that a completed run leaves.
    pub const fn moments(self) -> &'static [Moment] {
        match self {
            Self::None => &[],
            Self::Final => &[Moment::Final],
            Self::InitialAndFinal => &[Moment::Initial, Moment::Final],
        }
    }

    /// The name in configurations.
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Final => "final",
            Self::InitialAndFinal => "initial_and_final",
        }
    }
}
