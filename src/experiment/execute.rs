//! From a plan to stored results: trains the unfinished runs, several at a time, and stores each as it finishes.
//!
//! Neither the number of runs at a time nor the threads of a run change a number. A training that panics or can't be stored does
//! not affect the others. Only `recompute`, which trains stored runs again, starts threads for runs too.

use super::cores::Cores;
use super::finished::is_finished;
use super::plan::{Plan, Training};
use super::reporter::Reporter;
use crate::data::Preparation;
use crate::error::{Error, Result};
use crate::guard::lock;
use crate::linalg::Team;
use crate::store::{
    Acquisition, DistributionRecord, EncoderSpec, Lease, LeaseHolder, Moment, Processor, Record, Store,
    StoredCheckpoint, StoredRun, TheoryRecord, TrainingTime, Warning, Weights, weights_path,
};
use crate::training::{Checkpoint, Measurement, Next, Observer, Status, Trained};
use rayon::{ThreadPool, ThreadPoolBuilder};
use std::any::Any;
use std::collections::BTreeSet;
use std::fmt;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// The interval at which a worker checks again the runs that it waits for.
const CHECK_INTERVAL: Duration = Duration::from_secs(1);

/// Trains one run. [`execute`] depends only on this trait, so it can be tested without training.
pub trait Executor: Sync {
    /// Trains `training` on the calling thread, with its products shared by `team`, from the checkpoint `from` or from its beginning. Calls
    /// [`Supervisor::next`] after every step; returns `None` if it returned [`Next::Stop`].
    fn train(
        &self,
        training: &Training,
        from: Option<Checkpoint<f32>>,
        team: &Team,
        supervisor: &mut dyn Supervisor,
    ) -> Option<Trained<f32>>;

    /// How raw values became the inputs that it trains on, for files of weights; `None` if it doesn't know.
    fn preparation(&self) -> Option<&Preparation> {
        None
    }
}

/// Receives a run's epochs and decides after every step whether it continues.
pub trait Supervisor: Observer {
    /// The run restarts from its beginning, because its checkpoint was saved under other settings of its measurements.
    fn restarts(&mut self);
    /// The next action after a step.
    fn next(&mut self) -> Next;
    /// Saves the checkpoint that [`Supervisor::next`] has asked for.
    fn save(&mut self, checkpoint: &Checkpoint<f32>);
}

/// Options of [`execute`].
#[derive(Debug, Clone, Copy)]
pub struct ExecutionOptions<'a> {
    /// Number of runs at a time; 0 means 1.
    pub jobs: usize,
    /// Number of threads of each run; `None`: the cores that the other runs leave idle when it begins.
    pub threads: Option<usize>,
    /// The time between two checkpoints of a run; `None`: a checkpoint only when the run is stopped.
    pub checkpoint_every: Option<Duration>,
    /// Whether runs are also resumed from checkpoints of other instruction sets; their records then name all processors.
    pub resume_anywhere: bool,
    /// Set by the caller to interrupt the sweep: every run stops after its current step, with a checkpoint, and no other run begins.
    pub stop: &'a AtomicBool,
}

/// The summary of a sweep that has ended.
#[derive(Debug)]
pub struct Summary {
    /// Number of trainings of the plan that completed, in this session or before.
    pub completed: usize,
    /// Number of trainings of the plan that diverged, in this session or before.
    pub diverged: usize,
    /// Number of finished trainings that were in the store before this session.
    pub reused: usize,
    /// Number of trainings that are not finished: they failed, were stopped, or had not begun when the sweep was interrupted or results
    /// could no longer be stored.
    pub unfinished: usize,
    /// Whether the sweep was interrupted; all trainings may still be finished.
    pub stopped: bool,
    /// All failures, in the order in which they happened.
    pub failures: Vec<SweepFailure>,
    /// Warnings about the finished runs.
    pub warnings: Vec<Warning>,
    /// Whether a table was written because it was out of date.
    pub written: bool,
    /// The plan's cells that have a record, in the plan's order: its rows of `runs.csv`. Measurements of the theory may still be missing.
    pub rows: Vec<StoredRun>,
}

