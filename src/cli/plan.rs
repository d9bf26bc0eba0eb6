//! `aesparse plan`: lists the trainings of a configuration, which of them are finished, and how long the others take.
//!
//! Trains nothing. The results folder is neither created nor changed.

use super::args::{PlanArguments, SweepOptions};
use super::estimate::{CoreUse, TimePredictor, format_duration};
use super::legend;
use super::messages::Messages;
use super::written_plan::FORMAT;
use super::{ExitStatus, count, document, output, prepare, screen, stored};
use crate::data::HeldOut;
use crate::error::{Error, Result};
use crate::experiment::{Finished, MissingCounts, Plan, Prepared, Training, find_finished};
use crate::report::document::{Block, Table, Text};
use crate::store::Manifest;
use crate::training::{RunSpec, Status};
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

/// Lists the plan of a configuration.
///
/// # Errors
/// Where the configuration, its data or earlier results can't be used, or the file can't be written.
pub(crate) fn plan(arguments: &PlanArguments, messages: &Messages) -> Result<ExitStatus> {
    let PlanArguments { config, options, write } = arguments;
    let prepared = prepare::from_file(config, options, messages)?;
    let folder = options.out.join(&prepared.plan.name);
    let status = PlanStatus::of(&prepared, options, messages)?;
    if let Some(path) = write {
        let settings = &prepared.config;
        let data = settings.data();
        let held_out = data.held_out.as_ref().and_then(HeldOut::path);
        let inputs = [Some(config.as_path()), data.source.path(), held_out, settings.warm_start()];
        output::check_not_an_input("--write", path, inputs.into_iter().flatten())?;
    }
    let table = || status.text(&folder, options.retrain);
    let file = || status.to_json(&prepared);
    document::print_or_write_json(file, ("--write", write.as_deref()), table, messages)
}

/// Prints the list of a plan's trainings.
///
/// # Errors
/// Where earlier results can't be used.
pub(super) fn list(prepared: &Prepared, options: &SweepOptions, messages: &Messages) -> Result<ExitStatus> {
    let folder = options.out.join(&prepared.plan.name);
    let status = PlanStatus::of(prepared, options, messages)?;
    Ok(messages.print(&status.text(&folder, options.retrain)))
}

/// A plan, and which of its trainings are finished.
pub(super) struct PlanStatus<'p> {
    pub(super) plan: &'p Plan,
    /// Predicted seconds of each training, in the plan's order.
    pub(super) seconds: Vec<f64>,
    finished: BTreeMap<String, Finished>,
    predictor: TimePredictor,
    cores: CoreUse,
}

impl<'p> PlanStatus<'p> {
    /// The status of `prepared` in its results folder.
    ///
    /// # Errors
    /// As [`PlanStatus::new`].
    fn of(prepared: &'p Prepared, options: &SweepOptions, messages: &Messages) -> Result<Self> {
        let Prepared { plan, .. } = prepared;
        let folder = options.out.join(&plan.name);
        let cores = options.core_use(plan.trainings.len());
        let status = Self::new(plan, &folder, options.fresh, cores, messages)?;
        let checked = if options.fresh { Ok(()) } else { status.check_settings(prepared, &folder) };
        match checked {
            Err(Error::OtherSettings { path, problem, .. }) => {
                let needed = "another name or folder (--out), or --fresh, is needed to train this plan";
                messages.warning(format_args!("{}: {problem}; {needed}", path.display()));
            }
            checked => checked.unwrap_or_else(|error| messages.warning(error)),
        }
        Ok(status)
    }

    /// [`Prepared::check_settings`]. With a finished run of its own in the `folder` the plan fits it, and the records are not read again.
    ///
    /// # Errors
    /// Its errors.
    pub(super) fn check_settings(&self, prepared: &Prepared, folder: &Path) -> Result<()> {
        let fits = self.finished.values().any(|finished| !finished.is_in_neighbour);
        if fits { Ok(()) } else { prepared.check_settings(folder) }
    }

    /// Looks for finished runs in the results folder `folder` and in other results beside it. With `fresh` no run counts as
    /// finished.
    ///
    /// # Errors
    /// Where earlier results can't be used.
    pub(super) fn new(
        plan: &'p Plan,
        folder: &Path,
        fresh: bool,
        cores: CoreUse,
        messages: &Messages,
    ) -> Result<Self> {
        stored::warn_of_foreign(folder, messages)?;
        let earlier = Manifest::of(folder)?;
        let seconds = earlier.iter().flat_map(Manifest::core_seconds);
        let seconds = seconds.map(|(key, seconds)| (key.to_owned(), seconds)).collect();
        let predictor = TimePredictor::new(plan, &seconds);
        let finished = if fresh { BTreeMap::new() } else { find_finished(plan, folder)? };
        let seconds = plan.trainings.iter().map(|training| predictor.seconds(&training.spec)).collect();
        Ok(Self { plan, seconds, finished, predictor, cores })
    }

