//! The dense products whose results have rows of n columns, Y ← C W and V ← V + Cᵀ X, in tiles of registers.
//!
//! A tile is a few rows of the result by a few registers of their columns. It stays in the registers while the sum runs. For
//! each summand it loads one row of the factor and one coefficient for each of its own rows. So nothing is packed, and the
//! factor's columns that the tiles of a pass share stay in the cache. Before its sum a tile prefetches as much of the caller's
//! next memory as it has registers, because the third-level cache is idle during the sum.
//!
//! If [`are_used`] is true, each value is summed as by [`product`](super::dense::product), bit for bit: up to [`BLOCK`] summands
//! in order, each multiplied and added with one rounding, and then the block's sum, scaled, is added to the old value.

#![allow(unsafe_code)]

use super::dense::Write;
use super::lanes::{InstructionSet, Kernel, Lanes};
use super::matrix::row_stride;
use super::passes::{Pass, load_row, passes, store_row};
use super::team::{Division, Share};
use ndarray::{ArrayView2, ArrayViewMut2, Axis};

/// Limit on the registers of a tile's row: [`Lanes::TILE`] such rows, their coefficients and one register of the factor fit.
const REGISTERS: usize = 4;
/// Summands of a block; their columns of a pass stay in the second-level cache for all rows of the result.
const BLOCK: usize = 512;
/// Values in a cache line.
const LINE: usize = 16;
/// Limit on the multiplications of a small product.
const SMALL: usize = 16 * 16 * 16;

/// Whether products of this size are computed in tiles. For products with vectors, outer products of two vectors and small products
/// [`product`](super::dense::product) has other algorithms with other bits.
pub(super) fn are_used(samples: usize, units: usize, columns: usize) -> bool {
    samples.min(units).min(columns) > 1 && samples.saturating_mul(units).saturating_mul(columns) > SMALL
}

/// out ← C W for the coefficients C \[B, m\], `weights` \[m, n\] and out \[B, n\]. The threads share the columns.
///
/// # Panics
/// If the lengths don't fit.
pub(super) fn combine(
    (set, share): (InstructionSet, Share<'_>),
    coefficients: &[f32],
    weights: ArrayView2<'_, f32>,
    mut out: ArrayViewMut2<'_, f32>,
) {
    let ((units, columns), samples) = (weights.dim(), out.nrows());
    let fits = columns == out.ncols() && samples * units == coefficients.len();
    assert!(fits, "coefficients, weights and result don't fit each other");
    if units == 0 {
        out.fill(0.0);
    } else if let Some(division) = share.divide(columns, LINE) {
        let Division { end, first, second, .. } = division;
        let (left, right) = out.split_at(Axis(1), end);
        let (weights_left, weights_right) = weights.split_at(Axis(1), end);
        division.join(
            || combine((set, first), coefficients, weights_left, left),
            || combine((set, second), coefficients, weights_right, right),
        );
    } else {
        let sum = Sum { coefficients, row: units, summand: 1, factor: weights };
        sum_up(set, out, Write::Replace, 1.0, sum, &[]);
    }
}

/// A sum of outer products, coefficientsᵀ samples.
#[derive(Debug, Clone, Copy)]
pub(super) struct DenseTerm<'a> {
    /// \[B, m\].
    pub(super) coefficients: &'a [f32],
    /// x \[B, n\].
    pub(super) samples: &'a [f32],
    /// Memory that the caller needs next: up to as many values as the gradient has are prefetched into the second-level cache.
    pub(super) ahead: &'a [f32],
}

