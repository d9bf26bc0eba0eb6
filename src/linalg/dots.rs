//! lhs rowsᵀ for row-major factors: the dot product of every pair of rows, without packing either factor.
//!
//! Each dot product runs in the lanes of one register over the columns in order and is summed in a fixed tree. So its bits
//! don't depend on the number of rows or on the row's position.

#![allow(unsafe_code)]

use super::dense::{Write, product};
use super::lanes::{InstructionSet, Kernel, Lanes};
use super::matrix::row_stride;
use super::team::{Division, Share, Team};
use crate::real::Real;
use ndarray::{ArrayView2, ArrayViewMut2, Axis};

/// Units of a tile: as many as [`Lanes::sums`] sums at a time.
const UNITS: usize = 4;
/// Values of a block of samples: they stay in the second-level cache while all units are multiplied with them.
const BLOCK_VALUES: usize = 1 << 16;
/// Threads get multiples of so many units, so that no two write to one cache line.
const SHARED_UNITS: usize = 16;

/// out ← \[out +\] lhs rowsᵀ for lhs \[r, k\], rows \[c, k\], out \[r, c\], all row-major; `team` shares the c rows.
///
/// # Panics
/// If the shapes don't fit or a matrix has another layout.
pub fn dots<F: Real>(
    team: &Team,
    mut out: ArrayViewMut2<'_, F>,
    write: Write,
    lhs: ArrayView2<'_, F>,
    rows: ArrayView2<'_, F>,
) {
    let single = (F::single(super::values(&lhs)), F::single(super::values(&rows)));
    if let (Some(set), (Some(lhs_values), Some(row_values))) = (InstructionSet::best(), single) {
        let fits = lhs.ncols() == rows.ncols() && out.dim() == (lhs.nrows(), rows.nrows());
        assert!(fits, "dots of {:?} and {:?} into {:?}", lhs.dim(), rows.dim(), out.dim());
        let (shape, columns) = (out.dim(), lhs.ncols());
        let out = F::single_mut(super::values_mut(&mut out)).expect("the same type as the factors");
        let out = ArrayViewMut2::from_shape(shape, out).expect("a row-major matrix of this shape");
        let share = team.share(lhs_values.len().saturating_mul(rows.nrows()));
        dots_by((set, share), out, write, lhs_values, row_values, columns);
    } else {
        product(out, write, F::one(), lhs, rows.t());
    }
}

