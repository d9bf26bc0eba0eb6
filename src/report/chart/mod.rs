//! Figures as pictures: SVG, and PNG from it.
//!
//! The SVG is written here and not by a plotting library: `plotters`, the usual one, knows whole units only, draws a
//! dashed line as separate pieces, has no place for the descriptions that screen readers read, and can't
//! measure text without a system's fonts. A figure needs two panels, and every number of it is in this folder.
//!
//! Equal figures give equal bytes. All that is neither curve nor its text has one of the colours [`INK`], [`MUTED`],
//! [`GRID`] and [`PAPER`], each written as it stands there, so that a page with a dark theme can put its own in place:
//! no curve has one of them but the plain auto-encoder's level, which is [`INK`].

mod axis;
mod bars;
mod legend;
mod lettering;
mod multiples;
mod panel;
mod png;
mod style;
mod text;

use self::legend::{Entry, legend};
use self::panel::{Panel, Place};
use self::style::{Style, styles};
use self::text::{escape, fitted};
use super::figure::{Estimate, Figure, Point, Series};
pub use axis::Axis;
pub use bars::Bars;
pub(super) use lettering::Lettering;
pub(super) use multiples::greatest_value;
pub use multiples::{Curve, Multiples, Row, Small};
pub(super) use png::has_png;
pub use png::png;
use std::fmt::Write as _;

/// Colour of headings, names and the frame.
pub const INK: &str = "#1a1a1a";
/// Colour of numbers and remarks.
pub const MUTED: &str = "#555555";
/// Colour of the grid.
pub const GRID: &str = "#dddddd";
/// Colour of the background.
pub const PAPER: &str = "#ffffff";

/// Width of a picture.
const WIDTH: f64 = 640.0;
/// The panels' left and right edge.
const LEFT: f64 = 70.0;
const RIGHT: f64 = WIDTH - 24.0;
/// Heights of the two panels and of what stands between and below them.
const UPPER: f64 = 390.0;
const LOWER: f64 = 180.0;
const BETWEEN: f64 = 24.0;
const BELOW: f64 = 52.0;
/// Font sizes.
const HEADING: f64 = 15.0;
const NAME: f64 = 13.0;
const SMALL: f64 = 12.0;
/// Height of a line of the legend, and of a line of marks above the panels.
const LEGEND_LINE: f64 = 21.0;
const STRIP_LINE: f64 = 13.0;
/// Length of a curve's sample in the legend.
const SAMPLE: f64 = 34.0;
/// Between a sample and its name, and between entries.
const NEAR: f64 = 7.0;
const APART: f64 = 15.0;
/// The least end of the axis of dead units, so that a few of them don't look like many.
const LEAST_DEAD_END: f64 = 0.05;

/// What the panels show of a point.
type Quantity = fn(&Point) -> Option<Estimate>;

/// The figure as SVG: average activation fraction over σ² from 0 to 1 above, fraction of dead units below, with bands
/// where there are intervals. Curves have gaps where all replicates diverged; a cross above the panels marks every
/// σ² at which one did. 640 units wide; about 760 high, more with a longer legend.
pub fn svg(figure: &Figure) -> String {
    let curves = Curves::new(figure);
    let mut body = String::new();
    let title = fitted(&figure.title, HEADING, WIDTH - LEFT - 10.0);
    text(&mut body, (LEFT, 28.0), HEADING, INK, "start", &title);
    text(
        &mut body,
        (LEFT, 48.0),
        SMALL,
        MUTED,
        "start",
        &fitted(&figure.subtitle, SMALL, WIDTH - LEFT - 10.0),
    );
    let legend_end = curves.legend(&mut body, 58.0);
    let strip_end = curves.strip(&mut body, legend_end + 6.0);
    let (all, dead_end) = (Axis::covering(1.0), greatest(figure, dead).max(LEAST_DEAD_END));
    let upper = curves.panel(&all, strip_end + 6.0, UPPER);
    let some = Axis::covering(dead_end);
    let lower = curves.panel(&some, upper.bottom() + BETWEEN, LOWER);
    upper.frame(&mut body, Some("Avg. activation fraction"), &curves.sigmas);
    curves.draw(&mut body, &upper, activation);
    lower.frame(&mut body, Some("Fraction of dead units"), &curves.sigmas);
    curves.draw(&mut body, &lower, dead);
    lower.label_x(&mut body, "σ²");
    if figure.series.iter().all(|series| series.points.is_empty()) {
        let middle = f64::midpoint(LEFT, RIGHT);
        text(&mut body, (middle, upper.top + UPPER / 2.0), NAME, MUTED, "middle", "no finished runs");
    }
    document((WIDTH, lower.bottom() + BELOW), &figure.title, &description(figure), &body)
}

