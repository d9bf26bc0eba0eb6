//! From stored results alone: figures, claims, the report.

mod catalogue;
pub mod caveats;
pub mod chart;
pub mod claims;
pub mod compare;
pub mod controls;
pub mod document;
mod drawing;
pub mod figure;
pub mod figures;
pub mod inspect;
mod numbers;
mod page;
mod provenance;
pub mod render;
pub mod statistics;
pub mod text;
pub mod theory;

pub use catalogue::{BuiltIn, PaperFigure};
pub use drawing::{Chart, Drawing, FIGURES};
pub use page::Report;

use std::borrow::Cow;

/// `text` with U+FFFD for control characters, which could command a terminal that shows it; lines and tabs stay.
pub fn printable(text: &str) -> Cow<'_, str> {
    let commands = |c: char| c.is_control() && !['\n', '\t'].contains(&c);
    if text.contains(commands) { text.replace(commands, "\u{FFFD}").into() } else { text.into() }
}
