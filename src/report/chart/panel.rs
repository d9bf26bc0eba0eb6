//! One panel: its frame, and curves with their bands inside.

use super::axis::Axis;
use super::sheet::{GRID, INK, MUTED, NAME, SMALL, number, text};
use super::style::Style;
use super::text::escape;
use crate::report::statistics::Estimate;
use crate::report::statistics::Interval;
use std::fmt::Write as _;

/// Width of the dot of one seed.
const DOT: f64 = 3.4;

/// A rectangle with its axes.
pub(super) struct Panel<'a> {
    pub(super) x: &'a Axis,
    pub(super) y: &'a Axis,
    pub(super) left: f64,
    pub(super) right: f64,
    pub(super) top: f64,
    pub(super) height: f64,
}

/// A place from the left with what is drawn there.
pub(super) type Place = (f64, Estimate);

impl Panel<'_> {
    pub(super) fn bottom(&self) -> f64 {
        self.top + self.height
    }

    /// Where a value of the horizontal axis stands.
    pub(super) fn place_x(&self, value: f64) -> f64 {
        self.left + self.x.place(value) * (self.right - self.left)
    }

    /// Where a value of the vertical axis stands, at the panel's edge where it has no place in it.
    pub(super) fn place_y(&self, value: f64) -> f64 {
        self.bottom() - self.y.place(value).clamp(0.0, 1.0) * self.height
    }

    /// Draws grid, frame and a short tick at each of `marks`; with a `name`, it and the numbers of the vertical axis.
    pub(super) fn frame(&self, body: &mut String, name: Option<&str>, marks: &[f64]) {
        let (left, right, top, bottom) =
            (number(self.left), number(self.right), number(self.top), number(self.bottom()));
        let mut grid = String::new();
        for (tick, label) in &self.y.ticks {
            let y = self.place_y(*tick);
            let _ = write!(grid, "M{left} {}H{right}", number(y));
            if name.is_some() {
                text(body, (self.left - 9.0, y + 4.2), SMALL, MUTED, "end", label);
            }
        }
        for (tick, _) in self.ticks_x() {
            let _ = write!(grid, "M{} {top}V{bottom}", number(self.place_x(*tick)));
        }
        let rug: String =
            marks.iter().map(|x| format!("M{} {bottom}v-5", number(self.place_x(*x)))).collect();
        let _ = writeln!(body, r#"<path d="{grid}" fill="none" stroke="{GRID}"/>"#);
        if !rug.is_empty() {
            let _ = writeln!(body, r#"<path d="{rug}" fill="none" stroke="{MUTED}"/>"#);
        }
        let _ = writeln!(
            body,
            r#"<path d="M{left} {top}H{right}V{bottom}H{left}Z" fill="none" stroke="{INK}"/>"#
        );
        if let Some(name) = name {
            let (side, middle) = (number(self.left - 50.0), number(f64::midpoint(self.top, self.bottom())));
            let _ = writeln!(
                body,
                r#"<text transform="translate({side} {middle}) rotate(-90)" font-size="{NAME}" fill="{INK}" text-anchor="middle">{}</text>"#,
                escape(name)
            );
        }
    }

    /// Draws the numbers and the name of the horizontal axis.
    pub(super) fn label_x(&self, body: &mut String, name: &str) {
        self.number_x(body);
        text(body, (f64::midpoint(self.left, self.right), self.bottom() + 40.0), NAME, INK, "middle", name);
    }

    /// Draws the numbers of the horizontal axis.
    pub(super) fn number_x(&self, body: &mut String) {
        for (tick, label) in self.ticks_x() {
            text(body, (self.place_x(*tick), self.bottom() + 18.0), SMALL, MUTED, "middle", label);
        }
    }

    /// The ticks of the horizontal axis that have a line and a number.
    fn ticks_x(&self) -> Vec<&(f64, String)> {
        self.x.ticks_along(self.right - self.left)
    }

    /// Draws the intervals of a curve: a band over neighbours, a bar at a point without a neighbour.
    pub(super) fn bands(&self, body: &mut String, stretches: &[Vec<Place>], style: &Style) {
        let color = style.color;
        for (path, points) in self.band_paths(stretches) {
            let _ = match points {
                1 => writeln!(
                    body,
                    r#"<path d="{path}" fill="none" stroke="{color}" stroke-width="5" stroke-opacity="0.35"/>"#
                ),
                _ => writeln!(body, r#"<path d="{path}Z" fill="{color}" fill-opacity="0.18"/>"#),
            };
        }
    }

    /// The outline of each run of neighbours with intervals, and how many they are.
    pub(super) fn band_paths(&self, stretches: &[Vec<Place>]) -> Vec<(String, usize)> {
        let runs = stretches.iter().flat_map(|stretch| stretch.split(|(_, e)| e.interval.is_none()));
        let path = |run: &[Place]| {
            let bounds: Vec<(f64, Interval)> =
                run.iter().filter_map(|(x, e)| Some((*x, e.interval?))).collect();
            let upper = bounds.iter().map(|(x, i)| (*x, i.high));
            let lower = bounds.iter().rev().map(|(x, i)| (*x, i.low));
            (self.path(upper.chain(lower)), bounds.len())
        };
        runs.filter(|run| !run.is_empty()).map(path).collect()
    }

    /// The path of each stretch of a curve, and how many points it has.
    pub(super) fn line_paths(&self, stretches: &[Vec<Place>]) -> Vec<(String, usize)> {
        let path =
            |stretch: &Vec<Place>| (self.path(stretch.iter().map(|(x, e)| (*x, e.mean))), stretch.len());
        stretches.iter().map(path).collect()
    }

    /// Places from the left with values of the vertical axis, joined.
    fn path(&self, corners: impl Iterator<Item = (f64, f64)>) -> String {
        let corner = |(x, y): (f64, f64)| format!("{} {}", number(x), number(self.place_y(y)));
        format!("M{}", corners.map(corner).collect::<Vec<_>>().join("L"))
    }

    /// Draws a small dot at each place from the left with a value of the vertical axis.
    pub(super) fn dots(&self, body: &mut String, places: &[(f64, f64)], style: &Style) {
        dots(body, places.iter().map(|(x, value)| (*x, self.place_y(*value))), style.color);
    }

    /// Draws the line of a curve, and its points unless it is a level.
    pub(super) fn curve(&self, body: &mut String, stretches: &[Vec<Place>], style: &Style, is_level: bool) {
        for (stretch, (path, points)) in stretches.iter().zip(self.line_paths(stretches)) {
            if points > 1 {
                let _ = writeln!(body, r#"<path d="{path}" {}/>"#, style.stroke());
            }
            if !is_level {
                let mark = |(x, e): &Place| style.mark(*x, self.place_y(e.mean)) + "\n";
                body.extend(stretch.iter().map(mark));
            }
        }
    }
}

/// Draws a small dot at each of `places`, all of them as one element.
pub(super) fn dots(body: &mut String, places: impl Iterator<Item = (f64, f64)>, color: &str) {
    let path: String = places.map(|(x, y)| format!("M{} {}h0", number(x), number(y))).collect();
    if !path.is_empty() {
        let _ = writeln!(
            body,
            r#"<path d="{path}" fill="none" stroke="{color}" stroke-width="{DOT}" stroke-linecap="round"/>"#
        );
    }
}
