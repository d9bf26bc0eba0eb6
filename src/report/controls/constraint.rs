//! Unit norm against max-norm against none: how much of Figure 1's flatness is built in.

use super::contrast::{Contrast, Size, basis, words};
use super::evidence::{Evidence, less};
use super::sweep::{ACTIVATION, DEAD, WEIGHT_LENGTH, facets, rows, table};
use super::{Control, Findings, Source};
use crate::report::claims::margins::MARGIN;
use crate::report::figure::{constraint, legend};
use crate::report::text::list;

pub(super) const CONTROL: Control = Control {
    id: "constraint",
    title: "Constraint on the weights",
    question: "CAE and mDAE stay flat in Figure 1. How much of this does the weight length constraint build in, and how \
               much is the missing bias gradient of ReLU (section 2.1.2)?",
    setup: "Under ReLU their penalty is a sum of powers of row lengths over active pairs: it has no gradient in the bias, \
            and its gradient in W points along each row, which a projection to length 1 takes back in every step. With \
            max-norm of radius 1 rows may shrink, without a constraint they are free. Same seeds, so that initial weights, \
            batches and noise are shared.",
    source: Source::Own,
    examine,
};

/// What the others are held against.
const REFERENCE: &str = "unit_norm";

fn examine(evidence: &Evidence<'_>) -> Option<Findings> {
    let facets = facets(evidence, |spec| spec.constraint.label(), constraint);
    Some(Findings {
        x_name: "σ²",
        rows: rows(&facets, &[ACTIVATION, WEIGHT_LENGTH, DEAD]),
        table: table(evidence, &[ACTIVATION, WEIGHT_LENGTH, DEAD]),
        sentences: evidence.models().iter().filter_map(|model| sentence(evidence, model)).collect(),
    })
}

/// A model's changes since σ² = 0 under each constraint, and how they differ from those under unit norm.
fn sentence(evidence: &Evidence<'_>, model: &str) -> Option<String> {
    let sigma = evidence.last_sigma();
    let under = |which: &str| {
        evidence.filter(|spec| spec.regularizer.label() == model && spec.constraint.label() == which)
    };
    let constraints = evidence.distinct(|spec| spec.constraint.label());
    let change = |which: &str| under(which).change(sigma, ACTIVATION.value);
    let changes: Vec<_> = constraints.iter().map(|which| Contrast::of(&change(which))).collect();
    let said = |values: &dyn Fn(usize) -> String| {
        list(
            constraints
                .iter()
                .enumerate()
                .map(|(i, which)| format!("{} under {}", values(i), constraint(which))),
        )
    };
    let length = |i: usize| Contrast::of(&under(&constraints[i]).at(sigma, WEIGHT_LENGTH.value));
    let text = format!(
        "{}: from σ² = 0 to {sigma} the activation fraction changes by {} ({}); the mean length of a row is then {}.",
        legend(model),
        said(&|i| words(changes[i])),
        basis(&changes),
        said(&|i| length(i).map_or_else(|| "unknown".to_owned(), |length| format!("{:.3}", length.mean))),
    );
    let against = constraints
        .iter()
        .filter(|which| *which != REFERENCE)
        .filter_map(|which| Some((which.as_str(), Contrast::of(&less(&change(which), &change(REFERENCE)))?)));
    let against = against_unit_norm(&against.collect::<Vec<_>>());
    changes.iter().any(Option::is_some).then(|| text + &against.unwrap_or_default())
}

/// What the other constraints change of the change, and so what unit norm builds in.
fn against_unit_norm(contrasts: &[(&str, Contrast)]) -> Option<String> {
    let size = |contrast: &Contrast| match contrast.size() {
        Size::Beyond => "beyond",
        Size::Within => "within",
        Size::Open => "perhaps beyond",
    };
    let said = contrasts.iter().map(|(which, contrast)| {
        format!("{contrast} under {} ({} the margin of {MARGIN})", constraint(which), size(contrast))
    });
    let any = |wanted: Size| contrasts.iter().any(|(_, contrast)| contrast.size() == wanted);
    let so = match (any(Size::Beyond), any(Size::Open)) {
        (true, _) => "unit norm builds a part of its shape in",
        (false, true) => "it is open whether unit norm builds a part of its shape in",
        (false, false) => "its shape is not built in by unit norm",
    };
    (!contrasts.is_empty())
        .then(|| format!(" From the change under unit norm this differs by {}: {so}.", list(said)))
}
