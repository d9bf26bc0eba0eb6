//! `aesparse data list` and `aesparse data verify`.

use super::super::ExitStatus;
use super::super::messages::Messages;
use super::size::format_size;
use crate::data::Locations;
use crate::data::inventory::{FileState, KnownSet, SETS};
use std::fmt::Write as _;

/// Lists the known data sets.
pub(super) fn list(locations: &Locations, messages: &Messages) -> ExitStatus {
    let mut text = String::new();
    for set in &SETS {
        let items = set.check_files(locations);
        let state = match (set.is_usable(&items), items.iter().any(|item| item.found.is_some())) {
            (true, _) => "usable",
            (false, true) => "not usable as it is",
            (false, false) => "not there",
        };
        let _ = writeln!(text, "{}: {state}\n  {}", set.name, set.what);
        let _ = writeln!(text, "  origin: {}; licence: {}", set.origin, set.licence);
        items.iter().for_each(|item| write_item(&mut text, item));
        if state != "usable" {
            let _ = writeln!(text, "  to get it: {}, or aesparse data import", set.remedy);
        }
        text.push('\n');
    }
    text.push_str("every byte was checked; data/README.md says more about origin and licence\n");
    messages.print(&text)
}

/// Appends one line about a file.
fn write_item(text: &mut String, item: &FileState) {
    let _ = match (&item.found, &item.damage) {
        (Some((path, bytes)), None) => writeln!(text, "  {:>9}  {}", format_size(*bytes), path.display()),
        (_, Some(damage)) => writeln!(text, "    damaged  {damage}"),
        (None, None) => writeln!(text, "    missing  {}", item.name),
    };
}

/// Checks the files of the sets `names`, which must be complete; without names, all files that are found, at least one.
pub(super) fn verify(names: &[String], locations: &Locations, messages: &Messages) -> ExitStatus {
    let named = |set: &KnownSet| names.iter().any(|name| name == set.name);
    let (mut good, mut bad, mut status) = (0, 0, ExitStatus::Complete);
    for set in SETS.iter().filter(|set| names.is_empty() || named(set)) {
        for item in set.check_files(locations) {
            let is_bad = item.damage.is_some() || named(set) && !item.is_intact();
            good += usize::from(item.is_intact());
            bad += usize::from(is_bad);
            let line = verdict(set, &item);
            if is_bad && messages.quiet() {
                messages.warning(line);
            } else {
                status = status.and(messages.print(&(line + "\n")));
            }
        }
    }
    if bad > 0 {
        messages.warning(format_args!("{good} ok, {bad} damaged or missing"));
        return ExitStatus::Refused;
    }
    if good == 0 {
        messages.warning("there are no data: not one file of a known set was found");
        return ExitStatus::Refused;
    }
    status
}

/// The line of a checked file.
fn verdict(set: &KnownSet, item: &FileState) -> String {
    match (&item.found, &item.damage) {
        (_, Some(damage)) => format!("damaged  {damage}"),
        (Some((path, _)), None) => format!("ok       {}", path.display()),
        (None, None) => format!("missing  {} ({})", item.name, set.remedy),
    }
}
