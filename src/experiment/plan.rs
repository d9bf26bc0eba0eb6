//! The plan: a configuration and its data, resolved to cells and trainings.
//!
//! The cells are the product activation × constraint × learning rate × encoder bias × regularizer × σ² × seed, outermost first. The
//! regularizer `none` has no coefficient, so it has one cell for each combination of the other axes. Cells with the same run key share a
//! training, as all models do at σ² = 0.

use super::config::Config;
use super::weights::WeightsOutput;
use crate::activation::ActivationKind;
use crate::constraint::Constraint;
use crate::data::{DataSpec, Dataset, HeldOutIdentity, Precision};
use crate::error::{Error, Result};
use crate::linalg::ShapeClass;
use crate::optimizer::EncoderBias;
use crate::regularizer::{RegularizerKind, RegularizerSpec};
use crate::training::{NUMERICS_VERSION, RunSpec, TheorySpec};
use serde_json::Map;
use std::collections::HashMap;
use std::path::PathBuf;
use std::time::Duration;

/// One training of a plan.
#[derive(Debug, Clone, PartialEq)]
pub struct Training {
    /// [`RunSpec::key`] of `spec`.
    pub key: String,
    /// The run's settings, canonical.
    pub spec: RunSpec,
}

/// One combination of the axes, a row of `runs.csv`.
#[derive(Debug, Clone, PartialEq)]
pub struct Cell {
    /// The cell's settings as in the configuration: even at σ² = 0 the regularizer has its own name here.
    pub spec: RunSpec,
    /// Index into [`Plan::trainings`] of the cell's run.
    pub training: usize,
}

/// A resolved configuration: its cells, its trainings and how they are measured and stored.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// The results folder's name.
    pub name: String,
    /// The `dataset` column: `mnist`, `synthetic`, or the data file's stem.
    pub dataset: String,
    /// The data, as resolved.
    pub data: DataSpec,
    /// Every cell, in the order of runs.csv.
    pub cells: Vec<Cell>,
    /// Every training once, in the order of their first cells.
    pub trainings: Vec<Training>,
    /// Epochs between two measurements; epoch 0 and the last epoch are measured too.
    pub evaluate_every: u32,
    /// The weights to keep.
    pub weights: WeightsOutput,
    /// The time between two checkpoints of a run; `None`: a checkpoint only when the run is stopped.
    pub checkpoint: Option<Duration>,
    /// The measurements of the theory, on at most as many samples as there are.
    pub theory: Option<TheorySpec>,
    /// Whether the distribution of codes is measured.
    pub distribution: bool,
    /// The file of the warm start.
    pub warm_start: Option<PathBuf>,
}

/// The most weights that a model may have: 4 GiB of f32.
const MOST_WEIGHTS: usize = 1 << 30;

impl Plan {
    /// The plan of `config` on the data set `dataset`; `warm_start_sha256` as in [`Plan::new`].
    ///
    /// # Errors
    /// The errors of [`Plan::new`].
    ///
    /// # Panics
    /// As [`Plan::new`] does.
    pub fn of(config: &Config, dataset: &Dataset, warm_start_sha256: Option<String>) -> Result<Self> {
        Self::on(config, dataset.name.clone(), DataIdentity::of(dataset), warm_start_sha256)
    }

