//! Small multiples: rows of small panels that show the same curves under different settings.

use super::axis::Axis;
use super::curves::DIVERGENCE_LINE;
use super::legend::{LegendSample, band_entry, draw_legend};
use super::panel::{Drawn, Panel, PlacedEstimate, stretches};
use super::sheet::{
    BELOW, CROSS_ATTRIBUTES, INK, LEFT, NAME_FONT, cross, draw_heading, draw_path, draw_text, svg_document,
};
use super::style::{Style, styles};
use super::text::fitted;
use crate::report::figure::{SigmaScale, grouped};
use crate::report::statistics::Estimate;

/// Width of a picture with one or two panels in a row, and with more.
const WIDTHS: [f64; 2] = [640.0, 900.0];
/// Distance between the last panel and the picture's edge, and between the panels of a row.
const EDGE: f64 = 24.0;
const PANEL_GAP: f64 = 30.0;
/// Height of a panel and of its title.
const PANEL_HEIGHT: f64 = 190.0;
const TITLE_HEIGHT: f64 = 22.0;
/// Distance between rows, without and with numbers of the horizontal axis.
const ROW_GAP: f64 = 14.0;
const LABELLED_ROW_GAP: f64 = 34.0;

/// A picture of rows of panels.
#[derive(Debug, Clone, PartialEq)]
pub struct Multiples {
    /// Its heading.
    pub title: String,
    /// The settings that all panels share.
    pub subtitle: String,
    /// What the picture shows, for readers who cannot see it.
    pub description: String,
    /// The name of the horizontal axis.
    pub x_name: String,
    /// The parts, from top to bottom.
    pub stacks: Vec<Stack>,
}

/// Rows of panels over one horizontal axis.
#[derive(Debug, Clone, PartialEq)]
pub struct Stack {
    /// The horizontal axis.
    pub x: Axis,
    /// The titles of the panels of a row, from left to right, shown above the first row.
    pub titles: Vec<String>,
    /// The parts, from top to bottom.
    pub rows: Vec<Row>,
}

/// Panels side by side with the same axes.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// The name of the vertical axis.
    pub name: &'static str,
    /// The vertical axis.
    pub y: Axis,
    /// The curves of each panel, from left to right.
    pub panels: Vec<Vec<PanelCurve>>,
}

/// A curve in a panel. Curves with the same label and legend look the same in all panels.
#[derive(Debug, Clone, PartialEq)]
pub struct PanelCurve {
    /// The regularizer's label, which decides on its style.
    pub label: String,
    /// Its name in the legend.
    pub legend: String,
    /// The points by their place on the horizontal axis, increasing. `None` marks a point at which no replicate completed; an
    /// estimate that isn't finite is a gap.
    pub points: Vec<(f64, Option<Estimate>)>,
}

/// The greatest value in the panels, including upper bounds; 0 without any.
pub(in crate::report) fn greatest_value(panels: &[Vec<PanelCurve>]) -> f64 {
    let points = panels.iter().flatten().flat_map(|curve| &curve.points);
    let estimates = points.filter_map(|(_, estimate)| *estimate).filter(Estimate::is_finite);
    estimates.map(|estimate| estimate.upper()).fold(0.0, f64::max)
}

/// Label and legend of a curve, which distinguish it from others.
type CurveIdentity<'m> = (&'m str, &'m str);

/// The look of a curve in all panels.
struct Look<'m> {
    identity: CurveIdentity<'m>,
    style: Style,
    /// Whether a line joins its points in some panel.
    has_line: bool,
}

