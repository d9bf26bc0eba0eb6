//! From a plan to stored results: trains what is missing, several runs at a time, and stores each as it finishes.
//!
//! One run is one thread; which runs go on at the same time changes no number. A training that panics or can't be
//! stored costs none of the others. This is the only user of threads.

use super::finished::is_finished;
use super::plan::{Plan, Training};
use super::reporter::Reporter;
use crate::error::{Error, Result};
use crate::store::{
    Claim, Holder, Moment, Processor, Record, Store, StoredCheckpoint, StoredRun, TheoryRecord, Turn,
    Warning, Weights, lock, weights_path,
};
use crate::training::{Checkpoint, Measurement, Next, Observer, Status, Trained};
use rayon::ThreadPoolBuilder;
use std::any::Any;
use std::collections::BTreeSet;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// How often a worker looks whether others have finished or given up the runs that it waits for.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// Trains one run. [`execute`] knows no more of training than this, so it can be tested without any.
pub trait Executor: Sync {
    /// Trains `training` on the calling thread, from the checkpoint `from` or from its beginning, and asks `supervisor` after
    /// every step; `None` where that said [`Next::Stop`].
    fn train(
        &self,
        training: &Training,
        from: Option<Checkpoint<f32>>,
        supervisor: &mut dyn Supervisor,
    ) -> Option<Trained<f32>>;
}

/// Told of a run's epochs, and asked whether it shall go on.
pub trait Supervisor: Observer {
    /// The run can't go on from its checkpoint, which was left under other settings of what is measured: it begins anew.
    fn begins_anew(&mut self);
    /// What to do after a step.
    fn next(&mut self) -> Next;
    /// Takes the checkpoint that [`Supervisor::next`] has asked for.
    fn keep(&mut self, checkpoint: &Checkpoint<f32>);
}

/// How many runs go on at a time, when they are kept, and when they end early.
#[derive(Debug, Clone, Copy)]
pub struct Control<'a> {
    /// Runs at a time; 0 is taken for 1.
    pub jobs: usize,
    /// The time between two checkpoints of a run; `None`: only when it is stopped.
    pub checkpoint_every: Option<Duration>,
    /// Whether runs are resumed from checkpoints that were computed on other instruction sets too; their records then name both.
    pub resume_anywhere: bool,
    /// Set from outside: every run ends at its next step, with a checkpoint, and no further one is begun.
    pub stop: &'a AtomicBool,
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
    /// Trainings that are not finished: they failed, were stopped, or were not begun after that or after results couldn't be
    /// stored.
    pub unfinished: usize,
    /// Whether the sweep was asked to stop; all of it may be finished all the same.
    pub stopped: bool,
    /// What went wrong, in the order in which it did.
    pub failures: Vec<Failure>,
    /// What a reader of the results should know.
    pub warnings: Vec<Warning>,
    /// Whether a table was written, because there is a cell or a number that it lacked.
    pub written: bool,
    /// The plan's cells that have a record, in its order: those of its rows in `runs.csv`. What the plan asks to be measured of the
    /// theory may still be missing.
    pub rows: Vec<StoredRun>,
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
    /// A checkpoint can't be gone on from: its run was trained from the beginning.
    Checkpoint {
        /// The run.
        run_key: String,
        /// Why.
        problem: String,
    },
    /// A finished run that was trained again, for what it lacked, has other numbers now.
    OtherNumbers {
        /// The run.
        run_key: String,
        /// What its earlier numbers were computed on.
        then: Processor,
        /// What its numbers were computed on now.
        now: Processor,
    },
    /// A checkpoint couldn't be stored, and why: an interruption would cost the run's time since the one before. Said once.
    NotKept(Error),
    /// Why a table or the manifest couldn't be written, or what is no longer needed not be removed.
    NotWritten(Error),
    /// Records of finished runs were removed meanwhile, and these runs count as unfinished: how many, and what to do.
    Lost(Error),
}

impl Failure {
    /// Whether something that was asked for isn't there.
    pub fn costs_results(&self) -> bool {
        match self {
            Self::Panicked { .. } | Self::NotStored { .. } | Self::NotWritten(_) | Self::Lost(_) => true,
            Self::Checkpoint { .. } | Self::OtherNumbers { .. } | Self::NotKept(_) => false,
        }
    }
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
            Self::Lost(error) => write!(f, "{error}"),
        }
    }
}

