//! The legend: a sample of each curve, and its name.

use super::panel::dots;
use super::sheet::{INK, LEFT, MUTED, NAME, number, text};
use super::style::Style;
use super::text::{fitted, width};
use std::fmt::Write as _;

/// Height of a line.
const LINE: f64 = 21.0;
/// Length of a sample.
const SAMPLE: f64 = 34.0;
/// Between a sample and its name, and between entries.
const NEAR: f64 = 7.0;
const APART: f64 = 15.0;

/// A sample with its name.
pub(super) struct Entry<'a> {
    pub(super) name: &'a str,
    pub(super) sample: Sample,
}

/// What stands beside a name.
#[derive(Clone, Copy)]
pub(super) enum Sample {
    /// A line with a marker.
    Curve(Style),
    /// A line without one.
    Level(Style),
    /// A marker without a line.
    Marker(Style),
    /// The interval of a mean.
    Band,
    /// The same with a dot for each seed.
    Seeds,
}

impl Entry<'_> {
    /// What bands show.
    pub(super) const BAND: Self = Self { name: "95 % interval", sample: Sample::Band };
    /// What bands and the dots in them show.
    pub(super) const SEEDS: Self = Self { name: "95 % interval, seeds", sample: Sample::Seeds };
}

/// Draws the legend from `top` on and no further than `right`, in as many lines as it needs; returns where it ends.
pub(super) fn legend(body: &mut String, entries: &[Entry<'_>], (top, right): (f64, f64)) -> f64 {
    let names: Vec<&str> = entries.iter().map(|entry| entry.name).collect();
    let places = flow(&names, (top, right));
    for ((x, y, name), entry) in places.iter().zip(entries) {
        entry.sample.draw(body, (*x, *y));
        text(body, (x + SAMPLE + NEAR, y + 4.5), NAME, INK, "start", name);
    }
    places.last().map_or(top, |(_, y, _)| y + LINE / 2.0)
}

impl Sample {
    /// Draws the sample from (`x`, `y`) to the right.
    fn draw(self, body: &mut String, (x, y): (f64, f64)) {
        let (start, middle) = (number(x), number(y));
        if let Self::Curve(style) | Self::Level(style) = self {
            let _ = writeln!(body, r#"<path d="M{start} {middle}h{SAMPLE}" {}/>"#, style.stroke());
        }
        if let Self::Curve(style) | Self::Marker(style) = self {
            let _ = writeln!(body, "{}", style.mark(x + SAMPLE / 2.0, y));
        }
        if let Self::Band | Self::Seeds = self {
            let _ = writeln!(
                body,
                r#"<path d="M{start} {middle}h{SAMPLE}" fill="none" stroke="{MUTED}" stroke-width="12" stroke-opacity="0.25"/>"#
            );
        }
        if let Self::Seeds = self {
            let dot = |(right, down): (f64, f64)| (x + right, y + down);
            dots(body, [(9.0, 2.5), (17.0, -3.0), (25.0, 1.5)].map(dot).into_iter(), MUTED);
        }
    }
}

/// Where the legend's entries begin, the middle of their lines from `top` on, and as much of each name as fits.
fn flow(names: &[&str], (top, right): (f64, f64)) -> Vec<(f64, f64, String)> {
    let (mut x, mut middle) = (LEFT, top + LINE / 2.0);
    let place = |name: &&str| {
        let name = fitted(name, NAME, right - LEFT - SAMPLE - NEAR);
        let length = SAMPLE + NEAR + width(&name, NAME);
        if x > LEFT && x + length > right {
            (x, middle) = (LEFT, middle + LINE);
        }
        let start = x;
        x += length + APART;
        (start, middle, name)
    };
    names.iter().map(place).collect()
}