impl Multiples {
    /// The picture as SVG. Where no replicate completed, a curve has a gap, and the panel has a cross at its top.
    pub fn svg(&self) -> String {
        let mut looks = self.looks();
        let rows: Vec<_> = self.rows().collect();
        let columns = rows.iter().map(|(row, ..)| row.panels.len()).max().unwrap_or(0);
        let width = WIDTHS[usize::from(columns > 2)];
        let limit = width - LEFT - EDGE;
        let mut body = String::new();
        draw_heading(&mut body, (LEFT, limit), &self.title, &[&self.subtitle]);
        let mut top = self.draw_legend(&mut body, &looks, width - EDGE) + 6.0;
        // Hollow markers are drawn last, because they hide less.
        looks.sort_by_key(|look| look.style.marker.is_hollow);
        let columns = columns.max(1) as f64;
        let panel_width = (limit - PANEL_GAP * (columns - 1.0)) / columns;
        for (index, &(row, x, titles)) in rows.iter().enumerate() {
            let next = rows.get(index + 1);
            // If the row below is shorter, panels at the right have no numbers below them, so this row needs its own.
            let is_labelled = next.is_none_or(|next| next.1 != x || next.0.panels.len() < row.panels.len());
            top = row.draw(&mut body, &looks, (x, titles), (top, panel_width), is_labelled);
            top += if is_labelled { LABELLED_ROW_GAP } else { ROW_GAP };
        }
        let bottom = top - LABELLED_ROW_GAP;
        let middle = f64::midpoint(LEFT, width - EDGE);
        draw_text(&mut body, (middle, bottom + 40.0), (NAME_FONT, INK, "middle"), &self.x_name);
        svg_document((width, bottom + BELOW), &self.title, &self.description, &body)
    }

    /// Every row with its horizontal axis and the titles above it, which are empty below the first row.
    fn rows(&self) -> impl Iterator<Item = (&Row, &Axis, &[String])> {
        self.stacks.iter().flat_map(|Stack { x, titles, rows }| {
            let titles = std::iter::once(titles.as_slice()).chain(std::iter::repeat(&[] as &[String]));
            rows.iter().zip(titles).map(move |(row, titles)| (row, x, titles))
        })
    }

    /// Every curve with its horizontal axis, panel by panel.
    fn curves(&self) -> impl Iterator<Item = (&Axis, &PanelCurve)> {
        self.rows().flat_map(|(row, x, _)| row.panels.iter().flatten().map(move |curve| (x, curve)))
    }

    /// Sets the scale of every axis of σ².
    pub fn set_sigma_scale(&mut self, scale: SigmaScale) {
        self.stacks.iter_mut().for_each(|stack| stack.x.set_sigma_scale(scale));
    }

    /// The look of each distinct curve, in the order of the panels.
    fn looks(&self) -> Vec<Look<'_>> {
        let curves = grouped(self.curves(), |(_, curve)| curve.identity());
        let styles = styles(curves.iter().map(|((label, _), _)| *label));
        let look = |((identity, curves), style): ((_, Vec<(&Axis, &PanelCurve)>), _)| {
            let has_line = curves.iter().any(|(x, curve)| curve.is_joined(x));
            Look { identity, style, has_line }
        };
        curves.into_iter().zip(styles).map(look).collect()
    }

    fn draw_legend(&self, body: &mut String, looks: &[Look<'_>], right: f64) -> f64 {
        let sample = |look: &Look<'_>| LegendSample::Curve {
            style: look.style,
            has_line: look.has_line,
            has_marker: true,
        };
        let mut entries: Vec<_> = looks.iter().map(|look| (look.identity.1, sample(look))).collect();
        let mut estimates =
            self.curves().flat_map(|(_, curve)| &curve.points).filter_map(|(_, estimate)| *estimate);
        if estimates.any(|estimate| estimate.interval.is_some()) {
            entries.push(band_entry(false));
        }
        draw_legend(body, &entries, (58.0, right))
    }
}