/// gradient_j ← gradient_j + scale · Σ_b coefficient_bj x_b, for one term after the other. `gradient` has the rows of the units
/// j = `first`, `first` + 1, …; m is `units` and n is `columns`.
///
/// # Panics
/// If the lengths don't fit.
pub(super) fn add_outer(
    set: InstructionSet,
    terms: [DenseTerm<'_>; 2],
    (first, units): (usize, usize),
    scale: f32,
    gradient: &mut [f32],
    columns: usize,
) {
    if gradient.is_empty() {
        return;
    }
    for DenseTerm { coefficients, samples, ahead } in terms {
        let fits = coefficients.len() * columns == samples.len() * units
            && first * columns + gradient.len() <= units * columns;
        assert!(fits, "terms and gradient don't fit each other");
        let matrix = |rows: usize| (rows, columns);
        let factor = ArrayView2::from_shape(matrix(samples.len() / columns), samples).expect("whole rows");
        let gradient = ArrayViewMut2::from_shape(matrix(gradient.len() / columns), &mut *gradient);
        let gradient = gradient.expect("the gradient has whole rows");
        let coefficients = coefficients.get(first..).unwrap_or_default();
        let sum = Sum { coefficients, row: 1, summand: units, factor };
        sum_up(set, gradient, Write::Add, scale, sum, ahead);
    }
}

/// Σ_k coefficient_ik factor_k for the rows i of a result.
#[derive(Debug, Clone, Copy)]
struct Sum<'a> {
    /// The coefficient of row i and summand k is at `row` · i + `summand` · k.
    coefficients: &'a [f32],
    row: usize,
    summand: usize,
    /// One row for each summand, as long as the result's rows.
    factor: ArrayView2<'a, f32>,
}

/// result ← \[result +\] scale · sum; prefetches `ahead`.
fn sum_up(
    set: InstructionSet,
    mut result: ArrayViewMut2<'_, f32>,
    mut write: Write,
    scale: f32,
    sum: Sum<'_>,
    ahead: &[f32],
) {
    let (rows, columns) = result.dim();
    if rows == 0 || columns == 0 {
        return;
    }
    for (block, factor) in sum.factor.axis_chunks_iter(Axis(0), BLOCK).enumerate() {
        let summands = factor.nrows();
        let coefficients = &sum.coefficients[block * BLOCK * sum.summand..];
        let last = (rows - 1) * sum.row + (summands - 1) * sum.summand;
        let fits = factor.ncols() == columns && last < coefficients.len();
        assert!(fits, "the sum doesn't fit the result");
        let sum = Sum { coefficients, factor, ..sum };
        let (stride, factor_stride) = (row_stride(&result), row_stride(&factor));
        let result = result.as_mut_ptr();
        // SAFETY: `set` proves that the processor has the instruction set; the lengths were just checked.
        unsafe { set.run(Tiles { result, rows, columns, stride, factor_stride, write, scale, sum, ahead }) }
        write = Write::Add;
    }
}

/// All tiles of a result. Safety condition: the result has `rows` rows of `columns` ≥ 1 columns, `stride` apart; the factor's rows have as
/// many columns, and there are coefficients for every row and summand.
struct Tiles<'a> {
    result: *mut f32,
    rows: usize,
    columns: usize,
    stride: usize,
    factor_stride: usize,
    write: Write,
    scale: f32,
    sum: Sum<'a>,
    /// Memory to prefetch.
    ahead: &'a [f32],
}

impl Kernel for Tiles<'_> {
    type Output = ();
    #[inline(always)]
    unsafe fn call<L: Lanes>(self) {
        let mut parts = self.ahead.chunks(L::TILE * REGISTERS * L::WIDTH);
        for pass in passes(self.columns, L::WIDTH, REGISTERS) {
            for first in (0..self.rows).step_by(L::TILE) {
                let ahead = parts.next().unwrap_or_default();
                let place = TilePlace { tiles: &self, pass, first, ahead };
                // SAFETY: the caller promises the kernel's condition.
                unsafe {
                    match pass.registers {
                        1 => place.run::<L, 1>(),
                        2 => place.run::<L, 2>(),
                        3 => place.run::<L, 3>(),
                        _ => place.run::<L, REGISTERS>(),
                    }
                }
            }
        }
    }
}

/// A tile's position: its first row and the pass of its columns. Safety condition: as for [`Tiles`].
struct TilePlace<'a, 'b> {
    tiles: &'a Tiles<'b>,
    pass: Pass,
    first: usize,
    /// Memory that this tile prefetches.
    ahead: &'a [f32],
}

impl TilePlace<'_, '_> {
    /// Runs the tile of up to [`Lanes::TILE`] ≤ 5 rows and the `T` registers of the pass.
    ///
    /// # Safety
    /// The place's condition, and the processor has the instruction set.
    #[inline(always)]
    unsafe fn run<L: Lanes, const T: usize>(self) {
        // SAFETY: the caller's promise.
        unsafe {
            match L::TILE.min(self.tiles.rows - self.first) {
                1 => self.run_rows::<L, 1, T>(),
                2 => self.run_rows::<L, 2, T>(),
                3 => self.run_rows::<L, 3, T>(),
                4 => self.run_rows::<L, 4, T>(),
                _ => self.run_rows::<L, 5, T>(),
            }
        }
    }

