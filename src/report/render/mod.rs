//! The renderers: a [`Document`](super::document::Document) as HTML, as Markdown, and as text for a terminal.
//!
//! All three have the signature `fn(&Document) -> String`, and know of nothing but the tree.

mod html;
mod markdown;
mod terminal;

pub use html::html;
pub use markdown::markdown;
pub use terminal::terminal;
