//! Two runs: the settings that determined them, their results and their units.

use super::difference::{ComparedMetric, Difference, differences};
use crate::report::dictionary::DictionaryLikeness;
use crate::store::StoredRun;
use crate::training::{METRICS, Status};
use serde::Serialize;
use serde_json::Value as Json;

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::figure::tests::runs;

    fn keys(differences: &[Difference]) -> Vec<&str> {
        differences.iter().map(|difference| difference.key.as_str()).collect()
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
        let json = serde_json::to_value(compared).unwrap();
        assert_eq!(json["a"]["status"], "completed");
    }
}
