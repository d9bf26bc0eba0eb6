//! The dense products whose results have rows of n columns, Y ← C W and V ← V + Cᵀ X, in tiles of registers.
//!
//! A tile is a few rows of the result by a few registers of their columns. It stays in the registers while the sum runs: of each
//! summand it loads one row of the factor and a coefficient for each of its own rows. So nothing is packed, and what the
//! tiles of a pass share stays in the cache. Before its sum a tile asks for as much of what the caller needs next as it has registers,
//! for the third-level cache is idle meanwhile.
//!
//! Where they [`serve`], each value is summed as [`product`](super::dense::product) sums it, bit for bit: up to [`BLOCK`] summands in
//! order, each multiplied and added with one rounding, and then the block, scaled, to what was there.

#![allow(unsafe_code)]

use super::dense::Write;
use super::lanes::{InstructionSet, Kernel, Lanes};
use super::passes::{Pass, load_row, passes, store_row};

/// Most registers of a tile's row: with [`Lanes::TILE`] rows, their coefficients and one register of the factor they fit.
const REGISTERS: usize = 4;
/// Summands of a block; their columns of a pass stay in the second-level cache for all rows of the result.
const BLOCK: usize = 512;
/// Values of a cache line.
const LINE: usize = 16;
/// Multiplications of a small product.
const SMALL: usize = 16 * 16 * 16;

/// Whether tiles are for products of so many samples, units and columns: to vectors, outer products of two of them and whatever is
/// small [`product`](super::dense::product) has other ways, with other bits.
pub(super) fn serve(samples: usize, units: usize, columns: usize) -> bool {
    samples.min(units).min(columns) > 1 && samples.saturating_mul(units).saturating_mul(columns) > SMALL
}

/// out ← C W for the coefficients C \[B, m\], `weights` \[m, n\] and out \[B, n\], where n is `columns`.
///
/// # Panics
/// If the lengths don't fit.
pub(super) fn combine(
    set: InstructionSet,
    coefficients: &[f32],
    weights: &[f32],
    columns: usize,
    out: &mut [f32],
) {
    let units = weights.len() / columns.max(1);
    let fits = weights.len() == units * columns && out.len() * units == coefficients.len() * columns;
    assert!(fits, "coefficients, weights and result don't fit each other");
    if units == 0 {
        return out.fill(0.0);
    }
    let sum = Sum { coefficients, row: units, summand: 1, factor: weights };
    sum_up(set, out, Write::Replace, 1.0, columns, sum, &[]);
}

/// One sum of outer products.
#[derive(Debug, Clone, Copy)]
pub(super) struct Term<'a> {
    /// \[B, m\].
    pub(super) coefficients: &'a [f32],
    /// x \[B, n\].
    pub(super) samples: &'a [f32],
    /// What the caller needs next: so much of it as the gradient has values is brought into the second-level cache meanwhile.
    pub(super) ahead: &'a [f32],
}

/// gradient_j ← gradient_j + scale · Σ_b coefficient_bj x_b, for one term after the other and the units j from `first` on that
/// `gradient` has rows of; m is `units` and n is `columns`.
///
/// # Panics
/// If the lengths don't fit.
pub(super) fn add_outer(
    set: InstructionSet,
    terms: [Term<'_>; 2],
    units: usize,
    first: usize,
    scale: f32,
    gradient: &mut [f32],
    columns: usize,
) {
    for Term { coefficients, samples, ahead } in terms {
        let fits = coefficients.len() * columns == samples.len() * units
            && first * columns + gradient.len() <= units * columns;
        assert!(fits, "terms and gradient don't fit each other");
        let coefficients = coefficients.get(first..).unwrap_or_default();
        let sum = Sum { coefficients, row: 1, summand: units, factor: samples };
        sum_up(set, gradient, Write::Add, scale, columns, sum, ahead);
    }
}

/// Σ_k coefficient_ik factor_k for the rows i of a result.
#[derive(Debug, Clone, Copy)]
struct Sum<'a> {
    /// Row i has its coefficient of summand k at `row` · i + `summand` · k.
    coefficients: &'a [f32],
    row: usize,
    summand: usize,
    /// A row for each summand, as long as the result's.
    factor: &'a [f32],
}