    /// The plan of `config` on the data set called `dataset` with the identity `data`; `warm_start_sha256` as in [`Plan::new`].
    ///
    /// # Errors
    /// The errors of [`Plan::new`].
    pub(super) fn on(
        config: &Config,
        dataset: String,
        data: DataIdentity,
        warm_start_sha256: Option<String>,
    ) -> Result<Self> {
        let DataIdentity { samples, inputs, .. } = data;
        let warm_start = config.warm_start().map(PathBuf::from);
        assert_eq!(warm_start.is_some(), warm_start_sha256.is_some(), "a warm start comes with its digest");
        if config.model.hidden.saturating_mul(inputs) > MOST_WEIGHTS {
            return Err(Error::usage(format_args!(
                "model.hidden: found {} hidden units on {inputs} inputs; accepted: at most {} hidden units",
                config.model.hidden,
                MOST_WEIGHTS / inputs.max(1)
            )));
        }
        let (mut cells, mut trainings, mut known) = (Vec::new(), Vec::<Training>::new(), HashMap::new());
        for cell in cells_of(config, first(config, data, warm_start_sha256)) {
            let spec = cell.clone().canonical();
            let key = spec.key();
            let training = *known.entry(key.clone()).or_insert(trainings.len());
            if training == trainings.len() {
                trainings.push(Training { key, spec });
            }
            cells.push(Cell { spec: cell, training });
        }
        Ok(Self {
            name: config.top.name.clone(),
            dataset,
            data: config.data.clone(),
            cells,
            trainings,
            evaluate_every: config.evaluation.every,
            weights: config.output.weights,
            checkpoint: config.output.checkpoint,
            theory: config.theory.map(|theory| TheorySpec { samples: theory.samples.min(samples), ..theory }),
            distribution: config.evaluation.distribution,
            warm_start,
        })
    }

    /// The plan of `config` on the data set called `dataset`: `samples` training samples with `inputs` inputs each, standardised from
    /// single precision, without held-out samples of the user's own. `data_sha256` is the digest of the data, `warm_start_sha256` the digest of the file [`Config::warm_start`].
    ///
    /// # Errors
    /// [`Error::Usage`] where the model would not fit the data: more than 2³⁰ weights.
    ///
    /// # Panics
    /// If only one of the warm start and its digest is given.
    pub fn new(
        config: &Config,
        dataset: impl Into<String>,
        data_sha256: impl Into<String>,
        samples: usize,
        inputs: usize,
        warm_start_sha256: Option<String>,
    ) -> Result<Self> {
        let standardized_from = Precision::Single;
        let sha256 = data_sha256.into();
        let data = DataIdentity { sha256, samples, inputs, standardized_from, held_out: None };
        Self::on(config, dataset.into(), data, warm_start_sha256)
    }
}

impl Plan {
    /// Whether runs can be taken over from other results folders. Only records are taken over, so the plan must ask for neither weights
    /// nor side records.
    pub fn takes_over(&self) -> bool {
        self.weights == WeightsOutput::None && self.theory.is_none() && !self.distribution
    }

    /// The run keys of the trainings, in their order.
    pub fn keys(&self) -> impl Iterator<Item = &str> + Clone {
        self.trainings.iter().map(|training| training.key.as_str())
    }

    /// For each training, the indices of its cells, increasing.
    pub fn cells_by_training(&self) -> Vec<Vec<usize>> {
        let mut cells = vec![Vec::new(); self.trainings.len()];
        for (index, cell) in self.cells.iter().enumerate() {
            cells[cell.training].push(index);
        }
        cells
    }

    /// Upper estimate of the memory of a training in bytes: the largest [`RunSpec::memory`] of the plan, and the distributions of codes.
    pub fn memory(&self) -> u64 {
        // Up to m pairs for each measured epoch, kept until the run ends, then written as text.
        let kept =
            |spec: &RunSpec| 300 * spec.hidden as u64 * u64::from(spec.epochs / self.evaluate_every + 2);
        let distributions = |spec: &RunSpec| if self.distribution { kept(spec) } else { 0 };
        let all =
            |Training { spec, .. }: &Training| spec.memory(self.theory).saturating_add(distributions(spec));
        self.trainings.iter().map(all).max().unwrap_or(0)
    }

    /// The part of the plan with the trainings at these increasing indices and their cells.
    ///
    /// # Panics
    /// If there is no training at an index.
    #[must_use]
    pub fn restricted_to(&self, trainings: &[usize]) -> Self {
        let cells = self.cells.iter().filter_map(|cell| {
            let training = trainings.binary_search(&cell.training).ok()?;
            Some(Cell { spec: cell.spec.clone(), training })
        });
        Self {
            cells: cells.collect(),
            trainings: trainings.iter().map(|index| self.trainings[*index].clone()).collect(),
            name: self.name.clone(),
            dataset: self.dataset.clone(),
            data: self.data.clone(),
            warm_start: self.warm_start.clone(),
            ..*self
        }
    }
}

