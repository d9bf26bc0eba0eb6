//! Warnings about the origin of results, as values that the caller shows.

use super::machine::Processor;
use super::record::Record;
use crate::error::count;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// A caveat about where the runs of a plan come from.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Warning {
    /// The runs come from several versions of the program: each version with the number of its runs.
    MixedVersions(BTreeMap<String, usize>),
    /// The runs were computed with different instruction sets: each with the number of its runs.
    MixedInstructionSets(BTreeMap<String, usize>),
    /// The runs were computed on different processors: each model with the number of its runs.
    MixedProcessors(BTreeMap<String, usize>),
}

impl Warning {
    /// The values that differ, each with its number of runs: `avx2+fma: 3 runs, avx512: 1 run`.
    pub fn differing(&self) -> String {
        let (Self::MixedVersions(runs) | Self::MixedInstructionSets(runs) | Self::MixedProcessors(runs)) =
            self;
        counts(runs)
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MixedVersions(versions) => write!(
                f,
                "the runs were trained by different versions of the program ({}); their numbers are meant to be \
                 the same, to be sure train all of them again with --fresh",
                counts(versions)
            ),
            Self::MixedInstructionSets(instruction_sets) => write!(
                f,
                "the runs were computed with different instruction sets ({}), which sum in different orders: the \
                 last digits differ between them; for results that can be repeated bit for bit, train all of them \
                 on one machine with --fresh",
                counts(instruction_sets)
            ),
            Self::MixedProcessors(models) => write!(
                f,
                "the runs were computed on different processors ({}): the last digits may differ between them; \
                 for results that can be repeated bit for bit, train all of them on one machine with --fresh",
                counts(models)
            ),
        }
    }
}

/// `0.1.0: 3 runs, 0.2.0: 1 run`
fn counts(runs: &BTreeMap<String, usize>) -> String {
    runs.iter().map(|(name, runs)| format!("{name}: {}", count(*runs, "run"))).collect::<Vec<_>>().join(", ")
}

/// The warnings about `records`. A warning about instruction sets replaces the one about processor models.
pub(super) fn of_records<'a>(records: impl Iterator<Item = &'a Record> + Clone) -> Vec<Warning> {
    let mut warnings = Vec::new();
    warnings.extend(mixed(records.clone().map(|record| &record.version)).map(Warning::MixedVersions));
    // A run that was resumed on another processor counts for both, but once for each name.
    let names = |name: fn(&Processor) -> String| {
        mixed(records.clone().flat_map(move |record| record.processors().map(name).collect::<BTreeSet<_>>()))
    };
    let sets = names(|processor| processor.instruction_set.clone());
    let models = || names(|processor| processor.model().into()).map(Warning::MixedProcessors);
    warnings.extend(sets.map(Warning::MixedInstructionSets).or_else(models));
    warnings
}

/// The number of occurrences of each name; `None` where all names are equal.
fn mixed(names: impl Iterator<Item = impl Into<String>>) -> Option<BTreeMap<String, usize>> {
    let mut counts = BTreeMap::new();
    for name in names {
        *counts.entry(name.into()).or_insert(0) += 1;
    }
    (counts.len() > 1).then_some(counts)
}
