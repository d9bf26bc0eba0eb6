//! One panel: its frame, and curves with their bands inside.

use super::axis::Axis;
use super::style::Style;
use super::{GRID, INK, LEFT, MUTED, NAME, Quantity, RIGHT, SMALL, is_drawable, number, place_x, text};
use crate::report::figure::{Estimate, Point, Series};
use crate::report::statistics::Interval;
use std::fmt::Write as _;

/// A panel between the picture's side edges.
pub(super) struct Panel<'a> {
    pub(super) x: &'a Axis,
    pub(super) y: &'a Axis,
    pub(super) top: f64,
    pub(super) height: f64,
}

/// A place with what is drawn there.
type Place = (f64, Estimate);

impl Panel<'_> {
    pub(super) fn bottom(&self) -> f64 {
        self.top + self.height
    }

    fn place_x(&self, sigma_squared: f64) -> f64 {
        place_x(self.x, sigma_squared)
    }

    fn place_y(&self, value: f64) -> f64 {
        self.bottom() - self.y.place(value.clamp(0.0, 1.0)) * self.height
    }

    /// Draws grid, frame, ticks with their numbers, the vertical axis' name, and a short tick at each of `sigmas`.
    pub(super) fn frame(&self, body: &mut String, name: &str, sigmas: &[f64]) {
        let (left, right, top, bottom) =
            (number(LEFT), number(RIGHT), number(self.top), number(self.bottom()));
        let mut grid = String::new();
        for (tick, label) in &self.y.ticks {
            let y = self.place_y(*tick);
            let _ = write!(grid, "M{left} {}H{right}", number(y));
            text(body, (LEFT - 9.0, y + 4.2), SMALL, MUTED, "end", label);
        }
        for (tick, _) in &self.x.ticks {
            let _ = write!(grid, "M{} {top}V{bottom}", number(self.place_x(*tick)));
        }
        let rug: String =
            sigmas.iter().map(|x| format!("M{} {bottom}v-5", number(self.place_x(*x)))).collect();
        let _ = writeln!(body, r#"<path d="{grid}" fill="none" stroke="{GRID}"/>"#);
        let _ = writeln!(body, r#"<path d="{rug}" fill="none" stroke="{MUTED}"/>"#);
        let _ = writeln!(
            body,
            r#"<path d="M{left} {top}H{right}V{bottom}H{left}Z" fill="none" stroke="{INK}"/>"#
        );
        let middle = number(f64::midpoint(self.top, self.bottom()));
        let _ = writeln!(
            body,
            r#"<text transform="translate(20 {middle}) rotate(-90)" font-size="{NAME}" fill="{INK}" text-anchor="middle">{name}</text>"#
        );
    }

    /// Draws the numbers and the name of the horizontal axis.
    pub(super) fn label_x(&self, body: &mut String, name: &str) {
        for (tick, label) in &self.x.ticks {
            text(body, (self.place_x(*tick), self.bottom() + 18.0), SMALL, MUTED, "middle", label);
        }
        text(body, (f64::midpoint(LEFT, RIGHT), self.bottom() + 40.0), NAME, INK, "middle", name);
    }

    /// Draws the intervals of a curve: a band over neighbours, a bar at a point without a neighbour.
    pub(super) fn bands(&self, body: &mut String, series: &Series, style: &Style, quantity: Quantity) {
        for stretch in self.stretches(series, quantity) {
            for bounds in stretch.split(|(_, e)| e.interval.is_none()) {
                let bounds: Vec<(f64, Interval)> =
                    bounds.iter().filter_map(|(x, e)| Some((*x, e.interval?))).collect();
                let corner = |x: f64, y: f64| format!("{} {}", number(x), number(self.place_y(y)));
                let upper = bounds.iter().map(|(x, i)| corner(*x, i.high));
                let lower = bounds.iter().rev().map(|(x, i)| corner(*x, i.low));
                let path = upper.chain(lower).collect::<Vec<_>>().join("L");
                let color = style.color;
                let _ = match bounds.len() {
                    0 => Ok(()),
                    1 => writeln!(
                        body,
                        r#"<path d="M{path}" fill="none" stroke="{color}" stroke-width="5" stroke-opacity="0.35"/>"#
                    ),
                    _ => writeln!(body, r#"<path d="M{path}Z" fill="{color}" fill-opacity="0.18"/>"#),
                };
            }
        }
    }

    /// Draws the line and the points of a curve.
    pub(super) fn curve(&self, body: &mut String, series: &Series, style: &Style, quantity: Quantity) {
        for stretch in self.stretches(series, quantity) {
            let corners: Vec<(f64, f64)> = stretch.iter().map(|(x, e)| (*x, self.place_y(e.mean))).collect();
            if corners.len() > 1 {
                let path = corners.iter().map(|(x, y)| format!("{} {}", number(*x), number(*y)));
                let path = path.collect::<Vec<_>>().join("L");
                let _ = writeln!(body, r#"<path d="M{path}" {}/>"#, style.stroke());
            }
            if !series.is_level() {
                corners.iter().for_each(|(x, y)| body.push_str(&(style.mark(*x, *y) + "\n")));
            }
        }
    }

    /// The parts of a curve between its gaps; the plain auto-encoder's goes from edge to edge.
    fn stretches(&self, series: &Series, quantity: Quantity) -> Vec<Vec<Place>> {
        if series.is_level() {
            let level = series.points.iter().find_map(quantity);
            return level.map(|e| vec![(LEFT, e), (RIGHT, e)]).into_iter().collect();
        }
        let points: Vec<_> = series.points.iter().filter(|p| is_drawable(p.sigma_squared)).collect();
        let stretches = points.split(|point| quantity(point).is_none()).filter(|s| !s.is_empty());
        let places = |stretch: &[&Point]| -> Vec<Place> {
            let place = |p: &&Point| Some((self.place_x(p.sigma_squared), quantity(p)?));
            stretch.iter().filter_map(place).collect()
        };
        stretches.map(places).collect()
    }
}