/// Trains what is missing of `plan`, and again what lacks something that it asks for ([`super::Lacking`]), several runs at a time, in plan order, and stores everything in `store`, whose tables are those
/// of `folder`, a plan with these cells and possibly more ([`super::FolderPlan`]). A run that was left at a checkpoint goes on there.
/// While it lasts, `runs.csv` and `epochs.csv` are a second behind, or with very many rows longer.
///
/// The files are the same for any number of jobs, and whether the sweep was interrupted or not. In a store that workers share
/// this ends when the plan is finished, by whichever of them.
///
/// # Errors
/// Before anything is trained: where the store holds runs of other settings only, the tables can't be written, or
/// no threads can be started. What goes wrong later stands in [`Summary::failures`].
pub fn execute(
    plan: &Plan,
    folder: &Plan,
    store: &Store,
    executor: &impl Executor,
    control: Control<'_>,
    reporter: &dyn Reporter,
) -> Result<Summary> {
    store.check_plan(plan.keys())?;
    let pool = ThreadPoolBuilder::new().num_threads(control.jobs.max(1)).build().map_err(|error| {
        Error::store(
            store.folder(),
            format!("no threads for {} jobs: {error}", control.jobs),
            "choose fewer with --jobs",
        )
    })?;
    // Of a run that was killed between its record and this.
    store.remove_checkpoints(|key| is_finished(plan, store, key))?;
    let missing: Vec<_> = plan.trainings.iter().filter(|t| !is_finished(plan, store, &t.key)).collect();
    let sweep = Sweep {
        plan,
        folder,
        store,
        executor,
        control,
        reporter,
        failures: Mutex::default(),
        tables: Mutex::new(Tables { due: Instant::now(), written: false }),
        others: Mutex::default(),
        waits: AtomicBool::new(false),
        told: Mutex::default(),
        full: AtomicBool::new(false),
    };
    sweep.write_tables(&mut lock(&sweep.tables))?;
    let reused = plan.trainings.len() - missing.len();
    reporter.begin(plan, reused);
    let mut to_do: Vec<&Training> = missing;
    while !to_do.is_empty() {
        // Tasks of one scope start in the order in which they were spawned, whichever thread takes them.
        pool.scope_fifo(|scope| {
            for training in &to_do {
                scope.spawn_fifo(|_| sweep.run(training));
            }
        });
        to_do = sweep.wait_for_others();
    }
    if let Err(error) = store.forget_lost() {
        lock(&sweep.failures).push(Failure::Lost(error));
    }
    let written = sweep.write_tables(&mut lock(&sweep.tables));
    sweep.note(written);
    let summary = summarize(plan, store);
    sweep.note(store.end(summary.unfinished == 0));
    let failures = std::mem::take(&mut *lock(&sweep.failures));
    let written = lock(&sweep.tables).written;
    let stopped = control.stop.load(Ordering::Relaxed);
    Ok(Summary { stopped, reused, failures, written, ..summary })
}

/// Writes the tables of what is finished of `folder` in `store`, and trains nothing; the summary is that of `plan`, a part of it.
///
/// # Errors
/// Where the store holds runs of other settings only, or the tables can't be written.
pub fn assemble(plan: &Plan, folder: &Plan, store: &Store) -> Result<Summary> {
    store.check_plan(plan.keys())?;
    let written = store.write_tables(&rows(folder, store))?;
    let summary = summarize(plan, store);
    store.end(summary.unfinished == 0)?;
    Ok(Summary { written, ..summary })
}

/// What is in the store, as if all of it had been there before.
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

/// The cells that have a record, in plan order.
pub(super) fn rows(plan: &Plan, store: &Store) -> Vec<StoredRun> {
    let row = |cell: &super::Cell| {
        let record = store.record(&plan.trainings[cell.training].key)?;
        let (name, dataset) = (plan.name.clone(), plan.dataset.clone());
        Some(StoredRun { name, dataset, spec: cell.spec.clone(), record })
    };
    plan.cells.iter().filter_map(row).collect()
}

/// The tables of a sweep that goes on.
struct Tables {
    /// When they are to be written again: not after each of many short runs.
    due: Instant,
    /// Whether one was written.
    written: bool,
}

/// The least time between two writings of the tables, and how many times as long as a writing it is otherwise.
const BETWEEN_TABLES: Duration = Duration::from_secs(1);
const TIMES_A_WRITING: u32 = 20;

