//! Curves of stored runs: activation over σ² for each seed, of runs that are otherwise trained alike.

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

/// The main learning rate, that of the figures; other ones belong to the sensitivity study.
pub(super) const LEARNING_RATE: f64 = 0.001;

/// The settings that the rules name for the runs of a claim at the main learning rate.
#[derive(Debug)]
pub(super) struct NamedRuns {
    /// Whose settings these are, in a note about other ones.
    whose: &'static str,
    samples: usize,
    pub(super) epochs: u32,
    pub(super) sigmas: &'static [f64],
    /// Whether all of these σ² are needed, and runs with these settings are judged rather than others with more σ² or epochs.
    are_fixed: bool,
}

/// The paper's runs.
pub(super) const PAPER_RUNS: NamedRuns = NamedRuns {
    whose: "the paper's",
    samples: 50_000,
    epochs: 50,
    sigmas: &PAPER_SIGMA_SQUARED,
    are_fixed: false,
};

/// The runs of claim 13.
pub(super) const EXPLANATION_RUNS: NamedRuns = NamedRuns {
    whose: "the rules'",
    samples: 10_000,
    epochs: 20,
    sigmas: &[0.0, 0.04, 0.25, 1.0],
    are_fixed: true,
};

/// The σ² of the study of learning rates.
const STUDY_SIGMA_SQUARED: [f64; 4] = [0.0, 0.01, 0.25, 1.0];

/// The settings by which a claim looks up a curve.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct CurveSettings {
    pub(super) dataset: String,
    pub(super) activation: String,
    pub(super) constraint: String,
    pub(super) regularizer: String,
    pub(super) learning_rate: f64,
}

impl CurveSettings {
    fn of(run: &StoredRun) -> Self {
        Self {
            dataset: run.dataset.clone(),
            activation: run.spec.activation.label(),
            constraint: run.spec.constraint.label(),
            regularizer: run.spec.regularizer.label(),
            learning_rate: run.spec.learning_rate,
        }
    }

    /// `cae on mnist (relu, unit_norm)`; names the learning rate where it isn't the main one.
    pub(super) fn name(&self) -> String {
        let Self { dataset, activation, constraint, regularizer, learning_rate } = self;
        let is_main = *learning_rate == LEARNING_RATE;
        let rate = if is_main { String::new() } else { format!(", learning rate {learning_rate}") };
        format!("{regularizer} on {dataset} ({activation}, {constraint}{rate})")
    }
}

/// The settings that determine a run's numbers, without σ², the seed and the fields of [`CurveSettings`].
type CurveProtocol = Map<String, Json>;

/// The settings that a [`CurveProtocol`] leaves out.
const OUTSIDE_PROTOCOL: [&str; 6] =
    ["activation", "constraint", "regularizer", "learning_rate", "sigma_squared", "seed"];

/// The runs with one [`CurveSettings`] and one protocol.
#[derive(Debug, Default)]
pub(super) struct ClaimCurve<'r> {
    pub(super) settings: CurveSettings,
    protocol: CurveProtocol,
    /// Every planned σ², increasing.
    pub(super) sigmas: Vec<f64>,
    /// The finished runs with their σ² and seeds; the seeds increase.
    runs: Vec<(f64, u64, &'r Record)>,
    /// The names of the results folders of its runs; the first one's where a run is in several.
    pub(super) folders: BTreeSet<String>,
    /// Whether it is judged rather than a curve with the same settings that is not.
    is_preferred: bool,
    /// Remarks for the reader about its runs; may repeat.
    pub(super) notes: Vec<String>,
}

impl<'r> ClaimCurve<'r> {
    pub(super) fn seeds(&self) -> impl Iterator<Item = u64> {
        self.runs.iter().map(|(_, seed, _)| *seed)
    }