fn document((width, height): (f64, f64), title: &str, description: &str, body: &str) -> String {
    let (width, height) = (number(width), number(height));
    let family = png::FAMILY;
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\" role=\"img\" font-family=\"{family}, Verdana, sans-serif\">\n\
         <title>{}</title>\n<desc>{}</desc>\n\
         <rect width=\"{width}\" height=\"{height}\" fill=\"{PAPER}\"/>\n{body}</svg>\n",
        escape(title),
        escape(description),
    )
}

/// What the picture shows, for those who can't see it.
fn description(figure: &Figure) -> String {
    let about = figure.subtitle.replace(" · ", ", ");
    let mut sentences =
        vec![format!("Average activation fraction and fraction of dead units over σ²; {about}.")];
    sentences.extend(figure.series.iter().map(described));
    sentences.join(" ")
}

fn described(series: &Series) -> String {
    let shown: Vec<(f64, f64)> = series
        .points
        .iter()
        .filter_map(|point| Some((point.sigma_squared, activation(point)?.mean)))
        .collect();
    let at = |(sigma, mean): &(f64, f64)| format!("{mean:.3} at σ² = {sigma}");
    let values = match shown.as_slice() {
        [] => "no completed runs".to_owned(),
        [(_, mean), ..] if series.is_level() => format!("{mean:.3}"),
        [only] => at(only),
        [first, .., last] => format!("from {} to {}", at(first), at(last)),
    };
    let diverged: Vec<String> =
        diverged(series).map(|point| format!("σ² = {}", point.sigma_squared)).collect();
    let diverged =
        if diverged.is_empty() { String::new() } else { format!(", diverged at {}", diverged.join(", ")) };
    format!("{}: {values}{diverged}.", series.legend)
}

/// Where replicates of a curve diverged.
fn diverged(series: &Series) -> impl Iterator<Item = &Point> {
    series.points.iter().filter(|point| point.diverged > 0 && is_drawable(point.sigma_squared))
}

/// The curves of a figure with their looks, over one axis of σ².
struct Curves<'f> {
    curves: Vec<(&'f Series, Style)>,
    x: Axis,
    /// Every σ² of the curves, increasing.
    sigmas: Vec<f64>,
    has_bands: bool,
}

impl<'f> Curves<'f> {
    fn new(figure: &'f Figure) -> Self {
        let styles = styles(figure.series.iter().map(|series| series.regularizer.as_str()));
        let points = || figure.series.iter().flat_map(|series| &series.points);
        let mut sigmas: Vec<f64> =
            points().map(|point| point.sigma_squared).filter(|x| is_drawable(*x)).collect();
        sigmas.sort_by(f64::total_cmp);
        sigmas.dedup();
        let greatest = sigmas.last().copied().filter(|x| *x > 0.0).unwrap_or(1.0);
        let has_interval = |estimate: Option<Estimate>| estimate.is_some_and(|e| e.interval.is_some());
        Self {
            curves: figure.series.iter().zip(styles).collect(),
            x: Axis::covering(greatest),
            sigmas,
            has_bands: points().any(|p| has_interval(activation(p))),
        }
    }

    /// A panel between the picture's side edges.
    fn panel<'a>(&'a self, y: &'a Axis, top: f64, height: f64) -> Panel<'a> {
        Panel { x: &self.x, y, left: LEFT, right: RIGHT, top, height }
    }

    /// Draws the legend from `top` on, in as many lines as it needs; returns where it ends.
    fn legend(&self, body: &mut String, top: f64) -> f64 {
        let entry = |(series, style): &(&'f Series, Style)| Entry {
            name: &series.legend,
            style: *style,
            is_level: series.is_level(),
        };
        legend(body, &self.curves.iter().map(entry).collect::<Vec<_>>(), self.has_bands, (top, RIGHT))
    }

