//! Two runs, or two results folders, side by side: which settings differ, and by how much their results do.

mod difference;
mod folders;
mod runs;
mod tolerance;

pub use difference::{ComparedMetric, Difference, differences};
pub use folders::{ComparedCell, FolderComparison, MeanDifference, SeedMeans, SharedCell};
pub use runs::{ComparedRun, RunComparison};
pub use tolerance::{ComparedFraction, ToleranceCheck};

use serde::Serialize;

/// A comparison, as `compare --json` writes it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Comparison {
    /// Two runs.
    Runs(RunComparison),
    /// Two results folders.
    Folders(FolderComparison),
}

impl Comparison {
    /// Compares the fractions of both sides with `tolerance`.
    pub fn check(&self, tolerance: f64) -> ToleranceCheck {
        match self {
            Self::Runs(runs) => ToleranceCheck::of_runs(runs, tolerance),
            Self::Folders(folders) => ToleranceCheck::of_folders(folders, tolerance),
        }
    }
}
