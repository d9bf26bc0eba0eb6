//! A session trains a run step by step, so that it can be stopped after any step and resumed from a checkpoint.

use super::activity::ActivityCounts;
use super::checkpoint::{Arrays, Checkpoint, RunProgress};
use super::distribution::DistributionWatch;
use super::metrics::Measurement;
use super::outcome::{Outcome, Status};
use super::run::{Run, RunDiverged};
use super::watch::{TheoryWatch, TheoryWatchState};
use super::{Observer, Trained};
use crate::real::Real;
use crate::state::Parameters;

/// A run that is trained step by step, with its measurements.
pub struct Session<'a, F> {
    run: Run<'a, F>,
    every: u32,
    initial: Parameters<F>,
    watch: Option<TheoryWatch<'a, F>>,
    distribution: Option<DistributionWatch<F>>,
    /// Σ of the objectives of the current epoch's steps, weighted by their samples.
    loss: f64,
    measurements: Vec<Measurement>,
    /// The counts of the last measurement.
    counts: ActivityCounts<F>,
    /// How the run ended, once it has.
    status: Option<Status>,
}

impl<'a, F: Real> Session<'a, F> {
    /// A session of `run`, which has taken no step. Measures at epoch 0, at each multiple of `every` epochs, and at the last epoch.
    ///
    /// # Panics
    /// If `every` is 0.
    pub fn new(run: Run<'a, F>, every: u32) -> Self {
        let mut session = Self::unmeasured(run, every);
        session.status = match session.measure(None) {
            Ok(()) => (session.run.spec.epochs == 0).then_some(Status::Completed),
            Err(divergence) => Some(divergence.into()),
        };
        session
    }

    /// The session resumed from `checkpoint`, which must be of the same run key; `None` if its shapes, its steps, its `every` or its
    /// measurements of theory or distribution are others.
    ///
    /// # Panics
    /// If `every` is 0.
    pub fn resume(run: Run<'a, F>, every: u32, checkpoint: Checkpoint<F>) -> Option<Self> {
        let Checkpoint { progress, arrays } = checkpoint;
        let mut session = Self::unmeasured(run, every);
        if !session.accepts(&progress, &arrays) {
            return None;
        }
        if let (Some(watch), Some(state)) = (&mut session.watch, progress.theory)
            && !watch.restore(state)
        {
            return None;
        }
        let measured = progress.measurements.iter().map(|measurement| u64::from(measurement.epoch));
        if let (Some(watch), Some(state)) = (&mut session.distribution, progress.distribution)
            && !watch.restore(state, measured)
        {
            return None;
        }
        session.run.restore(progress.steps, &progress.regularizer, &arrays);
        session.loss = progress.loss;
        session.measurements = progress.measurements;
        Some(session)
    }

    fn unmeasured(run: Run<'a, F>, every: u32) -> Self {
        assert!(every > 0, "measured at multiples of 0 epochs");
        Self {
            every,
            initial: run.parameters.clone(),
            watch: run.theory.map(|theory| TheoryWatch::new(run.spec, theory, &run.samples, run.team())),
            distribution: run
                .distribution
                .then(|| DistributionWatch::new(run.spec.hidden, run.spec.threshold)),
            loss: 0.0,
            measurements: Vec::new(),
            counts: ActivityCounts::new(run.spec.hidden),
            status: None,
            run,
        }
    }

    /// Whether a checkpoint can be of this session.
    fn accepts(&self, progress: &RunProgress, arrays: &Arrays<F>) -> bool {
        let per_epoch = self.run.steps_per_epoch();
        let epochs_done = progress.steps / per_epoch;
        let lengths = |arrays: &Arrays<F>| arrays.named().map(|(_, values)| values.len());
        epochs_done < u64::from(self.run.spec.epochs)
            && progress.every == self.every
            && progress.measurements.iter().map(|m| u64::from(m.epoch)).eq(self.due_until(epochs_done))
            && progress.regularizer.len() == self.run.objective.regularizer().state().len()
            && progress.theory.as_ref().map(TheoryWatchState::spec)
                == self.watch.as_ref().map(TheoryWatch::spec)
            && progress.distribution.is_some() == self.distribution.is_some()
            && lengths(arrays) == lengths(&self.run.arrays())
    }

