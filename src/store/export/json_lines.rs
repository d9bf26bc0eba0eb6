//! Measurements as JSON Lines: what stands in `epochs.csv`, with all settings, under the paper's names and those of SAE tools.

use super::names::Named;
use crate::store::columns::setting_columns;
use crate::store::results::Results;
use crate::store::run::StoredRun;
use serde::{Serialize, Serializer};

/// A cell at an epoch.
#[derive(Serialize)]
struct Line<'a> {
    #[serde(flatten)]
    settings: Settings<'a>,
    #[serde(flatten)]
    measured: Named<'a>,
    status: &'static str,
    version: &'a str,
}

/// A run's settings by their columns.
struct Settings<'a>(&'a StoredRun);

impl Serialize for Settings<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(setting_columns().map(|column| (column.name, column.cell(self.0, None))))
    }
}

impl Line<'_> {
    fn add_to(&self, lines: &mut Vec<u8>) {
        serde_json::to_writer(&mut *lines, self).expect("text, and numbers that are finite or absent");
        lines.push(b'\n');
    }
}

/// One flat object a line for each cell and measured epoch, in the order of `results` and their plans. Its keys are the settings
/// ([`crate::store::setting_columns`]), `epoch`, what was measured ([`crate::training::Measurement`]), the names of [`super::SaeNames`], `status`
/// (`completed` or `diverged`, of the run as a whole) and `version`. What is absent is `null`.
///
/// Cells at σ² = 0 share a run, which their `run_key` tells: each has its lines, as in `epochs.csv`.
pub fn json_lines(results: &[Results]) -> Vec<u8> {
    let mut lines = Vec::new();
    for run in results.iter().flat_map(|results| &results.runs) {
        for measurement in &run.record.measurements {
            let line = Line {
                settings: Settings(run),
                measured: Named::new(measurement, run.spec.hidden),
                status: run.record.status.name(),
                version: &run.record.version,
            };
            line.add_to(&mut lines);
        }
    }
    lines
}
