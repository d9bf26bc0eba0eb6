//! From a plan to stored results: trains what is missing, several runs at a time, and stores each as it finishes.
//!
//! One run is one thread; which runs go on at the same time changes no number. A training that panics or can't be
//! stored costs none of the others. This is the only user of threads.

use super::{Plan, Reporter, Training, WeightsOutput};
use crate::error::{Error, Result};
use crate::store::{Moment, Record, Row, Store, TheoryRecord, Warning, Weights};
use crate::training::{Measurement, Observer, Status, Trained};
use rayon::ThreadPoolBuilder;
use std::any::Any;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

/// Trains one run. [`execute`] knows no more of training than this, so it can be tested without any.
pub trait Executor: Sync {
    /// Trains `training` from its beginning, on the calling thread, and tells `observer` of every epoch.
    fn train(&self, training: &Training, observer: &mut dyn Observer) -> Trained<f32>;
}

/// A sweep's end.
#[derive(Debug)]
pub struct Summary {
    /// Trainings of the plan that completed, in this session or before.
    pub completed: usize,
    /// Trainings of the plan that diverged, in this session or before.
    pub diverged: usize,
    /// How many of both were in the store already.
    pub reused: usize,
    /// Trainings that are not finished: they failed, or were not begun after results couldn't be stored.
    pub unfinished: usize,
    /// What went wrong, in the order in which it did.
    pub failures: Vec<Failure>,
    /// What a reader of the results should know.
    pub warnings: Vec<Warning>,
    /// The finished cells, in plan order: the rows of `runs.csv`.
    pub rows: Vec<Row>,
}

/// Something that went wrong without ending the sweep's results.
#[derive(Debug)]
pub enum Failure {
    /// A training panicked: a fault in the program. The others went on.
    Panicked {
        /// The run.
        run_key: String,
        /// The panic's message.
        message: String,
    },
    /// A finished run couldn't be stored and is lost. Where the system refused, no further one was begun.
    NotStored {
        /// The run.
        run_key: String,
        /// Why.
        error: Error,
    },
    /// The runs are stored, but the tables or the manifest couldn't be written.
    NotWritten {
        /// Why.
        error: Error,
    },
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Panicked { run_key, message } => write!(
                f,
                "the training {run_key} failed by a fault in the program ({message}); the other results are \
                 stored, run again to try it once more, and please report it"
            ),
            Self::NotStored { run_key, error } => write!(f, "the result of {run_key} is lost: {error}"),
            Self::NotWritten { error } => {
                write!(
                    f,
                    "every finished run is stored, but not every table: {error}; run again to write them"
                )
            }
        }
    }
}

/// Trains what is missing of `plan`, `jobs` runs at a time (at least one), in plan order, and stores everything in
/// `store`. `runs.csv` and `epochs.csv` hold the rows finished so far at any time.
///
/// The files are the same for any `jobs`, and whether the sweep was interrupted or not.
///
/// # Errors
/// Before anything is trained: where the store holds runs of other settings only, the tables can't be written, or
/// no threads can be started. What goes wrong later stands in [`Summary::failures`].
pub fn execute(
    plan: &Plan,
    store: &Store,
    executor: &impl Executor,
    jobs: usize,
    reporter: &dyn Reporter,
) -> Result<Summary> {
    let keys = || plan.trainings.iter().map(|training| training.key.as_str());
    store.check_plan(keys())?;
    let pool = ThreadPoolBuilder::new().num_threads(jobs.max(1)).build().map_err(|error| {
        Error::store(
            store.folder(),
            format!("no threads for {jobs} jobs: {error}"),
            "choose fewer with --jobs",
        )
    })?;
    let missing: Vec<_> = plan.trainings.iter().filter(|t| !is_finished(plan, store, &t.key)).collect();
    let sweep =
        Sweep { plan, store, executor, reporter, failures: Mutex::default(), stop: AtomicBool::new(false) };
    sweep.write_tables()?;
    let reused = plan.trainings.len() - missing.len();
    reporter.begin(plan, reused);
    // Tasks of one scope start in the order in which they were spawned, whichever thread takes them.
    pool.scope_fifo(|scope| {
        for training in &missing {
            scope.spawn_fifo(|_| sweep.run(training));
        }
    });
    sweep.note(store.end());
    let statuses: Vec<_> = keys().filter_map(|key| store.record(key)).map(|record| record.status).collect();
    let completed = statuses.iter().filter(|status| **status == Status::Completed).count();
    Ok(Summary {
        completed,
        diverged: statuses.len() - completed,
        reused,
        unfinished: plan.trainings.len() - statuses.len(),
        warnings: store.warnings(keys(), moments(plan.weights)),
        rows: sweep.rows(),
        failures: sweep.failures.into_inner().unwrap_or_else(PoisonError::into_inner),
    })
}

