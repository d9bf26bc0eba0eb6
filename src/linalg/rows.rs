//! One update of W's rows: velocity, projection, row lengths and the velocity's decay.

use super::elementwise::{dot, squared_length};
use super::lanes::{PlainLoop, vectorize};
use crate::constraint::Constraint;
use crate::real::Real;

/// Velocities below this in magnitude become 0. The velocity of a dead unit decays for ever and would end in denormal numbers,
/// which are slow on many processors. The difference is far below a weight's precision.
pub(super) const REST: f64 = 1e-30;

/// One update of the rows of W and V:
///
/// v ← V_j + radial_j W_j;   W_j ← projection of W_j + v;   V_j ← μ v
///
/// Under a constraint with [tangent](Constraint::is_tangent) updates:
///
/// v ← V_j − (V_j · W_j / ‖W_j‖²) W_j;   W_j ← projection of W_j + v;   V_j ← μ v
///
/// The term radial_j W_j is left out there, because it has no part at right angles to W_j. A zero row has no right angle: it stays,
/// and its V_j becomes 0.
#[derive(Debug)]
pub struct RowUpdate<'a, F> {
    /// The projection, and whether updates are tangent.
    pub constraint: Constraint,
    /// μ.
    pub momentum: F,
    /// n.
    pub columns: usize,
    /// W \[m, n\].
    pub weights: &'a mut [F],
    /// V \[m, n\]: μ times the previous step's velocity, plus this step's −η ∇J.
    pub velocity: &'a mut [F],
    /// −2 η ∂J/∂‖W_j‖² \[m\], because ∂‖W_j‖²/∂W_j is 2 W_j.
    pub radial: &'a [F],
    /// In: ‖W_j‖² \[m\], which only a tangent update reads. Out: ‖W_j‖² after the update.
    pub squared_norms: &'a mut [F],
}

impl<'a, F: Real> RowUpdate<'a, F> {
    /// Updates every row in one pass; returns whether all are finite.
    pub fn run(self) -> bool {
        if self.constraint.is_tangent() {
            vectorize(UpdateTangent(self))
        } else {
            vectorize(UpdateRows(self))
        }
    }

    /// The update of the first `rows` rows, and that of the others.
    pub(super) fn split_at(self, rows: usize) -> (Self, Self) {
        let Self { constraint, momentum, columns, weights, velocity, radial, squared_norms } = self;
        let weights = weights.split_at_mut(rows * columns);
        let velocity = velocity.split_at_mut(rows * columns);
        let (radial, squared_norms) = (radial.split_at(rows), squared_norms.split_at_mut(rows));
        let part = |weights, velocity, radial, squared_norms| Self {
            constraint,
            momentum,
            columns,
            weights,
            velocity,
            radial,
            squared_norms,
        };
        (
            part(weights.0, velocity.0, radial.0, squared_norms.0),
            part(weights.1, velocity.1, radial.1, squared_norms.1),
        )
    }

    /// The same update in parts of up to `count` rows, count ≥ 1.
    pub(super) fn chunks(self, count: usize) -> impl Iterator<Item = RowUpdate<'a, F>> {
        let mut rest = Some(self);
        std::iter::from_fn(move || {
            let rows = rest.take().filter(|rows| !rows.radial.is_empty())?;
            let end = count.min(rows.radial.len());
            let (chunk, others) = rows.split_at(end);
            rest = Some(others);
            Some(chunk)
        })
    }

    /// Only projects the rows, whose squared lengths are given; returns whether all are finite.
    pub(super) fn project(self) -> bool {
        vectorize(ProjectRows(self))
    }
}

struct UpdateRows<'a, F>(RowUpdate<'a, F>);

impl<F: Real> PlainLoop for UpdateRows<'_, F> {
    type Output = bool;

    #[inline(always)]
    fn run(self) -> bool {
        let RowUpdate { constraint, momentum, columns, weights, velocity, radial, squared_norms } = self.0;
        let rest = F::from_f64(REST);
        let rows = weights.chunks_exact_mut(columns).zip(velocity.chunks_exact_mut(columns));
        let mut finite = true;
        for ((row, velocity), (squared_norm, radial)) in rows.zip(squared_norms.iter_mut().zip(radial)) {
            if *radial != F::zero() {
                velocity.iter_mut().zip(&*row).for_each(|(v, w)| *v += *radial * *w);
            }
            for (w, v) in row.iter_mut().zip(velocity) {
                *w += *v;
                *v = decayed(*v, momentum, rest);
            }
            *squared_norm = squared_length(row);
            finite &= project_row(constraint, row, squared_norm);
        }
        finite
    }
}

struct UpdateTangent<'a, F>(RowUpdate<'a, F>);

