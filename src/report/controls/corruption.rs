//! Other corruptions than fresh Gaussian noise: is it Theorem 3's second-order term that makes a DAE sparse?

use super::contrast::{Contrast, basis, changes, largest_inside};
use super::evidence::{Evidence, less};
use super::sweep::{ACTIVATION, DEAD, Facet, RECONSTRUCTION, rows, table};
use super::{Control, Findings, Source};
use crate::report::figure::legend;

pub(super) const CONTROL: Control = Control {
    id: "corruption",
    title: "Other corruptions of the DAE",
    question: "Theorem 3 derives a DAE's sparsity from fresh Gaussian noise of variance σ². Do other corruptions make it \
               sparse, and does noise that is drawn only once?",
    setup: "With fresh noise every presentation of a sample has its own, with fixed noise each sample keeps the one that was \
            drawn first. Masking sets inputs to 0, salt and pepper to their smallest or largest value; for these two the \
            value that the tables call σ² is the probability with which each input is corrupted, and no variance, so \
            their curves have a panel of their own and can't be compared with Gaussian noise at the same number.",
    source: Source::Own,
    examine,
};

/// Whether σ² is a probability for the model with this label.
fn is_probability(label: &str) -> bool {
    label.contains("corruption=")
}

fn examine(evidence: &Evidence<'_>) -> Option<Findings> {
    let facet = |title: &str, replaced: bool| Facet {
        title: title.to_owned(),
        evidence: evidence.filter(|spec| is_probability(&spec.regularizer.label()) == replaced),
    };
    let facets = [facet("Gaussian: variance", false), facet("Replaced inputs: probability", true)];
    let facets: Vec<_> = facets.into_iter().filter(|facet| !facet.evidence.runs.is_empty()).collect();
    let models = evidence.models();
    let found = models.iter().map(|model| change(evidence, model));
    let (said, contrasts): (Vec<String>, Vec<Option<Contrast>>) = found.unzip();
    let mut sentences = vec![format!(
        "Change of the activation fraction from 0: {} ({}).",
        said.join("; "),
        basis(&contrasts)
    )];
    sentences.extend(fixed(evidence));
    Some(Findings {
        x_name: "σ²: variance or probability",
        rows: rows(&facets, &[ACTIVATION, DEAD]),
        table: table(evidence, &[ACTIVATION, DEAD, RECONSTRUCTION]),
        sentences,
    })
}

/// How the activation fraction of a model changes from 0 to the largest σ² of it, in words, and the number that they rest on.
fn change(evidence: &Evidence<'_>, model: &str) -> (String, Option<Contrast>) {
    let runs = evidence.filter(|spec| spec.regularizer.label() == model);
    let (last, over_sigma) = (runs.last_sigma(), changes(&runs, ACTIVATION.value));
    let at_end = over_sigma.iter().find(|(sigma, _)| *sigma == last).map(|(_, contrast)| *contrast);
    let inside = largest_inside(&over_sigma, last);
    let unit = if is_probability(model) { "a probability of" } else { "σ² =" };
    let end = at_end.map_or_else(
        || format!("no completed run at {unit} {last}"),
        |contrast| format!("{contrast} to {unit} {last}"),
    );
    let on_the_way =
        inside.map(|(sigma, change)| format!(", with {change} at {sigma} on the way")).unwrap_or_default();
    (format!("{} {end}{on_the_way}", legend(model)), at_end.or(inside.map(|(_, contrast)| contrast)))
}

/// Fixed against fresh Gaussian noise, at every σ² > 0.
fn fixed(evidence: &Evidence<'_>) -> Option<String> {
    let at = |label: &str, sigma: f64| {
        evidence.filter(|spec| spec.regularizer.label() == label).at(sigma, ACTIVATION.value)
    };
    let difference = |sigma: f64| Contrast::of(&less(&at("dae(noise=fixed)", sigma), &at("dae", sigma)));
    let found =
        evidence.sigmas_above_zero().into_iter().filter_map(|sigma| Some((sigma, difference(sigma)?)));
    let found: Vec<_> = found.collect();
    let said: Vec<String> = found.iter().map(|(sigma, d)| format!("{d} at σ² = {sigma}")).collect();
    let contrasts: Vec<_> = found.iter().map(|(_, contrast)| Some(*contrast)).collect();
    (!said.is_empty()).then(|| {
        format!(
            "Noise drawn once leaves an activation fraction that differs from that under fresh noise by {} ({}).",
            said.join("; "),
            basis(&contrasts)
        )
    })
}
