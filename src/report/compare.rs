//! Two runs, or two results folders, side by side: which settings differ, and by how much their results do.

use super::dictionary::DictionaryLikeness;
use crate::store::{AXES, Results, StoredRun};
use crate::training::{METRICS, Metric, RunSpec, Status};
use serde::{Serialize, Serializer};
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// A comparison, as `compare --json` writes it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Comparison {
    /// Two runs.
    Runs(RunComparison),
    /// Two results folders.
    Folders(FolderComparison),
}

/// A setting that differs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Difference {
    /// Its dotted path: `regularizer.kind`.
    pub key: String,
    /// Its value in A; `None` where A has no such setting.
    pub a: Option<Json>,
    /// Its value in B; `None` where B has no such setting.
    pub b: Option<Json>,
}

/// A metric of two runs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ComparedMetric {
    /// Its column in `epochs.csv`.
    pub name: &'static str,
    /// Its value in A; `None` where A has none, for example because it diverged.
    pub a: Option<f64>,
    /// Its value in B.
    pub b: Option<f64>,
    /// B − A; `None` where either value is missing.
    pub difference: Option<f64>,
}

/// Two runs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RunComparison {
    /// Run A.
    pub a: ComparedRun,
    /// Run B.
    pub b: ComparedRun,
    /// The settings that determine a run's numbers and differ, by dotted path.
    pub settings: Vec<Difference>,
    /// The metrics after the last epoch.
    pub results: Vec<ComparedMetric>,
    /// How alike the units are; `None` where a run has no weights, or the inputs differ in number.
    pub units: Option<DictionaryLikeness>,
}

/// A run and its status.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ComparedRun {
    /// The results folder's name.
    pub name: String,
    /// Its key.
    pub run_key: String,
    /// How it ended.
    #[serde(flatten)]
    pub status: Status,
}

/// Two results folders.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FolderComparison {
    /// The name of the first.
    pub a: String,
    /// The name of the second.
    pub b: String,
    /// Settings of the resolved configurations that differ, by dotted path.
    pub settings: Vec<Difference>,
    /// Cells that both have, in the order of A.
    pub cells: Vec<SharedCell>,
    /// Cells that only A has.
    pub only_a: Vec<ComparedCell>,
    /// Cells that only B has.
    pub only_b: Vec<ComparedCell>,
}

/// A cell, identified by its settings on the [`AXES`].
#[derive(Debug, Clone, PartialEq)]
pub struct ComparedCell(pub RunSpec);

impl Serialize for ComparedCell {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(AXES.iter().map(|axis| (axis.name, axis.setting_cell(&self.0))))
    }
}

/// A cell that both folders have.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SharedCell {
    /// The cell.
    #[serde(flatten)]
    pub cell: ComparedCell,
    /// Whether both folders have the same run, by its key.
    pub same_run: bool,
    /// Activation fraction (Eq. 14).
    pub activation_fraction: ComparedMetric,
    /// Number of dead units, which are active on no sample.
    pub dead_units: ComparedMetric,
}

const ACTIVATION: &Metric = Metric::named("avg_activation_fraction");
const DEAD: &Metric = Metric::named("dead_units");

impl ComparedMetric {
    fn of(metric: &Metric, [a, b]: [&StoredRun; 2]) -> Self {
        let value = |run: &StoredRun| metric.value(run.record.result()?);
        let (a, b) = (value(a), value(b));
        Self { name: metric.name, a, b, difference: a.zip(b).map(|(a, b)| b - a) }
    }
}

impl RunComparison {
    /// The runs `a` and `b` side by side, with the likeness of their units; results that neither has are left out.
    pub fn of(a: &StoredRun, b: &StoredRun, units: Option<DictionaryLikeness>) -> Self {
        let settings = |run: &StoredRun| {
            let mut settings = run.record.spec.settings();
            settings.insert("dataset".to_owned(), run.dataset.as_str().into());
            Json::Object(settings)
        };
        let run = |run: &StoredRun| ComparedRun {
            name: run.name.clone(),
            run_key: run.record.run_key.clone(),
            status: run.record.status,
        };
        let results = METRICS.iter().map(|metric| ComparedMetric::of(metric, [a, b]));
        Self {
            a: run(a),
            b: run(b),
            settings: differences(&settings(a), &settings(b)),
            results: results.filter(|compared| compared.a.is_some() || compared.b.is_some()).collect(),
            units,
        }
    }
}

