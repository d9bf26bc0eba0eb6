//! Frozen against trained encoder bias: is the bias necessary for sparsity?

use super::contrast::{Contrast, Size, basis, words};
use super::evidence::{Evidence, less};
use super::sweep::{ACTIVATION, DEAD, PRE_ACTIVATION, VARIANCE, facets, rows, table};
use super::{Control, Findings, Source};
use crate::report::claims::margins::MARGIN;
use crate::report::figure::legend;

pub(super) const CONTROL: Control = Control {
    id: "bias",
    title: "Frozen encoder bias",
    question: "Section 2.1.1 argues that the encoder bias is necessary for sparsity: without it E[a_j] stays 0 on data \
               with mean 0. Do activation fractions stay where they are when the bias is frozen?",
    setup: "The same runs, once with a trained encoder bias and once with one that keeps its initial value, 0. Same seeds.",
    source: Source::Own,
    examine,
};

fn examine(evidence: &Evidence<'_>) -> Option<Findings> {
    let facets = facets(evidence, |settings| &settings.encoder_bias, |bias| format!("{bias} encoder bias"));
    Some(Findings {
        x_name: "σ²",
        rows: rows(&facets, &[ACTIVATION, DEAD]),
        table: table(evidence, &[ACTIVATION, DEAD, PRE_ACTIVATION, VARIANCE]),
        sentences: evidence.models().iter().filter_map(|model| sentence(evidence, model)).collect(),
    })
}

fn sentence(evidence: &Evidence<'_>, model: &str) -> Option<String> {
    let sigma = evidence.last_sigma();
    let with = |bias: &str| evidence.filter(|s| s.regularizer == model && s.encoder_bias == bias);
    let change = |bias: &str| with(bias).change(sigma, ACTIVATION.value);
    let (trained, frozen) = (change("trained"), change("frozen"));
    let difference = Contrast::of(&less(&frozen, &trained))?;
    let (trained, frozen) = (Contrast::of(&trained), Contrast::of(&frozen));
    let without = match (frozen.map(Contrast::size)?, frozen.is_some_and(|frozen| frozen.mean < 0.0)) {
        (Size::Beyond, true) => "it grows sparser without the bias too",
        (Size::Beyond, false) => "it grows denser without the bias",
        (Size::Within, _) => "it doesn't grow sparser without the bias",
        (Size::Open, _) => "it is open whether it needs the bias",
    };
    let mean = Contrast::of(&with("frozen").at(sigma, PRE_ACTIVATION.value));
    Some(format!(
        "{}: from σ² = 0 to {sigma} the activation fraction changes by {} with a frozen bias and by {} with a trained one, a \
         difference of {difference} ({}). By the margin of {MARGIN} {without}; there E[a_j], mean over the units, is {} at \
         σ² = {sigma}.",
        legend(model),
        words(frozen),
        words(trained),
        basis(&[Some(difference)]),
        words(mean)
    ))
}
