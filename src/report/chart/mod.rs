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
mod curves;
mod legend;
mod multiples;
mod panel;
#[cfg(feature = "png")]
mod png;
#[cfg(not(feature = "png"))]
#[path = "no_png.rs"]
mod png;
mod sheet;
mod style;
mod text;

pub use axis::Axis;
pub use bars::Bars;
pub use curves::{svg, thumbnail};
pub(super) use multiples::greatest_value;
pub use multiples::{Curve, Multiples, Row, Stack};
pub(super) use png::has_png;
pub use png::png;
#[cfg(feature = "png")]
pub(super) use png::refuse;
pub use sheet::{GRID, INK, MUTED, PAPER};
#[cfg(feature = "png")]
pub(super) use sheet::{heading_end, lettering};

#[cfg(test)]
mod tests;
