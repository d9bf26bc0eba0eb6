//! A figure: activation fraction over σ² above, dead units below.

use super::axis::Axis;
use super::legend::{Entry, Sample, legend};
use super::panel::{Panel, Place};
use super::sheet::{BELOW, HEADING, INK, LEFT, MUTED, NAME, RIGHT, SMALL, WIDTH, document, number, text};
use super::style::{Style, styles};
use super::text::fitted;
use crate::report::figure::{Figure, Point, Replicate, Series};
use crate::report::statistics::Estimate;
use std::fmt::Write as _;

/// Heights of the two panels and of what is between them.
const UPPER: f64 = 390.0;
const LOWER: f64 = 180.0;
const BETWEEN: f64 = 24.0;
/// Height of a line of marks above the panels.
const STRIP_LINE: f64 = 13.0;
/// The least end of the axis of dead units, so that a few of them don't look like many.
const LEAST_DEAD_END: f64 = 0.05;

/// What a panel shows.
pub(super) struct Quantity {
    /// The mean over the replicates of a point.
    mean: fn(&Point) -> Option<Estimate>,
    /// The value of one replicate.
    each: fn(&Replicate) -> f64,
}

pub(super) const ACTIVATION: Quantity = Quantity {
    mean: |point| point.avg_activation_fraction.filter(Estimate::is_finite),
    each: |replicate| replicate.avg_activation_fraction,
};
const DEAD: Quantity = Quantity {
    mean: |point| point.dead_fraction.filter(Estimate::is_finite),
    each: |replicate| replicate.dead_fraction,
};

/// The figure as SVG: average activation fraction over σ² from 0 to 1 above, fraction of dead units below unless none died, with
/// bands and a dot for each seed where there are several. Curves have gaps where all replicates diverged; a cross above the
/// panels marks every σ² at which one did. 640 units wide; about 760 high, more with a longer legend, about 200 less without
/// dead units.
pub fn svg(figure: &Figure) -> String {
    let curves = Curves::new(figure);
    let mut body = String::new();
    let limit = WIDTH - LEFT - 10.0;
    text(&mut body, (LEFT, 28.0), HEADING, INK, "start", &fitted(&figure.title, HEADING, limit));
    text(&mut body, (LEFT, 48.0), SMALL, MUTED, "start", &fitted(&figure.subtitle, SMALL, limit));
    let legend_end = curves.legend(&mut body, 58.0);
    let strip_end = curves.strip(&mut body, legend_end + 6.0);
    let (all, some) = (Axis::covering(1.0), Axis::covering(greatest(figure, &DEAD).max(LEAST_DEAD_END)));
    let upper = curves.panel(&all, strip_end + 6.0, UPPER);
    let lower = curves.panel(&some, upper.bottom() + BETWEEN, LOWER);
    upper.frame(&mut body, Some("Avg. activation fraction"), &curves.sigmas);
    curves.draw(&mut body, &upper, &ACTIVATION);
    let last = if has_dead(figure) {
        lower.frame(&mut body, Some("Fraction of dead units"), &curves.sigmas);
        curves.draw(&mut body, &lower, &DEAD);
        lower
    } else {
        upper
    };
    last.label_x(&mut body, "σ²");
    if figure.series.iter().all(|series| series.points.is_empty()) {
        let middle = (f64::midpoint(LEFT, RIGHT), last.top + last.height / 2.0);
        text(&mut body, middle, NAME, MUTED, "middle", "no finished runs");
    }
    document((WIDTH, last.bottom() + BELOW), &figure.title, &description(figure), &body)
}

/// Whether a unit died in any run.
fn has_dead(figure: &Figure) -> bool {
    greatest(figure, &DEAD) > 0.0
}

/// What the picture shows, for those who can't see it.
fn description(figure: &Figure) -> String {
    let about = figure.subtitle.replace(" · ", ", ");
    let has_completed = figure.series.iter().flat_map(|series| &series.points).any(|point| point.seeds > 0);
    let shown = match (has_dead(figure), has_completed) {
        (true, _) => "Average activation fraction and fraction of dead units over σ²",
        (false, true) => "Average activation fraction over σ², no unit died",
        (false, false) => "Average activation fraction over σ²",
    };
    let mut sentences = vec![format!("{shown}; {about}.")];
    sentences.extend(figure.series.iter().map(described));
    sentences.join(" ")
}

