//! The settings of one run: everything that determines its numbers, and the run key that follows from it.

use super::watch::TheorySpec;
use crate::activation::{ActivationKind, ActivationSpec};
use crate::constraint::Constraint;
use crate::data::digest::sha256;
use crate::data::{HeldOutIdentity, Precision, Standardize};
use crate::linalg::ShapeClass;
use crate::optimizer::EncoderBias;
use crate::regularizer::{RegularizerKind, RegularizerSpec};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

/// Version of the numerics, raised by hand whenever the numbers of a run change; part of every run's identity.
pub const NUMERICS_VERSION: u32 = 2;

/// Everything that determines a run's numbers. Its JSON is the run's identity; the run key is a digest of the identity.
///
/// A setting that was added after runs had been recorded is left out of the JSON at its default, so that those runs keep their keys.
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
    /// How the samples are standardised.
    pub standardize: Standardize,
    /// The precision of the samples before they are standardised.
    #[serde(default, skip_serializing_if = "is_default")]
    pub standardized_from: Precision,
    /// The held-out samples of a source of the user's own; `None`: it has none, or the source determines them.
    #[serde(default, skip_serializing_if = "is_default")]
    pub held_out: Option<HeldOutIdentity>,
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
    /// SHA-256 of the warm start's file, without the description of its encoder; `None`: Glorot initialisation.
    pub warm_start: Option<String>,
    /// The regularizer.
    pub regularizer: RegularizerSpec,
    /// Coefficient λ; for DAE and eDAE the variance of the Gaussian corruption; for DAE's other corruptions their probability. In
    /// [`RegularizerSpec::coefficients`].
    pub sigma_squared: f64,
    /// Seed of the initialisation, the order of the samples, and noise.
    pub seed: u64,
    /// Learning rate η > 0.
    pub learning_rate: f64,
    /// Momentum μ in [0, 1).
    pub momentum: f64,
    /// Samples in a mini-batch, B ≥ 1.
    pub batch: usize,
    /// Which batches are computed over active pairs alone, which changes the order of sums. In a new run [`RunSpec::classified`] sets it.
    #[serde(default, skip_serializing_if = "is_default")]
    pub shape_class: ShapeClass,
    /// Number of passes over the samples, ≥ 1.
    pub epochs: u32,
    /// Whether each epoch draws a new order of the samples; otherwise every epoch goes from the first sample to the last.
    pub shuffle: bool,
    /// Settings in a later version's record that this version doesn't know; empty for a run that is trained here.
    #[serde(flatten)]
    pub unknown: Map<String, Json>,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

impl RunSpec {
    /// The plain auto-encoder by the paper's protocol on `samples` samples of `inputs` inputs, whose digest is left empty: 1000 ReLU units of
    /// unit length, 50 epochs of mini-batches of 50, learning rate 0.001, momentum 0.9, seed 1.
    pub fn new(samples: usize, inputs: usize) -> Self {
        Self {
            numerics: NUMERICS_VERSION,
            data_sha256: String::new(),
            samples,
            inputs,
            standardize: Standardize::None,
            standardized_from: Precision::Single,
            held_out: None,
            hidden: 1000,
            activation: ActivationKind::Relu.into(),
            threshold: 0.0,
            constraint: Constraint::UnitNorm,
            decoder_bias: false,
            encoder_bias: EncoderBias::Trained,
            warm_start: None,
            regularizer: RegularizerSpec::none(),
            sigma_squared: 0.0,
            seed: 1,
            learning_rate: 0.001,
            momentum: 0.9,
            batch: 50,
            shape_class: ShapeClass::default(),
            epochs: 50,
            shuffle: true,
            unknown: Map::new(),
        }
    }

    /// The settings of the run for a cell with these settings: at σ² = 0 every model is the plain auto-encoder, bit for bit, and the
    /// plain auto-encoder has no coefficient.
    #[must_use]
    pub fn canonical(mut self) -> Self {
        if self.sigma_squared == 0.0 || self.regularizer.kind() == RegularizerKind::None {
            self.regularizer = RegularizerSpec::none();
            self.sigma_squared = 0.0;
        }
        self
    }

    /// These settings with the class of their shape, if it can change numbers: if the activation vanishes. The draws of a sample don't count,
    /// though they make a batch larger.
    #[must_use]
    pub fn classified(mut self) -> Self {
        let class = ShapeClass::of(self.batch.min(self.samples), self.hidden, self.inputs);
        self.shape_class = if self.activation.vanishes() { class } else { ShapeClass::default() };
        self
    }

    /// The run in one line: `relu, unit_norm, dae, σ² = 0.25, seed 1`.
    pub fn summary(&self) -> String {
        let Self { activation, constraint, regularizer, sigma_squared, seed, .. } = self;
        let [activation, constraint, regularizer] =
            [activation.label(), constraint.label(), regularizer.label()];
        format!("{activation}, {constraint}, {regularizer}, σ² = {sigma_squared}, seed {seed}")
    }

    /// Whether this is the plain auto-encoder, the run of every model at σ² = 0.
    pub fn is_plain(&self) -> bool {
        self.regularizer.kind() == RegularizerKind::None && self.sigma_squared == 0.0
    }

    /// Steps of one epoch: ⌈N / B⌉.
    pub fn steps_per_epoch(&self) -> u64 {
        self.samples.div_ceil(self.batch.min(self.samples).max(1)) as u64
    }

    /// The run's identity: an object whose keys are sorted, so that equal specs give equal text.
    ///
    /// Numbers must be finite: others become `null`, so that two of them would have one identity.
    ///
    /// # Panics
    /// Never: settings are text, numbers and names.
    pub fn identity(&self) -> Json {
        serde_json::to_value(self).expect("settings are text, numbers and names")
    }

    /// Every setting by its name, including settings that the identity leaves out at their defaults, but without the class of the shape,
    /// which follows from other settings.
    pub fn settings(&self) -> Map<String, Json> {
        let Json::Object(mut settings) = self.identity() else { unreachable!("an identity is an object") };
        settings.insert("standardized_from".to_owned(), self.standardized_from.name().into());
        settings.insert("encoder_bias".to_owned(), self.encoder_bias.name().into());
        settings.entry("held_out").or_insert(Json::Null);
        settings.remove("shape_class");
        settings
    }

    /// [`RunSpec::settings`] without the settings `free`: runs with equal protocols can be compared over `free`.
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

    /// The most threads that shorten a step: more would get less than about 50 µs of a dense product each, little compared with the time
    /// until they have heard of it.
    pub fn useful_threads(&self) -> usize {
        let batch = self.batch.min(self.samples) * self.regularizer.draws();
        (batch.saturating_mul(self.hidden).saturating_mul(self.inputs) >> 21).max(1)
    }

    /// Upper estimate of the run's memory in bytes, in single precision and without the samples. It includes W, its velocity and its
    /// initial value; a checkpoint while it is written (three copies of W and velocity); the buffers of units and inputs for each sample
    /// of a batch and of a measurement's block; and the measurements of `theory`.
    pub fn memory(&self, theory: Option<TheorySpec>) -> u64 {
        /// Bytes of the matrix products' packed blocks, whatever the shape.
        const PACKED: u64 = 4 << 20;
        let [inputs, hidden] = [self.inputs, self.hidden].map(|size| size as u64);
        let encoded = self.regularizer.draws() * self.batch.min(self.samples);
        let rows = (encoded + super::evaluation::ROWS) as u64;
        let run = 4 * (9 * inputs * hidden + rows * (14 * hidden + 8 * inputs)) + PACKED;
        run.saturating_add(theory.map_or(0, |theory| theory.memory(self)))
    }
}
