//! `aesparse plan`: what a configuration would train, what of it is finished and how long the rest takes.
//!
//! Trains nothing and changes nothing in the results folder; it isn't even made.

use super::args::{PlanArguments, SweepOptions};
use super::columns::write_columns;
use super::estimate::{Rate, readable};
use super::legend;
use super::messages::Messages;
use super::written_plan::FORMAT;
use super::{Ending, count, output, prepare, stored};
use crate::error::Result;
use crate::experiment::{Finished, Lacking, Lacks, Plan, Prepared, Training, find_finished};
use crate::store::{Manifest, write_atomic};
use crate::training::{RunSpec, Status};
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

/// Lists the plan of a configuration.
///
/// # Errors
/// Whatever is wrong with the configuration, its data, the results so far or the file to write.
pub(crate) fn plan(arguments: &PlanArguments, messages: &Messages) -> Result<Ending> {
    let PlanArguments { config, options, write } = arguments;
    let prepared = prepare::of_file(config, options, messages)?;
    let folder = options.out.join(&prepared.plan.name);
    let outlook = Outlook::new(&prepared.plan, &folder, options.fresh, options.jobs(), messages)?;
    if let Some(path) = write {
        if output::is_stdout(path) {
            return Ok(messages.deliver(&outlook.document(&prepared)));
        }
        output::outside_results("--write", path)?;
        let settings = &prepared.config;
        let inputs = [Some(config.as_path()), settings.data().source.path(), settings.warm_start()];
        output::not_an_input("--write", path, inputs.into_iter().flatten())?;
        write_atomic(path, outlook.document(&prepared).as_bytes())?;
        messages.note(format_args!("written: {}", path.display()));
    }
    Ok(messages.print(&outlook.text(&folder, options.retrain)))
}

/// Prints what a plan would train.
///
/// # Errors
/// Whatever is wrong with the results so far.
pub(super) fn list(prepared: &Prepared, options: &SweepOptions, messages: &Messages) -> Result<Ending> {
    let folder = options.out.join(&prepared.plan.name);
    let outlook = Outlook::new(&prepared.plan, &folder, options.fresh, options.jobs(), messages)?;
    Ok(messages.print(&outlook.text(&folder, options.retrain)))
}

/// A plan and what is known of its trainings.
pub(super) struct Outlook<'p> {
    pub(super) plan: &'p Plan,
    /// Predictions of all trainings, in the plan's order.
    pub(super) seconds: Vec<f64>,
    finished: BTreeMap<String, Finished>,
    rate: Rate,
    jobs: usize,
}

impl<'p> Outlook<'p> {
    /// With `fresh` what is in `folder` would be set aside, and nothing be taken over from others beside it.
    ///
    /// # Errors
    /// Whatever is wrong with the results so far.
    pub(super) fn new(
        plan: &'p Plan,
        folder: &Path,
        fresh: bool,
        jobs: usize,
        messages: &Messages,
    ) -> Result<Self> {
        stored::warn_of_foreign(folder, messages)?;
        let earlier = Manifest::load(&folder.join("manifest.json"))?;
        let seconds = earlier.map_or_else(BTreeMap::new, |manifest| manifest.seconds);
        let rate = Rate::of(plan, &seconds);
        let finished = if fresh { BTreeMap::new() } else { find_finished(plan, folder)? };
        let seconds = plan.trainings.iter().map(|training| rate.seconds(&training.spec)).collect();
        Ok(Self { plan, seconds, finished, rate, jobs: jobs.min(plan.trainings.len()) })
    }

    /// What workers are given.
    pub(super) fn document(&self, prepared: &Prepared) -> String {
        format!("{:#}\n", self.to_json(&prepared.config.located()))
    }

    /// Whether nothing is left to do for the training.
    pub(super) fn is_finished(&self, training: &Training) -> bool {
        self.finished.get(&training.key).is_some_and(|finished| !finished.lacks.anything())
    }

    /// Finished runs that lack what is asked for.
    pub(super) fn lacking(&self) -> Lacking {
        self.finished.values().map(|finished| finished.lacks).collect()
    }

