//! One training, resolved: exactly what determines its numbers, and the key that follows from it.

use super::watch::TheorySpec;
use crate::activation::ActivationSpec;
use crate::constraint::Constraint;
use crate::data::digest::sha256;
use crate::data::{Precision, Standardize};
use crate::optimizer::EncoderBias;
use crate::regularizer::{RegularizerKind, RegularizerSpec};
use serde_json::{Map, Value as Json, json};

/// Raised by hand whenever the numbers of a run change; part of every run's identity.
pub const NUMERICS_VERSION: u32 = 2;

/// Everything that determines a run's numbers.
#[derive(Debug, Clone, PartialEq)]
pub struct RunSpec {
    /// SHA-256 of the data source, 64 hex digits.
    pub data_sha256: String,
    /// N, the number of training samples.
    pub samples: usize,
    /// n, the number of inputs.
    pub inputs: usize,
    /// How the samples were standardised.
    pub standardize: Standardize,
    /// The precision that they had before.
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
}

/// Settings that came after runs were recorded, with their defaults: at these an identity leaves them out, so that those
/// runs keep their keys.
const LATER: [(&str, &str); 2] =
    [("encoder_bias", EncoderBias::Trained.name()), ("standardized_from", Precision::Single.name())];

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

    /// What the run key is the digest of: every setting, but for those that came later than recorded runs and are at their
    /// defaults ([`settings_of`] fills them in). Keys are sorted, so equal specs give equal text.
    pub fn identity(&self) -> Json {
        let mut identity = json!({
            "numerics": NUMERICS_VERSION,
            "data_sha256": self.data_sha256,
            "samples": self.samples,
            "inputs": self.inputs,
            "standardize": self.standardize.to_json(),
            "standardized_from": self.standardized_from.name(),
            "hidden": self.hidden,
            "activation": self.activation.identity(),
            "threshold": self.threshold,
            "constraint": self.constraint.identity(),
            "decoder_bias": self.decoder_bias,
            "encoder_bias": self.encoder_bias.name(),
            "warm_start": self.warm_start,
            "regularizer": self.regularizer.identity(),
            "sigma_squared": self.sigma_squared,
            "seed": self.seed,
            "learning_rate": self.learning_rate,
            "momentum": self.momentum,
            "batch": self.batch,
            "epochs": self.epochs,
            "shuffle": self.shuffle,
        });
        if let Json::Object(settings) = &mut identity {
            settings
                .retain(|key, value| !LATER.iter().any(|(later, default)| key == later && value == default));
        }
        identity
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

    /// The first 16 hex digits of the SHA-256 of [`RunSpec::identity`].
    pub fn key(&self) -> String {
        key_of(&self.identity())
    }
}

/// The settings of an identity, such as one that was stored, with those that it leaves out.
pub fn settings_of(identity: &Json) -> Map<String, Json> {
    let mut settings = identity.as_object().cloned().unwrap_or_default();
    for (key, default) in LATER {
        settings.entry(key).or_insert_with(|| Json::from(default));
    }
    settings
}

/// [`settings_of`] an identity, but for `free`: what runs must have in common to be compared over those.
pub fn protocol_of(identity: &Json, free: &[&str]) -> Map<String, Json> {
    let mut settings = settings_of(identity);
    settings.retain(|key, _| !free.contains(&key.as_str()));
    settings
}

/// The run key that belongs to an identity, such as one that was stored.
pub fn key_of(identity: &Json) -> String {
    let mut key = sha256(identity.to_string().as_bytes());
    key.truncate(16);
    key
}
