//! What a reader of results should know about how they came about; values, for the caller to show.

use super::machine::Processor;
use super::record::Record;
use std::collections::BTreeMap;
use std::fmt;

/// A caveat about the runs of a plan.
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
    /// What differs, and in how many runs: `avx2+fma: 3 runs, avx512: 1 run`.
    pub fn differing(&self) -> String {
        let (Self::MixedVersions(of) | Self::MixedInstructionSets(of) | Self::MixedProcessors(of)) = self;
        counts(of)
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
fn counts(of: &BTreeMap<String, usize>) -> String {
    let one =
        |(name, runs): (&String, &usize)| format!("{name}: {runs} run{}", if *runs == 1 { "" } else { "s" });
    of.iter().map(one).collect::<Vec<_>>().join(", ")
}

/// What is mixed among `records`. A mix of instruction sets is told rather than the mix of models behind it.
pub(super) fn of_records<'a>(records: impl Iterator<Item = &'a Record> + Clone) -> Vec<Warning> {
    let mut warnings = Vec::new();
    warnings.extend(mixed(records.clone().map(|record| &record.version)).map(Warning::MixedVersions));
    // A run that was resumed on another processor is of both.
    let processors = records.flat_map(Record::processors);
    let sets = mixed(processors.clone().map(|processor| &processor.instruction_set));
    let models = || mixed(processors.map(Processor::model)).map(Warning::MixedProcessors);
    warnings.extend(sets.map(Warning::MixedInstructionSets).or_else(models));
    warnings
}

/// How often each name occurs, where there is more than one.
fn mixed(names: impl Iterator<Item = impl Into<String>>) -> Option<BTreeMap<String, usize>> {
    let mut counts = BTreeMap::new();
    for name in names {
        *counts.entry(name.into()).or_insert(0) += 1;
    }
    (counts.len() > 1).then_some(counts)
}
