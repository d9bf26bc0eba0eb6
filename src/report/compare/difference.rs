//! What differs: a setting, or a metric.

use crate::store::StoredRun;
use crate::training::Metric;
use serde::Serialize;
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet};

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

impl ComparedMetric {
    /// The last value of `metric` in two runs.
    pub(super) fn of(metric: &Metric, [a, b]: [&StoredRun; 2]) -> Self {
        let value = |run: &StoredRun| metric.value(run.record.result()?);
        let (a, b) = (value(a), value(b));
        Self { name: metric.name, a, b, difference: a.zip(b).map(|(a, b)| b - a) }
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
}
