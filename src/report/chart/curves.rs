//! A figure as SVG: a panel of activation fractions over σ² and below it a panel of dead units; and its thumbnail.

use super::axis::Axis;
use super::legend::{LegendSample, band_entry, draw_legend};
use super::panel::{Drawn, Panel, stretches};
use super::sheet::{
    BELOW, CROSS_ATTRIBUTES, INK, LEFT, MUTED, NAME_FONT, PAPER, RIGHT, SMALL_FONT, WIDTH, coordinate, cross,
    draw_heading, draw_path, draw_text, svg_document,
};
use super::style::{Style, styles};
use super::text::escape;
use crate::report::figure::{Figure, Point, Series};
use crate::report::statistics::Estimate;
use crate::training::Measurement;
use std::fmt::Write as _;

/// Heights of the two panels and of the gap between them.
const UPPER: f64 = 390.0;
const LOWER: f64 = 180.0;
const BETWEEN: f64 = 24.0;
/// Height of a line of marks above the panels.
pub(super) const DIVERGENCE_LINE: f64 = 13.0;
/// The least end of the axis of dead units, so that a few of them don't look like many.
const LEAST_DEAD_END: f64 = 0.05;

/// Width and height of a thumbnail, and the distance of its frame from its edges.
const THUMBNAIL_SIZE: (f64, f64) = (300.0, 170.0);
const THUMBNAIL_EDGE: f64 = 2.0;

/// The quantity of a panel.
struct PanelQuantity {
    name: &'static str,
    /// Its mean over the replicates of a point.
    mean: fn(&Point) -> Option<Estimate>,
    /// Its value for one replicate.
    each: fn(&Measurement) -> f64,
}

const ACTIVATION: PanelQuantity = PanelQuantity {
    name: "Avg. activation fraction",
    mean: |point| point.avg_activation_fraction.filter(Estimate::is_finite),
    each: |result| result.avg_activation_fraction,
};
const DEAD: PanelQuantity = PanelQuantity {
    name: "Fraction of dead units",
    mean: |point| point.dead_fraction.filter(Estimate::is_finite),
    each: |result| result.dead_fraction,
};

/// The figure as SVG. The upper panel has the average activation fraction over σ², from 0 to 1; the lower one has the fraction of
/// dead units, if any unit died. With several seeds there are bands and a dot for each seed. Curves have gaps where all
/// replicates diverged; a cross above the panels marks every σ² at which a replicate diverged. 640 units wide; about 760 high,
/// more with a longer legend, about 200 less without dead units.
pub fn svg(figure: &Figure) -> String {
    let curves = FigureCurves::new(figure);
    let mut body = String::new();
    draw_heading(&mut body, (LEFT, WIDTH - LEFT - 10.0), &figure.title, &[&figure.subtitle]);
    let legend_end = curves.draw_legend(&mut body, 58.0);
    let mut top = curves.draw_divergences(&mut body, legend_end + 6.0) + 6.0;
    let dead = greatest(figure);
    let mut panels = vec![(ACTIVATION, 1.0, UPPER)];
    panels.extend((dead > 0.0).then_some((DEAD, dead.max(LEAST_DEAD_END), LOWER)));
    let last = panels.len() - 1;
    for (index, (quantity, end, height)) in panels.into_iter().enumerate() {
        let y = Axis::covering(end);
        let panel = Panel { x: &curves.x, y: &y, left: LEFT, right: RIGHT, top, height };
        panel.draw_frame(&mut body, Some(quantity.name), curves.x.sigmas());
        let mut drawn = curves.drawn(&panel, &quantity);
        // Lines without markers come last because they are thin, and hollow markers after full ones because they hide less.
        drawn.sort_by_key(|curve| (!curve.has_markers, curve.style.marker.is_hollow));
        panel.draw(&mut body, &drawn);
        if index == last {
            panel.draw_labels_x(&mut body, "σ²");
        }
        if figure.points().next().is_none() {
            let middle = (f64::midpoint(LEFT, RIGHT), top + height / 2.0);
            draw_text(&mut body, middle, (NAME_FONT, MUTED, "middle"), "no finished runs");
        }
        top = panel.bottom() + BETWEEN;
    }
    svg_document((WIDTH, top - BETWEEN + BELOW), &figure.title, &description(figure), &body)
}