    /// The run at σ² with `seed`, if it is finished, diverged or not.
    pub(super) fn record(&self, sigma: f64, seed: u64) -> Option<&'r Record> {
        self.runs.iter().find(|run| (run.0, run.1) == (sigma, seed)).map(|(_, _, record)| *record)
    }

    /// The last measurement of that run; `None` where it diverged or is not finished.
    pub(super) fn result(&self, sigma: f64, seed: u64) -> Option<&'r Measurement> {
        self.record(sigma, seed)?.result()
    }

    /// Drops σ² that the rules don't name, where all σ² that they name exist: additions to a sweep must change neither the ends
    /// of a curve nor which seeds are complete.
    fn drop_unnamed_sigmas(&mut self, named: &NamedRuns) {
        let is_main = self.settings.learning_rate == LEARNING_RATE;
        let named = if is_main { named.sigmas } else { &STUDY_SIGMA_SQUARED };
        if !named.iter().all(|sigma| self.sigmas.contains(sigma)) {
            return;
        }
        let others: Vec<f64> = self.sigmas.extract_if(.., |sigma| !named.contains(sigma)).collect();
        if !others.is_empty() {
            self.runs.retain(|(sigma, ..)| named.contains(sigma));
            let (name, others) = (self.settings.name(), list(others));
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
        (!diverged.is_empty()).then(|| format!("{} diverged at σ² = {diverged}", self.settings.name()))
    }

    /// Checks that `other` was trained like this curve, apart from settings that follow from the data set.
    ///
    /// # Errors
    /// The settings that differ.
    pub(super) fn check_same_protocol(&self, other: &Self) -> Result<(), String> {
        let same_data = self.settings.dataset == other.settings.dataset;
        let is_compared = |key: &str| same_data || !["data_sha256", "inputs", "standardize"].contains(&key);
        let reference = self.protocol.iter().filter(|(key, _)| is_compared(key));
        let differs = differences(&other.protocol, reference.map(|(key, value)| (key.as_str(), value)));
        if differs.is_empty() {
            return Ok(());
        }
        let (own, other) = (self.settings.name(), other.settings.name());
        Err(format!("{other} was trained differently from {own}: {differs}"))
    }
}

/// The curves that are judged, at most one for each [`CurveSettings`].
#[derive(Debug)]
pub(super) struct ClaimCurves<'r> {
    pub(super) curves: Vec<ClaimCurve<'r>>,
    pub(super) bootstrap: Bootstrap,
}

impl<'r> ClaimCurves<'r> {
    /// The curves of all folders. A run in several folders counts once. Where there are several protocols for the same settings,
    /// the one with most σ² is judged, then the one with most epochs, then the one with most cells. So a short sweep of a few σ²,
    /// such as a control's, never replaces a figure, however many seeds it has. A protocol that is `named` comes first where it is
    /// fixed. Runs with a frozen encoder bias are on no curve.
    pub(super) fn new(results: &[&'r Results], named: &NamedRuns) -> Self {
        let records = unique_by_key(results.iter().flat_map(|folder| &folder.runs));
        let runs = results.iter().flat_map(|folder| folder.runs.iter().map(move |run| (folder, run)));
        let runs = runs.filter(|(_, run)| run.spec.encoder_bias == EncoderBias::Trained);
        let used = |run: &StoredRun| &records[run.record.run_key.as_str()];
        let protocol = |run: &StoredRun| used(run).0.record.spec.protocol(&OUTSIDE_PROTOCOL);
        let curves = grouped(runs, |(_, run)| (CurveSettings::of(run), protocol(run))).into_iter();
        let curve = |((settings, protocol), runs): (_, Vec<(&&'r Results, &'r StoredRun)>)| {
            let notes: Vec<String> = protocol_note(runs[0].1, &protocol, named).into_iter().collect();
            let is_preferred = named.are_fixed && notes.is_empty();
            let mut curve = ClaimCurve { settings, protocol, notes, is_preferred, ..ClaimCurve::default() };
            for (folder, run) in runs {
                let (chosen, dispute) = used(run);
                // Adding 0 turns −0 into 0.
                let (sigma, seed) = (run.spec.sigma_squared + 0.0, run.spec.seed);
                curve.sigmas.extend(planned_sigmas(folder).chain([sigma]));
                curve.sigmas.extend(named.sigmas.iter().filter(|_| named.are_fixed));
                if curve.record(sigma, seed).is_none() {
                    curve.runs.push((sigma, seed, &chosen.record));
                    curve.folders.insert(run.name.clone());
                }
                curve.notes.extend(dispute.clone());
            }
            curve.sigmas = increasing(curve.sigmas);
            curve.runs.sort_by_key(|run| run.1);
            curve.drop_unnamed_sigmas(named);
            curve
        };
        Self { curves: choose_judged(curves.map(curve).collect()), bootstrap: Bootstrap::default() }
    }

    /// The curve with `settings`.
    ///
    /// # Errors
    /// A sentence that there is no such curve.
    pub(super) fn get(&self, settings: &CurveSettings) -> Result<&ClaimCurve<'r>, String> {
        let found = self.curves.iter().find(|curve| curve.settings == *settings);
        found.ok_or_else(|| format!("there are no runs of {}", settings.name()))
    }
}