/// What the threads of a sweep share.
struct Sweep<'a, E> {
    plan: &'a Plan,
    /// That of the tables.
    folder: &'a Plan,
    store: &'a Store,
    executor: &'a E,
    control: Control<'a>,
    reporter: &'a dyn Reporter,
    failures: Mutex<Vec<Failure>>,
    /// One thread at a time collects the rows and writes them.
    tables: Mutex<Tables>,
    /// Trainings that other workers have, as far as is known.
    others: Mutex<Vec<&'a Training>>,
    /// Set when only those are left.
    waits: AtomicBool,
    /// The run keys and workers that the reporter has been told of.
    told: Mutex<BTreeSet<(String, String)>>,
    /// Set when results can't be stored: further training would be in vain.
    full: AtomicBool,
}

impl<'a, E: Executor> Sweep<'a, E> {
    fn run(&self, training: &'a Training) {
        if self.is_over() {
            return;
        }
        let turn = self.store.turn(&training.key);
        if is_finished(self.plan, self.store, &training.key) {
            // Another worker has, since this one began.
            return;
        }
        let claim = match turn {
            Ok(Turn::Ours(claim)) => claim,
            Ok(Turn::Others(holder)) => {
                self.tell_of_waiting(training, &holder);
                return lock(&self.others).push(training);
            }
            Err(error) => {
                self.full.store(true, Ordering::Relaxed);
                return self.note(Err(error));
            }
        };
        let stored = self.store.checkpoint(&training.key, self.control.resume_anywhere);
        let stored = stored.unwrap_or_else(|problem| {
            self.ignore_checkpoint(training, problem);
            None
        });
        let earlier = stored.as_ref().map_or_else(Vec::new, StoredCheckpoint::earlier_processors);
        let from = stored.map(|stored| stored.checkpoint);
        self.reporter.started(training);
        let begun = Instant::now();
        let mut watch =
            Watch { sweep: self, training, claim, earlier, kept: begun, failed: false, lost: false };
        // The executor shares nothing that a panic could leave half changed: a training owns its state.
        let trained = catch_unwind(AssertUnwindSafe(|| self.executor.train(training, from, &mut watch)));
        match trained {
            Ok(Some(trained)) => self.keep(training, &trained, watch.earlier, begun),
            Ok(None) if watch.lost => lock(&self.others).push(training),
            Ok(None) => self.note(self.store.note_stopped(&training.key, begun.elapsed())),
            Err(panic) => {
                let message = message_of(panic.as_ref());
                lock(&self.failures).push(Failure::Panicked { run_key: training.key.clone(), message });
            }
        }
    }

    /// Whether no further run is to be begun.
    fn is_over(&self) -> bool {
        self.full.load(Ordering::Relaxed) || self.control.stop.load(Ordering::Relaxed)
    }

    /// Tells for whom a run is waited, once. As long as there is other work, nobody waits.
    fn tell_of_waiting(&self, training: &Training, holder: &Holder) {
        if self.waits.load(Ordering::Relaxed)
            && lock(&self.told).insert((training.key.clone(), holder.worker.clone()))
        {
            self.reporter.waiting(training, holder);
        }
    }

