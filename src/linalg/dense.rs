//! Dense matrix products by faer, single-threaded: for double precision, for measurements, and wherever this crate has no kernel.
//!
//! faer chooses its kernel by the processor's instruction set at run time and gives the same bits at every call.

use crate::real::Real;
use faer::linalg::matmul::matmul;
use faer::{Accum, MatMut, MatRef, Par};
use ndarray::{ArrayView2, ArrayViewMut2};

/// How a product is written to its destination.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Write {
    /// The product replaces the old values.
    Replace,
    /// The product is added to the old values.
    Add,
}

/// destination ← \[destination +\] scale · lhs rhs for lhs \[r, k\], rhs \[k, c\], destination \[r, c\].
///
/// The destination is row-major; each factor is row-major or the transposed view of a row-major matrix.
///
/// # Panics
/// If the shapes don't fit or a matrix has another layout.
pub fn product<F: Real>(
    mut destination: ArrayViewMut2<'_, F>,
    write: Write,
    scale: F,
    lhs: ArrayView2<'_, F>,
    rhs: ArrayView2<'_, F>,
) {
    assert!(
        lhs.ncols() == rhs.nrows() && destination.dim() == (lhs.nrows(), rhs.ncols()),
        "product of {:?} and {:?} into {:?}",
        lhs.dim(),
        rhs.dim(),
        destination.dim()
    );
    let (rows, columns) = destination.dim();
    let values = destination.as_slice_mut().expect("the destination of a product is row-major");
    let accumulate = match write {
        Write::Replace => Accum::Replace,
        Write::Add => Accum::Add,
    };
    let destination = MatMut::from_row_major_slice_mut(values, rows, columns);
    matmul(destination, accumulate, as_faer(&lhs), as_faer(&rhs), scale, Par::Seq);
}

fn as_faer<'a, F: Real>(view: &'a ArrayView2<'_, F>) -> MatRef<'a, F> {
    let (rows, columns) = view.dim();
    if let Some(values) = view.as_slice() {
        return MatRef::from_row_major_slice(values, rows, columns);
    }
    let values = view.as_slice_memory_order().expect("a factor is a whole matrix");
    assert!(view.t().is_standard_layout(), "a factor is row-major or the transpose of a row-major matrix");
    MatRef::from_column_major_slice(values, rows, columns)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::Array2;

    #[test]
    fn products_agree_with_scalar_loops_in_every_layout() {
        let value = |i: usize, j: usize| ((7 * i + 3 * j) % 11) as f64 - 5.0;
        let (r, k, c) = (5, 7, 9);
        let (lhs, rhs) = (
            Array2::from_shape_fn((r, k), |(i, j)| value(i, j)),
            Array2::from_shape_fn((k, c), |(i, j)| value(j, i)),
        );
        let (lhs_t, rhs_t) =
            (lhs.t().as_standard_layout().to_owned(), rhs.t().as_standard_layout().to_owned());
        let expected =
            Array2::from_shape_fn((r, c), |(i, j)| (0..k).map(|l| lhs[[i, l]] * rhs[[l, j]]).sum::<f64>());
        for lhs in [lhs.view(), lhs_t.t()] {
            for rhs in [rhs.view(), rhs_t.t()] {
                let mut out = Array2::from_elem((r, c), 1.0);
                product(out.view_mut(), Write::Replace, 2.0, lhs, rhs);
                assert_eq!(out, &expected * 2.0);
                product(out.view_mut(), Write::Add, -1.0, lhs, rhs);
                assert_eq!(out, expected);
            }
        }
    }

    #[test]
    #[should_panic(expected = "product of (2, 3) and (2, 3)")]
    fn shapes_that_do_not_fit_are_named() {
        let a = Array2::<f32>::zeros((2, 3));
        product(Array2::zeros((2, 3)).view_mut(), Write::Replace, 1.0, a.view(), a.view());
    }
}
