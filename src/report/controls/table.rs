//! A table with its names: what becomes the CSV, and the numbers on the page.

/// Columns and rows of text.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Table {
    pub(super) columns: Vec<String>,
    /// As many cells a row as there are columns.
    pub(super) rows: Vec<Vec<String>>,
}

impl Table {
    /// The table as CSV; what is absent is an empty cell.
    pub(super) fn csv(&self) -> Vec<u8> {
        let mut writer = csv::Writer::from_writer(Vec::new());
        let written = "writing to memory can't fail, and every row has as many cells as there are columns";
        writer.write_record(&self.columns).expect(written);
        self.rows.iter().for_each(|row| writer.write_record(row).expect(written));
        writer.into_inner().expect(written)
    }
}
