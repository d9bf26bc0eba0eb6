//! Stored runs as curves: activation over σ² for each seed, of runs that differ in nothing else.

use super::bootstrap::Bootstrap;
use crate::experiment::config::PAPER_SIGMA_SQUARED;
use crate::optimizer::EncoderBias;
use crate::report::figure::grouped;
use crate::report::statistics::increasing;
use crate::report::text::{list, seeds};
use crate::store::{Record, Results, StoredRun};
use crate::training::{Measurement, Status};
use serde_json::{Map, Value as Json, json};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// The learning rate of the figures; others belong to the sensitivity study.
pub(super) const LEARNING_RATE: f64 = 0.001;

/// The epochs of the paper's runs.
pub(super) const PAPER_EPOCHS: u32 = 50;

/// The σ² of the study of learning rates.
const STUDY_SIGMA_SQUARED: [f64; 4] = [0.0, 0.01, 0.25, 1.0];

/// What a line in a figure stands for.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Series {
    pub(super) dataset: String,
    pub(super) activation: String,
    pub(super) constraint: String,
    pub(super) regularizer: String,
    pub(super) learning_rate: f64,
}

impl Series {
    fn of(run: &StoredRun) -> Self {
        Self {
            dataset: run.dataset.clone(),
            activation: run.spec.activation.label(),
            constraint: run.spec.constraint.label(),
            regularizer: run.spec.regularizer.label(),
            learning_rate: run.spec.learning_rate,
        }
    }

    /// `cae on mnist (relu, unit_norm)`, with a learning rate that isn't the main one.
    pub(super) fn name(&self) -> String {
        let Self { dataset, activation, constraint, regularizer, learning_rate } = self;
        let is_main = *learning_rate == LEARNING_RATE;
        let rate = if is_main { String::new() } else { format!(", learning rate {learning_rate}") };
        format!("{regularizer} on {dataset} ({activation}, {constraint}{rate})")
    }
}

/// Settings that determine a run's numbers, but for σ², the seed and what a [`Series`] names.
type Protocol = Map<String, Json>;

/// The settings that no [`Protocol`] has.
const BESIDE_PROTOCOL: [&str; 6] =
    ["activation", "constraint", "regularizer", "learning_rate", "sigma_squared", "seed"];

/// The runs of a series under one protocol.
#[derive(Debug, Default)]
pub(super) struct Curve<'r> {
    pub(super) series: Series,
    protocol: Protocol,
    /// Every σ² that was planned, increasing.
    pub(super) sigmas: Vec<f64>,
    /// Finished runs with their σ² and seeds, which increase.
    runs: Vec<(f64, u64, &'r Record)>,
    /// The names of the results folders of its runs; where a run is in several folders, the name of the first.
    pub(super) folders: BTreeSet<String>,
    /// What a reader should know about its runs; some of it may come twice.
    pub(super) notes: Vec<String>,
}

impl<'r> Curve<'r> {
    pub(super) fn seeds(&self) -> impl Iterator<Item = u64> {
        self.runs.iter().map(|(_, seed, _)| *seed)
    }

