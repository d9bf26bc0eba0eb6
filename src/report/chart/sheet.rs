//! The sheet that pictures are drawn on: colours, fonts and margins that all have, and their text.

use super::png::FAMILY;
use super::text::escape;
use std::fmt::Write as _;

/// Colour of headings, names and the frame.
pub const INK: &str = "#1a1a1a";
/// Colour of numbers and remarks.
pub const MUTED: &str = "#555555";
/// Colour of the grid.
pub const GRID: &str = "#dddddd";
/// Colour of the background.
pub const PAPER: &str = "#ffffff";

/// Width of a picture.
pub(super) const WIDTH: f64 = 640.0;
/// The panels' left and right edge.
pub(super) const LEFT: f64 = 70.0;
pub(super) const RIGHT: f64 = WIDTH - 24.0;
/// Height of what is below the last panel: the numbers and the name of the horizontal axis.
pub(super) const BELOW: f64 = 52.0;
/// Font sizes. Where a picture is shown at half its width, the smallest is just readable.
pub(super) const HEADING: f64 = 15.0;
pub(super) const NAME: f64 = 13.0;
pub(super) const SMALL: f64 = 12.0;

/// A picture of this size with `body` on paper.
pub(super) fn document((width, height): (f64, f64), title: &str, description: &str, body: &str) -> String {
    let (width, height) = (number(width), number(height));
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\" role=\"img\" font-family=\"{FAMILY}, Verdana, sans-serif\">\n\
         <title>{}</title>\n<desc>{}</desc>\n\
         <rect width=\"{width}\" height=\"{height}\" fill=\"{PAPER}\"/>\n{body}</svg>\n",
        escape(title),
        escape(description),
    )
}

/// Draws a line of text.
pub(super) fn text(
    body: &mut String,
    (x, y): (f64, f64),
    size: f64,
    color: &str,
    anchor: &str,
    content: &str,
) {
    let (x, y, content) = (number(x), number(y), escape(content));
    let _ = writeln!(
        body,
        r#"<text x="{x}" y="{y}" font-size="{size}" fill="{color}" text-anchor="{anchor}">{content}</text>"#
    );
}

/// A coordinate: hundredths of a unit, without zeros at the end.
pub(super) fn number(x: f64) -> String {
    let text = format!("{x:.2}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}
