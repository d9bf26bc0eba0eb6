//! Two runs, or two results folders, side by side: which settings differ, and by how much their results do.

use crate::store::{Results, Settings, StoredRun};
use crate::training::{Measurement, Status, settings_of};
use serde::Serialize;
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// What is compared, as `compare --json` writes it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Comparison {
    /// Two runs.
    Runs(Runs),
    /// Two results folders.
    Folders(Folders),
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

/// A result of both.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Metric {
    /// Its column in `runs.csv`.
    pub name: &'static str,
    /// Of A; `None` where A has none, as where it diverged.
    pub a: Option<f64>,
    /// Of B.
    pub b: Option<f64>,
    /// B − A; `None` where one of them has none.
    pub difference: Option<f64>,
}

/// Two runs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Runs {
    /// The first.
    pub a: Run,
    /// The second.
    pub b: Run,
    /// What determined the numbers of one and not of the other, by dotted path.
    pub settings: Vec<Difference>,
    /// What was measured after the last epoch.
    pub results: Vec<Metric>,
}

/// Which run, and how it ended.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Run {
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
pub struct Folders {
    /// The name of the first.
    pub a: String,
    /// The name of the second.
    pub b: String,
    /// Settings of the resolved configurations that differ, by dotted path.
    pub settings: Vec<Difference>,
    /// Cells that both have, in the order of A.
    pub cells: Vec<Pair>,
    /// Cells that only A has.
    pub only_a: Vec<Cell>,
    /// Cells that only B has.
    pub only_b: Vec<Cell>,
}

/// What tells a cell from the others of its folder: the axes of a plan, in the words of `runs.csv`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Cell {
    /// The activation's name.
    pub activation: String,
    /// The constraint's label.
    pub constraint: String,
    /// η.
    pub learning_rate: f64,
    /// Whether b_e was `trained` or `frozen`.
    pub encoder_bias: String,
    /// The regularizer's label.
    pub regularizer: String,
    /// σ² or λ.
    pub sigma_squared: f64,
    /// The replicate.
    pub seed: u64,
}

/// A cell that both folders have.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Pair {
    /// Which one.
    #[serde(flatten)]
    pub cell: Cell,
    /// Whether it is the very same run in both: they have the same key.
    pub same_run: bool,
    /// Eq. 14.
    pub activation_fraction: Metric,
    /// Units that are active on no sample.
    pub dead_units: Metric,
}

