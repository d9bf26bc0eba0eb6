//! The control on the paper's protocol: which findings hold however it is read.

use super::control::{Control, RunSource};
use super::evidence::{BySeed, Evidence, estimate};
use super::findings::{ControlCase, FindingsTable, against_margin, mark};
use super::quantity::{ACTIVATION, DEAD};
use super::sweep::{Facet, stack, table_of};
use crate::constraint::Constraint;
use crate::data::Standardize;
use crate::regularizer::RegularizerKind;
use crate::report::chart::Stack;
use crate::report::claims::margins::MARGIN;
use crate::report::document::Mark::{Bad, Good, Open};
use crate::report::figure::grouped;
use crate::report::numbers::Line;
use crate::report::statistics::largest_rise;
use crate::report::text::ABSENT;
use crate::training::RunSpec;
use std::cmp::Ordering;

pub(super) const CONTROL: Control = Control {
    id: "protocol",
    title: "Readings of the protocol",
    question: "Which findings hold however the paper's protocol is read?",
    setup: "Section 3 subtracts the mean and divides by the standard deviation \u{201c}for all samples\u{201d}: of each input over \
            the samples (feature), of each sample over its inputs (sample), or of all values together (global). It keeps rows of W at \
            length 1, and doesn't say whether the velocity keeps its part along a row (update: project) or loses it (tangent). And it \
            gives a range of learning rates. A reading is one choice of each. Under ReLU the gradient of CAE's and mDAE's penalty is \
            along the rows, so that with tangent updates both train exactly as the auto-encoder without a regularizer does: that they \
            stay is then true by construction. Same seeds.",
    source: RunSource::Joined(asks),
    facet: ("scope, update, learning rate", reading),
    x_name: "σ²",
    stacks,
    numbers: |runs| {
        const SETTINGS: [&str; 7] = [
            "dataset",
            "activation",
            "constraint",
            "encoder_bias",
            "regularizer",
            "sigma_squared",
            "learning_rate",
        ];
        let settings =
            |run: &_| Line::of_run(run, &SETTINGS).with("standardize", run.spec.standardize.scope());
        table_of(runs, settings, &[ACTIVATION, DEAD])
    },
    findings: &[
        FindingsTable {
            caption: "each model under the reading of the figures, and the readings under which its activation fraction falls by \
                      more than 0.02 from σ² = 0 to the largest, stays within, or rises by more. Inactive: the fraction is at most \
                      0.02 at σ² = 0 and can't fall; names of readings where they are few.",
            has_row: |spec| is_regularized(spec) && is_usual(spec),
            is_compared: |own, other| own.regularizer == other.regularizer,
            words: &[
                ("falls", |case| readings(case, Some("falls"))),
                ("stays", |case| readings(case, Some("stays"))),
                ("rises", |case| readings(case, Some("rises"))),
                ("inactive", |case| readings(case, Some("inactive"))),
                ("open or diverged", |case| readings(case, None)),
            ],
            means: &[("change", |case| estimate(&case.change()))],
            ..FindingsTable::BASE
        },
        FindingsTable {
            caption: "each model under each reading, from σ² = 0 to the largest. The paper expects that DAE and SAE fall, and that CAE \
                      and mDAE stay; falls and rises are beyond ±0.02; inactive: at most 0.02 at σ² = 0, which can't fall; open: the \
                      interval holds more than one of them. The largest rise is from any σ² to a larger one: a curve that falls can \
                      rise in between.",
            has_row: is_regularized,
            means: &[
                ("dead units", |case| case.mean(DEAD)),
                ("at σ² = 0", |case| case.mean_at_zero(ACTIVATION)),
                ("largest rise", |case| estimate(&rises(&case.runs))),
                ("change", |case| estimate(&case.change())),
            ],
            judge: Some(|case, change| {
                let falls = matches!(
                    case.spec().regularizer.kind(),
                    RegularizerKind::Dae | RegularizerKind::Edae | RegularizerKind::KlSae
                );
                let expected = |is_it| if is_it { Good } else { Bad };
                if is_inactive(&case.runs) {
                    return Some((Open, "inactive"));
                }
                mark(change, [(expected(falls), "falls"), (expected(!falls), "stays"), (Bad, "rises")])
            }),
            ..FindingsTable::BASE
        },
    ],
};

