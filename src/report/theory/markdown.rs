//! The section as Markdown.

use super::{Sheet, Study};
use crate::report::markdown::plain;
use std::fmt::Write as _;

/// Appends the section on `studies` to `page`; nothing without any.
pub fn write(page: &mut String, studies: &[Study]) {
    if studies.is_empty() {
        return;
    }
    page.push_str("\n## The theory, measured\n");
    for study in studies {
        let _ = writeln!(
            page,
            "\n### {}: {}\n\n{}\n",
            plain(&study.name),
            plain(&study.dataset),
            plain(&study.about)
        );
        table(page, &study.summary);
        for block in &study.blocks {
            let _ = writeln!(page, "\n#### {}\n\n{}\n", block.title, plain(block.statement));
            for finding in &block.findings {
                let _ = writeln!(page, "- {}", plain(finding));
            }
            block.pictures.iter().for_each(|picture| picture.markdown(page));
            if let Some(sheet) = &block.sheet {
                page.push('\n');
                table(page, sheet);
            }
        }
    }
}

fn table(page: &mut String, sheet: &Sheet) {
    let line = |cells: &mut dyn Iterator<Item = String>| {
        cells.fold("|".to_owned(), |line, cell| format!("{line} {cell} |")) + "\n"
    };
    let _ = writeln!(page, "{}\n", plain(&sheet.caption));
    page.push_str(&line(&mut sheet.columns.iter().map(|column| plain(column.text))));
    let rules = sheet.columns.iter().map(|column| if column.numeric { "---:|" } else { "---|" });
    let _ = writeln!(page, "|{}", rules.collect::<String>());
    for row in &sheet.rows {
        page.push_str(&line(&mut row.iter().map(|cell| plain(cell))));
    }
}
