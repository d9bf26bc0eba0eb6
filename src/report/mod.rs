//! From stored results alone: figures, claims, the report.

mod catalogue;
pub mod caveats;
pub mod chart;
pub mod claims;
pub mod controls;
mod drawings;
pub mod figure;
pub mod html;
pub mod markdown;
mod picture;
pub mod statistics;
mod table;
pub mod theory;

pub use catalogue::{BuiltIn, PaperFigure};
pub use drawings::Drawing;
pub use picture::Picture;