/// Whether nothing is left to do for the training `key`: it is stored, with what the plan asks to be measured beside it.
pub fn is_finished(plan: &Plan, store: &Store, key: &str) -> bool {
    let measured = |spec| store.theory(key).is_some_and(|theory| theory.satisfies(spec));
    store.record(key).is_some() && plan.theory.is_none_or(measured)
}

/// What the threads of a sweep share.
struct Sweep<'a, E> {
    plan: &'a Plan,
    store: &'a Store,
    executor: &'a E,
    reporter: &'a dyn Reporter,
    /// Also guards the tables: one thread at a time collects the rows and writes them.
    failures: Mutex<Vec<Failure>>,
    /// Set when results can't be stored: further training would be in vain.
    stop: AtomicBool,
}

impl<E: Executor> Sweep<'_, E> {
    fn run(&self, training: &Training) {
        if self.stop.load(Ordering::Relaxed) {
            return;
        }
        self.reporter.started(training);
        let begun = Instant::now();
        let mut observer = Forward { training, reporter: self.reporter };
        // The executor shares nothing that a panic could leave half changed: a training owns its state.
        let trained = catch_unwind(AssertUnwindSafe(|| self.executor.train(training, &mut observer)));
        match trained {
            Ok(trained) => self.keep(training, &trained, begun),
            Err(panic) => {
                let message = message_of(panic.as_ref());
                self.failures().push(Failure::Panicked { run_key: training.key.clone(), message });
            }
        }
    }

    /// Stores a finished run, then the tables that now have its rows.
    fn keep(&self, training: &Training, trained: &Trained<f32>, begun: Instant) {
        if let Err(error) = self.store_run(training, trained) {
            // A result that isn't finite is that run's own trouble; a full disk is everyone's.
            if matches!(error, Error::Io { .. }) {
                self.stop.store(true, Ordering::Relaxed);
            }
            self.failures().push(Failure::NotStored { run_key: training.key.clone(), error });
            return;
        }
        self.note(self.store.add_seconds(&training.key, begun.elapsed()));
        self.note(self.write_tables());
        self.reporter.finished(training, &trained.outcome);
    }

    /// The record last: it makes the run complete. Weights that diverged are no use to anyone.
    fn store_run(&self, training: &Training, trained: &Trained<f32>) -> Result<()> {
        for &moment in moments(self.plan.weights) {
            let weights = match (moment, trained.outcome.status) {
                (Moment::Initial, _) => &trained.initial,
                (Moment::Final, Status::Completed) => &trained.last,
                (Moment::Final, Status::Diverged { .. }) => continue,
            };
            self.store.save_weights(&training.key, moment, &Weights::from(weights))?;
        }
        if let (Some(spec), Some(theory)) = (self.plan.theory, &trained.theory) {
            let record = TheoryRecord::new(&training.key, spec, theory);
            self.store.save_theory(record, theory.units.as_ref())?;
        }
        self.store.save(Record::new(&training.spec, trained.outcome.clone())).map(drop)
    }

    fn write_tables(&self) -> Result<()> {
        let _one_at_a_time = self.failures();
        self.store.write_tables(&self.plan.name, &self.plan.dataset, &self.rows())
    }

    /// The finished cells, in plan order.
    fn rows(&self) -> Vec<Row> {
        let row = |cell: &super::Cell| {
            let record = self.store.record(&self.plan.trainings[cell.training].key)?;
            Some(Row { spec: cell.spec.clone(), record })
        };
        self.plan.cells.iter().filter_map(row).collect()
    }

    fn note(&self, written: Result<()>) {
        if let Err(error) = written {
            self.failures().push(Failure::NotWritten { error });
        }
    }

    fn failures(&self) -> MutexGuard<'_, Vec<Failure>> {
        self.failures.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Tells a sweep's reporter of one run's epochs.
struct Forward<'a> {
    training: &'a Training,
    reporter: &'a dyn Reporter,
}

impl Observer for Forward<'_> {
    fn epoch(&mut self, epoch: u32, training_loss: f64, latest: &Measurement) {
        self.reporter.epoch(self.training, epoch, training_loss, latest);
    }
}

/// The weights that a completed run of a plan leaves.
fn moments(output: WeightsOutput) -> &'static [Moment] {
    match output {
        WeightsOutput::None => &[],
        WeightsOutput::Final => &[Moment::Final],
        WeightsOutput::InitialAndFinal => &[Moment::Initial, Moment::Final],
    }
}

fn message_of(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no message").to_owned()
}