/// The thumbnail of a figure: frame, bands and lines of the activation fraction, in the colours and on the scales of [`svg`]. It
/// has no markers, and no text but the title for screen readers. A point without neighbours is a dot. 300 by 170 units.
pub fn thumbnail(figure: &Figure) -> String {
    let curves = FigureCurves::new(figure);
    let (width, height) = THUMBNAIL_SIZE;
    let (left, right, top, y) = (THUMBNAIL_EDGE, width - THUMBNAIL_EDGE, THUMBNAIL_EDGE, Axis::covering(1.0));
    let panel = Panel { x: &curves.x, y: &y, left, right, top, height: height - 2.0 * THUMBNAIL_EDGE };
    let mut drawn = curves.drawn(&panel, &ACTIVATION);
    for curve in &mut drawn {
        let alone = curve.stretches.iter().filter(|stretch| stretch.len() == 1).flatten();
        curve.seeds = alone.map(|(x, estimate)| (*x, estimate.mean)).collect();
        curve.has_markers = false;
    }
    let mut body = String::new();
    panel.draw(&mut body, &drawn);
    let (inner_width, inner_height) = (coordinate(right - left), coordinate(panel.height));
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\" role=\"img\">\n<title>{}</title>\n\
         <rect x=\"{THUMBNAIL_EDGE}\" y=\"{THUMBNAIL_EDGE}\" width=\"{inner_width}\" height=\"{inner_height}\" \
         fill=\"{PAPER}\" stroke=\"{INK}\"/>\n{body}</svg>\n",
        escape(&figure.title)
    )
}

/// What the picture shows, for readers who cannot see it.
fn description(figure: &Figure) -> String {
    let about = figure.subtitle.replace(" · ", ", ");
    let has_completed = figure.points().any(|(_, point)| !point.completed.is_empty());
    let shown = match (greatest(figure) > 0.0, has_completed) {
        (true, _) => "Average activation fraction and fraction of dead units over σ²",
        (false, true) => "Average activation fraction over σ², no unit died",
        (false, false) => "Average activation fraction over σ²",
    };
    let mean = |point: &Point| Some(format!("{:.3}", (ACTIVATION.mean)(point)?.mean));
    described_models(figure, format!("{shown}; {about}."), mean)
}

/// The sentence `first`, and one for each curve with the `value` of its first and last drawn points.
pub(super) fn described_models(
    figure: &Figure,
    first: String,
    value: impl Fn(&Point) -> Option<String>,
) -> String {
    let sentences = figure.series.iter().map(|series| described(series, &value));
    std::iter::once(first).chain(sentences).collect::<Vec<_>>().join(" ")
}

fn described(series: &Series, value: impl Fn(&Point) -> Option<String>) -> String {
    let shown = |point: &Point| Some((point.sigma_squared, value(point)?));
    let shown: Vec<(f64, String)> = series.points.iter().filter_map(shown).collect();
    let at = |(sigma, value): &(f64, String)| format!("{value} at σ² = {sigma}");
    let values = match shown.as_slice() {
        [] => "no completed runs".to_owned(),
        [(_, value), ..] if series.is_level() => value.clone(),
        [only] => at(only),
        [first, .., last] => format!("from {} to {}", at(first), at(last)),
    };
    let diverged: Vec<_> = diverged(series).map(|sigma| format!("σ² = {sigma}")).collect();
    let lead = if diverged.is_empty() { "" } else { ", diverged at " };
    format!("{}: {values}{lead}{}.", series.legend, diverged.join(", "))
}

/// The σ² at which a replicate of a curve diverged.
fn diverged(series: &Series) -> impl Iterator<Item = f64> {
    let diverged = series.points.iter().filter(|point| !point.diverged.is_empty());
    diverged.map(|point| point.sigma_squared).filter(is_drawable)
}

/// The curves of a figure with their styles, and the axis of σ².
struct FigureCurves<'f> {
    curves: Vec<(&'f Series, Style)>,
    x: Axis,
}

impl<'f> FigureCurves<'f> {
    fn new(figure: &'f Figure) -> Self {
        let styles = styles(figure.series.iter().map(|series| series.regularizer.as_str()));
        let sigmas = figure.points().map(|(_, point)| point.sigma_squared).filter(is_drawable);
        let mut x = Axis::sigma_squared(&sigmas.collect::<Vec<_>>());
        x.set_sigma_scale(figure.sigma_scale);
        Self { curves: figure.series.iter().zip(styles).collect(), x }
    }