impl Row {
    /// Draws the row below `top`, with panels of width `panel_width`; returns its lower end.
    fn draw(
        &self,
        body: &mut String,
        looks: &[Look<'_>],
        (x, titles): (&Axis, &[String]),
        (top, panel_width): (f64, f64),
        is_labelled: bool,
    ) -> f64 {
        let has_titles = titles.iter().any(|title| !title.is_empty());
        let top = if has_titles { top + TITLE_HEIGHT } else { top };
        for (index, curves) in self.panels.iter().enumerate() {
            let left = LEFT + index as f64 * (panel_width + PANEL_GAP);
            let panel = Panel { x, y: &self.y, left, right: left + panel_width, top, height: PANEL_HEIGHT };
            let title = fitted(titles.get(index).map_or("", String::as_str), NAME_FONT, panel_width);
            draw_text(
                body,
                (f64::midpoint(left, left + panel_width), top - 7.0),
                (NAME_FONT, INK, "middle"),
                &title,
            );
            panel.draw_frame(body, (index == 0).then_some(self.name), &[]);
            if is_labelled {
                panel.draw_numbers_x(body);
            }
            let (mut drawn, mut crosses) = (Vec::new(), String::new());
            // A line of crosses for each curve that has some, so that none hides another.
            let mut cross_top = panel.top + 3.0;
            for Look { identity, style, .. } in looks {
                for curve in curves.iter().filter(|curve| curve.identity() == *identity) {
                    let stretches = curve.stretches(&panel);
                    drawn.push(Drawn { style, stretches, seeds: Vec::new(), has_markers: true });
                    let diverged = curve.points.iter().filter(|(_, estimate)| estimate.is_none());
                    let mut diverged = diverged.peekable();
                    if diverged.peek().is_none() {
                        continue;
                    }
                    for (value, _) in diverged {
                        let place = (panel.place_x(*value), cross_top);
                        draw_path(&mut crosses, &cross(place), style.color, CROSS_ATTRIBUTES);
                    }
                    cross_top += DIVERGENCE_LINE;
                }
            }
            panel.draw(body, &drawn);
            body.push_str(&crosses);
        }
        top + PANEL_HEIGHT
    }
}

impl PanelCurve {
    fn identity(&self) -> CurveIdentity<'_> {
        (&self.label, &self.legend)
    }

    /// Whether a line joins its points over the axis `x`.
    fn is_joined(&self, x: &Axis) -> bool {
        x.joins(self.points.iter().filter(|point| value(point).is_some()).count())
    }

    /// The parts of the curve between its gaps; single points where no line joins them.
    fn stretches(&self, panel: &Panel<'_>) -> Vec<Vec<PlacedEstimate>> {
        let place = |point: &(f64, Option<Estimate>)| Some((panel.place_x(point.0), value(point)?));
        let places: Vec<_> = self.points.iter().map(place).collect();
        let longest = if self.is_joined(panel.x) { places.len() } else { 1 };
        places.chunks(longest.max(1)).flat_map(stretches).collect()
    }
}

