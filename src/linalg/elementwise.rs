//! Elementwise loops over whole batches: residual and loss, products, column sums, row lengths.

use super::lanes::{PlainLoop, vectorize};
use crate::real::Real;

/// Lanes of a sum, the same on every instruction set, so that the bits don't depend on it.
const LANES: usize = 16;

#[inline(always)]
fn sum_lanes<F: Real>(lanes: [F; LANES]) -> f64 {
    lanes.iter().map(|x| x.as_f64()).sum()
}

/// Sums of squares below this may have lost digits by underflow in `f32`.
const SMALL: f64 = 1e-30;

/// Turns the output y \[B, n\] into scale · (y − x) and returns Σ (y − x)². Each row is summed in `F` by lanes, or in `f64` if its
/// squares may have underflowed; the rows are summed in `f64`. y = output + bias, or the output itself if `bias` is empty.
///
/// # Panics
/// If the lengths don't fit.
pub fn residual<F: Real>(output: &mut [F], target: &[F], bias: &[F], columns: usize, scale: F) -> f64 {
    assert_eq!(output.len(), target.len(), "output and target differ in length");
    assert!(bias.is_empty() || bias.len() == columns, "the bias has {} values, not {columns}", bias.len());
    vectorize(Residual { output, target, bias, columns, scale })
}

struct Residual<'a, F> {
    output: &'a mut [F],
    target: &'a [F],
    bias: &'a [F],
    columns: usize,
    scale: F,
}

impl<F: Real> PlainLoop for Residual<'_, F> {
    type Output = f64;

    #[inline(always)]
    fn run(self) -> f64 {
        let Self { output, target, bias, columns, scale } = self;
        let mut total = 0.0;
        for (y, x) in output.chunks_exact_mut(columns).zip(target.chunks_exact(columns)) {
            y.iter_mut().zip(bias).for_each(|(y, b)| *y += *b);
            let mut lanes = [F::zero(); LANES];
            let mut y_chunks = y.chunks_exact_mut(LANES);
            let mut x_chunks = x.chunks_exact(LANES);
            for (y, x) in (&mut y_chunks).zip(&mut x_chunks) {
                for lane in 0..LANES {
                    let r = y[lane] - x[lane];
                    lanes[lane] += r * r;
                    y[lane] = r * scale;
                }
            }
            for ((y, x), lane) in
                y_chunks.into_remainder().iter_mut().zip(x_chunks.remainder()).zip(&mut lanes)
            {
                let r = *y - *x;
                *lane += r * r;
                *y = r * scale;
            }
            let sum = sum_lanes(lanes);
            total += if sum < SMALL { wide_sum(y, scale) } else { sum };
        }
        total
    }
}

/// Σ r² in double precision, where `scaled` holds scale · r.
#[cold]
fn wide_sum<F: Real>(scaled: &[F], scale: F) -> f64 {
    scaled.iter().map(|r| (r.as_f64() / scale.as_f64()).powi(2)).sum()
}

/// Multiplies `values` by `factors`, element by element.
///
/// # Panics
/// If the lengths differ.
pub fn multiply<F: Real>(values: &mut [F], factors: &[F]) {
    assert_eq!(values.len(), factors.len(), "values and factors differ in length");
    vectorize(Multiply { values, factors });
}

struct Multiply<'a, F> {
    values: &'a mut [F],
    factors: &'a [F],
}

impl<F: Real> PlainLoop for Multiply<'_, F> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        self.values.iter_mut().zip(self.factors).for_each(|(value, factor)| *value *= *factor);
    }
}

/// sums\[j\] += scale · Σ_b matrix\[b, j\], for a row-major matrix with `sums.len()` columns. `scratch` has the same length and
/// receives the unscaled sums.
///
/// # Panics
/// If the lengths don't fit.
pub fn add_column_sums<F: Real>(sums: &mut [F], scratch: &mut [F], matrix: &[F], scale: F) {
    column_sums_into(scratch, matrix);
    sums.iter_mut().zip(&*scratch).for_each(|(sum, column)| *sum += scale * *column);
}

/// sums\[j\] = Σ_b matrix\[b, j\], for a row-major matrix with `sums.len()` columns.
///
/// # Panics
/// If the matrix isn't made of whole rows.
pub fn column_sums_into<F: Real>(sums: &mut [F], matrix: &[F]) {
    assert_eq!(matrix.len() % sums.len().max(1), 0, "the matrix is not made of rows of {}", sums.len());
    vectorize(ColumnSums { sums, matrix });
}

