//! Sealed JSON files: a format marker, and a digest of the content that shows damage.

use crate::data::digest::{agree, sha256};
use serde::Serialize;
use serde_json::Value as Json;
use serde_json::ser::{Formatter, PrettyFormatter, Serializer};
use std::io;

/// Formats objects as pretty-printed JSON and arrays on one line, because a file may hold thousands of numbers.
struct OneLineArrays<'a>(PrettyFormatter<'a>);

impl Formatter for OneLineArrays<'_> {
    fn begin_array_value<W: ?Sized + io::Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        if first { Ok(()) } else { writer.write_all(b", ") }
    }

    fn begin_object<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_object(writer)
    }

    fn end_object<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_object(writer)
    }

    fn begin_object_key<W: ?Sized + io::Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_object_key(writer, first)
    }

    fn begin_object_value<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_object_value(writer)
    }

    fn end_object_value<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_object_value(writer)
    }
}

/// The bytes of a sealed file of the format `format` with `content`, an object.
///
/// # Errors
/// A sentence, where it can't be written as JSON.
pub(super) fn seal(format: &str, content: impl Serialize) -> Result<Vec<u8>, String> {
    let mut content = serde_json::to_value(content).map_err(|e| e.to_string())?;
    content["format"] = format.into();
    // Maps are sorted by key, so the compact text is canonical.
    content["sha256"] = Json::from(sha256(content.to_string().as_bytes()));
    let mut bytes = Vec::new();
    let layout = OneLineArrays(PrettyFormatter::new());
    content.serialize(&mut Serializer::with_formatter(&mut bytes, layout)).map_err(|e| e.to_string())?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// The content of a sealed file of the format `format`, without marker and digest; `kind` names such a file in messages.
///
/// # Errors
/// A sentence that says what is wrong.
pub(super) fn open(bytes: &[u8], format: &str, kind: &str) -> Result<Json, String> {
    let mut content: Json = serde_json::from_slice(bytes).map_err(|e| format!("not a {kind}: {e}"))?;
    let object = content.as_object_mut().ok_or_else(|| format!("not a {kind}: no JSON object"))?;
    match object.get("format").and_then(Json::as_str) {
        Some(found) if found == format => (),
        Some(other) => return Err(format!("its format is `{other}`, expected `{format}`")),
        None => return Err(format!("not a {kind}: it has no format marker, expected `{format}`")),
    }
    let stored = object.remove("sha256").ok_or("damaged: its digest is missing")?;
    if !agree(&sha256(content.to_string().as_bytes()), stored.as_str().unwrap_or_default()) {
        return Err("damaged: its content does not match its digest".to_owned());
    }
    content.as_object_mut().map(|object| object.remove("format"));
    Ok(content)
}
