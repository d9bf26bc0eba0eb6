//! What runs have in common and what tells them apart, beside regularizer, σ² and seed.

use super::names::{activation, constraint, dataset};
use crate::optimizer::EncoderBias;
use crate::store::StoredRun;
use crate::training::RunSpec;
use serde_json::{Map, Value as Json};
use std::collections::{BTreeMap, BTreeSet};

/// All of a run's identity but regularizer, σ² and seed, and its data set's name.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Protocol(Map<String, Json>);

/// Settings that follow from another: where both differ, naming the other is enough.
const FOLLOWS: [(&str, &str); 3] =
    [("data_sha256", "dataset"), ("inputs", "dataset"), ("threshold", "activation")];

impl Protocol {
    pub(super) fn of(run: &StoredRun) -> Self {
        let mut settings = run.record.spec.protocol(&["regularizer", "sigma_squared", "seed"]);
        settings.insert("dataset".to_owned(), Json::from(run.dataset.as_str()));
        Self(settings)
    }

    /// The settings that are not the same in all `protocols`, but for those that follow from another such setting.
    pub(super) fn differing(protocols: &[&Self]) -> Vec<String> {
        let Some((first, others)) = protocols.split_first() else { return Vec::new() };
        let differs = |key: &str| others.iter().any(|other| other.0.get(key) != first.0.get(key));
        let follows = |key: &str| FOLLOWS.iter().any(|(from, to)| *from == key && differs(to));
        first.0.keys().filter(|key| differs(key) && !follows(key)).cloned().collect()
    }
}

/// The settings `keys` of `run`, each in words.
pub(super) fn words(run: &StoredRun, keys: &[String]) -> Vec<String> {
    keys.iter().map(|key| word(run, key)).collect()
}

fn word(run: &StoredRun, key: &str) -> String {
    let spec = &run.spec;
    match key {
        "dataset" => dataset(&run.dataset),
        "activation" => activation(&spec.activation.label()),
        "constraint" => constraint(&spec.constraint.label()),
        "encoder_bias" => format!("encoder bias {}", spec.encoder_bias.name()),
        "learning_rate" => format!("learning rate {}", spec.learning_rate),
        "epochs" => count(spec.epochs as usize, "epoch"),
        "hidden" => count(spec.hidden, "hidden unit"),
        "samples" => count(spec.samples, "sample"),
        "data_sha256" => format!("data {}", spec.data_sha256.chars().take(8).collect::<String>()),
        other => {
            let settings = spec.settings();
            let value = settings.get(other).unwrap_or(&Json::Null);
            let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            format!("{} {value}", other.replace('_', " "))
        }
    }
}

/// What all `runs` have in common, but for `differing`, and the number of seeds.
pub(super) fn subtitle(runs: &[&StoredRun], differing: &[String]) -> String {
    let Some(first) = runs.first() else { return String::new() };
    let shown = ["dataset", "activation", "constraint", "learning_rate", "epochs"];
    let is_common = |key: &&str| differing.iter().all(|other| other != key);
    let mut parts: Vec<String> = shown.into_iter().filter(is_common).map(|key| word(first, key)).collect();
    if first.spec.encoder_bias != EncoderBias::Trained && is_common(&"encoder_bias") {
        parts.push(word(first, "encoder_bias"));
    }
    parts.push(seeds(runs));
    parts.join(" · ")
}

/// What all `runs` have in common, in words, and the number of seeds.
pub(in crate::report) fn in_common(runs: &[&StoredRun]) -> String {
    let protocols: Vec<Protocol> = runs.iter().map(|run| Protocol::of(run)).collect();
    subtitle(runs, &Protocol::differing(&protocols.iter().collect::<Vec<_>>()))
}

/// How many seeds each cell of `runs` has: `3 seeds`, or `1 to 3 seeds` where they differ in that.
fn seeds(runs: &[&StoredRun]) -> String {
    let mut cells = BTreeMap::<_, BTreeSet<u64>>::new();
    for run in runs {
        let Protocol(settings) = Protocol::of(run);
        let RunSpec { regularizer, sigma_squared, seed, .. } = &run.spec;
        let cell = (Json::Object(settings).to_string(), regularizer.label(), sigma_squared.to_bits());
        cells.entry(cell).or_default().insert(*seed);
    }
    let numbers = || cells.values().map(BTreeSet::len);
    match (numbers().min(), numbers().max()) {
        (Some(least), Some(most)) if least < most => format!("{least} to {}", count(most, "seed")),
        (_, most) => count(most.unwrap_or_default(), "seed"),
    }
}

fn count(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}
