//! Trains stored runs again, to compare their numbers. Stores nothing, not even a checkpoint.

use super::cores::Cores;
use super::execute::{Executor, Supervisor, panic_message, thread_pool};
use super::plan::{Cell, Plan, Training};
use super::reporter::Reporter;
use super::trainer::Trainer;
use super::weights::WeightsOutput;
use crate::data::{DataSpec, Dataset};
use crate::error::Result;
use crate::linalg::Team;
use crate::store::{Record, Weights};
use crate::training::{Checkpoint, Measurement, Next, Observer, Outcome};
use rayon::iter::{IntoParallelRefIterator as _, ParallelIterator as _};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// A stored run and everything that training it again needs.
#[derive(Debug)]
pub struct Repetition {
    training: Training,
    evaluate_every: u32,
    data: DataSpec,
    dataset: Arc<Dataset>,
    start: Option<Weights>,
}

/// The end of a [`Repetition`].
#[derive(Debug, Clone, PartialEq)]
pub enum Repeated {
    /// The training ended with this outcome.
    Trained(Outcome),
    /// The training was stopped, or had not begun when the others were.
    Stopped,
    /// The training panicked with this message, which is a fault in the program.
    Panicked(String),
}

impl Repetition {
    /// The repetition of the completed run `record` on `dataset`, which was made of `data`; `start` are the parameters of its warm start.
    /// Measures the epochs that the record has.
    pub fn new(record: &Record, data: DataSpec, dataset: Arc<Dataset>, start: Option<Weights>) -> Self {
        let training = Training { key: record.run_key.clone(), spec: record.spec.clone() };
        // The first measurement is that of epoch 0, and the second one that of the first due epoch, or of the last epoch.
        let evaluate_every = record.measurements.get(1).map_or(1, |measured| measured.epoch.max(1));
        Self { training, evaluate_every, data, dataset, start }
    }
}

/// The plan of `repetitions`, with a cell for each; `None` without repetitions. Progress, times and memory follow from it.
pub fn plan_repetitions(repetitions: &[Repetition]) -> Option<Plan> {
    let first = repetitions.first()?;
    let trainings = || repetitions.iter().map(|repetition| &repetition.training).enumerate();
    Some(Plan {
        name: "recomputation".to_owned(),
        dataset: first.dataset.name.clone(),
        data: first.data.clone(),
        cells: trainings()
            .map(|(index, training)| Cell { spec: training.spec.clone(), training: index })
            .collect(),
        trainings: trainings().map(|(_, training)| training.clone()).collect(),
        evaluate_every: first.evaluate_every,
        weights: WeightsOutput::None,
        checkpoint: None,
        theory: None,
        distribution: false,
        warm_start: None,
    })
}

/// Trains `repetitions`, the runs of `plan`, `jobs` at a time, as [`super::execute()`] trains runs. Returns the end of each, in their order.
/// Once `stop` is set, every training stops after its current step.
///
/// # Errors
/// Where no threads can be started.
pub fn repeat(
    repetitions: &[Repetition],
    plan: &Plan,
    jobs: usize,
    stop: &AtomicBool,
    reporter: &dyn Reporter,
) -> Result<Vec<Repeated>> {
    let pool = thread_pool(jobs)?;
    reporter.begin(plan, 0);
    let cores = Cores::new(None, jobs);
    cores.expect(repetitions.len());
    let each = |repetition: &Repetition| repeat_one(repetition, &cores, stop, reporter);
    Ok(pool.install(|| repetitions.par_iter().map(each).collect()))
}

fn repeat_one(
    repetition: &Repetition,
    cores: &Cores,
    stop: &AtomicBool,
    reporter: &dyn Reporter,
) -> Repeated {
    let threads = cores.take(repetition.training.spec.useful_threads());
    if stop.load(Ordering::Relaxed) {
        return Repeated::Stopped;
    }
    let Repetition { training, evaluate_every, dataset, start, .. } = repetition;
    let trainer = Trainer::for_records(*evaluate_every, dataset, start.as_ref());
    let mut supervisor = RepetitionSupervisor { training, stop, reporter };
    reporter.started(training, threads.number, None);
    let train = |team: &Team| trainer.train(training, None, team, &mut supervisor);
    match threads.run(train) {
        Ok(Some(trained)) => {
            reporter.finished(training, &trained.outcome);
            Repeated::Trained(trained.outcome)
        }
        Ok(None) => Repeated::Stopped,
        Err(panic) => Repeated::Panicked(panic_message(panic.as_ref())),
    }
}

/// Reports the epochs of one training, and stops it.
struct RepetitionSupervisor<'a> {
    training: &'a Training,
    stop: &'a AtomicBool,
    reporter: &'a dyn Reporter,
}

impl Observer for RepetitionSupervisor<'_> {
    fn epoch(&mut self, epoch: u32, training_loss: f64, latest: &Measurement) {
        self.reporter.epoch(self.training, epoch, training_loss, latest);
    }
}

impl Supervisor for RepetitionSupervisor<'_> {
    fn restarts(&mut self) {}

    fn next(&mut self) -> Next {
        if self.stop.load(Ordering::Relaxed) { Next::Stop } else { Next::Continue }
    }

    fn save(&mut self, _checkpoint: &Checkpoint<f32>) {}
}