    /// Draws the legend below `top`, in as many lines as it needs; returns its lower end.
    fn draw_legend(&self, body: &mut String, top: f64) -> f64 {
        let entry = |(series, style): &(&'f Series, Style)| {
            let has_marker = !series.is_level();
            (series.legend.as_str(), LegendSample::Curve { style: *style, has_line: true, has_marker })
        };
        let mut entries: Vec<_> = self.curves.iter().map(entry).collect();
        let mut points = self.curves.iter().flat_map(|(series, _)| &series.points);
        if points.any(|point| (ACTIVATION.mean)(point).is_some_and(|e| e.interval.is_some())) {
            let has_dots = self.curves.iter().any(|(series, _)| !seeds(series, &ACTIVATION).is_empty());
            entries.push(band_entry(has_dots));
        }
        draw_legend(body, &entries, (top, RIGHT))
    }

    /// Draws a line of crosses for each curve with diverged replicates, with the curve's marker at its end; returns the lower end
    /// of the last line.
    fn draw_divergences(&self, body: &mut String, top: f64) -> f64 {
        let mut bottom = top;
        for (series, style) in &self.curves {
            let place_x = |sigma: f64| LEFT + self.x.place(sigma) * (RIGHT - LEFT);
            let crosses: String =
                diverged(series).map(|sigma| cross((place_x(sigma), bottom + 2.5))).collect();
            if crosses.is_empty() {
                continue;
            }
            if bottom == top {
                draw_text(body, (LEFT - 9.0, top + 10.0), (SMALL_FONT, MUTED, "end"), "diverged");
            }
            draw_path(body, &crosses, style.color, CROSS_ATTRIBUTES);
            let _ = writeln!(body, "{}", style.mark(RIGHT + 14.0, bottom + 6.0));
            bottom += DIVERGENCE_LINE;
        }
        bottom
    }

    /// `quantity` of every curve in `panel`, in the figure's order. The plain auto-encoder's line goes from edge to edge.
    fn drawn<'s>(&'s self, panel: &Panel<'_>, quantity: &PanelQuantity) -> Vec<Drawn<'s>> {
        let drawn = |(series, style): &'s (&Series, Style)| {
            let points = series.points.iter().filter(|point| is_drawable(&point.sigma_squared));
            let place = |point: &Point| Some((panel.place_x(point.sigma_squared), (quantity.mean)(point)?));
            let places: Vec<_> = if series.is_level() {
                let level = series.points.iter().find_map(quantity.mean);
                [panel.left, panel.right].map(|x| Some((x, level?))).into()
            } else {
                points.map(place).collect()
            };
            let seeds = seeds(series, quantity).into_iter();
            Drawn {
                style,
                stretches: stretches(&places),
                seeds: seeds.map(|(sigma_squared, value)| (panel.place_x(sigma_squared), value)).collect(),
                has_markers: !series.is_level(),
            }
        };
        self.curves.iter().map(drawn).collect()
    }
}

/// The σ² and the value of each replicate, where a point has several. The plain auto-encoder's replicates have no σ², so they are
/// left out.
fn seeds(series: &Series, quantity: &PanelQuantity) -> Vec<(f64, f64)> {
    let has_several = |point: &&Point| point.completed.len() > 1 && is_drawable(&point.sigma_squared);
    let points = series.points.iter().filter(|_| !series.is_level()).filter(has_several);
    let values = points.flat_map(|point| {
        let results = point.completed.iter().filter_map(|run| run.result());
        results.map(|result| (point.sigma_squared, (quantity.each)(result)))
    });
    values.filter(|(_, value)| value.is_finite()).collect()
}

/// The greatest fraction of dead units, including upper bounds; 0 without any.
fn greatest(figure: &Figure) -> f64 {
    figure
        .points()
        .filter_map(|(_, point)| (DEAD.mean)(point))
        .map(|estimate| estimate.upper())
        .fold(0.0, f64::max)
}

/// Whether a σ² can be placed on the axis.
fn is_drawable(sigma_squared: &f64) -> bool {
    sigma_squared.is_finite() && *sigma_squared >= 0.0
}
