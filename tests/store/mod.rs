//! Results on disk and the sweep's execution, with a mock in place of training.

mod committed;
mod execution;
mod export;
mod folder;
mod record;
mod results;
mod tables;
mod weights;

use aesparse::data::{DataSpec, Source, Standardize, Synthetic};
use aesparse::experiment::{Cell, ExecutionOptions, Executor, Plan, Supervisor, Training, WeightsOutput};
use aesparse::linalg::Team;
use aesparse::parameter::Value;
use aesparse::regularizer::{RegularizerKind, RegularizerSpec};
use aesparse::state::Parameters;
use aesparse::store::Weights;
use aesparse::training::{Checkpoint, Measurement, Outcome, RunSpec, Status, Trained};
use ndarray::{Array1, Array2};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::atomic::AtomicBool;

fn regularizer(kind: &str) -> RegularizerSpec {
    let kind = RegularizerKind::from_name(kind).unwrap();
    let given: &[_] = if kind.name() == "kl_sae" { &[("rho", Value::Real(0.05))] } else { &[] };
    RegularizerSpec::new(kind, given).unwrap()
}

fn spec(kind: &str, sigma_squared: f64) -> RunSpec {
    RunSpec {
        data_sha256: "0123456789abcdef".repeat(4),
        standardize: Standardize::Feature { epsilon: 0.1 },
        hidden: 3,
        regularizer: regularizer(kind),
        sigma_squared,
        batch: 10,
        epochs: 2,
        ..RunSpec::new(30, 4)
    }
}

fn measurement(epoch: u32, sigma_squared: f64) -> Measurement {
    let fraction = 1.0 / (3.0 + sigma_squared);
    Measurement {
        epoch,
        training_loss: (epoch > 0).then_some(0.1 + 0.2),
        avg_activation_fraction: fraction,
        mean_pre_activation: -1e-7,
        variance_pre_activation: 2.0,
        mean_weight_norm: 1.0,
        reconstruction: 1e16,
        penalty: (sigma_squared > 0.0).then_some(sigma_squared * 0.5),
        fraction_variance_unexplained: Some(0.25),
        rho_max_hits: (sigma_squared > 0.0).then_some(7),
        ..Measurement::default()
    }
}

/// Regularizers × σ², in the order of a plan, each training once.
fn plan(sigma_squared: &[f64]) -> Plan {
    let mut trainings: Vec<Training> = Vec::new();
    let mut cells = Vec::new();
    for kind in ["dae", "cae", "kl_sae"] {
        for &sigma_squared in sigma_squared {
            let as_written = spec(kind, sigma_squared);
            let canonical = as_written.clone().canonical();
            let key = canonical.key();
            let known = trainings.iter().position(|training| training.key == key);
            let training = known.unwrap_or_else(|| {
                trainings.push(Training { key, spec: canonical });
                trainings.len() - 1
            });
            cells.push(Cell { spec: as_written, training });
        }
    }
    let source =
        Source::Synthetic(Synthetic { samples: 30, inputs: 4, atoms: 4, active: 1, noise: 0.1, seed: 1 });
    Plan {
        name: "sweep".to_owned(),
        dataset: "synthetic".to_owned(),
        data: DataSpec {
            source,
            samples: None,
            held_out: None,
            standardize: Standardize::Feature { epsilon: 0.1 },
        },
        cells,
        trainings,
        evaluate_every: 1,
        weights: WeightsOutput::None,
        checkpoint: None,
        theory: None,
        distribution: false,
        warm_start: None,
    }
}

const SWEEP: &[f64] = &[0.0, 0.01, 0.25, 1.0];

/// A sweep that nobody stops.
fn control(jobs: usize) -> ExecutionOptions<'static> {
    static NEVER: AtomicBool = AtomicBool::new(false);
    ExecutionOptions { jobs, threads: Some(1), checkpoint_every: None, resume_anywhere: false, stop: &NEVER }
}

/// Results in closed form: `dae` diverges at σ² = 1, everything else completes.
#[derive(Default)]
struct Mock {
    /// Panic at this σ².
    panics_at: Option<f64>,
    /// Leave a measurement that isn't finite at this σ².
    not_finite_at: Option<f64>,
}

impl Executor for Mock {
    fn train(
        &self,
        training: &Training,
        _: Option<Checkpoint<f32>>,
        _: &Team,
        supervisor: &mut dyn Supervisor,
    ) -> Option<Trained<f32>> {
        let spec = &training.spec;
        assert!(self.panics_at != Some(spec.sigma_squared), "a fault at {}", spec.sigma_squared);
        let mut measurements: Vec<_> =
            (0..=spec.epochs).map(|e| measurement(e, spec.sigma_squared)).collect();
        for measured in &measurements[1..] {
            supervisor.epoch(measured.epoch, 0.5, measured);
        }
        let mut status = Status::Completed;
        if spec.regularizer.kind() == RegularizerKind::Dae && spec.sigma_squared == 1.0 {
            status = Status::Diverged { epoch: 2, step: 5 };
            measurements.pop();
        }
        if self.not_finite_at == Some(spec.sigma_squared) {
            measurements[1].reconstruction = f64::NAN;
        }
        let last = weights(spec.hidden, spec.inputs);
        let initial = Parameters::new(last.w.view(), vec![0.0; spec.hidden], vec![]);
        let last = Parameters::new(last.w.view(), last.b.to_vec(), vec![]);
        let outcome = Outcome { status, measurements, activity: None };
        Some(Trained { outcome, theory: None, distribution: None, initial, last })
    }
}

fn weights(hidden: usize, inputs: usize) -> Weights {
    #[expect(clippy::cast_precision_loss, reason = "small numbers")]
    let w = Array2::from_shape_fn((hidden, inputs), |(j, i)| (j * inputs + i) as f32 / 7.0);
    Weights { w, b: Array1::from_elem(hidden, -0.5), b_d: None }
}

/// Every file below `folder` but the lock, by its path there.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.file_name().unwrap() != ".lock" {
                let name = path.strip_prefix(folder).unwrap().to_string_lossy().into_owned();
                found.insert(name, fs::read(path).unwrap());
            }
        }
    }
    found
}
