//! The control on δ_min: whether the findings depend on the threshold, by the counts in the records of figures.

use super::control::{Control, RunSource};
use super::evidence::{BySeed, ControlRun, Evidence, estimate, minus};
use super::findings::{ControlCase, FindingsTable, against_margin};
use super::quantity::{ACTIVATION, DEAD, Quantity};
use super::sweep::{Facet, curves, row};
use crate::report::chart::{Axis, Stack};
use crate::report::claims::margins::MARGIN;
use crate::report::document::Mark;
use crate::report::figure::activation;
use crate::report::numbers::{Line, Numbers};
use crate::report::statistics::Estimate;
use crate::report::text::ABSENT;
use crate::training::THRESHOLDS;
use std::cmp::Ordering;

pub(super) const CONTROL: Control = Control {
    id: "threshold",
    title: "Other δ_min",
    question: "Do the order of the models and the fall with σ² depend on δ_min?",
    setup: "A unit is active where h > δ_min, and the paper takes 0 for ReLU and 0.1 for sigmoid. The runs of Figures 1 and 4, \
            counted at 24 thresholds; nothing is trained for it. The axis of δ_min is logarithmic, with 0 apart at its start. A \
            difference counts where its interval, or with one seed its value, is beyond the margin of 0.02.",
    source: RunSource::Figures(&["1", "4"]),
    facet: ("activation", |spec| activation(&spec.activation.label())),
    x_name: "δ_min",
    stacks: |facets| facets.iter().map(stack).collect(),
    numbers,
    findings: &[
        FindingsTable {
            caption: "each pair of models at the largest σ²: the difference of their activation fractions at the runs' own δ_min, \
                      and the δ_min at which it counts with the other sign. Kept: the difference counts, and never with the other \
                      sign; turned: it does; without a mark it doesn't count.",
            in_pairs: true,
            is_compared: |own, other| {
                own.activation == other.activation && own.regularizer.label() < other.regularizer.label()
            },
            words: &[("the other way round at δ_min", |case| range_of(&reversed(case)))],
            means: &[("difference", |case| estimate(&difference(case, own_index(case)?)))],
            judge: Some(|case, usual| {
                let counts = against_margin(usual).is_some_and(|order| order != Ordering::Equal);
                let judgement =
                    if reversed(case).is_empty() { (Mark::Good, "kept") } else { (Mark::Bad, "turned") };
                counts.then_some(judgement)
            }),
            ..FindingsTable::BASE
        },
        FindingsTable {
            caption: "each model from σ² = 0 to the largest: at how many δ_min its activation fraction falls by more than 0.02, of \
                      those at which more than 0.02 are active at σ² = 0; at how many it rises by more; and the share of units \
                      that are dead at some δ_min, at the largest σ².",
            words: &[
                ("falls at", falls),
                ("rises at δ_min", |case| range_of(&changing(case, Ordering::Greater))),
            ],
            means: &[
                ("dead at 0", |case| dead_at(case, 0.0)),
                ("dead at 0.1", |case| dead_at(case, 0.1)),
                ("dead at 0.5", |case| dead_at(case, 0.5)),
            ],
            ..FindingsTable::BASE
        },
    ],
};

/// The σ² that are drawn, where they exist.
const SHOWN: [f64; 3] = [0.01, 0.25, 1.0];

