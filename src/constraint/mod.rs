//! Constraints on the rows W_j of the weights: projections that every update applies.
//!
//! Each projection scales a row by a factor that follows from the row's length alone, so a constraint is one
//! function `‖W_j‖ ↦ factor`, one file each. A zero row has no direction: it stays zero under every constraint.

use crate::parameter::{Parameter, Value, Values, stored};
use crate::real::Real;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value as Json;

mod max_norm;
mod unit_norm;

/// A constraint with its parameters.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Constraint {
    /// No constraint.
    None,
    /// Every row has length 1: the paper's weight length constraint (Figures 1 and 4).
    UnitNorm,
    /// No row is longer than `radius` (Max-Norm, §2.1.1 after Theorem 1).
    MaxNorm {
        /// The largest allowed length, finite and > 0.
        radius: f64,
    },
}

/// As in a run's identity: [`Constraint::identity`].
impl Serialize for Constraint {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.identity().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Constraint {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::from_identity(&Json::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

impl Constraint {
    /// The names, in the order of the catalogue, each with its parameters.
    pub const CATALOGUE: &'static [(&'static str, &'static [Parameter])] =
        &[("none", &[]), ("unit_norm", &[]), ("max_norm", max_norm::PARAMETERS)];

    /// The constraint called `kind` with the parameters `given`.
    ///
    /// # Errors
    /// A sentence that names the kind or parameter, where one is unknown, out of its domain or missing.
    pub fn new(kind: &str, given: &[(&str, Value)]) -> Result<Self, String> {
        let found = Self::CATALOGUE.iter().find(|(name, _)| *name == kind);
        let (_, parameters) = found.ok_or_else(|| format!("unknown constraint `{kind}`"))?;
        let values = Values::resolve(parameters, given)?;
        Ok(match kind {
            "none" => Self::None,
            "unit_norm" => Self::UnitNorm,
            _ => Self::MaxNorm { radius: values.real("radius") },
        })
    }

    fn kind(&self) -> &'static str {
        match self {
            Self::None => "none",
            Self::UnitNorm => "unit_norm",
            Self::MaxNorm { .. } => "max_norm",
        }
    }

    fn values(&self) -> (Values, &'static [Parameter]) {
        match *self {
            Self::None | Self::UnitNorm => (Values::default(), &[]),
            Self::MaxNorm { radius } => {
                let given = [("radius", Value::Real(radius))];
                let values = Values::resolve(max_norm::PARAMETERS, &given).expect("checked when it was made");
                (values, max_norm::PARAMETERS)
            }
        }
    }

    /// The name in results: `unit_norm`, `max_norm(radius=2)`.
    pub fn label(&self) -> String {
        let (values, parameters) = self.values();
        values.label(self.kind(), parameters)
    }

    /// `{"kind": …}` with every parameter: what a configuration would say.
    pub fn to_json(&self) -> Json {
        self.values().0.to_json(self.kind())
    }

    /// The same as part of a run's identity: without the parameters that came after runs were recorded
    /// ([`Parameter::later`]) and have their defaults.
    pub fn identity(&self) -> Json {
        let (values, parameters) = self.values();
        values.identity(self.kind(), parameters)
    }

    /// The constraint that [`Constraint::identity`] made `json` of.
    ///
    /// # Errors
    /// A sentence, where `json` is no such object.
    pub fn from_identity(json: &Json) -> Result<Self, String> {
        let kind = json["kind"].as_str().ok_or("a constraint without a `kind`")?;
        let found = Self::CATALOGUE.iter().find(|(name, _)| *name == kind);
        let (_, parameters) = found.ok_or_else(|| format!("unknown constraint `{kind}`"))?;
        Self::new(kind, &stored(parameters, json))
    }

    /// The factor that projects a row of length `norm`; 1 leaves the row as it is, bit for bit.
    #[inline(always)]
    pub fn row_scale<F: Real>(&self, norm: F) -> F {
        match *self {
            Self::None => F::one(),
            Self::UnitNorm => unit_norm::row_scale(norm),
            Self::MaxNorm { radius } => max_norm::row_scale(norm, F::from_f64(radius)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unit_norm_scales_inside_and_outside_to_the_sphere_and_keeps_zero() {
        for norm in [0.25_f64, 1.0, 7.5] {
            assert_eq!(norm * Constraint::UnitNorm.row_scale(norm), 1.0);
        }
        assert_eq!(Constraint::UnitNorm.row_scale(0.0_f64), 1.0);
    }

    #[test]
    fn max_norm_moves_only_what_is_outside() {
        let ball = Constraint::MaxNorm { radius: 2.0 };
        for norm in [0.0_f64, 1.0, 2.0] {
            assert_eq!(ball.row_scale(norm), 1.0, "inside or on the boundary: {norm}");
        }
        assert_eq!(8.0 * ball.row_scale(8.0_f64), 2.0);
    }

    #[test]
    fn labels_and_identities_carry_the_radius() {
        let ball = Constraint::new("max_norm", &[("radius", Value::Real(2.5))]).unwrap();
        assert_eq!(ball.label(), "max_norm(radius=2.5)");
        assert_eq!(ball.identity().to_string(), r#"{"kind":"max_norm","radius":2.5}"#);
        assert_eq!(Constraint::from_identity(&ball.identity()), Ok(ball));
        assert_eq!(Constraint::UnitNorm.label(), "unit_norm");
        for bad in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert!(Constraint::new("max_norm", &[("radius", Value::Real(bad))]).is_err(), "{bad}");
        }
        assert!(Constraint::new("max_norm", &[]).unwrap_err().contains("`radius` is missing"));
    }
}