/// A failure that did not end the sweep.
#[derive(Debug)]
pub enum SweepFailure {
    /// A training panicked, which is a fault in the program. The other trainings continued.
    Panicked {
        /// The key of the run.
        run_key: String,
        /// The panic's message.
        message: String,
    },
    /// A finished run couldn't be stored and is lost. After an I/O error, no other run was begun.
    NotStored {
        /// The key of the run.
        run_key: String,
        /// The reason.
        error: Error,
    },
    /// The run could not be resumed from its checkpoint and was trained from its beginning.
    Checkpoint {
        /// The key of the run.
        run_key: String,
        /// The reason.
        problem: String,
    },
    /// A finished run was trained again because something was missing, and has other numbers now.
    OtherNumbers {
        /// The key of the run.
        run_key: String,
        /// The processor of its earlier numbers.
        then: Processor,
        /// The processor of its present numbers.
        now: Processor,
    },
    /// A checkpoint couldn't be saved, so an interruption would lose the run's progress since the one before. Reported once for each run.
    NotKept(Error),
    /// A table or the manifest couldn't be written, or a file that is no longer needed couldn't be removed.
    NotWritten(Error),
    /// Records of finished runs were removed during the sweep; these runs count as unfinished.
    Lost(Error),
    /// A damaged file was set aside.
    Damaged(Error),
}

impl SweepFailure {
    /// Whether results are missing because of the failure.
    pub fn costs_results(&self) -> bool {
        match self {
            Self::Panicked { .. } | Self::NotStored { .. } | Self::NotWritten(_) | Self::Lost(_) => true,
            Self::Checkpoint { .. } | Self::OtherNumbers { .. } | Self::NotKept(_) | Self::Damaged(_) => {
                false
            }
        }
    }
}

impl fmt::Display for SweepFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Panicked { run_key, message } => write!(
                f,
                "the training {run_key} failed by a fault in the program ({message}); the other results are \
                 stored, run again to try it once more, and please report it"
            ),
            Self::NotStored { run_key, error } => write!(f, "the result of {run_key} is lost: {error}"),
            Self::Checkpoint { run_key, problem } => write!(
                f,
                "the checkpoint of {run_key} is not used ({problem}): the run was trained from its beginning"
            ),
            Self::OtherNumbers { run_key, then, now } => write!(
                f,
                "{run_key}, trained again for what it lacked, has other numbers now: before they were computed on {then}, now on \
                 {now}; the tables have the new ones"
            ),
            Self::NotKept(error) => {
                write!(f, "a checkpoint could not be stored, the training went on without: {error}")
            }
            Self::NotWritten(error) => {
                write!(f, "not every file is up to date: {error}; run again to write them")
            }
            Self::Lost(error) | Self::Damaged(error) => write!(f, "{error}"),
        }
    }
}

