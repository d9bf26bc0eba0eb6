//! A document as text for a terminal, in lines of at most [`WIDTH`] characters unless a word is longer.

use crate::report::document::{Block, Document, Picture, Span, Table, TableColumn, Text};
use crate::report::text::printable;
use std::fmt::Write as _;

/// Greatest length of a line, in characters.
const WIDTH: usize = 100;

/// Least width of a column of words; a table that is still too wide is split.
const NARROWEST: usize = 16;

/// Renders every block, nothing folded; a picture is its title and the name of its file.
pub fn terminal(document: &Document) -> String {
    document.assert_sound();
    let mut text = String::new();
    if !document.title.is_empty() {
        let _ = writeln!(text, "{}\n", document.title);
    }
    blocks(&mut text, &document.blocks);
    printable(&text).into_owned()
}

/// Appends `blocks`, with an empty line between them.
fn blocks(text: &mut String, blocks: &[Block]) {
    for (index, block) in blocks.iter().enumerate() {
        if index > 0 {
            text.push('\n');
        }
        self::block(text, block);
    }
}

fn block(text: &mut String, block: &Block) {
    match block {
        Block::Section(section) => headed(text, &section.title, &section.blocks),
        Block::Details(details) => headed(text, &details.summary, &details.blocks),
        Block::Paragraph(words) | Block::Note(words) => wrapped(text, "", &inline(words)),
        Block::List(items) => items.iter().for_each(|item| wrapped(text, "- ", &inline(item))),
        Block::Table(table) => self::table(text, table),
        Block::Pictures(pictures) => {
            for Picture { title, file, .. } in pictures {
                wrapped(text, "", &format!("{title}: {file}"));
            }
        }
        Block::Code(code) => {
            let _ = writeln!(text, "{}", code.trim_end());
        }
    }
}

fn headed(text: &mut String, heading: &str, blocks: &[Block]) {
    wrapped(text, "", heading);
    self::blocks(text, blocks);
}

/// The words of a text, with the sign of a mark before its words.
fn inline(text: &Text) -> String {
    let span = |span: &Span| match span {
        Span::Mark(mark, words) => format!("{} {words}", mark.sign()),
        other => other.words().to_owned(),
    };
    text.0.iter().map(span).collect()
}

/// Appends `lead` and `body`, wrapped; further lines are indented by the length of `lead`.
fn wrapped(text: &mut String, lead: &str, body: &str) {
    let indent = length(lead);
    for (index, line) in lines(body, WIDTH - indent).into_iter().enumerate() {
        let lead = if index == 0 { lead.to_owned() } else { " ".repeat(indent) };
        let _ = writeln!(text, "{}", format!("{lead}{line}").trim_end());
    }
}

