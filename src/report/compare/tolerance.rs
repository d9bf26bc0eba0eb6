//! Whether the fractions of two results agree within a tolerance.

use super::difference::ComparedMetric;
use super::folders::{ComparedCell, FRACTIONS, FolderComparison, SharedCell};
use super::runs::RunComparison;
use serde::Serialize;

/// The result of comparing fractions with a tolerance: the activation fraction, and dead units as a fraction of m.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ToleranceCheck {
    /// The largest difference that is accepted.
    pub tolerance: f64,
    /// Number of pairs of runs that were compared.
    pub compared: usize,
    /// Number of cells that were not compared: those of one folder alone, and ambiguous ones.
    pub not_compared: usize,
    /// The largest difference between two numbers; `None` where no two were compared.
    pub largest: Option<f64>,
    /// The fractions that differ by more, or that only one of both runs has because the other diverged.
    pub exceeded: Vec<ComparedFraction>,
}

/// A fraction of two runs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ComparedFraction {
    /// The cell; `None` where two runs are compared and not two folders.
    #[serde(flatten)]
    pub cell: Option<ComparedCell>,
    /// The fraction.
    #[serde(flatten)]
    pub metric: ComparedMetric,
}

impl ToleranceCheck {
    /// Compares the fractions of two runs with `tolerance`.
    pub(super) fn of_runs(runs: &RunComparison, tolerance: f64) -> Self {
        let is_fraction = |result: &&ComparedMetric| FRACTIONS.iter().any(|f| f.name == result.name);
        let fractions = runs.results.iter().filter(is_fraction).cloned();
        Self::of(fractions.map(|metric| ComparedFraction { cell: None, metric }).collect(), (1, 0), tolerance)
    }

    /// Compares the fractions of two folders' cells with `tolerance`.
    pub(super) fn of_folders(folders: &FolderComparison, tolerance: f64) -> Self {
        let not_compared = folders.only_a.len() + folders.only_b.len() + folders.ambiguous.len();
        let fractions = folders.cells.iter().flat_map(fractions).collect();
        Self::of(fractions, (folders.cells.len(), not_compared), tolerance)
    }

    fn of(
        fractions: Vec<ComparedFraction>,
        (compared, not_compared): (usize, usize),
        tolerance: f64,
    ) -> Self {
        let sizes = fractions.iter().filter_map(|fraction| fraction.metric.difference);
        let largest = sizes.map(f64::abs).max_by(f64::total_cmp);
        let exceeds = |fraction: &ComparedFraction| match fraction.metric {
            ComparedMetric { difference: Some(difference), .. } => difference.abs() > tolerance,
            ComparedMetric { a, b, .. } => a.is_some() != b.is_some(),
        };
        let exceeded = fractions.into_iter().filter(exceeds).collect();
        Self { tolerance, compared, not_compared, largest, exceeded }
    }

    /// Whether there was something to compare, everything was compared, and every fraction agrees.
    pub fn holds(&self) -> bool {
        self.compared > 0 && self.not_compared == 0 && self.exceeded.is_empty()
    }
}

fn fractions(pair: &SharedCell) -> [ComparedFraction; 2] {
    [&pair.activation_fraction, &pair.dead_fraction]
        .map(|metric| ComparedFraction { cell: Some(pair.cell.clone()), metric: metric.clone() })
}
