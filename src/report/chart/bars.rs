//! A histogram: bars over an axis, and one bar apart from them.

use super::axis::Axis;
use super::panel::Panel;
use super::sheet::{BELOW, INK, LEFT, RIGHT, SMALL, WIDTH, document, heading, number, text};
use std::fmt::Write as _;

/// Width of the bar that stands apart with its frame, and what is between it and the others.
const ASIDE: f64 = 64.0;
const GAP: f64 = 22.0;
/// The panels' upper edge and their height.
const TOP: f64 = 84.0;
const HEIGHT: f64 = 260.0;
/// Colours of the bars and of the one apart: two of the curves', which stay apart without colours by their places.
const BAR: &str = "#0072b2";
const APART: &str = "#d55e00";

/// A histogram.
#[derive(Debug, Clone, PartialEq)]
pub struct Bars {
    /// Its heading.
    pub title: String,
    /// What it is a histogram of.
    pub subtitle: String,
    /// What is to be known beside that.
    pub remark: String,
    /// What it shows, for those who can't see it.
    pub description: String,
    /// The horizontal axis' name.
    pub x_name: String,
    /// The vertical axis' name.
    pub y_name: String,
    /// The name of the bar apart, and what it counts.
    pub aside: (String, u64),
    /// The horizontal axis.
    pub x: Axis,
    /// Where each bar begins and ends on the axis, and what it counts.
    pub bars: Vec<(f64, f64, u64)>,
}

impl Bars {
    /// The picture as SVG, 640 units wide.
    pub fn svg(&self) -> String {
        let mut body = String::new();
        heading(&mut body, (LEFT, RIGHT - LEFT), &self.title, &[&self.subtitle, &self.remark]);
        let greatest = self.bars.iter().map(|bar| bar.2).chain([self.aside.1]).max().unwrap_or(0);
        let y = Axis::covering((greatest as f64).max(1.0));
        let name = Axis::name(&self.aside.0);
        let aside = Panel { x: &name, y: &y, left: LEFT, right: LEFT + ASIDE, top: TOP, height: HEIGHT };
        let panel = Panel { x: &self.x, left: LEFT + ASIDE + GAP, right: RIGHT, ..aside };
        aside.frame(&mut body, Some(&self.y_name), &[]);
        panel.frame(&mut body, None, &[]);
        let middle = f64::midpoint(aside.left, aside.right);
        let count = self.aside.1;
        draw(&mut body, &aside, (middle - 14.0, middle + 14.0), count, APART);
        let above = aside.place_y(count as f64).max(TOP + 16.0) - 4.0;
        text(&mut body, (middle, above), (SMALL, INK, "middle"), &count.to_string());
        for (from, to, count) in &self.bars {
            let places = (panel.place_x(*from) + 0.5, panel.place_x(*to) - 0.5);
            draw(&mut body, &panel, places, *count, BAR);
        }
        aside.number_x(&mut body);
        panel.label_x(&mut body, &self.x_name);
        document((WIDTH, panel.bottom() + BELOW), &self.title, &self.description, &body)
    }
}

fn draw(body: &mut String, panel: &Panel<'_>, (left, right): (f64, f64), count: u64, color: &str) {
    if count > 0 {
        let places = [left, panel.bottom(), panel.place_y(count as f64), right].map(number);
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
        // The highest bar goes to the axis' end and half as far as the panel, which begins behind the other one.
        let (left, right) = (LEFT + ASIDE + GAP, RIGHT);
        let bar = format!("M{} 344V84H{}V344Z", number(left + 0.5), number(f64::midpoint(left, right) - 0.5));
        assert!(svg.contains(&bar), "{bar}\n{svg}");
        assert_eq!(svg.matches("Z\" fill=\"#0072b2\"").count(), 1, "an empty bar isn't drawn");
        assert_eq!(svg.matches("Z\" fill=\"#d55e00\"").count(), 1);
        assert!(super::super::png(&svg, 1.0).is_ok());
    }
}
