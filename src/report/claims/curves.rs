//! Stored runs as curves: activation over σ² for each seed, of runs that differ in nothing else.

use crate::activation::ActivationSpec;
use crate::experiment::config::PAPER_SIGMA_SQUARED;
use crate::optimizer::EncoderBias;
use crate::report::text::{list, seeds};
use crate::store::{Record, Results, StoredRun};
use crate::training::{Measurement, Status};
use serde_json::{Map, Value as Json, json};
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The learning rate of the figures; others belong to the sensitivity study.
pub const LEARNING_RATE: f64 = 0.001;

/// The epochs of the paper's runs.
pub(super) const PAPER_EPOCHS: u32 = 50;

/// The σ² of the study of learning rates.
const STUDY_SIGMA_SQUARED: [f64; 4] = [0.0, 0.01, 0.25, 1.0];

/// A regularization coefficient as a key: finite, ≥ 0.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Sigma(pub(super) f64);

impl Sigma {
    /// −0 is 0.
    fn new(sigma_squared: f64) -> Self {
        Self(sigma_squared + 0.0)
    }
}

impl Eq for Sigma {}

impl Ord for Sigma {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.total_cmp(&other.0)
    }
}

impl PartialOrd for Sigma {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// What a line in a figure stands for.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Series {
    pub(super) dataset: String,
    pub(super) activation: String,
    pub(super) constraint: String,
    pub(super) regularizer: String,
    pub(super) learning_rate: f64,
    /// Whether b_e was `trained`, as the paper's, or `frozen`.
    pub(super) encoder_bias: String,
}

/// Settings that determine a run's numbers, but for σ², the seed and what a [`Series`] names.
pub(super) type Protocol = Map<String, Json>;

/// The runs of a series under one protocol.
#[derive(Debug)]
pub(super) struct Curve {
    pub(super) series: Series,
    pub(super) protocol: Protocol,
    /// Finished runs by σ² and seed; a σ² that was planned is there without any.
    cells: BTreeMap<Sigma, BTreeMap<u64, Arc<Record>>>,
    /// The names of the results folders of its runs; where a run stands in several folders, that of the first.
    pub(super) folders: BTreeSet<String>,
    /// What a reader should know about its runs.
    pub(super) notes: Vec<String>,
}

impl Curve {
    /// Every σ² that was planned, increasing.
    pub(super) fn sigmas(&self) -> impl Iterator<Item = Sigma> {
        self.cells.keys().copied()
    }

    pub(super) fn seeds(&self) -> impl Iterator<Item = u64> {
        self.cells.values().flat_map(|seeds| seeds.keys().copied())
    }

    /// The run at σ² with `seed`, if it is finished, diverged or not.
    pub(super) fn record(&self, sigma: Sigma, seed: u64) -> Option<&Arc<Record>> {
        self.cells.get(&sigma)?.get(&seed)
    }

    /// What that run ended with; none where it diverged or is not finished.
    pub(super) fn result(&self, sigma: Sigma, seed: u64) -> Option<&Measurement> {
        self.record(sigma, seed)?.result()
    }

    fn len(&self) -> usize {
        self.cells.values().map(BTreeMap::len).sum()
    }

    /// Leaves out σ² beside those that the rules name, where these are all there: what somebody adds to a sweep changes neither
    /// the ends of a curve nor which seeds are complete.
    fn keep_to_the_rules(&mut self) {
        let is_main = self.series.learning_rate == LEARNING_RATE;
        let named: &[f64] = if is_main { &PAPER_SIGMA_SQUARED } else { &STUDY_SIGMA_SQUARED };
        let is_named = |sigma: &Sigma| named.contains(&sigma.0);
        if named.iter().any(|sigma| !self.cells.contains_key(&Sigma(*sigma))) {
            return;
        }
        let others: Vec<f64> =
            self.cells.keys().filter(|sigma| !is_named(sigma)).map(|sigma| sigma.0).collect();
        if !others.is_empty() {
            self.cells.retain(|sigma, _| is_named(sigma));
            let name = self.series.name();
            self.notes
                .push(format!("left out of {name}: σ² = {}, which the rules don't name", list(&others)));
        }
    }