    /// The run at σ² with `seed`, if it is finished, diverged or not.
    pub(super) fn record(&self, sigma: f64, seed: u64) -> Option<&'r Record> {
        self.runs.iter().find(|run| (run.0, run.1) == (sigma, seed)).map(|(_, _, record)| *record)
    }

    /// What that run ended with; none where it diverged or is not finished.
    pub(super) fn result(&self, sigma: f64, seed: u64) -> Option<&'r Measurement> {
        self.record(sigma, seed)?.result()
    }

    /// Leaves out σ² beside those that the rules name, where these are all there: what somebody adds to a sweep changes neither
    /// the ends of a curve nor which seeds are complete.
    fn keep_to_the_rules(&mut self) {
        let is_main = self.series.learning_rate == LEARNING_RATE;
        let named: &[f64] = if is_main { &PAPER_SIGMA_SQUARED } else { &STUDY_SIGMA_SQUARED };
        if !named.iter().all(|sigma| self.sigmas.contains(sigma)) {
            return;
        }
        let others: Vec<f64> = self.sigmas.extract_if(.., |sigma| !named.contains(sigma)).collect();
        if !others.is_empty() {
            self.runs.retain(|(sigma, ..)| named.contains(sigma));
            let (name, others) = (self.series.name(), list(others));
            self.notes.push(format!("left out of {name}: σ² = {others}, which the rules don't name"));
        }
    }

    /// `dae on mnist (relu, unit_norm) diverged at σ² = 0.81 (seed 2) and 1 (seeds 1 and 2)`
    pub(super) fn divergences(&self) -> Option<String> {
        let diverged = self.sigmas.iter().filter_map(|sigma| {
            let diverged = |run: &&(f64, u64, &Record)| run.0 == *sigma && run.2.status != Status::Completed;
            let diverged: Vec<u64> = self.runs.iter().filter(diverged).map(|run| run.1).collect();
            (!diverged.is_empty()).then(|| format!("{sigma} ({})", seeds(&diverged)))
        });
        let diverged = list(diverged);
        (!diverged.is_empty()).then(|| format!("{} diverged at σ² = {diverged}", self.series.name()))
    }

    /// Whether another curve was trained as this one, but for what the data set brings with it.
    ///
    /// # Errors
    /// The settings that differ.
    pub(super) fn compare(&self, other: &Self) -> Result<(), String> {
        let same_data = self.series.dataset == other.series.dataset;
        let counts = |key: &str| same_data || !["data_sha256", "inputs", "standardize"].contains(&key);
        let reference = self.protocol.iter().filter(|(key, _)| counts(key));
        let differs = differences(&other.protocol, reference.map(|(key, value)| (key.as_str(), value)));
        if differs.is_empty() {
            return Ok(());
        }
        let (own, other) = (self.series.name(), other.series.name());
        Err(format!("{other} was trained differently from {own}: {differs}"))
    }
}

/// The curves that are judged, at most one a series.
#[derive(Debug)]
pub(super) struct Curves<'r> {
    pub(super) curves: Vec<Curve<'r>>,
    pub(super) bootstrap: Bootstrap,
}

impl<'r> Curves<'r> {
    /// The curves of all folders. A run that stands in several of them counts once. Where a series was trained
    /// under several protocols, the one with most σ² is judged, of equals the one with most epochs, of those the one with
    /// most cells: short sweeps of a few σ², such as controls have, never stand in for a figure, however many seeds they have.
    /// Runs with a frozen encoder bias are on no curve.
    pub(super) fn new(results: &[&'r Results]) -> Self {
        let records = by_key(results.iter().flat_map(|folder| &folder.runs));
        let runs = results.iter().flat_map(|folder| folder.runs.iter().map(move |run| (folder, run)));
        let runs = runs.filter(|(_, run)| run.spec.encoder_bias == EncoderBias::Trained);
        let counting = |run: &StoredRun| &records[run.record.run_key.as_str()];
        let protocol = |run: &StoredRun| counting(run).0.record.spec.protocol(&BESIDE_PROTOCOL);
        let curves = grouped(runs, |(_, run)| (Series::of(run), protocol(run))).into_iter();
        let curve = |((series, protocol), runs): (_, Vec<(&&'r Results, &'r StoredRun)>)| {
            let notes = off_the_papers(runs[0].1, &protocol).into_iter().collect();
            let mut curve = Curve { series, protocol, notes, ..Curve::default() };
            for (folder, run) in runs {
                let (counts, dispute) = counting(run);
                // −0 is 0.
                let (sigma, seed) = (run.spec.sigma_squared + 0.0, run.spec.seed);
                curve.sigmas.extend(planned(folder).chain([sigma]));
                if curve.record(sigma, seed).is_none() {
                    curve.runs.push((sigma, seed, &counts.record));
                    curve.folders.insert(run.name.clone());
                }
                curve.notes.extend(dispute.clone());
            }
            curve.sigmas = increasing(curve.sigmas);
            curve.runs.sort_by_key(|run| run.1);
            curve.keep_to_the_rules();
            curve
        };
        Self { curves: judged(curves.map(curve).collect()), bootstrap: Bootstrap::default() }
    }

    /// The curve of `series`.
    ///
    /// # Errors
    /// That there is none.
    pub(super) fn get(&self, series: &Series) -> Result<&Curve<'r>, String> {
        let found = self.curves.iter().find(|curve| curve.series == *series);
        found.ok_or_else(|| format!("there are no runs of {}", series.name()))
    }
}

