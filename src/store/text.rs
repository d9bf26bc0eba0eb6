//! Numbers and lines of tables as text.

use crate::theory::TheoryTable;

/// The shortest decimal that reads back as `x`: plain between 1e-4 and 1e16, with an exponent beyond.
pub(crate) fn number(x: f64) -> String {
    let text = format!("{x:?}");
    text.strip_suffix(".0").map(str::to_owned).unwrap_or(text)
}

/// The text of a cell with a number; empty where the number is absent.
pub(crate) fn cell(value: Option<f64>) -> String {
    value.map(number).unwrap_or_default()
}

/// `lines` as CSV; all have the same number of cells.
pub(crate) fn csv_lines(lines: impl IntoIterator<Item = Vec<String>>) -> Vec<u8> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let reason = "writing to memory can't fail, and every line has as many cells as there are columns";
    for line in lines {
        writer.write_record(line).expect(reason);
    }
    writer.into_inner().expect(reason)
}

/// A table of numbers as CSV.
pub(super) fn table_csv<R>(table: &TheoryTable<R>) -> Vec<u8> {
    let rows = table.rows.iter().map(|row| row.iter().map(|value| cell(*value)).collect());
    csv_lines(std::iter::once(table.columns.clone()).chain(rows))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn numbers_of_ordinary_size_are_written_without_exponent() {
        for (x, expected) in [
            (0.0, "0"),
            (-0.0, "-0"),
            (1.0, "1"),
            (0.001, "0.001"),
            (0.1 + 0.2, "0.30000000000000004"),
            (1e-4, "0.0001"),
            (1e-5, "1e-5"),
            (1e-7, "1e-7"),
            (123_456_789.0, "123456789"),
            (1e16, "1e16"),
            (f64::MIN_POSITIVE, "2.2250738585072014e-308"),
        ] {
            assert_eq!(number(x), expected);
        }
    }

    proptest! {
        #[test]
        fn numbers_read_back_bit_for_bit(bits: u64) {
            let x = f64::from_bits(bits);
            prop_assume!(x.is_finite());
            let back: f64 = number(x).parse().unwrap();
            prop_assert_eq!(back.to_bits(), x.to_bits());
        }
    }
}
