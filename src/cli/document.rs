//! Output of a command as a table for people, or as JSON for programs.

use super::messages::Messages;
use super::{ExitStatus, output};
use crate::error::Result;
use crate::store::write_atomic;
use serde::Serialize;
use std::path::Path;

/// Prints `table`. If the path given for `option` is a file, also writes `document` to it as JSON; if it is `-`, prints the JSON
/// instead.
///
/// # Errors
/// Where the file lies in a results folder, or can't be written.
pub(super) fn print_or_write_json<D: Serialize>(
    document: impl FnOnce() -> D,
    (option, json): (&str, Option<&Path>),
    table: impl FnOnce() -> String,
    messages: &Messages,
) -> Result<ExitStatus> {
    let Some(path) = json else { return Ok(messages.print(&table())) };
    let text = serde_json::to_string_pretty(&document());
    let text = text.expect("documents have text and finite numbers alone") + "\n";
    if output::is_stdout(path) {
        return Ok(messages.write_stdout(text.as_bytes()));
    }
    output::check_outside_results(option, path)?;
    // First, so that it is not lost where the file can't be written.
    let printed = messages.print(&table());
    write_atomic(path, text.as_bytes())?;
    messages.note(format_args!("written: {}", path.display()));
    Ok(printed)
}
