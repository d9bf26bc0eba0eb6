//! The section as HTML; what comes from files is escaped by the templates.

use super::{Block, Head, Sheet, Study};
use maud::{Markup, html};

/// All `studies`, each with its summary and the statements below.
pub fn section(studies: &[Study]) -> Markup {
    html! {
        p {
            "What the paper proves, measured on networks while they were trained, statement by statement: whether the \
             conditions are met, and whether what follows from them happens. Everything here is computed from the stored \
             records."
        }
        @for study in studies {
            h3 id={ "theory-" (study.name) } { (study.name) ": " (study.dataset) }
            p { (study.about) }
            (table(&study.summary))
            @for block in &study.blocks { (one(&study.name, block)) }
        }
    }
}

fn one(study: &str, block: &Block) -> Markup {
    html! {
        h4 id={ "theory-" (study) "-" (block.id) } { (block.title) }
        p.muted { (block.statement) }
        ul.findings { @for finding in &block.findings { li { (finding) } } }
        @for picture in &block.pictures { (picture.html()) }
        @if let Some(sheet) = &block.sheet {
            details {
                summary { "Numbers" }
                (table(sheet))
            }
        }
    }
}

fn table(sheet: &Sheet) -> Markup {
    html! {
        p.muted { (sheet.caption) }
        div.scroll {
            table {
                thead {
                    tr { @for column in &sheet.columns { th.number[column.numeric] scope="col" { (column.text) } } }
                }
                tbody {
                    @for row in &sheet.rows {
                        tr { @for (column, text) in sheet.columns.iter().zip(row) { (cell(column, text)) } }
                    }
                }
            }
        }
    }
}

fn cell(column: &Head, text: &str) -> Markup {
    html! { td.number[column.numeric] { (text) } }
}
