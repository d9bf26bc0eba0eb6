//! A sweep's progress on stderr: bars on a terminal, modest lines elsewhere, or events as JSON.

use super::args::LogFormat;
use super::count;
use super::estimate::{operations, readable};
use super::legend::{self, Legend};
use super::messages::Messages;
use crate::experiment::{Plan, Reporter, Training};
use crate::store::Holder;
use crate::training::{Measurement, Outcome, Status};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Value as Json, json};
use std::collections::HashMap;
use std::env;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Reports a sweep to the user.
pub(crate) struct Progress<'m> {
    messages: &'m Messages,
    legend: Legend,
    jobs: usize,
    state: Mutex<State>,
}

/// The time between two lines about epochs; finished trainings have a line each.
const PAUSE: Duration = Duration::from_secs(10);

/// The overall bar is this long, whatever the plan's size.
const FULL: u64 = 1000;

struct State {
    begun: Instant,
    /// When the last line about an epoch was written.
    told: Instant,
    /// Trainings of the plan, and how many of them are finished.
    trainings: usize,
    finished: usize,
    /// Operations of this session's trainings: done, and still to do.
    done: f64,
    to_do: f64,
    /// Epochs that were trained in this session.
    epochs: u32,
    overall: ProgressBar,
    /// Epochs from one measurement to the next.
    every: u32,
    /// The trainings in progress, each at its newest epoch.
    running: HashMap<String, ProgressBar>,
}

impl<'m> Progress<'m> {
    /// A reporter for the trainings of `plan` that aren't `finished`, `jobs` at a time.
    pub(crate) fn new(
        messages: &'m Messages,
        plan: &Plan,
        jobs: usize,
        finished: impl Fn(&str) -> bool,
    ) -> Self {
        let missing = plan.trainings.iter().filter(|training| !finished(&training.key));
        let state = State {
            begun: Instant::now(),
            told: Instant::now(),
            trainings: plan.trainings.len(),
            finished: 0,
            done: 0.0,
            to_do: missing.map(|training| operations(&training.spec, plan.evaluate_every)).sum(),
            epochs: 0,
            overall: messages.bars().add(bar(FULL, "{wide_msg}")),
            every: plan.evaluate_every,
            running: HashMap::new(),
        };
        Self { messages, legend: Legend::new(plan), jobs, state: Mutex::new(state) }
    }

    /// Takes the bars from the terminal.
    pub(crate) fn end(&self) {
        let mut state = self.state();
        state.running.drain().for_each(|(_, line)| self.remove(&line));
        self.remove(&state.overall);
    }

    fn remove(&self, bar: &ProgressBar) {
        bar.finish_and_clear();
        self.messages.bars().remove(bar);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Says something in words; events say the same in JSON.
    fn tell(&self, text: impl FnOnce() -> String) {
        if self.messages.format() == LogFormat::Text {
            self.messages.note(text());
        }
    }
}

impl Reporter for Progress<'_> {
    fn begin(&self, plan: &Plan, finished: usize) {
        let missing = plan.trainings.len() - finished;
        self.messages.event(&json!({
            "event": "begin",
            "name": plan.name,
            "cells": plan.cells.len(),
            "trainings": plan.trainings.len(),
            "finished": finished,
            "jobs": self.jobs,
        }));
        let mut state = self.state();
        state.finished = finished;
        state.begun = Instant::now();
        if missing == 0 {
            return;
        }
        state.show();
        drop(state);
        self.tell(|| {
            let (name, jobs) = (&plan.name, self.jobs);
            let all = count(plan.trainings.len(), "training");
            format!("{name}: {missing} of {all} to do, {jobs} at a time")
        });
    }

    fn started(&self, training: &Training) {
        self.messages.event(&event("started", training, json!({})));
        let mut state = self.state();
        let line = line(training.spec.epochs.into(), "  {wide_msg}");
        let line = self.messages.bars().insert_before(&state.overall, line);
        line.set_message(format!("{}  starts", self.legend.of(training)));
        state.running.insert(training.key.clone(), line);
    }

    fn epoch(&self, training: &Training, epoch: u32, training_loss: f64, latest: &Measurement) {
        self.messages.event(&event(
            "epoch",
            training,
            json!({"epoch": epoch, "training_loss": training_loss, "latest": latest}),
        ));
        let text = || {
            format!(
                "{}  epoch {epoch}/{}  loss {training_loss:.4}  {}",
                self.legend.of(training),
                training.spec.epochs,
                measured(latest)
            )
        };
        let mut state = self.state();
        state.advance(training, epoch);
        if let Some(line) = state.running.get(&training.key) {
            line.set_message(text());
        }
        state.show();
        // The last epoch is about to be told as the training's end.
        let due = latest.epoch == epoch && epoch < training.spec.epochs && state.told.elapsed() >= PAUSE;
        if due && self.messages.bars().is_hidden() {
            state.told = Instant::now();
            drop(state);
            self.tell(text);
        }
    }

