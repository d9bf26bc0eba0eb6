//! The width of the terminal, and text that fits into it.

use crate::report::document::Block;
use crate::report::render::{self, FULL_WIDTH};
use std::io::{stderr, stdout};
use terminal_size::{Width, terminal_size_of};

/// The width of text on stdout: that of its terminal, but at most [`FULL_WIDTH`], which is also the width without a terminal.
pub(super) fn stdout_width() -> usize {
    terminal_size_of(stdout()).map_or(FULL_WIDTH, |(Width(width), _)| FULL_WIDTH.min(width.into()))
}

/// `blocks` as text for stdout.
pub(super) fn text(blocks: Vec<Block>) -> String {
    render::terminal(&blocks.into(), stdout_width())
}

/// The width in which progress is shown on stderr.
pub(super) fn progress_width() -> usize {
    terminal_size_of(stderr()).map_or(FULL_WIDTH, |(Width(width), _)| width.into())
}

/// The first of `texts` with at most `width` characters; if there is none, the beginning of the last one.
pub(super) fn first_that_fits(texts: impl IntoIterator<Item = String>, width: usize) -> String {
    let mut last = String::new();
    for text in texts {
        if text.chars().count() <= width {
            return text;
        }
        last = text;
    }
    last.chars().take(width).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_text_that_fits_is_shown() {
        let fitting = |width| first_that_fits(["twelve σ²".to_owned(), "12 σ²".to_owned()], width);
        assert_eq!([9, 8, 5, 4, 0].map(fitting), ["twelve σ²", "12 σ²", "12 σ²", "12 σ", ""]);
    }
}