/// Every σ² in the configuration of a folder, whose runs may not all be finished.
fn planned(folder: &Results) -> impl Iterator<Item = f64> {
    let list = folder.manifest.config["sweep"]["sigma_squared"].as_array();
    list.into_iter().flatten().filter_map(Json::as_f64).map(|sigma| sigma + 0.0)
}

/// Each run once, by its key, with what is to be said where folders disagree. Of several records the first
/// with counts by unit counts, and the first if none has them.
fn by_key<'r>(
    runs: impl Iterator<Item = &'r StoredRun>,
) -> BTreeMap<&'r str, (&'r StoredRun, Option<String>)> {
    let mut chosen = BTreeMap::new();
    for run in runs {
        let key = run.record.run_key.as_str();
        let (counts, dispute) = chosen.entry(key).or_insert((run, None));
        let better = counts.record.activity.is_none() && run.record.activity.is_some();
        let not = if better { std::mem::replace(counts, run) } else { run };
        if counts.record.result() != not.record.result() {
            let (folder, other) = (&counts.name, &not.name);
            *dispute = Some(format!(
                "{other} and {folder} hold the run {key} with different numbers; {folder} counts"
            ));
        }
    }
    chosen
}

/// Of several curves of a series, the one to judge, with a note on the others.
fn judged(mut curves: Vec<Curve<'_>>) -> Vec<Curve<'_>> {
    curves.sort_by_cached_key(|curve| {
        let epochs = curve.protocol.get("epochs").and_then(Json::as_u64);
        // What decides last is arbitrary, but must not depend on the order of the folders.
        let text = Json::from(curve.protocol.clone()).to_string();
        Reverse((curve.sigmas.len(), epochs, curve.runs.len(), text))
    });
    let mut judged = Vec::<Curve<'_>>::new();
    for curve in curves {
        let Some(counts) = judged.iter_mut().find(|other| other.series == curve.series) else {
            judged.push(curve);
            continue;
        };
        let reference = counts.protocol.iter().map(|(key, value)| (key.as_str(), value));
        let differs = differences(&curve.protocol, reference);
        let (cells, name) = (curve.runs.len(), curve.series.name());
        counts.notes.push(format!("left out: {cells} cells of {name} with {differs}"));
    }
    judged
}

/// `epochs 8 instead of 50, samples 10000 instead of 50000`: the settings of `protocol` that `reference` has too, but
/// otherwise.
fn differences<'v>(protocol: &Protocol, reference: impl Iterator<Item = (&'v str, &'v Json)>) -> String {
    let short = |value: &Json| {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        // Digests are known by their beginnings.
        if text.len() == 64 { text[..8].to_owned() } else { text }
    };
    list(reference.filter_map(|(key, value)| {
        let own = protocol.get(key).filter(|own| *own != value)?;
        Some(format!("{key} {} instead of {}", short(own), short(value)))
    }))
}

/// A note where a run of this protocol is not trained as in section 3 of the paper.
fn off_the_papers(run: &StoredRun, protocol: &Protocol) -> Option<String> {
    let threshold = run.spec.activation.threshold();
    let papers = [
        ("batch", json!(50)),
        ("decoder_bias", json!(false)),
        ("epochs", json!(PAPER_EPOCHS)),
        ("hidden", json!(1000)),
        ("momentum", json!(0.9)),
        ("samples", json!(50_000)),
        ("shuffle", json!(true)),
        ("threshold", threshold.map_or_else(|| json!(protocol.get("threshold")), Json::from)),
        ("warm_start", Json::Null),
    ];
    let differs = differences(protocol, papers.iter().map(|(key, value)| (*key, value)));
    (!differs.is_empty()).then(|| format!("{}: not the paper's protocol: {differs}", run.dataset))
}