/// The properties of the data in a run's identity.
pub(super) struct DataIdentity {
    pub(super) sha256: String,
    pub(super) samples: usize,
    pub(super) inputs: usize,
    pub(super) standardized_from: Precision,
    pub(super) held_out: Option<HeldOutIdentity>,
}

impl DataIdentity {
    pub(super) fn of(dataset: &Dataset) -> Self {
        let (samples, inputs) = dataset.train.dim();
        let Dataset { sha256, standardized_from, held_out_from, .. } = dataset;
        let (sha256, held_out) = (sha256.clone(), held_out_from.clone());
        Self { sha256, samples, inputs, standardized_from: *standardized_from, held_out }
    }
}

/// The settings of all cells, in the order of the plan; `first` has the settings that are no axes.
fn cells_of(config: &Config, first: RunSpec) -> Vec<RunSpec> {
    let Config { top, model, training, evaluation, .. } = config;
    let cells = product(&[first], &model.activation, |spec, activation| {
        // The reader has refused configurations without a threshold, so 0 is never used.
        (spec.activation, spec.threshold) =
            (activation.clone(), evaluation.threshold.of(activation).unwrap_or(0.0));
    });
    let cells = product(&cells, &model.constraint, |spec, &constraint| spec.constraint = constraint);
    let cells = product(&cells, &training.learning_rate, |spec, &rate| spec.learning_rate = rate);
    let cells = product(&cells, &model.encoder_bias, |spec, &bias| spec.encoder_bias = bias);
    let cells = product(&cells, &models(config), |spec, &(regularizer, sigma_squared)| {
        (spec.regularizer, spec.sigma_squared) = (regularizer.clone(), sigma_squared);
    });
    let cells = product(&cells, &top.seeds, |spec, &seed| spec.seed = seed);
    cells.into_iter().map(RunSpec::classified).collect()
}

/// The settings that are no axes; the values of the axes are placeholders that [`product`] replaces, and the class of the shape comes last.
fn first(config: &Config, data: DataIdentity, warm_start: Option<String>) -> RunSpec {
    RunSpec {
        numerics: NUMERICS_VERSION,
        data_sha256: data.sha256,
        samples: data.samples,
        inputs: data.inputs,
        standardize: config.data.standardize,
        standardized_from: data.standardized_from,
        held_out: data.held_out,
        hidden: config.model.hidden,
        activation: ActivationKind::Relu.into(),
        threshold: 0.0,
        constraint: Constraint::None,
        decoder_bias: config.model.decoder_bias,
        encoder_bias: EncoderBias::default(),
        warm_start,
        regularizer: RegularizerSpec::none(),
        sigma_squared: 0.0,
        seed: 0,
        learning_rate: 0.0,
        momentum: config.training.momentum,
        batch: config.training.batch,
        shape_class: ShapeClass::default(),
        epochs: config.training.epochs,
        shuffle: config.training.shuffle,
        unknown: Map::new(),
    }
}

/// All pairs of regularizer and σ²; the regularizer `none` has only 0.
fn models(config: &Config) -> Vec<(&RegularizerSpec, f64)> {
    let sweep = &config.sweep;
    let mut models = Vec::new();
    for regularizer in &sweep.regularizer {
        if regularizer.kind() == RegularizerKind::None {
            models.push((regularizer, 0.0));
        } else {
            models.extend(sweep.sigma_squared.iter().map(|&sigma_squared| (regularizer, sigma_squared)));
        }
    }
    models
}

/// Each of `specs` with each value of `axis`, set by `set`; the values vary fastest.
fn product<T>(specs: &[RunSpec], axis: &[T], set: impl Fn(&mut RunSpec, &T)) -> Vec<RunSpec> {
    let with = |spec: &RunSpec, value: &T| {
        let mut spec = spec.clone();
        set(&mut spec, value);
        spec
    };
    specs.iter().flat_map(|spec| axis.iter().map(|value| with(spec, value)).collect::<Vec<_>>()).collect()
}
