//! The choice of one array among those of a file.

use std::path::Path;

use crate::error::{Error, Result};

/// Number of arrays that a message lists.
const LISTED: usize = 20;

/// The name `wanted` if it is among `names`, or the only one if nothing is wanted. `key` is the key of the array's name in
/// `data.source`; `describe` returns the shape and type of an array for the message that lists all.
pub(super) fn choose(
    path: &Path,
    key: &str,
    wanted: Option<&str>,
    names: Vec<String>,
    mut describe: impl FnMut(&str) -> String,
) -> Result<String> {
    let count = names.len();
    let problem = match (wanted, &names[..]) {
        (_, []) => return Err(Error::data(path, format!("has no {key}"), "use a file with samples")),
        (Some(wanted), _) if names.iter().any(|name| name == wanted) => return Ok(wanted.to_owned()),
        (None, [_]) => return Ok(names.into_iter().next().unwrap_or_default()),
        (Some(wanted), _) => format!("has no {key} {wanted:?}"),
        (None, _) => format!("has {count} {key}s, and none is chosen"),
    };
    let mut listed: Vec<String> =
        names.iter().take(LISTED).map(|name| format!("{name:?} {}", describe(name))).collect();
    if count > LISTED {
        listed.push(format!("and {} more", count - LISTED));
    }
    let fix = format!("set {key} = {:?} or another one in data.source, or name it with --array", names[0]);
    Err(Error::data(path, format!("{problem}; it has {}", listed.join(", ")), fix))
}
