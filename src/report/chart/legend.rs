//! The legend: a sample of each curve, and its name.

use super::sheet::{INK, LEFT, MUTED, NAME_FONT, coordinate, draw_dots, draw_path, draw_text};
use super::style::Style;
use super::text::{fitted, width};
use std::fmt::Write as _;

/// Height of a line.
const LINE_HEIGHT: f64 = 21.0;
/// Length of a sample.
const SAMPLE_LENGTH: f64 = 34.0;
/// Gap between a sample and its name, and between entries.
const NAME_GAP: f64 = 7.0;
const ENTRY_GAP: f64 = 15.0;

/// The sample beside a name.
#[derive(Clone, Copy)]
pub(super) enum LegendSample {
    /// A line, a marker, or both.
    Curve { style: Style, has_line: bool, has_marker: bool },
    /// The band of an interval, with dots for seeds or without.
    Band { has_dots: bool },
}

/// The legend's entry for bands, with dots for seeds or without.
pub(super) const fn band_entry(has_dots: bool) -> (&'static str, LegendSample) {
    (if has_dots { "95 % interval, seeds" } else { "95 % interval" }, LegendSample::Band { has_dots })
}

/// Draws samples with their names below `top` and left of `right`, in as many lines as they need; returns the lower end.
pub(super) fn draw_legend(
    body: &mut String,
    entries: &[(&str, LegendSample)],
    (top, right): (f64, f64),
) -> f64 {
    let (mut x, mut middle) = (LEFT, top + LINE_HEIGHT / 2.0);
    for (name, sample) in entries {
        let name = fitted(name, NAME_FONT, right - LEFT - SAMPLE_LENGTH - NAME_GAP);
        let length = SAMPLE_LENGTH + NAME_GAP + width(&name, NAME_FONT);
        if x > LEFT && x + length > right {
            (x, middle) = (LEFT, middle + LINE_HEIGHT);
        }
        sample.draw(body, (x, middle));
        draw_text(body, (x + SAMPLE_LENGTH + NAME_GAP, middle + 4.5), (NAME_FONT, INK, "start"), &name);
        x += length + ENTRY_GAP;
    }
    if entries.is_empty() { top } else { middle + LINE_HEIGHT / 2.0 }
}

impl LegendSample {
    /// Draws the sample from (`x`, `y`) to the right.
    fn draw(self, body: &mut String, (x, y): (f64, f64)) {
        let path = format!("M{} {}h{SAMPLE_LENGTH}", coordinate(x), coordinate(y));
        match self {
            Self::Curve { style, has_line, has_marker } => {
                if has_line {
                    style.draw_line(body, &path);
                }
                if has_marker {
                    let _ = writeln!(body, "{}", style.mark(x + SAMPLE_LENGTH / 2.0, y));
                }
            }
            Self::Band { has_dots } => {
                draw_path(body, &path, MUTED, r#" stroke-width="12" stroke-opacity="0.25""#);
                let places =
                    [(9.0, 2.5), (17.0, -3.0), (25.0, 1.5)].map(|(right, down)| (x + right, y + down));
                draw_dots(body, places.into_iter().filter(|_| has_dots), MUTED);
            }
        }
    }
}
