//! The legend: a line with the marker of each curve, and its name.

use super::style::Style;
use super::text::{fitted, width};
use super::{APART, INK, LEFT, LEGEND_LINE, MUTED, NAME, NEAR, SAMPLE, number, text};
use std::fmt::Write as _;

/// A line of the legend.
pub(super) struct Entry<'a> {
    pub(super) name: &'a str,
    pub(super) style: Style,
    /// A line without points.
    pub(super) is_level: bool,
}

/// Draws the legend of `entries`, and of bands where there are some, from `top` on and no further than `right`, in as many
/// lines as it needs; returns where it ends.
pub(super) fn legend(
    body: &mut String,
    entries: &[Entry<'_>],
    has_bands: bool,
    (top, right): (f64, f64),
) -> f64 {
    let mut names: Vec<&str> = entries.iter().map(|entry| entry.name).collect();
    if has_bands {
        names.push("95 % interval");
    }
    let places = flow(&names, (top, right));
    for ((x, y, name), entry) in places.iter().zip(entries.iter().map(Some).chain([None])) {
        let (start, middle) = (number(*x), number(*y));
        let _ = match entry {
            Some(Entry { style, .. }) => {
                writeln!(body, r#"<path d="M{start} {middle}h{SAMPLE}" {}/>"#, style.stroke())
            }
            None => writeln!(
                body,
                r#"<path d="M{start} {middle}h{SAMPLE}" fill="none" stroke="{MUTED}" stroke-width="12" stroke-opacity="0.25"/>"#
            ),
        };
        if let Some(Entry { style, .. }) = entry.filter(|entry| !entry.is_level) {
            let _ = writeln!(body, "{}", style.mark(x + SAMPLE / 2.0, *y));
        }
        text(body, (x + SAMPLE + NEAR, y + 4.5), NAME, INK, "start", name);
    }
    places.last().map_or(top, |(_, y, _)| y + LEGEND_LINE / 2.0)
}

/// Where the legend's entries begin, the middle of their lines from `top` on, and as much of each name as fits.
fn flow(names: &[&str], (top, right): (f64, f64)) -> Vec<(f64, f64, String)> {
    let (mut x, mut middle) = (LEFT, top + LEGEND_LINE / 2.0);
    let place = |name: &&str| {
        let name = fitted(name, NAME, right - LEFT - SAMPLE - NEAR);
        let length = SAMPLE + NEAR + width(&name, NAME);
        if x > LEFT && x + length > right {
            (x, middle) = (LEFT, middle + LEGEND_LINE);
        }
        let start = x;
        x += length + APART;
        (start, middle, name)
    };
    names.iter().map(place).collect()
}
