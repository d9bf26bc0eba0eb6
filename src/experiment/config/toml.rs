//! Parses TOML into a tree.
//!
//! The parser limits the nesting of values and the length of dotted keys, so that no file overflows the stack. A duplicate key is one
//! problem among others: its first value counts, and reading continues.

use super::tree::{ConfigPlace, ConfigProblem, Entry, KEY_TWICE, Node, TOO_DEEP, Tree};
use ::toml::Spanned;
use ::toml::de::{DeTable, DeValue};
use std::ops::Range;

/// The most duplicate keys reported, because each takes a search through the tree for its section.
const MOST_TWICE: usize = 200;

/// The tree of a document, and a problem for each duplicate key.
///
/// # Errors
/// The problems of the syntax; the tree is unknown then.
pub(super) fn parse(text: &str) -> Result<(Node, Vec<ConfigProblem>), Vec<ConfigProblem>> {
    let (document, errors) = DeTable::parse_recoverable(text);
    let entries = table(document.into_inner(), text);
    let root = Node { value: Tree::Table(entries), place: ConfigPlace::Absent, text: String::new() };
    let twice = |error: &::toml::de::Error| error.message() == "duplicate key";
    let (twice, syntax): (Vec<_>, Vec<_>) = errors.iter().partition(|error| twice(error));
    if syntax.is_empty() {
        let problem = |error: &&::toml::de::Error| duplicate(error.span().unwrap_or_default(), &root, text);
        let twice = twice.iter().take(MOST_TWICE).map(problem).collect();
        return Ok((root, twice));
    }
    let mut problems: Vec<ConfigProblem> = syntax.iter().map(|error| syntax_error(error)).collect();
    problems.sort_by_key(|problem| problem.place);
    // Later errors on a line often follow from the first one.
    problems.dedup_by_key(|problem| match problem.place {
        ConfigPlace::File(offset) => text[..offset].rfind('\n'),
        _ => None,
    });
    Err(problems)
}

/// The tree of one value, for an override.
///
/// # Errors
/// The parser's message.
pub(super) fn parse_value(text: &str) -> Result<Node, String> {
    let value = DeValue::parse(text).map_err(|error| one_line(error.message()))?;
    Ok(node(value, text))
}

fn syntax_error(error: &::toml::de::Error) -> ConfigProblem {
    let place = error.span().map_or(ConfigPlace::Absent, |span| ConfigPlace::File(span.start));
    if error.message().contains("recurs") {
        return ConfigProblem::new(place, "", TOO_DEEP);
    }
    ConfigProblem::new(place, "", format!("invalid TOML: {}", one_line(error.message())))
}

fn one_line(message: &str) -> String {
    message.lines().collect::<Vec<_>>().join(", ").replace(", expected nothing", "")
}

fn node(value: Spanned<DeValue<'_>>, source: &str) -> Node {
    let span = value.span();
    let place = ConfigPlace::File(span.start);
    let written = || source.get(span.clone()).unwrap_or_default().to_owned();
    let (value, text) = match value.into_inner() {
        DeValue::String(string) => (Tree::String(string.into_owned()), written()),
        DeValue::Integer(integer) => (Tree::Integer(whole(integer.as_str(), integer.radix())), written()),
        // Rust parses "inf", "nan" and their signs as TOML does.
        DeValue::Float(float) => (Tree::Float(float.as_str().parse().unwrap_or(f64::NAN)), written()),
        DeValue::Boolean(flag) => (Tree::Boolean(flag), written()),
        DeValue::Datetime(_) => (Tree::Datetime, written()),
        DeValue::Array(items) => {
            (Tree::List(items.into_iter().map(|item| node(item, source)).collect()), String::new())
        }
        DeValue::Table(entries) => (Tree::Table(table(entries, source)), String::new()),
    };
    Node { value, place, text }
}

/// The entries in the order of the file; the parser's map has sorted them by name.
fn table(entries: DeTable<'_>, source: &str) -> Vec<Entry> {
    let entry = |(key, value): (Spanned<_>, _)| {
        let place = ConfigPlace::File(key.span().start);
        let key: std::borrow::Cow<'_, str> = key.into_inner();
        Entry { key: key.into_owned(), place, node: node(value, source) }
    };
    let mut entries: Vec<Entry> = entries.into_iter().map(entry).collect();
    entries.sort_by_key(|entry| entry.place);
    entries
}

/// The integer, or the nearest one of 128 bits, which is also out of every accepted range.
pub(super) fn whole(digits: &str, radix: u32) -> i128 {
    let limit = if digits.starts_with('-') { i128::MIN } else { i128::MAX };
    i128::from_str_radix(digits, radix).unwrap_or(limit)
}

/// The problem of a duplicate key at `span`.
fn duplicate(span: Range<usize>, root: &Node, text: &str) -> ConfigProblem {
    let line = text[..span.start].rfind('\n').map_or(0, |end| end + 1);
    let header = text[line..].trim_start().starts_with('[');
    let name = text.get(span.clone()).unwrap_or_default();
    let key = if header {
        let end = text[line..].find(['\n', '#']).map_or(text.len(), |end| line + end);
        text[line..end].trim().trim_matches(['[', ']', ' ', '\t']).to_owned()
    } else {
        let mut path = Vec::new();
        enclosing(root, span.start, &mut path);
        path.push(name);
        path.join(".")
    };
    ConfigProblem::new(ConfigPlace::File(span.start), key, KEY_TWICE)
}

/// Appends the path of the last table before `position`, which is the section of that position.
fn enclosing<'n>(node: &'n Node, position: usize, path: &mut Vec<&'n str>) {
    let Tree::Table(entries) = &node.value else { return };
    let begins_before =
        |entry: &&Entry| matches!(entry.node.place, ConfigPlace::File(start) if start < position);
    let is_table = |entry: &&Entry| matches!(entry.node.value, Tree::Table(_));
    let last = entries.iter().filter(is_table).filter(begins_before).max_by_key(|entry| entry.node.place);
    if let Some(entry) = last {
        path.push(&entry.key);
        enclosing(&entry.node, position, path);
    }
}
