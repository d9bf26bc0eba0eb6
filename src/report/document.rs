//! A page as a tree of blocks, independent of how it is rendered.
//!
//! Content modules build [`Block`]s from results. The renderers in [`super::render`] turn them into HTML, Markdown or text for a
//! terminal, and know nothing of claims or theory. [`Document::check`] reports the first fault of a tree; the renderers call it
//! in debug builds.

use std::collections::BTreeSet;

/// A page, or the output of a command.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Document {
    /// The heading of the page; empty for the output of a command.
    pub title: String,
    /// The blocks, from top to bottom.
    pub blocks: Vec<Block>,
}

/// A part of a page. Blocks follow each other from top to bottom.
#[derive(Debug, Clone, PartialEq)]
pub enum Block {
    /// Blocks under a heading. A section may hold any block; sections are nested at most [`DEEPEST`] deep.
    Section(Section),
    /// A paragraph.
    Paragraph(Text),
    /// At least one item, each a paragraph.
    List(Vec<Text>),
    /// A table.
    Table(Table),
    /// At least one picture, side by side.
    Pictures(Vec<Picture>),
    /// A remark in muted type.
    Note(Text),
    /// Folded blocks without sections.
    Details(Details),
    /// A command, or the text of a file.
    Code(String),
}

/// Greatest depth of nested sections.
pub const DEEPEST: usize = 3;

/// Blocks under a heading.
#[derive(Debug, Clone, PartialEq)]
pub struct Section {
    /// Target of links, made by [`anchor`]; unique on the page.
    pub id: String,
    /// The heading.
    pub title: String,
    /// Whether the section is folded at first.
    pub folded: bool,
    /// The blocks, from top to bottom.
    pub blocks: Vec<Block>,
}

/// Folded blocks under a visible summary.
#[derive(Debug, Clone, PartialEq)]
pub struct Details {
    /// The visible line.
    pub summary: String,
    /// The blocks, from top to bottom.
    pub blocks: Vec<Block>,
}

/// A table.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Table {
    /// What the table shows; may be empty.
    pub caption: Text,
    /// The columns; the first one names the row.
    pub columns: Vec<TableColumn>,
    /// Rows of as many cells as there are columns.
    pub rows: Vec<Vec<Text>>,
}

/// The head of a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableColumn {
    /// Its text.
    pub head: String,
    /// Whether its cells are numbers, which are aligned to the right.
    pub is_numeric: bool,
}

/// A picture and its files.
#[derive(Debug, Clone, PartialEq)]
pub struct Picture {
    /// Target of links, like a [`Section`]'s; empty where no link leads to the picture.
    pub id: String,
    /// What the picture shows, for readers who cannot see it.
    pub title: String,
    /// The content of a picture.
    pub image: Image,
    /// Path of the picture's file relative to the page, with `/` between names, for renderers that embed no pictures.
    pub file: String,
    /// How to read the picture; may hold links, and may be empty.
    pub caption: Text,
    /// Path of its CSV relative to the page.
    pub csv: Option<String>,
    /// The command that reproduces it.
    pub command: Option<String>,
}

/// The content of a picture.
#[derive(Debug, Clone, PartialEq)]
pub enum Image {
    /// A drawing, whose colours a renderer may replace with the page's.
    Svg(String),
    /// A small drawing without text that links to a block.
    Thumbnail {
        /// The drawing.
        svg: String,
        /// The id of the block.
        to: String,
    },
    /// Pixels.
    Png(Vec<u8>),
}

/// Words in a line, a paragraph or a cell.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Text(pub Vec<Span>);

/// Words in one style.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Span {
    /// Ordinary words.
    Plain(String),
    /// Emphasised words.
    Strong(String),
    /// Less important words.
    Muted(String),
    /// A name or a command as it is typed.
    Code(String),
    /// A word with a sign and a colour.
    Mark(Mark, String),
    /// A link.
    Link(Target, String),
}

/// The meaning of a marked word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// As expected, or supported.
    Good,
    /// Not as expected, or contradicted.
    Bad,
    /// Undecided.
    Open,
}

/// Where a link leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// The section or picture with this id.
    Id(String),
    /// A file, by its path relative to the page, with `/` between names.
    File(String),
}

/// The id made of `parts`, joined by `:`. Other characters than letters, digits, `.`, `-` and `_` become their code behind `~`, so that equal
/// ids have equal parts.
pub fn anchor(parts: &[&str]) -> String {
    let written = |c: char| if is_in_ids(c) { c.to_string() } else { format!("~{:x}", u32::from(c)) };
    let part = |part: &&str| part.chars().map(written).collect::<String>();
    parts.iter().map(part).collect::<Vec<_>>().join(":")
}

fn is_in_ids(c: char) -> bool {
    c.is_alphanumeric() || ['.', '-', '_'].contains(&c)
}

impl Block {
    /// A paragraph of plain text.
    pub fn paragraph(text: impl Into<Text>) -> Self {
        Self::Paragraph(text.into())
    }

