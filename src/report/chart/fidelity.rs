//! Sparsity against fidelity as SVG: the fraction of variance unexplained over the activation fraction, a curve for each model.

use super::axis::Axis;
use super::curves::described_models;
use super::legend::{LegendSample, draw_legend};
use super::panel::{Drawn, Panel, stretches};
use super::sheet::{BELOW, LEFT, RIGHT, WIDTH, draw_heading, svg_document};
use super::style::styles;
use crate::report::figure::{Figure, Point, Series};
use crate::report::statistics::Estimate;

/// Height of the panel.
const HEIGHT: f64 = 390.0;

/// The activation fraction and the fraction of variance unexplained of a point, means over its replicates; `None` where the
/// point can't be drawn: no replicate completed, the data are constant, or nothing is unexplained.
fn place(point: &Point) -> Option<(f64, f64)> {
    let mean =
        |estimate: Option<Estimate>| estimate.map(|estimate| estimate.mean).filter(|mean| mean.is_finite());
    let unexplained = mean(point.fraction_variance_unexplained).filter(|fraction| *fraction > 0.0);
    mean(point.avg_activation_fraction).zip(unexplained)
}

fn places(figure: &Figure) -> impl Iterator<Item = (f64, f64)> {
    figure.points().filter_map(|(_, point)| place(point))
}

/// Whether a point of `figure` can be drawn over its activation fraction.
pub(in crate::report) fn has_fidelity(figure: &Figure) -> bool {
    places(figure).next().is_some()
}

/// The picture as SVG. A marker is one σ² of a model, the mean over its replicates; lines join the points of a model in the order
/// of σ², with a gap where all replicates diverged. The vertical axis is logarithmic. 640 units wide; about 550 high, more with a
/// longer legend.
pub fn fidelity_svg(figure: &Figure) -> String {
    let mut body = String::new();
    draw_heading(&mut body, (LEFT, WIDTH - LEFT - 10.0), &figure.title, &[&figure.subtitle]);
    let styles = styles(figure.series.iter().map(|series| series.regularizer.as_str()));
    let entry = |(series, style): (&'_ Series, _)| {
        // Only a curve of several points has a line.
        let has_line = series.points.iter().filter_map(place).nth(1).is_some();
        LegendSample::Curve { style, has_line, has_marker: true }
    };
    let samples = figure.series.iter().zip(styles.iter().copied()).map(entry);
    let names = figure.series.iter().map(|series| series.legend.as_str());
    let top = draw_legend(&mut body, &names.zip(samples).collect::<Vec<_>>(), (58.0, RIGHT)) + 12.0;
    let greatest = |value: fn((f64, f64)) -> f64| places(figure).map(value).fold(0.0, f64::max);
    let least = places(figure).map(|(_, unexplained)| unexplained).fold(f64::INFINITY, f64::min);
    let most_active = greatest(|(active, _)| active);
    let x = Axis::covering(if most_active > 0.0 { most_active } else { 1.0 });
    let y = if least.is_finite() {
        Axis::logarithmic(least, greatest(|(_, unexplained)| unexplained))
    } else {
        Axis::covering(1.0)
    };
    let panel = Panel { x: &x, y: &y, left: LEFT, right: RIGHT, top, height: HEIGHT };
    panel.draw_frame(&mut body, Some("Fraction of variance unexplained"), &[]);
    let curve = |(series, style)| {
        let placed = |point| {
            place(point).map(|(active, unexplained)| {
                (panel.place_x(active), Estimate { mean: unexplained, interval: None })
            })
        };
        let series: &Series = series;
        let stretches = stretches(&series.points.iter().map(placed).collect::<Vec<_>>());
        Drawn { style, stretches, seeds: Vec::new(), has_markers: true }
    };
    let mut drawn: Vec<_> = figure.series.iter().zip(&styles).map(curve).collect();
    // Hollow markers are drawn last, because they hide less.
    drawn.sort_by_key(|curve| curve.style.marker.is_hollow);
    panel.draw(&mut body, &drawn);
    panel.draw_labels_x(&mut body, &axis_name(figure));
    svg_document((WIDTH, panel.bottom() + BELOW), &figure.title, &description(figure), &body)
}

/// The name of the horizontal axis, with the factor that makes the fraction L0.
fn axis_name(figure: &Figure) -> String {
    let units = figure.hidden().map_or_else(|| "m".to_owned(), |hidden| hidden.to_string());
    format!("Avg. activation fraction (× {units} = L0, active units of a sample)")
}

/// What the picture shows, for readers who cannot see it.
fn description(figure: &Figure) -> String {
    let about = figure.subtitle.replace(" · ", ", ");
    let first = format!("Fraction of variance unexplained over average activation fraction; {about}.");
    let value = |point: &Point| {
        let (active, unexplained) = place(point)?;
        Some(format!("{unexplained:.3} unexplained and {active:.3} active"))
    };
    described_models(figure, first, value)
}