impl<F: Real> PlainLoop for UpdateTangent<'_, F> {
    type Output = bool;

    #[inline(always)]
    fn run(self) -> bool {
        let RowUpdate { constraint, momentum, columns, weights, velocity, squared_norms, .. } = self.0;
        let rest = F::from_f64(REST);
        let rows = weights.chunks_exact_mut(columns).zip(velocity.chunks_exact_mut(columns));
        let mut finite = true;
        for ((row, velocity), squared_norm) in rows.zip(squared_norms) {
            if *squared_norm == F::zero() {
                // A gradient that is not finite stays visible.
                finite &= velocity.iter().all(|v| v.is_finite());
                velocity.fill(F::zero());
                continue;
            }
            let along = dot(velocity, row) / *squared_norm;
            for (w, v) in row.iter_mut().zip(velocity) {
                let step = *v - along * *w;
                *w += step;
                *v = decayed(step, momentum, rest);
            }
            *squared_norm = squared_length(row);
            finite &= project_row(constraint, row, squared_norm);
        }
        finite
    }
}

/// μ v, or 0 below [`REST`]. The comparison keeps NaN.
#[inline(always)]
fn decayed<F: Real>(velocity: F, momentum: F, rest: F) -> F {
    let decayed = velocity * momentum;
    if decayed.abs() < rest { F::zero() } else { decayed }
}

struct ProjectRows<'a, F>(RowUpdate<'a, F>);

impl<F: Real> PlainLoop for ProjectRows<'_, F> {
    type Output = bool;

    #[inline(always)]
    fn run(self) -> bool {
        let RowUpdate { constraint, columns, weights, squared_norms, .. } = self.0;
        let mut finite = true;
        for (row, squared_norm) in weights.chunks_exact_mut(columns).zip(squared_norms) {
            finite &= project_row(constraint, row, squared_norm);
        }
        finite
    }
}

/// Scales the row by its constraint's factor; returns whether the row is finite.
#[inline(always)]
fn project_row<F: Real>(constraint: Constraint, row: &mut [F], squared_norm: &mut F) -> bool {
    let scale = constraint.row_scale(squared_norm.sqrt());
    if scale != F::one() {
        row.iter_mut().for_each(|w| *w *= scale);
        *squared_norm *= scale * scale;
    }
    squared_norm.is_finite()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn update(velocity: &mut [f32], weights: &mut [f32]) -> bool {
        let rows = RowUpdate {
            constraint: Constraint::None,
            momentum: 0.9,
            columns: weights.len(),
            weights,
            velocity,
            radial: &[0.0],
            squared_norms: &mut [0.0],
        };
        rows.run()
    }

    #[test]
    fn a_velocity_without_gradient_becomes_zero_before_it_is_denormal() {
        let (mut velocity, mut weights) = ([1.0, -1e-20, 1e-38, 0.0], [0.5; 4]);
        for _ in 0..700 {
            assert!(update(&mut velocity, &mut weights));
            assert!(velocity.iter().all(|v| *v == 0.0 || v.abs() >= REST as f32));
        }
        assert_eq!(velocity, [0.0; 4]);
        // 1 + 0.9 + 0.81 + … = 10: the weight makes the whole movement.
        assert!((weights[0] - 10.5).abs() < 1e-5 && weights[1..] == [0.5; 3]);
    }

    /// A row against the equations in numbers, a zero row, and a gradient of a zero row that is not finite.
    #[test]
    fn a_tangent_update_moves_a_row_at_right_angles_and_leaves_a_zero_row() {
        let run = |weights: &mut [f64], velocity: &mut [f64], squared_norms: &mut [f64]| {
            let rows = RowUpdate {
                constraint: Constraint::UnitNormTangent,
                momentum: 0.5,
                columns: 2,
                weights,
                velocity,
                radial: &[7.0, 7.0],
                squared_norms,
            };
            rows.run()
        };
        // A row of length 2, as rounding makes them of length 1 ± ε: V · W / ‖W‖² = 3 / 2.
        let (mut weights, mut velocity) = ([2.0, 0.0, 0.0, 0.0], [3.0, 2.0, 1.0, 1.0]);
        let mut squared_norms = [4.0, 0.0];
        assert!(run(&mut weights, &mut velocity, &mut squared_norms));
        let half = 0.5_f64.sqrt();
        assert!(weights.iter().zip([half, half, 0.0, 0.0]).all(|(w, expected)| (w - expected).abs() < 1e-15));
        assert_eq!(velocity, [0.0, 1.0, 0.0, 0.0]);
        assert!((squared_norms[0] - 1.0).abs() < 1e-15 && squared_norms[1] == 0.0);
        assert!(!run(&mut weights, &mut [0.0, 0.0, f64::NAN, 0.0], &mut squared_norms));
        assert!(!run(&mut weights, &mut [f64::INFINITY, 0.0, 0.0, 0.0], &mut squared_norms));
    }

    #[test]
    fn nan_does_not_become_zero() {
        let (mut velocity, mut weights) = ([f32::NAN, 0.0], [1.0, 1.0]);
        assert!(!update(&mut velocity, &mut weights));
        assert!(velocity[0].is_nan() && weights[0].is_nan());
    }
}