    /// `diverged at σ² = 0.81 (seed 2) and 1 (seeds 1 and 2)`
    pub(super) fn divergences(&self) -> Option<String> {
        let diverged = self.cells.iter().filter_map(|(sigma, runs)| {
            let runs = runs.iter().filter(|(_, record)| record.status != Status::Completed);
            let diverged: Vec<u64> = runs.map(|(seed, _)| *seed).collect();
            (!diverged.is_empty()).then(|| format!("{} ({})", sigma.0, seeds(&diverged)))
        });
        let diverged = list(diverged);
        (!diverged.is_empty()).then(|| format!("diverged at σ² = {diverged}"))
    }
}

/// The curves that are judged, at most one a series.
#[derive(Debug)]
pub(super) struct Curves(Vec<Curve>);

impl Curves {
    /// The curves of all folders. A run that stands in several of them counts once. Where a series was trained
    /// under several protocols, the one with most σ² is judged, of equals the one with most epochs, of those the one with
    /// most cells: short sweeps of a few σ², such as controls have, never stand in for a figure, however many seeds they have.
    pub(super) fn new(results: &[&Results]) -> Self {
        let runs = || results.iter().flat_map(|folder| &folder.runs);
        let (records, disputed) = by_key(runs());
        let mut curves = Vec::<Curve>::new();
        let planned = results.iter().flat_map(|folder| folder.runs.iter().map(|run| (run, planned(folder))));
        for (StoredRun { name, dataset, spec, record }, planned) in planned {
            let record = &records[record.run_key.as_str()];
            let series = Series {
                dataset: dataset.clone(),
                activation: spec.activation.label(),
                constraint: spec.constraint.label(),
                regularizer: spec.regularizer.label(),
                learning_rate: spec.learning_rate,
                encoder_bias: spec.encoder_bias.name().to_owned(),
            };
            let protocol = protocol(record);
            let known = curves.iter().position(|curve| curve.series == series && curve.protocol == protocol);
            let index = known.unwrap_or_else(|| {
                let notes = off_the_papers(&series, &protocol);
                curves.push(Curve {
                    series,
                    protocol,
                    cells: BTreeMap::new(),
                    folders: BTreeSet::new(),
                    notes,
                });
                curves.len() - 1
            });
            let curve = &mut curves[index];
            for sigma in planned {
                curve.cells.entry(sigma).or_default();
            }
            let place = curve.cells.entry(Sigma::new(spec.sigma_squared)).or_default();
            if place.insert(spec.seed, Arc::clone(record)).is_none() {
                curve.folders.insert(name.clone());
            }
            if let Some(note) = disputed.get(record.run_key.as_str())
                && !curve.notes.contains(note)
            {
                curve.notes.push(note.clone());
            }
        }
        curves.iter_mut().for_each(Curve::keep_to_the_rules);
        Self(judged(curves))
    }

    pub(super) fn get(&self, series: &Series) -> Option<&Curve> {
        self.0.iter().find(|curve| curve.series == *series)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Curve> {
        self.0.iter()
    }

    /// Every run of `seed`.
    pub(super) fn records(&self, seed: u64) -> impl Iterator<Item = &Arc<Record>> {
        self.0.iter().flat_map(move |curve| curve.cells.values().filter_map(move |runs| runs.get(&seed)))
    }
}

/// Every σ² in the configuration of a folder, whose runs may not all be finished.
fn planned(folder: &Results) -> impl Iterator<Item = Sigma> {
    let list = folder.manifest.config["sweep"]["sigma_squared"].as_array();
    list.into_iter().flatten().filter_map(Json::as_f64).map(Sigma::new)
}

/// Each run once, by its key, and what is to be said of those whose folders disagree. Of several records the first
/// with counts by unit counts, and the first if none has them.
fn by_key<'r>(
    runs: impl Iterator<Item = &'r StoredRun>,
) -> (BTreeMap<&'r str, Arc<Record>>, BTreeMap<&'r str, String>) {
    let mut chosen = BTreeMap::<&str, &StoredRun>::new();
    let mut disputed = BTreeMap::new();
    for run in runs {
        let key = run.record.run_key.as_str();
        let other = *chosen.entry(key).or_insert(run);
        let better = other.record.activity.is_none() && run.record.activity.is_some();
        let (counts, not) = if better { (run, other) } else { (other, run) };
        chosen.insert(key, counts);
        if counts.record.result() != not.record.result() {
            let (folder, other) = (&counts.name, &not.name);
            let note =
                format!("{other} and {folder} hold the run {key} with different numbers; {folder} counts");
            disputed.insert(key, note);
        }
    }
    (chosen.into_iter().map(|(key, run)| (key, Arc::clone(&run.record))).collect(), disputed)
}