    /// A remark of plain text.
    pub fn note(text: impl Into<Text>) -> Self {
        Self::Note(text.into())
    }

    /// The blocks directly inside this one.
    fn children(&self) -> &[Self] {
        match self {
            Self::Section(Section { blocks, .. }) | Self::Details(Details { blocks, .. }) => blocks,
            _ => &[],
        }
    }

    /// The texts of this block, without its children's.
    fn texts(&self) -> Vec<&Text> {
        match self {
            Self::Paragraph(text) | Self::Note(text) => vec![text],
            Self::List(items) => items.iter().collect(),
            Self::Table(table) => table.rows.iter().flatten().chain([&table.caption]).collect(),
            Self::Pictures(pictures) => pictures.iter().map(|picture| &picture.caption).collect(),
            Self::Section(_) | Self::Details(_) | Self::Code(_) => Vec::new(),
        }
    }

    /// The ids of this block, without its children's.
    fn ids(&self) -> Vec<&str> {
        match self {
            Self::Section(section) => vec![&section.id],
            Self::Pictures(pictures) => {
                pictures.iter().map(|picture| picture.id.as_str()).filter(|id| !id.is_empty()).collect()
            }
            _ => Vec::new(),
        }
    }
}

impl Section {
    /// A section that is always open.
    pub fn new(id: impl Into<String>, title: impl Into<String>, blocks: Vec<Block>) -> Self {
        Self { id: id.into(), title: title.into(), folded: false, blocks }
    }

    /// The section, folded.
    pub fn folded(self) -> Self {
        Self { folded: true, ..self }
    }
}

impl Table {
    /// A table without rows: columns of `words`, followed by columns of `numbers`.
    pub fn new(caption: impl Into<Text>, words: &[&str], numbers: &[&str]) -> Self {
        let words = words.iter().map(|head| TableColumn { head: (*head).to_owned(), is_numeric: false });
        let numbers = numbers.iter().map(|head| TableColumn { head: (*head).to_owned(), is_numeric: true });
        Self { caption: caption.into(), columns: words.chain(numbers).collect(), rows: Vec::new() }
    }

    /// The table with `rows`.
    pub fn with(self, rows: impl IntoIterator<Item = Vec<Text>>) -> Self {
        Self { rows: rows.into_iter().collect(), ..self }
    }
}

impl Text {
    /// The words without their style.
    pub fn words(&self) -> String {
        self.0.iter().map(Span::words).collect()
    }

    /// The `texts`, each on its own line.
    pub fn stacked<T: Into<Self>>(texts: impl IntoIterator<Item = T>) -> Self {
        let mut stacked = Self::default();
        for (index, text) in texts.into_iter().enumerate() {
            stacked.0.extend((index > 0).then(|| "\n".into()));
            stacked.0.extend(text.into().0);
        }
        stacked
    }

    /// The lines of the text; `\n` in plain words ends a line.
    pub fn lines(&self) -> Vec<Self> {
        let (mut lines, mut line) = (Vec::new(), Self::default());
        for span in &self.0 {
            let Span::Plain(words) = span else {
                line.0.push(span.clone());
                continue;
            };
            for (index, part) in words.split('\n').enumerate() {
                if index > 0 {
                    lines.push(std::mem::take(&mut line));
                }
                line.0.extend((!part.is_empty()).then(|| part.into()));
            }
        }
        lines.push(line);
        lines
    }

    /// Whether there are no words.
    pub fn is_empty(&self) -> bool {
        self.0.iter().all(|span| span.words().is_empty())
    }

    /// The text followed by `span`.
    pub fn then(mut self, span: impl Into<Span>) -> Self {
        self.0.push(span.into());
        self
    }
}

impl Span {
    /// A link to the section or picture `id`.
    pub fn link_to(id: impl Into<String>, words: impl Into<String>) -> Self {
        Self::Link(Target::Id(id.into()), words.into())
    }

    /// The words without their style.
    pub fn words(&self) -> &str {
        match self {
            Self::Plain(words)
            | Self::Strong(words)
            | Self::Muted(words)
            | Self::Code(words)
            | Self::Mark(_, words)
            | Self::Link(_, words) => words,
        }
    }
}

impl Mark {
    /// The sign before the word.
    pub fn sign(self) -> &'static str {
        match self {
            Self::Good => "✓",
            Self::Bad => "✗",
            Self::Open => "?",
        }
    }
}

impl From<&str> for Span {
    fn from(words: &str) -> Self {
        Self::Plain(words.to_owned())
    }
}

impl From<String> for Span {
    fn from(words: String) -> Self {
        Self::Plain(words)
    }
}

impl<S: Into<Span>> From<S> for Text {
    fn from(span: S) -> Self {
        Self(vec![span.into()])
    }
}

impl From<Vec<Block>> for Document {
    /// The output of a command, without a title.
    fn from(blocks: Vec<Block>) -> Self {
        Self { title: String::new(), blocks }
    }
}

