//! What stands for `png` in a library that was built without the feature of that name.

use crate::error::{Error, Result};

/// No PNG.
///
/// # Errors
/// [`Error::Feature`].
pub fn png(_: &str, _: f32) -> Result<Vec<u8>> {
    Err(Error::Feature { what: "pictures in pixels", feature: "png" })
}

/// Whether [`png`] has a picture: never.
pub(in crate::report) fn has_png(_: &str, _: f32) -> bool {
    false
}
