//! Frozen against trained encoder bias: is the bias necessary for sparsity?

use super::contrast::{Contrast, Size, basis, changes, largest_inside, words};
use super::evidence::{Evidence, less};
use super::sweep::{ACTIVATION, DEAD, PRE_ACTIVATION, VARIANCE, facets, rows, table};
use super::{Control, Findings, Source};
use crate::optimizer::EncoderBias;
use crate::report::claims::margins::MARGIN;
use crate::report::figure::legend;
use crate::report::text::list;

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
    let facets =
        facets(evidence, |spec| spec.encoder_bias.name().to_owned(), |bias| format!("{bias} encoder bias"));
    Some(Findings {
        x_name: "σ²",
        rows: rows(&facets, &[ACTIVATION, DEAD]),
        table: table(evidence, &[ACTIVATION, DEAD, PRE_ACTIVATION, VARIANCE]),
        sentences: evidence.models().iter().filter_map(|model| sentence(evidence, model)).collect(),
    })
}

fn sentence(evidence: &Evidence<'_>, model: &str) -> Option<String> {
    let sigma = evidence.last_sigma();
    let with = |bias| evidence.filter(|spec| spec.regularizer.label() == model && spec.encoder_bias == bias);
    let change = |bias| with(bias).change(sigma, ACTIVATION.value);
    let (trained, frozen) = (change(EncoderBias::Trained), change(EncoderBias::Frozen));
    let difference = Contrast::of(&less(&frozen, &trained))?;
    let (trained, frozen) = (Contrast::of(&trained), Contrast::of(&frozen));
    let over_sigma = changes(&with(EncoderBias::Frozen), ACTIVATION.value);
    let inside = largest_inside(&over_sigma, sigma)
        .map(|(sigma, change)| format!(" (at σ² = {sigma} by {change})"))
        .unwrap_or_default();
    let mean = Contrast::of(&with(EncoderBias::Frozen).at(sigma, PRE_ACTIVATION.value));
    Some(format!(
        "{}: from σ² = 0 to {sigma} the activation fraction changes by {} with a frozen bias{inside} and by {} with a trained \
         one, a difference of {difference} ({}). By the margin of {MARGIN} {}; there E[a_j], mean over the units, is {} at \
         σ² = {sigma}.",
        legend(model),
        words(frozen),
        words(trained),
        basis(&[Some(difference)]),
        without_bias(&over_sigma),
        words(mean)
    ))
}

/// What a frozen bias leaves of sparsity, by the changes at every σ² > 0.
fn without_bias(changes: &[(f64, Contrast)]) -> String {
    let places = |which: &dyn Fn(&Contrast) -> bool| {
        let found: Vec<f64> =
            changes.iter().filter(|(_, change)| which(change)).map(|(sigma, _)| *sigma).collect();
        (!found.is_empty()).then(|| format!("at σ² = {}", list(found)))
    };
    let beyond = |change: &Contrast| change.size() == Size::Beyond;
    let sparser = places(&|change| beyond(change) && change.mean < 0.0);
    let denser = places(&|change| beyond(change) && change.mean > 0.0);
    match (sparser, denser, places(&|change| change.size() == Size::Open)) {
        (Some(sparser), Some(denser), _) => {
            format!("it is sparser than at 0 without the bias too {sparser}, and denser {denser}")
        }
        (Some(sparser), None, _) => format!("it is sparser than at 0 without the bias too {sparser}"),
        (None, Some(denser), _) => {
            format!("without the bias it is never sparser than at 0, and denser {denser}")
        }
        (None, None, Some(open)) => format!("it is open whether it needs the bias {open}"),
        (None, None, None) => "it stays as it is at every σ² without the bias".to_owned(),
    }
}