/// Trains the unfinished runs of `plan` in plan order, several at a time, and stores their results in `store`. Runs with missing weights
/// or measurements ([`super::MissingCounts`]) are trained again, and runs with a checkpoint are resumed. The tables list the runs of
/// `folder`, a plan with these cells and possibly more ([`super::FolderPlan`]). During the sweep, `runs.csv` and `epochs.csv` are at
/// most a second behind, or longer with very many rows.
///
/// The files, but for the manifest, are the same for any number of jobs and of threads, and for an interrupted and resumed sweep. In a
/// store that workers share, this returns when all runs of the plan are finished, by any worker.
///
/// # Errors
/// Before anything is trained: where the store holds only runs of other settings, the tables can't be written, or no threads can be
/// started. Later failures are in [`Summary::failures`].
pub fn execute(
    plan: &Plan,
    folder: &Plan,
    store: &Store,
    executor: &impl Executor,
    options: ExecutionOptions<'_>,
    reporter: &dyn Reporter,
) -> Result<Summary> {
    store.check_plan(plan.keys())?;
    let pool = thread_pool(options.jobs)?;
    // Left by a process killed after writing the record and before removing the checkpoint.
    store.remove_checkpoints(|key| is_finished(plan, store, key))?;
    let missing: Vec<_> = plan.trainings.iter().filter(|t| !is_finished(plan, store, &t.key)).collect();
    let sweep = RunningSweep {
        plan,
        folder,
        store,
        executor,
        options,
        cores: Cores::new(options.threads, options.jobs),
        reporter,
        failures: Mutex::default(),
        tables: Mutex::new(TableSchedule { due: Instant::now(), written: false }),
        held_by_others: Mutex::default(),
        is_waiting: AtomicBool::new(false),
        reported_waits: Mutex::default(),
        cannot_store: AtomicBool::new(false),
    };
    sweep.write_tables(&mut lock(&sweep.tables))?;
    let reused = plan.trainings.len() - missing.len();
    reporter.begin(plan, reused);
    let mut to_do: Vec<&Training> = missing;
    while !to_do.is_empty() {
        // Tasks of one scope start in the order in which they were spawned, whichever thread takes them.
        sweep.cores.expect(to_do.len());
        pool.scope_fifo(|scope| {
            for training in &to_do {
                scope.spawn_fifo(|_| sweep.run(training));
            }
        });
        to_do = sweep.wait_for_others();
    }
    if let Err(error) = store.forget_lost() {
        lock(&sweep.failures).push(SweepFailure::Lost(error));
    }
    let written = sweep.write_tables(&mut lock(&sweep.tables));
    sweep.note_error(written);
    let summary = summarize(plan, store);
    sweep.note_error(store.end_session(summary.unfinished == 0));
    let failures = std::mem::take(&mut *lock(&sweep.failures));
    let written = lock(&sweep.tables).written;
    let stopped = options.stop.load(Ordering::Relaxed);
    Ok(Summary { stopped, reused, failures, written, ..summary })
}

/// Writes the tables of the finished runs of `folder` in `store` without training. Returns the summary of `plan`, a part of `folder`.
///
/// # Errors
/// Where the store holds only runs of other settings, or the tables can't be written.
pub fn assemble(plan: &Plan, folder: &Plan, store: &Store) -> Result<Summary> {
    store.check_plan(plan.keys())?;
    let written = store.write_tables(&rows(folder, store))?;
    let summary = summarize(plan, store);
    store.end_session(summary.unfinished == 0)?;
    Ok(Summary { written, ..summary })
}

/// The summary of the stored runs of `plan`, all counted as reused.
fn summarize(plan: &Plan, store: &Store) -> Summary {
    let finished = plan.keys().filter(|key| is_finished(plan, store, key));
    let statuses: Vec<_> = finished.filter_map(|key| store.record(key)).map(|record| record.status).collect();
    let completed = statuses.iter().filter(|status| **status == Status::Completed).count();
    Summary {
        completed,
        diverged: statuses.len() - completed,
        reused: statuses.len(),
        unfinished: plan.trainings.len() - statuses.len(),
        stopped: false,
        failures: Vec::new(),
        written: false,
        warnings: store.warnings(plan.keys()),
        rows: rows(plan, store),
    }
}

/// The cells of `plan` that have a record, in plan order.
pub(super) fn rows(plan: &Plan, store: &Store) -> Vec<StoredRun> {
    let row = |cell: &super::Cell| {
        let record = store.record(&plan.trainings[cell.training].key)?;
        let (name, dataset) = (plan.name.clone(), plan.dataset.clone());
        Some(StoredRun { name, dataset, spec: cell.spec.clone(), record })
    };
    plan.cells.iter().filter_map(row).collect()
}

/// When the tables are written during a sweep.
struct TableSchedule {
    /// The time of the next write, so that many short runs don't each write the tables.
    due: Instant,
    /// Whether a table was written.
    written: bool,
}

