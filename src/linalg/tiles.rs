//! The dense products whose results have rows of n columns, Y ← C W and V ← V + Cᵀ X, in tiles of registers.
//!
//! A tile is a few rows of the result by a few registers of their columns. It stays in the registers while the sum runs. For
//! each summand it loads one row of the factor and one coefficient for each of its own rows. Before its sum a tile prefetches as much of the
//! caller's next memory as it has registers, because the third-level cache is idle during the sum. With large batches the sum itself takes
//! long enough to prefetch what the next pass reads.
//!
//! What the tiles of a pass share stays in the cache if it lies side by side. Rows that are far apart fall on few places of a cache, above
//! all if their distance is a power of two. So the samples of the gradient are packed pass by pass, and with large batches W's rows and the
//! gradient's coefficients too: each of them is then read by so many tiles that packing takes no time that counts.
//!
//! If [`are_used`] is true, each value is summed as by [`product`](super::dense::product), bit for bit: up to [`BLOCK`] summands
//! in order, each multiplied and added with one rounding, and then the block's sum, scaled, is added to the old value.

#![allow(unsafe_code)]

use super::dense::Write;
use super::lanes::{InstructionSet, Kernel, Lanes};
use super::matrix::row_stride;
use super::passes::{self, Aligned, LARGE, Pass, WIDEST, load_row, pack_pass, panel_len, passes, store_row};
use super::team::{Division, Share};
use ndarray::{ArrayViewMut2, Axis};
use std::ops::Range;

/// Limit on the registers of a tile's row: [`Lanes::TILE`] such rows, their coefficients and one register of the factor fit.
const REGISTERS: usize = 4;
/// Summands of a block; their columns of a pass stay in the second-level cache for all rows of the result.
const BLOCK: usize = 512;
/// Rows of a gradient that are summed at a time: they and the weights' rows stay in the second-level cache.
pub(super) const ROWS: usize = 30;
/// Distance between the packed coefficients of two samples: [`ROWS`] in whole cache lines.
const PACKED: usize = ROWS.next_multiple_of(LINE);
/// Values in a cache line.
const LINE: usize = 16;
/// Limit on the multiplications of a small product.
const SMALL: usize = 16 * 16 * 16;

/// Whether products of this size are computed in tiles. For products with vectors, outer products of two vectors and small products
/// [`product`](super::dense::product) has other algorithms with other bits.
pub(super) fn are_used(samples: usize, units: usize, columns: usize) -> bool {
    samples.min(units).min(columns) > 1 && samples.saturating_mul(units).saturating_mul(columns) > SMALL
}

/// Packs the samples of a batch \[B, n\] as [`DenseTerm`] has them.
pub(super) fn pack(set: InstructionSet, samples: &[f32], columns: usize, panel: &mut [f32]) {
    passes::pack(set, samples, columns, REGISTERS, panel);
}

