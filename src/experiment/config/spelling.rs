//! Words as people write them: which name was meant by a misspelt one, and how a list is written.

use super::tree::quoted;
use std::fmt;

/// "; did you mean `x`?" for the name that is near to what was found; empty where none is.
pub(super) fn did_you_mean(found: &str, names: &[&str]) -> String {
    nearest(found, names).map_or_else(String::new, |index| suggest(names[index]))
}

/// "; did you mean `name`?"
pub(super) fn suggest(name: impl fmt::Display) -> String {
    format!("; did you mean `{name}`?")
}

/// A name without what is written in one way or another: case, `_`, `-` and spaces.
pub(super) fn plain(name: &str) -> String {
    name.to_lowercase().replace(['_', '-', ' '], "")
}

/// Nobody misspells a name at this length, in bytes.
pub(super) const LONGEST_NAME: usize = 64;

/// The index of the name that is near to what was found, if one is.
pub(super) fn nearest(found: &str, names: &[&str]) -> Option<usize> {
    if found.len() > LONGEST_NAME {
        return None;
    }
    let distance = |index: &usize| strsim::damerau_levenshtein(&plain(found), &plain(names[*index]));
    let near = |index: &usize| distance(index) <= (names[*index].len() / 3).max(1);
    (0..names.len()).filter(near).min_by_key(distance)
}

/// A list in TOML and JSON of `words`, in quotes where they are no numbers.
pub(super) fn written_list<'w>(words: impl IntoIterator<Item = &'w str>) -> String {
    let outside = |c: char| c.is_whitespace() || "[]\"'".contains(c);
    let entry = |word: &str| {
        let word = word.trim_matches(outside);
        if word.parse::<f64>().is_ok_and(f64::is_finite) { word.to_owned() } else { quoted(word) }
    };
    format!("[{}]", words.into_iter().map(entry).collect::<Vec<_>>().join(", "))
}
