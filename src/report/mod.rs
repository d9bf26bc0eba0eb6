//! From stored results alone: figures, claims, the report.

pub mod chart;
pub mod claims;
pub mod figure;
pub mod statistics;