    /// Runs the tile of `R` rows and `T` registers.
    ///
    /// # Safety
    /// As for [`TilePlace::run`].
    #[inline(always)]
    unsafe fn run_rows<L: Lanes, const R: usize, const T: usize>(self) {
        // SAFETY: the caller's promise.
        unsafe {
            if self.pass.last == L::WIDTH {
                L::run(Tile::<R, T, true>(self));
            } else {
                L::run(Tile::<R, T, false>(self));
            }
        }
    }
}

/// A tile of `R` rows by `T` registers; `WHOLE`: the last register is full. This is a constant, because a branch in the loop over
/// the summands would spill the accumulators.
struct Tile<'a, 'b, const R: usize, const T: usize, const WHOLE: bool>(TilePlace<'a, 'b>);

impl<const R: usize, const T: usize, const WHOLE: bool> Kernel for Tile<'_, '_, R, T, WHOLE> {
    type Output = ();
    // By index, because iterators over the accumulators would spill them.
    #[allow(clippy::needless_range_loop)]
    #[inline(always)]
    unsafe fn call<L: Lanes>(self) {
        let TilePlace {
            tiles: &Tiles { result, stride, factor_stride, write, scale, sum, .. },
            pass,
            first,
            ahead,
        } = self.0;
        let last = if WHOLE { L::WIDTH } else { pass.last };
        // SAFETY: rows and summands are in range, rows of the result and the factor have the pass's columns, and the last register
        // of a row is read and written up to its last column only.
        unsafe {
            for line in ahead.chunks(LINE) {
                L::prefetch(line.as_ptr());
            }
            let mut accumulators = [[L::splat(0.0); T]; R];
            let mut coefficients = sum.coefficients.as_ptr().wrapping_add(first * sum.row);
            let mut factor = sum.factor.as_ptr().wrapping_add(pass.first);
            for _ in 0..sum.factor.nrows() {
                let mut row_coefficients = [L::splat(0.0); R];
                for row in 0..R {
                    row_coefficients[row] = L::splat(*coefficients.add(row * sum.row));
                }
                // The factor's row is loaded register by register, because a whole row does not fit AVX2's 16 registers.
                for t in 0..T {
                    let value =
                        L::load_part(factor.add(t * L::WIDTH), if t + 1 < T { L::WIDTH } else { last });
                    for row in 0..R {
                        accumulators[row][t] =
                            L::multiply_add(row_coefficients[row], value, accumulators[row][t]);
                    }
                }
                coefficients = coefficients.wrapping_add(sum.summand);
                factor = factor.wrapping_add(factor_stride);
            }
            let scale = L::splat(scale);
            for row in 0..R {
                let place = result.add((first + row) * stride + pass.first);
                let mut values = accumulators[row];
                for t in 0..T {
                    values[t] = L::multiply(scale, values[t]);
                }
                if write == Write::Add {
                    let before = load_row::<L, T>(place, last);
                    for t in 0..T {
                        values[t] = L::add(before[t], values[t]);
                    }
                }
                store_row::<L, T>(place, values, last);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::linalg::product;
    use crate::linalg::team::tests::by_teams;
    use crate::linalg::tests::normal;
    use proptest::prelude::*;

    fn view(values: &[f32], columns: usize) -> ArrayView2<'_, f32> {
        ArrayView2::from_shape((values.len() / columns, columns), values).unwrap()
    }

    fn view_mut(values: &mut [f32], columns: usize) -> ArrayViewMut2<'_, f32> {
        ArrayViewMut2::from_shape((values.len() / columns, columns), values).unwrap()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(60))]

