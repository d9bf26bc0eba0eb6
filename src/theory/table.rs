//! Rows of numbers, each declared once with the names and meanings of its columns, and the tables that keep them.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::marker::PhantomData;

/// Takes a column's name, its meaning and the number in it.
pub type Each<'e> = dyn FnMut(&str, &str, &mut Option<f64>) + 'e;

/// A number of a row, several of them with names of their own, or a whole row.
pub trait Cells: Clone + Default {
    /// Calls `each` for every number in the order of the columns, with the column's name and meaning, which begin with
    /// `name` and `meaning`.
    fn cells(&mut self, name: &str, meaning: &str, each: &mut Each<'_>);

    /// The columns' names and numbers.
    fn columns(&self) -> Vec<(String, Option<f64>)> {
        let mut columns = Vec::new();
        self.clone().cells("", "", &mut |name, _, number| columns.push((name.to_owned(), *number)));
        columns
    }

    /// The row with the numbers that `number` has by the columns' names.
    fn read(number: impl Fn(&str) -> Option<f64>) -> Self {
        let mut row = Self::default();
        row.cells("", "", &mut |name, _, cell| *cell = number(name));
        row
    }

    /// The name of the column that `number` takes; empty if it takes none.
    fn name_of(number: impl Fn(&Self) -> Option<f64>) -> String {
        let mut names = Self::default().columns().into_iter().map(|(name, _)| name);
        let is_of = |name: &String| number(&Self::read(|other| (other == name).then_some(1.0))).is_some();
        names.find(is_of).unwrap_or_default()
    }
}

impl Cells for Option<f64> {
    fn cells(&mut self, name: &str, meaning: &str, each: &mut Each<'_>) {
        each(name, meaning, self);
    }
}

/// Declares a struct of [`Cells`]. A field's name is that of its column, or what those of its columns begin with; its doc
/// comment is the meaning in `docs/theory.md`.
macro_rules! cells {
    ($(#[$about:meta])* pub struct $row:ident { $(#[doc = $meaning:literal] pub $field:ident: $kind:ty,)* }) => {
        $(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq, Default, serde::Serialize)]
        pub struct $row {
            $(#[doc = $meaning] pub $field: $kind,)*
        }

        impl $crate::theory::Cells for $row {
            fn cells(&mut self, name: &str, meaning: &str, each: &mut $crate::theory::table::Each<'_>) {
                use $crate::theory::table::joined;
                $(self.$field.cells(
                    &joined(name, "_", stringify!($field)),
                    &joined(meaning, ": ", $meaning.trim_start()),
                    each,
                );)*
            }
        }
    };
}
pub(super) use cells;

pub(super) fn joined(outer: &str, between: &str, inner: &str) -> String {
    if outer.is_empty() { inner.to_owned() } else { format!("{outer}{between}{inner}") }
}

/// Rows of `R` as they are stored, in columns with names: those of another version of the program may be others.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, bound = "")]
pub struct Table<R> {
    /// The names of a row's numbers, in order; empty before the first row.
    pub columns: Vec<String>,
    /// The numbers; absent ones are `None`.
    pub rows: Vec<Vec<Option<f64>>>,
    #[serde(skip)]
    of: PhantomData<R>,
}

impl<R: Cells> Table<R> {
    /// Adds a row. A number that isn't finite, as a network that is about to diverge has them, is absent.
    ///
    /// # Panics
    /// If the rows before have other columns.
    pub fn push(&mut self, row: &R) {
        let (names, values): (Vec<_>, Vec<_>) = row.columns().into_iter().unzip();
        if self.rows.is_empty() {
            self.columns = names;
        } else {
            assert_eq!(self.columns, names, "rows of one table have the same columns");
        }
        self.rows.push(values.into_iter().map(|value| value.filter(|value| value.is_finite())).collect());
    }

    /// The rows. What the table has no column of is absent, and what only the table has is left out.
    pub fn read(&self) -> impl DoubleEndedIterator<Item = R> {
        let places: BTreeMap<&str, usize> = self.columns.iter().map(String::as_str).zip(0..).collect();
        self.rows.iter().map(move |row| R::read(|name| *row.get(*places.get(name)?)?))
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

    cells! {
        /// A group.
        pub struct Ends {
            /// the smallest
            pub min: Option<f64>,
            /// the largest
            pub max: Option<f64>,
        }
    }

    cells! {
        /// A row.
        pub struct Made {
            /// length
            pub x: Option<f64>,
            /// widths
            pub y: Ends,
        }
    }

    fn made(x: f64, min: f64, max: f64) -> Made {
        Made { x: Some(x), y: Ends { min: Some(min), max: Some(max) } }
    }

    #[test]
    fn a_table_takes_rows_in_the_order_of_their_fields_and_drops_what_is_not_finite() {
        let mut table = Table::default();
        [made(1.0, 2.0, 3.0), made(f64::NAN, 2.0, f64::INFINITY), Made::default()]
            .iter()
            .for_each(|row| table.push(row));
        assert_eq!(table.columns, ["x", "y_min", "y_max"]);
        assert_eq!(table.rows, [[1.0, 2.0, 3.0].map(Some), [None, Some(2.0), None], [None; 3]]);
        assert_eq!(table.read().next(), Some(made(1.0, 2.0, 3.0)));
        assert_eq!(table.read().next_back(), Some(Made::default()));
        assert!(table.can_grow() && Table::<Made>::default().can_grow());
    }

    /// An older version lacks columns, a later one has others, in another order.
    #[test]
    fn tables_of_other_versions_are_read_by_name_and_kept_as_they_are() {
        let text = r#"{"columns":["z","y_max","x"],"rows":[[1.0,2.0,3.0],[null,null,4.0]]}"#;
        let mut table: Table<Made> = serde_json::from_str(text).unwrap();
        let rows: Vec<Made> = table.read().collect();
        let first = Made { x: Some(3.0), y: Ends { max: Some(2.0), ..Ends::default() } };
        assert_eq!(rows, [first, Made { x: Some(4.0), ..Made::default() }]);
        assert_eq!(serde_json::to_string(&table).unwrap(), text);
        assert!(!table.can_grow());
        assert!(std::panic::catch_unwind(move || table.push(&Made::default())).is_err());
    }

    #[test]
    fn a_column_has_the_name_and_the_meaning_of_its_field() {
        assert_eq!(Made::name_of(|row| row.x), "x");
        assert_eq!(Made::name_of(|row| row.y.max), "y_max");
        let mut meanings = Vec::new();
        Made::default().cells("", "", &mut |_, meaning, _| meanings.push(meaning.to_owned()));
        assert_eq!(meanings, ["length", "widths: the smallest", "widths: the largest"]);
    }
}
