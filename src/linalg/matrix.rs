//! A row-major matrix in storage aligned to 64 bytes, the size of a cache line and of an AVX-512 register.

use crate::real::Real;
use aligned_vec::{AVec, ConstAlign};
use ndarray::{ArrayBase, ArrayView2, ArrayViewMut2, Ix2, RawData};

/// A row-major matrix in 64-byte aligned storage.
#[derive(Debug, Clone)]
pub struct Matrix<F> {
    rows: usize,
    columns: usize,
    values: AVec<F, ConstAlign<64>>,
}

impl<F: Real> Matrix<F> {
    /// A matrix of zeros.
    pub fn zeros(rows: usize, columns: usize) -> Self {
        Self { rows, columns, values: AVec::from_iter(64, std::iter::repeat_n(F::zero(), rows * columns)) }
    }

    /// A copy of `view`.
    pub fn from_view(view: ArrayView2<'_, F>) -> Self {
        let (rows, columns) = view.dim();
        Self { rows, columns, values: AVec::from_iter(64, view.iter().copied()) }
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Number of columns.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// All values, row by row.
    pub fn values(&self) -> &[F] {
        &self.values
    }

    /// All values, row by row.
    pub fn values_mut(&mut self) -> &mut [F] {
        &mut self.values
    }

    /// The first `rows` rows.
    ///
    /// # Panics
    /// If there are fewer.
    pub fn head(&self, rows: usize) -> ArrayView2<'_, F> {
        let values = &self.values[..rows * self.columns];
        ArrayView2::from_shape((rows, self.columns), values).expect("the length is the product of the shape")
    }

    /// The first `rows` rows.
    ///
    /// # Panics
    /// If there are fewer.
    pub fn head_mut(&mut self, rows: usize) -> ArrayViewMut2<'_, F> {
        let values = &mut self.values[..rows * self.columns];
        ArrayViewMut2::from_shape((rows, self.columns), values)
            .expect("the length is the product of the shape")
    }

    /// The whole matrix.
    pub fn view(&self) -> ArrayView2<'_, F> {
        self.head(self.rows)
    }

    /// The whole matrix.
    pub fn view_mut(&mut self) -> ArrayViewMut2<'_, F> {
        self.head_mut(self.rows)
    }
}

/// The values of a row-major matrix, row by row.
///
/// # Panics
/// If the matrix has another layout.
pub fn values<'v, F>(matrix: &'v ArrayView2<'_, F>) -> &'v [F] {
    matrix.as_slice().expect("the matrix is row-major")
}

/// The values of a row-major matrix, row by row.
///
/// # Panics
/// If the matrix has another layout.
pub fn values_mut<'v, F>(matrix: &'v mut ArrayViewMut2<'_, F>) -> &'v mut [F] {
    matrix.as_slice_mut().expect("the matrix is row-major")
}
/// The distance between the rows of some columns of a row-major matrix.
///
/// # Panics
/// If the values of a row are not side by side.
pub(super) fn row_stride<S: RawData>(view: &ArrayBase<S, Ix2>) -> usize {
    assert!(view.strides()[1] == 1 || view.ncols() == 1, "the values of a row are side by side");
    view.strides()[0] as usize
}
