//! What a reader of results should beware of, found in the results alone.

use super::claims::margins::{DEAD_FRACTION, MARGIN};
use super::document::{Block, Details, Table, Text};
use super::figure::{distinct, grouped, legend};
use super::text::plain;
use crate::optimizer::EncoderBias;
use crate::store::{Results, StoredRun};
use crate::training::{COLLAPSED, Status};

/// A caveat about the results in one folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caveat {
    /// The folder's name.
    pub folder: String,
    /// What to beware of.
    pub kind: Kind,
    /// How many cells it is about.
    pub cells: usize,
    /// Of how many cells.
    pub of: usize,
    /// Which cells, the most affected one, or what is different.
    pub which: String,
}

/// What there is to beware of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
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

impl Kind {
    /// What it is and what follows from it.
    fn meaning(self) -> String {
        let percent = |share: f64| format!("{} %", plain(share * 100.0));
        match self {
            Self::Unfinished => "The sweep is not finished: rows are missing.".to_owned(),
            Self::Divergence => "Cells diverged and have no measurements.".to_owned(),
            Self::Collapse => format!(
                "Cells collapsed: at least {} of the units dead, or of the variance unexplained.",
                percent(COLLAPSED)
            ),
            Self::DeadUnits => format!(
                "More than {} of the units are dead, which lowers the activation fraction. That of the units that are alive \
                 is in runs.csv.",
                percent(DEAD_FRACTION)
            ),
            Self::RareUnits => format!(
                "More than {} of the units are active on fewer than {} of the samples without being dead: the average is one \
                 over two kinds of units.",
                percent(MANY_RARE),
                percent(RARE)
            ),
            Self::NoEffect => format!(
                "The coefficient changes the activation fraction by less than {MARGIN} from its value at σ² = 0, at every σ²."
            ),
            Self::OneSeed => "One seed: no number tells an effect from the spread between seeds.".to_owned(),
            Self::Mixed => {
                "Runs of different versions, processors or instruction sets: the last digits may differ between them."
                    .to_owned()
            }
        }
    }
}

/// The caveats of all `results`, in their order.
pub fn caveats(results: &[Results]) -> Vec<Caveat> {
    results.iter().flat_map(of_folder).collect()
}

/// One table with a row for each kind of caveat, and each folder's own folded behind it.
pub(super) fn blocks(caveats: &[Caveat]) -> Vec<Block> {
    let mut kinds = grouped(caveats.iter(), |caveat| caveat.kind);
    kinds.sort_by_key(|(kind, _)| *kind);
    if kinds.is_empty() {
        return vec![Block::paragraph("None.")];
    }
    let share = |cells: usize, of: usize| if of > 0 { format!("{cells} of {of}") } else { String::new() };
    let row = |(kind, caveats): &(Kind, Vec<&Caveat>)| {
        let sum = |number: fn(&Caveat) -> usize| caveats.iter().map(|caveat| number(caveat)).sum();
        vec![
            kind.meaning().into(),
            caveats.len().to_string().into(),
            share(sum(|caveat| caveat.cells), sum(|caveat| caveat.of)).into(),
        ]
    };
    let of_kind = |(_, caveats): &(Kind, Vec<&Caveat>)| {
        let row = |(index, caveat): (usize, &&Caveat)| {
            // Of its rows the first says what it is.
            let kind = if index == 0 { caveat.kind.meaning().into() } else { Text::default() };
            let [folder, which] = [&caveat.folder, &caveat.which].map(|text| text.as_str().into());
            vec![kind, folder, which, share(caveat.cells, caveat.of).into()]
        };
        caveats.iter().enumerate().map(row).collect::<Vec<_>>()
    };
    let table = Table::new("", &["caveat"], &["results folders", "cells"]).with(kinds.iter().map(row));
    let all = Table::new("", &["caveat", "results folder", "where"], &["cells"])
        .with(kinds.iter().flat_map(of_kind));
    let details = Details { summary: "Where".to_owned(), blocks: vec![Block::Table(all)] };
    vec![Block::Table(table), Block::Details(details)]
}

fn of_folder(results: &Results) -> Vec<Caveat> {
    let runs = &results.runs;
    let of_cells = |affected: Affected| affected.map(|(cells, which)| (cells, runs.len(), which));
    let only_seed = match distinct(runs.iter().map(|run| run.spec.seed))[..] {
        [seed] => Some(format!("seed {seed}")),
        _ => None,
    };
    let of_folder = |which: Option<String>| which.map(|which| (0, 0, which));
    let found = [
        (Kind::Unfinished, of_folder(results.manifest.finished.is_none().then(String::new))),
        (Kind::Divergence, of_cells(divergence(runs))),
        (Kind::Collapse, of_cells(collapse(runs))),
        (Kind::DeadUnits, of_cells(dead_units(runs))),
        (Kind::RareUnits, of_cells(rare_units(runs))),
        (Kind::NoEffect, of_folder(without_effect(runs))),
        (Kind::OneSeed, of_folder(only_seed)),
    ];
    let warnings = results.warnings();
    let mixed = warnings.iter().map(|warning| (Kind::Mixed, of_folder(Some(warning.differing()))));
    let caveat = |(kind, affected): (Kind, Option<(usize, usize, String)>)| {
        let (cells, of, which) = affected?;
        Some(Caveat { folder: results.name.clone(), kind, cells, of, which })
    };
    found.into_iter().chain(mixed).filter_map(caveat).collect()
}

/// How many cells are affected, and which; `None` where none is.
type Affected = Option<(usize, String)>;

