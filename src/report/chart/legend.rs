//! The legend: a sample of each curve, and its name.

use super::sheet::{INK, LEFT, MUTED, NAME, dots, line, number, text};
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

/// What stands beside a name.
#[derive(Clone, Copy)]
pub(super) enum Sample {
    /// A line, a marker, or one with the other.
    Curve { style: Style, has_line: bool, has_marker: bool },
    /// The interval of a mean, and dots in it for its seeds.
    Band { has_dots: bool },
}

/// What bands show, and the dots in them.
pub(super) const fn band(has_dots: bool) -> (&'static str, Sample) {
    (if has_dots { "95 % interval, seeds" } else { "95 % interval" }, Sample::Band { has_dots })
}

/// Draws the legend, samples with their names, from `top` on and no further than `right`, in as many lines as it needs; returns where it ends.
pub(super) fn legend(body: &mut String, entries: &[(&str, Sample)], (top, right): (f64, f64)) -> f64 {
    let (mut x, mut middle) = (LEFT, top + LINE / 2.0);
    for (name, sample) in entries {
        let name = fitted(name, NAME, right - LEFT - SAMPLE - NEAR);
        let length = SAMPLE + NEAR + width(&name, NAME);
        if x > LEFT && x + length > right {
            (x, middle) = (LEFT, middle + LINE);
        }
        sample.draw(body, (x, middle));
        text(body, (x + SAMPLE + NEAR, middle + 4.5), (NAME, INK, "start"), &name);
        x += length + APART;
    }
    if entries.is_empty() { top } else { middle + LINE / 2.0 }
}

impl Sample {
    /// Draws the sample from (`x`, `y`) to the right.
    fn draw(self, body: &mut String, (x, y): (f64, f64)) {
        let path = format!("M{} {}h{SAMPLE}", number(x), number(y));
        match self {
            Self::Curve { style, has_line, has_marker } => {
                if has_line {
                    style.draw_line(body, &path);
                }
                if has_marker {
                    let _ = writeln!(body, "{}", style.mark(x + SAMPLE / 2.0, y));
                }
            }
            Self::Band { has_dots } => {
                line(body, &path, MUTED, r#" stroke-width="12" stroke-opacity="0.25""#);
                let places =
                    [(9.0, 2.5), (17.0, -3.0), (25.0, 1.5)].map(|(right, down)| (x + right, y + down));
                dots(body, places.into_iter().filter(|_| has_dots), MUTED);
            }
        }
    }
}