/// out ← C W for the coefficients C \[B, m\], `weights` \[m, n\] and out \[B, n\]. The threads share the columns.
///
/// # Panics
/// If the lengths don't fit.
pub(super) fn combine(
    with: (InstructionSet, Share<'_>),
    coefficients: &[f32],
    weights: &[f32],
    mut out: ArrayViewMut2<'_, f32>,
) {
    let (samples, columns) = out.dim();
    if out.is_empty() {
        return;
    }
    let units = weights.len() / columns;
    let fits = weights.len() == units * columns && coefficients.len() == samples * units;
    assert!(fits, "coefficients, weights and result don't fit each other");
    if units == 0 {
        return out.fill(0.0);
    }
    combine_columns(with, coefficients, (weights, columns), out);
}

/// As [`combine`], for some columns: `weights` begins with the first value of these columns, and its rows are `stride` apart.
fn combine_columns(
    (set, share): (InstructionSet, Share<'_>),
    coefficients: &[f32],
    (weights, stride): (&[f32], usize),
    out: ArrayViewMut2<'_, f32>,
) {
    if let Some(division) = share.divide(out.ncols(), LINE) {
        let Division { end, first, second, .. } = division;
        let (left, right) = out.split_at(Axis(1), end);
        division.join(
            || combine_columns((set, first), coefficients, (weights, stride), left),
            || combine_columns((set, second), coefficients, (&weights[end..], stride), right),
        );
    } else if out.nrows() < LARGE {
        combine_blocks(set, coefficients, (weights, stride), out, None);
    } else {
        let mut panel = Aligned([0.0; BLOCK * REGISTERS * WIDEST]);
        combine_blocks(set, coefficients, (weights, stride), out, Some(&mut panel.0));
    }
}

/// As [`combine_columns`], by one thread; W's rows are packed in `panel`, if given.
fn combine_blocks(
    set: InstructionSet,
    coefficients: &[f32],
    (weights, stride): (&[f32], usize),
    mut out: ArrayViewMut2<'_, f32>,
    mut panel: Option<&mut [f32]>,
) {
    let (samples, columns) = out.dim();
    let units = coefficients.len() / samples;
    for block in blocks(units) {
        let write = if block.start == 0 { Write::Replace } else { Write::Add };
        let rows = |pass: Pass| (&weights[block.start * stride + pass.first..], stride);
        let mut passes = passes(columns, set.width(), REGISTERS).peekable();
        while let Some(pass) = passes.next() {
            let (factor, next) = match &mut panel {
                None => (rows(pass), None),
                Some(panel) => {
                    pack_pass(set, rows(pass), block.len(), pass, panel);
                    ((&**panel, pass.registers * set.width()), passes.peek().map(|pass| rows(*pass)))
                }
            };
            let coefficients = &coefficients[block.start..];
            let sum = Sum { coefficients, row: units, summand: 1, factor, summands: block.len() };
            sum_up(set, &mut out, pass, (write, 1.0), sum, Ahead { values: &[], factor: next });
        }
    }
}

/// The blocks of `count` summands.
fn blocks(count: usize) -> impl Iterator<Item = Range<usize>> {
    (0..count).step_by(BLOCK).map(move |start| start..count.min(start + BLOCK))
}

/// A sum of outer products, coefficientsᵀ samples.
#[derive(Debug, Clone, Copy)]
pub(super) struct DenseTerm<'a> {
    /// \[B, m\].
    pub(super) coefficients: &'a [f32],
    /// The samples x \[B, n\], [packed](pack).
    pub(super) panel: &'a [f32],
    /// Memory that the caller needs next: up to as many values as the gradient has are prefetched into the second-level cache.
    pub(super) ahead: &'a [f32],
}

/// gradient_j ← gradient_j + scale · Σ_b coefficient_bj x_b, for one term after the other. `gradient` has up to [`ROWS`] rows, those of the
/// units j = `first`, `first` + 1, …; m is `units` and n is `columns`.
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
    let rows = gradient.len() / columns;
    assert!(rows <= ROWS && first + rows <= units, "the gradient has up to {ROWS} rows, each a unit's");
    let gradient = ArrayViewMut2::from_shape((rows, columns), gradient);
    let mut gradient = gradient.expect("the gradient has whole rows");
    for term in terms {
        if term.coefficients.len() < LARGE * units {
            add_term(set, term, (first, units), scale, &mut gradient, None);
        } else {
            let mut packed = Aligned([0.0; BLOCK * PACKED]);
            add_term(set, term, (first, units), scale, &mut gradient, Some(&mut packed.0));
        }
    }
}

/// As [`add_outer`], for one term; the coefficients of the gradient's rows are copied to `packed`, if given.
fn add_term(
    set: InstructionSet,
    DenseTerm { coefficients, panel, ahead }: DenseTerm<'_>,
    (first, units): (usize, usize),
    scale: f32,
    gradient: &mut ArrayViewMut2<'_, f32>,
    mut packed: Option<&mut [f32]>,
) {
    let ((rows, columns), samples) = (gradient.dim(), coefficients.len() / units);
    assert!(coefficients.len() == samples * units && panel.len() >= panel_len(samples, columns));
    let (prefetches, tiles) = (packed.is_some(), rows.next_multiple_of(set.tile()));
    let mut ahead = ahead.chunks(tiles * REGISTERS * set.width());
    for block in blocks(samples) {
        let from_first = &coefficients[block.start * units + first..];
        let (coefficients, summand) = match &mut packed {
            None => (from_first, units),
            Some(packed) => {
                for (packed, row) in
                    packed.chunks_exact_mut(PACKED).zip(from_first.chunks(units)).take(block.len())
                {
                    // As an array of known length, a whole row is copied by a few instructions.
                    match row.first_chunk::<ROWS>().filter(|_| rows == ROWS) {
                        Some(row) => packed[..ROWS].copy_from_slice(row),
                        None => packed[..rows].copy_from_slice(&row[..rows]),
                    }
                }
                (&**packed, PACKED)
            }
        };
        for pass in passes(columns, set.width(), REGISTERS) {
            let stride = pass.registers * set.width();
            let factor = (&panel[pass.first * samples + block.start * stride..], stride);
            let sum = Sum { coefficients, row: 1, summand, factor, summands: block.len() };
            let following = (pass.first + stride).min(columns) * samples + block.start * stride;
            let next = prefetches.then(|| (panel.get(following..).unwrap_or_default(), stride));
            let ahead = Ahead { values: ahead.next().unwrap_or_default(), factor: next };
            sum_up(set, gradient, pass, (Write::Add, scale), sum, ahead);
        }
    }
}

