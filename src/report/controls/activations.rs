//! Activations that the paper doesn't name: what its theory predicts of them, and what is measured.

use super::contrast::{Contrast, basis};
use super::evidence::{Evidence, Run};
use super::sweep::{ACTIVATION, DEAD, FRACTION, Facet, Quantity, facets, rows, table};
use super::{Control, Findings, Source};
use crate::report::claims::margins::MARGIN;
use crate::report::figure::{activation, legend};
use crate::report::text::list;
use crate::theory::{EpochRow, Properties};

pub(super) const CONTROL: Control = Control {
    id: "activations",
    title: "New activations",
    question: "What does the theory predict of activations that came later than the paper or that it leaves out, and does it come \
               true?",
    setup: "Corollary 1 applies to non-decreasing activations with slopes in [0, 1], Corollary 2 if they are convex too; then no \
            unit's ∂R/∂b_j is negative. Sparsity is promised where Corollary 1 applies and s(a) goes to 0 for a → −∞. The \
            properties are checked numerically; ∂R/∂b_j is the penalty's, for a DAE that of Eq. 7's second-order terms, after \
            the last epoch. δ_min is 0. What the theory doesn't cover it doesn't forbid.",
    source: Source::Own,
    examine,
};

/// What was measured after the last epoch.
fn last(run: &Run<'_>) -> Option<EpochRow> {
    run.theory?.epochs.read().next_back()
}

/// The share of units with ∂R/∂b_j < 0; absent at σ² = 0, where there is no R.
fn negative(run: &Run<'_>) -> Option<f64> {
    let share = last(run)?.penalty_gradient_negative? / run.spec().hidden as f64;
    (run.spec().sigma_squared > 0.0).then_some(share)
}

const NEGATIVE: Quantity = Quantity {
    column: "negative_gradient_fraction",
    name: "Units with ∂R/∂b < 0",
    value: |run| negative(run),
    least_end: 0.1,
    range: FRACTION,
};

const fn column(column: &'static str, value: super::evidence::Value) -> Quantity {
    Quantity { column, name: "", value, least_end: 0.1, range: FRACTION }
}

const PREDICTED: [Quantity; 3] = [
    column("predicted_corollary1", |run| predicted(run, Properties::corollary1)),
    column("predicted_corollary2", |run| predicted(run, Properties::corollary2)),
    column("predicted_sparsity", |run| predicted(run, Properties::encourages_sparsity)),
];

/// A number of units from `theory.csv`, under its name there.
macro_rules! count {
    ($units:ident) => {
        column(stringify!($units), |run| last(run)?.$units)
    };
}

const COUNTS: [Quantity; 3] =
    [count!(penalty_gradient_positive), count!(penalty_gradient_zero), count!(penalty_gradient_negative)];

fn predicted(run: &Run<'_>, what: fn(Properties) -> bool) -> Option<f64> {
    properties(run).map(|properties| f64::from(u8::from(what(properties))))
}

fn properties(run: &Run<'_>) -> Option<Properties> {
    let activation = run.spec().activation.known()?;
    Some(Properties::of(|a| activation.jet(a).value))
}

fn examine(evidence: &Evidence<'_>) -> Option<Findings> {
    let facets = facets(evidence, |spec| spec.activation.label(), activation);
    // The share at σ² = 0 is left out of the curves, where a gap would look like a divergence.
    let mut rows = rows(&facets, &[ACTIVATION, NEGATIVE]);
    let shares = rows.iter_mut().filter(|row| row.name == NEGATIVE.name);
    for curve in shares.flat_map(|row| &mut row.panels).flat_map(|panel| &mut panel.curves) {
        curve.points.retain(|(sigma, _)| *sigma > 0.0);
    }
    let quantities = [&[ACTIVATION, DEAD, NEGATIVE], &PREDICTED[..], &COUNTS[..]].concat();
    Some(Findings {
        x_name: "σ²",
        rows,
        table: table(evidence, &quantities),
        sentences: facets.iter().filter_map(sentence).collect(),
    })
}

/// What is predicted of an activation, and what was found at the largest σ².
fn sentence(facet: &Facet<'_>) -> Option<String> {
    let evidence = &facet.evidence;
    let properties = properties(evidence.runs.first()?)?;
    let applies = match (properties.corollary1(), properties.corollary2()) {
        (_, true) => "Corollaries 1 and 2 apply",
        (true, false) => "Corollary 1 applies and Corollary 2 doesn't",
        (false, false) => "neither corollary applies",
    };
    let promised = if properties.encourages_sparsity() { "is" } else { "isn't" };
    let sigma = evidence.last_sigma();
    let models = evidence.models();
    let of = |label: &str| evidence.filter(|spec| spec.regularizer.label() == label);
    let signs: Vec<String> = models.iter().filter_map(|label| signs(&of(label), label, properties)).collect();
    let signs = if signs.is_empty() {
        String::new()
    } else {
        format!(" At σ² = {sigma} the share of units with ∂R/∂b_j < 0 is {}.", list(signs))
    };
    let changes: Vec<_> =
        models.iter().map(|label| Contrast::of(&of(label).change(sigma, ACTIVATION.value))).collect();
    let said = models.iter().zip(&changes).filter_map(|(label, change)| {
        let change = (*change)?;
        Some(format!("{change} for {}", legend(label)))
    });
    let said: Vec<String> = said.collect();
    let changed = if said.is_empty() {
        String::new()
    } else {
        format!(
            " From σ² = 0 to {sigma} the activation fraction changes by {} ({}; {MARGIN} counts as an effect).",
            list(said),
            basis(&changes)
        )
    };
    Some(format!("{}: {applies}; sparsity {promised} promised.{signs}{changed}", facet.title))
}

/// The share of negative gradients of a model, and whether its corollary is obeyed.
fn signs(runs: &Evidence<'_>, label: &str, properties: Properties) -> Option<String> {
    let share = Contrast::of(&runs.at(runs.last_sigma(), NEGATIVE.value))?;
    let covered = match label.split('(').next() {
        Some("corollary1" | "kl_sae") => properties.corollary1(),
        Some("cae" | "mdae" | "corollary2") => properties.corollary2(),
        _ => false,
    };
    // No corollary covers the last term of Eq. 7; section 2.2 takes it to become small.
    let expected = label == "dae" && properties.corollary2();
    let verdict = match (covered, expected, share.mean == 0.0) {
        (true, _, true) => "as predicted",
        (true, _, false) => "against the prediction",
        (_, true, true) => "as §2.2 expects",
        (_, true, false) => "against what §2.2 expects; no corollary covers the last term of Eq. 7",
        _ => "nothing predicted",
    };
    Some(format!("{share} for {} ({verdict})", legend(label)))
}
