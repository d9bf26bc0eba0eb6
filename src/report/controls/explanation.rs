//! The control on the paper's explanation of the DAE: whether the first-order term of the loss makes it sparse (§3.1.1).

use super::control::{Control, RunSource};
use super::evidence::{BySeed, Evidence, estimate};
use super::findings::{ControlCase, FindingsTable, Judgement};
use super::quantity::{ACTIVATION, DEAD};
use super::sweep::{stack, table};
use crate::regularizer::RegularizerKind;
use crate::report::claims::margins::{EXPLAINED_SHARE, MARGIN, UNEXPLAINED_SHARE};
use crate::report::document::Mark;
use crate::report::figure::activation;
use crate::report::statistics::Estimate;
use crate::training::RunSpec;

pub(super) const CONTROL: Control = Control {
    id: "explanation",
    title: "First-order term of the DAE",
    question: "Does the first-order term explain why the DAE becomes sparse?",
    setup: "Section 3.1.1 explains the DAE's fall under ReLU by the first-order term of its loss, and shows by the eDAE that this \
            term suffices. Here each sample is corrupted K times in a step, and the loss is the mean over the K draws. With \
            independent draws the first-order term has 1/K of its variance. With antithetic pairs, ε and −ε, every odd order \
            cancels, and the even orders are those of independent draws. Same seeds.",
    source: RunSource::Own(asks),
    facet: ("activation", |spec| activation(&spec.activation.label())),
    x_name: "σ²",
    stacks: |facets| vec![stack(facets, &[ACTIVATION, DEAD])],
    numbers: |runs| table(runs, &[ACTIVATION, DEAD]),
    findings: &[FindingsTable {
        caption: "each number of draws at each σ²: the fall of the activation fraction since σ² = 0 and, for antithetic pairs, the \
                  fall with as many independent draws and the share of it that is left, over seeds in which that fall is above \
                  0.02. Explained: the share is below 0.5; unexplained: it is above 0.9; open: it is between, or its interval \
                  holds a bound; without a mark the fall with independent draws is not certainly above 0.02.",
        by_sigma: true,
        is_compared: |own, other| {
            independent(own).is_some_and(|label| other.regularizer.label() == label)
                && other.activation == own.activation
        },
        means: &[
            ("fall", |case| estimate(&fall(&case.change()))),
            ("fall, independent", |case| estimate(&fall(&case.other_change()))),
            ("share", |case| estimate(&share(case))),
        ],
        judge: Some(judge),
        margins: &[EXPLAINED_SHARE, UNEXPLAINED_SHARE],
        ..FindingsTable::BASE
    }],
};

/// DAEs alone, some of them with several draws of each sample.
fn asks(runs: &Evidence<'_>) -> bool {
    runs.distinct(|spec| spec.regularizer.kind() == RegularizerKind::Dae) == [true] && draws_several(runs)
}

/// Whether some of the models corrupt each sample several times in a step.
pub(super) fn draws_several(runs: &Evidence<'_>) -> bool {
    runs.runs.iter().any(|run| run.stored.spec.regularizer.draws() > 1)
}

/// The label of the same model with independent draws; `None` if its draws are independent.
fn independent(spec: &RunSpec) -> Option<String> {
    let label = spec.regularizer.label();
    let other = label.replace(",pairing=antithetic", "");
    (other != label).then_some(other)
}

/// A change as a fall.
fn fall(change: &BySeed) -> BySeed {
    change.iter().map(|(seed, change)| (*seed, -change)).collect()
}

/// The fall of antithetic pairs divided by the fall of independent draws, for seeds in which the latter is large enough to count.
fn share(case: &ControlCase<'_>) -> BySeed {
    let (own, other) = (fall(&case.change()), fall(&case.other_change()));
    let counts = other.into_iter().filter(|(_, fall)| *fall > MARGIN);
    counts.filter_map(|(seed, fall)| Some((seed, own.get(&seed)? / fall))).collect()
}

/// The judgement of a share; `None` where the fall with independent draws is not certainly above the margin.
fn judge(case: &ControlCase<'_>, share: Estimate) -> Option<Judgement> {
    let bounds =
        |estimate: Estimate| estimate.interval.map_or([estimate.mean; 2], |bounds| [bounds.low, bounds.high]);
    let [least_fall, _] = bounds(estimate(&fall(&case.other_change()))?);
    let [low, high] = bounds(share);
    let judgement = match () {
        () if high < EXPLAINED_SHARE => (Mark::Good, "explained"),
        () if low > UNEXPLAINED_SHARE => (Mark::Bad, "unexplained"),
        () => (Mark::Open, "open"),
    };
    (least_fall > MARGIN).then_some(judgement)
}
