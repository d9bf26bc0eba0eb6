//! The part of `aesparse verify` that trains stored runs again, to compare their numbers with the stored ones.

use super::args::{VerifyArguments, idle_cores};
use super::estimate::{CoreUse, TimePredictor, format_duration};
use super::interrupt::Interrupt;
use super::memory::Jobs;
use super::messages::Messages;
use super::progress::SweepProgress;
use super::{count, stored};
use crate::data::Dataset;
use crate::error::{Error, Result};
use crate::experiment::{Repeated, Repetition, plan_repetitions, repeat};
use crate::random::shuffled_order;
use crate::regularizer::RegularizerKind;
use crate::report::recomputation::{Recomputation, RecomputationResult, RecomputedRun};
use crate::report::text;
use crate::store::{Record, Results, StoredRun, Weights, instruction_set};
use crate::training::{NUMERICS_VERSION, RunSpec, Status};
use std::collections::BTreeMap;
use std::collections::HashMap;
use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::path::Path;
use std::sync::Arc;

/// A stored run with its results folder.
type InFolder<'r> = (&'r Results, &'r StoredRun);

/// Draws `number` completed runs of `results`, trains them again and compares their numbers.
///
/// # Errors
/// Where there is no completed run, or none of the drawn runs can be trained here. Nothing was trained then.
pub(super) fn recompute(
    results: &[Results],
    number: usize,
    arguments: &VerifyArguments,
    messages: &Messages,
) -> Result<Recomputation> {
    let interrupt = Interrupt::on_signals()?;
    let completed = completed_runs(results);
    if completed.is_empty() {
        let problem = "it has no completed run to train again";
        return Err(Error::store(
            &arguments.dir,
            problem,
            "train a configuration first: aesparse run CONFIG",
        ));
    }
    let seed = arguments.seed.unwrap_or_else(random_seed);
    let drawn: Vec<InFolder<'_>> =
        draw(completed.len(), number, seed).map(|index| completed[index]).collect();
    let mut data = LoadedData::default();
    let prepared: Vec<Result<Repetition, String>> =
        drawn.iter().map(|run| data.prepare(*run, arguments.data_dir.as_deref(), messages)).collect();
    warn_of_skipped(&drawn, &prepared, messages);
    let (mut repetitions, mut reasons) = (Vec::new(), Vec::new());
    for prepared in prepared {
        reasons.push(prepared.map(|repetition| repetitions.push(repetition)).err());
    }
    let Some(plan) = plan_repetitions(&repetitions) else {
        let problem = format!("none of the {} can be trained again here", count(drawn.len(), "drawn run"));
        return Err(Error::store(
            &arguments.dir,
            problem,
            "name the data with --data-dir, or draw others with --seed",
        ));
    };
    let jobs = Jobs::fitting(&plan, arguments.jobs)?.number;
    let seconds: BTreeMap<String, f64> = drawn
        .iter()
        .filter_map(|(folder, run)| {
            folder.manifest.core_seconds().find(|(key, _)| *key == run.record.run_key)
        })
        .map(|(key, seconds)| (key.to_owned(), seconds))
        .collect();
    let predictor = TimePredictor::new(&plan, &seconds);
    let cores = CoreUse { jobs, threads: idle_cores(jobs) };
    let time = predictor.total(plan.trainings.iter().map(|training| &training.spec), cores);
    let basis =
        if predictor.measured_on > 0 { "by their stored times" } else { "by their number of operations" };
    messages.note(format_args!(
        "training {} of {} again, drawn with --seed {seed}: about {}, {basis}",
        repetitions.len(),
        count(completed.len(), "completed run"),
        format_duration(time)
    ));
    let progress = SweepProgress::new(messages, &plan, jobs, |_| false);
    let ends = repeat(&repetitions, &plan, jobs, interrupt.while_training(), &progress);
    progress.end();
    let mut ends = ends?.into_iter();
    let result = |((_, run), reason): (&InFolder<'_>, Option<String>)| {
        let mut now = None;
        let result = match reason {
            Some(reason) => RecomputationResult::Skipped { reason },
            None => match ends.next().expect("every repetition has an end") {
                Repeated::Trained(outcome) => {
                    let record = now.insert(Record::new(&run.record.spec, outcome));
                    RecomputationResult::of(&run.record, record)
                }
                Repeated::Stopped => RecomputationResult::Interrupted,
                Repeated::Panicked(message) => RecomputationResult::Failed { message },
            },
        };
        RecomputedRun::new(run, now.as_ref(), result)
    };
    let runs: Vec<RecomputedRun> = drawn.iter().zip(reasons).map(result).collect();
    runs.iter().filter_map(warning).for_each(|warning| messages.warning(warning));
    Ok(Recomputation { seed, completed_runs: completed.len(), instruction_set: instruction_set(), runs })
}

/// The warning about a run that did not come out as it is stored, on any instruction set.
fn warning(run: &RecomputedRun) -> Option<String> {
    let name = run.name();
    match &run.result {
        RecomputationResult::Different { differences }
        | RecomputationResult::NotComparable { differences } => {
            let first = differences.first()?;
            let epoch = first.epoch.map(|epoch| format!(" after epoch {epoch}")).unwrap_or_default();
            let (numbers, quantity) = (count(differences.len(), "number"), &first.quantity);
            let (stored, now) = (&first.stored, &first.recomputed);
            Some(format!(
                "{name} differs in {numbers}, the first is {quantity}{epoch}: stored {stored}, now {now}"
            ))
        }
        RecomputationResult::Failed { message } => Some(format!(
            "{name}: training it again failed by a fault in the program ({message}); please report it"
        )),
        _ => None,
    }
}

