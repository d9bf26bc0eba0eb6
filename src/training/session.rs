//! A run from its first measurement to its last, a step at a time, so that it can be left and taken up again at any step.

use super::activity::Counts;
use super::checkpoint::{Arrays, Checkpoint, Progress};
use super::metrics::Measurement;
use super::outcome::{Outcome, Status};
use super::run::{Divergence, Run};
use super::watch::{Watch, WatchState};
use super::{Observer, Trained};
use crate::real::Real;
use crate::state::Parameters;

/// A run with what is measured of it.
pub struct Session<'a, F> {
    run: Run<'a, F>,
    every: u32,
    initial: Parameters<F>,
    watch: Option<Watch<'a, F>>,
    /// Σ of the objectives of the current epoch's steps, weighted by their samples.
    loss: f64,
    measurements: Vec<Measurement>,
    /// What the last measurement sees.
    counts: Counts<F>,
    /// How it ended, once it has.
    status: Option<Status>,
}

impl<'a, F: Real> Session<'a, F> {
    /// A session of `run`, which hasn't begun, measured at epoch 0, at each multiple of `every` and at the last.
    ///
    /// # Panics
    /// If `every` is 0.
    pub fn new(run: Run<'a, F>, every: u32) -> Self {
        let mut session = Self::idle(run, every);
        session.status = match session.measure(None) {
            Ok(()) => (session.run.spec.epochs == 0).then_some(Status::Completed),
            Err(divergence) => Some(divergence.into()),
        };
        session
    }

    /// The session that has left `checkpoint`, of the same run with the same `every` and the same theory to measure; `None`
    /// where the checkpoint is of others.
    ///
    /// # Panics
    /// If `every` is 0.
    pub fn resume(run: Run<'a, F>, every: u32, checkpoint: Checkpoint<F>) -> Option<Self> {
        let Checkpoint { progress, arrays } = checkpoint;
        let mut session = Self::idle(run, every);
        if !session.is_of(&progress, &arrays) {
            return None;
        }
        if let (Some(watch), Some(state)) = (&mut session.watch, progress.theory)
            && !watch.restore(state)
        {
            return None;
        }
        session.run.go_to(progress.steps, &progress.regularizer, &arrays);
        session.loss = progress.loss;
        session.measurements = progress.measurements;
        Some(session)
    }

    fn idle(run: Run<'a, F>, every: u32) -> Self {
        assert!(every > 0, "measured at multiples of 0 epochs");
        Self {
            every,
            initial: run.parameters.clone(),
            watch: run.theory.map(|theory| Watch::new(run.spec, theory, &run.samples)),
            loss: 0.0,
            measurements: Vec::new(),
            counts: Counts::new(run.spec.hidden),
            status: None,
            run,
        }
    }

    /// Whether a checkpoint can be one of this session.
    fn is_of(&self, progress: &Progress, arrays: &Arrays<F>) -> bool {
        let per_epoch = self.run.steps_per_epoch();
        let epochs_done = progress.steps / per_epoch;
        let lengths = |arrays: &Arrays<F>| arrays.named().map(|(_, values)| values.len());
        epochs_done < u64::from(self.run.spec.epochs)
            && progress.every == self.every
            && progress.measurements.iter().map(|m| u64::from(m.epoch)).eq(self.due_until(epochs_done))
            && progress.regularizer.len() == self.run.objective.regularizer().state().len()
            && progress.theory.as_ref().map(WatchState::spec) == self.watch.as_ref().map(Watch::spec)
            && lengths(arrays) == lengths(&self.run.arrays())
    }

    /// The epochs up to `epoch` that are measured, but for the last.
    fn due_until(&self, epoch: u64) -> impl Iterator<Item = u64> {
        (0..=epoch).step_by(self.every as usize)
    }

    fn is_due(&self, epoch: u32) -> bool {
        epoch.is_multiple_of(self.every) || epoch == self.run.spec.epochs
    }

    /// Takes the next step, and after the last of an epoch measures what is due and tells `observer`; `false`: the session
    /// has ended.
    pub fn step(&mut self, observer: &mut dyn Observer) -> bool {
        if self.status.is_none()
            && let Err(divergence) = self.advance(observer)
        {
            self.status = Some(divergence.into());
        }
        self.status.is_none()
    }

    fn advance(&mut self, observer: &mut dyn Observer) -> Result<(), Divergence> {
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

    /// Epochs that are done.
    fn epoch(&self) -> u32 {
        (self.run.steps / self.run.steps_per_epoch()) as u32
    }

    /// Measures at the end of an epoch, where it is due.
    fn measure(&mut self, training_loss: Option<f64>) -> Result<(), Divergence> {
        let epoch = self.epoch();
        if self.is_due(epoch) {
            let counts = (epoch == self.run.spec.epochs).then_some(&mut self.counts);
            let measurement = self.run.measure_and_count(training_loss, counts);
            if measurement.not_finite().is_some() {
                return Err(Divergence { epoch, step: self.run.steps });
            }
            self.measurements.push(measurement);
        }
        if let Some(watch) = &mut self.watch {
            watch.epoch(epoch, &self.run.parameters);
        }
        Ok(())
    }

    /// Where the session is; to be asked between two steps.
    pub fn checkpoint(&self) -> Checkpoint<F> {
        let progress = Progress {
            steps: self.run.steps,
            every: self.every,
            loss: self.loss,
            regularizer: self.run.objective.regularizer().state(),
            measurements: self.measurements.clone(),
            theory: self.watch.as_ref().map(Watch::state),
        };
        Checkpoint { progress, arrays: self.run.arrays() }
    }

    /// What the session leaves.
    ///
    /// # Panics
    /// If it hasn't ended: [`Session::step`] was not yet `false`.
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
            initial: self.initial,
            last: self.run.parameters,
        }
    }
}

impl From<Divergence> for Status {
    fn from(Divergence { epoch, step }: Divergence) -> Self {
        Self::Diverged { epoch, step }
    }
}