/// The least time between two writes of the tables.
const BETWEEN_TABLES: Duration = Duration::from_secs(1);
/// The least time between two writes of the tables, in multiples of the time that a write takes.
const WRITE_TIMES_BETWEEN: u32 = 20;

/// The state of a sweep that its threads share.
struct RunningSweep<'a, E> {
    plan: &'a Plan,
    /// The plan of the tables.
    folder: &'a Plan,
    store: &'a Store,
    executor: &'a E,
    options: ExecutionOptions<'a>,
    cores: Cores,
    reporter: &'a dyn Reporter,
    failures: Mutex<Vec<SweepFailure>>,
    /// Locked by the one thread that collects the rows and writes them.
    tables: Mutex<TableSchedule>,
    /// Trainings whose leases other workers hold, as far as is known.
    held_by_others: Mutex<Vec<&'a Training>>,
    /// Set when only trainings of other workers are left.
    is_waiting: AtomicBool,
    /// The run keys and holders that were reported to the reporter.
    reported_waits: Mutex<BTreeSet<(String, String)>>,
    /// Set when results can't be stored, so that no other run begins.
    cannot_store: AtomicBool,
}

impl<'a, E: Executor> RunningSweep<'a, E> {
    fn run(&self, training: &'a Training) {
        let threads = self.cores.take(training.spec.useful_threads());
        if self.is_over() {
            return;
        }
        let acquisition = self.store.acquire(&training.key);
        lock(&self.failures).extend(self.store.take_damaged().into_iter().map(SweepFailure::Damaged));
        if is_finished(self.plan, self.store, &training.key) {
            // Another worker has finished it since this sweep began.
            return;
        }
        let lease = match acquisition {
            Ok(Acquisition::Granted(lease)) => lease,
            Ok(Acquisition::HeldBy(holder)) => {
                self.report_wait(training, &holder);
                return lock(&self.held_by_others).push(training);
            }
            Err(error) => {
                self.cannot_store.store(true, Ordering::Relaxed);
                return self.note_error(Err(error));
            }
        };
        let stored = self.store.checkpoint(&training.key, self.options.resume_anywhere);
        let stored = stored.unwrap_or_else(|problem| {
            self.note_unused_checkpoint(training, problem);
            None
        });
        let earlier = stored.as_ref().map_or_else(Vec::new, StoredCheckpoint::earlier_processors);
        let from = stored.map(|stored| stored.checkpoint);
        let resumed_at = from.as_ref().map(|checkpoint| checkpoint.progress.steps);
        self.reporter.started(training, threads.number, resumed_at);
        let begun = Instant::now();
        let mut supervisor = RunSupervisor {
            sweep: self,
            training,
            lease,
            earlier,
            last_checkpoint: begun,
            has_failed_to_save: false,
            has_lost_lease: false,
        };
        // A panic leaves nothing shared half changed, because a training owns its state.
        let train = |team: &Team| self.executor.train(training, from, team, &mut supervisor);
        let trained = threads.run(train);
        let time = || TrainingTime { duration: begun.elapsed(), threads: threads.number };
        match trained {
            Ok(Some(trained)) => self.finish(training, &trained, supervisor.earlier, time),
            Ok(None) if supervisor.has_lost_lease => lock(&self.held_by_others).push(training),
            Ok(None) => self.note_error(self.store.note_stopped(&training.key, time())),
            Err(panic) => {
                let message = panic_message(panic.as_ref());
                lock(&self.failures).push(SweepFailure::Panicked { run_key: training.key.clone(), message });
            }
        }
    }

    /// Whether no other run may begin.
    fn is_over(&self) -> bool {
        self.cannot_store.load(Ordering::Relaxed) || self.options.stop.load(Ordering::Relaxed)
    }

    /// Reports once that this worker waits for the run of `holder`. While other runs are left, it doesn't wait.
    fn report_wait(&self, training: &Training, holder: &LeaseHolder) {
        if self.is_waiting.load(Ordering::Relaxed)
            && lock(&self.reported_waits).insert((training.key.clone(), holder.worker.clone()))
        {
            self.reporter.waiting(training, holder);
        }
    }