/// Σ_k coefficient_ik factor_k for the rows i of a result.
#[derive(Debug, Clone, Copy)]
struct Sum<'a> {
    /// The coefficient of row i and summand k is at `row` · i + `summand` · k.
    coefficients: &'a [f32],
    row: usize,
    summand: usize,
    /// From the first value of the pass on: a row for each summand, and the distance between rows.
    factor: (&'a [f32], usize),
    /// Number of summands, at least 1.
    summands: usize,
}

/// Memory that is needed after a pass and prefetched to the second-level cache.
#[derive(Debug, Clone, Copy, Default)]
struct Ahead<'a> {
    /// The caller's next values, as many as the pass's result has.
    values: &'a [f32],
    /// The factor of the next pass, as in [`Sum`].
    factor: Option<(&'a [f32], usize)>,
}

/// result ← \[result +\] scale · sum, in the columns of `pass`; prefetches `ahead`.
fn sum_up(
    set: InstructionSet,
    result: &mut ArrayViewMut2<'_, f32>,
    pass: Pass,
    (write, scale): (Write, f32),
    sum: Sum<'_>,
    ahead: Ahead<'_>,
) {
    let ((rows, columns), stride) = (result.dim(), row_stride(result));
    let Some(others) = rows.checked_sub(1) else { return };
    let (last, filled) = (sum.summands - 1, (pass.registers - 1) * set.width() + pass.last);
    let fits = others * sum.row + last * sum.summand < sum.coefficients.len()
        && last * sum.factor.1 + filled <= sum.factor.0.len()
        && pass.first + filled <= columns;
    assert!(fits, "the sum doesn't fit the result");
    let result = result.as_mut_ptr().wrapping_add(pass.first);
    // SAFETY: `set` proves that the processor has the instruction set; the lengths were just checked.
    unsafe { set.run(Tiles { result, rows, stride, pass, write, scale, sum, ahead }) }
}

/// All tiles of a pass. Safety condition: `result` is valid for `rows` ≥ 1 rows of the pass's columns, `stride` apart; so are the factor's
/// rows, and there are coefficients for every row and summand.
struct Tiles<'a> {
    result: *mut f32,
    rows: usize,
    stride: usize,
    pass: Pass,
    write: Write,
    scale: f32,
    sum: Sum<'a>,
    ahead: Ahead<'a>,
}

impl Kernel for Tiles<'_> {
    type Output = ();
    #[inline(always)]
    unsafe fn call<L: Lanes>(self) {
        let mut parts = self.ahead.values.chunks(L::TILE * REGISTERS * L::WIDTH);
        // Each tile prefetches one line of every row of the next factor, as long as there are lines.
        let (factor, stride) =
            self.ahead.factor.map_or((std::ptr::null(), 0), |(values, stride)| (values.as_ptr(), stride));
        let mut lines = (0..(self.pass.registers * L::WIDTH)).step_by(LINE);
        for first in (0..self.rows).step_by(L::TILE) {
            let next = lines.next().map_or((factor, 0), |line| (factor.wrapping_add(line), stride));
            let place = TilePlace { tiles: &self, first, ahead: parts.next().unwrap_or_default(), next };
            // SAFETY: the caller promises the kernel's condition.
            unsafe {
                match self.pass.registers {
                    1 => place.run::<L, 1>(),
                    2 => place.run::<L, 2>(),
                    3 => place.run::<L, 3>(),
                    _ => place.run::<L, REGISTERS>(),
                }
            }
        }
    }
}

