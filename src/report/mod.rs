//! The report and its parts, computed from stored results alone: figures, verdicts on claims, controls, the theory.

mod blocks;
mod catalogue;
pub mod caveats;
pub mod chart;
pub mod claims;
pub mod compare;
pub mod controls;
mod corollary;
pub mod dictionary;
pub mod document;
mod drawing;
pub mod figure;
pub mod figures;
pub mod inspect;
mod numbers;
mod page;
mod provenance;
pub mod recomputation;
pub mod render;
pub mod statistics;
pub mod text;
pub mod theory;

pub use blocks::BlockProblem;
pub use catalogue::{BuiltIn, PaperFigure};
pub use drawing::{Chart, Drawing, FIGURES};
pub use page::{Prose, Report};
pub use text::printable;
