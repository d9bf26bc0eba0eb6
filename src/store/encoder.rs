//! The description of an encoder, which is in a file of weights beside W, b and `b_d`: with it the file alone is enough to encode other
//! samples.
//!
//! In `.npz` it is the member [`DESCRIPTION`], in safetensors the metadata of the same name: JSON with a format marker and the digest of
//! itself. Under feature and global scope two arrays of f64 follow, `mean` \[n\] and `sd` \[n\].

use super::sealed;
use crate::data::digest::agree;
use crate::data::{Preparation, Statistics};
use crate::training::RunSpec;
use ndarray::Array1;
use serde::{Deserialize, Serialize};

/// The name of the description in a file of weights.
pub(super) const DESCRIPTION: &str = "encoder.json";

/// The marker of the description's format.
const FORMAT: &str = "aesparse encoder 1";

/// Everything beside the parameters that encoding needs, and the run that they come from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EncoderSpec {
    /// [`RunSpec::key`] of the run.
    pub run_key: String,
    /// The settings of the run, among them the activation, the threshold δ_min and the standardisation.
    #[serde(rename = "identity")]
    pub spec: RunSpec,
    /// How raw values become inputs.
    pub input: Preparation,
    /// The version of the program that trained the run.
    pub version: String,
}

impl EncoderSpec {
    /// The description of the run `spec`, trained by version `version` of the program on samples that were treated as `input` says.
    pub fn new(spec: &RunSpec, input: Preparation, version: &str) -> Self {
        Self { run_key: spec.key(), spec: spec.clone(), input, version: version.to_owned() }
    }

    /// The description as JSON.
    ///
    /// # Errors
    /// A sentence, where a number isn't finite.
    pub(super) fn json(&self) -> Result<Vec<u8>, String> {
        sealed::seal(FORMAT, self)
    }

    /// The arrays beside the description, with their names.
    pub(super) fn arrays(&self) -> impl Iterator<Item = (&'static str, &Array1<f64>)> {
        self.input.statistics.iter().flat_map(|Statistics { mean, sd }| [("mean", mean), ("sd", sd)])
    }

    /// The description `json`; `array` returns the array of the given name and length beside it.
    ///
    /// # Errors
    /// A sentence that says what is wrong.
    pub(super) fn read(
        json: &[u8],
        mut array: impl FnMut(&str, usize) -> Result<Array1<f64>, String>,
    ) -> Result<Self, String> {
        let refuse = |problem| format!("`{DESCRIPTION}` in it can't be used: {problem}");
        let content = sealed::open(json, FORMAT, "description of an encoder").map_err(refuse)?;
        let mut read: Self = serde_json::from_value(content).map_err(|e| refuse(e.to_string()))?;
        let expected = read.spec.key();
        if !agree(&expected, &read.run_key) {
            return Err(refuse(format!(
                "its run key is {}, but its settings have the key {expected}",
                read.run_key
            )));
        }
        if read.spec.standardize.needs_statistics() {
            let (mean, sd) = (array("mean", read.spec.inputs)?, array("sd", read.spec.inputs)?);
            if let Some(sd) = sd.iter().find(|sd| **sd < 0.0) {
                return Err(format!("the array `sd` holds {sd}, expected 0 or more"));
            }
            read.input.statistics = Some(Statistics { mean, sd });
        }
        Ok(read)
    }
}
