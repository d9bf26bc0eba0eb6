//! The sheet of every picture: its colours, fonts and margins, and functions that draw text and lines on it.

use super::text::{escape, fitted};
use std::fmt::Write as _;

/// The font of pictures, which is embedded for PNGs.
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
/// Height below the last panel, for the numbers and the name of the horizontal axis.
pub(super) const BELOW: f64 = 52.0;
/// Distance between the lines of a heading.
const LINE: f64 = 18.0;
/// Font sizes. The smallest is just readable in a picture at half its width.
pub(super) const HEADING_FONT: f64 = 15.0;
pub(super) const NAME_FONT: f64 = 13.0;
pub(super) const SMALL_FONT: f64 = 12.0;

/// The SVG document of a picture of this size, with `body` on a background.
pub(super) fn svg_document(
    (width, height): (f64, f64),
    title: &str,
    description: &str,
    body: &str,
) -> String {
    let (width, height) = (coordinate(width), coordinate(height));
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\" role=\"img\" font-family=\"{FAMILY}, Verdana, sans-serif\">\n\
         <title>{}</title>\n<desc>{}</desc>\n\
         <rect width=\"{width}\" height=\"{height}\" fill=\"{PAPER}\"/>\n{body}</svg>\n",
        escape(title),
        escape(description),
    )
}

/// The SVG of a sheet of this size with a heading and labels, for a picture whose other parts are pixels. Each label ends at its
/// place and is vertically centred there.
#[cfg(feature = "png")]
pub(in crate::report) fn lettering<'l>(
    (width, height): (f64, f64),
    edge: f64,
    (title, remarks): (&str, &[&str]),
    labels: impl Iterator<Item = ((f64, f64), &'l str)>,
) -> String {
    let mut body = String::new();
    draw_heading(&mut body, (edge, width - 2.0 * edge), title, remarks);
    for ((x, y), label) in labels {
        draw_text(&mut body, (x, y + 4.5), (NAME_FONT, INK, "end"), &fitted(label, NAME_FONT, x));
    }
    svg_document((width, height), title, "", &body)
}

/// Draws the title and, below it, each of `remarks` on its own line. All begin at `left` and are shortened to the width `limit`.
pub(super) fn draw_heading(body: &mut String, (left, limit): (f64, f64), title: &str, remarks: &[&str]) {
    draw_text(body, (left, 28.0), (HEADING_FONT, INK, "start"), &fitted(title, HEADING_FONT, limit));
    for (line, remark) in remarks.iter().enumerate() {
        let y = 48.0 + LINE * line as f64;
        draw_text(body, (left, y), (SMALL_FONT, MUTED, "start"), &fitted(remark, SMALL_FONT, limit));
    }
}

/// The lower end of a heading with so many remarks.
#[cfg(feature = "png")]
pub(in crate::report) fn heading_end(remarks: usize) -> f64 {
    42.0 + LINE * remarks as f64
}

/// Size, colour and SVG's text-anchor of a text.
type Font = (f64, &'static str, &'static str);

/// Draws a line of text.
pub(super) fn draw_text(body: &mut String, (x, y): (f64, f64), (size, color, anchor): Font, content: &str) {
    let (x, y, content) = (coordinate(x), coordinate(y), escape(content));
    let _ = writeln!(
        body,
        r#"<text x="{x}" y="{y}" font-size="{size}" fill="{color}" text-anchor="{anchor}">{content}</text>"#
    );
}

/// Draws a path that isn't filled, unless it is empty; `more` are further attributes.
pub(super) fn draw_path(body: &mut String, path: &str, color: &str, more: &str) {
    if !path.is_empty() {
        let _ = writeln!(body, r#"<path d="{path}" fill="none" stroke="{color}"{more}/>"#);
    }
}

/// The attributes of a cross's lines.
pub(super) const CROSS_ATTRIBUTES: &str = r#" stroke-width="1.8""#;

/// The path of a cross whose top centre is at (x, y).
pub(super) fn cross((x, y): (f64, f64)) -> String {
    format!("M{} {}l7 7m0 -7l-7 7", coordinate(x - 3.5), coordinate(y))
}

/// Draws a small dot at each of `places`, all in one element.
pub(super) fn draw_dots(body: &mut String, places: impl Iterator<Item = (f64, f64)>, color: &str) {
    let path: String = places.map(|(x, y)| format!("M{} {}h0", coordinate(x), coordinate(y))).collect();
    draw_path(body, &path, color, r#" stroke-width="3.4" stroke-linecap="round""#);
}

/// A coordinate with at most two decimals.
pub(super) fn coordinate(x: f64) -> String {
    let text = format!("{x:.2}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}