/// Wraps `text` into lines of at most `width` characters; a longer word has its own line.
fn lines(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    for paragraph in text.split('\n') {
        let mut line = String::new();
        for word in paragraph.split(' ') {
            if !line.is_empty() && length(&line) + 1 + length(word) > width {
                lines.push(std::mem::take(&mut line));
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
        lines.push(line);
    }
    lines
}

/// The number of characters.
fn length(text: &str) -> usize {
    text.chars().count()
}

/// Appends a table; words are aligned to the left, numbers to the right. In a table that is too wide, columns of words are
/// narrowed; if it is still too wide, the columns of numbers are split into parts of equal length, and each part repeats the
/// words.
fn table(text: &mut String, table: &Table) {
    if !table.caption.is_empty() {
        wrapped(text, "", &inline(&table.caption));
    }
    let cells: Vec<Vec<String>> = table.rows.iter().map(|row| row.iter().map(inline).collect()).collect();
    let layout = TableLayout::of(&table.columns, &cells);
    for (index, part) in layout.parts.iter().enumerate() {
        if index > 0 {
            text.push('\n');
        }
        if table.columns.iter().any(|column| !column.head.is_empty()) {
            let heads: Vec<String> = table.columns.iter().map(|column| column.head.clone()).collect();
            layout.row(text, &table.columns, part, &heads);
        }
        for row in &cells {
            let has_numbers = |c: &usize| table.columns[*c].is_numeric && !row[*c].is_empty();
            // A row without numbers in this part is left out of it, for example a model without σ².
            if layout.parts.len() == 1 || part.iter().any(has_numbers) {
                layout.row(text, &table.columns, part, row);
            }
        }
    }
}

/// The widths and parts of a table.
struct TableLayout {
    /// The width of each column.
    widths: Vec<usize>,
    /// Spaces between two columns.
    gap: usize,
    /// The columns of each part.
    parts: Vec<Vec<usize>>,
}

impl TableLayout {
    fn of(columns: &[TableColumn], rows: &[Vec<String>]) -> Self {
        let widest = |c: usize| {
            let cells = rows.iter().map(|row| row[c].split('\n').map(length).max().unwrap_or(0));
            cells.chain([length(&columns[c].head)]).max().unwrap_or(0)
        };
        let mut widths: Vec<usize> = (0..columns.len()).map(widest).collect();
        let total = |widths: &[usize], gap: usize| {
            widths.iter().sum::<usize>() + gap * widths.len().saturating_sub(1)
        };
        // Two spaces between columns, or one if only then all columns fit.
        let gap = if total(&widths, 2) > WIDTH && total(&widths, 1) <= WIDTH { 1 } else { 2 };
        while total(&widths, gap) > WIDTH {
            let words = (0..columns.len()).filter(|c| !columns[*c].is_numeric);
            let Some(c) = words.max_by_key(|c| widths[*c]).filter(|c| widths[*c] > NARROWEST) else { break };
            widths[c] -= 1;
        }
        let (numbers, words): (Vec<usize>, Vec<usize>) =
            (0..columns.len()).partition(|c| columns[*c].is_numeric);
        if total(&widths, gap) <= WIDTH || numbers.is_empty() {
            return Self { widths, gap, parts: vec![(0..columns.len()).collect()] };
        }
        let room = WIDTH.saturating_sub(words.iter().map(|c| widths[*c] + gap).sum());
        let column = numbers.iter().map(|c| widths[*c]).max().unwrap_or(0) + gap;
        let fitting = ((room + gap) / column).max(1);
        // Parts of equal length read better than full parts and a short last one.
        let parts = numbers.len().div_ceil(fitting);
        let parts = numbers.chunks(numbers.len().div_ceil(parts)).map(|part| [&words, part].concat());
        Self { widths, gap, parts: parts.collect() }
    }

    /// Appends the cells of `part`, in as many lines as the highest cell needs.
    fn row(&self, text: &mut String, columns: &[TableColumn], part: &[usize], cells: &[String]) {
        let cells: Vec<Vec<String>> = part.iter().map(|c| lines(&cells[*c], self.widths[*c])).collect();
        let height = cells.iter().map(Vec::len).max().unwrap_or(0);
        for y in 0..height {
            let cell = |(c, lines): (&usize, &Vec<String>)| {
                let (width, line) = (self.widths[*c], lines.get(y).map_or("", String::as_str));
                if columns[*c].is_numeric { format!("{line:>width$}") } else { format!("{line:width$}") }
            };
            let line: Vec<String> = part.iter().zip(&cells).map(cell).collect();
            let _ = writeln!(text, "{}", line.join(&" ".repeat(self.gap)).trim_end());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::document::{Mark, Section};

    fn rendered(table: Table) -> String {
        terminal(&Document::from(vec![Block::Table(table)]))
    }

    #[test]
    fn words_stand_to_the_left_and_numbers_to_the_right() {
        let rows = [vec!["DAE".into(), "0.5".into()], vec!["a longer one".into(), "12.25".into()]];
        let text = rendered(Table::new("caption", &["model"], &["value"]).with(rows));
        assert_eq!(text, "caption\nmodel         value\nDAE             0.5\na longer one  12.25\n");
    }

    #[test]
    fn a_wide_table_is_split_into_parts_of_equal_length() {
        let heads: Vec<String> = (0..12).map(|i| format!("0.{i:06}")).collect();
        let heads: Vec<&str> = heads.iter().map(String::as_str).collect();
        let row = |name: &str| [vec![name.into()], vec!["0.123456".into(); 12]].concat();
        let alone = [vec!["none".into(), "1".into()], vec!["".into(); 11]].concat();
        let text = rendered(Table::new("", &["σ²"], &heads).with([row("DAE"), alone]));
        assert!(text.lines().all(|line| length(line) <= WIDTH), "{text}");
        let columns: Vec<usize> = text
            .lines()
            .filter(|line| line.starts_with("σ²"))
            .map(|l| l.split_whitespace().count() - 1)
            .collect();
        assert_eq!(columns, [6, 6], "{text}");
        assert_eq!(text.matches("none").count(), 1, "{text}");
    }

    #[test]
    fn words_are_wrapped_where_a_table_is_too_wide() {
        let long = "word ".repeat(40);
        let text = rendered(Table::new("", &["a", "b"], &[]).with([vec!["x".into(), long.trim().into()]]));
        assert!(text.lines().all(|line| length(line) <= WIDTH), "{text}");
        assert_eq!(text.matches("word").count(), 40);
        assert!(text.lines().nth(2).is_some_and(|line| line.starts_with("   word")), "{text}");
    }

    #[test]
    fn sections_lists_and_marks_are_text() {
        let marked = Text::from("verdict: ").then(Span::Mark(Mark::Good, "supported".to_owned()));
        let section =
            Section::new("s", "Heading", vec![Block::Paragraph(marked), Block::List(vec!["one".into()])]);
        let text = terminal(&Document { title: "Title".to_owned(), blocks: vec![Block::Section(section)] });
        assert_eq!(text, "Title\n\nHeading\nverdict: ✓ supported\n\n- one\n");
    }
}