/// A tile's position. Safety condition: as for [`Tiles`].
struct TilePlace<'a, 'b> {
    tiles: &'a Tiles<'b>,
    /// The tile's first row.
    first: usize,
    /// Memory that this tile prefetches before the sum.
    ahead: &'a [f32],
    /// And during the sum, a line for each summand: the first value, which may be anywhere, and the distance of the lines.
    next: (*const f32, usize),
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
            if self.tiles.pass.last == L::WIDTH {
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
            tiles: &Tiles { result, stride, pass, write, scale, sum, .. },
            first,
            ahead,
            next: (mut next, next_stride),
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
            let mut factor = sum.factor.0.as_ptr();
            for _ in 0..sum.summands {
                L::prefetch(next);
                next = next.wrapping_add(next_stride);
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
                factor = factor.wrapping_add(sum.factor.1);
            }
            let scale = L::splat(scale);
            for row in 0..R {
                let place = result.add((first + row) * stride);
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
    use ndarray::ArrayView2;
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
            (batch, units) in prop_oneof![
                (1_usize..14, prop_oneof![1_usize..30, 500_usize..530, 1020_usize..1030]),
                (prop_oneof![LARGE - 2..LARGE + 5, 500_usize..530], 1_usize..70),
            ],
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
                combine(alone, &coefficients[0], &weights, view_mut(&mut out, columns));
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
                let panels = samples.each_ref().map(|samples| {
                    let mut panel = vec![f32::NAN; panel_len(batch, columns)];
                    pack(set, samples, columns, &mut panel);
                    panel
                });
                let terms = [0, 1].map(|i| {
                    DenseTerm { coefficients: &coefficients[i], panel: &panels[i], ahead: ahead[i] }
                });
                let by_rows = |rows: usize| {
                    let mut whole = velocity.clone();
                    for (part, gradient) in whole.chunks_mut(rows * columns).enumerate() {
                        add_outer(set, terms, (rows * part, units), scale, gradient, columns);
                    }
                    whole
                };
                let whole = by_rows(ROWS);
                prop_assert!(!same_bits || whole == gradient, "add_outer by {set:?}");
                for (i, found) in whole.iter().enumerate() {
                    let (unit, column) = (i / columns, i % columns);
                    let products = coefficients.iter().zip(&samples).flat_map(|(coefficients, samples)| {
                        (0..batch).map(move |b| {
                            f64::from(coefficients[b * units + unit]) * f64::from(samples[b * columns + column])
                        })
                    });
                    let expected = f64::from(velocity[i]) + f64::from(scale) * products.sum::<f64>();
                    prop_assert!((f64::from(*found) - expected).abs() < 1e-3);
                }
                prop_assert_eq!(&by_rows(7), &whole, "bits depend on the tile that a value lies in");

                let [alone, two, three] = by_teams(|team| {
                    let share = (set, team.share(usize::MAX));
                    let mut y = vec![f32::NAN; batch * columns];
                    combine(share, &coefficients[0], &weights, view_mut(&mut y, columns));
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
            combine(alone, &[], &[], view_mut(&mut out, 3));
            assert_eq!(out, [0.0; 6]);
            combine(alone, &[f32::NAN, 1.0], &[1.0; 3], view_mut(&mut out, 3));
            assert!(out[..3].iter().all(|y| y.is_nan()) && out[3..] == [1.0; 3]);
        }
    }

    #[test]
    fn shapes_that_do_not_fit_are_refused() {
        for &set in InstructionSet::available() {
            // Refused: a sample lacks a column; the gradient goes beyond the units.
            let refused = |samples: usize, first: usize| {
                let (coefficients, panel) = ([1.0; 4], vec![1.0; samples * 16]);
                let term = DenseTerm { coefficients: &coefficients, panel: &panel, ahead: &[] };
                let call = || add_outer(set, [term; 2], (first, 2), 1.0, &mut [0.0; 6], 3);
                std::panic::catch_unwind(call).is_err()
            };
            assert!(!refused(2, 0) && refused(1, 0) && refused(2, 1));
        }
    }
}
