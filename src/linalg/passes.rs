//! Splits a matrix's columns into passes, each of as many registers of a row as a kernel can hold, and packs matrices pass by pass.

#![allow(unsafe_code)]

use super::lanes::{InstructionSet, Kernel, Lanes};

/// Samples of a batch from which on matrices are packed that each of them reads again.
pub(super) const LARGE: usize = 128;
/// Values in the widest register.
pub(super) const WIDEST: usize = 16;

/// Values from the beginning of a cache line on.
#[repr(align(64))]
pub(super) struct Aligned<const N: usize>(pub(super) [f32; N]);

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

/// The passes over `columns` columns with at most `most` registers each: of one size, the last with the rest.
pub(super) fn passes(columns: usize, width: usize, most: usize) -> impl Iterator<Item = Pass> + Clone {
    let all = columns.div_ceil(width);
    let registers = all.div_ceil(all.div_ceil(most).max(1));
    (0..all).step_by(registers.max(1)).map(move |first| {
        let registers = registers.min(all - first);
        Pass { first: first * width, registers, last: width.min(columns - (first + registers - 1) * width) }
    })
}

/// Length of a panel's buffer for `rows` rows of `columns` columns under any instruction set.
pub(super) fn panel_len(rows: usize, columns: usize) -> usize {
    rows * columns.next_multiple_of(WIDEST)
}

/// Packs the rows of `matrix` \[r, n\] for passes of at most `most` registers: the pass that begins at column c begins at r · c in the
/// panel, and its rows follow each other without a gap. The last register of a row is padded with zeros.
///
/// # Panics
/// If the panel is shorter than [`panel_len`].
pub(super) fn pack(set: InstructionSet, matrix: &[f32], columns: usize, most: usize, panel: &mut [f32]) {
    let rows = matrix.len() / columns.max(1);
    for pass in passes(columns, set.width(), most) {
        pack_pass(set, (&matrix[pass.first..], columns), rows, pass, &mut panel[pass.first * rows..]);
    }
}

/// Packs one pass of `rows` rows, which are `stride` apart; `values` begins with the first value of the pass.
///
/// # Panics
/// If `values` or the panel is too short.
pub(super) fn pack_pass(
    set: InstructionSet,
    (values, stride): (&[f32], usize),
    rows: usize,
    pass: Pass,
    panel: &mut [f32],
) {
    let Some(last) = rows.checked_sub(1) else { return };
    let filled = (pass.registers - 1) * set.width() + pass.last;
    assert!(last * stride + filled <= values.len() && rows * pass.registers * set.width() <= panel.len());
    // SAFETY: `set` proves that the processor has the instruction set; the lengths were just checked.
    unsafe { set.run(Pack { source: values.as_ptr(), stride, rows, pass, panel: panel.as_mut_ptr() }) }
}

/// Packs one pass. Safety condition: `source` is valid for `rows` rows of the pass's columns, `stride` apart, and `panel` for as many rows
/// of whole registers.
struct Pack {
    source: *const f32,
    stride: usize,
    rows: usize,
    pass: Pass,
    panel: *mut f32,
}

impl Kernel for Pack {
    type Output = ();
    #[inline(always)]
    unsafe fn call<L: Lanes>(self) {
        let Self { source, stride, rows, pass, panel } = self;
        for row in 0..rows {
            // SAFETY: the caller promises the kernel's condition.
            unsafe {
                let source = source.add(row * stride);
                let panel = panel.add(row * pass.registers * L::WIDTH);
                for t in 0..pass.registers {
                    let count = if t + 1 < pass.registers { L::WIDTH } else { pass.last };
                    let value = L::load_part(source.add(t * L::WIDTH), count);
                    L::store(panel.add(t * L::WIDTH), value);
                }
            }
        }
    }
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

    #[test]
    fn a_panel_holds_the_rows_of_each_pass_and_zeros() {
        for &set in InstructionSet::available() {
            for columns in [1, 7, 16, 33, 150] {
                let (rows, most) = (5, 3);
                let matrix: Vec<f32> = (0..rows * columns).map(|i| i as f32 + 1.0).collect();
                let mut panel = vec![f32::NAN; panel_len(rows, columns)];
                pack(set, &matrix, columns, most, &mut panel);
                for pass in passes(columns, set.width(), most) {
                    let padded = pass.registers * set.width();
                    for row in 0..rows {
                        let packed = &panel[pass.first * rows + row * padded..][..padded];
                        let filled = padded - set.width() + pass.last;
                        assert_eq!(packed[..filled], matrix[row * columns + pass.first..][..filled]);
                        assert!(packed[filled..].iter().all(|x| *x == 0.0));
                    }
                }
            }
        }
    }
}
