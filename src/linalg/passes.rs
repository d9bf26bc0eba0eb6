//! Splits a matrix's columns into passes, each of as many registers of a row as a kernel can hold.

#![allow(unsafe_code)]

use super::lanes::Lanes;

/// A range of columns that a kernel works on at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Pass {
    /// The first column.
    pub(super) first: usize,
    /// Number of registers, at least 1.
    pub(super) registers: usize,
    /// Columns in the last register.
    pub(super) last: usize,
}

/// The passes over `columns` columns with at most `most` registers each, as equal in size as possible.
pub(super) fn passes(columns: usize, width: usize, most: usize) -> impl Iterator<Item = Pass> + Clone {
    let all = columns.div_ceil(width);
    let registers = all.div_ceil(all.div_ceil(most).max(1));
    (0..all).step_by(registers.max(1)).map(move |first| {
        let registers = registers.min(all - first);
        Pass { first: first * width, registers, last: width.min(columns - (first + registers - 1) * width) }
    })
}

/// Loads the registers of one row in a pass; the last one has `last` columns.
///
/// # Safety
/// The row is valid for these columns, and the processor has the instruction set.
#[inline(always)]
pub(super) unsafe fn load_row<L: Lanes, const T: usize>(row: *const f32, last: usize) -> [L::Vector; T] {
    // SAFETY: the caller's promise.
    unsafe {
        let mut values = [L::splat(0.0); T];
        for (t, value) in values.iter_mut().enumerate() {
            let source = row.add(t * L::WIDTH);
            *value = if t + 1 < T { L::load(source) } else { L::load_part(source, last) };
        }
        values
    }
}

/// Stores the registers of one row in a pass; the last one has `last` columns.
///
/// # Safety
/// The row is valid for these columns, and the processor has the instruction set.
#[inline(always)]
pub(super) unsafe fn store_row<L: Lanes, const T: usize>(row: *mut f32, values: [L::Vector; T], last: usize) {
    for (t, value) in values.into_iter().enumerate() {
        // SAFETY: the caller's promise.
        unsafe { L::store_part(row.add(t * L::WIDTH), value, if t + 1 < T { L::WIDTH } else { last }) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passes_cover_the_columns_once_in_equal_parts() {
        for (width, most) in [(8, 7), (16, 7), (8, 4), (16, 4), (16, 1)] {
            for columns in 1..600 {
                let mut covered = 0;
                for pass in passes(columns, width, most) {
                    assert_eq!(pass.first, covered);
                    assert!((1..=most).contains(&pass.registers) && (1..=width).contains(&pass.last));
                    covered += (pass.registers - 1) * width + pass.last;
                }
                assert_eq!(covered, columns);
                let count = passes(columns, width, most).count();
                assert_eq!(count, columns.div_ceil(width).div_ceil(most), "{columns} columns of {width}");
            }
        }
        assert_eq!(passes(0, 16, 7).count(), 0);
    }
}
