//! The two sums of outer products that make up the weights' gradient of a batch: added to a gradient, or to the velocity in the pass that
//! updates the rows. The threads share the units.

use super::active::ActivePairs;
use super::lanes::InstructionSet;
use super::rows::{REST, RowUpdate};
use super::sparse::{self, PackedTerm};
use super::team::Share;
use super::tiles::{self, DenseTerm, ROWS};
use super::{single, single_mut};
use crate::real::Real;
use std::ops::Range;

/// The time to update a row of W and V, in pairs whose outer products are added in that time.
const ROW_IN_PAIRS: usize = 2;

/// The terms of one batch, as the kernels take them.
#[derive(Debug, Clone, Copy)]
pub(super) enum Terms<'a> {
    /// None: the gradient has everything.
    Nothing,
    /// Scaled coefficients at the active pairs, and packed samples.
    Sparse { set: InstructionSet, pairs: &'a ActivePairs, terms: [PackedTerm<'a>; 2] },
    /// All coefficients and samples.
    Dense { set: InstructionSet, terms: [DenseTerm<'a>; 2], scale: f32, units: usize },
}

impl Terms<'_> {
    /// The multiplications of all terms and of the update, for `columns` columns and `units` rows.
    pub(super) fn multiplications(&self, units: usize, columns: usize) -> usize {
        let pairs = match self {
            Self::Nothing => 0,
            Self::Sparse { pairs, .. } => pairs.len(),
            Self::Dense { terms, .. } => terms[0].coefficients.len(),
        };
        (2 * pairs).saturating_add(ROW_IN_PAIRS * units).saturating_mul(columns)
    }

    /// Adds the terms to `gradient`, whose rows are those of `units`.
    pub(super) fn add_to(self, share: Share<'_>, units: Range<usize>, gradient: &mut [f32], columns: usize) {
        if let Some((middle, division)) = self.divide(share, &units) {
            let (upper, lower) = gradient.split_at_mut((middle - units.start) * columns);
            let first = || self.add_to(division.first, units.start..middle, upper, columns);
            division.join(first, || self.add_to(division.second, middle..units.end, lower, columns));
            return;
        }
        match self {
            Self::Nothing => {}
            Self::Sparse { set, pairs, terms } => {
                sparse::add_outer(set, (pairs, units), terms, gradient, columns);
            }
            Self::Dense { set, terms, scale, units: all } => {
                for (first, gradient) in units.step_by(ROWS).zip(gradient.chunks_mut(ROWS * columns)) {
                    tiles::add_outer(set, terms, (first, all), scale, gradient, columns);
                }
            }
        }
    }

    /// Adds the terms to the velocities of `rows`, the rows of `units`, and updates these rows; returns whether all are finite.
    pub(super) fn update<F: Real>(
        self,
        share: Share<'_>,
        units: Range<usize>,
        rows: RowUpdate<'_, F>,
    ) -> bool {
        if let Some((middle, division)) = self.divide(share, &units) {
            let (upper, lower) = rows.split_at(middle - units.start);
            let first = || self.update(division.first, units.start..middle, upper);
            let finite = division.join(first, || self.update(division.second, middle..units.end, lower));
            return finite.0 & finite.1;
        }
        let columns = rows.columns;
        match self {
            Self::Nothing => rows.run(),
            // A tangent update needs the whole row of V before it moves W_j, and the fused kernel goes by columns.
            Self::Sparse { set, pairs, terms } if rows.constraint.is_tangent() => {
                sparse::add_outer(set, (pairs, units), terms, single_mut(rows.velocity), columns);
                rows.run()
            }
            Self::Sparse { set, pairs, terms } => {
                let motion = sparse::Motion {
                    weights: single_mut(rows.weights),
                    momentum: rows.momentum.as_f64() as f32,
                    rest: REST as f32,
                    radial: single(rows.radial),
                    squared_norms: single_mut(rows.squared_norms),
                };
                let velocity = single_mut(rows.velocity);
                sparse::add_outer_and_move(set, (pairs, units), terms, velocity, columns, motion);
                rows.project()
            }
            Self::Dense { set, terms: [term, last], scale, units: all } => {
                let (mut first, mut finite) = (units.start, true);
                let mut chunks = rows.chunks(ROWS).peekable();
                while let Some(rows) = chunks.next() {
                    let next = chunks.peek().map(|next| [single(next.velocity), single(next.weights)]);
                    let [velocity, weights] = next.unwrap_or_default();
                    let terms = [DenseTerm { ahead: velocity, ..term }, DenseTerm { ahead: weights, ..last }];
                    tiles::add_outer(set, terms, (first, all), scale, single_mut(rows.velocity), columns);
                    finite &= rows.run();
                    first += ROWS;
                }
                finite
            }
        }
    }

    /// Divides `units` between the threads of `share`; returns the first unit of the second part too.
    fn divide<'s>(
        &self,
        share: Share<'s>,
        units: &Range<usize>,
    ) -> Option<(usize, super::team::Division<'s>)> {
        if let Self::Sparse { pairs, .. } = self {
            return pairs.divide(share, units.clone(), ROW_IN_PAIRS);
        }
        share.divide(units.len(), ROWS).map(|division| (units.start + division.end, division))
    }
}
