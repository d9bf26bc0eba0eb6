//! A document as text for a terminal, in lines of at most a given width unless a word is longer.

use crate::report::document::{Block, Document, Picture, Span, Table, TableColumn, Text};
use crate::report::text::printable;
use std::fmt::Write as _;

/// Greatest width of a line, in characters, and the width of text that is not for a terminal.
pub const FULL_WIDTH: usize = 100;

/// Least widths of a column of words at the full width and on narrower terminals; a column is also at least as wide as its longest word. A
/// table that is still too wide is split.
const NARROWEST: [usize; 2] = [16, 8];

/// Renders every block in lines of `width` characters, nothing folded; a picture is its title and the name of its file.
pub fn terminal(document: &Document, width: usize) -> String {
    document.assert_sound();
    let mut screen = Screen { text: String::new(), width };
    if !document.title.is_empty() {
        let _ = writeln!(screen.text, "{}\n", document.title);
    }
    screen.blocks(&document.blocks);
    printable(&screen.text).into_owned()
}

/// The text so far, and the width of its lines.
struct Screen {
    text: String,
    width: usize,
}

impl Screen {
    /// Appends `blocks`, with an empty line between them.
    fn blocks(&mut self, blocks: &[Block]) {
        for (index, block) in blocks.iter().enumerate() {
            if index > 0 {
                self.text.push('\n');
            }
            self.block(block);
        }
    }

    fn block(&mut self, block: &Block) {
        match block {
            Block::Section(section) => self.headed(&section.title, &section.blocks),
            Block::Details(details) => self.headed(&details.summary, &details.blocks),
            Block::Paragraph(words) | Block::Note(words) => self.wrapped("", &inline(words)),
            Block::List(items) => items.iter().for_each(|item| self.wrapped("- ", &inline(item))),
            Block::Table(table) => self.table(table),
            Block::Pictures(pictures) => {
                for Picture { title, file, .. } in pictures {
                    self.wrapped("", &format!("{title}: {file}"));
                }
            }
            Block::Code(code) => {
                let _ = writeln!(self.text, "{}", code.trim_end());
            }
        }
    }

    fn headed(&mut self, heading: &str, blocks: &[Block]) {
        self.wrapped("", heading);
        self.blocks(blocks);
    }

    /// Appends `lead` and `body`, wrapped; further lines are indented by the length of `lead`.
    fn wrapped(&mut self, lead: &str, body: &str) {
        let indent = length(lead);
        for (index, line) in lines(body, self.width.saturating_sub(indent)).into_iter().enumerate() {
            let lead = if index == 0 { lead.to_owned() } else { " ".repeat(indent) };
            let _ = writeln!(self.text, "{}", format!("{lead}{line}").trim_end());
        }
    }

    /// Appends a table; words are aligned to the left, numbers to the right. In a table that is too wide, columns of words are
    /// narrowed; if it is still too wide, the columns of numbers are split into parts, and each part repeats the words. A table for
    /// which a narrow terminal has no room even so becomes a list of its rows.
    fn table(&mut self, table: &Table) {
        if !table.caption.is_empty() {
            self.wrapped("", &inline(&table.caption));
        }
        let cells: Vec<Vec<String>> = table.rows.iter().map(|row| row.iter().map(inline).collect()).collect();
        let layout = TableLayout::of(&table.columns, &cells, self.width);
        if self.width < FULL_WIDTH && layout.width() > self.width {
            return self.records(&table.columns, &cells);
        }
        let last = layout.parts.len() - 1;
        for (index, part) in layout.parts.iter().enumerate() {
            let has_numbers_in = |part: &[usize], row: &[String]| {
                part.iter().any(|c| table.columns[*c].is_numeric && !row[*c].is_empty())
            };
            // A row without numbers in this part is left out of it, for example a model without σ²; one without any is in the last part.
            let is_shown = |row: &&Vec<String>| {
                last == 0
                    || has_numbers_in(part, row)
                    || index == last && !layout.parts.iter().any(|part| has_numbers_in(part, row))
            };
            if index > 0 {
                self.text.push('\n');
            }
            if table.columns.iter().any(|column| !column.head.is_empty()) {
                let heads: Vec<String> = table.columns.iter().map(|column| column.head.clone()).collect();
                layout.row(&mut self.text, &table.columns, part, &heads);
            }
            for row in cells.iter().filter(is_shown) {
                layout.row(&mut self.text, &table.columns, part, row);
            }
        }
    }

    /// Appends each row as a list of its cells, with a line for each head; cells without a head begin the list. Where heads would take most of
    /// the width, cells are not aligned.
    fn records(&mut self, columns: &[TableColumn], rows: &[Vec<String>]) {
        let longest = columns.iter().map(|column| length(&column.head) + 2).max().unwrap_or(0);
        let indent = if longest > self.width / 2 { 0 } else { longest };
        for (index, row) in rows.iter().enumerate() {
            if index > 0 {
                self.text.push('\n');
            }
            for (column, cell) in columns.iter().zip(row).filter(|(_, cell)| !cell.is_empty()) {
                if column.head.is_empty() {
                    self.wrapped("", cell);
                } else if indent == 0 {
                    self.wrapped("", &format!("{}: {cell}", column.head));
                } else {
                    self.wrapped(&format!("{:indent$}", column.head), cell);
                }
            }
        }
    }
}