    /// Waits a moment and returns the trainings of other workers, to try them again: a lease may have been released or become stale.
    /// Returns none if the sweep is over.
    fn wait_for_others(&self) -> Vec<&'a Training> {
        let others = std::mem::take(&mut *lock(&self.held_by_others));
        self.is_waiting.store(true, Ordering::Relaxed);
        let begun = Instant::now();
        while !others.is_empty() && !self.is_over() && begun.elapsed() < CHECK_INTERVAL {
            thread::sleep(CHECK_INTERVAL / 10);
        }
        if self.is_over() { Vec::new() } else { others }
    }

    /// Stores a finished run and then, if due, the tables.
    fn finish(
        &self,
        training: &Training,
        trained: &Trained<f32>,
        earlier: Vec<Processor>,
        time: impl FnOnce() -> TrainingTime,
    ) {
        if let Err(error) = self.store_run(training, trained, earlier) {
            // A result that isn't finite concerns one run; an I/O error, such as a full disk, concerns all.
            if matches!(error, Error::Io { .. }) {
                self.cannot_store.store(true, Ordering::Relaxed);
            }
            lock(&self.failures).push(SweepFailure::NotStored { run_key: training.key.clone(), error });
            return;
        }
        self.note_error(self.store.remove_checkpoints(|key| key == training.key));
        self.note_error(self.store.note_finished(&training.key, time()));
        self.update_tables();
        self.reporter.finished(training, &trained.outcome);
    }

    /// Stores the files of a run, the record last because it makes the run complete. The record of a run that was trained again stays if its
    /// numbers agree.
    fn store_run(&self, training: &Training, trained: &Trained<f32>, earlier: Vec<Processor>) -> Result<()> {
        let record = Record::new(&training.spec, trained.outcome.clone());
        let record = Record { earlier_processors: earlier.clone(), ..record };
        let kept = self.store.record(&training.key);
        let is_new = kept.as_ref().is_none_or(|kept| !kept.agrees_with(&record));
        let is_there = |moment: &Moment| weights_path(self.store.folder(), &training.key, *moment).exists();
        let replaced: Vec<Moment> =
            Moment::ALL.into_iter().filter(|moment| is_new && is_there(moment)).collect();
        if is_new {
            // Removed first, so that a killed process can't leave files of the earlier numbers beside the new record.
            self.store.remove_other_numbers(&record)?;
        }
        if let Some(kept) = kept.filter(|_| is_new) {
            // Replaced before the weights, so that a killed process can't leave the earlier record beside new weights.
            let (run_key, then) = (training.key.clone(), kept.processor.clone());
            let now = self.store.save(record.clone())?.processor.clone();
            lock(&self.failures).push(SweepFailure::OtherNumbers { run_key, then, now });
        }
        let encoder = self.executor.preparation();
        let encoder =
            encoder.map(|input| EncoderSpec::new(&training.spec, input.clone(), env!("CARGO_PKG_VERSION")));
        for moment in Moment::ALL {
            let is_due = self.plan.weights.moments().contains(&moment) || replaced.contains(&moment);
            if is_due && moment.is_left(trained.outcome.status) {
                let weights = if moment == Moment::Initial { &trained.initial } else { &trained.last };
                let (weights, encoder) = (Weights::from(weights), encoder.as_ref());
                self.store.save_weights(&training.key, moment, &weights, encoder)?;
            }
        }
        if let (Some(spec), Some(theory)) = (self.plan.theory, &trained.theory) {
            let record = TheoryRecord::new(&training.key, spec, theory, earlier.clone());
            self.store.save_theory(record, theory.units.as_ref())?;
        }
        if let Some(distribution) = &trained.distribution {
            let record = DistributionRecord::new(&training.key, distribution, earlier);
            self.store.save_distribution(record)?;
        }
        if self.store.record(&training.key).is_none() {
            self.store.save(record)?;
        }
        Ok(())
    }

    /// Writes the tables if they are due and no other thread is writing them.
    fn update_tables(&self) {
        if let Ok(mut tables) = self.tables.try_lock()
            && Instant::now() >= tables.due
        {
            let written = self.write_tables(&mut tables);
            drop(tables);
            self.note_error(written);
        }
    }

    fn write_tables(&self, tables: &mut TableSchedule) -> Result<()> {
        let begun = Instant::now();
        let written = self.store.write_tables(&rows(self.folder, self.store));
        tables.due = Instant::now() + BETWEEN_TABLES.max(begun.elapsed() * WRITE_TIMES_BETWEEN);
        written.map(|written| tables.written |= written)
    }

    fn note_unused_checkpoint(&self, training: &Training, problem: String) {
        lock(&self.failures).push(SweepFailure::Checkpoint { run_key: training.key.clone(), problem });
    }

    fn note_error(&self, written: Result<()>) {
        if let Err(error) = written {
            lock(&self.failures).push(SweepFailure::NotWritten(error));
        }
    }
}

