//! Measurements as JSON Lines: the content of `epochs.csv` with all settings, under the paper's names and those of SAE tools.

use super::names::ExportedMeasurement;
use crate::store::columns::setting_columns;
use crate::store::results::Results;
use crate::store::run::StoredRun;
use serde::{Serialize, Serializer};

/// A line: a cell at a measured epoch.
#[derive(Serialize)]
struct JsonLine<'a> {
    #[serde(flatten)]
    settings: SettingCells<'a>,
    #[serde(flatten)]
    measured: ExportedMeasurement<'a>,
    status: &'static str,
    version: &'a str,
}

/// A run's settings by their columns.
struct SettingCells<'a>(&'a StoredRun);

impl Serialize for SettingCells<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(setting_columns().map(|column| (column.name, column.cell(self.0, None))))
    }
}

impl JsonLine<'_> {
    fn add_to(&self, lines: &mut Vec<u8>) {
        serde_json::to_writer(&mut *lines, self).expect("text, and numbers that are finite or absent");
        lines.push(b'\n');
    }
}

/// One line with a flat object for each cell and measured epoch, in the order of `results` and their plans. The keys are the settings
/// ([`crate::store::setting_columns`]), `epoch`, the measurements ([`crate::training::Measurement`]), the names of [`super::SaeNames`],
/// `status` (`completed` or `diverged`, of the whole run) and `version`. An absent value is `null`.
///
/// Cells at σ² = 0 share a run and so have the same `run_key`; each has its own lines, as in `epochs.csv`.
pub fn json_lines(results: &[Results]) -> Vec<u8> {
    let mut lines = Vec::new();
    for run in results.iter().flat_map(|results| &results.runs) {
        for measurement in &run.record.measurements {
            let line = JsonLine {
                settings: SettingCells(run),
                measured: ExportedMeasurement::new(measurement, run.spec.hidden),
                status: run.record.status.name(),
                version: &run.record.version,
            };
            line.add_to(&mut lines);
        }
    }
    lines
}
