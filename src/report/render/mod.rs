//! The renderers of a [`Document`](super::document::Document): HTML, Markdown, and text for a terminal.
//!
//! All three know only the tree. Text for a terminal also has a width.

mod html;
mod markdown;
mod terminal;

pub use html::html;
pub use markdown::markdown;
pub use terminal::{FULL_WIDTH, terminal};
