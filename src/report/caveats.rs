//! Caveats: what a reader should know before trusting results, found in the results themselves.

use super::claims::margins::{DEAD_FRACTION, MARGIN};
use super::document::{Block, Details, Table, Text};
use super::figure::{distinct, grouped, legend};
use super::text::exact_percent;
use crate::optimizer::EncoderBias;
use crate::store::{Results, StoredRun};
use crate::training::{COLLAPSED, Status};

/// A caveat about the results in one folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caveat {
    /// The folder's name.
    pub folder: String,
    /// The kind of caveat.
    pub kind: CaveatKind,
    /// Number of affected cells.
    pub cells: usize,
    /// Number of all cells; 0 where the caveat is about the whole folder.
    pub all_cells: usize,
    /// The affected cells, the most affected one, or the settings that differ.
    pub which: String,
}

/// The kinds of caveats, in the order of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum CaveatKind {
    /// The sweep was not trained to its end.
    Unfinished,
    /// Runs diverged; they have no measurements.
    Divergence,
    /// Runs completed with a collapsed network.
    Collapse,
    /// Many units are active on no sample, which lowers activation fractions without making units sparser.
    DeadUnits,
    /// Many units are rarely active but not dead, so the average mixes two kinds of units.
    RareUnits,
    /// A regularizer changes the activation fraction at no σ².
    NoEffect,
    /// A single replicate says nothing about the spread between seeds.
    OneSeed,
    /// The runs come from several versions, processors or instruction sets.
    Mixed,
}

impl CaveatKind {
    /// The caveat and its consequence.
    fn meaning(self) -> String {
        match self {
            Self::Unfinished => "The sweep is not finished: rows are missing.".to_owned(),
            Self::Divergence => "Cells diverged and have no measurements.".to_owned(),
            Self::Collapse => format!(
                "Cells collapsed: at least {} of the units dead, or of the variance unexplained.",
                exact_percent(COLLAPSED)
            ),
            Self::DeadUnits => format!(
                "More than {} of the units are dead, which lowers the activation fraction. That of the units that are alive \
                 is in runs.csv.",
                exact_percent(DEAD_FRACTION)
            ),
            Self::RareUnits => format!(
                "More than {} of the units are active on fewer than {} of the samples without being dead: the average is one \
                 over two kinds of units.",
                exact_percent(MANY_RARE),
                exact_percent(RARE)
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

/// A table with a row for each kind of caveat, followed by a folded one with a row for each folder.
pub(super) fn blocks(caveats: &[Caveat]) -> Vec<Block> {
    let mut kinds = grouped(caveats.iter(), |caveat| caveat.kind);
    kinds.sort_by_key(|(kind, _)| *kind);
    if kinds.is_empty() {
        return vec![Block::paragraph("None.")];
    }
    let share = |cells: usize, all: usize| if all > 0 { format!("{cells} of {all}") } else { String::new() };
    let row = |(kind, caveats): &(CaveatKind, Vec<&Caveat>)| {
        let sum = |number: fn(&Caveat) -> usize| caveats.iter().map(|caveat| number(caveat)).sum();
        vec![
            kind.meaning().into(),
            caveats.len().to_string().into(),
            share(sum(|caveat| caveat.cells), sum(|caveat| caveat.all_cells)).into(),
        ]
    };
    let of_kind = |(_, caveats): &(CaveatKind, Vec<&Caveat>)| {
        let row = |(index, caveat): (usize, &&Caveat)| {
            // Only the first row of a kind names it.
            let kind = if index == 0 { caveat.kind.meaning().into() } else { Text::default() };
            let [folder, which] = [&caveat.folder, &caveat.which].map(|text| text.as_str().into());
            vec![kind, folder, which, share(caveat.cells, caveat.all_cells).into()]
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
    let about_cells = |affected: Affected| affected.map(|(cells, which)| (cells, runs.len(), which));
    let only_seed = match distinct(runs.iter().map(|run| run.spec.seed))[..] {
        [seed] => Some(format!("seed {seed}")),
        _ => None,
    };
    let about_folder = |which: Option<String>| which.map(|which| (0, 0, which));
    let found = [
        (CaveatKind::Unfinished, about_folder(results.manifest.finished.is_none().then(String::new))),
        (CaveatKind::Divergence, about_cells(divergence(runs))),
        (CaveatKind::Collapse, about_cells(collapse(runs))),
        (CaveatKind::DeadUnits, about_cells(dead_units(runs))),
        (CaveatKind::RareUnits, about_cells(rare_units(runs))),
        (CaveatKind::NoEffect, about_folder(without_effect(runs))),
        (CaveatKind::OneSeed, about_folder(only_seed)),
    ];
    let warnings = results.warnings();
    let mixed = warnings.iter().map(|warning| (CaveatKind::Mixed, about_folder(Some(warning.differing()))));
    let caveat = |(kind, affected): (CaveatKind, Option<(usize, usize, String)>)| {
        let (cells, all_cells, which) = affected?;
        Some(Caveat { folder: results.name.clone(), kind, cells, all_cells, which })
    };
    found.into_iter().chain(mixed).filter_map(caveat).collect()
}

/// Number of affected cells, and their names; `None` without affected cells.
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

/// A unit is rare if it is active on some samples, but on less than this share of them.
const RARE: f64 = 0.01;

/// Rare units make a caveat if they are more than this share of all units.
const MANY_RARE: f64 = 0.1;

fn rare_units(runs: &[StoredRun]) -> Affected {
    most(runs, |run| {
        let counts = &run.record.activity.as_ref()?.active_samples;
        let few = RARE * run.spec.samples as f64;
        let rare = counts.iter().filter(|count| **count > 0 && (**count as f64) < few).count();
        (rare as f64 > MANY_RARE * counts.len() as f64).then_some(rare)
    })
}

/// The number of runs for which `units` counts some, and the run with most of them.
fn most(runs: &[StoredRun], units: impl Fn(&StoredRun) -> Option<usize>) -> Affected {
    let affected: Vec<_> = runs.iter().filter_map(|run| Some((run, units(run)?))).collect();
    let (run, units) = affected.iter().max_by_key(|(_, units)| *units)?;
    Some((affected.len(), format!("most in {}: {units} of {}", cell(run), run.spec.hidden)))
}

/// The models whose activation fraction stays within [`MARGIN`] of its value at σ² = 0.
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

/// Whether every run with σ² > 0 lies within [`MARGIN`] of its seed's value at σ² = 0, which must be above [`MARGIN`], so that
/// the activation fraction could have fallen by more.
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

/// The first four of `items`, and the number of the others.
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
        // The activation fraction of a dead network cannot fall.
        assert_eq!(without_effect(&runs(SWEEP, |_| Some((0.01, 0.9)))), None);
        // A model is not called level where a run diverged.
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
            kind: CaveatKind::Divergence,
            cells,
            all_cells: 10,
            which: String::new(),
        };
        let blocks = blocks(&[of("a", 1), of("b", 2)]);
        let Block::Table(table) = &blocks[0] else { panic!("{blocks:?}") };
        let [row] = table.rows.as_slice() else { panic!("{table:?}") };
        assert_eq!((row[1].words(), row[2].words()), ("2".to_owned(), "3 of 20".to_owned()));
        assert_eq!(super::blocks(&[]), [Block::paragraph("None.")]);
    }
}