fn divergence(runs: &[StoredRun]) -> Affected {
    let diverged = runs.iter().filter_map(|run| match run.record.status {
        Status::Completed => None,
        Status::Diverged { epoch, .. } => Some(format!("{} in epoch {epoch}", cell(run))),
    });
    listed(diverged.collect())
}

fn collapse(runs: &[StoredRun]) -> Affected {
    listed(runs.iter().filter(|run| run.record.is_collapsed()).map(cell).collect())
}

fn listed(cells: Vec<String>) -> Affected {
    (!cells.is_empty()).then(|| (cells.len(), enumerate(&cells)))
}

fn dead_units(runs: &[StoredRun]) -> Affected {
    most(runs, |run| {
        let result = run.record.result()?;
        (result.dead_fraction > DEAD_FRACTION).then_some(result.dead_units as usize)
    })
}

/// A unit is rare that is active on fewer than this share of the samples, but on some.
const RARE: f64 = 0.01;

/// Rare units are worth a caveat where they are more than this share of all units.
const MANY_RARE: f64 = 0.1;

fn rare_units(runs: &[StoredRun]) -> Affected {
    most(runs, |run| {
        let counts = &run.record.activity.as_ref()?.active_samples;
        let few = RARE * run.spec.samples as f64;
        let rare = counts.iter().filter(|count| **count > 0 && (**count as f64) < few).count();
        (rare as f64 > MANY_RARE * counts.len() as f64).then_some(rare)
    })
}

/// The runs with such `units`, and the one with most of them.
fn most(runs: &[StoredRun], units: impl Fn(&StoredRun) -> Option<usize>) -> Affected {
    let affected: Vec<_> = runs.iter().filter_map(|run| Some((run, units(run)?))).collect();
    let (run, units) = affected.iter().max_by_key(|(_, units)| *units)?;
    Some((affected.len(), format!("most in {}: {units} of {}", cell(run), run.spec.hidden)))
}

/// Models whose activation fraction stays within [`MARGIN`] of its value at σ² = 0, by model.
fn without_effect(runs: &[StoredRun]) -> Option<String> {
    let setting = |run: &&StoredRun| {
        let s = &run.spec;
        let frozen = if s.encoder_bias == EncoderBias::Trained { "" } else { ", frozen encoder bias" };
        format!(
            "{} ({}, {}, rate {}{frozen})",
            legend(&s.regularizer.label()),
            s.activation.label(),
            s.constraint.label(),
            s.learning_rate
        )
    };
    let flat = grouped(runs.iter(), setting).into_iter().filter(|(_, runs)| is_flat(runs));
    let mut names: Vec<String> = flat.map(|(name, _)| name).collect();
    names.sort();
    (!names.is_empty()).then(|| enumerate(&names))
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

/// `DAE at σ² = 0.25, seed 1`
fn cell(run: &StoredRun) -> String {
    let spec = &run.spec;
    format!("{} at σ² = {}, seed {}", legend(&spec.regularizer.label()), spec.sigma_squared, spec.seed)
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
        let (cells, text) = divergence(&runs).unwrap();
        assert_eq!(cells, 3);
        assert!(text.starts_with("DAE at σ² = 1, seed 1 in epoch 1; CAE"), "{text}");
    }

    #[test]
    fn collapse_names_the_cells_whatever_their_status() {
        assert_eq!(collapse(&runs(SWEEP, |_| Some((0.5, 0.98)))), None);
        let runs = runs(SWEEP, |spec| Some((0.5, if spec.sigma_squared == 1.0 { 1.0 } else { 0.0 })));
        let expected = "DAE at σ² = 1, seed 1; CAE at σ² = 1, seed 1; mDAE at σ² = 1, seed 1";
        assert_eq!(collapse(&runs), Some((3, expected.to_owned())));
    }

    #[test]
    fn dead_units_count_above_one_in_a_hundred() {
        let few = runs(SWEEP, |_| Some((0.5, 0.01)));
        assert_eq!(dead_units(&few), None);
        let runs = runs(SWEEP, |spec| Some((0.5, if spec.sigma_squared == 1.0 { 0.3 } else { 0.0 })));
        let (cells, text) = dead_units(&runs).unwrap();
        assert!(cells == 3 && text.ends_with("seed 1: 3 of 10"), "{cells} {text}");
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
        let rare = with_counts([0, 1, 20, 19, 900, 900, 900, 900, 900, 900]);
        assert_eq!(rare, Some((1, "most in CAE at σ² = 0.1, seed 1: 2 of 10".to_owned())));
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
        assert!(text.contains("CAE (relu, unit_norm, rate 0.001)") && text.contains("mDAE ("), "{text}");
        assert!(!text.split("; ").any(|model| model.starts_with("DAE")), "{text}");
        // A network that is dead from the start has nothing to lose.
        assert_eq!(without_effect(&runs(SWEEP, |_| Some((0.01, 0.9)))), None);
        // What is not known to be level is not called so.
        assert!(!without_effect(&of(true)).unwrap().contains("mDAE"));
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

    #[test]
    fn each_kind_has_one_row_that_counts_its_cells() {
        let of = |folder: &str, cells| Caveat {
            folder: folder.to_owned(),
            kind: Kind::Divergence,
            cells,
            of: 10,
            which: String::new(),
        };
        let blocks = blocks(&[of("a", 1), of("b", 2)]);
        let Block::Table(table) = &blocks[0] else { panic!("{blocks:?}") };
        let [row] = table.rows.as_slice() else { panic!("{table:?}") };
        assert_eq!((row[1].words(), row[2].words()), ("2".to_owned(), "3 of 20".to_owned()));
        assert_eq!(super::blocks(&[]), [Block::paragraph("None.")]);
    }
}
