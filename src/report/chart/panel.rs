//! One panel: its frame, and curves with their bands inside.

use super::axis::Axis;
use super::style::Style;
use super::text::escape;
use super::{GRID, INK, MUTED, NAME, SMALL, number, text};
use crate::report::figure::Estimate;
use crate::report::statistics::Interval;
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
        for (tick, _) in &self.x.ticks {
            let _ = write!(grid, "M{} {top}V{bottom}", number(self.place_x(*tick)));
        }
        let rug: String =
            marks.iter().map(|x| format!("M{} {bottom}v-5", number(self.place_x(*x)))).collect();
        let _ = writeln!(body, r#"<path d="{grid}" fill="none" stroke="{GRID}"/>"#);
        let _ = writeln!(body, r#"<path d="{rug}" fill="none" stroke="{MUTED}"/>"#);
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
        for (tick, label) in &self.x.ticks {
            text(body, (self.place_x(*tick), self.bottom() + 18.0), SMALL, MUTED, "middle", label);
        }
    }

    /// Draws the intervals of a curve: a band over neighbours, a bar at a point without a neighbour.
    pub(super) fn bands(&self, body: &mut String, stretches: &[Vec<Place>], style: &Style) {
        for stretch in stretches {
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

    /// Draws the line of a curve, and its points unless it is a level.
    pub(super) fn curve(&self, body: &mut String, stretches: &[Vec<Place>], style: &Style, is_level: bool) {
        for stretch in stretches {
            let corners: Vec<(f64, f64)> = stretch.iter().map(|(x, e)| (*x, self.place_y(e.mean))).collect();
            if corners.len() > 1 {
                let path = corners.iter().map(|(x, y)| format!("{} {}", number(*x), number(*y)));
                let path = path.collect::<Vec<_>>().join("L");
                let _ = writeln!(body, r#"<path d="M{path}" {}/>"#, style.stroke());
            }
            if !is_level {
                corners.iter().for_each(|(x, y)| body.push_str(&(style.mark(*x, *y) + "\n")));
            }
        }
    }
}