impl Document {
    /// Checks that ids are unique, links lead to an existing id, tables are rectangular, and sections and lists are well formed.
    ///
    /// # Errors
    /// The first fault, in words.
    pub fn check(&self) -> Result<(), String> {
        let (mut ids, mut links) = (BTreeSet::new(), Vec::new());
        check(&self.blocks, Some(1), &mut ids, &mut links)?;
        let nowhere = links.into_iter().find(|id| !ids.contains(id));
        nowhere.map_or(Ok(()), |id| Err(format!("a link leads to `{id}`, an id that no block has")))
    }

    /// Panics on a faulty tree, in debug builds and in tests.
    pub(super) fn assert_sound(&self) {
        if cfg!(any(test, debug_assertions)) {
            assert_eq!(self.check(), Ok(()));
        }
    }
}

/// Checks `blocks`, whose sections have the depth `depth` (`None`: no section is allowed), and collects their `ids` and `links`.
fn check<'d>(
    blocks: &'d [Block],
    depth: Option<usize>,
    ids: &mut BTreeSet<&'d str>,
    links: &mut Vec<&'d str>,
) -> Result<(), String> {
    for block in blocks {
        for id in block.ids() {
            if id.is_empty() || id.contains(|c| !is_in_ids(c) && c != ':' && c != '~') {
                return Err(format!("the id `{id}` is empty or holds a sign that no id has"));
            }
            if !ids.insert(id) {
                return Err(format!("two blocks have the id `{id}`"));
            }
        }
        for span in block.texts().into_iter().flat_map(|text| &text.0) {
            if let Span::Link(Target::Id(id), _) = span {
                links.push(id);
            }
        }
        let inside = match block {
            Block::Section(section) => match depth {
                Some(depth) if depth <= DEEPEST => Some(depth + 1),
                _ => {
                    return Err(format!("the section `{}` lies in a folded detail, or too deep", section.id));
                }
            },
            Block::Table(table) if table.rows.iter().any(|row| row.len() != table.columns.len()) => {
                let caption = table.caption.words();
                return Err(format!("a row of the table `{caption}` is not as long as the table is wide"));
            }
            Block::List(items) if items.is_empty() => return Err("a list is empty".to_owned()),
            Block::Pictures(pictures) if pictures.is_empty() => {
                return Err("a row of pictures is empty".to_owned());
            }
            Block::Pictures(pictures) => {
                links.extend(pictures.iter().filter_map(|picture| match &picture.image {
                    Image::Thumbnail { to, .. } => Some(to.as_str()),
                    Image::Svg(_) | Image::Png(_) => None,
                }));
                None
            }
            _ => None,
        };
        check(block.children(), inside, ids, links)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn section(id: &str, blocks: Vec<Block>) -> Block {
        Block::Section(Section::new(id, id, blocks))
    }

    fn fault(blocks: Vec<Block>) -> String {
        Document::from(blocks).check().err().unwrap_or_default()
    }

    #[test]
    fn each_fault_of_a_tree_is_reported() {
        let link = || Block::paragraph(Span::link_to("b", "there"));
        assert_eq!(fault(vec![section("a", vec![link(), section("b", vec![])])]), "");
        assert!(fault(vec![section("a", vec![link()])]).contains("leads to `b`"));
        assert!(
            fault(vec![section("a", vec![]), section("a", vec![])]).contains("two blocks have the id `a`")
        );
        assert!(fault(vec![section("a b", vec![])]).contains("the id `a b`"));
        let details = Details { summary: "more".to_owned(), blocks: vec![section("a", vec![])] };
        assert!(fault(vec![Block::Details(details)]).contains("`a` lies in a folded detail"));
        let deep = |depth: usize| {
            (1..depth).fold(section("s0", vec![]), |inner, i| section(&format!("s{i}"), vec![inner]))
        };
        assert_eq!(fault(vec![deep(DEEPEST)]), "");
        assert!(fault(vec![deep(DEEPEST + 1)]).contains("`s0` lies"));
        assert!(fault(vec![Block::List(vec![])]).contains("a list is empty"));
        assert!(fault(vec![Block::Pictures(vec![])]).contains("pictures is empty"));
        let table = Table::new("numbers", &["a"], &["b"]).with([vec!["x".into()]]);
        assert!(fault(vec![Block::Table(table)]).contains("`numbers`"));
    }

    #[test]
    fn ids_of_different_parts_differ() {
        assert_eq!(anchor(&["theory", "a b_1", "x:y"]), "theory:a~20b_1:x~3ay");
        assert_ne!(anchor(&["theory", "x", "lemma1"]), anchor(&["theory", "x-lemma1"]));
    }

    #[test]
    fn plain_words_break_lines() {
        let text = Text::from("a\n").then(Span::Code("b\nc".to_owned())).then(" d\n\ne");
        let lines: Vec<String> = text.lines().iter().map(Text::words).collect();
        assert_eq!(lines, ["a", "b\nc d", "", "e"]);
    }
}
