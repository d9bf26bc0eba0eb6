//! The runs of a control and their values by seed.

use crate::report::figure::{distinct, grouped};
use crate::report::statistics::{Estimate, increasing};
use crate::store::{Results, StoredRun, TheoryRecord};
use crate::training::RunSpec;
use serde_json::{Map, Value as Json};
use std::collections::{BTreeMap, HashSet};

/// A value for each seed.
pub(super) type BySeed = BTreeMap<u64, f64>;

/// A run with its measurements of the theory, if it has any.
#[derive(Debug, Clone, Copy)]
pub(super) struct ControlRun<'r> {
    pub(super) stored: &'r StoredRun,
    pub(super) theory: Option<&'r TheoryRecord>,
}

/// Distinct runs that differ only in activation, constraint, treatment of the encoder bias, regularizer, σ², seed, and what their
/// control compares besides.
#[derive(Debug, Clone, Default)]
pub(super) struct Evidence<'r> {
    pub(super) runs: Vec<ControlRun<'r>>,
}

impl<'r> Evidence<'r> {
    pub(super) fn from_folder(folder: &'r Results) -> Self {
        let theory = |run: &StoredRun| folder.theory.get(&run.record.run_key).map(|record| &**record);
        Self {
            runs: folder.runs.iter().map(|stored| ControlRun { stored, theory: theory(stored) }).collect(),
        }
    }

    /// The distinct runs of `parts`. At σ² = 0 one training serves several models, so the model is compared beside the run key.
    pub(super) fn joined(parts: impl IntoIterator<Item = Self>) -> Self {
        let mut known = HashSet::new();
        let cell =
            |run: &ControlRun<'r>| (run.stored.record.run_key.as_str(), run.stored.spec.regularizer.label());
        let runs = parts.into_iter().flat_map(|part| part.runs);
        Self { runs: runs.filter(|run| known.insert(cell(run))).collect() }
    }

    /// The name of the results folder, if all runs are in one.
    pub(super) fn folder(&self) -> Option<String> {
        let name = &self.runs.first()?.stored.name;
        self.runs.iter().all(|run| run.stored.name == *name).then(|| name.clone())
    }

    /// All settings but those that may vary in an [`Evidence`], which are also those that its control `compares`. Of
    /// standardisations that are compared only the scope may vary.
    pub(super) fn protocol(&self, compares: &[&str]) -> Option<Map<String, Json>> {
        const FREE: [&str; 7] =
            ["activation", "threshold", "constraint", "encoder_bias", "regularizer", "sigma_squared", "seed"];
        let spec = &self.runs.first()?.stored.record.spec;
        let mut protocol = spec.protocol(&[&FREE, compares].concat());
        protocol.insert("epsilon".to_owned(), spec.standardize.epsilon().into());
        Some(protocol)
    }

    /// The stored runs.
    pub(super) fn stored(&self) -> impl Iterator<Item = &'r StoredRun> {
        self.runs.iter().map(|run| run.stored)
    }

    /// The runs whose settings fulfil `which`.
    pub(super) fn filter(&self, which: impl Fn(&RunSpec) -> bool) -> Self {
        Self { runs: self.runs.iter().filter(|run| which(&run.stored.spec)).copied().collect() }
    }

    /// The runs grouped by `key`, in order of first occurrence.
    pub(super) fn grouped_by<K: PartialEq>(&self, key: impl Fn(&ControlRun<'r>) -> K) -> Vec<(K, Self)> {
        let groups = grouped(self.runs.iter().copied(), key).into_iter();
        groups.map(|(key, runs)| (key, Self { runs })).collect()
    }

    /// The runs grouped by their regularizer's label.
    pub(super) fn by_model(&self) -> Vec<(String, Self)> {
        self.grouped_by(|run| run.stored.spec.regularizer.label())
    }

    /// The distinct values of a setting, in order of first occurrence.
    pub(super) fn distinct<T: PartialEq>(&self, setting: impl Fn(&RunSpec) -> T) -> Vec<T> {
        distinct(self.runs.iter().map(|run| setting(&run.stored.spec)))
    }

    /// Every σ², increasing.
    pub(super) fn sigmas(&self) -> Vec<f64> {
        increasing(self.runs.iter().map(|run| run.stored.spec.sigma_squared))
    }

    /// The largest σ²; 0 without runs.
    pub(super) fn last_sigma(&self) -> f64 {
        self.sigmas().last().copied().unwrap_or_default()
    }

    /// `value` of the runs at `sigma_squared`, by seed.
    pub(super) fn values_at(
        &self,
        sigma_squared: f64,
        value: impl Fn(&ControlRun<'_>) -> Option<f64>,
    ) -> BySeed {
        let runs = self.runs.iter().filter(|run| run.stored.spec.sigma_squared == sigma_squared);
        runs.filter_map(|run| Some((run.stored.spec.seed, value(run)?))).collect()
    }

    /// `value` at `sigma_squared` minus `value` at σ² = 0, seed by seed.
    pub(super) fn change(
        &self,
        sigma_squared: f64,
        value: impl Fn(&ControlRun<'_>) -> Option<f64>,
    ) -> BySeed {
        minus(&self.values_at(sigma_squared, &value), &self.values_at(0.0, &value))
    }

    /// Number of completed replicates at `sigma_squared`.
    pub(super) fn completed(&self, sigma_squared: f64) -> usize {
        self.values_at(sigma_squared, |run| run.stored.record.result().map(|_| 0.0)).len()
    }
}

/// `a` − `b` for the seeds that are in both.
pub(super) fn minus(a: &BySeed, b: &BySeed) -> BySeed {
    a.iter().filter_map(|(seed, a)| Some((*seed, a - b.get(seed)?))).collect()
}

/// The mean over seeds; `None` without values.
pub(super) fn estimate(values: &BySeed) -> Option<Estimate> {
    Estimate::of(&values.values().copied().collect::<Vec<_>>())
}