    fn missing(&self) -> impl Iterator<Item = &RunSpec> {
        self.plan.trainings.iter().filter(|t| !self.is_finished(t)).map(|t| &t.spec)
    }

    fn text(&self, folder: &Path, retrain: bool) -> String {
        let plan = self.plan;
        let missing = self.missing().count();
        let mut text =
            format!("{}: {} cells, {} trainings", plan.name, plan.cells.len(), plan.trainings.len());
        let beside = self.finished.values().filter(|finished| finished.is_beside).count();
        let lacking = self.lacking();
        let here = self.finished.len() - beside - lacking.runs;
        let _ = write!(text, ", {here} of them finished in {}", folder.display());
        if beside > 0 {
            let _ = write!(text, ", {beside} in other results beside it, to be taken over");
        }
        text.push('\n');
        if let Some(Training { spec, .. }) = plan.trainings.first() {
            let _ = writeln!(
                text,
                "{}: {} samples of {} inputs; {} hidden units, {} in batches of {}",
                plan.dataset,
                spec.samples,
                spec.inputs,
                spec.hidden,
                count(spec.epochs as usize, "epoch"),
                spec.batch
            );
        }
        text.push('\n');
        self.listing(&mut text);
        let _ = writeln!(text, "\n{}", self.prediction(missing));
        if lacking.runs > 0 {
            let then = if retrain { "trained again" } else { "refused, unless --retrain trains them again" };
            let _ = writeln!(text, "{lacking}; {then}");
        }
        text
    }

    /// One line a training, in the order in which they start.
    fn listing(&self, text: &mut String) {
        let varied = legend::varied_of_models(self.plan);
        let mut lines =
            vec![["run key", "model", "σ²", "seed", "state", "cells"].map(str::to_owned).to_vec()];
        for (training, cells) in self.plan.trainings.iter().zip(self.plan.cells_by_training()) {
            let mut model = vec![legend::model(self.plan, &cells)];
            model.extend(legend::others(&training.spec, &varied));
            let state = match self.finished.get(&training.key) {
                None => "to do",
                Some(Finished { lacks: Lacks { weights: true, theory: true }, .. }) => {
                    "lacks weights, theory"
                }
                Some(Finished { lacks: Lacks { weights: true, .. }, .. }) => "lacks weights",
                Some(Finished { lacks: Lacks { theory: true, .. }, .. }) => "lacks theory",
                Some(Finished { status: Status::Completed, .. }) => "finished",
                Some(Finished { status: Status::Diverged { .. }, .. }) => "diverged",
            };
            lines.push(vec![
                training.key.clone(),
                model.join(" "),
                training.spec.sigma_squared.to_string(),
                training.spec.seed.to_string(),
                state.to_owned(),
                // Numbered from 1, in the plan's order.
                cells.iter().map(|cell| (cell + 1).to_string()).collect::<Vec<_>>().join(","),
            ]);
        }
        write_columns(text, &lines);
    }

    fn prediction(&self, missing: usize) -> String {
        if missing == 0 {
            return "nothing is left to train".to_owned();
        }
        let time = readable(self.rate.total(self.missing(), self.jobs));
        let basis = match self.rate.measured_on {
            0 => "estimated from the number of operations and of runs".to_owned(),
            measured => format!("from the time that {} took", count(measured, "training")),
        };
        let jobs = self.jobs;
        let left = count(missing, "training");
        format!("{left} left: about {time} with {jobs} at a time ({basis})")
    }

    fn to_json(&self, config: &Json) -> Json {
        let plan = self.plan;
        let cell = |spec: &RunSpec, training: usize| {
            legend::settings(spec, json!({"run_key": plan.trainings[training].key}))
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
            "config": config,
            "cells": plan.cells.iter().map(|c| cell(&c.spec, c.training)).collect::<Vec<_>>(),
            "trainings": plan.trainings.iter().zip(&self.seconds).map(training).collect::<Vec<_>>(),
        })
    }
}
