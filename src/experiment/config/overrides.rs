//! Overrides: `key.path=value` from the command line, put into the tree before it is read.
//!
//! The value is a TOML value (numbers, lists and tables too); a bare word that is none is a string. Tables on the
//! way are created, so an override may bring a section that the file lacks. An override replaces what stood there
//! as a whole: it doesn't merge tables.

use super::spelling::{suggest, written_list};
use super::toml;
use super::tree::{Entry, Finding, Node, Place, Tree, dotted, is_bare, quoted};

/// What an override looks like, for messages.
const FORM: &str = "key.path=value, such as training.epochs=10";

/// The longest accepted path; the settings need three levels.
const DEEPEST: usize = 8;

/// Puts every override into `root`, in order, and says what is wrong with the others.
pub(super) fn apply(root: &mut Node, overrides: &[String]) -> Vec<Finding> {
    let apply = |(i, text): (usize, &String)| apply_one(root, text, Place::Override(i)).err();
    overrides.iter().enumerate().filter_map(apply).collect()
}

fn apply_one(root: &mut Node, text: &str, place: Place) -> Result<(), Finding> {
    let fail = |key: &str, message: String| Err(Finding::new(place, key, message));
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
        || Node { value: Tree::String(text.to_owned()), place: Place::Absent, text: text.to_owned() };
    match toml::parse_value(text) {
        // A word that happens to look like a date is still a word: no setting accepts dates.
        Ok(Node { value: Tree::Datetime, .. }) => Ok(string()),
        Ok(node) => Ok(node),
        Err(message) if text.starts_with(['[', '{', '"', '\'']) => {
            // A shell takes the quotes that stand inside of none.
            let inside = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
            let list = inside.filter(|inside| !inside.contains(['[', '{', '"', '\'']));
            let meant = list.map_or_else(String::new, |inside| suggest(written_list(inside.split(','))));
            Err(format!("found {}, which is no TOML value ({message}); {accepted}{meant}", quoted(text)))
        }
        Err(_) => Ok(string()),
    }
}

fn insert(root: &mut Node, path: &[&str], value: Node, place: Place) -> Result<(), Finding> {
    let (mut node, mut at) = (root, String::new());
    for (i, key) in path.iter().enumerate() {
        if !matches!(node.value, Tree::Table(_)) {
            let found = format!("found {node} at `{at}`, which has no keys");
            let message =
                format!("{found}; accepted: a value for `{at}` as a whole, or a table in its place");
            return Err(Finding::new(place, path.join("."), message));
        }
        let Tree::Table(entries) = &mut node.value else { unreachable!("checked above") };
        at = dotted(&at, key);
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
