//! Small multiples with their numbers: files of one name, and what stands on the pages.

use super::chart::Multiples;
use super::drawings::{image_file, write_picture};
use super::html::themed;
use super::markdown::plain;
use super::table::Table;
use crate::error::{Error, Result};
use maud::{Markup, PreEscaped, html};
use std::fmt::Write as _;
use std::path::Path;

/// A picture and the name of its files.
#[derive(Debug, Clone, PartialEq)]
pub struct Picture {
    /// The files' name without their ends: `control_bias_mnist`.
    pub stem: String,
    /// What is drawn.
    pub chart: Multiples,
    /// How it is to be read; empty where the text around it says so.
    pub caption: String,
    pub(super) table: Table,
}

impl Picture {
    /// Writes `<stem>.csv`, `<stem>.svg` and `<stem>.png` to `folder`. Returns why there is no PNG where the picture is too large
    /// for one.
    ///
    /// # Errors
    /// Where the system refuses.
    pub fn write(&self, folder: &Path) -> Result<Option<Error>> {
        write_picture(folder, &self.stem, &self.chart.svg(), &self.table.csv())
    }

    /// The picture on the report's page, with its caption and its numbers.
    pub(super) fn html(&self) -> Markup {
        html! {
            figure.wide id=(self.stem) {
                (PreEscaped(themed(&self.chart.svg())))
                figcaption {
                    @if !self.caption.is_empty() { p.muted { (self.caption) } }
                    details { summary { "Numbers" } div.scroll { (self.numbers()) } }
                }
            }
        }
    }

    fn numbers(&self) -> Markup {
        html! {
            table {
                thead { tr { @for column in &self.table.columns { th scope="col" { (column) } } } }
                tbody {
                    @for row in &self.table.rows { tr { @for cell in row { td { (cell) } } } }
                }
            }
        }
    }

    /// Appends a link to the picture in `figures/`, its caption and a link to its numbers to `page`.
    pub(super) fn markdown(&self, page: &mut String) {
        let Self { stem, chart, caption, .. } = self;
        let caption = if caption.is_empty() { String::new() } else { plain(caption) + " " };
        let _ = writeln!(
            page,
            "\n![{}](figures/{})\n\n{caption}[The numbers](figures/{stem}.csv)\n",
            plain(&chart.title),
            image_file(stem, &chart.svg())
        );
    }
}
