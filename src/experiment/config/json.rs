//! Parses JSON into a tree.
//!
//! `serde_json` checks the syntax without recursion; a second parser, with limited nesting, gives the places. A duplicate key is one problem
//! among others: its first value counts, and reading continues.

use super::toml::whole;
use super::tree::{ConfigPlace, ConfigProblem, Entry, KEY_TWICE, Node, TOO_DEEP, Tree, dotted};
use jsonc_parser::ast::{Object, Value};
use jsonc_parser::common::{Range, Ranged};
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};
use serde::de::IgnoredAny;
use std::collections::HashSet;

/// Options for strict JSON.
const STRICT: ParseOptions = ParseOptions {
    allow_comments: false,
    allow_loose_object_property_names: false,
    allow_trailing_commas: false,
    allow_missing_commas: false,
    allow_single_quoted_strings: false,
    allow_hexadecimal_numbers: false,
    allow_unary_plus_numbers: false,
    allow_bare_decimal_point_numbers: false,
    allow_non_finite_numbers: false,
    allow_extended_string_escapes: false,
};

/// The tree of a document, and a problem for each duplicate key.
///
/// # Errors
/// The problem of the syntax; the tree is unknown then.
pub(super) fn parse(text: &str) -> Result<(Node, Vec<ConfigProblem>), Vec<ConfigProblem>> {
    if text.trim().is_empty() {
        return Ok((Node::empty_table(ConfigPlace::Absent), Vec::new()));
    }
    if let Err(error) = serde_json::from_str::<IgnoredAny>(text) {
        let place = ConfigPlace::File(offset(text, error.line(), error.column()));
        let message = error.to_string();
        let cause = message.split(" at line ").next().unwrap_or(&message);
        return Err(vec![ConfigProblem::new(place, "", format!("invalid JSON: {cause}"))]);
    }
    let parsed = parse_to_ast(text, &CollectOptions::default(), &STRICT);
    let parsed = parsed.map_err(|error| {
        let message = match error.kind() {
            jsonc_parser::errors::ParseErrorKind::NestingDepthExceeded => TOO_DEEP.to_owned(),
            kind => format!("invalid JSON: {}", kind.to_string().to_lowercase()),
        };
        vec![ConfigProblem::new(ConfigPlace::File(error.range().start), "", message)]
    })?;
    let mut builder = TreeBuilder { text, duplicates: Vec::new() };
    let root = match parsed.value {
        Some(Value::Object(object)) => builder.table(&object, ""),
        Some(other) => {
            let found = builder.node(&other, "");
            let message = format!("found {found}; accepted: an object with the settings");
            return Err(vec![ConfigProblem::new(found.place, "", message)]);
        }
        None => Node::empty_table(ConfigPlace::Absent),
    };
    let root = Node { place: ConfigPlace::Absent, ..configuration(root) };
    Ok((root, builder.duplicates))
}

/// The resolved configuration in a manifest; any other document is itself the configuration.
fn configuration(root: Node) -> Node {
    let Tree::Table(entries) = &root.value else { return root };
    let entry = |key: &str| entries.iter().find(|entry| entry.key == key).map(|entry| &entry.node);
    let is_manifest = matches!(entry("format").map(|node| &node.value), Some(Tree::String(format)) if format.starts_with("aesparse manifest"));
    entry("config").filter(|_| is_manifest).cloned().unwrap_or(root)
}

/// The byte offset of a line and column, both from 1. `serde_json` counts columns in bytes and uses 0 before the first.
fn offset(text: &str, line: usize, column: usize) -> usize {
    let start: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    text.floor_char_boundary(start + column.saturating_sub(1))
}

/// Converts the second parser's values into nodes.
struct TreeBuilder<'t> {
    text: &'t str,
    /// A problem for each duplicate key.
    duplicates: Vec<ConfigProblem>,
}

impl TreeBuilder<'_> {
    fn node(&mut self, value: &Value<'_>, path: &str) -> Node {
        let Range { start, end } = value.range();
        let tree = match value {
            Value::NullKeyword(_) => Tree::Null,
            Value::StringLit(string) => Tree::String(string.value.clone().into_owned()),
            Value::NumberLit(number) => self::number(number.value),
            Value::BooleanLit(boolean) => Tree::Boolean(boolean.value),
            Value::Array(array) => {
                let items = array.elements.iter().enumerate();
                let items = items.map(|(i, element)| self.node(element, &format!("{path}[{i}]"))).collect();
                return Node {
                    value: Tree::List(items),
                    place: ConfigPlace::File(start),
                    text: String::new(),
                };
            }
            Value::Object(object) => return self.table(object, path),
        };
        let text = self.text.get(start..end).unwrap_or_default().to_owned();
        Node { value: tree, place: ConfigPlace::File(start), text }
    }

    fn table(&mut self, object: &Object<'_>, path: &str) -> Node {
        let mut entries = Vec::with_capacity(object.properties.len());
        let mut seen = HashSet::new();
        for property in &object.properties {
            let key = property.name.as_str();
            let place = ConfigPlace::File(property.range.start);
            let path = dotted(path, key);
            if seen.insert(key) {
                let node = self.node(&property.value, &path);
                entries.push(Entry { key: key.to_owned(), place, node });
            } else {
                self.duplicates.push(ConfigProblem::new(place, path, KEY_TWICE));
            }
        }
        Node {
            value: Tree::Table(entries),
            place: ConfigPlace::File(object.range.start),
            text: String::new(),
        }
    }
}

fn number(text: &str) -> Tree {
    if text.contains(['.', 'e', 'E']) {
        Tree::Float(text.parse().unwrap_or(f64::NAN))
    } else {
        Tree::Integer(whole(text, 10))
    }
}