/// Both updates of unit-length weights, and no other constraint.
fn asks(runs: &Evidence<'_>) -> bool {
    let constraints = runs.distinct(|spec| spec.constraint);
    let both = [Constraint::UnitNorm, Constraint::UnitNormTangent];
    constraints.len() == 2 && both.iter().all(|one| constraints.contains(one))
}

/// `feature, tangent, 0.001`
fn reading(spec: &RunSpec) -> String {
    let update = if spec.constraint.is_tangent() { "tangent" } else { "project" };
    format!("{}, {update}, {}", spec.standardize.scope(), spec.learning_rate)
}

/// Whether these settings are those of the figures.
fn is_usual(spec: &RunSpec) -> bool {
    matches!(spec.standardize, Standardize::Feature { .. })
        && spec.constraint == Constraint::UnitNorm
        && spec.learning_rate == 0.001
}

fn is_regularized(spec: &RunSpec) -> bool {
    spec.regularizer.kind() != RegularizerKind::None
}

/// Whether so few pairs are active at σ² = 0 that a fall could not be seen.
fn is_inactive(runs: &Evidence<'_>) -> bool {
    estimate(&runs.values_at(0.0, ACTIVATION.value)).is_some_and(|estimate| estimate.mean <= MARGIN)
}

/// The largest rise of the activation fraction over its running minimum, by seed; without the seeds that lack a σ².
fn rises(runs: &Evidence<'_>) -> BySeed {
    let curve: Vec<BySeed> =
        runs.sigmas().into_iter().map(|sigma| runs.values_at(sigma, ACTIVATION.value)).collect();
    let rise = |seed: &u64| {
        let values: Option<Vec<f64>> = curve.iter().map(|at_sigma| at_sigma.get(seed).copied()).collect();
        Some(largest_rise(values?).0)
    };
    let seeds = curve.first().into_iter().flat_map(BySeed::keys);
    seeds.filter_map(|seed| Some((*seed, rise(seed)?))).collect()
}

/// What a model's activation fraction does under one reading; `None` where it is open or has no results.
fn direction(runs: &Evidence<'_>) -> Option<&'static str> {
    if is_inactive(runs) {
        return Some("inactive");
    }
    let change = estimate(&runs.change(runs.last_sigma(), ACTIVATION.value))?;
    Some(match against_margin(change)? {
        Ordering::Less => "falls",
        Ordering::Equal => "stays",
        Ordering::Greater => "rises",
    })
}

/// The readings under which the case's model has this direction: `10 of 12`, with their names where they are few.
fn readings(case: &ControlCase<'_>, wanted: Option<&str>) -> String {
    /// Number of readings that are named.
    const NAMED: usize = 3;
    let all = case.other.grouped_by(|run| reading(&run.stored.spec));
    let found: Vec<&str> = all
        .iter()
        .filter(|(_, runs)| direction(runs) == wanted)
        .map(|(reading, _)| reading.as_str())
        .collect();
    match found.len() {
        0 => ABSENT.to_owned(),
        count if count <= NAMED => format!("{count} of {}: {}", all.len(), found.join("; ")),
        count => format!("{count} of {}", all.len()),
    }
}

/// The activation fraction over σ², with a row of panels for each scope of standardisation.
fn stacks(facets: &[Facet<'_>]) -> Vec<Stack> {
    let scope = |(_, runs): &Facet<'_>| runs.runs[0].stored.spec.standardize.scope();
    let by_scope = grouped(facets.iter().cloned(), scope).into_iter();
    by_scope.map(|(_, facets)| stack(&facets, &[ACTIVATION])).collect()
}
