//! Charts as SVG, and PNG rendered from it.
//!
//! The SVG is written here and not by a plotting library: `plotters`, the usual one, has integer coordinates only, draws a dashed
//! line as separate pieces, has no descriptions for screen readers, and can't measure text without the system's fonts.
//!
//! Equal charts give equal bytes. Everything but curves and bars has one of the colours [`INK`], [`MUTED`], [`GRID`] and
//! [`PAPER`], so that a page with a dark theme can replace these four. The only curve with such a colour is the plain
//! auto-encoder's line, which is [`INK`].

mod axis;
mod bars;
mod curves;
mod fidelity;
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
pub use fidelity::fidelity_svg;
pub(super) use fidelity::has_fidelity;
pub(super) use multiples::greatest_value;
pub use multiples::{Multiples, PanelCurve, Row, Stack};
pub(super) use png::has_png;
pub use png::png;
#[cfg(feature = "png")]
pub(super) use png::refuse;
pub use sheet::{GRID, INK, MUTED, PAPER};
#[cfg(feature = "png")]
pub(super) use sheet::{heading_end, lettering};

#[cfg(test)]
mod tests;