/// The completed runs of all `results`, each once: cells at σ² = 0 share a run, and folders may hold the same record.
fn completed_runs(results: &[Results]) -> Vec<InFolder<'_>> {
    let mut known: HashMap<&str, Vec<&Record>> = HashMap::new();
    let mut found = Vec::new();
    for (folder, run) in results.iter().flat_map(|folder| folder.runs.iter().map(move |run| (folder, run))) {
        let record = &*run.record;
        let same = known.entry(&record.run_key).or_default();
        if record.status == Status::Completed && !same.contains(&record) {
            same.push(record);
            found.push((folder, run));
        }
    }
    found
}

/// `number` different indices below `all`, or all of them, in increasing order.
fn draw(all: usize, number: usize, seed: u64) -> impl Iterator<Item = usize> {
    let mut order = vec![0; all];
    shuffled_order(seed, 1, &mut order);
    order.truncate(number);
    order.sort_unstable();
    order.into_iter().map(|index| index as usize)
}

/// A seed that is short enough to be typed again.
fn random_seed() -> u64 {
    RandomState::new().build_hasher().finish() % 1_000_000
}

/// Names the runs that are skipped, once for each reason.
fn warn_of_skipped(drawn: &[InFolder<'_>], prepared: &[Result<Repetition, String>], messages: &Messages) {
    let mut skipped: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for ((_, run), prepared) in drawn.iter().zip(prepared) {
        if let Err(reason) = prepared {
            skipped.entry(reason).or_default().push(format!("{}/{}", run.name, run.record.run_key));
        }
    }
    for (reason, runs) in skipped {
        messages.warning(format_args!("skipped: {}: {reason}", text::list(runs)));
    }
}

/// Data sets that were loaded, each once.
#[derive(Default)]
struct LoadedData(Vec<(DataKey, Arc<Dataset>)>);

/// The settings of a run that determine its samples.
type DataKey = serde_json::Value;

impl LoadedData {
    /// The repetition of `run`, with its data and its warm start in memory.
    ///
    /// # Errors
    /// The reason why it can't be trained here.
    fn prepare(
        &mut self,
        (results, run): InFolder<'_>,
        data_dir: Option<&Path>,
        messages: &Messages,
    ) -> Result<Repetition, String> {
        let spec = &run.record.spec;
        check_known(spec, &run.record.version)?;
        let configured = stored::configured_data(results, run).map_err(|error| error.to_string())?;
        let key = data_key(spec);
        let known = self.0.iter().find(|(known, _)| *known == key).map(|(_, dataset)| Arc::clone(dataset));
        let dataset = match known {
            Some(dataset) => dataset,
            None => {
                let raw = stored::load_data((results, run), &configured, (None, data_dir));
                let dataset = raw.and_then(|raw| raw.standardize(spec.standardize));
                let dataset = Arc::new(dataset.map_err(|error| error.to_string())?);
                if dataset.held_out_from != spec.held_out {
                    return Err("the file or folder with its held-out samples is missing".to_owned());
                }
                messages.remarks(&dataset.remarks);
                self.0.push((key, Arc::clone(&dataset)));
                dataset
            }
        };
        let start = warm_start(results, spec)?;
        Ok(Repetition::new(&run.record, configured.spec, dataset, start))
    }
}

fn data_key(spec: &RunSpec) -> DataKey {
    let RunSpec { data_sha256, samples, inputs, standardize, standardized_from, held_out, .. } = spec;
    serde_json::json!([data_sha256, samples, inputs, standardize, standardized_from, held_out])
}

/// Checks that this program can train the run `spec`, a run of its version `version`.
///
/// # Errors
/// What the program lacks.
fn check_known(spec: &RunSpec, version: &str) -> Result<(), String> {
    if let RegularizerKind::Unknown(_) = spec.regularizer.kind() {
        return Err(format!(
            "this program has no regularizer {}; use the program that trained it",
            spec.regularizer.label()
        ));
    }
    if spec.activation.known().is_none() {
        return Err(format!(
            "this program has no activation {}; use the program that trained it",
            spec.activation.label()
        ));
    }
    if !spec.unknown.is_empty() {
        let names = text::list(spec.unknown.keys());
        return Err(format!("this program doesn't know its {names}; use version {version}"));
    }
    if spec.numerics != NUMERICS_VERSION {
        let found = spec.numerics;
        return Err(format!(
            "its numerics have the version {found}, this program's {NUMERICS_VERSION}; use version {version}"
        ));
    }
    Ok(())
}

/// The warm start of a run of `results`.
///
/// # Errors
/// The reason why it can't be used.
fn warm_start(results: &Results, spec: &RunSpec) -> Result<Option<Weights>, String> {
    let Some(expected) = &spec.warm_start else { return Ok(None) };
    let path = results.manifest.config.pointer("/model/init/from").and_then(serde_json::Value::as_str);
    let path = Path::new(path.ok_or("its manifest doesn't name its warm start")?);
    let start = Weights::read(path, (spec.hidden, spec.inputs)).map_err(|error| error.to_string())?;
    if start.sha256 != *expected {
        let found = &start.sha256;
        return Err(format!(
            "{}: its warm start has the SHA-256 {expected:.12}…, found {found:.12}…",
            path.display()
        ));
    }
    Ok(Some(start.weights))
}
