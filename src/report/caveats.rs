//! What a reader of results should beware of, found in the results alone.

use super::claims::margins::{DEAD_FRACTION, MARGIN};
use crate::optimizer::EncoderBias;
use crate::store::{Results, StoredRun};
use crate::training::RunSpec;
use crate::training::{COLLAPSED, Status};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// A caveat about the results in one folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Caveat {
    /// The folder's name.
    pub name: String,
    /// What to beware of.
    pub kind: Kind,
    /// The same with its numbers, as a sentence.
    pub text: String,
}

/// What there is to beware of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The sweep was not trained to its end.
    Unfinished,
    /// Runs diverged; they have no measurements.
    Divergence,
    /// Runs completed with a collapsed network.
    Collapse,
    /// Many units are active on no sample, which lowers activation fractions without making units sparser.
    DeadUnits,
    /// Many units are hardly ever active without being dead: the average is one of two kinds of units.
    RareUnits,
    /// A regularizer leaves the activation fraction as it is at every σ².
    NoEffect,
    /// A single replicate says nothing about the spread between seeds.
    OneSeed,
    /// The runs come from several versions, processors or instruction sets.
    Mixed,
}

/// The caveats of all `results`, in their order.
pub fn caveats(results: &[Results]) -> Vec<Caveat> {
    results.iter().flat_map(of_folder).collect()
}

fn of_folder(results: &Results) -> Vec<Caveat> {
    let mut texts = Vec::new();
    if results.manifest.finished.is_none() {
        texts.push((Kind::Unfinished, "the sweep is not finished: rows are missing".to_owned()));
    }
    texts.extend(divergence(&results.runs).map(|text| (Kind::Divergence, text)));
    texts.extend(collapse(&results.runs).map(|text| (Kind::Collapse, text)));
    texts.extend(dead_units(&results.runs).map(|text| (Kind::DeadUnits, text)));
    texts.extend(rare_units(&results.runs).map(|text| (Kind::RareUnits, text)));
    texts.extend(without_effect(&results.runs).map(|text| (Kind::NoEffect, text)));
    let seeds: BTreeSet<_> = results.runs.iter().map(|run| run.spec.seed).collect();
    if seeds.len() == 1 {
        let text = "one seed: nothing here tells an effect from the spread between seeds";
        texts.push((Kind::OneSeed, text.to_owned()));
    }
    texts.extend(results.warnings().iter().map(|warning| (Kind::Mixed, warning.to_string())));
    let name = &results.name;
    texts.into_iter().map(|(kind, text)| Caveat { name: name.clone(), kind, text }).collect()
}

fn divergence(runs: &[StoredRun]) -> Option<String> {
    let diverged: Vec<_> = runs
        .iter()
        .filter_map(|run| match run.record.status {
            Status::Completed => None,
            Status::Diverged { epoch, .. } => Some(format!("{} in epoch {epoch}", cell(run))),
        })
        .collect();
    let (count, of) = (diverged.len(), runs.len());
    (count > 0).then(|| format!("{count} of {of} cells diverged: {}", enumerate(&diverged)))
}

fn collapse(runs: &[StoredRun]) -> Option<String> {
    let collapsed: Vec<_> = runs.iter().filter(|run| run.record.is_collapsed()).map(cell).collect();
    let (count, of, percent) = (collapsed.len(), runs.len(), COLLAPSED * 100.0);
    (count > 0).then(|| {
        format!(
            "{count} of {of} cells collapsed, with at least {percent} % of their units dead or of the variance unexplained: {}",
            enumerate(&collapsed)
        )
    })
}

fn dead_units(runs: &[StoredRun]) -> Option<String> {
    let dead = |run: &&StoredRun| run.record.result().map_or(0.0, |result| result.dead_fraction);
    let affected: Vec<_> = runs.iter().filter(|run| dead(run) > DEAD_FRACTION).collect();
    let most = affected.iter().copied().max_by(|a, b| dead(a).total_cmp(&dead(b)))?;
    let result = most.record.result()?;
    Some(format!(
        "more than {} % of the units are dead in {} of {} cells, most of all in {} ({} of {}); the activation fraction \
         of the units that are alive stands beside the average for this reason",
        DEAD_FRACTION * 100.0,
        affected.len(),
        runs.len(),
        cell(most),
        result.dead_units,
        most.spec.hidden
    ))
}

/// A unit is rare that is active on fewer than this share of the samples, but on some.
const RARE: f64 = 0.01;