    fn waiting(&self, training: &Training, holder: &Holder) {
        let (key, worker) = (&training.key, &holder.worker);
        let seconds = holder.at_most.as_secs() + 1;
        let details = json!({"worker": worker, "seconds_at_most": seconds});
        self.messages.event(&event("waiting", training, details));
        self.tell(|| {
            format!(
                "waiting for {} (run {key}): {worker} has claimed it; if that worker doesn't renew its claim, the run is taken \
                 over in {seconds} s at most",
                self.legend.of(training)
            )
        });
    }

    fn finished(&self, training: &Training, outcome: &Outcome) {
        let measurement = outcome.measurements.last();
        let collapsed = outcome.result().is_some_and(Measurement::is_collapsed);
        let details = match outcome.status {
            Status::Completed => {
                json!({"status": "completed", "collapsed": collapsed, "measurement": measurement})
            }
            Status::Diverged { epoch, step } => {
                json!({"status": "diverged", "diverged_epoch": epoch, "diverged_step": step})
            }
        };
        self.messages.event(&event("finished", training, details));
        let mut state = self.state();
        // Of a training that diverged, nothing is left to do.
        state.to_do -= state.left_of(training);
        state.finished += 1;
        let line = state.running.remove(&training.key);
        line.iter().for_each(|line| self.remove(line));
        state.show();
        let count = format!("[{}/{}]", state.finished, state.trainings);
        let left = state.time_left().map_or_else(String::new, |left| format!("; {left}"));
        drop(state);
        self.tell(|| {
            let took = readable(line.map_or(Duration::ZERO, |line| line.elapsed()));
            let result = match (outcome.status, measurement) {
                (Status::Diverged { epoch, .. }, _) => format!("diverged in epoch {epoch}"),
                (Status::Completed, measurement) => {
                    let collapsed = if collapsed { "collapsed, " } else { "" };
                    format!("{collapsed}{}", measurement.map(measured).unwrap_or_default())
                }
            };
            format!("{count} {}: {result} ({took}{left})", self.legend.of(training))
        });
    }
}

impl State {
    /// Counts the operations of the epochs up to `epoch`.
    fn advance(&mut self, training: &Training, epoch: u32) {
        let Some(line) = self.running.get(&training.key) else { return };
        let epochs = epoch.saturating_sub(line.position() as u32);
        line.set_position(epoch.into());
        self.epochs += epochs;
        let fraction = f64::from(epochs) / f64::from(training.spec.epochs.max(1));
        self.done += fraction * operations(&training.spec, self.every);
        self.to_do -= fraction * operations(&training.spec, self.every);
    }

    /// Operations of a running training's epochs that are not trained.
    fn left_of(&self, training: &Training) -> f64 {
        let epoch = self.running.get(&training.key).map_or(0, ProgressBar::position);
        let fraction = 1.0 - epoch as f64 / f64::from(training.spec.epochs.max(1));
        fraction * operations(&training.spec, self.every)
    }

    /// How long the rest takes if it goes on as it did; `None` before anything was done, and at the end.
    fn time_left(&self) -> Option<String> {
        let seconds = self.to_do / (self.done / self.begun.elapsed().as_secs_f64());
        let left = Duration::try_from_secs_f64(seconds).ok()?;
        (self.finished < self.trainings).then(|| format!("about {} left", readable(left)))
    }

    /// Brings the overall bar up to date.
    fn show(&self) {
        let fraction = self.done / (self.done + self.to_do).max(1.0);
        self.overall.set_position((fraction * FULL as f64) as u64);
        let mut message = format!("{}/{} trainings", self.finished, self.trainings);
        if self.epochs > 0 {
            let rate = f64::from(self.epochs) / (self.begun.elapsed().as_secs_f64() / 60.0);
            message.push_str(&format!(", {} epochs/min", (rate * 10.0).round() / 10.0));
        }
        if let Some(left) = self.time_left() {
            message.push_str(&format!(", {left}"));
        }
        self.overall.set_message(message);
    }
}

/// What is told of a measurement in a few words.
fn measured(m: &Measurement) -> String {
    let (fraction, dead) = (m.avg_activation_fraction, m.dead_units);
    let epoch = m.epoch;
    format!("activation fraction {fraction:.4}, dead units {dead} after epoch {epoch}")
}

/// An event about a training.
fn event(kind: &str, training: &Training, details: Json) -> Json {
    let mut event = legend::settings(&training.spec, details);
    event["event"] = kind.into();
    event["run_key"] = training.key.as_str().into();
    event
}

/// A bar of the length `length` with `rest` behind it.
pub(super) fn bar(length: u64, rest: &str) -> ProgressBar {
    // https://no-color.org: any value but an empty one.
    let plain = env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let bar = if plain { "{bar:30}" } else { "{bar:30.cyan}" };
    line(length, &format!("{bar} {rest}"))
}

/// The progress up to `length`, shown as `template` says.
fn line(length: u64, template: &str) -> ProgressBar {
    ProgressBar::new(length).with_style(ProgressStyle::with_template(template).expect("a template of ours"))
}
