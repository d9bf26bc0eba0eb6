//! The tree of a parsed configuration: one type for TOML and JSON, in which every key and value has its place in the file.
//!
//! The tree knows no schema. A node holds its place and, for a scalar, its text, so that messages can quote it. The parsers are
//! [`super::toml`] and [`super::json`].

use std::fmt;

/// The message of both parsers for a key that is in a table twice.
pub(super) const KEY_TWICE: &str = "found the key a second time; accepted: each key once";

/// The message of both parsers for a file that would need a deep stack.
pub(super) const TOO_DEEP: &str =
    "found keys or values nested too deeply; accepted: the few levels of the settings";

/// The place of a key or value. Places are ordered: the file first, then the overrides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum ConfigPlace {
    /// At this byte of the file.
    File(usize),
    /// No byte of the file, for a missing key or the file as a whole.
    Absent,
    /// In the override with this index.
    Override(usize),
}

/// A value with its place.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Node {
    /// The value.
    pub(super) value: Tree,
    /// The place of its first byte.
    pub(super) place: ConfigPlace,
    /// The text of a scalar in the file; empty for lists and tables.
    pub(super) text: String,
}

/// A value.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Tree {
    /// JSON's `null`.
    Null,
    /// A string.
    String(String),
    /// A whole number, written without point and exponent; beyond 128 bits the nearest that fits.
    Integer(i128),
    /// Any other number, including NaN and infinities, which TOML can write.
    Float(f64),
    /// `true` or `false`.
    Boolean(bool),
    /// TOML's dates and times, which no setting accepts.
    Datetime,
    /// A list.
    List(Vec<Node>),
    /// A table, its entries in the order of the file, no key twice.
    Table(Vec<Entry>),
}

/// A key of a table with its value.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Entry {
    /// The key.
    pub(super) key: String,
    /// The place of the key.
    pub(super) place: ConfigPlace,
    /// Its value.
    pub(super) node: Node,
}

/// A problem of a configuration, before its place becomes a line and a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ConfigProblem {
    /// Its place.
    pub(super) place: ConfigPlace,
    /// The dotted key; empty for the file as a whole.
    pub(super) key: String,
    /// The message: what was found and what is accepted.
    pub(super) message: String,
}

impl ConfigProblem {
    /// A problem of `key` at `place`.
    pub(super) fn new(place: ConfigPlace, key: impl Into<String>, message: impl Into<String>) -> Self {
        Self { place, key: key.into(), message: message.into() }
    }
}

impl Node {
    /// A table without entries.
    pub(super) fn empty_table(place: ConfigPlace) -> Self {
        Self { value: Tree::Table(Vec::new()), place, text: String::new() }
    }

    /// The value under `keys`, one table in another.
    pub(super) fn at(&self, keys: &[&str]) -> Option<&Self> {
        let [key, rest @ ..] = keys else { return Some(self) };
        let Tree::Table(entries) = &self.value else { return None };
        entries.iter().find(|entry| entry.key == *key)?.node.at(rest)
    }

    /// Sets every place in the tree to `place`.
    pub(super) fn move_to(&mut self, place: ConfigPlace) {
        self.place = place;
        match &mut self.value {
            Tree::List(items) => items.iter_mut().for_each(|item| item.move_to(place)),
            Tree::Table(entries) => {
                for entry in entries {
                    entry.place = place;
                    entry.node.move_to(place);
                }
            }
            _ => {}
        }
    }
}

/// The value as messages describe it: "the string \"abc\"", "the number nan", "an empty list".
impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.value {
            Tree::Null => f.write_str("null"),
            Tree::String(text) => write!(f, "the string {}", quoted(text)),
            Tree::Integer(_) | Tree::Float(_) => write!(f, "the number {}", shortened(&self.text)),
            Tree::Boolean(flag) => write!(f, "the boolean {flag}"),
            Tree::Datetime => write!(f, "the date or time {}", shortened(&self.text)),
            Tree::List(items) if items.is_empty() => f.write_str("an empty list"),
            Tree::List(_) => f.write_str("a list"),
            Tree::Table(_) => f.write_str("a table"),
        }
    }
}

/// `text` in quotes, escaped and shortened for a message.
pub(super) fn quoted(text: &str) -> String {
    format!("{:?}", shortened(text))
}

fn shortened(text: &str) -> String {
    const LONGEST: usize = 60;
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// The dotted path of `key` in the table at `path`; a key that TOML would quote is quoted.
pub(super) fn dotted(path: &str, key: &str) -> String {
    let key = if is_bare(key) { key.to_owned() } else { quoted(key) };
    if path.is_empty() { key } else { format!("{path}.{key}") }
}

/// Whether TOML accepts `key` without quotes.
pub(super) fn is_bare(key: &str) -> bool {
    !key.is_empty() && key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
}