/// The words of a text, with the sign of a mark before its words.
fn inline(text: &Text) -> String {
    let span = |span: &Span| match span {
        Span::Mark(mark, words) => format!("{} {words}", mark.sign()),
        other => other.words().to_owned(),
    };
    text.0.iter().map(span).collect()
}

/// Wraps `text` into lines of at most `width` characters; a longer word has its own line. No line begins with a percent sign.
fn lines(text: &str, width: usize) -> Vec<String> {
    const BOUND_PERCENT: &str = "\u{a0}%";
    let mut lines = Vec::new();
    for paragraph in text.replace(" %", BOUND_PERCENT).split('\n') {
        let mut line = String::new();
        for word in paragraph.split(' ') {
            if !line.is_empty() && length(&line) + 1 + length(word) > width {
                lines.push(std::mem::take(&mut line));
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(&word.replace(BOUND_PERCENT, " %"));
        }
        lines.push(line);
    }
    lines
}

/// The number of characters.
fn length(text: &str) -> usize {
    text.chars().count()
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
    fn of(columns: &[TableColumn], rows: &[Vec<String>], width: usize) -> Self {
        let narrow = width < FULL_WIDTH;
        let texts = |c: usize| rows.iter().map(move |row| row[c].as_str()).chain([columns[c].head.as_str()]);
        let widest = |c: usize| texts(c).flat_map(|text| text.split('\n')).map(length).max().unwrap_or(0);
        let longest_word = |c: usize| texts(c).flat_map(str::split_whitespace).map(length).max().unwrap_or(0);
        let least = |c: usize| longest_word(c).max(NARROWEST[usize::from(narrow)]);
        let mut widths: Vec<usize> = (0..columns.len()).map(widest).collect();
        let total = |widths: &[usize], gap: usize| {
            widths.iter().sum::<usize>() + gap * widths.len().saturating_sub(1)
        };
        // Two spaces between columns, or one if only then all columns fit.
        let gap = if total(&widths, 2) > width && total(&widths, 1) <= width { 1 } else { 2 };
        let least: Vec<usize> = (0..columns.len()).map(least).collect();
        while total(&widths, gap) > width {
            let words = (0..columns.len()).filter(|c| !columns[*c].is_numeric && widths[*c] > least[*c]);
            let Some(c) = words.max_by_key(|c| widths[*c]) else { break };
            widths[c] -= 1;
        }
        let (numbers, words): (Vec<usize>, Vec<usize>) =
            (0..columns.len()).partition(|c| columns[*c].is_numeric);
        if total(&widths, gap) <= width || numbers.is_empty() {
            return Self { widths, gap, parts: vec![(0..columns.len()).collect()] };
        }
        let room = width.saturating_sub(words.iter().map(|c| widths[*c] + gap).sum());
        let column = numbers.iter().map(|c| widths[*c]).max().unwrap_or(0) + gap;
        let fitting = ((room + gap) / column).max(1);
        // Parts of equal length read better than full parts and a short last one.
        let parts = numbers.len().div_ceil(fitting);
        let mut parts: Vec<Vec<usize>> =
            numbers.chunks(numbers.len().div_ceil(parts)).map(<[usize]>::to_vec).collect();
        if narrow {
            // One wide column must not make every part as short as itself.
            let filled = filled(&numbers, &widths, gap, room);
            parts = if filled.len() < parts.len() { filled } else { parts };
        }
        let parts = parts.into_iter().map(|part| [words.clone(), part].concat());
        Self { widths, gap, parts: parts.collect() }
    }

    /// The width of the widest part.
    fn width(&self) -> usize {
        let of = |part: &Vec<usize>| {
            part.iter().map(|c| self.widths[*c]).sum::<usize>() + self.gap * part.len().saturating_sub(1)
        };
        self.parts.iter().map(of).max().unwrap_or(0)
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

/// `columns` in parts of at most `room` characters, each as full as it can be.
fn filled(columns: &[usize], widths: &[usize], gap: usize, room: usize) -> Vec<Vec<usize>> {
    let mut parts: Vec<Vec<usize>> = Vec::new();
    let mut left = 0;
    for &column in columns {
        match parts.last_mut() {
            Some(part) if widths[column] + gap <= left => {
                left -= widths[column] + gap;
                part.push(column);
            }
            _ => {
                left = room.saturating_sub(widths[column]);
                parts.push(vec![column]);
            }
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::document::{Mark, Section};

    fn rendered(table: Table) -> String {
        rendered_in(table, FULL_WIDTH)
    }

    fn rendered_in(table: Table, width: usize) -> String {
        terminal(&Document::from(vec![Block::Table(table)]), width)
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
        assert!(text.lines().all(|line| length(line) <= FULL_WIDTH), "{text}");
        let columns: Vec<usize> = text
            .lines()
            .filter(|line| line.starts_with("σ²"))
            .map(|l| l.split_whitespace().count() - 1)
            .collect();
        assert_eq!(columns, [6, 6], "{text}");
        assert_eq!(text.matches("none").count(), 1, "{text}");
    }

    /// A table of the paper's twelve σ², as `run` prints it: no number is broken, and each stands under its σ².
    #[test]
    fn a_table_is_folded_to_the_width_of_a_narrow_terminal() {
        let heads: Vec<String> = (0..12).map(|i| format!("0.0{i}")).collect();
        let heads: Vec<&str> = heads.iter().map(String::as_str).collect();
        let row = |name: &str| {
            let numbers = (0..12).map(|i| format!("0.12{i:02}").into());
            [vec![name.into()], numbers.collect()].concat()
        };
        for (width, expected) in [(100, vec![12]), (80, vec![6, 6]), (50, vec![4, 4, 4]), (20, vec![1; 12])] {
            let text = rendered_in(Table::new("", &["σ²"], &heads).with([row("kl_sae"), row("dae")]), width);
            assert!(text.lines().all(|line| length(line) <= width), "{width}: {text}");
            let lines: Vec<Vec<&str>> = text.lines().map(|line| line.split_whitespace().collect()).collect();
            let heads = lines.iter().filter(|line| line.first() == Some(&"σ²"));
            assert_eq!(heads.map(|line| line.len() - 1).collect::<Vec<_>>(), expected, "{text}");
            for (i, head) in heads_of(&lines).into_iter().enumerate() {
                assert_eq!(head, (format!("0.0{i}"), format!("0.12{i:02}")), "{text}");
            }
        }
    }

    /// Each σ² with the number below it in the next line.
    fn heads_of(lines: &[Vec<&str>]) -> Vec<(String, String)> {
        let below = lines.windows(2).filter(|pair| pair[0].first() == Some(&"σ²"));
        let pairs = below.flat_map(|pair| pair[0].iter().zip(&pair[1]).skip(1));
        pairs.map(|(head, number)| ((*head).to_owned(), (*number).to_owned())).collect()
    }

    #[test]
    fn one_wide_column_does_not_shorten_every_part() {
        let row = ["3", "0.9788", "0.9791", "+0.0003", "[-0.0011, +0.0017]"].map(Text::from).to_vec();
        let row = [vec!["dae".into()], row].concat();
        let table = Table::new("", &["model"], &["seeds", "A", "B", "B − A", "interval"]).with([row]);
        let text = rendered_in(table, 40);
        let heads: Vec<&str> = text.lines().filter(|line| line.starts_with("model")).collect();
        assert_eq!(heads, ["model  seeds       A       B    B − A", "model            interval"], "{text}");
    }

    #[test]
    fn words_without_room_for_columns_become_a_list() {
        let row = |key: &str| [key, "dae", "0.25", "1", "finished", "1,5,9,13"].map(Text::from).to_vec();
        let heads = ["run key", "model", "σ²", "seed", "state", "cells"];
        let table = Table::new("", &heads, &[]).with([row("0123456789abcdef"), row("fedcba9876543210")]);
        let text = rendered_in(table.clone(), 40);
        assert!(text.starts_with("run key  0123456789abcdef\nmodel    dae\nσ²       0.25\n"), "{text}");
        assert!(text.contains("\ncells    1,5,9,13\n\nrun key  fedcba9876543210\n"), "{text}");
        assert!(rendered_in(table, 80).starts_with("run key           model  σ²"));
    }

    #[test]
    fn words_are_wrapped_where_a_table_is_too_wide() {
        let long = "word ".repeat(40);
        let text = rendered(Table::new("", &["a", "b"], &[]).with([vec!["x".into(), long.trim().into()]]));
        assert!(text.lines().all(|line| length(line) <= FULL_WIDTH), "{text}");
        assert_eq!(text.matches("word").count(), 40);
        assert!(text.lines().nth(2).is_some_and(|line| line.starts_with("   word")), "{text}");
    }

    #[test]
    fn no_line_begins_with_a_percent_sign() {
        assert_eq!(lines("0.5 [0.4, 0.6] at 95 % of 3", 20), ["0.5 [0.4, 0.6] at", "95 % of 3"]);
        assert_eq!(lines("at 95 %", 7), ["at 95 %"]);
    }

    #[test]
    fn sections_lists_and_marks_are_text() {
        let marked = Text::from("verdict: ").then(Span::Mark(Mark::Good, "supported".to_owned()));
        let section =
            Section::new("s", "Heading", vec![Block::Paragraph(marked), Block::List(vec!["one".into()])]);
        let text = terminal(
            &Document { title: "Title".to_owned(), blocks: vec![Block::Section(section)] },
            FULL_WIDTH,
        );
        assert_eq!(text, "Title\n\nHeading\nverdict: ✓ supported\n\n- one\n");
    }
}
