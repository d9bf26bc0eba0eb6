//! A histogram: bars over an axis, and a separate bar beside them.

use super::axis::Axis;
use super::panel::Panel;
use super::sheet::{
    BELOW, INK, LEFT, RIGHT, SMALL_FONT, WIDTH, coordinate, draw_heading, draw_text, svg_document,
};
use std::fmt::Write as _;

/// Width of the separate bar's panel, and the gap between the two panels.
const ASIDE_WIDTH: f64 = 64.0;
const GAP: f64 = 22.0;
/// The panels' upper edge and their height.
const TOP: f64 = 84.0;
const HEIGHT: f64 = 260.0;
/// Colours of the bars and of the separate bar.
const BAR_COLOR: &str = "#0072b2";
const ASIDE_COLOR: &str = "#d55e00";

/// A histogram.
#[derive(Debug, Clone, PartialEq)]
pub struct Bars {
    /// Its heading.
    pub title: String,
    /// Its subtitle: the histogram's subject.
    pub subtitle: String,
    /// A second line below the title.
    pub remark: String,
    /// What the chart shows, for readers who cannot see it.
    pub description: String,
    /// The name of the horizontal axis.
    pub x_name: String,
    /// The name of the vertical axis.
    pub y_name: String,
    /// The name and the count of the separate bar.
    pub aside: (String, u64),
    /// The horizontal axis.
    pub x: Axis,
    /// The bounds of each bar on the axis, and its count.
    pub bars: Vec<(f64, f64, u64)>,
}

impl Bars {
    /// The picture as SVG, 640 units wide.
    pub fn svg(&self) -> String {
        let mut body = String::new();
        draw_heading(&mut body, (LEFT, RIGHT - LEFT), &self.title, &[&self.subtitle, &self.remark]);
        let greatest = self.bars.iter().map(|bar| bar.2).chain([self.aside.1]).max().unwrap_or(0);
        let y = Axis::covering((greatest as f64).max(1.0));
        let name = Axis::name(&self.aside.0);
        let aside =
            Panel { x: &name, y: &y, left: LEFT, right: LEFT + ASIDE_WIDTH, top: TOP, height: HEIGHT };
        let panel = Panel { x: &self.x, left: LEFT + ASIDE_WIDTH + GAP, right: RIGHT, ..aside };
        aside.draw_frame(&mut body, Some(&self.y_name), &[]);
        panel.draw_frame(&mut body, None, &[]);
        let middle = f64::midpoint(aside.left, aside.right);
        let count = self.aside.1;
        draw(&mut body, &aside, (middle - 14.0, middle + 14.0), count, ASIDE_COLOR);
        let above = aside.place_y(count as f64).max(TOP + 16.0) - 4.0;
        draw_text(&mut body, (middle, above), (SMALL_FONT, INK, "middle"), &count.to_string());
        for (from, to, count) in &self.bars {
            let places = (panel.place_x(*from) + 0.5, panel.place_x(*to) - 0.5);
            draw(&mut body, &panel, places, *count, BAR_COLOR);
        }
        aside.draw_numbers_x(&mut body);
        panel.draw_labels_x(&mut body, &self.x_name);
        svg_document((WIDTH, panel.bottom() + BELOW), &self.title, &self.description, &body)
    }
}

fn draw(body: &mut String, panel: &Panel<'_>, (left, right): (f64, f64), count: u64, color: &str) {
    if count > 0 {
        let places = [left, panel.bottom(), panel.place_y(count as f64), right].map(coordinate);
        let [left, bottom, top, right] = places;
        let _ = writeln!(body, r#"<path d="M{left} {bottom}V{top}H{right}V{bottom}Z" fill="{color}"/>"#);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_stand_where_they_count_and_one_apart() {
        let bars = Bars {
            title: "A <title>".to_owned(),
            subtitle: "of what".to_owned(),
            remark: "counted how".to_owned(),
            description: "What it shows.".to_owned(),
            x_name: "share".to_owned(),
            y_name: "units".to_owned(),
            aside: ("dead".to_owned(), 3),
            x: Axis::covering(1.0),
            bars: vec![(0.0, 0.5, 10), (0.5, 1.0, 0)],
        };
        let svg = bars.svg();
        for part in
            ["A &lt;title&gt;", "of what", "counted how", "share", "units", ">dead</text>", ">3</text>"]
        {
            assert!(svg.contains(part), "{part}");
        }
        // The highest bar reaches the top of its panel, which begins after the separate bar's, and is half as wide as the panel.
        let (left, right) = (LEFT + ASIDE_WIDTH + GAP, RIGHT);
        let bar = format!(
            "M{} 344V84H{}V344Z",
            coordinate(left + 0.5),
            coordinate(f64::midpoint(left, right) - 0.5)
        );
        assert!(svg.contains(&bar), "{bar}\n{svg}");
        assert_eq!(svg.matches("Z\" fill=\"#0072b2\"").count(), 1, "an empty bar isn't drawn");
        assert_eq!(svg.matches("Z\" fill=\"#d55e00\"").count(), 1);
        assert!(super::super::png(&svg, 1.0).is_ok());
    }
}
