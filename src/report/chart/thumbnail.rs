//! A figure at the size of a thumbnail.

use super::axis::Axis;
use super::curves::{ACTIVATION, Curves, stretches};
use super::panel::Panel;
use super::sheet::{INK, PAPER, number};
use super::text::escape;
use crate::report::figure::Figure;
use std::fmt::Write as _;

/// Width and height, and what is between the frame and the edges: half of the frame's line and some air.
const SIZE: (f64, f64) = (300.0, 170.0);
const EDGE: f64 = 2.0;

/// The activation fraction of a figure in small: frame, bands and lines in the colours and on the scales of [`svg`](super::svg),
/// without markers or any text but the title, which screen readers read. 300 by 170 units.
pub fn thumbnail(figure: &Figure) -> String {
    let curves = Curves::new(figure);
    let (width, height) = SIZE;
    let y = Axis::covering(1.0);
    let panel = Panel {
        x: &curves.x,
        y: &y,
        left: EDGE,
        right: width - EDGE,
        top: EDGE,
        height: height - 2.0 * EDGE,
    };
    let (mut bands, mut lines) = (String::new(), String::new());
    for (series, style) in &curves.curves {
        let stretches = stretches(&panel, series, &ACTIVATION);
        let joined = |paths: Vec<(String, usize)>, end: &str| -> String {
            paths.into_iter().filter(|(_, points)| *points > 1).map(|(path, _)| path + end).collect()
        };
        let band = joined(panel.band_paths(&stretches), "Z");
        if !band.is_empty() {
            let _ = writeln!(bands, r#"<path d="{band}" fill="{}" fill-opacity="0.18"/>"#, style.color);
        }
        let line = joined(panel.line_paths(&stretches), "");
        if !line.is_empty() {
            let _ = writeln!(lines, r#"<path d="{line}" {}/>"#, style.stroke());
        }
        let alone = stretches.iter().filter(|stretch| stretch.len() == 1).flatten();
        panel.dots(&mut lines, &alone.map(|(x, e)| (*x, e.mean)).collect::<Vec<_>>(), style);
    }
    let frame = format!(
        r#"<rect x="{EDGE}" y="{EDGE}" width="{}" height="{}" fill="{PAPER}" stroke="{INK}"/>"#,
        number(panel.right - panel.left),
        number(panel.height)
    );
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\" role=\"img\">\n<title>{}</title>\n{frame}\n{bands}{lines}</svg>\n",
        escape(&figure.title)
    )
}
