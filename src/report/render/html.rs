//! A document as one self-contained HTML file, without network access or scripts.
//!
//! The templates escape everything that comes from a file. Pictures are inline SVG, whose colours follow the reader's light or
//! dark theme. Folded sections are not printed; a click on "Unfold everything" unfolds all of them.

use crate::report::chart::{GRID, INK, MUTED, PAPER};
use crate::report::document::{
    Block, Document, Image, Picture, Section, Span, Table, TableColumn, Target, Text,
};
use crate::report::text::printable;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use maud::{DOCTYPE, Markup, PreEscaped, html};

const STYLE: &str = include_str!("style.css");

/// Least scale of a chart on the page: its letters of 12 pixels have at least 10. A chart that is wider than the page at this
/// scale scrolls.
const LEAST_SCALE: f64 = 10.0 / 12.0;

/// Renders the whole page, with a table of contents that stays in view.
pub fn html(document: &Document) -> String {
    document.assert_sound();
    let sections = || document.blocks.iter().filter_map(section_of);
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="generator" content={ "aesparse " (env!("CARGO_PKG_VERSION")) };
                title { (document.title) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                span #everything {}
                nav aria-label="Contents" {
                    ul {
                        @for section in sections() { (entry(section)) }
                        li.muted { a href="#everything" { "Unfold everything" } }
                    }
                }
                main {
                    h1 { (document.title) }
                    @for block in &document.blocks { (self::block(block, 2)) }
                }
            }
        }
    };
    printable(&page.into_string()).into_owned()
}

fn section_of(block: &Block) -> Option<&Section> {
    match block {
        Block::Section(section) => Some(section),
        _ => None,
    }
}

/// Greatest number of subsections of a section that the table of contents lists.
const MOST_ENTRIES: usize = 12;

/// The entry of a section in the table of contents, with its direct subsections if the section is folded and they are few.
fn entry(section: &Section) -> Markup {
    let count = section.blocks.iter().filter_map(section_of).count();
    let are_few = section.folded && count <= MOST_ENTRIES;
    let inside = || section.blocks.iter().filter_map(section_of).filter(|_| are_few);
    html! {
        li {
            a href={ "#" (section.id) } { (section.title) }
            @if inside().next().is_some() {
                ul { @for section in inside() { li { a href={ "#" (section.id) } { (section.title) } } } }
            }
        }
    }
}

/// A block; `level` is the level of its heading.
fn block(block: &Block, level: usize) -> Markup {
    match block {
        Block::Section(section) => self::section(section, level),
        Block::Paragraph(text) => html! { p { (inline(text)) } },
        Block::Note(text) => html! { p.muted { (inline(text)) } },
        Block::List(items) => html! { ul { @for item in items { li { (inline(item)) } } } },
        Block::Table(table) => self::table(table),
        Block::Pictures(pictures) => pictures_of(pictures),
        Block::Details(details) => html! {
            details {
                summary { (details.summary) }
                @for block in &details.blocks { (self::block(block, level)) }
            }
        },
        Block::Code(text) => html! { pre { (text) } },
    }
}

/// A section. A browser unfolds a folded section if a link leads into its content, so the id is the content's.
fn section(section: &Section, level: usize) -> Markup {
    let Section { id, title, folded, blocks } = section;
    let content = html! { @for block in blocks { (self::block(block, level + 1)) } };
    html! {
        @if *folded {
            details.section {
                summary { (heading(title, level)) }
                div id=(id) { (content) }
            }
        } @else {
            section id=(id) { (heading(title, level)) (content) }
        }
    }
}

fn heading(title: &str, level: usize) -> Markup {
    match level {
        2 => html! { h2 { (title) } },
        3 => html! { h3 { (title) } },
        _ => html! { h4 { (title) } },
    }
}

fn inline(text: &Text) -> Markup {
    html! { @for span in &text.0 { (self::span(span)) } }
}

fn span(span: &Span) -> Markup {
    match span {
        Span::Plain(words) => html! { (words) },
        Span::Strong(words) => html! { strong { (words) } },
        Span::Muted(words) => html! { span.muted { (words) } },
        Span::Code(words) => html! { code { (words) } },
        // Sign, colour and word each show the mark.
        Span::Mark(mark, words) => {
            let class = format!("mark {}", format!("{mark:?}").to_lowercase());
            html! { span class=(class) { span aria-hidden="true" { (mark.sign()) " " } (words) } }
        }
        Span::Link(Target::Id(id), words) => html! { a href={ "#" (id) } { (words) } },
        Span::Link(Target::File(file), words) => html! { a href=(address(file)) { (words) } },
    }
}

/// The address of a file, relative to the page. A relative path begins with `./`, because a colon before the first `/` would
/// otherwise begin a scheme.
fn address(file: &str) -> String {
    let is_relative = !file.starts_with('/');
    let file = file.replace('%', "%25").replace('?', "%3F").replace('#', "%23");
    if is_relative { format!("./{file}") } else { file }
}