/// `out` may be some columns of a wider row-major matrix.
fn dots_by(
    (set, share): (InstructionSet, Share<'_>),
    mut out: ArrayViewMut2<'_, f32>,
    write: Write,
    lhs: &[f32],
    rows: &[f32],
    columns: usize,
) {
    if columns == 0 {
        if write == Write::Replace {
            out.fill(0.0);
        }
        return;
    }
    let (samples, units) = out.dim();
    assert!(lhs.len() == samples * columns && rows.len() == units * columns);
    if out.is_empty() {
        return;
    }
    if let Some(division) = share.divide(units, SHARED_UNITS) {
        let Division { end, first, second, .. } = division;
        let (left, right) = out.split_at(Axis(1), end);
        let (rows_left, rows_right) = rows.split_at(end * columns);
        division.join(
            || dots_by((set, first), left, write, lhs, rows_left, columns),
            || dots_by((set, second), right, write, lhs, rows_right, columns),
        );
        return;
    }
    let stride = row_stride(&out);
    let kernel = Dots {
        out: out.as_mut_ptr(),
        write,
        lhs: lhs.as_ptr(),
        rows: rows.as_ptr(),
        samples,
        units,
        stride,
        columns,
    };
    // SAFETY: `set` proves that the processor has the instruction set; the pointers are those of slices of the lengths that were
    // just checked, and of a view whose rows are `stride` apart.
    unsafe { set.run(kernel) }
}

/// The dot products of all samples and units. Safety condition: `out` is valid for `samples` rows of `units` values, `stride` apart, `lhs`
/// for samples · columns and `rows` for units · columns; none of the three counts is zero.
struct Dots {
    out: *mut f32,
    write: Write,
    lhs: *const f32,
    rows: *const f32,
    samples: usize,
    units: usize,
    stride: usize,
    columns: usize,
}

impl Kernel for Dots {
    type Output = ();
    #[inline(always)]
    unsafe fn call<L: Lanes>(self) {
        let Self { out, write, lhs, rows, samples, units, stride, columns } = self;
        // Blocks of about the same size, because W is read once for each block.
        let blocks = samples.div_ceil((BLOCK_VALUES / columns).max(1));
        let block = samples.div_ceil(blocks).next_multiple_of(L::TILE);
        for first in (0..samples).step_by(block) {
            let end = samples.min(first + block);
            for unit in (0..units).step_by(UNITS) {
                let mut sample = first;
                // The rows of the next tiles: each tile prefetches one of them.
                let mut ahead = rows.wrapping_add((unit + UNITS) * columns);
                while sample < end {
                    let count = L::TILE.min(end - sample);
                    // SAFETY: `sample` + `count` ≤ `samples` and `unit` < `units`, so every row below is in the
                    // factors, and every value written is in `out`.
                    unsafe {
                        let tile = Corner {
                            out: out.add(sample * stride + unit),
                            write,
                            lhs: lhs.add(sample * columns),
                            rows: rows.add(unit * columns),
                            stride,
                            units: UNITS.min(units - unit),
                            columns,
                            ahead,
                        };
                        match count {
                            1 => L::run(DotTile::<1>(tile)),
                            2 => L::run(DotTile::<2>(tile)),
                            3 => L::run(DotTile::<3>(tile)),
                            4 => L::run(DotTile::<4>(tile)),
                            _ => L::run(DotTile::<5>(tile)),
                        }
                    }
                    sample += count;
                    ahead = ahead.wrapping_add(columns);
                }
            }
        }
    }
}

/// A tile's position in its matrices. Safety condition: `units` ≥ 1 rows of `rows`, the tile's rows of `lhs`, and the tile's
/// values in `out`, whose rows are `stride` apart, are valid.
struct Corner {
    out: *mut f32,
    write: Write,
    lhs: *const f32,
    rows: *const f32,
    stride: usize,
    units: usize,
    columns: usize,
    /// A row to prefetch; it may point anywhere.
    ahead: *const f32,
}

/// The dot products of `R` samples and up to [`UNITS`] units.
struct DotTile<const R: usize>(Corner);

impl<const R: usize> Kernel for DotTile<R> {
    type Output = ();
    #[inline(always)]
    unsafe fn call<L: Lanes>(self) {
        let Corner { out, write, lhs, rows, stride, units, columns, ahead } = self.0;
        // SAFETY: the corner's condition; units beyond the last one repeat it, and their sums are not written.
        unsafe {
            let mut row_starts = [rows; UNITS];
            for (unit, start) in row_starts.iter_mut().enumerate() {
                *start = rows.add(unit.min(units - 1) * columns);
            }
            let mut samples = [lhs; R];
            for (sample, start) in samples.iter_mut().enumerate() {
                *start = lhs.add(sample * columns);
            }
            let accumulators = accumulate::<L, R>(samples, row_starts, columns, ahead);
            // By index, because an iterator over the accumulators would spill them.
            #[allow(clippy::needless_range_loop)]
            for sample in 0..R {
                let [a, b, c, d] = accumulators[sample];
                let sums = L::sums([a, b, c, d]);
                let place = out.add(sample * stride);
                if units == UNITS && write == Write::Replace {
                    place.cast::<[f32; UNITS]>().write(sums);
                    continue;
                }
                for (unit, sum) in sums.into_iter().enumerate().take(units) {
                    let place = place.add(unit);
                    *place = if write == Write::Add { *place + sum } else { sum };
                }
            }
        }
    }
}

/// Σ of the products over all columns, lane by lane. Prefetches the row at `ahead`, which may point anywhere.
///
/// # Safety
/// The rows are valid for `columns` values, and the processor has the instruction set.
#[inline(always)]
unsafe fn accumulate<L: Lanes, const R: usize>(
    samples: [*const f32; R],
    rows: [*const f32; UNITS],
    columns: usize,
    ahead: *const f32,
) -> [[L::Vector; UNITS]; R] {
    // SAFETY: the caller's promise; the columns of each step lie below `columns`.
    unsafe {
        let mut accumulators = [[L::splat(0.0); UNITS]; R];
        let tail = columns % L::WIDTH;
        let mut at = 0;
        while at < columns - tail {
            // A register of 64 bytes is one cache line; shorter registers prefetch each line more than once.
            L::prefetch(ahead.wrapping_add(at));
            advance::<L, R>(&mut accumulators, samples, rows, at, L::WIDTH);
            at += L::WIDTH;
        }
        if tail > 0 {
            advance::<L, R>(&mut accumulators, samples, rows, at, tail);
        }
        accumulators
    }
}

/// Adds the products of `count` ≤ `WIDTH` columns, the first of which is `at`.
///
/// # Safety
/// The rows are valid for these columns, and the processor has the instruction set.
#[inline(always)]
unsafe fn advance<L: Lanes, const R: usize>(
    accumulators: &mut [[L::Vector; UNITS]; R],
    samples: [*const f32; R],
    rows: [*const f32; UNITS],
    at: usize,
    count: usize,
) {
    // SAFETY: the caller's promise.
    unsafe {
        let mut values = [L::splat(0.0); R];
        for (value, sample) in values.iter_mut().zip(samples) {
            *value = L::load_part(sample.add(at), count);
        }
        for unit in 0..UNITS {
            let weights = L::load_part(rows[unit].add(at), count);
            for sample in 0..R {
                accumulators[sample][unit] =
                    L::multiply_add(values[sample], weights, accumulators[sample][unit]);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::linalg::team::tests::by_teams;
    use ndarray::{Array2, s};

    fn normal(seed: u64, rows: usize, columns: usize) -> Array2<f32> {
        Array2::from_shape_vec((rows, columns), crate::linalg::tests::normal(seed, rows * columns)).unwrap()
    }

    /// The shapes combine whole and partial tiles and registers.
    #[test]
    fn kernels_agree_with_double_precision() {
        let shapes = [(0, 2), (2, 0), (1, 1), (2, 3), (3, 4), (4, 5), (5, 8), (6, 6), (13, 9)];
        for columns in [1, 7, 8, 15, 16, 17, 48, 100] {
            for (samples, units) in shapes {
                let (lhs, rows) = (normal(1, samples, columns), normal(2, units, columns));
                let expected = lhs.mapv(f64::from).dot(&rows.mapv(f64::from).t());
                for &set in InstructionSet::available() {
                    let mut out = Array2::from_elem((samples, units), f32::NAN);
                    let (lhs, rows) = (lhs.as_slice().unwrap(), rows.as_slice().unwrap());
                    for (write, factor) in [(Write::Replace, 1.0), (Write::Add, 2.0)] {
                        dots_by((set, Share::alone()), out.view_mut(), write, lhs, rows, columns);
                        for (found, expected) in out.iter().zip(&expected) {
                            // 1e-5 is a few ulp of a sum of 100 products of order 1.
                            let error = (f64::from(*found) - factor * expected).abs();
                            assert!(
                                error < 1e-5 * (1.0 + expected.abs()),
                                "{set:?} {samples} {units} {columns}"
                            );
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn bits_do_not_depend_on_the_number_or_position_of_rows() {
        let (lhs, rows) = (normal(3, 700, 201), normal(4, 11, 201));
        let mut all = Array2::zeros((700, 11));
        dots(&Team::alone(), all.view_mut(), Write::Replace, lhs.view(), rows.view());
        for (sample, unit) in [(0, 0), (3, 10), (330, 5), (699, 8), (698, 10)] {
            let mut one = Array2::zeros((1, 1));
            let (sample_row, unit_row) =
                (lhs.slice(s![sample..=sample, ..]), rows.slice(s![unit..=unit, ..]));
            dots(&Team::alone(), one.view_mut(), Write::Replace, sample_row, unit_row);
            assert_eq!(one[[0, 0]].to_bits(), all[[sample, unit]].to_bits());
        }
    }

    #[test]
    fn the_number_of_threads_changes_no_bit() {
        let (lhs, rows) = (normal(3, 90, 201), normal(4, 70, 201));
        let [alone, two, three] = by_teams(|team| {
            let mut out = Array2::zeros((90, 70));
            dots(team, out.view_mut(), Write::Replace, lhs.view(), rows.view());
            dots(team, out.view_mut(), Write::Add, lhs.view(), rows.view());
            out
        });
        assert!(alone == two && alone == three);
    }

    #[test]
    fn double_precision_uses_the_dense_product() {
        let (lhs, rows) = (normal(5, 3, 20).mapv(f64::from), normal(6, 4, 20).mapv(f64::from));
        let mut out = Array2::from_elem((3, 4), 1.0);
        dots(&Team::alone(), out.view_mut(), Write::Add, lhs.view(), rows.view());
        assert!((out - (lhs.dot(&rows.t()) + 1.0)).iter().all(|error| error.abs() < 1e-13));
    }

    #[test]
    #[should_panic(expected = "dots of (2, 3) and (2, 4)")]
    fn shapes_that_do_not_fit_are_named() {
        let (a, b) = (Array2::<f32>::zeros((2, 3)), Array2::<f32>::zeros((2, 4)));
        dots(&Team::alone(), Array2::zeros((2, 2)).view_mut(), Write::Replace, a.view(), b.view());
    }
}
