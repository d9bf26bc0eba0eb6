//! A figure at the size of a thumbnail.

use super::axis::Axis;
use super::curves::{ACTIVATION, Curves};
use super::panel::Panel;
use super::sheet::{INK, PAPER, number};
use super::text::escape;
use crate::report::figure::Figure;

/// Width and height, and what is between the frame and the edges: half of the frame's line and some air.
const SIZE: (f64, f64) = (300.0, 170.0);
const EDGE: f64 = 2.0;

/// The activation fraction of a figure in small: frame, bands and lines in the colours and on the scales of [`svg`](super::svg),
/// without markers or any text but the title, which screen readers read; a point without neighbours is a dot. 300 by 170 units.
pub fn thumbnail(figure: &Figure) -> String {
    let curves = Curves::new(figure);
    let (width, height) = SIZE;
    let (left, right, top, y) = (EDGE, width - EDGE, EDGE, Axis::covering(1.0));
    let panel = Panel { x: &curves.x, y: &y, left, right, top, height: height - 2.0 * EDGE };
    let mut drawn = curves.drawn(&panel, &ACTIVATION);
    for curve in &mut drawn {
        let alone = curve.stretches.iter().filter(|stretch| stretch.len() == 1).flatten();
        curve.seeds = alone.map(|(x, estimate)| (*x, estimate.mean)).collect();
        curve.has_markers = false;
    }
    let mut body = String::new();
    panel.draw(&mut body, &drawn);
    let (inner_width, inner_height) = (number(right - left), number(panel.height));
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\" role=\"img\">\n<title>{}</title>\n\
         <rect x=\"{EDGE}\" y=\"{EDGE}\" width=\"{inner_width}\" height=\"{inner_height}\" \
         fill=\"{PAPER}\" stroke=\"{INK}\"/>\n{body}</svg>\n",
        escape(&figure.title)
    )
}