/// Supervises one run of a sweep: renews its lease, saves its checkpoints and stops it.
struct RunSupervisor<'a, 's, E> {
    sweep: &'a RunningSweep<'s, E>,
    training: &'a Training,
    /// The lease of the run, in a folder that workers share.
    lease: Option<Lease>,
    /// Other processors that the run was computed on before it was resumed here.
    earlier: Vec<Processor>,
    /// The time of the latest checkpoint, or of the run's beginning.
    last_checkpoint: Instant,
    /// Whether a checkpoint couldn't be saved; reported once.
    has_failed_to_save: bool,
    /// Whether another worker has taken over the lease.
    has_lost_lease: bool,
}

impl<E: Executor> Observer for RunSupervisor<'_, '_, E> {
    fn epoch(&mut self, epoch: u32, training_loss: f64, latest: &Measurement) {
        self.sweep.reporter.epoch(self.training, epoch, training_loss, latest);
    }
}

impl<E: Executor> Supervisor for RunSupervisor<'_, '_, E> {
    fn restarts(&mut self) {
        self.earlier.clear();
        let problem = "evaluation.every, evaluation.distribution or [theory] was changed since, or another version wrote it".to_owned();
        self.sweep.note_unused_checkpoint(self.training, problem);
    }

    fn next(&mut self) -> Next {
        self.has_lost_lease |= self.lease.as_mut().is_some_and(|lease| !lease.renew());
        let options = self.sweep.options;
        if self.has_lost_lease || options.stop.load(Ordering::Relaxed) {
            Next::Stop
        } else if options.checkpoint_every.is_some_and(|every| self.last_checkpoint.elapsed() >= every) {
            Next::Checkpoint
        } else {
            Next::Continue
        }
    }

    fn save(&mut self, checkpoint: &Checkpoint<f32>) {
        if self.has_lost_lease {
            return;
        }
        let stored = self.sweep.store.save_checkpoint(&self.training.key, checkpoint, &self.earlier);
        self.last_checkpoint = Instant::now();
        // The run continues, because a full disk may have room again for the next checkpoint.
        if let Err(error) = stored
            && !std::mem::replace(&mut self.has_failed_to_save, true)
        {
            lock(&self.sweep.failures).push(SweepFailure::NotKept(error));
        }
    }
}

/// A pool of threads for `jobs` trainings at a time; 0 means 1.
///
/// # Errors
/// [`Error::Usage`] where the system refuses a thread.
pub(super) fn thread_pool(jobs: usize) -> Result<ThreadPool> {
    ThreadPoolBuilder::new().num_threads(jobs.max(1)).build().map_err(|error| {
        Error::usage(format_args!(
            "no threads for {jobs} trainings at a time: {error}; choose fewer with --jobs"
        ))
    })
}

/// The message of a panic.
pub(super) fn panic_message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no message").to_owned()
}
