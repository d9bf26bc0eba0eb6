//! `records/<run_key>.json`: one finished run, complete in itself, with a digest that shows damage.
//!
//! A record holds the settings that determined the run's numbers ([`crate::training::RunSpec`]), the status, the measurements and the
//! processor. It holds no times, hosts, users or paths, so it can be committed and compared.
//! Numbers are written in shortest round-trip form and read back bit for bit. A record that is damaged, has another format or a wrong
//! name is an error with its path; it is never trusted and never overwritten.

use super::machine::Processor;
use super::{files, sealed};
use crate::data::digest::agree;
use crate::error::Result;
use crate::training::{Activity, Measurement, Outcome, RunSpec, Status, THRESHOLDS};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};
use std::path::{Path, PathBuf};

/// The marker of the file format.
const FORMAT: &str = "aesparse record 1";

/// The record of a finished run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// [`RunSpec::key`] of `spec`: the file's name.
    pub run_key: String,
    /// The settings that determined the run's numbers; at σ² = 0 the plain auto-encoder's.
    #[serde(rename = "identity")]
    pub spec: RunSpec,
    /// How the run ended. In the file, the fields of the status are fields of the record.
    pub status: Status,
    /// The measured epochs, in order.
    pub measurements: Vec<Measurement>,
    /// The activity of the units after the last epoch; absent where the run diverged, and in records older than this field.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub activity: Option<Activity>,
    /// The program's version.
    pub version: String,
    /// The processor on which the run ended.
    #[serde(rename = "computed_on")]
    pub processor: Processor,
    /// Other processors that the run was computed on before it was resumed on this one; empty in most records.
    #[serde(rename = "earlier_computed_on", default, skip_serializing_if = "Vec::is_empty")]
    pub earlier_processors: Vec<Processor>,
}

impl Record {
    /// The folder of these files in a results folder.
    pub const FOLDER: &'static str = "records";

    /// The path of a run's file in the results folder `folder`.
    pub fn path(folder: &Path, run_key: &str) -> PathBuf {
        folder.join(Self::FOLDER).join(format!("{run_key}.json"))
    }

    /// The record of the run `spec`, which has just ended with `outcome` and was computed on this machine only.
    ///
    /// For a run that diverged, keeps the measurements before the first one that is not finite.
    pub fn new(spec: &RunSpec, mut outcome: Outcome) -> Self {
        if outcome.status != Status::Completed {
            let finite = outcome.measurements.iter().take_while(|m| m.not_finite().is_none()).count();
            outcome.measurements.truncate(finite);
        }
        Self {
            run_key: spec.key(),
            spec: spec.clone(),
            status: outcome.status,
            measurements: outcome.measurements,
            activity: outcome.activity,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            processor: Processor::detect(),
            earlier_processors: Vec::new(),
        }
    }

    /// Every processor that the run was computed on, the latest first.
    pub fn processors(&self) -> impl Iterator<Item = &Processor> + Clone {
        std::iter::once(&self.processor).chain(&self.earlier_processors)
    }

    /// The measurement after the last epoch; `None` for a run that diverged, which has no results.
    pub fn result(&self) -> Option<&Measurement> {
        match self.status {
            Status::Completed => self.measurements.last(),
            Status::Diverged { .. } => None,
        }
    }

    /// Whether the run completed with a collapsed network ([`Measurement::is_collapsed`]).
    pub fn is_collapsed(&self) -> bool {
        self.result().is_some_and(Measurement::is_collapsed)
    }

    /// Whether `other` is of the same run and has the same numbers, as far as both have them. They may have measured different epochs,
    /// and older records lack the units' activity.
    pub fn agrees_with(&self, other: &Self) -> bool {
        let measured = |m: &Measurement| other.measurements.iter().find(|other| other.epoch == m.epoch);
        let activities = self.activity.as_ref().zip(other.activity.as_ref());
        self.run_key == other.run_key
            && self.status == other.status
            && self.measurements.iter().all(|m| measured(m).is_none_or(|other| m == other))
            && activities.is_none_or(|(own, other)| own == other)
    }

    /// The file's content.
    ///
    /// # Errors
    /// A sentence that says why the record can't be stored, such as a number that isn't finite or measurements out of order.
    pub fn encode(&self) -> Result<Vec<u8>, String> {
        self.check()?;
        let mut content = serde_json::to_value(self).map_err(|e| e.to_string())?;
        if let (Json::Object(status), Some(content)) = (content["status"].take(), content.as_object_mut()) {
            content.extend(status);
        }
        sealed::seal(FORMAT, content)
    }

    /// The record in the file's content.
    ///
    /// # Errors
    /// A sentence that says what is wrong.
    pub fn decode(bytes: &[u8]) -> Result<Self, String> {
        let mut content = sealed::open(bytes, FORMAT, "record")?;
        let mut status = Map::new();
        for field in ["status", "epoch", "step"] {
            status.extend(content.as_object_mut().and_then(|content| content.remove_entry(field)));
        }
        content["status"] = status.into();
        let record: Self = serde_json::from_value(content).map_err(|e| format!("not a record: {e}"))?;
        record.check()?;
        Ok(record)
    }

    /// Reads `path`, which must be called `<run_key>.json`.
    ///
    /// # Errors
    /// [`crate::error::Error::Store`] with the path, what is wrong and what to do; [`crate::error::Error::Io`] where it can't be read.
    pub fn load(path: &Path) -> Result<Self> {
        files::load(path, Self::decode, |record| &record.run_key)
    }

    /// Checks the conditions of every record, before it is written and after it was read.
    fn check(&self) -> Result<(), String> {
        let expected = self.spec.key();
        if !agree(&expected, &self.run_key) {
            return Err(format!("its run key is {}, but its settings have the key {expected}", self.run_key));
        }
        if !self.measurements.is_sorted_by(|a, b| a.epoch < b.epoch) {
            return Err("its measurements are not in the order of the epochs".to_owned());
        }
        let last = self.measurements.last().map(|last| last.epoch);
        if self.status == Status::Completed && last != Some(self.spec.epochs) {
            return Err("it completed, but its last epoch was not measured".to_owned());
        }
        if let Some(activity) = &self.activity {
            self.check_activity(activity)?;
        }
        for measurement in &self.measurements {
            if let Some(metric) = measurement.not_finite() {
                return Err(format!(
                    "`{}` of epoch {} is not a finite number",
                    metric.name, measurement.epoch
                ));
            }
        }
        Ok(())
    }

    /// Checks that `activity` has a count for each unit and threshold, and agrees with the last measurement.
    fn check_activity(&self, activity: &Activity) -> Result<(), String> {
        let by_threshold = [&activity.pairs_above, &activity.units_never_above];
        let units = activity.active_samples.len();
        if by_threshold.iter().any(|counts| counts.len() != THRESHOLDS.len()) || units != self.spec.hidden {
            return Err("its `activity` does not have a count for each unit and threshold".to_owned());
        }
        let Some(result) = self.result() else {
            return Err("it has an `activity`, but it diverged".to_owned());
        };
        let dead = activity.active_samples.iter().filter(|samples| **samples == 0).count() as u64;
        let active: u64 = activity.active_samples.iter().sum();
        let pairs = self.spec.samples as f64 * units as f64;
        if dead != result.dead_units || active as f64 / pairs != result.avg_activation_fraction {
            return Err("its `activity` and its last measurement do not agree".to_owned());
        }
        Ok(())
    }
}
