//! Names for runs that people can read and that are safe as names of files.

use crate::regularizer::RegularizerKind;
use crate::store::csv::number;
use crate::store::results::{Results, Settings, StoredRun};
use std::collections::{BTreeMap, BTreeSet};

/// The most characters of a name; file systems take 255 bytes.
const LONGEST: usize = 180;

/// Which settings beside regularizer, σ² and seed differ among runs.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Varied {
    activation: bool,
    constraint: bool,
    encoder_bias: bool,
    learning_rate: bool,
}

/// A run with a name that no other run of the same results has.
#[derive(Debug, Clone, PartialEq)]
pub struct NamedRun<'a> {
    /// `dae_sigma_squared=0.25_seed=1`: ASCII letters and digits, `_`, `=`, `.` and `-`, and no dot at the beginning.
    pub name: String,
    /// The run; of cells that share one, the first.
    pub run: &'a StoredRun,
}

/// The runs of `results`, each once and in the order of the plan, with their names: regularizer, σ² and seed, and what else
/// differs among them. The run that all models share at σ² = 0 is called `none`. Names that would be the same, however written,
/// get the run's key behind them.
pub fn named_runs(results: &Results) -> Vec<NamedRun<'_>> {
    let mut keys = BTreeSet::new();
    let runs: Vec<_> = results.runs.iter().filter(|run| keys.insert(&run.settings.run_key)).collect();
    let varied = Varied {
        activation: differ(&runs, |s| s.activation.clone()),
        constraint: differ(&runs, |s| s.constraint.clone()),
        encoder_bias: differ(&runs, |s| s.encoder_bias.clone()),
        learning_rate: differ(&runs, |s| number(s.learning_rate)),
    };
    let mut named: Vec<_> =
        runs.into_iter().map(|run| NamedRun { name: name(&run.settings, varied), run }).collect();
    let mut times = BTreeMap::new();
    // Some file systems take capital letters for small ones.
    named.iter().for_each(|named| *times.entry(named.name.to_ascii_lowercase()).or_insert(0) += 1);
    for NamedRun { name, run } in &mut named {
        if times[&name.to_ascii_lowercase()] > 1 {
            name.push_str(&format!("_{}", run.settings.run_key));
        }
    }
    named
}

fn differ(runs: &[&StoredRun], setting: impl Fn(&Settings) -> String) -> bool {
    runs.iter().map(|run| setting(&run.settings)).collect::<BTreeSet<_>>().len() > 1
}

fn name(settings: &Settings, varied: Varied) -> String {
    // At σ² = 0 every model is the plain auto-encoder.
    let is_plain = settings.sigma_squared == 0.0;
    let regularizer = if is_plain { RegularizerKind::None.name() } else { &settings.regularizer };
    let mut words = Vec::new();
    words.extend(varied.activation.then(|| settings.activation.clone()));
    words.push(regularizer.to_owned());
    words.extend(varied.constraint.then(|| format!("constraint={}", settings.constraint)));
    words.extend(varied.encoder_bias.then(|| format!("encoder_bias={}", settings.encoder_bias)));
    words.push(format!("sigma_squared={}", number(settings.sigma_squared)));
    words.extend(varied.learning_rate.then(|| format!("learning_rate={}", number(settings.learning_rate))));
    words.push(format!("seed={}", settings.seed));
    let words: Vec<_> = words.iter().map(|word| plain(word)).collect();
    let mut name = words.join("_").trim_start_matches('.').to_owned();
    name.truncate(LONGEST);
    name
}

/// `word` with `_` for all but ASCII letters and digits, `_`, `=`, `.` and `-`, and none at its ends.
fn plain(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || ['_', '=', '.', '-'].contains(&c);
    let word: String = word.chars().map(|c| if is_plain(c) { c } else { '_' }).collect();
    word.trim_matches('_').to_owned()
}
