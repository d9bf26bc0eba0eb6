//! Made-up results: runs with chosen activity, in records that the store would accept.

use super::super::{Claim, ClaimPart, judge};
use crate::activation::ActivationKind;
use crate::constraint::Constraint;
use crate::optimizer::EncoderBias;
use crate::parameter::Value;
use crate::regularizer::{RegularizerKind, RegularizerSpec};
use crate::store::{DistributionRecords, Listing, Processor, Record, Results, StoredRun, TheoryRecords};
use crate::training::{Activity, Measurement, RunSpec, Status, THRESHOLDS};
use serde_json::json;
use std::path::PathBuf;
use std::sync::Arc;

pub(super) const SAMPLES: usize = 50_000;
pub(super) const UNITS: usize = 200;
pub(super) const SWEEP: [f64; 5] = [0.0, 0.01, 0.25, 0.5, 1.0];
pub(super) const SEEDS: [u64; 3] = [1, 2, 3];

/// The settings of a curve of runs.
#[derive(Debug, Clone, Copy)]
pub(super) struct Line {
    pub(super) dataset: &'static str,
    pub(super) activation: ActivationKind,
    pub(super) constraint: Constraint,
    pub(super) model: RegularizerKind,
    /// The parameters of the model.
    pub(super) given: &'static [(&'static str, Value)],
    pub(super) encoder_bias: EncoderBias,
    pub(super) learning_rate: f64,
    pub(super) epochs: u32,
    /// Whether records have counts by unit.
    pub(super) counted: bool,
}

/// Active samples of each unit; `None` for a run that diverged.
pub(super) type Units = Option<Vec<u64>>;

impl Line {
    /// A curve of Figure 1 on MNIST.
    pub(super) const fn new(model: RegularizerKind) -> Self {
        Self {
            dataset: "mnist",
            activation: ActivationKind::Relu,
            constraint: Constraint::UnitNorm,
            model,
            given: &[],
            encoder_bias: EncoderBias::Trained,
            learning_rate: 0.001,
            epochs: 50,
            counted: true,
        }
    }

    pub(super) fn cifar10(self) -> Self {
        Self { dataset: "cifar10", ..self }
    }

    pub(super) fn free(self) -> Self {
        Self { constraint: Constraint::None, ..self }
    }

    pub(super) fn with(self, activation: ActivationKind) -> Self {
        Self { activation, ..self }
    }

    fn spec(&self, sigma_squared: f64, seed: u64) -> RunSpec {
        RunSpec {
            data_sha256: if self.dataset == "mnist" { "a" } else { "b" }.repeat(64),
            hidden: UNITS,
            activation: self.activation.into(),
            threshold: self.activation.threshold().unwrap_or(0.0),
            constraint: self.constraint,
            encoder_bias: self.encoder_bias,
            regularizer: RegularizerSpec::new(self.model, self.given).unwrap(),
            sigma_squared,
            seed,
            learning_rate: self.learning_rate,
            epochs: self.epochs,
            ..RunSpec::new(SAMPLES, if self.dataset == "mnist" { 784 } else { 192 })
        }
    }

    fn run(&self, sigma_squared: f64, seed: u64, units: Units) -> StoredRun {
        let written = self.spec(sigma_squared, seed);
        let record = Arc::new(record(&written.clone().canonical(), units, self.counted));
        StoredRun { name: "made_up".to_owned(), dataset: self.dataset.to_owned(), spec: written, record }
    }
}

fn record(spec: &RunSpec, units: Units, counted: bool) -> Record {
    let processor = Processor { cpu_model: None, instruction_set: "baseline".to_owned() };
    let version = "0.1.0".to_owned();
    let run_key = spec.key();
    let earlier_processors = Vec::new();
    let Some(units) = units else {
        let status = Status::Diverged { epoch: 1, step: 7 };
        return Record {
            run_key,
            spec: spec.clone(),
            status,
            measurements: vec![],
            activity: None,
            version,
            processor,
            earlier_processors,
        };
    };
    let activity = Activity {
        active_samples: units,
        pairs_above: vec![0; THRESHOLDS.len()],
        units_never_above: vec![0; THRESHOLDS.len()],
    };
    let measurements = vec![measured(spec, &activity.active_samples)];
    let activity = counted.then_some(activity);
    let status = Status::Completed;
    let record = Record {
        run_key,
        spec: spec.clone(),
        status,
        measurements,
        activity,
        version,
        processor,
        earlier_processors,
    };
    record.encode().unwrap_or_else(|problem| panic!("a made-up record is none: {problem}"));
    record
}

