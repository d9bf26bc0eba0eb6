//! Limits on memory, checked before anything is allocated.

use std::any::type_name;
use std::path::Path;

use crate::error::{Error, Result};

/// Limit on the memory for samples: 16 GiB, a hundred times MNIST.
///
/// A larger matrix is far more likely a mistake or a damaged header than a data set. A file may be larger, because only the rows
/// that `data.samples` asks for count.
pub const MAX_BYTES: u64 = 16 << 30;

/// Checks that `rows` × `columns` values of the type `T` stay within [`MAX_BYTES`] and returns their number.
pub(super) fn check<T>(path: &Path, rows: usize, columns: usize) -> Result<usize> {
    let each = (columns as u128).saturating_mul(size_of::<T>() as u128);
    let bytes = (rows as u128).saturating_mul(each);
    if bytes > u128::from(MAX_BYTES) {
        let kind = type_name::<T>();
        let fix = match u128::from(MAX_BYTES) / each {
            0 => "use fewer inputs".to_owned(),
            most => format!("set data.samples to {most} or less, or use fewer inputs"),
        };
        return Err(Error::data(
            path,
            format!("{rows} × {columns} {kind} values take {bytes} bytes, the limit is {MAX_BYTES}"),
            fix,
        ));
    }
    Ok(rows * columns)
}

/// An empty vector with room for exactly `rows` × `columns` values; without memory an error, not an abort.
pub(super) fn reserve<T>(path: &Path, rows: usize, columns: usize) -> Result<Vec<T>> {
    let values = check::<T>(path, rows, columns)?;
    let mut vector = Vec::new();
    vector.try_reserve_exact(values).map_err(|_| {
        let (kind, bytes) = (type_name::<T>(), values * size_of::<T>());
        Error::data(
            path,
            format!("no memory for {rows} × {columns} {kind} values ({bytes} bytes)"),
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
            let message = reserve::<f32>(Path::new("x.npy"), rows, columns).unwrap_err().to_string();
            assert!(message.contains("x.npy") && message.contains("limit is 17179869184"), "{message}");
        }
        assert_eq!(check::<f32>(Path::new("x"), 1 << 31, 2).unwrap(), 1 << 32);
        assert!(reserve::<f32>(Path::new("x"), 10, 3).unwrap().capacity() >= 30);
    }

    #[test]
    fn a_refusal_says_how_many_samples_fit() {
        let refused = |message: Result<usize>| message.unwrap_err().to_string();
        let message = refused(check::<f32>(Path::new("x"), 1 << 30, 100));
        assert!(message.ends_with("set data.samples to 42949672 or less, or use fewer inputs"), "{message}");
        let message = refused(check::<f64>(Path::new("x"), 1 << 31, 2));
        assert!(message.contains("f64 values") && message.contains("1073741824 or less"), "{message}");
        let message = refused(check::<f32>(Path::new("x"), 1, usize::MAX));
        assert!(message.ends_with("use fewer inputs"), "{message}");
    }
}