/// Rare units are worth a caveat where they are more than this share of all units.
const MANY_RARE: f64 = 0.1;

fn rare_units(runs: &[StoredRun]) -> Option<String> {
    let rare = |run: &StoredRun| {
        let counts = &run.record.activity.as_ref()?.active_samples;
        let few = RARE * run.spec.samples as f64;
        let rare = counts.iter().filter(|count| **count > 0 && (**count as f64) < few).count();
        (rare as f64 > MANY_RARE * counts.len() as f64).then_some(rare)
    };
    let affected: Vec<_> = runs.iter().filter_map(|run| Some((run, rare(run)?))).collect();
    let (most, units) = affected.iter().max_by_key(|(_, rare)| *rare)?;
    Some(format!(
        "more than {} % of the units are active on fewer than {} % of the samples without being dead in {} of {} cells, \
         most of all in {} ({units} of {}): the average activation fraction is one over two kinds of units",
        MANY_RARE * 100.0,
        RARE * 100.0,
        affected.len(),
        runs.len(),
        cell(most),
        most.spec.hidden
    ))
}

/// Models whose activation fraction stays within [`MARGIN`] of its value at σ² = 0, by model.
fn without_effect(runs: &[StoredRun]) -> Option<String> {
    let mut curves: BTreeMap<String, Vec<&StoredRun>> = BTreeMap::new();
    for run in runs {
        let s = &run.spec;
        let frozen = if s.encoder_bias == EncoderBias::Trained { "" } else { ", frozen encoder bias" };
        let setting = format!(
            "{} ({}, {}, rate {}{frozen})",
            s.regularizer.label(),
            s.activation.label(),
            s.constraint.label(),
            s.learning_rate
        );
        curves.entry(setting).or_default().push(run);
    }
    let names: Vec<_> = curves.into_iter().filter(|(_, runs)| is_flat(runs)).map(|(name, _)| name).collect();
    (!names.is_empty()).then(|| {
        format!(
            "the coefficient changes the activation fraction by less than {MARGIN} from its value at σ² = 0, at every σ²: {}",
            enumerate(&names)
        )
    })
}

/// Whether there is a value at σ² = 0 for each seed, from which it could fall by more, and every other one lies within
/// [`MARGIN`] of it.
fn is_flat(runs: &[&StoredRun]) -> bool {
    let fraction = |run: &StoredRun| run.record.result().map(|result| result.avg_activation_fraction);
    let mut others = runs.iter().filter(|run| run.spec.sigma_squared > 0.0).peekable();
    others.peek().is_some()
        && others.all(|run| {
            let base =
                runs.iter().find(|other| other.spec.sigma_squared == 0.0 && other.spec.seed == run.spec.seed);
            let base = base.and_then(|base| fraction(base)).filter(|base| *base > MARGIN);
            let difference = base.and_then(|base| Some(fraction(run)? - base));
            difference.is_some_and(|difference| difference.abs() < MARGIN)
        })
}

/// `dae at σ² = 0.25, seed 1`
fn cell(run: &StoredRun) -> String {
    let RunSpec { regularizer, sigma_squared, seed, .. } = &run.spec;
    format!("{} at σ² = {sigma_squared}, seed {seed}", regularizer.label())
}

/// The first few of `items`, and how many more there are.
pub fn enumerate(items: &[String]) -> String {
    const SHOWN: usize = 4;
    let more = items.len().saturating_sub(SHOWN);
    let shown = items[..items.len() - more].join("; ");
    if more > 0 { format!("{shown}; and {more} more") } else { shown }
}

#[cfg(test)]
mod tests {
    use super::super::figure::tests::runs;
    use super::*;
    use crate::training::{Activity, RunSpec};
    use std::sync::Arc;

    const SWEEP: &str = "sweep = { sigma_squared = [0, 0.1, 1], regularizer = ['dae', 'cae', 'mdae'] }
        training.epochs = 1";

    #[test]
    fn divergence_names_model_and_epoch() {
        let sound = runs(SWEEP, |_| Some((0.5, 0.0)));
        assert_eq!(divergence(&sound), None);
        let runs = runs(SWEEP, |spec| (spec.sigma_squared < 1.0).then_some((0.5, 0.0)));
        let text = divergence(&runs).unwrap();
        assert!(text.starts_with("3 of 9 cells diverged: dae at σ² = 1, seed 1 in epoch 1; cae"), "{text}");
    }

