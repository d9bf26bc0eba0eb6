//! Names and lists as people write them: valid names of results folders, suggestions for misspelt names, and lists in TOML.

use super::tree::{is_bare, quoted};
use crate::parameter::plain;
use std::fmt;

/// "; did you mean `x`?" for the name most similar to `found`; empty where none is similar.
pub(super) fn did_you_mean(found: &str, names: &[&str]) -> String {
    nearest(found, names).map_or_else(String::new, |index| suggest(names[index]))
}

/// "; did you mean `name`?"
pub(super) fn suggest(name: impl fmt::Display) -> String {
    format!("; did you mean `{name}`?")
}

/// The longest text in bytes that is compared with names; a longer one is no misspelling.
pub(super) const LONGEST_NAME: usize = 64;

/// The index of the name most similar to `found`; `None` where none is similar.
pub(super) fn nearest(found: &str, names: &[&str]) -> Option<usize> {
    if found.len() > LONGEST_NAME {
        return None;
    }
    let distance = |index: &usize| strsim::damerau_levenshtein(&plain(found), &plain(names[*index]));
    let near = |index: &usize| distance(index) <= (names[*index].len() / 3).max(1);
    (0..names.len()).filter(near).min_by_key(distance)
}

/// A list of `words` in the syntax of TOML and JSON; words that are no numbers are quoted.
pub(super) fn written_list<'w>(words: impl IntoIterator<Item = &'w str>) -> String {
    let outside = |c: char| c.is_whitespace() || "[]\"'".contains(c);
    let entry = |word: &str| {
        let word = word.trim_matches(outside);
        if word.parse::<f64>().is_ok_and(f64::is_finite) { word.to_owned() } else { quoted(word) }
    };
    format!("[{}]", words.into_iter().map(entry).collect::<Vec<_>>().join(", "))
}

/// The two overrides that a single `number` for `seeds` may mean: this seed, or that many seeds (three if the number is too large).
pub(super) fn seeds_for(number: u64) -> [String; 2] {
    const FEW: u64 = 10;
    let count = if (2..=FEW).contains(&number) { number } else { 3 };
    let seeds: Vec<String> = (1..=count).map(|seed| seed.to_string()).collect();
    [format!("seeds=[{number}]"), format!("seeds=[{}]", seeds.join(", "))]
}

/// Valid names of results folders, for messages.
pub const NAMES: &str = "1 to 100 letters, digits, `_` and `-`, and neither \"figures\", the folder of the figures, nor a device \
                         of Windows, such as \"con\"";

/// Whether `name` is a valid name of a results folder on every system. Some systems ignore case.
pub fn is_name(name: &str) -> bool {
    const DEVICES: [&str; 4] = ["con", "prn", "aux", "nul"];
    let is = |other: &&str| name.eq_ignore_ascii_case(other);
    // COM1, LPT1 and similar devices.
    let is_port = name.len() == 4
        && name.ends_with(|last: char| last.is_ascii_digit())
        && ["com", "lpt"].iter().any(|port| name[..3].eq_ignore_ascii_case(port));
    is_bare(name) && name.len() <= 100 && !is(&"figures") && !DEVICES.iter().any(is) && !is_port
}