    /// Whether the training is finished and lacks nothing that the plan asks for.
    pub(super) fn is_finished(&self, training: &Training) -> bool {
        self.finished.get(&training.key).is_some_and(|finished| !finished.missing.any())
    }

    /// The finished runs that lack something that the plan asks for.
    pub(super) fn lacking(&self) -> MissingCounts {
        self.finished.values().map(|finished| finished.missing).collect()
    }

    /// The trainings that are not finished.
    fn unfinished(&self) -> impl Iterator<Item = &RunSpec> {
        self.plan.trainings.iter().filter(|t| !self.is_finished(t)).map(|t| &t.spec)
    }

    /// The list for people.
    fn text(&self, folder: &Path, retrain: bool) -> String {
        let plan = self.plan;
        let unfinished = self.unfinished().count();
        let mut head =
            format!("{}: {} cells, {} trainings", plan.name, plan.cells.len(), plan.trainings.len());
        let beside = self.finished.values().filter(|finished| finished.is_in_neighbour).count();
        let lacking = self.lacking();
        let here = self.finished.len() - beside - lacking.runs;
        let _ = write!(head, ", {here} of them finished in {}", folder.display());
        if beside > 0 {
            let _ = write!(head, ", {beside} in other results beside it, to be taken over");
        }
        if let Some(Training { spec, .. }) = plan.trainings.first() {
            let _ = write!(
                head,
                "\n{}: {} samples of {} inputs; {} hidden units, {} in batches of {}",
                plan.dataset,
                spec.samples,
                spec.inputs,
                spec.hidden,
                count(spec.epochs as usize, "epoch"),
                spec.batch
            );
        }
        let mut end = self.prediction(unfinished);
        if lacking.runs > 0 {
            let then = if retrain { "trained again" } else { "refused, unless --retrain trains them again" };
            let _ = write!(end, "\n{lacking}\nthese runs are {then}");
        }
        screen::text(vec![Block::paragraph(head), Block::Table(self.trainings()), Block::paragraph(end)])
    }

    /// A row for each training, in the order of their start.
    fn trainings(&self) -> Table {
        let varied = legend::varied_without_seed(self.plan);
        let row = |(training, cells): (&Training, Vec<usize>)| -> Vec<Text> {
            let mut model = vec![legend::model_label(self.plan, &cells)];
            model.extend(legend::setting_words(&training.spec, &varied));
            let state = match self.finished.get(&training.key) {
                None => "to do".to_owned(),
                Some(Finished { missing, .. }) if missing.any() => {
                    format!("lacks {}", missing.names().collect::<Vec<_>>().join(", "))
                }
                Some(Finished { status: Status::Completed, .. }) => "finished".to_owned(),
                Some(Finished { status: Status::Diverged { .. }, .. }) => "diverged".to_owned(),
            };
            vec![
                training.key.as_str().into(),
                model.join(" ").into(),
                training.spec.sigma_squared.to_string().into(),
                training.spec.seed.to_string().into(),
                state.into(),
                // The numbers of the training's cells, from 1 in the plan's order.
                cells.iter().map(|cell| (cell + 1).to_string()).collect::<Vec<_>>().join(",").into(),
            ]
        };
        let trainings = self.plan.trainings.iter().zip(self.plan.cells_by_training());
        Table::new("", &["run key", "model", "σ²", "seed", "state", "cells"], &[]).with(trainings.map(row))
    }

    /// How long the `unfinished` trainings take, in words.
    fn prediction(&self, unfinished: usize) -> String {
        if unfinished == 0 {
            return "nothing is left to train".to_owned();
        }
        let time = format_duration(self.predictor.total(self.unfinished(), self.cores));
        let basis = match self.predictor.measured_on {
            0 => "estimated from the number of operations and of runs".to_owned(),
            measured => format!("from the time that {} took", count(measured, "training")),
        };
        let jobs = self.cores.jobs;
        let left = count(unfinished, "training");
        format!("{left} left: about {time} with {jobs} at a time ({basis})")
    }

    /// The plan's file, which workers read.
    pub(super) fn to_json(&self, prepared: &Prepared) -> Json {
        let plan = self.plan;
        let cell = |spec: &RunSpec, training: usize| {
            legend::settings_json(spec, json!({"run_key": plan.trainings[training].key}))
        };
        let training = |(training, seconds): (&Training, &f64)| {
            json!({
                "run_key": training.key,
                "finished": self.is_finished(training),
                "predicted_seconds": seconds,
            })
        };
        json!({
            "format": FORMAT,
            "name": plan.name,
            "dataset": plan.dataset,
            "config": prepared.config.located(),
            "cells": plan.cells.iter().map(|c| cell(&c.spec, c.training)).collect::<Vec<_>>(),
            "trainings": plan.trainings.iter().zip(&self.seconds).map(training).collect::<Vec<_>>(),
        })
    }
}