    #[test]
    fn collapse_names_the_cells_whatever_their_status() {
        assert_eq!(collapse(&runs(SWEEP, |_| Some((0.5, 0.98)))), None);
        let runs = runs(SWEEP, |spec| Some((0.5, if spec.sigma_squared == 1.0 { 1.0 } else { 0.0 })));
        let text = collapse(&runs).unwrap();
        assert!(text.starts_with("3 of 9 cells collapsed, with at least 99 % of their units dead"), "{text}");
        assert!(
            text.ends_with("dae at σ² = 1, seed 1; cae at σ² = 1, seed 1; mdae at σ² = 1, seed 1"),
            "{text}"
        );
    }

    #[test]
    fn dead_units_count_above_one_in_a_hundred() {
        let few = runs(SWEEP, |_| Some((0.5, 0.01)));
        assert_eq!(dead_units(&few), None);
        let runs = runs(SWEEP, |spec| Some((0.5, if spec.sigma_squared == 1.0 { 0.3 } else { 0.0 })));
        let text = dead_units(&runs).unwrap();
        assert!(text.contains("3 of 9 cells") && text.contains("(3 of 10)"), "{text}");
    }

    #[test]
    fn rare_units_are_neither_dead_nor_active_on_one_sample_in_a_hundred() {
        let with_counts = |counts: [u64; 10]| {
            let mut runs = runs(SWEEP, |_| Some((0.5, 0.0)));
            let mut record = (*runs[4].record).clone();
            let (pairs_above, units_never_above) = (Vec::new(), Vec::new());
            record.activity =
                Some(Activity { active_samples: counts.to_vec(), pairs_above, units_never_above });
            runs[4].record = Arc::new(record);
            rare_units(&runs)
        };
        // 2000 samples: 19 are rare, 20 are not.
        assert_eq!(with_counts([0, 0, 20, 19, 900, 900, 900, 900, 900, 900]), None, "one in ten is not many");
        let text = with_counts([0, 1, 20, 19, 900, 900, 900, 900, 900, 900]).unwrap();
        assert!(text.contains("in 1 of 9 cells, most of all in cae at σ² = 0.1, seed 1 (2 of 10)"), "{text}");
    }

    #[test]
    fn a_model_is_without_effect_where_all_of_its_curve_is_level() {
        let fraction = |kind: &str, sigma: f64| match kind {
            "dae" => 0.5 - 0.4 * sigma,
            "cae" => 0.5 + 0.019 * sigma,
            _ => 0.5,
        };
        let of = |mdae_diverges: bool| {
            runs(SWEEP, move |spec| {
                let (kind, sigma) = (spec.regularizer.label(), spec.sigma_squared);
                let diverges = mdae_diverges && kind == "mdae" && sigma == 1.0;
                (!diverges).then_some((fraction(&kind, sigma), 0.0))
            })
        };
        let text = without_effect(&of(false)).unwrap();
        assert!(text.contains("cae (relu, unit_norm, rate 0.001)") && text.contains("mdae ("), "{text}");
        assert!(!text.contains("dae (relu, unit_norm, rate 0.001); dae"), "{text}");
        assert!(
            !text.split(": ").last().unwrap().split("; ").any(|model| model.starts_with("dae")),
            "{text}"
        );
        // A network that is dead from the start has nothing to lose.
        assert_eq!(without_effect(&runs(SWEEP, |_| Some((0.01, 0.9)))), None);
        // What is not known to be level is not called so.
        assert!(!without_effect(&of(true)).unwrap().contains("mdae"));
    }

    #[test]
    fn a_frozen_encoder_bias_makes_another_curve() {
        let sweep = "training.epochs = 1
            sweep = { sigma_squared = [0, 1], regularizer = ['dae', 'kl_sae'], encoder_bias = ['trained', 'frozen'] }";
        let effect = |spec: &RunSpec| match spec.encoder_bias {
            EncoderBias::Trained => 0.4 * spec.sigma_squared,
            EncoderBias::Frozen => 0.0,
        };
        let text = without_effect(&runs(sweep, |spec| Some((0.5 - effect(spec), 0.0)))).unwrap();
        assert_eq!(text.matches("rate 0.001, frozen encoder bias)").count(), 2, "{text}");
        assert!(!text.contains("rate 0.001)"), "the trained ones have an effect: {text}");
    }

    #[test]
    fn long_lists_end_in_a_number() {
        let items: Vec<String> = (1..=6).map(|i| i.to_string()).collect();
        assert_eq!(enumerate(&items), "1; 2; 3; 4; and 2 more");
        assert_eq!(enumerate(&items[..2]), "1; 2");
    }
}