fn measured(spec: &RunSpec, units: &[u64]) -> Measurement {
    let dead_units = units.iter().filter(|count| **count == 0).count() as u64;
    let active: u64 = units.iter().sum();
    Measurement {
        epoch: spec.epochs,
        avg_activation_fraction: active as f64 / (spec.samples as f64 * units.len() as f64),
        dead_units,
        dead_fraction: dead_units as f64 / units.len() as f64,
        variance_pre_activation: 1.0,
        mean_weight_norm: 1.0,
        reconstruction: 1.0,
        ..Measurement::default()
    }
}

/// Units with the mean activity `fraction`, alternately more and less active, of which the share `dead` is dead.
pub(super) fn units(fraction: f64, dead: f64) -> Units {
    let dead = (dead * UNITS as f64).round() as usize;
    let alive = UNITS - dead;
    let mean = fraction * (SAMPLES * UNITS) as f64 / alive as f64;
    let spread = 0.3 * mean.min(SAMPLES as f64 - mean).max(0.0);
    let count = |unit: usize| {
        let more = if unit.is_multiple_of(2) { spread } else { -spread };
        // Of an odd number of units, the last one has the mean.
        (mean + if unit + 1 == alive && alive % 2 == 1 { 0.0 } else { more }).round() as u64
    };
    Some((0..alive).map(count).chain(std::iter::repeat_n(0, dead)).collect())
}

/// Stored runs.
#[derive(Debug, Clone, Default)]
pub(super) struct Lab(pub(super) Vec<StoredRun>);

impl Lab {
    /// Adds runs of `line`, whose units `at` gives for σ² and seed.
    pub(super) fn add(
        &mut self,
        line: Line,
        sweep: &[f64],
        seeds: &[u64],
        at: impl Fn(f64, u64) -> Units,
    ) -> &mut Self {
        for &seed in seeds {
            self.0.extend(sweep.iter().map(|&sigma| line.run(sigma, seed, at(sigma, seed))));
        }
        self
    }

    /// Adds [`SWEEP`] with [`SEEDS`]: `fraction` of σ², all units alive, and so little noise above σ² = 0 that three seeds can
    /// contradict at a corrected level.
    pub(super) fn curve(&mut self, line: Line, fraction: impl Fn(f64) -> f64) -> &mut Self {
        self.add(line, &SWEEP, &SEEDS, |sigma, seed| units(fraction(sigma) + wobble(sigma, seed, 1e-4), 0.0))
    }

    /// [`Lab::curve`] on both data sets.
    pub(super) fn both(&mut self, line: Line, fraction: impl Fn(f64) -> f64) -> &mut Self {
        self.curve(line, &fraction).curve(line.cifar10(), &fraction)
    }

    pub(super) fn results(&self) -> Results {
        let manifest = json!({
            "format": "aesparse manifest 1", "version": "0.1.0", "numerics": 2, "config": {}, "data_sha256": {},
            "processor": {"cpu_model": null, "instruction_set": "baseline"}, "cores": 1,
            "operating_system": "linux", "architecture": "x86_64", "started": "", "finished": null, "seconds": {},
        });
        Results {
            name: "made_up".to_owned(),
            folder: PathBuf::from("made_up"),
            manifest: serde_json::from_value(manifest).unwrap(),
            runs: self.0.clone(),
            theory: TheoryRecords::new(),
            distributions: DistributionRecords::new(),
            listing: Listing::default(),
        }
    }

    /// The claim with this [`Claim::name`].
    pub(super) fn claim(&self, name: &str) -> Claim {
        let claims = judge(&[self.results()]);
        claims.into_iter().find(|claim| claim.name() == name).unwrap_or_else(|| panic!("no claim {name}"))
    }

    /// The part `label` of the claim `name`.
    pub(super) fn part(&self, name: &str, label: &str) -> ClaimPart {
        let parts = self.claim(name).parts;
        parts.into_iter().find(|part| part.label == label).unwrap_or_else(|| panic!("no part {label}"))
    }
}

/// Deterministic noise of about `size` that differs between seeds and between σ² > 0.
pub(super) fn wobble(sigma: f64, seed: u64, size: f64) -> f64 {
    if sigma == 0.0 { 0.0 } else { size * (seed as f64 * 2.0 + sigma * 37.0).sin() }
}

/// A curve from `from` at σ² = 0 to `to` at σ² = 1, steepest at small σ².
pub(super) fn falling(from: f64, to: f64) -> impl Fn(f64) -> f64 {
    move |sigma| from + (to - from) * sigma.powf(0.2)
}
