//! What is text in a picture whose rest is pixels.

use super::sheet::{HEADING, INK, MUTED, NAME, SMALL, document, text};
use super::text::fitted;

/// A white sheet with a heading and labels; as wide and as high as it is asked to be.
#[derive(Debug, Clone)]
pub(in crate::report) struct Lettering {
    width: f64,
    title: String,
    body: String,
}

impl Lettering {
    /// A sheet of that width with its `title` and, below it, `remarks`, each on a line of its own; all of them cut to the
    /// width. Also where the heading ends.
    pub(in crate::report) fn new(width: f64, edge: f64, title: &str, remarks: &[&str]) -> (Self, f64) {
        let mut body = String::new();
        let limit = width - 2.0 * edge;
        text(&mut body, (edge, 28.0), HEADING, INK, "start", &fitted(title, HEADING, limit));
        let mut line = 30.0;
        for remark in remarks {
            line += 18.0;
            text(&mut body, (edge, line), SMALL, MUTED, "start", &fitted(remark, SMALL, limit));
        }
        (Self { width, title: title.to_owned(), body }, line + 12.0)
    }

    /// Writes `label` so that it ends at `x`, and its middle is about at `y`.
    pub(in crate::report) fn label(&mut self, (x, y): (f64, f64), label: &str) {
        text(&mut self.body, (x, y + 4.5), NAME, INK, "end", &fitted(label, NAME, x));
    }

    /// The sheet as SVG, `height` high.
    pub(in crate::report) fn svg(&self, height: f64) -> String {
        document((self.width, height), &self.title, "", &self.body)
    }
}
