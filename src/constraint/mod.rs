//! Constraints on the rows W_j of the weights: every update projects the rows on the constraint.
//!
//! Each projection scales a row by a factor that depends on the row's length alone. So a constraint is one function
//! `‖W_j‖ ↦ factor` in a file of its own. A zero row has no direction, and no projection changes it.
//!
//! [`ConstraintKind`] is a constraint's name and parameters in configurations. [`Constraint`] is what an update reads: it has the
//! values as fields, without names to look up.

use crate::parameter::{Kind, Parameter, Spec, Value, named};
use crate::real::Real;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

mod max_norm;
mod unit_norm;

/// The constraints by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConstraintKind {
    /// No constraint.
    None,
    /// Every row has length 1.
    UnitNorm,
    /// No row is longer than a radius.
    MaxNorm,
}

named!(ConstraintKind { None => "none", UnitNorm => "unit_norm", MaxNorm => "max_norm" });

impl ConstraintKind {
    /// Description of the constraint in one sentence.
    pub const fn doc(self) -> &'static str {
        match self {
            Self::None => "Free weights.",
            Self::UnitNorm => "‖W_j‖ = 1 after every step: the paper's weight length constraint.",
            Self::MaxNorm => "‖W_j‖ ≤ radius after every step (§2.1.1).",
        }
    }
}

impl Kind for ConstraintKind {
    const NOUN: &'static str = "constraint";
    const BARE: bool = false;

    fn known() -> Vec<Self> {
        Self::ALL.to_vec()
    }

    fn name(self) -> &'static str {
        self.name()
    }

    fn parameters(self) -> &'static [Parameter] {
        match self {
            Self::None => &[],
            Self::UnitNorm => unit_norm::PARAMETERS,
            Self::MaxNorm => max_norm::PARAMETERS,
        }
    }
}

/// A constraint with its parameters. serde reads and writes it as in a run's identity: [`Constraint::identity`].
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(from = "Spec<ConstraintKind>", into = "Spec<ConstraintKind>")]
pub enum Constraint {
    /// No constraint.
    None,
    /// Every row has length 1: the paper's weight length constraint (Figures 1 and 4). An update moves a row in any direction.
    UnitNorm,
    /// Every row has length 1, and an update moves a row at right angles to itself: `unit_norm` with `update = "tangent"`.
    UnitNormTangent,
    /// No row is longer than `radius` (Max-Norm, §2.1.1 after Theorem 1).
    MaxNorm {
        /// The largest allowed length, finite and > 0.
        radius: f64,
    },
}

impl From<Spec<ConstraintKind>> for Constraint {
    fn from(spec: Spec<ConstraintKind>) -> Self {
        match spec.kind() {
            ConstraintKind::None => Self::None,
            ConstraintKind::UnitNorm if spec.values().choice(unit_norm::UPDATE) == unit_norm::TANGENT => {
                Self::UnitNormTangent
            }
            ConstraintKind::UnitNorm => Self::UnitNorm,
            ConstraintKind::MaxNorm => Self::MaxNorm { radius: spec.values().real("radius") },
        }
    }
}

impl From<Constraint> for Spec<ConstraintKind> {
    fn from(constraint: Constraint) -> Self {
        let spec = match constraint {
            Constraint::None => Spec::new(ConstraintKind::None, &[]),
            Constraint::UnitNorm => Spec::new(ConstraintKind::UnitNorm, &[]),
            Constraint::UnitNormTangent => {
                let tangent = Value::Choice(unit_norm::TANGENT);
                Spec::new(ConstraintKind::UnitNorm, &[(unit_norm::UPDATE, tangent)])
            }
            Constraint::MaxNorm { radius } => {
                Spec::new(ConstraintKind::MaxNorm, &[("radius", Value::Real(radius))])
            }
        };
        spec.expect("a constraint's parameters are checked when it is made")
    }
}

impl Constraint {
    /// The constraint without its parameters.
    pub fn kind(&self) -> ConstraintKind {
        Spec::from(*self).kind()
    }

    /// The name in results: `unit_norm`, `unit_norm(update=tangent)`, `max_norm(radius=2)`.
    pub fn label(&self) -> String {
        Spec::from(*self).label()
    }

