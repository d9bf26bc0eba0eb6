//! Other δ_min than the paper's, from the counts in the records of figures: does what they show depend on it?

use super::control::{Control, Source};
use super::evidence::{BySeed, Evidence, Run, estimate, less};
use super::findings::{Case, Findings, against_margin};
use super::quantity::{ACTIVATION, DEAD, Quantity};
use super::sweep::{Facet, curves, row};
use crate::report::chart::{Axis, Stack};
use crate::report::claims::margins::MARGIN;
use crate::report::document::Mark;
use crate::report::figure::activation;
use crate::report::numbers::{Line, Numbers};
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
    source: Source::Figures(&["1", "4"]),
    facet: ("activation", |spec| activation(&spec.activation.label())),
    x_name: "δ_min",
    stacks: |facets| facets.iter().map(stack).collect(),
    numbers,
    findings: &[
        Findings {
            caption: "each pair of models at the largest σ²: the difference of their activation fractions at the runs' own δ_min, \
                      and the δ_min at which it counts with the other sign. Kept: the difference counts, and never with the other \
                      sign; turned: it does; without a mark it doesn't count.",
            in_pairs: true,
            against: |of, other| {
                of.activation == other.activation && of.regularizer.label() < other.regularizer.label()
            },
            words: &[("the other way round at δ_min", |case| between(&turned(case)))],
            means: &[("difference", |case| {
                own(case).map(|place| difference(case, place)).unwrap_or_default()
            })],
            judge: Some(|case, usual| {
                let counts = against_margin(usual).is_some_and(|order| order != Ordering::Equal);
                let judgement =
                    if turned(case).is_empty() { (Mark::Good, "kept") } else { (Mark::Bad, "turned") };
                counts.then_some(judgement)
            }),
            ..Findings::BASE
        },
        Findings {
            caption: "each model from σ² = 0 to the largest: at how many δ_min its activation fraction falls by more than 0.02, of \
                      those at which more than 0.02 are active at σ² = 0; at how many it rises by more; and the share of units \
                      that are dead at some δ_min, at the largest σ².",
            words: &[
                ("falls at", falls),
                ("rises at δ_min", |case| between(&changing(case, Ordering::Greater))),
            ],
            means: &[
                ("dead at 0", |case| dead_at(case, 0.0)),
                ("dead at 0.1", |case| dead_at(case, 0.1)),
                ("dead at 0.5", |case| dead_at(case, 0.5)),
            ],
            ..Findings::BASE
        },
    ],
};

/// The σ² that are drawn, where they are there.
const SHOWN: [f64; 3] = [0.01, 0.25, 1.0];

/// A quantity, and its value of a run at a place in [`THRESHOLDS`].
type Counted = (Quantity, fn(&Run<'_>, usize) -> Option<f64>);

/// What is counted anew.
const COUNTED: [Counted; 2] = [(ACTIVATION, active), (DEAD, dead)];

/// The share of pairs with h > `THRESHOLDS[place]`.
fn active(run: &Run<'_>, place: usize) -> Option<f64> {
    let pairs = run.stored.spec.samples as f64 * run.stored.spec.hidden as f64;
    Some(run.stored.record.activity.as_ref()?.pairs_above[place] as f64 / pairs)
}

/// The share of units with h > `THRESHOLDS[place]` on no sample.
fn dead(run: &Run<'_>, place: usize) -> Option<f64> {
    let activity = run.stored.record.activity.as_ref()?;
    Some(activity.units_never_above[place] as f64 / run.stored.spec.hidden as f64)
}

fn place(threshold: f32) -> Option<usize> {
    THRESHOLDS.iter().position(|known| *known == threshold)
}

/// The place of the runs' own δ_min, if it was counted.
fn own(case: &Case<'_>) -> Option<usize> {
    place(case.spec().threshold as f32)
}

fn dead_at(case: &Case<'_>, threshold: f32) -> BySeed {
    let dead = |place| case.runs.at(case.sigma, |run| dead(run, place));
    place(threshold).map(dead).unwrap_or_default()
}

/// How the activation fractions of a pair differ.
fn difference(case: &Case<'_>, place: usize) -> BySeed {
    let at = |runs: &Evidence<'_>| runs.at(case.sigma, |run| active(run, place));
    less(&at(&case.runs), &at(&case.other))
}

/// The places at which `difference` is beyond the margin on this side.
fn places(side: Ordering, difference: impl Fn(usize) -> BySeed) -> Vec<usize> {
    let is_it = |place: &usize| estimate(&difference(*place)).and_then(against_margin) == Some(side);
    (0..THRESHOLDS.len()).filter(is_it).collect()
}

/// Where the order of a pair is the other way round than at the runs' own δ_min.
fn turned(case: &Case<'_>) -> Vec<usize> {
    let usual = own(case).and_then(|place| against_margin(estimate(&difference(case, place))?));
    let usual = usual.filter(|order| *order != Ordering::Equal);
    usual.map(|order| places(order.reverse(), |place| difference(case, place))).unwrap_or_default()
}

fn changing(case: &Case<'_>, side: Ordering) -> Vec<usize> {
    places(side, |place| case.runs.change(case.sigma, |run| active(run, place)))
}

/// Where hardly anything is active at σ² = 0, nothing can fall by more than the margin.
fn falls(case: &Case<'_>) -> String {
    let at_zero = |place: usize| estimate(&case.runs.at(0.0, |run| active(run, place)));
    let active = |place: &usize| at_zero(*place).is_some_and(|estimate| estimate.mean > MARGIN);
    let falling = changing(case, Ordering::Less);
    format!(
        "{} of {}",
        falling.iter().filter(|place| active(place)).count(),
        (0..THRESHOLDS.len()).filter(active).count()
    )
}

/// `0.7 to 0.95 (4)`
fn between(places: &[usize]) -> String {
    match places {
        [] => ABSENT.to_owned(),
        [only] => THRESHOLDS[*only].to_string(),
        [first, .., last] => format!("{} to {} ({})", THRESHOLDS[*first], THRESHOLDS[*last], places.len()),
    }
}

/// Activation fraction and dead units of one activation's models against δ_min, a panel for each σ².
fn stack((title, runs): &Facet<'_>) -> Stack {
    let sigmas = runs.sigmas();
    let mut shown: Vec<f64> = SHOWN.into_iter().filter(|sigma| sigmas.contains(sigma)).collect();
    if shown.is_empty() {
        shown.extend(sigmas.last());
    }
    let end = end(runs);
    let row = |(quantity, value): Counted| {
        let point = |runs: &Evidence<'_>, sigma, place| {
            (f64::from(THRESHOLDS[place]), quantity.estimate(&runs.at(sigma, |run| value(run, place))))
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

/// The place of the first threshold that nothing is above, or of the last one.
fn end(runs: &Evidence<'_>) -> usize {
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
            line.estimate(quantity.column, quantity.estimate(&cell.at(sigma, |run| value(run, place))))
        };
        COUNTED.into_iter().fold(counts, estimate).run_keys(cell.stored())
    };
    let cells = runs.by(|run| Line::of(run.stored, &SETTINGS));
    cells.iter().flat_map(|cell| (0..THRESHOLDS.len()).map(move |place| line(cell, place))).collect()
}
