//! Unit norm against max-norm against none: how much of Figure 1's flatness is built in.

use super::contrast::{Contrast, Size, basis, words};
use super::evidence::{Evidence, less};
use super::sweep::{ACTIVATION, DEAD, WEIGHT_LENGTH, facets, rows, table};
use super::{Control, Findings, Source};
use crate::report::claims::margins::MARGIN;
use crate::report::claims::text::list;
use crate::report::figure::{constraint, legend};

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
    let facets = facets(evidence, |settings| &settings.constraint, constraint);
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
    let under = |which: &str| evidence.filter(|s| s.regularizer == model && s.constraint == which);
    let constraints = evidence.distinct(|settings| &settings.constraint);
    let change = |which: &str| under(which).change(sigma, ACTIVATION.value);
    let changes: Vec<_> = constraints.iter().map(|which| Contrast::of(&change(which))).collect();
    let said = constraints.iter().zip(&changes).map(|(which, change)| {
        let length = Contrast::of(&under(which).at(sigma, WEIGHT_LENGTH.value));
        let length = length.map(|length| format!(" (rows of mean length {:.3})", length.mean));
        format!("{} under {}{}", words(*change), constraint(which), length.unwrap_or_default())
    });
    let mut text = format!(
        "{}: the activation fraction changes from σ² = 0 to {sigma} by {} ({}).",
        legend(model),
        list(said),
        basis(&changes)
    );
    for which in constraints.iter().filter(|which| **which != REFERENCE) {
        if let Some(contrast) = Contrast::of(&less(&change(which), &change(REFERENCE))) {
            text.push_str(&format!(" {}", against_unit_norm(contrast, &constraint(which))));
        }
    }
    changes.iter().any(Option::is_some).then_some(text)
}

fn against_unit_norm(contrast: Contrast, which: &str) -> String {
    let (against, so) = match contrast.size() {
        Size::Beyond => ("more than the margin of", "so this much of its shape is the constraint's doing"),
        Size::Within => ("within the margin of", "so its shape is not built in by the constraint"),
        Size::Open => ("an interval that reaches beyond", "which leaves open whether the constraint matters"),
    };
    format!(
        "Under {which} the change differs from that under unit norm by {contrast}, {against} {MARGIN}, {so}."
    )
}
