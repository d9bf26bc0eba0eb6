//! From stored results alone: figures, claims, the report.

mod catalogue;
pub mod caveats;
pub mod chart;
pub mod claims;
pub mod compare;
pub mod controls;
mod drawings;
pub mod figure;
pub mod html;
pub mod inspect;
pub mod markdown;
mod picture;
pub mod statistics;
mod table;
pub mod theory;

pub use catalogue::{BuiltIn, PaperFigure};
pub use drawings::{Drawing, set_sigma_scale};
pub use picture::Picture;

use std::borrow::Cow;

/// `text` with U+FFFD for control characters, which could command a terminal that shows it; lines and tabs stay.
pub fn printable(text: &str) -> Cow<'_, str> {
    let commands = |c: char| c.is_control() && !['\n', '\t'].contains(&c);
    if text.contains(commands) { text.replace(commands, "\u{FFFD}").into() } else { text.into() }
}
