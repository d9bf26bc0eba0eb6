//! A sweep's progress on stderr: bars on a terminal, a few lines elsewhere, or events as JSON.

use super::args::LogFormat;
use super::count;
use super::estimate::{format_duration, operations};
use super::legend::{self, Legend};
use super::messages::Messages;
use super::screen::{first_that_fits, progress_width};
use crate::data::ReadingWatch;
use crate::experiment::{Plan, Reporter, Training};
use crate::guard::lock;
use crate::store::LeaseHolder;
use crate::training::{Measurement, Outcome, Status};
use indicatif::{ProgressBar, ProgressFinish, ProgressStyle};
use serde_json::{Value as Json, json};
use std::collections::HashMap;
use std::env;
use std::sync::{Mutex, MutexGuard};
use std::time::{Duration, Instant};

/// Shows the progress of a sweep.
pub(crate) struct SweepProgress<'m> {
    messages: &'m Messages,
    legend: Legend,
    jobs: usize,
    state: Mutex<State>,
}

/// Time between two lines about epochs. Every finished training has its own line.
const EPOCH_NOTE_INTERVAL: Duration = Duration::from_secs(10);

/// Length of the overall bar, for plans of any size.
const BAR_LENGTH: u64 = 1000;

struct State {
    begun: Instant,
    /// Time of the last line about an epoch.
    last_epoch_note: Instant,
    /// Number of trainings of the plan.
    trainings: usize,
    /// Number of finished trainings.
    finished: usize,
    /// Operations done in this session.
    done: f64,
    /// Operations still to do in this session.
    to_do: f64,
    /// Number of epochs trained in this session.
    epochs: u32,
    /// An empty line above the others. After Ctrl-C the terminal prints `^C` below the last line, so that lines are removed from one
    /// line too low: it is this one that stays.
    top: ProgressBar,
    overall: ProgressBar,
    /// Number of epochs from one measurement to the next.
    every: u32,
    /// The lines of the running trainings, by run key. The position of each is the number of trained epochs.
    running: HashMap<String, ProgressBar>,
}

impl<'m> SweepProgress<'m> {
    /// Starts the display for the trainings of `plan` whose run keys are not `finished`, `jobs` at a time.
    pub(crate) fn new(
        messages: &'m Messages,
        plan: &Plan,
        jobs: usize,
        finished: impl Fn(&str) -> bool,
    ) -> Self {
        let missing = plan.trainings.iter().filter(|training| !finished(&training.key));
        let top = messages.bars().add(line(0, " "));
        let state = State {
            begun: Instant::now(),
            last_epoch_note: Instant::now(),
            trainings: plan.trainings.len(),
            finished: 0,
            done: 0.0,
            to_do: missing.map(|training| operations(&training.spec, plan.evaluate_every)).sum(),
            epochs: 0,
            top,
            overall: messages.bars().add(bar(BAR_LENGTH, "{msg}")),
            every: plan.evaluate_every,
            running: HashMap::new(),
        };
        Self { messages, legend: Legend::new(plan), jobs, state: Mutex::new(state) }
    }

    /// Removes the bars from the terminal.
    pub(crate) fn end(&self) {
        let mut state = self.state();
        state.running.drain().for_each(|(_, line)| self.remove(&line));
        self.remove(&state.overall);
        self.remove(&state.top);
    }

    fn remove(&self, bar: &ProgressBar) {
        bar.finish_and_clear();
        self.messages.bars().remove(bar);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }

    /// Writes a note if messages are text. Events have the same information as JSON.
    fn note(&self, text: impl FnOnce() -> String) {
        if self.messages.format() == LogFormat::Text {
            self.messages.note(text());
        }
    }
}

