//! A panel: its frame, and the curves with their bands inside.

use super::axis::Axis;
use super::sheet::{GRID, INK, MUTED, NAME_FONT, SMALL_FONT, coordinate, draw_dots, draw_path, draw_text};
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

/// A horizontal coordinate with the estimate that is drawn there.
pub(super) type PlacedEstimate = (f64, Estimate);

/// A curve in a panel.
pub(super) struct Drawn<'s> {
    pub(super) style: &'s Style,
    /// The parts of the curve between its gaps.
    pub(super) stretches: Vec<Vec<PlacedEstimate>>,
    /// The values of single replicates, each with its horizontal coordinate.
    pub(super) seeds: Vec<(f64, f64)>,
    pub(super) has_markers: bool,
}

impl Panel<'_> {
    pub(super) fn bottom(&self) -> f64 {
        self.top + self.height
    }

    /// The horizontal coordinate of a value.
    pub(super) fn place_x(&self, value: f64) -> f64 {
        self.left + self.x.place(value) * (self.right - self.left)
    }

    /// The vertical coordinate of a value, clamped to the panel.
    pub(super) fn place_y(&self, value: f64) -> f64 {
        self.bottom() - self.y.place(value).clamp(0.0, 1.0) * self.height
    }

    /// Draws grid, frame and a short tick at each of `marks`. With a `name`, draws name and numbers of the vertical axis.
    pub(super) fn draw_frame(&self, body: &mut String, name: Option<&str>, marks: &[f64]) {
        let (left, right, top, bottom) =
            (coordinate(self.left), coordinate(self.right), coordinate(self.top), coordinate(self.bottom()));
        let mut grid = String::new();
        for (tick, label) in &self.y.ticks {
            let y = self.place_y(*tick);
            let _ = write!(grid, "M{left} {}H{right}", coordinate(y));
            if name.is_some() {
                draw_text(body, (self.left - 9.0, y + 4.2), (SMALL_FONT, MUTED, "end"), label);
            }
        }
        for (tick, _) in self.ticks_x() {
            let _ = write!(grid, "M{} {top}V{bottom}", coordinate(self.place_x(*tick)));
        }
        let rug: String =
            marks.iter().map(|x| format!("M{} {bottom}v-5", coordinate(self.place_x(*x)))).collect();
        draw_path(body, &grid, GRID, "");
        draw_path(body, &rug, MUTED, "");
        draw_path(body, &format!("M{left} {top}H{right}V{bottom}H{left}Z"), INK, "");
        if let Some(name) = name {
            let (side, middle) =
                (coordinate(self.left - 50.0), coordinate(f64::midpoint(self.top, self.bottom())));
            let _ = writeln!(
                body,
                r#"<text transform="translate({side} {middle}) rotate(-90)" font-size="{NAME_FONT}" fill="{INK}" text-anchor="middle">{}</text>"#,
                escape(name)
            );
        }
    }

    /// Draws the numbers and the name of the horizontal axis.
    pub(super) fn draw_labels_x(&self, body: &mut String, name: &str) {
        self.draw_numbers_x(body);
        draw_text(
            body,
            (f64::midpoint(self.left, self.right), self.bottom() + 40.0),
            (NAME_FONT, INK, "middle"),
            name,
        );
    }

    /// Draws the numbers of the horizontal axis.
    pub(super) fn draw_numbers_x(&self, body: &mut String) {
        for (tick, label) in self.ticks_x() {
            draw_text(
                body,
                (self.place_x(*tick), self.bottom() + 18.0),
                (SMALL_FONT, MUTED, "middle"),
                label,
            );
        }
    }

    /// The shown ticks of the horizontal axis.
    fn ticks_x(&self) -> Vec<&(f64, String)> {
        self.x.ticks_along(self.right - self.left)
    }

    /// Draws curves: first all intervals, then all seeds, then lines and markers.
    pub(super) fn draw(&self, body: &mut String, curves: &[Drawn<'_>]) {
        for curve in curves {
            self.draw_intervals(body, curve);
        }
        for Drawn { style, seeds, .. } in curves {
            draw_dots(body, seeds.iter().map(|(x, value)| (*x, self.place_y(*value))), style.color);
        }
        for Drawn { style, stretches, has_markers, .. } in curves {
            for stretch in stretches {
                if stretch.len() > 1 {
                    style.draw_line(body, &self.path(stretch.iter().map(|(x, e)| (*x, e.mean))));
                }
                let mark = |(x, e): &PlacedEstimate| style.mark(*x, self.place_y(e.mean)) + "\n";
                body.extend(stretch.iter().filter(|_| *has_markers).map(mark));
            }
        }
    }

    /// Draws a band over neighbouring points with intervals, and a bar at a single point with an interval.
    fn draw_intervals(&self, body: &mut String, Drawn { style, stretches, .. }: &Drawn<'_>) {
        let color = style.color;
        for run in stretches.iter().flat_map(|stretch| stretch.split(|(_, e)| e.interval.is_none())) {
            let bounds = || run.iter().filter_map(|(x, e)| Some((*x, e.interval?)));
            let path =
                self.path(bounds().map(|(x, i)| (x, i.high)).chain(bounds().rev().map(|(x, i)| (x, i.low))));
            match run.len() {
                0 => {}
                1 => draw_path(body, &path, color, r#" stroke-width="5" stroke-opacity="0.35""#),
                _ => {
                    let _ = writeln!(body, r#"<path d="{path}Z" fill="{color}" fill-opacity="0.18"/>"#);
                }
            }
        }
    }

    /// The path that joins `corners`, each a horizontal coordinate and a value of the vertical axis.
    fn path(&self, corners: impl Iterator<Item = (f64, f64)>) -> String {
        let corner = |(x, y): (f64, f64)| format!("{} {}", coordinate(x), coordinate(self.place_y(y)));
        format!("M{}", corners.map(corner).collect::<Vec<_>>().join("L"))
    }
}

/// The parts between the gaps of `places`.
pub(super) fn stretches(places: &[Option<PlacedEstimate>]) -> Vec<Vec<PlacedEstimate>> {
    let parts = places.split(Option::is_none).filter(|part| !part.is_empty());
    parts.map(|part| part.iter().copied().flatten().collect()).collect()
}
