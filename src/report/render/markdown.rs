//! A document as Markdown, for the pages of a repository. Pictures are files beside the page.

use crate::report::document::{Block, Document, Image, Picture, Span, Table, Target, Text};
use crate::report::text::printable;
use std::fmt::Write as _;

/// Renders the page as Markdown. Thumbnails are left out, because the pictures that they link to are not folded here.
pub fn markdown(document: &Document) -> String {
    document.assert_sound();
    let mut page = String::new();
    if !document.title.is_empty() {
        let _ = writeln!(page, "# {}", escaped(&document.title));
    }
    blocks(&mut page, &document.blocks, 2);
    printable(&page).into_owned()
}

/// Appends `blocks`, whose sections have headings of this level.
fn blocks(page: &mut String, blocks: &[Block], level: usize) {
    for block in blocks {
        match block {
            Block::Section(section) => {
                let (heading, title, id) = ("#".repeat(level), escaped(&section.title), &section.id);
                let _ = writeln!(page, "\n<a id=\"{id}\"></a>\n\n{heading} {title}");
                self::blocks(page, &section.blocks, level + 1);
            }
            Block::Paragraph(text) | Block::Note(text) => {
                let _ = writeln!(page, "\n{}", inline(text));
            }
            Block::List(items) => {
                page.push('\n');
                for item in items {
                    let _ = writeln!(page, "- {}", inline(item));
                }
            }
            Block::Table(table) => self::table(page, table),
            Block::Pictures(pictures) => pictures.iter().for_each(|picture| self::picture(page, picture)),
            Block::Details(details) => {
                let _ = writeln!(page, "\n<details><summary>{}</summary>", in_html(&details.summary));
                self::blocks(page, &details.blocks, level);
                page.push_str("\n</details>\n");
            }
            // Code is written as HTML, in which everything can be escaped.
            Block::Code(text) => {
                let _ = writeln!(page, "\n<pre>\n{}\n</pre>", in_html(text.trim_end()));
            }
        }
    }
}

/// `text` inside an HTML element, in which Markdown's escapes would be shown.
fn in_html(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

fn table(page: &mut String, table: &Table) {
    if !table.caption.is_empty() {
        let _ = writeln!(page, "\n{}", inline(&table.caption));
    }
    page.push('\n');
    let mut line = |cells: &mut dyn Iterator<Item = String>| {
        let _ = writeln!(page, "{}", cells.fold("|".to_owned(), |line, cell| format!("{line} {cell} |")));
    };
    line(&mut table.columns.iter().map(|column| escaped(&column.head)));
    line(&mut table.columns.iter().map(|column| if column.is_numeric { "---:" } else { "---" }.to_owned()));
    for row in &table.rows {
        let cell = |text: &Text| text.lines().iter().map(inline).collect::<Vec<_>>().join("<br>");
        line(&mut row.iter().map(cell));
    }
}

fn picture(page: &mut String, picture: &Picture) {
    let Picture { id, title, image, file, caption, csv, command } = picture;
    if matches!(image, Image::Thumbnail { .. }) {
        return;
    }
    page.push('\n');
    if !id.is_empty() {
        let _ = writeln!(page, "<a id=\"{id}\"></a>\n");
    }
    let _ = writeln!(page, "![{}]({})", escaped(title), link(file));
    let numbers = csv.as_ref().map(|csv| format!("[Numbers]({})", link(csv)));
    let command = command.as_ref().map(|command| code(command));
    let caption = Some(inline(caption)).filter(|caption| !caption.is_empty());
    let below: Vec<String> = caption.into_iter().chain(numbers).chain(command).collect();
    if !below.is_empty() {
        let _ = writeln!(page, "\n{}", below.join(" · "));
    }
}

fn inline(text: &Text) -> String {
    let span = |span: &Span| match span {
        Span::Plain(words) | Span::Muted(words) => escaped(words),
        Span::Strong(words) => format!("**{}**", escaped(words)),
        Span::Mark(mark, words) => format!("{} **{}**", mark.sign(), escaped(words)),
        Span::Code(words) => code(words),
        Span::Link(Target::Id(id), words) => format!("[{}](#{id})", escaped(words)),
        Span::Link(Target::File(file), words) => format!("[{}]({})", escaped(words), link(file)),
    };
    text.0.iter().map(span).collect()
}

/// `text` as code. Nothing can be escaped in code, so the fence is longer than any run of backticks in the text.
fn code(text: &str) -> String {
    let text = text.replace(['\n', '\r'], " ");
    let longest = text.split(|c: char| c != '`').map(str::len).max().unwrap_or_default();
    let fence = "`".repeat(longest + 1);
    // Markdown removes one space from both ends.
    let ends = ['`', ' '];
    let space = if text.starts_with(ends) || text.ends_with(ends) { " " } else { "" };
    // A bar is escaped even in code, because it would end a cell of a table.
    format!("{fence}{space}{}{space}{fence}", text.replace('|', "\\|"))
}

/// `text` with the signs of Markdown and HTML escaped, and those of mathematics and strikethrough on GitHub.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '<' => escaped.push_str("&lt;"),
            '&' => escaped.push_str("&amp;"),
            '|' | '*' | '`' | '[' | ']' | '\\' | '_' | '$' | '~' => escaped.extend(['\\', c]),
            '\n' | '\r' => escaped.push(' '),
            _ => escaped.push(c),
        }
    }
    escaped
}

/// A path or an id as the target of a link: every byte but letters, digits and `/._-` becomes `%XX`.
fn link(target: &str) -> String {
    let byte = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'_' | b'-' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    target.bytes().map(byte).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_of_markdown_are_text() {
        assert_eq!(escaped("$x$ ~y~ a_b <i> c|d\n`e`"), r"\$x\$ \~y\~ a\_b &lt;i> c\|d \`e\`");
    }

    #[test]
    fn a_command_stays_one_piece_of_code() {
        for (command, expected) in [
            ("aesparse report results", "`aesparse report results`"),
            ("aesparse report d`x`/r", "``aesparse report d`x`/r``"),
            ("aesparse report d`x`", "`` aesparse report d`x` ``"),
            ("aesparse report a``b`c", "```aesparse report a``b`c```"),
            ("aesparse report a\nb", "`aesparse report a b`"),
        ] {
            assert_eq!(code(command), expected);
        }
    }

    #[test]
    fn files_are_text() {
        let code = Block::Code("{ \"a\": \"```\\n</pre><svg>&\" }\n".to_owned());
        let page = markdown(&vec![code].into());
        assert_eq!(page, "\n<pre>\n{ \"a\": \"```\\n&lt;/pre>&lt;svg>&amp;\" }\n</pre>\n");
    }

    #[test]
    fn links_lead_to_the_file_whatever_it_is_called() {
        assert_eq!(link("a/inspect/0123"), "a/inspect/0123");
        assert_eq!(link("a b](x)/é\""), "a%20b%5D%28x%29/%C3%A9%22");
    }
}
