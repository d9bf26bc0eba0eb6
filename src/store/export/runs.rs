//! Readable names of runs that are safe as file names.

use crate::store::columns::{setting_column, varied};
use crate::store::results::Results;
use crate::store::run::StoredRun;
use crate::training::RunSpec;
use std::collections::{BTreeMap, BTreeSet};

/// The most characters of a name; file systems accept 255 bytes.
const LONGEST: usize = 180;

/// A run with a name that no other run of the same results has.
#[derive(Debug, Clone, PartialEq)]
pub struct NamedRun<'a> {
    /// `dae_sigma_squared=0.25_seed=1`: ASCII letters and digits, `_`, `=`, `.` and `-`, and no dot at the beginning.
    pub name: String,
    /// The first of the cells that share the run.
    pub run: &'a StoredRun,
}

/// The runs of `results`, each once and in the order of the plan, with their names: regularizer, σ², seed, and every other setting in
/// which the runs differ. The run that all models share at σ² = 0 has the regularizer `none`. Equal names, ignoring case, get the run's
/// key as a suffix.
pub fn named_runs(results: &Results) -> Vec<NamedRun<'_>> {
    let mut keys = BTreeSet::new();
    let runs: Vec<_> = results.runs.iter().filter(|run| keys.insert(&run.record.run_key)).collect();
    let varied: Vec<_> = varied(runs.iter().map(|run| &run.spec)).map(|axis| axis.name).collect();
    let mut named: Vec<_> =
        runs.into_iter().map(|run| NamedRun { name: name(&run.spec, &varied), run }).collect();
    let mut times = BTreeMap::new();
    // Some file systems ignore case.
    named.iter().for_each(|named| *times.entry(named.name.to_ascii_lowercase()).or_insert(0) += 1);
    for NamedRun { name, run } in &mut named {
        if times[&name.to_ascii_lowercase()] > 1 {
            name.push_str(&format!("_{}", run.record.run_key));
        }
    }
    named
}

/// The axes in their order in a name. The regularizer, σ² and the seed are in every name.
const WORDS: [&str; 7] =
    ["activation", "regularizer", "constraint", "encoder_bias", "sigma_squared", "learning_rate", "seed"];

fn name(spec: &RunSpec, varied: &[&str]) -> String {
    // At σ² = 0, every model is the plain auto-encoder.
    let spec = spec.clone().canonical();
    let word = |name: &&str| {
        let value = setting_column(name)?.setting_cell(&spec).to_text();
        match *name {
            "regularizer" => Some(value),
            "sigma_squared" | "seed" => Some(format!("{name}={value}")),
            _ if !varied.contains(name) => None,
            "activation" => Some(value),
            _ => Some(format!("{name}={value}")),
        }
    };
    let words: Vec<_> = WORDS.iter().filter_map(word).map(|word| plain(&word)).collect();
    let mut name = words.join("_").trim_start_matches('.').to_owned();
    name.truncate(LONGEST);
    name
}

/// `word` with `_` in place of every character except ASCII letters, digits, `_`, `=`, `.` and `-`, and without `_` at its ends.
fn plain(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || ['_', '=', '.', '-'].contains(&c);
    let word: String = word.chars().map(|c| if is_plain(c) { c } else { '_' }).collect();
    word.trim_matches('_').to_owned()
}