fn table(table: &Table) -> Markup {
    let cells = |row: &[Text]| {
        let cell = |(index, (column, text)): (usize, (&TableColumn, &Text))| {
            if index == 0 && !column.is_numeric {
                html! { th scope="row" { (inline(text)) } }
            } else {
                html! { td.number[column.is_numeric] { (inline(text)) } }
            }
        };
        table.columns.iter().zip(row).enumerate().map(cell).collect::<Vec<_>>()
    };
    html! {
        @if !table.caption.is_empty() { p.muted { (inline(&table.caption)) } }
        div.scroll tabindex="0" role="region" aria-label=(name_of(table)) {
            table {
                @if table.columns.iter().any(|column| !column.head.is_empty()) {
                    thead {
                        tr {
                            @for column in &table.columns {
                                th.number[column.is_numeric] scope="col" { (column.head) }
                            }
                        }
                    }
                }
                tbody { @for row in &table.rows { tr { @for cell in cells(row) { (cell) } } } }
            }
        }
    }
}

/// What a screen reader calls a table that can be scrolled: the first sentence of its caption, or else its heads.
fn name_of(table: &Table) -> String {
    let caption = table.caption.words();
    match caption.split(". ").next() {
        Some(first) if !first.is_empty() => first.to_owned(),
        _ => table.columns.iter().map(|column| column.head.as_str()).collect::<Vec<_>>().join(", "),
    }
}

fn pictures_of(pictures: &[Picture]) -> Markup {
    let are_small = pictures.iter().all(|picture| matches!(picture.image, Image::Thumbnail { .. }));
    html! {
        div class=(if are_small { "thumbnails" } else { "pictures" }) {
            @for picture in pictures { (self::picture(picture)) }
        }
    }
}

fn picture(picture: &Picture) -> Markup {
    let Picture { id, title, image, caption, csv, command, .. } = picture;
    html! {
        figure id=[Some(id).filter(|id| !id.is_empty())] {
            @match image {
                Image::Svg(svg) => {
                    div.scroll tabindex="0" role="region" aria-label=(title) { div style=[least_width(svg)] { (PreEscaped(themed(svg))) } }
                }
                Image::Thumbnail { svg, to } => { a href={ "#" (to) } { (PreEscaped(themed(svg))) } }
                Image::Png(png) => {
                    div.scroll {
                        img alt=(title) src={ "data:image/png;base64," (BASE64_STANDARD.encode(png)) };
                    }
                }
            }
            @if !caption.is_empty() || csv.is_some() || command.is_some() {
                figcaption {
                    (inline(caption))
                    @if let Some(csv) = csv { " " a href=(address(csv)) { "Numbers (CSV)" } }
                    @if let Some(command) = command { " " code { (command) } }
                }
            }
        }
    }
}

/// The width at which a chart has the scale [`LEAST_SCALE`], as a CSS property.
fn least_width(svg: &str) -> Option<String> {
    let width = svg.split_once("width=\"")?.1.split_once('"')?.0.parse::<f64>().ok()?;
    Some(format!("min-width:{:.0}px", width * LEAST_SCALE))
}

/// The picture with the theme's colours. Only whole attributes are replaced: text may contain a colour, but no quotation mark,
/// which is escaped.
fn themed(svg: &str) -> String {
    [(INK, "ink"), (MUTED, "muted"), (GRID, "grid"), (PAPER, "panel")]
        .into_iter()
        .fold(svg.to_owned(), |svg, (color, variable)| {
            svg.replace(&format!("=\"{color}\""), &format!("=\"var(--{variable})\""))
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::chart;
    use crate::report::figure::Figure;

    #[test]
    fn colours_in_names_stay_text() {
        let title = format!("{INK} fill=\"{MUTED}\"");
        let figure = Figure::from_runs("x", title, &[]);
        let page = themed(&chart::svg(&figure));
        assert!(page.contains("<title>#1a1a1a fill=&quot;#555555&quot;</title>"), "{page}");
        for color in [INK, MUTED, GRID, PAPER] {
            assert!(!page.contains(&format!("=\"{color}\"")), "{color} doesn't follow the theme");
        }
    }

    #[test]
    fn names_and_links_from_files_are_escaped() {
        let link = Span::Link(Target::File("a?b#c:<.csv".to_owned()), "<script>".to_owned());
        let page = html(&Document { title: "<b>".to_owned(), blocks: vec![Block::Paragraph(link.into())] });
        assert!(page.contains("<h1>&lt;b&gt;</h1>"), "{page}");
        assert!(page.contains("<a href=\"./a%3Fb%23c:&lt;.csv\">&lt;script&gt;</a>"), "{page}");
    }

    #[test]
    fn a_folded_section_has_its_id_inside_what_unfolds() {
        let folded = Section::new("a", "A", vec![Block::paragraph("inside")]).folded();
        let page = html(&Document { title: String::new(), blocks: vec![Block::Section(folded)] });
        let expected = "<details class=\"section\"><summary><h2>A</h2></summary><div id=\"a\"><p>inside";
        assert!(page.contains(expected), "{page}");
        assert!(page.contains("<a href=\"#a\">A</a>"), "{page}");
    }
}