    /// Draws a line of crosses for each curve of which a replicate diverged, with the curve's marker at its end;
    /// returns where the last line ends.
    fn strip(&self, body: &mut String, top: f64) -> f64 {
        let mut bottom = top;
        for (series, style) in &self.curves {
            let mut crosses = String::new();
            for point in diverged(series) {
                let (x, y) = (place_x(&self.x, point.sigma_squared) - 3.5, bottom + 2.5);
                let _ = write!(crosses, "M{} {}l7 7m0 -7l-7 7", number(x), number(y));
            }
            if crosses.is_empty() {
                continue;
            }
            if bottom == top {
                text(body, (LEFT - 9.0, top + 10.0), SMALL, MUTED, "end", "diverged");
            }
            let color = style.color;
            let _ =
                writeln!(body, r#"<path d="{crosses}" fill="none" stroke="{color}" stroke-width="1.8"/>"#);
            let _ = writeln!(body, "{}", style.mark(RIGHT + 14.0, bottom + 6.0));
            bottom += STRIP_LINE;
        }
        bottom
    }

    /// Draws `quantity` of every curve: bands first, then filled markers, hollow ones over them, thin levels last.
    fn draw(&self, body: &mut String, panel: &Panel<'_>, quantity: Quantity) {
        let mut curves: Vec<_> = self.curves.iter().collect();
        curves.sort_by_key(|(series, style)| (series.is_level(), style.is_hollow()));
        for (series, style) in &curves {
            panel.bands(body, &stretches(panel, series, quantity), style);
        }
        for (series, style) in &curves {
            panel.curve(body, &stretches(panel, series, quantity), style, series.is_level());
        }
    }
}

/// The parts of a curve between its gaps; the plain auto-encoder's goes from edge to edge.
fn stretches(panel: &Panel<'_>, series: &Series, quantity: Quantity) -> Vec<Vec<Place>> {
    if series.is_level() {
        let level = series.points.iter().find_map(quantity);
        return level.map(|e| vec![(panel.left, e), (panel.right, e)]).into_iter().collect();
    }
    let points: Vec<_> = series.points.iter().filter(|p| is_drawable(p.sigma_squared)).collect();
    let stretches = points.split(|point| quantity(point).is_none()).filter(|s| !s.is_empty());
    let places = |stretch: &[&Point]| -> Vec<Place> {
        let place = |p: &&Point| Some((panel.place_x(p.sigma_squared), quantity(p)?));
        stretch.iter().filter_map(place).collect()
    };
    stretches.map(places).collect()
}

fn activation(point: &Point) -> Option<Estimate> {
    point.avg_activation_fraction.filter(Estimate::is_finite)
}

fn dead(point: &Point) -> Option<Estimate> {
    point.dead_fraction.filter(Estimate::is_finite)
}

/// The greatest value of `quantity`, upper bounds included; 0 of none.
fn greatest(figure: &Figure, quantity: Quantity) -> f64 {
    let estimates = figure.series.iter().flat_map(|series| &series.points).filter_map(quantity);
    estimates.map(|e| e.interval.map_or(e.mean, |i| i.high.max(e.mean))).fold(0.0, f64::max)
}

/// Where a σ² stands between the panels' side edges.
fn place_x(axis: &Axis, sigma_squared: f64) -> f64 {
    LEFT + axis.place(sigma_squared) * (RIGHT - LEFT)
}

/// Whether a σ² has a place on the axis.
fn is_drawable(sigma_squared: f64) -> bool {
    sigma_squared.is_finite() && sigma_squared >= 0.0
}

fn text(body: &mut String, (x, y): (f64, f64), size: f64, color: &str, anchor: &str, content: &str) {
    let (x, y, content) = (number(x), number(y), escape(content));
    let _ = writeln!(
        body,
        r#"<text x="{x}" y="{y}" font-size="{size}" fill="{color}" text-anchor="{anchor}">{content}</text>"#
    );
}

/// A coordinate: hundredths of a unit, without zeros at the end.
fn number(x: f64) -> String {
    let text = format!("{x:.2}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}

#[cfg(test)]
mod tests;