impl FolderComparison {
    /// The folders `a` and `b` side by side. Cells match where they have the same value on every axis: activation, constraint,
    /// learning rate, encoder bias, regularizer, σ² and seed. Other differences are among the settings.
    pub fn of(a: &Results, b: &Results) -> Self {
        let mut places: HashMap<String, Vec<usize>> = HashMap::new();
        // In reverse, so that `pop` takes the first of equal cells.
        for (place, run) in b.runs.iter().enumerate().rev() {
            places.entry(ComparedCell(run.spec.clone()).id()).or_default().push(place);
        }
        let (mut cells, mut only_a) = (Vec::new(), Vec::new());
        for run in &a.runs {
            let cell = ComparedCell(run.spec.clone());
            match places.get_mut(&cell.id()).and_then(Vec::pop).map(|place| &b.runs[place]) {
                Some(other) => cells.push(SharedCell {
                    cell,
                    same_run: run.record.run_key == other.record.run_key,
                    activation_fraction: ComparedMetric::of(ACTIVATION, [run, other]),
                    dead_units: ComparedMetric::of(DEAD, [run, other]),
                }),
                None => only_a.push(cell),
            }
        }
        let left: BTreeSet<usize> = places.into_values().flatten().collect();
        let only_b = left.into_iter().map(|place| ComparedCell(b.runs[place].spec.clone())).collect();
        Self {
            a: a.name.clone(),
            b: b.name.clone(),
            settings: differences(&a.manifest.config, &b.manifest.config),
            cells,
            only_a,
            only_b,
        }
    }
}

impl ComparedCell {
    /// A text that only equal cells share.
    fn id(&self) -> String {
        format!("{:?}", AXES.map(|axis| axis.setting_cell(&self.0)))
    }
}

/// The leaves of `a` and `b` that differ, sorted by dotted path. A list is one leaf, so that a swept setting is compared as a
/// whole. `1` equals `1.0`.
pub fn differences(a: &Json, b: &Json) -> Vec<Difference> {
    let [a, b] = [a, b].map(|json| {
        let mut leaves = BTreeMap::new();
        collect(String::new(), json, &mut leaves);
        leaves
    });
    let keys: BTreeSet<&String> = a.keys().chain(b.keys()).collect();
    let difference = |key: &String| Difference {
        key: key.clone(),
        a: a.get(key).map(|value| (*value).clone()),
        b: b.get(key).map(|value| (*value).clone()),
    };
    let equal = |difference: &Difference| match (&difference.a, &difference.b) {
        (Some(a), Some(b)) => same(a, b),
        _ => false,
    };
    keys.into_iter().map(difference).filter(|difference| !equal(difference)).collect()
}

fn collect<'j>(path: String, json: &'j Json, leaves: &mut BTreeMap<String, &'j Json>) {
    match json {
        Json::Object(fields) if !fields.is_empty() => {
            for (key, value) in fields {
                let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                collect(path, value, leaves);
            }
        }
        leaf => {
            leaves.insert(path, leaf);
        }
    }
}

fn same(a: &Json, b: &Json) -> bool {
    match (a, b) {
        // Two integers, such as seeds, are compared as integers, because above 2⁵³ different ones may be equal as floating-point
        // numbers.
        (Json::Number(x), Json::Number(y)) if x.is_f64() || y.is_f64() => x.as_f64() == y.as_f64(),
        (Json::Array(a), Json::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        _ => a == b,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::figure::tests::runs;
    use serde_json::json;

    fn keys(differences: &[Difference]) -> Vec<&str> {
        differences.iter().map(|difference| difference.key.as_str()).collect()
    }

    #[test]
    fn leaves_that_differ_are_named_by_their_path() {
        let a = json!({"x": {"y": 1, "z": [1, 2]}, "same": null, "only_a": true, "empty": {}});
        let b = json!({"x": {"y": 1.0, "z": [1.0, 3]}, "same": null, "only_b": "é", "empty": {"k": 1}});
        let found = differences(&a, &b);
        assert_eq!(keys(&found), ["empty", "empty.k", "only_a", "only_b", "x.z"]);
        assert_eq!((&found[2].a, &found[2].b), (&Some(json!(true)), &None));
        assert_eq!((&found[4].a, &found[4].b), (&Some(json!([1, 2])), &Some(json!([1.0, 3]))));
        assert!(differences(&a, &a).is_empty());
        assert_eq!(keys(&differences(&json!(u64::MAX), &json!(u64::MAX - 1))), [""]);
    }

    #[test]
    fn runs_differ_in_what_determined_them_and_in_their_results() {
        let sweep = "training.epochs = 1\nsweep = { sigma_squared = [0.5], regularizer = ['dae', 'kl_sae'] }";
        let runs = runs(sweep, |spec| match spec.regularizer.label().as_str() {
            "dae" => Some((0.25, 0.5)),
            _ => Some((0.75, 0.0)),
        });
        let compared = RunComparison::of(&runs[0], &runs[1], None);
        let found = keys(&compared.settings);
        assert!(found.contains(&"regularizer.kind") && found.contains(&"regularizer.rho"), "{found:?}");
        assert!(!found.contains(&"sigma_squared") && !found.contains(&"encoder_bias"), "{found:?}");
        let is_fraction = |metric: &&ComparedMetric| metric.name == "avg_activation_fraction";
        let fraction = compared.results.iter().find(is_fraction).unwrap();
        assert_eq!((fraction.a, fraction.b, fraction.difference), (Some(0.25), Some(0.75), Some(0.5)));
        assert!(compared.results.iter().all(|metric| metric.name != "penalty"), "neither has one");
        let text = serde_json::to_value(Comparison::Runs(compared)).unwrap();
        assert_eq!((&text["kind"], &text["a"]["status"]), (&json!("runs"), &json!("completed")));
    }
}