        /// Whole and partial tiles, passes, registers and blocks, against loops in double precision and, bit for bit, against
        /// [`product`].
        #[test]
        fn tiles_equal_the_dense_products(
            batch in 1_usize..14,
            units in prop_oneof![1_usize..30, 500_usize..530, 1020_usize..1030],
            columns in 1_usize..150,
            seed in 0_u64..1000,
        ) {
            let same_bits = are_used(batch, units, columns);
            let weights = normal(seed, units * columns);
            let coefficients = [1, 2].map(|i| normal(seed + i, batch * units));
            let samples = [3, 4].map(|i| normal(seed + i, batch * columns));
            let velocity = normal(seed + 5, units * columns);
            let scale = -0.3;

            let mut combined = vec![f32::NAN; batch * columns];
            let factors = (view(&coefficients[0], units), view(&weights, columns));
            product(view_mut(&mut combined, columns), Write::Replace, 1.0, factors.0, factors.1);
            let mut gradient = velocity.clone();
            for (coefficients, samples) in coefficients.iter().zip(&samples) {
                let (coefficients, samples) = (view(coefficients, units), view(samples, columns));
                product(view_mut(&mut gradient, columns), Write::Add, scale, coefficients.t(), samples);
            }

            for &set in InstructionSet::available() {
                let mut out = vec![f32::NAN; batch * columns];
                let alone = (set, Share::alone());
                combine(alone, &coefficients[0], view(&weights, columns), view_mut(&mut out, columns));
                prop_assert!(!same_bits || out == combined, "combine by {set:?}");
                for (i, found) in out.iter().enumerate() {
                    let (sample, column) = (i / columns, i % columns);
                    let products = (0..units).map(|j| {
                        f64::from(coefficients[0][sample * units + j]) * f64::from(weights[j * columns + column])
                    });
                    // The products are of order 1: a few ulp of the largest partial sum, at most some hundred.
                    prop_assert!((f64::from(*found) - products.sum::<f64>()).abs() < 1e-3);
                }

                // Prefetching changes nothing, however much is prefetched.
                let ahead = [&velocity[..columns], &weights];
                let terms = [0, 1].map(|i| {
                    DenseTerm { coefficients: &coefficients[i], samples: &samples[i], ahead: ahead[i] }
                });
                let mut whole = velocity.clone();
                add_outer(set, terms, (0, units), scale, &mut whole, columns);
                prop_assert!(!same_bits || whole == gradient, "add_outer by {set:?}");
                for (i, found) in whole.iter().enumerate() {
                    let (unit, column) = (i / columns, i % columns);
                    let products = terms.iter().flat_map(|term| {
                        (0..batch).map(move |b| {
                            f64::from(term.coefficients[b * units + unit])
                                * f64::from(term.samples[b * columns + column])
                        })
                    });
                    let expected = f64::from(velocity[i]) + f64::from(scale) * products.sum::<f64>();
                    prop_assert!((f64::from(*found) - expected).abs() < 1e-4);
                }

                let mut parts = velocity.clone();
                for (part, gradient) in parts.chunks_mut(7 * columns).enumerate() {
                    add_outer(set, terms, (7 * part, units), scale, gradient, columns);
                }
                prop_assert_eq!(&parts, &whole, "bits depend on the tile that a value lies in");

                let [alone, two, three] = by_teams(|team| {
                    let share = (set, team.share(usize::MAX));
                    let mut y = vec![f32::NAN; batch * columns];
                    combine(share, &coefficients[0], view(&weights, columns), view_mut(&mut y, columns));
                    y
                });
                prop_assert_eq!(&alone, &out);
                prop_assert!(alone == two && alone == three, "bits depend on the number of threads");
            }
        }
    }

    #[test]
    fn a_sum_of_nothing_is_zero_and_nan_stays_visible() {
        for &set in InstructionSet::available() {
            let mut out = [f32::NAN; 6];
            let alone = (set, Share::alone());
            combine(alone, &[], view(&[], 3), view_mut(&mut out, 3));
            assert_eq!(out, [0.0; 6]);
            combine(alone, &[f32::NAN, 1.0], view(&[1.0; 3], 3), view_mut(&mut out, 3));
            assert!(out[..3].iter().all(|y| y.is_nan()) && out[3..] == [1.0; 3]);
        }
    }

    #[test]
    fn shapes_that_do_not_fit_are_refused() {
        for &set in InstructionSet::available() {
            // Refused: a sample lacks a column; the gradient goes beyond the units.
            let refused = |samples: usize, first: usize| {
                let (coefficients, samples) = ([1.0; 4], vec![1.0; samples]);
                let term = DenseTerm { coefficients: &coefficients, samples: &samples, ahead: &[] };
                let call = || add_outer(set, [term; 2], (first, 2), 1.0, &mut [0.0; 6], 3);
                std::panic::catch_unwind(call).is_err()
            };
            assert!(!refused(6, 0) && refused(5, 0) && refused(6, 1));
        }
    }
}
