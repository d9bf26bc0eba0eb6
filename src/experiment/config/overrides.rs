//! Overrides: `key.path=value` from the command line, inserted into the tree before it is read.
//!
//! The value is a TOML value, such as a number, list or table; any other bare word is a string. Missing tables are created, so an override
//! may add a section that the file lacks. An override replaces the whole value: it doesn't merge tables.

use super::spelling::{suggest, written_list};
use super::toml;
use super::tree::{ConfigPlace, ConfigProblem, Entry, Node, Tree, dotted, is_bare, quoted};

/// The form of an override, for messages.
const FORM: &str = "key.path=value, such as training.epochs=10";

/// The longest accepted path; the settings need three levels.
const DEEPEST: usize = 8;

/// Inserts the overrides into `root`, in order. Returns a problem for each override that can't be inserted.
pub(super) fn apply(root: &mut Node, overrides: &[String]) -> Vec<ConfigProblem> {
    let apply = |(i, text): (usize, &String)| apply_one(root, text, ConfigPlace::Override(i)).err();
    overrides.iter().enumerate().filter_map(apply).collect()
}

fn apply_one(root: &mut Node, text: &str, place: ConfigPlace) -> Result<(), ConfigProblem> {
    let fail = |key: &str, message: String| Err(ConfigProblem::new(place, key, message));
    let Some((key, value)) = text.split_once('=') else {
        return fail("", format!("found {} without `=`; accepted: {FORM}", quoted(text)));
    };
    let path: Vec<&str> = key.split('.').map(str::trim).collect();
    if path.len() > DEEPEST || !path.iter().all(|key| is_bare(key)) {
        return fail("", format!("found the key {}; accepted: {FORM}", quoted(key.trim())));
    }
    match parse(value.trim()) {
        Ok(mut node) => {
            node.move_to(place);
            insert(root, &path, node, place)
        }
        Err(message) => fail(&path.join("."), message),
    }
}

fn parse(text: &str) -> Result<Node, String> {
    let accepted = "accepted: a TOML value, or a bare word for a string";
    if text.is_empty() {
        return Err(format!("found no value after `=`; {accepted}"));
    }
    let string =
        || Node { value: Tree::String(text.to_owned()), place: ConfigPlace::Absent, text: text.to_owned() };
    match toml::parse_value(text) {
        // A word that looks like a date is a string, because no setting accepts dates.
        Ok(Node { value: Tree::Datetime, .. }) => Ok(string()),
        Ok(node) => Ok(node),
        Err(message) if text.starts_with(['[', '{', '"', '\'']) => {
            // A shell removes the quotes inside an unquoted argument.
            let inside = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
            let list = inside.filter(|inside| !inside.contains(['[', '{', '"', '\'']));
            let meant = list.map_or_else(String::new, |inside| suggest(written_list(inside.split(','))));
            Err(format!("found {}, which is no TOML value ({message}); {accepted}{meant}", quoted(text)))
        }
        Err(_) => Ok(string()),
    }
}

fn insert(root: &mut Node, path: &[&str], value: Node, place: ConfigPlace) -> Result<(), ConfigProblem> {
    let (mut node, mut prefix) = (root, String::new());
    for (i, key) in path.iter().enumerate() {
        if !matches!(node.value, Tree::Table(_)) {
            let found = format!("found {node} at `{prefix}`, which has no keys");
            let message =
                format!("{found}; accepted: a value for `{prefix}` as a whole, or a table in its place");
            return Err(ConfigProblem::new(place, path.join("."), message));
        }
        let Tree::Table(entries) = &mut node.value else { unreachable!("checked above") };
        prefix = dotted(&prefix, key);
        let found = entries.iter().position(|entry| entry.key == *key);
        let index = found.unwrap_or_else(|| {
            entries.push(Entry { key: (*key).to_owned(), place, node: Node::empty_table(place) });
            entries.len() - 1
        });
        if i + 1 == path.len() {
            entries[index] = Entry { key: (*key).to_owned(), place, node: value };
            return Ok(());
        }
        node = &mut entries[index].node;
    }
    Ok(())
}