struct ColumnSums<'a, F> {
    sums: &'a mut [F],
    matrix: &'a [F],
}

impl<F: Real> PlainLoop for ColumnSums<'_, F> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        self.sums.fill(F::zero());
        for row in self.matrix.chunks_exact(self.sums.len().max(1)) {
            self.sums.iter_mut().zip(row).for_each(|(sum, value)| *sum += *value);
        }
    }
}

/// Σ value², in lanes; inlined into vectorised loops.
#[inline(always)]
pub fn squared_length<F: Real>(values: &[F]) -> F {
    dot(values, values)
}

/// Σ a b over slices of the same length, in lanes; inlined into vectorised loops.
#[inline(always)]
pub(super) fn dot<F: Real>(a: &[F], b: &[F]) -> F {
    let mut lanes = [F::zero(); LANES];
    let (mut a, mut b) = (a.chunks_exact(LANES), b.chunks_exact(LANES));
    for (a, b) in (&mut a).zip(&mut b) {
        for lane in 0..LANES {
            lanes[lane] += a[lane] * b[lane];
        }
    }
    for (lane, (a, b)) in lanes.iter_mut().zip(a.remainder().iter().zip(b.remainder())) {
        *lane += *a * *b;
    }
    F::from_f64(sum_lanes(lanes))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(len: usize, seed: usize) -> Vec<f64> {
        (0..len).map(|i| ((i * 7919 + seed * 104_729) % 1009) as f64 / 504.0 - 1.0).collect()
    }

    #[test]
    fn the_residual_agrees_with_its_formula_for_ragged_rows() {
        for columns in [1, 15, 16, 17, 49] {
            let (y, x, b) = (values(3 * columns, 1), values(3 * columns, 2), values(columns, 3));
            for bias in [&[][..], &b] {
                let mut out = y.clone();
                let sum = residual(&mut out, &x, bias, columns, 0.5);
                let difference = |i: usize| y[i] + bias.get(i % columns).copied().unwrap_or(0.0) - x[i];
                let expected: f64 = (0..y.len()).map(|i| difference(i).powi(2)).sum();
                assert!((sum - expected).abs() < 1e-12 * expected, "{columns}");
                for (i, out) in out.iter().enumerate() {
                    assert_eq!(*out, 0.5 * difference(i));
                }
            }
        }
    }

    /// In single precision the squares of such numbers are 0 or have lost digits.
    #[test]
    fn residuals_of_tiny_numbers_are_not_zero() {
        for unit in [1e-16_f32, 1e-19, 1e-22, 1e-23, 1e-30] {
            for columns in [1, 16, 37] {
                let x: Vec<f32> = (0..2 * columns).map(|i| unit * (1 + i) as f32).collect();
                let mut out = vec![0.0; x.len()];
                let sum = residual(&mut out, &x, &[], columns, 0.02);
                let expected: f64 = x.iter().map(|x| f64::from(*x).powi(2)).sum();
                assert!((sum - expected).abs() < 1e-6 * expected, "{unit:e} {columns}: {sum:e} {expected:e}");
            }
        }
        assert_eq!(residual(&mut [1e-30_f32; 3], &[1e-30; 3], &[], 3, 1.0), 0.0);
    }

    #[test]
    fn sums_and_lengths_agree_with_their_formulas() {
        for columns in [1, 16, 37] {
            let matrix = values(5 * columns, 4);
            let (mut sums, mut scratch) = (vec![1.0; columns], vec![9.0; columns]);
            add_column_sums(&mut sums, &mut scratch, &matrix, 2.0);
            for (j, sum) in sums.iter().enumerate() {
                let expected = 1.0 + 2.0 * (0..5).map(|b| matrix[b * columns + j]).sum::<f64>();
                assert!((sum - expected).abs() < 1e-12);
            }
            let expected: f64 = matrix.iter().map(|x| x * x).sum();
            assert!((squared_length(&matrix) - expected).abs() < 1e-12);
        }
    }

    #[test]
    fn values_that_are_not_finite_stay_visible() {
        let mut out = [1.0_f32, f32::NAN];
        assert!(residual(&mut out, &[0.0, 0.0], &[], 2, 1.0).is_nan());
        assert!(squared_length(&[1.0_f32, f32::INFINITY]).is_infinite());
    }
}
