//! One run: its state, its steps and its epochs.

use super::checkpoint::Arrays;
use super::evaluation::Evaluation;
use super::metrics::Measurement;
use super::session::Session;
use super::spec::RunSpec;
use super::watch::TheorySpec;
use super::{Observer, Trained};
use crate::init;
use crate::linalg::{Matrix, Team, values};
use crate::objective::Objective;
use crate::optimizer::Sgd;
use crate::random::{Noise, shuffled_order};
use crate::real::Real;
use crate::regularizer::{Shape, Step};
use crate::state::Parameters;
use ndarray::ArrayView2;

/// The standardised samples of a run, row-major.
#[derive(Debug, Clone, Copy)]
pub struct Samples<'a, F> {
    /// The training samples \[N, n\].
    pub train: ArrayView2<'a, F>,
    /// The held-out samples \[·, n\], if there are any.
    pub held_out: Option<ArrayView2<'a, F>>,
}

/// The error of a run whose loss, parameter or measurement is no longer finite.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RunDiverged {
    /// The epoch, from 1; 0 before the first step.
    pub epoch: u32,
    /// The step within the run, from 1; 0 before the first step.
    pub step: u64,
}

/// A training in progress.
pub struct Run<'a, F> {
    pub(super) spec: &'a RunSpec,
    pub(super) samples: Samples<'a, F>,
    pub(super) parameters: Parameters<F>,
    pub(super) objective: Objective<F>,
    optimizer: Sgd<F>,
    noise: Noise,
    pub(super) evaluation: Evaluation<F>,
    /// The order in which the current epoch visits the samples.
    order: Vec<u32>,
    /// The samples of one step \[B, n\].
    batch: Matrix<F>,
    /// Number of steps taken.
    pub(super) steps: u64,
    /// The measurements of the theory to make, if any.
    pub(super) theory: Option<TheorySpec>,
    /// Whether the distribution of codes is measured.
    pub(super) distribution: bool,
}

impl<'a, F: Real> Run<'a, F> {
    /// A run at epoch 0, with all of its memory allocated. `start` are the parameters of a warm start: they are projected on the
    /// constraint, and a decoder bias that they lack starts from 0.
    ///
    /// # Panics
    /// If the samples or the warm start don't have the shapes of `spec`, or there are more than 2³² samples.
    pub fn new(spec: &'a RunSpec, samples: Samples<'a, F>, start: Option<&Parameters<F>>) -> Self {
        assert_eq!(samples.train.dim(), (spec.samples, spec.inputs), "the samples' shape is not the run's");
        let parameters = initial_parameters(spec, start);
        let shape = Shape { batch: spec.batch.min(spec.samples), inputs: spec.inputs, hidden: spec.hidden };
        let mut regularizer = spec.regularizer.build(spec.sigma_squared, shape);
        regularizer.prepare(samples.train);
        let evaluation = Evaluation::new(spec, &samples, &*regularizer);
        let count = u32::try_from(spec.samples).expect("at most 2³² samples");
        Self {
            spec,
            samples,
            objective: Objective::new(&spec.activation, regularizer, shape)
                .with_shape_class(spec.shape_class),
            optimizer: Sgd::new(spec.learning_rate, spec.momentum, spec.constraint, &parameters)
                .with_encoder_bias(spec.encoder_bias),
            parameters,
            noise: Noise::new(spec.seed),
            evaluation,
            order: (0..count).collect(),
            batch: Matrix::zeros(shape.batch, shape.inputs),
            steps: 0,
            theory: None,
            distribution: false,
        }
    }

    /// The current parameters.
    pub fn parameters(&self) -> &Parameters<F> {
        &self.parameters
    }

    /// Steps of one epoch: ⌈N / B⌉.
    pub fn steps_per_epoch(&self) -> u64 {
        self.spec.steps_per_epoch()
    }

    /// Takes the next step and returns the objective before it. The first step of an epoch draws the order of its samples.
    ///
    /// # Errors
    /// [`RunDiverged`], where the objective or a parameter is no longer finite.
    pub fn step(&mut self) -> Result<f64, RunDiverged> {
        let per_epoch = self.steps_per_epoch();
        let (epochs_done, place) = (self.steps / per_epoch, (self.steps % per_epoch) as usize);
        let epoch = epochs_done as u32 + 1;
        if place == 0 && self.spec.shuffle {
            shuffled_order(self.spec.seed, epoch, &mut self.order);
        }
        let start = place * self.batch.rows();
        let rows = self.batch.rows().min(self.order.len() - start);
        self.gather(start, rows);
        let places = &self.order[start..start + rows];
        let step = Step { noise: &self.noise, number: self.steps, samples: places };
        let mut gradient = self.optimizer.accumulate();
        let objective = self.objective.evaluate(&self.parameters, self.batch.head(rows), step, &mut gradient);
        self.steps += 1;
        let finite = self.optimizer.update(&mut self.parameters, self.objective.products_mut());
        if finite && objective.is_finite() {
            Ok(objective)
        } else {
            Err(RunDiverged { epoch, step: self.steps })
        }
    }

