//! Unit norm: W_j ↦ W_j / ‖W_j‖, the point of the sphere nearest to W_j.

use crate::parameter::{Domain, Parameter, Value};
use crate::real::Real;

/// The name of the parameter.
pub(super) const UPDATE: &str = "update";

/// Its value for updates at right angles to the row.
pub(super) const TANGENT: &str = "tangent";

pub(super) const PARAMETERS: &[Parameter] = &[Parameter {
    name: UPDATE,
    doc: "Whether the velocity moves a row in any direction before the projection, or only at right angles to the row.",
    domain: Domain::Choice(&["project", TANGENT]),
    default: Some(Value::Choice("project")),
    later: true,
}];

#[inline(always)]
pub(super) fn row_scale<F: Real>(norm: F) -> F {
    if norm > F::zero() { F::one() / norm } else { F::one() }
}
