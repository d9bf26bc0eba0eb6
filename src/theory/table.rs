//! Rows of numbers, declared once with the names and meanings of their columns, and the tables that store them.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::marker::PhantomData;

/// Receives a column's name, its meaning and the number in it.
pub type ColumnVisitor<'v> = dyn FnMut(&str, &str, &mut Option<f64>) + 'v;

/// One or more columns of a row: a single number, a group of numbers, or the whole row.
pub trait Columns: Clone + Default {
    /// Calls `visitor` for every number in the order of the columns. `name` and `meaning` are prefixes of each column's name and
    /// meaning.
    fn visit(&mut self, name: &str, meaning: &str, visitor: &mut ColumnVisitor<'_>);

    /// The columns' names and numbers.
    fn columns(&self) -> Vec<(String, Option<f64>)> {
        let mut columns = Vec::new();
        self.clone().visit("", "", &mut |name, _, number| columns.push((name.to_owned(), *number)));
        columns
    }

    /// The row with the number `number(name)` in each column.
    fn read(number: impl Fn(&str) -> Option<f64>) -> Self {
        let mut row = Self::default();
        row.visit("", "", &mut |name, _, cell| *cell = number(name));
        row
    }

    /// The name of the column whose number `getter` returns; empty if it returns none.
    fn name_of(getter: impl Fn(&Self) -> Option<f64>) -> String {
        let mut names = Self::default().columns().into_iter().map(|(name, _)| name);
        let is_read = |name: &String| getter(&Self::read(|other| (other == name).then_some(1.0))).is_some();
        names.find(is_read).unwrap_or_default()
    }
}

impl Columns for Option<f64> {
    fn visit(&mut self, name: &str, meaning: &str, visitor: &mut ColumnVisitor<'_>) {
        visitor(name, meaning, self);
    }
}

/// Declares a struct of [`Columns`]. A field's name is the name of its column or the prefix of its columns' names. Its doc comment
/// is the meaning in `docs/theory.md`.
macro_rules! columns {
    ($(#[$about:meta])* pub struct $row:ident { $(#[doc = $meaning:literal] pub $field:ident: $kind:ty,)* }) => {
        $(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq, Default, serde::Serialize)]
        pub struct $row {
            $(#[doc = $meaning] pub $field: $kind,)*
        }

        impl $crate::theory::Columns for $row {
            fn visit(
                &mut self,
                name: &str,
                meaning: &str,
                visitor: &mut $crate::theory::table::ColumnVisitor<'_>,
            ) {
                use $crate::theory::table::joined;
                $(self.$field.visit(
                    &joined(name, "_", stringify!($field)),
                    &joined(meaning, ": ", $meaning.trim_start()),
                    visitor,
                );)*
            }
        }
    };
}
pub(super) use columns;

pub(super) fn joined(outer: &str, between: &str, inner: &str) -> String {
    if outer.is_empty() { inner.to_owned() } else { format!("{outer}{between}{inner}") }
}

/// Rows of `R` as they are stored, with named columns. Another version of the program may have stored other columns.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, bound = "")]
pub struct TheoryTable<R> {
    /// The names of a row's numbers, in order; empty before the first row.
    pub columns: Vec<String>,
    /// The numbers; absent ones are `None`.
    pub rows: Vec<Vec<Option<f64>>>,
    #[serde(skip)]
    of: PhantomData<R>,
}

impl<R: Columns> TheoryTable<R> {
    /// Adds a row. Numbers that aren't finite, as before a divergence, become absent.
    ///
    /// # Panics
    /// If the table's rows have other columns.
    pub fn push(&mut self, row: &R) {
        let (names, values): (Vec<_>, Vec<_>) = row.columns().into_iter().unzip();
        if self.rows.is_empty() {
            self.columns = names;
        } else {
            assert_eq!(self.columns, names, "rows of one table have the same columns");
        }
        self.rows.push(values.into_iter().map(|value| value.filter(|value| value.is_finite())).collect());
    }

    /// The rows. Numbers without a column in the table are absent; columns that only the table has are ignored.
    pub fn read(&self) -> impl DoubleEndedIterator<Item = R> {
        let indices: BTreeMap<&str, usize> = self.columns.iter().map(String::as_str).zip(0..).collect();
        self.rows.iter().map(move |row| R::read(|name| *row.get(*indices.get(name)?)?))
    }

    /// Whether a row can be added.
    pub(crate) fn can_grow(&self) -> bool {
        let names = || R::default().columns().into_iter().map(|(name, _)| name);
        self.rows.is_empty() || self.is_rectangular() && names().eq(self.columns.iter().cloned())
    }

    /// Whether each row has as many numbers as there are columns.
    pub(crate) fn is_rectangular(&self) -> bool {
        self.rows.iter().all(|row| row.len() == self.columns.len())
    }
}

#[cfg(test)]
#[allow(unreachable_pub)]
mod tests {
    use super::*;

    columns! {
        /// A group.
        pub struct Ends {
            /// the smallest
            pub min: Option<f64>,
            /// the largest
            pub max: Option<f64>,
        }
    }

    columns! {
        /// A row.
        pub struct ExampleRow {
            /// length
            pub x: Option<f64>,
            /// widths
            pub y: Ends,
        }
    }

    fn made(x: f64, min: f64, max: f64) -> ExampleRow {
        ExampleRow { x: Some(x), y: Ends { min: Some(min), max: Some(max) } }
    }

    #[test]
    fn columns_are_in_the_order_of_the_fields_and_only_finite_numbers_are_kept() {
        let mut table = TheoryTable::default();
        [made(1.0, 2.0, 3.0), made(f64::NAN, 2.0, f64::INFINITY), ExampleRow::default()]
            .iter()
            .for_each(|row| table.push(row));
        assert_eq!(table.columns, ["x", "y_min", "y_max"]);
        assert_eq!(table.rows, [[1.0, 2.0, 3.0].map(Some), [None, Some(2.0), None], [None; 3]]);
        assert_eq!(table.read().next(), Some(made(1.0, 2.0, 3.0)));
        assert_eq!(table.read().next_back(), Some(ExampleRow::default()));
        assert!(table.can_grow() && TheoryTable::<ExampleRow>::default().can_grow());
    }

    /// An older version lacks columns; a later version has other columns in another order.
    #[test]
    fn tables_of_other_versions_are_read_by_name_and_kept_as_they_are() {
        let text = r#"{"columns":["z","y_max","x"],"rows":[[1.0,2.0,3.0],[null,null,4.0]]}"#;
        let mut table: TheoryTable<ExampleRow> = serde_json::from_str(text).unwrap();
        let rows: Vec<ExampleRow> = table.read().collect();
        let first = ExampleRow { x: Some(3.0), y: Ends { max: Some(2.0), ..Ends::default() } };
        assert_eq!(rows, [first, ExampleRow { x: Some(4.0), ..ExampleRow::default() }]);
        assert_eq!(serde_json::to_string(&table).unwrap(), text);
        assert!(!table.can_grow());
        assert!(std::panic::catch_unwind(move || table.push(&ExampleRow::default())).is_err());
    }

    #[test]
    fn a_column_has_the_name_and_the_meaning_of_its_field() {
        assert_eq!(ExampleRow::name_of(|row| row.x), "x");
        assert_eq!(ExampleRow::name_of(|row| row.y.max), "y_max");
        let mut meanings = Vec::new();
        ExampleRow::default().visit("", "", &mut |_, meaning, _| meanings.push(meaning.to_owned()));
        assert_eq!(meanings, ["length", "widths: the smallest", "widths: the largest"]);
    }
}
