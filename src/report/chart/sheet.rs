//! The sheet that pictures are drawn on: colours, fonts and margins that all have, and their text.

use super::text::{escape, fitted};
use std::fmt::Write as _;

/// The font of pictures, the one that PNGs are drawn with.
pub(super) const FAMILY: &str = "DejaVu Sans";
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
/// Between the lines of a heading.
const LINE: f64 = 18.0;
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

/// A white sheet of this size with a heading and labels, for a picture whose rest is pixels: each label ends at its place, and
/// its middle is about there.
#[cfg(feature = "png")]
pub(in crate::report) fn lettering<'l>(
    (width, height): (f64, f64),
    edge: f64,
    (title, remarks): (&str, &[&str]),
    labels: impl Iterator<Item = ((f64, f64), &'l str)>,
) -> String {
    let mut body = String::new();
    heading(&mut body, (edge, width - 2.0 * edge), title, remarks);
    for ((x, y), label) in labels {
        text(&mut body, (x, y + 4.5), (NAME, INK, "end"), &fitted(label, NAME, x));
    }
    document((width, height), title, "", &body)
}

/// Draws the title and, below it, `remarks`, each on a line of its own; all of them begin at `left` and are cut to `limit`.
pub(super) fn heading(body: &mut String, (left, limit): (f64, f64), title: &str, remarks: &[&str]) {
    text(body, (left, 28.0), (HEADING, INK, "start"), &fitted(title, HEADING, limit));
    for (line, remark) in remarks.iter().enumerate() {
        let y = 48.0 + LINE * line as f64;
        text(body, (left, y), (SMALL, MUTED, "start"), &fitted(remark, SMALL, limit));
    }
}

/// Where a heading with so many remarks ends.
#[cfg(feature = "png")]
pub(in crate::report) fn heading_end(remarks: usize) -> f64 {
    42.0 + LINE * remarks as f64
}

/// Size and colour of a text, and SVG's text-anchor: what of it stands at its place.
type Font = (f64, &'static str, &'static str);

/// Draws a line of text.
pub(super) fn text(body: &mut String, (x, y): (f64, f64), (size, color, anchor): Font, content: &str) {
    let (x, y, content) = (number(x), number(y), escape(content));
    let _ = writeln!(
        body,
        r#"<text x="{x}" y="{y}" font-size="{size}" fill="{color}" text-anchor="{anchor}">{content}</text>"#
    );
}

/// Draws a path that isn't filled, unless it is empty; `more` are further attributes.
pub(super) fn line(body: &mut String, path: &str, color: &str, more: &str) {
    if !path.is_empty() {
        let _ = writeln!(body, r#"<path d="{path}" fill="none" stroke="{color}"{more}/>"#);
    }
}

/// The attributes of a cross's lines.
pub(super) const CROSS: &str = r#" stroke-width="1.8""#;

/// The path of a cross whose upper middle is here.
pub(super) fn cross((x, y): (f64, f64)) -> String {
    format!("M{} {}l7 7m0 -7l-7 7", number(x - 3.5), number(y))
}

/// Draws a small dot at each of `places`, all of them as one element.
pub(super) fn dots(body: &mut String, places: impl Iterator<Item = (f64, f64)>, color: &str) {
    let path: String = places.map(|(x, y)| format!("M{} {}h0", number(x), number(y))).collect();
    line(body, &path, color, r#" stroke-width="3.4" stroke-linecap="round""#);
}

/// A coordinate: hundredths of a unit, without zeros at the end.
pub(super) fn number(x: f64) -> String {
    let text = format!("{x:.2}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}
