//! The module `png` of a library that is built without the feature `png`: every call fails.

use crate::error::{Error, Result};

/// Fails, because the library is built without PNG.
///
/// # Errors
/// Always [`Error::Feature`].
pub fn png(_: &str, _: f32) -> Result<Vec<u8>> {
    Err(Error::Feature { what: "pictures in pixels", feature: "png" })
}

/// Whether [`png`] can render the picture: never.
pub(in crate::report) fn has_png(_: &str, _: f32) -> bool {
    false
}
