//! Results that a command gives as a table for people and as JSON for programs.

use super::messages::Messages;
use super::{Ending, output};
use crate::error::Result;
use crate::store::write_atomic;
use serde::Serialize;
use std::path::Path;

/// Prints `table`; with `json` a file, writes `document` there as well, and with `-` prints it instead.
///
/// # Errors
/// Where the file lies in a results folder, or can't be written.
pub(super) fn deliver(
    document: &impl Serialize,
    json: Option<&Path>,
    table: impl FnOnce() -> String,
    messages: &Messages,
) -> Result<Ending> {
    let Some(path) = json else { return Ok(messages.print(&table())) };
    let text = serde_json::to_string_pretty(document);
    let text = text.expect("text, and numbers that are finite or absent") + "\n";
    if output::is_stdout(path) {
        return Ok(messages.deliver(&text));
    }
    output::outside_results("--json", path)?;
    write_atomic(path, text.as_bytes())?;
    messages.note(format_args!("written: {}", path.display()));
    Ok(messages.print(&table()))
}
