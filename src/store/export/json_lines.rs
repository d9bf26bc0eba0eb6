//! Measurements as JSON Lines: what stands in `epochs.csv`, with all settings, under the paper's names and those of SAE tools.

use super::names::Named;
use crate::store::results::{Results, Settings};
use crate::training::Status;
use serde::Serialize;

/// A cell at an epoch.
#[derive(Serialize)]
struct Line<'a> {
    #[serde(flatten)]
    settings: &'a Settings,
    #[serde(flatten)]
    measured: Named<'a>,
    status: &'static str,
    version: &'a str,
}

impl Line<'_> {
    fn add_to(&self, lines: &mut Vec<u8>) {
        serde_json::to_writer(&mut *lines, self).expect("text, and numbers that are finite or absent");
        lines.push(b'\n');
    }
}

/// One flat object a line for each cell and measured epoch, in the order of `results` and their plans. Its keys are the settings
/// ([`Settings`]), `epoch`, what was measured ([`crate::training::Measurement`]), the names of [`super::SaeNames`], `status`
/// (`completed` or `diverged`, of the run as a whole) and `version`. What is absent is `null`.
///
/// Cells at σ² = 0 share a run, which their `run_key` tells: each has its lines, as in `epochs.csv`.
pub fn json_lines(results: &[Results]) -> Vec<u8> {
    let mut lines = Vec::new();
    for run in results.iter().flat_map(|results| &results.runs) {
        for measurement in &run.record.measurements {
            let line = Line {
                settings: &run.settings,
                measured: Named::new(measurement, run.settings.hidden),
                status: match run.record.status {
                    Status::Completed => "completed",
                    Status::Diverged { .. } => "diverged",
                },
                version: &run.record.version,
            };
            line.add_to(&mut lines);
        }
    }
    lines
}
