//! One panel: its frame, and curves with their bands inside.

use super::axis::Axis;
use super::sheet::{GRID, INK, MUTED, NAME, SMALL, dots, line, number, text};
use super::style::Style;
use super::text::escape;
use crate::report::statistics::Estimate;
use std::fmt::Write as _;

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

/// A curve in a panel.
pub(super) struct Drawn<'s> {
    pub(super) style: &'s Style,
    /// Its parts between gaps.
    pub(super) stretches: Vec<Vec<Place>>,
    /// Places from the left with values of single replicates.
    pub(super) seeds: Vec<(f64, f64)>,
    pub(super) has_markers: bool,
}

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
                text(body, (self.left - 9.0, y + 4.2), (SMALL, MUTED, "end"), label);
            }
        }
        for (tick, _) in self.ticks_x() {
            let _ = write!(grid, "M{} {top}V{bottom}", number(self.place_x(*tick)));
        }
        let rug: String =
            marks.iter().map(|x| format!("M{} {bottom}v-5", number(self.place_x(*x)))).collect();
        line(body, &grid, GRID, "");
        line(body, &rug, MUTED, "");
        line(body, &format!("M{left} {top}H{right}V{bottom}H{left}Z"), INK, "");
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
        text(body, (f64::midpoint(self.left, self.right), self.bottom() + 40.0), (NAME, INK, "middle"), name);
    }

    /// Draws the numbers of the horizontal axis.
    pub(super) fn number_x(&self, body: &mut String) {
        for (tick, label) in self.ticks_x() {
            text(body, (self.place_x(*tick), self.bottom() + 18.0), (SMALL, MUTED, "middle"), label);
        }
    }

    /// The ticks of the horizontal axis that have a line and a number.
    fn ticks_x(&self) -> Vec<&(f64, String)> {
        self.x.ticks_along(self.right - self.left)
    }

    /// Draws curves: the intervals of all, then the seeds, then lines and points.
    pub(super) fn draw(&self, body: &mut String, curves: &[Drawn<'_>]) {
        for curve in curves {
            self.intervals(body, curve);
        }
        for Drawn { style, seeds, .. } in curves {
            dots(body, seeds.iter().map(|(x, value)| (*x, self.place_y(*value))), style.color);
        }
        for Drawn { style, stretches, has_markers, .. } in curves {
            for stretch in stretches {
                if stretch.len() > 1 {
                    style.draw_line(body, &self.path(stretch.iter().map(|(x, e)| (*x, e.mean))));
                }
                let mark = |(x, e): &Place| style.mark(*x, self.place_y(e.mean)) + "\n";
                body.extend(stretch.iter().filter(|_| *has_markers).map(mark));
            }
        }
    }

    /// Draws a band over neighbours with intervals, a bar at a point without such a neighbour.
    fn intervals(&self, body: &mut String, Drawn { style, stretches, .. }: &Drawn<'_>) {
        let color = style.color;
        for run in stretches.iter().flat_map(|stretch| stretch.split(|(_, e)| e.interval.is_none())) {
            let bounds = || run.iter().filter_map(|(x, e)| Some((*x, e.interval?)));
            let path =
                self.path(bounds().map(|(x, i)| (x, i.high)).chain(bounds().rev().map(|(x, i)| (x, i.low))));
            match run.len() {
                0 => {}
                1 => line(body, &path, color, r#" stroke-width="5" stroke-opacity="0.35""#),
                _ => {
                    let _ = writeln!(body, r#"<path d="{path}Z" fill="{color}" fill-opacity="0.18"/>"#);
                }
            }
        }
    }

    /// Places from the left with values of the vertical axis, joined.
    fn path(&self, corners: impl Iterator<Item = (f64, f64)>) -> String {
        let corner = |(x, y): (f64, f64)| format!("{} {}", number(x), number(self.place_y(y)));
        format!("M{}", corners.map(corner).collect::<Vec<_>>().join("L"))
    }
}

/// The parts between the gaps of `places`.
pub(super) fn stretches(places: &[Option<Place>]) -> Vec<Vec<Place>> {
    let parts = places.split(Option::is_none).filter(|part| !part.is_empty());
    parts.map(|part| part.iter().copied().flatten().collect()).collect()
}