/// Every σ² in the configuration of a folder; some runs may not be finished.
fn planned_sigmas(folder: &Results) -> impl Iterator<Item = f64> {
    let list = folder.manifest.config["sweep"]["sigma_squared"].as_array();
    list.into_iter().flatten().filter_map(Json::as_f64).map(|sigma| sigma + 0.0)
}

/// Each run once, by its key, with a note where folders have different numbers for it. Of several records, the first with counts
/// by unit is used, or else the first.
fn unique_by_key<'r>(
    runs: impl Iterator<Item = &'r StoredRun>,
) -> BTreeMap<&'r str, (&'r StoredRun, Option<String>)> {
    let mut by_key = BTreeMap::new();
    for run in runs {
        let key = run.record.run_key.as_str();
        let (chosen, dispute) = by_key.entry(key).or_insert((run, None));
        let is_better = chosen.record.activity.is_none() && run.record.activity.is_some();
        let unused = if is_better { std::mem::replace(chosen, run) } else { run };
        if chosen.record.result() != unused.record.result() {
            let (folder, other) = (&chosen.name, &unused.name);
            *dispute = Some(format!(
                "{other} and {folder} hold the run {key} with different numbers; {folder} counts"
            ));
        }
    }
    by_key
}

/// The curves to judge: of curves with the same settings the first by the order of [`ClaimCurves::new`], with a note on the
/// others.
fn choose_judged(mut curves: Vec<ClaimCurve<'_>>) -> Vec<ClaimCurve<'_>> {
    curves.sort_by_cached_key(|curve| {
        let epochs = curve.protocol.get("epochs").and_then(Json::as_u64);
        // The last criterion is arbitrary, but must not depend on the order of the folders.
        let text = Json::from(curve.protocol.clone()).to_string();
        Reverse((curve.is_preferred, curve.sigmas.len(), epochs, curve.runs.len(), text))
    });
    let mut judged = Vec::<ClaimCurve<'_>>::new();
    for curve in curves {
        let Some(chosen) = judged.iter_mut().find(|other| other.settings == curve.settings) else {
            judged.push(curve);
            continue;
        };
        let reference = chosen.protocol.iter().map(|(key, value)| (key.as_str(), value));
        let differs = differences(&curve.protocol, reference);
        let (cells, name) = (curve.runs.len(), curve.settings.name());
        chosen.notes.push(format!("left out: {cells} cells of {name} with {differs}"));
    }
    judged
}

/// The settings of `protocol` that differ from `reference`: `epochs 8 instead of 50, samples 10000 instead of 50000`.
fn differences<'v>(protocol: &CurveProtocol, reference: impl Iterator<Item = (&'v str, &'v Json)>) -> String {
    let short = |value: &Json| {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        // The first eight digits identify a digest.
        if text.len() == 64 { text.chars().take(8).collect() } else { text }
    };
    list(reference.filter_map(|(key, value)| {
        let own = protocol.get(key).filter(|own| *own != value)?;
        Some(format!("{key} {} instead of {}", short(own), short(value)))
    }))
}

/// A note where a run of this protocol is trained otherwise than in section 3 of the paper, apart from what the rules have `named`.
fn protocol_note(run: &StoredRun, protocol: &CurveProtocol, named: &NamedRuns) -> Option<String> {
    let threshold = run.spec.activation.threshold();
    let papers = [
        ("batch", json!(50)),
        ("decoder_bias", json!(false)),
        ("epochs", json!(named.epochs)),
        ("hidden", json!(1000)),
        ("momentum", json!(0.9)),
        ("samples", json!(named.samples)),
        ("shuffle", json!(true)),
        ("threshold", threshold.map_or_else(|| json!(protocol.get("threshold")), Json::from)),
        ("warm_start", Json::Null),
    ];
    let differs = differences(protocol, papers.iter().map(|(key, value)| (*key, value)));
    (!differs.is_empty()).then(|| format!("{}: not {} protocol: {differs}", run.dataset, named.whose))
}