    /// Copies the samples of one step into the batch.
    fn gather(&mut self, start: usize, rows: usize) {
        let n = self.batch.columns();
        let samples = values(&self.samples.train);
        let places = &self.order[start..start + rows];
        for (row, sample) in self.batch.values_mut().chunks_exact_mut(n).zip(places) {
            row.copy_from_slice(&samples[*sample as usize * n..][..n]);
        }
    }

    /// Measures the current network; `training_loss` becomes part of the measurement.
    pub fn measure(&mut self, training_loss: Option<f64>) -> Measurement {
        self.measure_and_pass(training_loss, |_| ())
    }

    /// As [`Run::measure`]; passes the codes of the training samples to `each`, a block \[B, m\] at a time.
    pub(super) fn measure_and_pass(
        &mut self,
        training_loss: Option<f64>,
        each: impl FnMut(&[F]),
    ) -> Measurement {
        let epoch = (self.steps / self.steps_per_epoch()) as u32;
        self.evaluation.measure(
            self.spec,
            &self.samples,
            &self.parameters,
            &mut self.objective,
            each,
            (epoch, training_loss),
        )
    }

    /// Number of samples of the latest step.
    pub(super) fn samples_of_last_step(&self) -> usize {
        let place = (self.steps - 1) % self.steps_per_epoch();
        let start = place as usize * self.batch.rows();
        self.batch.rows().min(self.order.len() - start)
    }

    /// This run, measuring also the theory while it trains. This changes no number of the run.
    #[must_use]
    pub fn measuring(mut self, theory: TheorySpec) -> Self {
        self.theory = Some(theory);
        self
    }

    /// This run, measuring also the distribution of codes at the measured epochs. This changes no number of the run.
    #[must_use]
    pub fn measuring_distribution(mut self) -> Self {
        self.distribution = true;
        self
    }

    /// This run, with each product shared by the threads of `team`. This changes no bit of the run.
    #[must_use]
    pub fn with_team(mut self, team: &Team) -> Self {
        self.objective = self.objective.with_team(team.clone());
        self.evaluation = self.evaluation.with_team(team.clone());
        self
    }

    /// The threads that share the products.
    pub(super) fn team(&self) -> &Team {
        self.objective.products().team()
    }

    /// Trains all epochs. Measures at epoch 0, at each multiple of `every` epochs, and at the last epoch. [`Session`] trains step by step.
    ///
    /// # Panics
    /// If `every` is 0.
    pub fn train(self, every: u32, observer: &mut dyn Observer) -> Trained<F> {
        let mut session = Session::new(self, every);
        while session.step(observer) {}
        session.finish()
    }

    /// The parameters and velocities for a checkpoint.
    pub(super) fn arrays(&self) -> Arrays<F> {
        let (parameters, velocity) = (&self.parameters, self.optimizer.velocity());
        Arrays {
            weights: parameters.weights.values().to_vec(),
            bias: parameters.bias.clone(),
            decoder_bias: parameters.decoder_bias.clone(),
            squared_norms: parameters.squared_norms.clone(),
            weights_velocity: velocity.weights.values().to_vec(),
            bias_velocity: velocity.bias.clone(),
            decoder_bias_velocity: velocity.decoder_bias.clone(),
        }
    }

    /// Restores the state of a checkpoint of the same run.
    ///
    /// # Panics
    /// If the arrays don't have the lengths of this run's arrays.
    pub(super) fn restore(&mut self, steps: u64, regularizer: &[u64], arrays: &Arrays<F>) {
        let (parameters, velocity) = (&mut self.parameters, self.optimizer.velocity_mut());
        parameters.weights.values_mut().copy_from_slice(&arrays.weights);
        parameters.bias.copy_from_slice(&arrays.bias);
        parameters.decoder_bias.copy_from_slice(&arrays.decoder_bias);
        parameters.squared_norms.copy_from_slice(&arrays.squared_norms);
        velocity.weights.values_mut().copy_from_slice(&arrays.weights_velocity);
        velocity.bias.copy_from_slice(&arrays.bias_velocity);
        velocity.decoder_bias.copy_from_slice(&arrays.decoder_bias_velocity);
        self.objective.regularizer_mut().restore(regularizer);
        self.steps = steps;
        // At the beginning of an epoch, the next step draws the order.
        if self.spec.shuffle && !steps.is_multiple_of(self.steps_per_epoch()) {
            let epoch = (steps / self.steps_per_epoch()) as u32 + 1;
            shuffled_order(self.spec.seed, epoch, &mut self.order);
        }
    }
}

fn initial_parameters<F: Real>(spec: &RunSpec, start: Option<&Parameters<F>>) -> Parameters<F> {
    let Some(start) = start else {
        return init::glorot(spec.seed, spec.hidden, spec.inputs, spec.decoder_bias, spec.constraint);
    };
    assert_eq!(start.weights().dim(), (spec.hidden, spec.inputs), "the warm start's shape is not the run's");
    let decoder_bias = match (spec.decoder_bias, start.decoder_bias.is_empty()) {
        (true, true) => vec![F::zero(); spec.inputs],
        (true, false) => start.decoder_bias.clone(),
        (false, _) => Vec::new(),
    };
    init::project(start.weights(), start.bias.clone(), decoder_bias, spec.constraint)
}
