//! KL-SAE with ρ > 0 and L1 beside Eq. 13: does the mean activation settle at ρ?

use super::contrast::{Contrast, basis};
use super::evidence::{Evidence, Run};
use super::sweep::{ACTIVATION, DEAD, PRE_ACTIVATION, Quantity, SIZE, VARIANCE, facets, rows, table};
use super::{Control, Findings, Source};
use crate::report::claims::margins::MARGIN;
use crate::report::figure::{activation, legend};
use crate::report::text::number;
use crate::training::THRESHOLDS;

pub(super) const CONTROL: Control = Control {
    id: "penalty",
    title: "Targets above 0, and L1",
    question: "The paper sets ρ = 0 in the SAE (Eq. 13), so that its penalty falls under Corollary 1. With ρ > 0 (Eq. 12) it \
               rises with E[h_j] only above ρ: does the mean activation settle there? And does L1, the usual penalty for \
               sparsity, do what Eq. 13 does?",
    setup: "E[h], mean over the units, is the integral of Pr(h > δ) over δ from 0 on, here by trapezoids between the 24 \
            thresholds at which activations are counted; the table has the sums that it lies between, as far as h is at \
            most 10. Same seeds.",
    source: Source::Own,
    examine,
};

const MEAN_HIDDEN: Quantity = Quantity {
    column: "mean_hidden",
    name: "Mean activation E[h]",
    value: |run| bounds(run).map(|(low, high)| f64::midpoint(low, high)),
    least_end: 0.1,
    range: SIZE,
};
const LEAST_HIDDEN: Quantity =
    Quantity { column: "mean_hidden_least", value: |run| bounds(run).map(|(low, _)| low), ..MEAN_HIDDEN };
const MOST_HIDDEN: Quantity =
    Quantity { column: "mean_hidden_most", value: |run| bounds(run).map(|(_, high)| high), ..MEAN_HIDDEN };

/// The lower and the upper sum of ∫ Pr(h > δ) dδ over the thresholds: E\[h\] = ∫₀^∞ Pr(h > δ) dδ for h ≥ 0, and Pr falls with δ.
fn bounds(run: &Run<'_>) -> Option<(f64, f64)> {
    let activity = run.stored.record.activity.as_ref()?;
    let pairs = run.spec().samples as f64 * run.spec().hidden as f64;
    let steps = THRESHOLDS.windows(2).map(|pair| f64::from(pair[1]) - f64::from(pair[0]));
    let sum = |first: usize| -> f64 {
        steps
            .clone()
            .zip(&activity.pairs_above[first..])
            .map(|(step, above)| step * *above as f64 / pairs)
            .sum()
    };
    Some((sum(1), sum(0)))
}

fn examine(evidence: &Evidence<'_>) -> Option<Findings> {
    let facets = facets(evidence, |spec| spec.activation.label(), activation);
    let sentences = facets.iter().flat_map(|facet| {
        let models = facet.evidence.models();
        let said = models.iter().filter_map(|model| sentence(&facet.evidence, model));
        said.map(|sentence| format!("{}, {sentence}", facet.title)).collect::<Vec<_>>()
    });
    Some(Findings {
        x_name: "σ²",
        sentences: sentences.collect(),
        rows: rows(&facets, &[MEAN_HIDDEN, ACTIVATION, DEAD]),
        table: table(
            evidence,
            &[MEAN_HIDDEN, LEAST_HIDDEN, MOST_HIDDEN, ACTIVATION, DEAD, PRE_ACTIVATION, VARIANCE],
        ),
    })
}

/// E\[h\] of a model at each σ², and where it has a ρ > 0 whether it comes near.
fn sentence(evidence: &Evidence<'_>, model: &str) -> Option<String> {
    let runs = evidence.filter(|spec| spec.regularizer.label() == model);
    let at = |sigma: &f64| Contrast::of(&runs.at(*sigma, MEAN_HIDDEN.value));
    let sigmas = runs.sigmas();
    let found: Vec<_> = sigmas.iter().map(at).collect();
    let last = (*found.last()?)?;
    let before = sigmas.iter().zip(&found).take(sigmas.len() - 1);
    let before: Vec<String> = before
        .filter_map(|(sigma, contrast)| Some(format!("{} at {sigma}", number((*contrast)?.mean))))
        .collect();
    let settled = target(model).map(|rho| settled(last, rho)).unwrap_or_default();
    let bound = |quantity: Quantity| Contrast::of(&runs.at(runs.last_sigma(), quantity.value));
    let (least, most) = (bound(LEAST_HIDDEN)?.mean, bound(MOST_HIDDEN)?.mean);
    Some(format!(
        "{}: E[h] is {last} at σ² = {} ({}; between {} and {}){}{settled}.",
        legend(model),
        runs.last_sigma(),
        basis(&[Some(last)]),
        number(least),
        number(most),
        if before.is_empty() { String::new() } else { format!(", after {}", before.join(", ")) }
    ))
}

fn settled(last: Contrast, rho: f64) -> String {
    let distance = last.mean - rho;
    let word = if distance.abs() <= MARGIN { "settled within" } else { "not within" };
    format!("; {word} {MARGIN} of ρ = {rho}, at a distance of {}", number(distance))
}

/// ρ > 0 in a label such as `kl_sae(rho=0.05)`.
fn target(label: &str) -> Option<f64> {
    let (_, parameters) = label.strip_suffix(')')?.split_once('(')?;
    parameters.split(',').find_map(|parameter| parameter.strip_prefix("rho="))?.parse().ok()
}
