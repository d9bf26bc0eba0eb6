//! Unit norm: W_j ↦ W_j / ‖W_j‖, the point of the sphere nearest to W_j.

use crate::real::Real;

#[inline(always)]
pub(super) fn row_scale<F: Real>(norm: F) -> F {
    if norm > F::zero() { F::one() / norm } else { F::one() }
}