    /// The measured epochs up to `epoch`, without the run's last epoch.
    fn due_until(&self, epoch: u64) -> impl Iterator<Item = u64> {
        (0..=epoch).step_by(self.every as usize)
    }

    fn is_due(&self, epoch: u32) -> bool {
        epoch.is_multiple_of(self.every) || epoch == self.run.spec.epochs
    }

    /// Takes the next step. After the last step of an epoch, measures if due and calls `observer`. Returns `false` once the session has
    /// ended.
    pub fn step(&mut self, observer: &mut dyn Observer) -> bool {
        if self.status.is_none()
            && let Err(divergence) = self.advance(observer)
        {
            self.status = Some(divergence.into());
        }
        self.status.is_none()
    }

    fn advance(&mut self, observer: &mut dyn Observer) -> Result<(), RunDiverged> {
        let objective = self.run.step()?;
        self.loss += objective * self.run.samples_of_last_step() as f64;
        if let Some(watch) = &mut self.watch {
            watch.step(&self.run.parameters);
        }
        if self.run.steps.is_multiple_of(self.run.steps_per_epoch()) {
            let training_loss = std::mem::take(&mut self.loss) / self.run.spec.samples as f64;
            self.measure(Some(training_loss))?;
            let latest = self.measurements.last().expect("epoch 0 was measured");
            observer.epoch(self.epoch(), training_loss, latest);
            if self.epoch() == self.run.spec.epochs {
                self.status = Some(Status::Completed);
            }
        }
        Ok(())
    }

    /// Number of completed epochs.
    fn epoch(&self) -> u32 {
        (self.run.steps / self.run.steps_per_epoch()) as u32
    }

    /// Measures after an epoch, if a measurement is due.
    fn measure(&mut self, training_loss: Option<f64>) -> Result<(), RunDiverged> {
        let epoch = self.epoch();
        if self.is_due(epoch) {
            let Self { run, counts, distribution, .. } = self;
            let is_last = epoch == run.spec.epochs;
            let measurement = run.measure_and_pass(training_loss, |codes| {
                if is_last {
                    counts.add(codes);
                }
                if let Some(distribution) = distribution.as_mut() {
                    distribution.add(codes);
                }
            });
            if measurement.not_finite().is_some() {
                return Err(RunDiverged { epoch, step: run.steps });
            }
            if let Some(distribution) = distribution {
                distribution.end_epoch(epoch, run.evaluation.active_samples());
            }
            self.measurements.push(measurement);
        }
        if let Some(watch) = &mut self.watch {
            watch.epoch(epoch, &self.run.parameters);
        }
        Ok(())
    }

    /// The checkpoint of the session between two steps.
    pub fn checkpoint(&self) -> Checkpoint<F> {
        let progress = RunProgress {
            steps: self.run.steps,
            every: self.every,
            loss: self.loss,
            regularizer: self.run.objective.regularizer().state(),
            measurements: self.measurements.clone(),
            theory: self.watch.as_ref().map(TheoryWatch::state),
            distribution: self.distribution.as_ref().map(DistributionWatch::state),
        };
        Checkpoint { progress, arrays: self.run.arrays() }
    }

    /// The result of the training.
    ///
    /// # Panics
    /// If the session hasn't ended: [`Session::step`] has not returned `false`.
    pub fn finish(self) -> Trained<F> {
        let status = self.status.expect("the session has ended");
        let completed = status == Status::Completed;
        let active_samples = self.run.evaluation.active_samples().to_vec();
        let activity = completed.then(|| self.counts.finish(active_samples));
        let parameters = completed.then_some(&self.run.parameters);
        let theory = self.watch.map(|watch| watch.finish(parameters));
        Trained {
            outcome: Outcome { status, measurements: self.measurements, activity },
            theory,
            distribution: self.distribution.map(DistributionWatch::finish),
            initial: self.initial,
            last: self.run.parameters,
        }
    }
}

impl From<RunDiverged> for Status {
    fn from(RunDiverged { epoch, step }: RunDiverged) -> Self {
        Self::Diverged { epoch, step }
    }
}