    /// The constraint's part of a run's identity ([`Spec::identity`]).
    pub fn identity(&self) -> Json {
        Spec::from(*self).identity()
    }

    /// Whether an update moves a row at right angles to itself.
    pub fn is_tangent(&self) -> bool {
        *self == Self::UnitNormTangent
    }

    /// The factor that projects a row of length `norm`; 1 leaves the row as it is, bit for bit.
    #[inline(always)]
    pub fn row_scale<F: Real>(&self, norm: F) -> F {
        match *self {
            Self::None => F::one(),
            Self::UnitNorm | Self::UnitNormTangent => unit_norm::row_scale(norm),
            Self::MaxNorm { radius } => max_norm::row_scale(norm, F::from_f64(radius)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(kind: ConstraintKind, given: &[(&str, Value)]) -> Result<Constraint, String> {
        Spec::new(kind, given).map(Constraint::from)
    }

    fn read(identity: Json) -> Constraint {
        serde_json::from_value(identity).unwrap()
    }

    #[test]
    fn unit_norm_scales_inside_and_outside_to_the_sphere_and_keeps_zero() {
        for norm in [0.25_f64, 1.0, 7.5] {
            assert_eq!(norm * Constraint::UnitNorm.row_scale(norm), 1.0);
        }
        assert_eq!(Constraint::UnitNorm.row_scale(0.0_f64), 1.0);
    }

    #[test]
    fn max_norm_scales_only_rows_outside_the_ball() {
        let ball = Constraint::MaxNorm { radius: 2.0 };
        for norm in [0.0_f64, 1.0, 2.0] {
            assert_eq!(ball.row_scale(norm), 1.0, "inside or on the boundary: {norm}");
        }
        assert_eq!(8.0 * ball.row_scale(8.0_f64), 2.0);
    }

    #[test]
    fn a_row_of_length_zero_stays_zero_under_every_constraint() {
        for constraint in
            [Constraint::UnitNorm, Constraint::UnitNormTangent, Constraint::MaxNorm { radius: 0.5 }]
        {
            assert_eq!(constraint.row_scale(0.0_f64), 1.0, "{constraint:?}");
            assert_eq!(constraint.row_scale(0.0_f32), 1.0, "{constraint:?}");
        }
    }

    #[test]
    fn the_update_is_named_only_off_its_default() {
        let with = |update| made(ConstraintKind::UnitNorm, &[("update", Value::Choice(update))]);
        assert_eq!(with("project"), Ok(Constraint::UnitNorm));
        assert_eq!(Constraint::UnitNorm.identity().to_string(), r#"{"kind":"unit_norm"}"#);
        let tangent = with("tangent").unwrap();
        assert_eq!((tangent, tangent.kind()), (Constraint::UnitNormTangent, ConstraintKind::UnitNorm));
        assert_eq!(tangent.label(), "unit_norm(update=tangent)");
        assert_eq!(tangent.identity().to_string(), r#"{"kind":"unit_norm","update":"tangent"}"#);
        for constraint in [Constraint::UnitNorm, tangent] {
            assert_eq!(read(constraint.identity()), constraint);
        }
        let error = with("geodesic").unwrap_err();
        assert!(error.contains("`update` is geodesic; accepted: one of project, tangent"), "{error}");
    }

    #[test]
    fn labels_and_identities_carry_the_radius() {
        let made = |radius| made(ConstraintKind::MaxNorm, &[("radius", Value::Real(radius))]);
        let ball = made(2.5).unwrap();
        assert_eq!(ball.label(), "max_norm(radius=2.5)");
        assert_eq!(ball.identity().to_string(), r#"{"kind":"max_norm","radius":2.5}"#);
        assert_eq!(read(ball.identity()), ball);
        assert_eq!(Constraint::UnitNorm.label(), "unit_norm");
        for bad in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert!(made(bad).is_err(), "{bad}");
        }
        let error = Spec::new(ConstraintKind::MaxNorm, &[]).unwrap_err();
        assert!(error.contains("`radius` is missing"), "{error}");
    }
}
