//! One training, resolved: exactly what determines its numbers, and the key that follows from it.

use super::watch::TheorySpec;
use crate::activation::ActivationSpec;
use crate::constraint::Constraint;
use crate::data::digest::sha256;
use crate::data::{Precision, Standardize};
use crate::optimizer::EncoderBias;
use crate::regularizer::{RegularizerKind, RegularizerSpec};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

/// Raised by hand whenever the numbers of a run change; part of every run's identity.
pub const NUMERICS_VERSION: u32 = 2;

/// Everything that determines a run's numbers. Its JSON is the run's identity, of which the run key is the digest.
///
/// A setting that came after runs were recorded is left out of the JSON at its default, so that those runs keep their keys.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunSpec {
    /// [`NUMERICS_VERSION`] of the program that trains or trained the run.
    pub numerics: u32,
    /// SHA-256 of the data source, 64 hex digits.
    pub data_sha256: String,
    /// N, the number of training samples.
    pub samples: usize,
    /// n, the number of inputs.
    pub inputs: usize,
    /// How the samples were standardised.
    pub standardize: Standardize,
    /// The precision that they had before.
    #[serde(default, skip_serializing_if = "is_default")]
    pub standardized_from: Precision,
    /// m, the number of hidden units.
    pub hidden: usize,
    /// s_e.
    pub activation: ActivationSpec,
    /// δ_min of Eq. 14.
    pub threshold: f64,
    /// Constraint on the rows of W.
    pub constraint: Constraint,
    /// Whether the decoder has a bias b_d.
    pub decoder_bias: bool,
    /// Whether the encoder bias is trained.
    #[serde(default, skip_serializing_if = "is_default")]
    pub encoder_bias: EncoderBias,
    /// SHA-256 of the file that W, b and b_d start from; `None`: Glorot initialisation.
    pub warm_start: Option<String>,
    /// The regularizer.
    pub regularizer: RegularizerSpec,
    /// Coefficient λ, or variance of the Gaussian corruption for DAE and eDAE, or probability of DAE's other corruptions:
    /// one of [`RegularizerSpec::coefficients`].
    pub sigma_squared: f64,
    /// The replicate.
    pub seed: u64,
    /// η > 0.
    pub learning_rate: f64,
    /// μ in [0, 1).
    pub momentum: f64,
    /// B ≥ 1.
    pub batch: usize,
    /// Number of passes over the samples, ≥ 1.
    pub epochs: u32,
    /// Whether each epoch draws a fresh order; otherwise every epoch goes from the first sample to the last.
    pub shuffle: bool,
    /// Settings that a later version of the program has recorded and this one doesn't know; none of a run that is trained here.
    #[serde(flatten)]
    pub unknown: Map<String, Json>,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

impl RunSpec {
    /// The training that stands for this cell: at σ² = 0 every model is the plain auto-encoder, bit for bit,
    /// and the plain auto-encoder has no coefficient.
    #[must_use]
    pub fn canonical(mut self) -> Self {
        if self.sigma_squared == 0.0 || self.regularizer.kind() == RegularizerKind::None {
            self.regularizer = RegularizerSpec::none();
            self.sigma_squared = 0.0;
        }
        self
    }

    /// The run's identity: an object whose keys are sorted, so that equal specs give equal text.
    ///
    /// # Panics
    /// If a number isn't finite.
    pub fn identity(&self) -> Json {
        serde_json::to_value(self).expect("settings are text, finite numbers and names")
    }

    /// Every setting by its name, those included that the identity leaves out at their defaults.
    pub fn settings(&self) -> Map<String, Json> {
        let Json::Object(mut settings) = self.identity() else { unreachable!("an identity is an object") };
        settings.insert("standardized_from".to_owned(), self.standardized_from.name().into());
        settings.insert("encoder_bias".to_owned(), self.encoder_bias.name().into());
        settings
    }

    /// [`RunSpec::settings`] without `free`: what runs must have in common to be compared over the others.
    pub fn protocol(&self, free: &[&str]) -> Map<String, Json> {
        let mut settings = self.settings();
        settings.retain(|key, _| !free.contains(&key.as_str()));
        settings
    }

    /// The run key: the first 16 hex digits of the SHA-256 of [`RunSpec::identity`].
    pub fn key(&self) -> String {
        let mut key = sha256(self.identity().to_string().as_bytes());
        key.truncate(16);
        key
    }

    /// An upper estimate of the bytes that the run takes in single precision, beside the samples: W, its velocity and its
    /// initial value, a checkpoint in the making (three copies of W and velocity), and for each sample of a batch and of a
    /// measurement's block what is kept of its units and inputs; and what measuring `theory` takes besides.
    pub fn memory(&self, theory: Option<TheorySpec>) -> u64 {
        /// What the matrix products keep, whatever the shape.
        const PACKED: u64 = 4 << 20;
        let [inputs, hidden] = [self.inputs, self.hidden].map(|size| size as u64);
        let rows = (self.batch.min(self.samples) + super::evaluation::ROWS) as u64;
        let run = 4 * (9 * inputs * hidden + rows * (14 * hidden + 8 * inputs)) + PACKED;
        run.saturating_add(theory.map_or(0, |theory| theory.memory(self)))
    }
}