/// result ← \[result +\] scale · sum.
fn sum_up(
    set: InstructionSet,
    result: &mut [f32],
    mut write: Write,
    scale: f32,
    columns: usize,
    sum: Sum<'_>,
    ahead: &[f32],
) {
    if result.is_empty() {
        return;
    }
    let rows = result.len() / columns;
    assert!(result.len() == rows * columns, "the result doesn't have rows of {columns} columns");
    for (block, factor) in sum.factor.chunks(BLOCK * columns).enumerate() {
        let summands = factor.len() / columns;
        let coefficients = &sum.coefficients[block * BLOCK * sum.summand..];
        let last = (rows - 1) * sum.row + (summands - 1) * sum.summand;
        assert!(
            factor.len() == summands * columns && last < coefficients.len(),
            "the sum doesn't fit the result"
        );
        let sum = Sum { coefficients, factor, ..sum };
        // SAFETY: `set` vouches for the processor; the lengths were just checked.
        unsafe { set.run(Tiles { result: result.as_mut_ptr(), rows, columns, write, scale, sum, ahead }) }
        write = Write::Add;
    }
}

/// All tiles. Its condition: the result has `rows` rows of `columns` ≥ 1 columns; the sum's factor has rows of as many, and there are
/// coefficients for every row and summand.
struct Tiles<'a> {
    result: *mut f32,
    rows: usize,
    columns: usize,
    write: Write,
    scale: f32,
    sum: Sum<'a>,
    /// What to bring nearer meanwhile.
    ahead: &'a [f32],
}