/// The estimate of a point, if it is drawn.
fn value((_, estimate): &(f64, Option<Estimate>)) -> Option<Estimate> {
    estimate.filter(Estimate::is_finite)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::statistics::Interval;

    fn picture() -> Multiples {
        let at =
            |mean| Some(Estimate { mean, interval: Some(Interval { low: mean - 0.1, high: mean + 0.1 }) });
        let curve = |label: &str, points| PanelCurve {
            label: label.to_owned(),
            legend: label.to_uppercase(),
            points,
        };
        let row = |name, panels| Row { name, y: Axis::covering(1.0), panels };
        let rows = vec![
            row(
                "a < b",
                vec![
                    vec![curve("dae", vec![(0.0, at(0.5)), (0.5, None), (1.0, at(0.2))])],
                    vec![curve("dae", vec![(0.0, at(0.5))]), curve("cae", vec![(0.0, at(0.4))])],
                ],
            ),
            row("below", vec![vec![curve("cae", vec![(0.0, at(0.4)), (1.0, at(0.4))])]]),
        ];
        let titles = ["left", "right"].map(str::to_owned).into();
        Multiples {
            title: "A <title>".to_owned(),
            subtitle: "in common".to_owned(),
            description: "What it shows.".to_owned(),
            x_name: "σ²".to_owned(),
            stacks: vec![Stack { x: Axis::covering(1.0), titles, rows }],
        }
    }

    #[test]
    fn every_panel_is_drawn_and_a_curve_looks_the_same_in_all() {
        let svg = picture().svg();
        for part in
            ["A &lt;title&gt;", "left", "right", "a &lt; b", "below", "DAE", "CAE", "95 % interval", "σ²"]
        {
            assert!(svg.contains(part), "{part}");
        }
        // Three frames; DAE and CAE have a sample in the legend, then two and two points with their markers.
        assert_eq!(svg.matches(r##"Z" fill="none" stroke="#1a1a1a"/>"##).count(), 3);
        assert_eq!(svg.matches(r##"<circle"##).count(), 1 + 3);
        assert_eq!(svg.matches("l7 7m0 -7l-7 7").count(), 1, "a cross where nothing completed");
        assert_eq!(svg.matches(">left</text>").count(), 1, "titles stand above the first row alone");
        assert!(super::super::png(&svg, 1.0).is_ok());
        assert_eq!(svg, picture().svg());
    }

    #[test]
    fn numbers_stand_below_the_last_row_of_equal_axes() {
        let mut picture = picture();
        let count = |picture: &Multiples| picture.svg().matches(">0.4</text>").count();
        // Two vertical axes and the horizontal axes below; the panel at the right has none below itself.
        assert_eq!(count(&picture), 2 + 2 + 1);
        picture.stacks[0].rows[1].panels.push(vec![]);
        assert_eq!(count(&picture), 2 + 2);
        let below =
            Stack { titles: vec![], rows: picture.stacks[0].rows.split_off(1), ..picture.stacks[0].clone() };
        picture.stacks.push(below);
        assert_eq!(count(&picture), 2 + 2, "the axes are equal");
        picture.stacks[1].x = Axis::covering(0.5);
        assert_eq!(count(&picture), 2 + 2 + 2);
    }

    /// One panel over `x` of two models with three points each.
    fn over(x: Axis) -> Multiples {
        let at =
            |mean| Some(Estimate { mean, interval: Some(Interval { low: mean - 0.1, high: mean + 0.1 }) });
        let curve = |label: &str, mean: f64| PanelCurve {
            label: label.to_owned(),
            legend: label.to_uppercase(),
            points: [0.0, 1.0, 2.0].map(|place| (place, at(mean))).into(),
        };
        let panels = vec![vec![curve("dae", 0.4), curve("mdae", 0.4)]];
        let rows = vec![Row { name: "", y: Axis::covering(1.0), panels }];
        Multiples {
            title: String::new(),
            subtitle: String::new(),
            description: String::new(),
            x_name: String::new(),
            stacks: vec![Stack { x, titles: vec![], rows }],
        }
    }

    fn lines(picture: &Multiples) -> usize {
        picture.svg().matches("stroke-linejoin").count()
    }

    #[test]
    fn a_line_over_epochs_takes_more_than_two() {
        let mut picture = over(Axis::epochs(2.0));
        assert_eq!(lines(&picture), 2 + 2);
        // DAE was measured in two epochs, in whichever order they come.
        picture.stacks[0].rows[0].panels[0][0].points[1].1 = Some(Estimate::GAP);
        assert_eq!(lines(&picture), 1 + 1);
        assert_eq!(picture.svg().matches("stroke-opacity=\"0.35\"").count(), 2, "a bar for each interval");
        assert_eq!(picture.svg().matches("<circle").count(), 1 + 2, "its points stay");
        picture.stacks[0].x = Axis::covering(2.0);
        picture.stacks[0].rows[0].panels[0][0].points.remove(1);
        assert_eq!(lines(&picture), 2 + 2, "another axis has lines");
    }

    #[test]
    fn every_axis_of_sigma_squared_takes_the_scale() {
        let mut picture = over(Axis::sigma_squared(&[0.0, 0.25, 1.0]));
        let middle = |picture: &Multiples| picture.stacks[0].x.place(0.25);
        assert_eq!(middle(&picture), 0.5);
        picture.set_sigma_scale(SigmaScale::Linear);
        assert_eq!(middle(&picture), 0.25);
        let mut epochs = over(Axis::epochs(2.0));
        epochs.set_sigma_scale(SigmaScale::Sigma);
        assert_eq!(epochs, over(Axis::epochs(2.0)));
    }
}
