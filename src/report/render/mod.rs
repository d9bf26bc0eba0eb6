//! The renderers of a [`Document`](super::document::Document): HTML, Markdown, and text for a terminal.
//!
//! All three have the signature `fn(&Document) -> String`, and know only the tree.

mod html;
mod markdown;
mod terminal;

pub use html::html;
pub use markdown::markdown;
pub use terminal::terminal;