impl Kernel for Tiles<'_> {
    #[inline(always)]
    unsafe fn call<L: Lanes>(self) {
        let mut parts = self.ahead.chunks(L::TILE * REGISTERS * L::WIDTH);
        for pass in passes(self.columns, L::WIDTH, REGISTERS) {
            for first in (0..self.rows).step_by(L::TILE) {
                let ahead = parts.next().unwrap_or_default();
                let place = Place { all: &self, pass, first, ahead };
                // SAFETY: the kernel's own condition is handed on.
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

/// Where a tile lies: in the rows from `first` on and the columns of a pass. Its condition is that of [`Tiles`], which has them.
struct Place<'a> {
    all: &'a Tiles<'a>,
    pass: Pass,
    first: usize,
    /// What the tile asks for.
    ahead: &'a [f32],
}

impl Place<'_> {
    /// Runs the tile of up to [`Lanes::TILE`] ≤ 5 rows and the `T` registers of the pass.
    ///
    /// # Safety
    /// The place's condition, and the processor has the instruction set.
    #[inline(always)]
    unsafe fn run<L: Lanes, const T: usize>(self) {
        // SAFETY: the caller's promise.
        unsafe {
            match L::TILE.min(self.all.rows - self.first) {
                1 => self.run_rows::<L, 1, T>(),
                2 => self.run_rows::<L, 2, T>(),
                3 => self.run_rows::<L, 3, T>(),
                4 => self.run_rows::<L, 4, T>(),
                _ => self.run_rows::<L, 5, T>(),
            }
        }
    }

    /// The same with that many rows.
    ///
    /// # Safety
    /// The same.
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

/// `R` rows by `T` registers, the last of which is `WHOLE` or not: a choice in the loop over the summands would make the
/// accumulators leave their registers.
struct Tile<'a, const R: usize, const T: usize, const WHOLE: bool>(Place<'a>);

impl<const R: usize, const T: usize, const WHOLE: bool> Kernel for Tile<'_, R, T, WHOLE> {
    // By index: iterators over the accumulators would spill them.
    #[allow(clippy::needless_range_loop)]
    #[inline(always)]
    unsafe fn call<L: Lanes>(self) {
        let Place { all: &Tiles { result, columns, write, scale, sum, .. }, pass, first, ahead } = self.0;
        let last = if WHOLE { L::WIDTH } else { pass.last };
        // SAFETY: rows and summands lie in their ranges, rows of the result and the factor have the pass's columns, and the last
        // register of a row is read and written up to its last column only.
        unsafe {
            for line in ahead.chunks(LINE) {
                L::prefetch(line.as_ptr());
            }
            let mut accumulators = [[L::splat(0.0); T]; R];
            let mut coefficients = sum.coefficients.as_ptr().wrapping_add(first * sum.row);
            let mut factor = sum.factor.as_ptr().wrapping_add(pass.at);
            for _ in 0..sum.factor.len() / columns {
                let mut of_rows = [L::splat(0.0); R];
                for row in 0..R {
                    of_rows[row] = L::splat(*coefficients.add(row * sum.row));
                }
                // Register by register: a whole row of the factor beside the rest would be too much for AVX2's 16.
                for t in 0..T {
                    let value =
                        L::load_part(factor.add(t * L::WIDTH), if t + 1 < T { L::WIDTH } else { last });
                    for row in 0..R {
                        accumulators[row][t] = L::multiply_add(of_rows[row], value, accumulators[row][t]);
                    }
                }
                coefficients = coefficients.wrapping_add(sum.summand);
                factor = factor.wrapping_add(columns);
            }
            let scale = L::splat(scale);
            for row in 0..R {
                let place = result.add((first + row) * columns + pass.at);
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
    use crate::linalg::{normal, product};
    use ndarray::{ArrayView2, ArrayViewMut2};
    use proptest::prelude::*;

    fn view(values: &[f32], columns: usize) -> ArrayView2<'_, f32> {
        ArrayView2::from_shape((values.len() / columns, columns), values).unwrap()
    }

    fn view_mut(values: &mut [f32], columns: usize) -> ArrayViewMut2<'_, f32> {
        ArrayViewMut2::from_shape((values.len() / columns, columns), values).unwrap()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(60))]

        /// Whole and partial tiles, passes, registers and blocks, against loops in double precision and, bit for bit, against the
        /// product that they stand for.
        #[test]
        fn tiles_are_the_dense_products(
            batch in 1_usize..14,
            units in prop_oneof![1_usize..30, 500_usize..530, 1020_usize..1030],
            columns in 1_usize..150,
            seed in 0_u64..1000,
        ) {
            let same_bits = serve(batch, units, columns);
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
                combine(set, &coefficients[0], &weights, columns, &mut out);
                prop_assert!(!same_bits || out == combined, "combine by {set:?}");
                for (i, found) in out.iter().enumerate() {
                    let (sample, column) = (i / columns, i % columns);
                    let products = (0..units).map(|j| {
                        f64::from(coefficients[0][sample * units + j]) * f64::from(weights[j * columns + column])
                    });
                    // The products are of order 1: a few ulp of the largest partial sum, at most some hundred.
                    prop_assert!((f64::from(*found) - products.sum::<f64>()).abs() < 1e-3);
                }

                // It changes nothing whether something is brought nearer, however much.
                let ahead = [&velocity[..columns], &weights];
                let terms = [0, 1].map(|i| {
                    Term { coefficients: &coefficients[i], samples: &samples[i], ahead: ahead[i] }
                });
                let mut whole = velocity.clone();
                add_outer(set, terms, units, 0, scale, &mut whole, columns);
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
                    add_outer(set, terms, units, 7 * part, scale, gradient, columns);
                }
                prop_assert_eq!(&parts, &whole, "bits depend on the tile that a value lies in");
            }
        }
    }

    #[test]
    fn a_sum_of_nothing_is_zero_and_what_is_not_a_number_stays_visible() {
        for &set in InstructionSet::available() {
            let mut out = [f32::NAN; 6];
            combine(set, &[], &[], 3, &mut out);
            assert_eq!(out, [0.0; 6]);
            combine(set, &[f32::NAN, 1.0], &[1.0; 3], 3, &mut out);
            assert!(out[..3].iter().all(|y| y.is_nan()) && out[3..] == [1.0; 3]);
        }
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        for &set in InstructionSet::available() {
            // A sample has a column too few; a gradient goes beyond the units.
            let refused = |samples: usize, first: usize| {
                let (coefficients, samples) = ([1.0; 4], vec![1.0; samples]);
                let term = Term { coefficients: &coefficients, samples: &samples, ahead: &[] };
                let call = || add_outer(set, [term; 2], 2, first, 1.0, &mut [0.0; 6], 3);
                std::panic::catch_unwind(call).is_err()
            };
            assert!(!refused(6, 0) && refused(5, 0) && refused(6, 1));
        }
    }
}