/// A result as a number.
type Quantity = (&'static str, fn(&Measurement) -> Option<f64>);

const ACTIVATION: Quantity = ("avg_activation_fraction", |m| Some(m.avg_activation_fraction));
const DEAD: Quantity = ("dead_units", |m| Some(m.dead_units as f64));

/// What is compared of two runs, in the order of the columns of `runs.csv`.
const RESULTS: [Quantity; 15] = [
    ACTIVATION,
    ("alive_activation_fraction", |m| m.alive_activation_fraction),
    DEAD,
    ("dead_fraction", |m| Some(m.dead_fraction)),
    ("mean_pre_activation", |m| Some(m.mean_pre_activation)),
    ("variance_pre_activation", |m| Some(m.variance_pre_activation)),
    ("mean_weight_norm", |m| Some(m.mean_weight_norm)),
    ("zero_rows", |m| Some(m.zero_rows as f64)),
    ("training_loss", |m| m.training_loss),
    ("reconstruction", |m| Some(m.reconstruction)),
    ("penalty", |m| m.penalty),
    ("fraction_variance_unexplained", |m| m.fraction_variance_unexplained),
    ("held_out_activation_fraction", |m| m.held_out_activation_fraction),
    ("held_out_reconstruction", |m| m.held_out_reconstruction),
    ("rho_max_hits", |m| m.rho_max_hits.map(|hits| hits as f64)),
];

impl Metric {
    fn of((name, value): Quantity, [a, b]: [&StoredRun; 2]) -> Self {
        let of = |run: &StoredRun| run.record.result().and_then(value);
        let (a, b) = (of(a), of(b));
        Self { name, a, b, difference: a.zip(b).map(|(a, b)| b - a) }
    }
}

impl Runs {
    /// The runs `a` and `b` side by side; results that neither has are left out.
    pub fn of(a: &StoredRun, b: &StoredRun) -> Self {
        let settings = |run: &StoredRun| {
            let mut settings = settings_of(&run.record.identity);
            settings.insert("dataset".to_owned(), run.settings.dataset.as_str().into());
            Json::Object(settings)
        };
        let run = |run: &StoredRun| Run {
            name: run.settings.name.clone(),
            run_key: run.settings.run_key.clone(),
            status: run.record.status,
        };
        let results = RESULTS.into_iter().map(|quantity| Metric::of(quantity, [a, b]));
        Self {
            a: run(a),
            b: run(b),
            settings: differences(&settings(a), &settings(b)),
            results: results.filter(|metric| metric.a.is_some() || metric.b.is_some()).collect(),
        }
    }
}

impl Folders {
    /// The folders `a` and `b` side by side. Cells are the same where the axes of their plans are: activation, constraint,
    /// learning rate, encoder bias, regularizer, σ² and seed. What else differs stands among the settings.
    pub fn of(a: &Results, b: &Results) -> Self {
        let mut places: HashMap<String, Vec<usize>> = HashMap::new();
        // From behind, so that the first is taken first, should a table have a cell twice.
        for (place, run) in b.runs.iter().enumerate().rev() {
            places.entry(Cell::of(&run.settings).id()).or_default().push(place);
        }
        let (mut cells, mut only_a) = (Vec::new(), Vec::new());
        for run in &a.runs {
            let cell = Cell::of(&run.settings);
            match places.get_mut(&cell.id()).and_then(Vec::pop).map(|place| &b.runs[place]) {
                Some(other) => cells.push(Pair {
                    cell,
                    same_run: run.settings.run_key == other.settings.run_key,
                    activation_fraction: Metric::of(ACTIVATION, [run, other]),
                    dead_units: Metric::of(DEAD, [run, other]),
                }),
                None => only_a.push(cell),
            }
        }
        let left: BTreeSet<usize> = places.into_values().flatten().collect();
        let only_b = left.into_iter().map(|place| Cell::of(&b.runs[place].settings)).collect();
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

impl Cell {
    fn of(settings: &Settings) -> Self {
        let Settings { activation, constraint, encoder_bias, regularizer, .. } = settings.clone();
        Self {
            activation,
            constraint,
            learning_rate: settings.learning_rate,
            encoder_bias,
            regularizer,
            sigma_squared: settings.sigma_squared,
            seed: settings.seed,
        }
    }

    /// Equal for equal cells alone.
    fn id(&self) -> String {
        format!("{self:?}")
    }
}

/// The leaves of `a` and `b` that are not equal, by dotted path in the order of the paths. Lists are leaves: what is
/// swept is compared as a whole. A whole number equals the same number written with a point.
pub fn differences(a: &Json, b: &Json) -> Vec<Difference> {
    let [a, b] = [a, b].map(|json| {
        let mut leaves = BTreeMap::new();
        collect(String::new(), json, &mut leaves);
        leaves
    });
    let keys: BTreeSet<&String> = a.keys().chain(b.keys()).collect();
    let of = |key: &String| Difference {
        key: key.clone(),
        a: a.get(key).map(|value| (*value).clone()),
        b: b.get(key).map(|value| (*value).clone()),
    };
    let equal = |difference: &Difference| match (&difference.a, &difference.b) {
        (Some(a), Some(b)) => same(a, b),
        _ => false,
    };
    keys.into_iter().map(of).filter(|difference| !equal(difference)).collect()
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
        // Beyond 2⁵³ whole numbers, such as seeds, may be equal as floating-point numbers without being so.
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
        let compared = Runs::of(&runs[0], &runs[1]);
        let found = keys(&compared.settings);
        assert!(found.contains(&"regularizer.kind") && found.contains(&"regularizer.rho"), "{found:?}");
        assert!(!found.contains(&"sigma_squared") && !found.contains(&"encoder_bias"), "{found:?}");
        let fraction = &compared.results[0];
        assert_eq!((fraction.a, fraction.b, fraction.difference), (Some(0.25), Some(0.75), Some(0.5)));
        assert!(compared.results.iter().all(|metric| metric.name != "penalty"), "neither has one");
        let text = serde_json::to_value(Comparison::Runs(compared)).unwrap();
        assert_eq!((&text["kind"], &text["a"]["status"]), (&json!("runs"), &json!("completed")));
    }
}