fn described(series: &Series) -> String {
    let shown: Vec<(f64, f64)> = series
        .points
        .iter()
        .filter_map(|point| Some((point.sigma_squared, (ACTIVATION.mean)(point)?.mean)))
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
pub(super) struct Curves<'f> {
    pub(super) curves: Vec<(&'f Series, Style)>,
    pub(super) x: Axis,
    /// Every σ² of the curves, increasing.
    sigmas: Vec<f64>,
    has_bands: bool,
}

impl<'f> Curves<'f> {
    pub(super) fn new(figure: &'f Figure) -> Self {
        let styles = styles(figure.series.iter().map(|series| series.regularizer.as_str()));
        let points = || figure.series.iter().flat_map(|series| &series.points);
        let mut sigmas: Vec<f64> =
            points().map(|point| point.sigma_squared).filter(|x| is_drawable(*x)).collect();
        sigmas.sort_by(f64::total_cmp);
        sigmas.dedup();
        let has_interval = |estimate: Option<Estimate>| estimate.is_some_and(|e| e.interval.is_some());
        Self {
            curves: figure.series.iter().zip(styles).collect(),
            x: Axis::sigma_squared(&sigmas).with_sigma_scale(figure.sigma_scale),
            sigmas,
            has_bands: points().any(|point| has_interval((ACTIVATION.mean)(point))),
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
            sample: if series.is_level() { Sample::Level(*style) } else { Sample::Curve(*style) },
        };
        let mut entries: Vec<_> = self.curves.iter().map(entry).collect();
        if self.has_bands {
            let has_dots = self.curves.iter().any(|(series, _)| !seeds(series, &ACTIVATION).is_empty());
            entries.push(if has_dots { Entry::SEEDS } else { Entry::BAND });
        }
        legend(body, &entries, (top, RIGHT))
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

    /// Draws `quantity` of every curve: bands first, then the seeds, filled markers, hollow ones over them, thin levels last.
    fn draw(&self, body: &mut String, panel: &Panel<'_>, quantity: &Quantity) {
        let mut curves: Vec<_> = self.curves.iter().collect();
        curves.sort_by_key(|(series, style)| (series.is_level(), style.is_hollow()));
        for (series, style) in &curves {
            panel.bands(body, &stretches(panel, series, quantity), style);
        }
        for (series, style) in &curves {
            let place = |(sigma_squared, value): (f64, f64)| (panel.place_x(sigma_squared), value);
            let places: Vec<_> = seeds(series, quantity).into_iter().map(place).collect();
            panel.dots(body, &places, style);
        }
        for (series, style) in &curves {
            panel.curve(body, &stretches(panel, series, quantity), style, series.is_level());
        }
    }
}

/// The value of each replicate by σ², where there are several. A level has no points of its own, so its replicates have none.
fn seeds(series: &Series, quantity: &Quantity) -> Vec<(f64, f64)> {
    let has_several = |point: &&Point| point.replicates.len() > 1 && is_drawable(point.sigma_squared);
    let points = series.points.iter().filter(|_| !series.is_level()).filter(has_several);
    let of_point = |point: &Point| {
        let sigma_squared = point.sigma_squared;
        point
            .replicates
            .iter()
            .map(move |replicate| (sigma_squared, (quantity.each)(replicate)))
            .collect::<Vec<_>>()
    };
    points.flat_map(of_point).filter(|(_, value)| value.is_finite()).collect()
}

/// The parts of a curve between its gaps; the plain auto-encoder's goes from edge to edge.
pub(super) fn stretches(panel: &Panel<'_>, series: &Series, quantity: &Quantity) -> Vec<Vec<Place>> {
    if series.is_level() {
        let level = series.points.iter().find_map(quantity.mean);
        return level.map(|e| vec![(panel.left, e), (panel.right, e)]).into_iter().collect();
    }
    let points: Vec<_> = series.points.iter().filter(|p| is_drawable(p.sigma_squared)).collect();
    let stretches = points.split(|point| (quantity.mean)(point).is_none()).filter(|s| !s.is_empty());
    let places = |stretch: &[&Point]| -> Vec<Place> {
        let place = |p: &&Point| Some((panel.place_x(p.sigma_squared), (quantity.mean)(p)?));
        stretch.iter().filter_map(place).collect()
    };
    stretches.map(places).collect()
}

/// The greatest value of `quantity`, upper bounds included; 0 of none.
fn greatest(figure: &Figure, quantity: &Quantity) -> f64 {
    let estimates = figure.series.iter().flat_map(|series| &series.points).filter_map(quantity.mean);
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