    /// The trainings that other workers had, after a while, unless the sweep is over: those that were given up meanwhile are
    /// then ours.
    fn wait_for_others(&self) -> Vec<&'a Training> {
        let others = std::mem::take(&mut *lock(&self.others));
        self.waits.store(true, Ordering::Relaxed);
        let begun = Instant::now();
        while !others.is_empty() && !self.is_over() && begun.elapsed() < LOOK_AGAIN {
            thread::sleep(LOOK_AGAIN / 10);
        }
        if self.is_over() { Vec::new() } else { others }
    }

    /// Stores a finished run, then the tables that now have its rows.
    fn keep(&self, training: &Training, trained: &Trained<f32>, earlier: Vec<Processor>, begun: Instant) {
        if let Err(error) = self.store_run(training, trained, earlier) {
            // A result that isn't finite is that run's own trouble; a full disk is everyone's.
            if matches!(error, Error::Io { .. }) {
                self.full.store(true, Ordering::Relaxed);
            }
            lock(&self.failures).push(Failure::NotStored { run_key: training.key.clone(), error });
            return;
        }
        self.note(self.store.remove_checkpoints(|key| key == training.key));
        self.note(self.store.note_finished(&training.key, begun.elapsed()));
        self.keep_tables_up();
        self.reporter.finished(training, &trained.outcome);
    }

    /// The record last: it makes the run complete. A run that was trained again has one, which stays where the numbers are those.
    fn store_run(&self, training: &Training, trained: &Trained<f32>, earlier: Vec<Processor>) -> Result<()> {
        let record = Record::new(&training.spec, trained.outcome.clone());
        let record = Record { earlier_processors: earlier.clone(), ..record };
        let kept = self.store.record(&training.key);
        let is_new = kept.as_ref().is_none_or(|kept| !kept.agrees_with(&record));
        let is_there = |moment: &Moment| weights_path(self.store.folder(), &training.key, *moment).exists();
        let replaced: Vec<Moment> =
            Moment::ALL.into_iter().filter(|moment| is_new && is_there(moment)).collect();
        if is_new {
            // First: no kill may leave what the earlier numbers gave beside the new record.
            self.store.remove_other_numbers(&record)?;
        }
        if let Some(kept) = kept.filter(|_| is_new) {
            // Nor the earlier record beside the new weights.
            let (run_key, then) = (training.key.clone(), kept.processor.clone());
            let now = self.store.save(record.clone())?.processor.clone();
            lock(&self.failures).push(Failure::OtherNumbers { run_key, then, now });
        }
        for moment in Moment::ALL {
            let is_due = self.plan.weights.moments().contains(&moment) || replaced.contains(&moment);
            if is_due && moment.is_left(trained.outcome.status) {
                let weights = if moment == Moment::Initial { &trained.initial } else { &trained.last };
                self.store.save_weights(&training.key, moment, &Weights::from(weights))?;
            }
        }
        if let (Some(spec), Some(theory)) = (self.plan.theory, &trained.theory) {
            let mut record = TheoryRecord::new(&training.key, spec, theory);
            record.earlier_computed_on = earlier;
            self.store.save_theory(record, theory.units.as_ref())?;
        }
        if self.store.record(&training.key).is_none() {
            self.store.save(record)?;
        }
        Ok(())
    }

    /// Writes the tables where they are due and no other thread is at it.
    fn keep_tables_up(&self) {
        if let Ok(mut tables) = self.tables.try_lock()
            && Instant::now() >= tables.due
        {
            let written = self.write_tables(&mut tables);
            drop(tables);
            self.note(written);
        }
    }

    fn write_tables(&self, tables: &mut Tables) -> Result<()> {
        let begun = Instant::now();
        let written = self.store.write_tables(&rows(self.folder, self.store));
        tables.due = Instant::now() + BETWEEN_TABLES.max(begun.elapsed() * TIMES_A_WRITING);
        written.map(|written| tables.written |= written)
    }

    fn ignore_checkpoint(&self, training: &Training, problem: String) {
        lock(&self.failures).push(Failure::Checkpoint { run_key: training.key.clone(), problem });
    }

    fn note(&self, written: Result<()>) {
        if let Err(error) = written {
            lock(&self.failures).push(Failure::NotWritten(error));
        }
    }
}

/// Watches over one run of a sweep.
struct Watch<'a, 's, E> {
    sweep: &'a Sweep<'s, E>,
    training: &'a Training,
    /// Among workers: what says that the run is ours.
    claim: Option<Claim>,
    /// The other processors that it was computed on, before it was resumed here.
    earlier: Vec<Processor>,
    /// When the latest checkpoint was kept, or the run begun.
    kept: Instant,
    /// Whether a checkpoint couldn't be stored, which is said once.
    failed: bool,
    /// Whether another worker has taken us for dead, and the run over.
    lost: bool,
}

impl<E: Executor> Observer for Watch<'_, '_, E> {
    fn epoch(&mut self, epoch: u32, training_loss: f64, latest: &Measurement) {
        self.sweep.reporter.epoch(self.training, epoch, training_loss, latest);
    }
}

impl<E: Executor> Supervisor for Watch<'_, '_, E> {
    fn begins_anew(&mut self) {
        self.earlier.clear();
        let problem = "evaluation.every or [theory] was changed since".to_owned();
        self.sweep.ignore_checkpoint(self.training, problem);
    }

    fn next(&mut self) -> Next {
        self.lost |= self.claim.as_mut().is_some_and(|claim| !claim.renew());
        let control = self.sweep.control;
        if self.lost || control.stop.load(Ordering::Relaxed) {
            Next::Stop
        } else if control.checkpoint_every.is_some_and(|every| self.kept.elapsed() >= every) {
            Next::Keep
        } else {
            Next::GoOn
        }
    }

    fn keep(&mut self, checkpoint: &Checkpoint<f32>) {
        if self.lost {
            return;
        }
        let stored = self.sweep.store.save_checkpoint(&self.training.key, checkpoint, &self.earlier);
        self.kept = Instant::now();
        // A disk that is full may have room again for the next one.
        if let Err(error) = stored
            && !std::mem::replace(&mut self.failed, true)
        {
            lock(&self.sweep.failures).push(Failure::NotKept(error));
        }
    }
}

fn message_of(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no message").to_owned()
}