/// A quantity, and its value for a run at the threshold with this index in [`THRESHOLDS`].
type Counted = (Quantity, fn(&ControlRun<'_>, usize) -> Option<f64>);

/// The quantities that are computed for each threshold.
const COUNTED: [Counted; 2] = [(ACTIVATION, active), (DEAD, dead)];

/// The share of pairs with h > `THRESHOLDS[place]`.
fn active(run: &ControlRun<'_>, place: usize) -> Option<f64> {
    let pairs = run.stored.spec.samples as f64 * run.stored.spec.hidden as f64;
    Some(run.stored.record.activity.as_ref()?.pairs_above[place] as f64 / pairs)
}

/// The share of units with h > `THRESHOLDS[place]` on no sample.
fn dead(run: &ControlRun<'_>, place: usize) -> Option<f64> {
    let activity = run.stored.record.activity.as_ref()?;
    Some(activity.units_never_above[place] as f64 / run.stored.spec.hidden as f64)
}

fn index_of(threshold: f32) -> Option<usize> {
    THRESHOLDS.iter().position(|known| *known == threshold)
}

/// The index of the runs' own δ_min, if it is one of the thresholds.
fn own_index(case: &ControlCase<'_>) -> Option<usize> {
    index_of(case.spec().threshold as f32)
}

fn dead_at(case: &ControlCase<'_>, threshold: f32) -> Option<Estimate> {
    let place = index_of(threshold)?;
    DEAD.estimate(&case.runs.values_at(case.sigma, |run| dead(run, place)))
}

/// The difference of the activation fractions of a pair.
fn difference(case: &ControlCase<'_>, place: usize) -> BySeed {
    let at = |runs: &Evidence<'_>| runs.values_at(case.sigma, |run| active(run, place));
    minus(&at(&case.runs), &at(&case.other))
}

/// The indices of the thresholds at which `difference` is on this side of the margin.
fn indices(side: Ordering, difference: impl Fn(usize) -> BySeed) -> Vec<usize> {
    let is_it = |place: &usize| estimate(&difference(*place)).and_then(against_margin) == Some(side);
    (0..THRESHOLDS.len()).filter(is_it).collect()
}

/// The indices of the thresholds at which the order of a pair is the reverse of the order at the runs' own δ_min.
fn reversed(case: &ControlCase<'_>) -> Vec<usize> {
    let usual = own_index(case).and_then(|place| against_margin(estimate(&difference(case, place))?));
    let usual = usual.filter(|order| *order != Ordering::Equal);
    usual.map(|order| indices(order.reverse(), |place| difference(case, place))).unwrap_or_default()
}

fn changing(case: &ControlCase<'_>, side: Ordering) -> Vec<usize> {
    indices(side, |place| case.runs.change(case.sigma, |run| active(run, place)))
}

/// The number of thresholds at which the activation fraction falls, of those at which it can fall: it must exceed the margin at
/// σ² = 0.
fn falls(case: &ControlCase<'_>) -> String {
    let at_zero = |place: usize| estimate(&case.runs.values_at(0.0, |run| active(run, place)));
    let active = |place: &usize| at_zero(*place).is_some_and(|estimate| estimate.mean > MARGIN);
    let falling = changing(case, Ordering::Less);
    format!(
        "{} of {}",
        falling.iter().filter(|place| active(place)).count(),
        (0..THRESHOLDS.len()).filter(active).count()
    )
}

/// `0.7 to 0.95 (4)`
fn range_of(places: &[usize]) -> String {
    match places {
        [] => ABSENT.to_owned(),
        [only] => THRESHOLDS[*only].to_string(),
        [first, .., last] => format!("{} to {} ({})", THRESHOLDS[*first], THRESHOLDS[*last], places.len()),
    }
}

/// Activation fraction and dead units of one activation's models over δ_min, with a panel for each σ².
fn stack((title, runs): &Facet<'_>) -> Stack {
    let sigmas = runs.sigmas();
    let mut shown: Vec<f64> = SHOWN.into_iter().filter(|sigma| sigmas.contains(sigma)).collect();
    if shown.is_empty() {
        shown.extend(sigmas.last());
    }
    let end = last_index(runs);
    let row = |(quantity, value): Counted| {
        let point = |runs: &Evidence<'_>, sigma, place| {
            (f64::from(THRESHOLDS[place]), quantity.estimate(&runs.values_at(sigma, |run| value(run, place))))
        };
        let panel =
            |sigma: &f64| curves(runs, |runs| (0..=end).map(|place| point(runs, *sigma, place)).collect());
        row(quantity.name, shown.iter().map(panel).collect())
    };
    Stack {
        x: Axis::decades(f64::from(THRESHOLDS[1]), f64::from(THRESHOLDS[end])),
        titles: shown.iter().map(|sigma| format!("{title}, σ² = {sigma}")).collect(),
        rows: COUNTED.map(row).into(),
    }
}

/// The index of the first threshold that no activity exceeds, or of the last threshold.
fn last_index(runs: &Evidence<'_>) -> usize {
    let is_empty = |place: &usize| {
        runs.stored().filter_map(|run| run.record.activity.as_ref()).all(|a| a.pairs_above[*place] == 0)
    };
    (1..THRESHOLDS.len()).find(is_empty).unwrap_or(THRESHOLDS.len() - 1)
}

/// A line for each model, σ² and δ_min.
fn numbers(runs: &Evidence<'_>) -> Numbers {
    const SETTINGS: [&str; 5] = ["dataset", "activation", "constraint", "regularizer", "sigma_squared"];
    let line = |(settings, cell): &(Line, Evidence<'_>), place: usize| {
        let sigma = cell.last_sigma();
        let counts =
            settings.clone().with("threshold", THRESHOLDS[place]).with("seeds", cell.completed(sigma));
        let estimate = |line: Line, (quantity, value): Counted| {
            line.estimate(quantity.column, quantity.estimate(&cell.values_at(sigma, |run| value(run, place))))
        };
        COUNTED.into_iter().fold(counts, estimate).run_keys(cell.stored())
    };
    let cells = runs.grouped_by(|run| Line::of_run(run.stored, &SETTINGS));
    cells.iter().flat_map(|cell| (0..THRESHOLDS.len()).map(move |place| line(cell, place))).collect()
}
