//! Words as people write them: what results may be called, which name was meant by a misspelt one, and how a list is written.

use super::tree::{is_bare, quoted};
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

/// The overrides that a `number` alone, given for `seeds`, may stand for: this one seed, or several, as many as it says where
/// these are few.
pub(super) fn seeds_for(number: u64) -> [String; 2] {
    const FEW: u64 = 10;
    let count = if (2..=FEW).contains(&number) { number } else { 3 };
    let seeds: Vec<String> = (1..=count).map(|seed| seed.to_string()).collect();
    [format!("seeds=[{number}]"), format!("seeds=[{}]", seeds.join(", "))]
}

/// What results may be called, as messages say it.
pub const NAMES: &str = "1 to 100 letters, digits, `_` and `-`, and neither \"figures\", the folder of the figures, nor a device \
                         of Windows, such as \"con\"";

/// Whether results may be called `name`, a folder's name on every system: letters of either case are the same on some.
pub fn is_name(name: &str) -> bool {
    const DEVICES: [&str; 4] = ["con", "prn", "aux", "nul"];
    let is = |other: &&str| name.eq_ignore_ascii_case(other);
    // COM1, LPT1 and so on.
    let is_port = name.len() == 4
        && name.ends_with(|last: char| last.is_ascii_digit())
        && ["com", "lpt"].iter().any(|port| name[..3].eq_ignore_ascii_case(port));
    is_bare(name) && name.len() <= 100 && !is(&"figures") && !DEVICES.iter().any(is) && !is_port
}
