//! Bounds on memory, checked before anything is allocated.

use std::path::Path;

use crate::error::{Error, Result};

/// The most bytes that a file's body may declare and that a matrix may take: 16 GiB.
///
/// A hundred times MNIST; what exceeds it is far more likely a slip or a damaged header than a data set.
pub const MAX_BYTES: u64 = 16 << 30;

/// Checks that `rows` × `columns` f32 values stay within [`MAX_BYTES`] and returns their number.
pub(super) fn check(path: &Path, rows: usize, columns: usize) -> Result<usize> {
    let bytes = (rows as u128).saturating_mul(columns as u128).saturating_mul(4);
    if bytes > u128::from(MAX_BYTES) {
        return Err(Error::data(
            path,
            format!("{rows} × {columns} f32 values take {bytes} bytes, the limit is {MAX_BYTES}"),
            "use fewer samples or inputs",
        ));
    }
    Ok(rows * columns)
}

/// An empty vector with room for exactly `rows` × `columns` values, or an error instead of an abort.
pub(super) fn reserve(path: &Path, rows: usize, columns: usize) -> Result<Vec<f32>> {
    let values = check(path, rows, columns)?;
    let mut vector = Vec::new();
    vector.try_reserve_exact(values).map_err(|_| {
        Error::data(
            path,
            format!("no memory for {rows} × {columns} f32 values ({} bytes)", values * 4),
            "use fewer samples or inputs, or free memory",
        )
    })?;
    Ok(vector)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_before_allocating() {
        for (rows, columns) in [(usize::MAX, usize::MAX), (1 << 32, 2), ((1 << 32) + 1, 1)] {
            let message = reserve(Path::new("x.npy"), rows, columns).unwrap_err().to_string();
            assert!(message.contains("x.npy") && message.contains("limit is 17179869184"), "{message}");
        }
        assert_eq!(check(Path::new("x"), 1 << 31, 2).unwrap(), 1 << 32);
        assert!(reserve(Path::new("x"), 10, 3).unwrap().capacity() >= 30);
    }
}