fn protocol(record: &Record) -> Protocol {
    let of_the_series = ["activation", "constraint", "regularizer", "learning_rate", "encoder_bias"];
    record.spec.protocol(&[&of_the_series[..], &["sigma_squared", "seed"]].concat())
}

/// Of several curves of a series, the one to judge, with a note on the others.
fn judged(curves: Vec<Curve>) -> Vec<Curve> {
    let mut judged = Vec::<Curve>::new();
    let mut left_out = Vec::new();
    for curve in curves {
        let epochs = |curve: &Curve| curve.protocol.get("epochs").and_then(Json::as_u64);
        let size = |curve: &Curve| (curve.cells.len(), epochs(curve), curve.len());
        match judged.iter_mut().find(|other| other.series == curve.series) {
            None => judged.push(curve),
            // What decides last is arbitrary, but must not depend on the order of the folders.
            Some(other) => {
                let order = size(&curve).cmp(&size(other));
                let text = |curve: &Curve| Json::from(curve.protocol.clone()).to_string();
                let better = order.then_with(|| text(&curve).cmp(&text(other))) == Ordering::Greater;
                left_out.push(if better { std::mem::replace(other, curve) } else { curve });
            }
        }
    }
    for curve in left_out {
        if let Some(counts) = judged.iter_mut().find(|other| other.series == curve.series) {
            let cells = curve.len();
            let differs = differences(&curve.protocol, &counts.protocol);
            counts.notes.push(format!("left out: {cells} cells of {} with {differs}", counts.series.name()));
        }
    }
    judged
}

impl Series {
    /// Whether b_e is trained, as in the paper.
    pub(super) fn trains_encoder_bias(&self) -> bool {
        self.encoder_bias == EncoderBias::Trained.name()
    }

    /// `cae on mnist (relu, unit_norm)`, with a learning rate that isn't the main one.
    pub(super) fn name(&self) -> String {
        let Self { dataset, activation, constraint, regularizer, learning_rate, .. } = self;
        let rate = if *learning_rate == LEARNING_RATE {
            String::new()
        } else {
            format!(", learning rate {learning_rate}")
        };
        let frozen = if self.trains_encoder_bias() { "" } else { ", frozen encoder bias" };
        format!("{regularizer} on {dataset} ({activation}, {constraint}{rate}{frozen})")
    }
}

/// `epochs 8 instead of 50, samples 10000 instead of 50000`: the settings of `protocol` that `reference` has too, but
/// otherwise.
pub(super) fn differences(protocol: &Protocol, reference: &Protocol) -> String {
    let short = |value: &Json| {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        // Digests are known by their beginnings.
        if text.len() == 64 { text[..8].to_owned() } else { text }
    };
    let differing = reference.iter().filter_map(|(key, value)| {
        let own = protocol.get(key).filter(|own| *own != value)?;
        Some(format!("{key} {} instead of {}", short(own), short(value)))
    });
    list(differing)
}

/// A note where the runs are not trained as in section 3 of the paper.
fn off_the_papers(series: &Series, protocol: &Protocol) -> Vec<String> {
    let mut reference = Map::from_iter(
        [
            ("samples", json!(50_000)),
            ("hidden", json!(1000)),
            ("epochs", json!(PAPER_EPOCHS)),
            ("batch", json!(50)),
        ]
        .into_iter()
        .chain([("momentum", json!(0.9)), ("shuffle", json!(true)), ("decoder_bias", json!(false))])
        .chain([("warm_start", Json::Null)])
        .map(|(key, value)| (key.to_owned(), value)),
    );
    let activation = ActivationSpec::from_label(&series.activation);
    if let Some(threshold) = activation.and_then(|activation| activation.threshold()) {
        reference.insert("threshold".to_owned(), json!(threshold));
    }
    let differs = differences(protocol, &reference);
    if differs.is_empty() {
        return Vec::new();
    }
    vec![format!("{}: not the paper's protocol: {differs}", series.dataset)]
}
