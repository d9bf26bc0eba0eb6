//! The runs of a control, and numbers of them by seed.

use crate::store::{Results, StoredRun, TheoryRecord};
use crate::training::{Measurement, RunSpec};
use std::collections::BTreeMap;

/// A number of each replicate, by seed.
pub(super) type BySeed = BTreeMap<u64, f64>;

/// A run with what it measured of the theory, if it did.
#[derive(Debug, Clone, Copy)]
pub(super) struct Run<'r> {
    pub(super) stored: &'r StoredRun,
    pub(super) theory: Option<&'r TheoryRecord>,
}

/// A number of a run; absent where the run diverged or has no such number.
pub(super) type Value = fn(&Run<'_>) -> Option<f64>;

impl<'r> Run<'r> {
    pub(super) fn spec(&self) -> &'r RunSpec {
        &self.stored.spec
    }

    pub(super) fn result(&self) -> Option<&'r Measurement> {
        self.stored.record.result()
    }
}

/// Runs that differ in nothing but activation, constraint, treatment of the bias, regularizer, σ² and seed; each once.
#[derive(Debug, Clone, Default)]
pub(super) struct Evidence<'r> {
    pub(super) runs: Vec<Run<'r>>,
}

impl<'r> Evidence<'r> {
    pub(super) fn of(folder: &'r Results, runs: impl Iterator<Item = &'r StoredRun>) -> Self {
        let mut evidence = Self::default();
        evidence.add(folder, runs);
        evidence
    }

    /// Adds runs of `folder`. At σ² = 0 one training stands for several models, so cells are told apart by their settings.
    pub(super) fn add(&mut self, folder: &'r Results, runs: impl Iterator<Item = &'r StoredRun>) {
        for stored in runs {
            let (key, label) = (&stored.record.run_key, &stored.spec.regularizer);
            let is_same =
                |run: &Run<'_>| run.stored.record.run_key == *key && run.spec().regularizer == *label;
            if !self.runs.iter().any(is_same) {
                self.runs.push(Run { stored, theory: folder.theory.get(key).map(|record| &**record) });
            }
        }
    }

    /// The name of the results folder of all runs; `None` where they are of several.
    pub(super) fn folder(&self) -> Option<String> {
        let name = &self.runs.first()?.stored.name;
        self.runs.iter().all(|run| run.stored.name == *name).then(|| name.clone())
    }

    /// Whether `run` differs from these in nothing but what evidence may differ in.
    pub(super) fn is_trained_as(&self, run: &StoredRun) -> bool {
        const FREE: [&str; 7] =
            ["activation", "threshold", "constraint", "encoder_bias", "regularizer", "sigma_squared", "seed"];
        let protocol = |run: &StoredRun| run.record.spec.protocol(&FREE);
        self.runs.first().is_none_or(|first| protocol(first.stored) == protocol(run))
    }

    /// The runs with such settings.
    pub(super) fn filter(&self, which: impl Fn(&RunSpec) -> bool) -> Self {
        Self { runs: self.runs.iter().filter(|run| which(run.spec())).copied().collect() }
    }

    /// The different values of a setting, in the order in which they come.
    pub(super) fn distinct(&self, setting: fn(&RunSpec) -> String) -> Vec<String> {
        let mut found = Vec::new();
        for run in &self.runs {
            let value = setting(run.spec());
            if !found.contains(&value) {
                found.push(value);
            }
        }
        found
    }

    /// The regularizers' labels.
    pub(super) fn models(&self) -> Vec<String> {
        self.distinct(|spec| spec.regularizer.label())
    }

    /// Every σ², increasing.
    pub(super) fn sigmas(&self) -> Vec<f64> {
        let mut sigmas: Vec<f64> = self.runs.iter().map(|run| run.spec().sigma_squared).collect();
        sigmas.sort_by(f64::total_cmp);
        sigmas.dedup();
        sigmas
    }

    /// Every σ² above 0, increasing: those at which a regularizer acts.
    pub(super) fn sigmas_above_zero(&self) -> Vec<f64> {
        self.sigmas().into_iter().filter(|sigma| *sigma > 0.0).collect()
    }

    /// The largest σ²; 0 of no runs.
    pub(super) fn last_sigma(&self) -> f64 {
        self.sigmas().last().copied().unwrap_or_default()
    }

    /// `value` of the runs at `sigma_squared`, by seed.
    pub(super) fn at(&self, sigma_squared: f64, value: impl Fn(&Run<'_>) -> Option<f64>) -> BySeed {
        let runs = self.runs.iter().filter(|run| run.spec().sigma_squared == sigma_squared);
        runs.filter_map(|run| Some((run.spec().seed, value(run)?))).collect()
    }

    /// `value` at `sigma_squared` less that at σ² = 0, seed by seed.
    pub(super) fn change(&self, sigma_squared: f64, value: impl Fn(&Run<'_>) -> Option<f64>) -> BySeed {
        less(&self.at(sigma_squared, &value), &self.at(0.0, &value))
    }
}

/// `a` − `b` for the seeds that have both.
pub(super) fn less(a: &BySeed, b: &BySeed) -> BySeed {
    a.iter().filter_map(|(seed, a)| Some((*seed, a - b.get(seed)?))).collect()
}
