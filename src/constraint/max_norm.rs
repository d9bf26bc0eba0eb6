//! Max norm: W_j ↦ W_j · min(1, radius / ‖W_j‖), the point of the ball nearest to W_j.

use crate::parameter::{Domain, Parameter};
use crate::real::Real;

pub(super) const PARAMETERS: &[Parameter] = &[Parameter {
    name: "radius",
    doc: "The largest length that a row of the weights may have.",
    domain: Domain::open(0.0, f64::INFINITY),
    default: None,
    later: false,
}];

#[inline(always)]
pub(super) fn row_scale<F: Real>(norm: F, radius: F) -> F {
    if norm > radius { radius / norm } else { F::one() }
}