impl Reporter for SweepProgress<'_> {
    fn begin(&self, plan: &Plan, finished: usize) {
        let missing = plan.trainings.len() - finished;
        self.messages.event(json!({
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
        state.top.tick();
        state.update_bar();
        drop(state);
        self.note(|| {
            let (name, jobs) = (&plan.name, self.jobs);
            let all = count(plan.trainings.len(), "training");
            format!("{name}: {missing} of {all} to do, {jobs} at a time")
        });
    }

    fn started(&self, training: &Training, threads: usize, resumed_at: Option<u64>) {
        let fields = json!({"threads": threads, "resumed_at_step": resumed_at});
        self.messages.event(training_event("started", training, fields));
        let mut state = self.state();
        let line = line(training.spec.epochs.into(), "{msg}");
        let line = self.messages.bars().insert_before(&state.overall, line);
        let verb = if resumed_at.is_some() { "resumes" } else { "starts" };
        line.set_message(fitting_line([format!("{}  {verb}", self.legend.name(training))]));
        // Epochs of earlier sessions are neither done in this one nor to do.
        line.set_position(resumed_at.map_or(0, |step| step / training.spec.steps_per_epoch()));
        state.running.insert(training.key.clone(), line);
        state.to_do -= operations(&training.spec, state.every) - state.operations_left(training);
    }

    fn epoch(&self, training: &Training, epoch: u32, training_loss: f64, latest: &Measurement) {
        self.messages.event(training_event(
            "epoch",
            training,
            json!({"epoch": epoch, "training_loss": training_loss, "latest": latest}),
        ));
        let texts = || epoch_texts(self.legend.name(training), training, epoch, training_loss, latest);
        let mut state = self.state();
        state.advance(training, epoch);
        if let Some(line) = state.running.get(&training.key) {
            line.set_message(fitting_line(texts()));
        }
        state.update_bar();
        // The line of the training's end follows directly after the last epoch.
        let is_last = epoch >= training.spec.epochs;
        let due = latest.epoch == epoch && !is_last && state.last_epoch_note.elapsed() >= EPOCH_NOTE_INTERVAL;
        if due && self.messages.bars().is_hidden() {
            state.last_epoch_note = Instant::now();
            drop(state);
            let [text, ..] = texts();
            self.note(|| text);
        }
    }

    fn waiting(&self, training: &Training, holder: &LeaseHolder) {
        let (key, worker) = (&training.key, &holder.worker);
        let seconds = holder.expires_in.as_secs() + 1;
        let details = json!({"worker": worker, "seconds_at_most": seconds});
        self.messages.event(training_event("waiting", training, details));
        self.note(|| {
            format!(
                "waiting for {} (run {key}): {worker} holds its lease; if that worker doesn't renew the lease, the run is taken \
                 over in {seconds} s at most",
                self.legend.name(training)
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
        self.messages.event(training_event("finished", training, details));
        let mut state = self.state();
        // A diverged training has epochs left, which are not trained.
        state.to_do -= state.operations_left(training);
        state.finished += 1;
        let line = state.running.remove(&training.key);
        line.iter().for_each(|line| self.remove(line));
        state.update_bar();
        let count = format!("[{}/{}]", state.finished, state.trainings);
        let left = state.time_left().map_or_else(String::new, |left| format!("; {left}"));
        drop(state);
        self.note(|| {
            let took = format_duration(line.map_or(Duration::ZERO, |line| line.elapsed()));
            let result = match (outcome.status, measurement) {
                (Status::Diverged { epoch, .. }, _) => format!("diverged in epoch {epoch}"),
                (Status::Completed, measurement) => {
                    let collapsed = if collapsed { "collapsed, " } else { "" };
                    format!("{collapsed}{}", measurement.map(measurement_text).unwrap_or_default())
                }
            };
            format!("{count} {}: {result} ({took}{left})", self.legend.name(training))
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

    /// Operations of the epochs of a running training that are still to do.
    fn operations_left(&self, training: &Training) -> f64 {
        let epoch = self.running.get(&training.key).map_or(0, ProgressBar::position);
        let fraction = 1.0 - epoch as f64 / f64::from(training.spec.epochs.max(1));
        fraction * operations(&training.spec, self.every)
    }

    /// Time left at the average speed of this session; `None` before the first epoch and at the end.
    fn time_left(&self) -> Option<String> {
        let seconds = self.to_do / (self.done / self.begun.elapsed().as_secs_f64());
        let left = Duration::try_from_secs_f64(seconds).ok()?;
        (self.finished < self.trainings).then(|| format!("about {} left", format_duration(left)))
    }

    /// Updates the overall bar.
    fn update_bar(&self) {
        let fraction = self.done / (self.done + self.to_do).max(1.0);
        self.overall.set_position((fraction * BAR_LENGTH as f64) as u64);
        let count = format!("{}/{}", self.finished, self.trainings);
        let left = self.time_left().map(|left| format!(", {left}")).unwrap_or_default();
        let rate = f64::from(self.epochs) / (self.begun.elapsed().as_secs_f64() / 60.0);
        let speed = if self.epochs > 0 {
            format!(", {} epochs/min", (rate * 10.0).round() / 10.0)
        } else {
            String::new()
        };
        let texts = [
            format!("{count} trainings{speed}{left}"),
            format!("{count} trainings{left}"),
            format!("{count}{left}"),
        ];
        let room = progress_width().saturating_sub(bar_width() + 1);
        self.overall.set_message(first_that_fits(texts, room));
    }
}

/// The progress of a training, in fewer and fewer words. All of them have the epoch of the metrics.
fn epoch_texts(name: &str, training: &Training, epoch: u32, loss: f64, latest: &Measurement) -> [String; 6] {
    let (epochs, measured) = (training.spec.epochs, latest.epoch);
    let (fraction, dead) = (latest.avg_activation_fraction, latest.dead_units);
    [
        format!("{name}  epoch {epoch}/{epochs}  loss {loss:.4}  {}", measurement_text(latest)),
        format!(
            "{name}  epoch {epoch}/{epochs}  loss {loss:.4}  fraction {fraction:.4}, {dead} dead (epoch {measured})"
        ),
        format!("{name}  epoch {epoch}/{epochs}  fraction {fraction:.4}, {dead} dead (epoch {measured})"),
        format!("{name}  {epoch}/{epochs}  fraction {fraction:.4} (epoch {measured})"),
        format!("{name}  {epoch}/{epochs}  {fraction:.4} (epoch {measured})"),
        format!("{epoch}/{epochs}  fraction {fraction:.4} (epoch {measured})"),
    ]
}

/// The first of `texts` that fits into the line of a training.
fn fitting_line(texts: impl IntoIterator<Item = String>) -> String {
    first_that_fits(texts.into_iter().map(|text| format!("  {text}")), progress_width())
}

/// A measurement in a few words.
fn measurement_text(m: &Measurement) -> String {
    let (fraction, dead) = (m.avg_activation_fraction, m.dead_units);
    let epoch = m.epoch;
    format!("activation fraction {fraction:.4}, dead units {dead} after epoch {epoch}")
}

/// A JSON event about a training, with its settings and `details`.
fn training_event(kind: &str, training: &Training, details: Json) -> Json {
    let mut event = legend::settings_json(&training.spec, details);
    event["event"] = kind.into();
    event["run_key"] = training.key.as_str().into();
    event
}

/// Shows how much of a large data file has been read: a bar, or events as JSON.
pub(super) fn reading(messages: &Messages) -> ReadingWatch {
    let (messages, shown) = (messages.clone(), Mutex::new(None));
    ReadingWatch::new(move |file, read, total| {
        messages.event(
            json!({"event": "reading", "file": file.display().to_string(), "bytes": read, "of": total}),
        );
        let mut shown = lock(&shown);
        let bar = shown.get_or_insert_with(|| {
            messages
                .bars()
                .add(bar(total, "{bytes} of {total_bytes} read").with_finish(ProgressFinish::AndClear))
        });
        bar.set_position(read);
        if read == total {
            // The next file has a bar of its own.
            *shown = None;
        }
    })
}

/// A bar of the length `length`, followed by the template `rest`.
pub(super) fn bar(length: u64, rest: &str) -> ProgressBar {
    // https://no-color.org: any value but an empty one.
    let plain = env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let colour = if plain { "" } else { ".cyan" };
    line(length, &format!("{{bar:{}{colour}}} {rest}", bar_width()))
}

/// The width of a bar in the terminal, which leaves room for a text.
fn bar_width() -> usize {
    if progress_width() < 70 { 10 } else { 30 }
}

/// A progress line up to `length`, in the format of `template`.
fn line(length: u64, template: &str) -> ProgressBar {
    ProgressBar::new(length).with_style(ProgressStyle::with_template(template).expect("a template of ours"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::config;
    use std::path::Path;

    /// At 80 and at 50 columns the line of a training has the epoch of its metrics.
    #[test]
    fn a_training_keeps_the_epoch_of_its_metrics_in_narrow_lines() {
        let text = "name = 'made_up'\ndata.source = 'synthetic'\ntraining.epochs = 200\nsweep.sigma_squared = [0.25]\n\
                    sweep.regularizer = ['kl_sae']";
        let config = config::parse(text, Path::new("x.toml"), &[]).unwrap();
        let plan = Plan::new(&config, "synthetic", "0".repeat(64), 2000, 64, None).unwrap();
        let latest = Measurement {
            epoch: 190,
            avg_activation_fraction: 0.25,
            dead_units: 333,
            ..Measurement::default()
        };
        let shown = |width| {
            let texts = epoch_texts("kl_sae σ²=0.25", &plan.trainings[0], 199, 12.5, &latest);
            first_that_fits(texts, width)
        };
        for (width, expected) in [
            (90, "kl_sae σ²=0.25  epoch 199/200  loss 12.5000  fraction 0.2500, 333 dead (epoch 190)"),
            (78, "kl_sae σ²=0.25  epoch 199/200  fraction 0.2500, 333 dead (epoch 190)"),
            (60, "kl_sae σ²=0.25  199/200  fraction 0.2500 (epoch 190)"),
            (48, "kl_sae σ²=0.25  199/200  0.2500 (epoch 190)"),
            (40, "199/200  fraction 0.2500 (epoch 190)"),
        ] {
            assert_eq!(shown(width), expected);
        }
        assert!(shown(103).ends_with("activation fraction 0.2500, dead units 333 after epoch 190"));
    }
}
