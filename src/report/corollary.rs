//! Corollaries 1 and 2: the models whose penalties they are about, and whether their conditions hold for a run.

use crate::activation::ActivationSpec;
use crate::regularizer::{RegularizerKind, RegularizerSpec};
use crate::theory::Properties;
use crate::training::RunSpec;

/// A corollary that predicts ∂R/∂b_j ≥ 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Corollary {
    /// Of penalties Σ f(E\[h_j\]).
    One,
    /// Of penalties E\[Σ s'^q ‖W_j‖^p\], and of the first term of Eq. 7 for a DAE.
    Two,
}

impl Corollary {
    /// The corollary about the penalty of such models, whatever their parameters and activation.
    pub(super) fn about(kind: RegularizerKind) -> Option<Self> {
        match kind {
            RegularizerKind::KlSae | RegularizerKind::L1 | RegularizerKind::Corollary1 => Some(Self::One),
            RegularizerKind::Cae
            | RegularizerKind::Mdae
            | RegularizerKind::Corollary2
            | RegularizerKind::Dae => Some(Self::Two),
            RegularizerKind::None
            | RegularizerKind::Edae
            | RegularizerKind::Registered(_)
            | RegularizerKind::Unknown(_) => None,
        }
    }

    /// Whether a corollary covers the run of `spec`: its penalty and its activation meet the conditions.
    pub(super) fn covers(spec: &RunSpec) -> bool {
        let Some(activation) = spec.activation.known() else { return false };
        let properties = Properties::of(|a| activation.jet(a).value);
        match Self::about(spec.regularizer.kind()) {
            Some(Self::One) => properties.corollary1() && is_increasing(&spec.regularizer, activation),
            Some(Self::Two) => properties.corollary2(),
            None => false,
        }
    }
}

/// Whether the penalty is an increasing function f of E\[h_j\].
fn is_increasing(regularizer: &RegularizerSpec, activation: &ActivationSpec) -> bool {
    let is_not_negative = || (-64..=64).all(|k| activation.jet(f64::from(k) / 4.0).value >= 0.0);
    let values = regularizer.values();
    match regularizer.kind() {
        // For ρ > 0 the penalty falls below ρ.
        RegularizerKind::KlSae => values.real("rho") == 0.0,
        RegularizerKind::L1 => is_not_negative(),
        RegularizerKind::Corollary1 => values.choice("f") != "square" || is_not_negative(),
        _ => false,
    }
}
