//! The protocol of runs: which settings they share, and which differ, apart from regularizer, σ² and seed.

use super::names::{activation, constraint, dataset};
use crate::error::count;
use crate::optimizer::EncoderBias;
use crate::store::StoredRun;
use serde_json::{Map, Value as Json};

/// The settings of a run's identity without regularizer, σ² and seed, and the name of its data set.
pub(super) type Protocol = Map<String, Json>;

/// Pairs of a setting and the one it follows from: where both differ, only the second is named.
const FOLLOWS: [(&str, &str); 3] =
    [("data_sha256", "dataset"), ("inputs", "dataset"), ("threshold", "activation")];

/// The protocol of `run`.
pub(super) fn of(run: &StoredRun) -> Protocol {
    let mut settings = run.record.spec.protocol(&["regularizer", "sigma_squared", "seed"]);
    settings.insert("dataset".to_owned(), Json::from(run.dataset.as_str()));
    settings
}

/// The settings that differ between `protocols`, without settings that follow from another one that differs ([`FOLLOWS`]).
pub(super) fn differing<'p>(mut protocols: impl Iterator<Item = &'p Protocol> + Clone) -> Vec<String> {
    let Some(first) = protocols.next() else { return Vec::new() };
    let differs = |key: &str| protocols.clone().any(|other| other.get(key) != first.get(key));
    let follows = |key: &str| FOLLOWS.iter().any(|(from, to)| *from == key && differs(to));
    first.keys().filter(|key| differs(key) && !follows(key)).cloned().collect()
}

/// `items` grouped by `key`, in order of first occurrence.
pub(in crate::report) fn grouped<T, K: PartialEq>(
    items: impl Iterator<Item = T>,
    key: impl Fn(&T) -> K,
) -> Vec<(K, Vec<T>)> {
    let mut groups: Vec<(K, Vec<T>)> = Vec::new();
    for item in items {
        let key = key(&item);
        match groups.iter_mut().find(|(known, _)| *known == key) {
            Some((_, members)) => members.push(item),
            None => groups.push((key, vec![item])),
        }
    }
    groups
}

/// The settings `keys` of `run`, each in words.
pub(super) fn words(run: &StoredRun, keys: &[String]) -> Vec<String> {
    keys.iter().map(|key| word(run, key)).collect()
}

/// The setting `key` of `run` in words.
pub(in crate::report) fn word(run: &StoredRun, key: &str) -> String {
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

/// The main settings of `run` in words, without `differing`.
pub(super) fn main_words(run: &StoredRun, differing: &[String]) -> Vec<String> {
    let shown = ["dataset", "activation", "constraint", "learning_rate", "epochs"];
    let is_trained = run.spec.encoder_bias == EncoderBias::Trained;
    let shown = shown.into_iter().chain((!is_trained).then_some("encoder_bias"));
    shown.filter(|key| differing.iter().all(|other| other != key)).map(|key| word(run, key)).collect()
}
