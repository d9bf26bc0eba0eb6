//! Has an overcomplete auto-encoder learnt the identity? Held-out samples against noise and shuffled inputs.

use super::contrast::{Contrast, basis, words};
use super::evidence::{Evidence, less};
use super::sweep::{Facet, Quantity, SIZE, facets, table};
use super::{Control, Findings, Source};
use crate::report::chart::{Axis, Curve, Row, Small, greatest_value};
use crate::report::figure::{constraint, legend};
use crate::report::theory::ERRORS;

pub(super) const CONTROL: Control = Control {
    id: "identity",
    title: "Learning the identity",
    question: "The usual reason for a regularizer is that an overcomplete auto-encoder without one learns the identity. Does it, \
               and do regularized ones learn something else?",
    setup: "Relative errors of reconstruction, E‖x − y‖² / E‖x‖², of held-out samples, of Gaussian noise with each input's mean and \
            variance, and of the samples with their values shuffled among the inputs. What copies everything has an error \
            near 0 on all three; what has learnt the data alone reconstructs samples much better than the others, and an \
            error of 1 is that of no reconstruction at all.",
    source: Source::Own,
    examine,
};

/// A relative error of reconstruction, under its name in `theory_runs.csv`.
macro_rules! relative_error {
    ($error:ident) => {
        Quantity {
            column: concat!("identity_error_", stringify!($error)),
            name: "",
            value: |run| run.theory?.run.read().next()?.identity_error.$error,
            least_end: 0.1,
            range: SIZE,
        }
    };
}

/// In the order of [`ERRORS`].
const QUANTITIES: [Quantity; 3] =
    [relative_error!(samples), relative_error!(noise), relative_error!(shuffled)];

/// The model without a regularizer, which has no σ².
const PLAIN: &str = "none";

fn examine(evidence: &Evidence<'_>) -> Option<Findings> {
    let facets = facets(evidence, |spec| spec.constraint.label(), constraint);
    let sentences: Vec<String> = facets.iter().flat_map(sentences).collect();
    (!sentences.is_empty()).then(|| Findings {
        x_name: "input",
        rows: rows(&facets),
        table: table(evidence, &QUANTITIES),
        sentences,
    })
}

/// A row for each constraint with a panel for each σ² > 0, in each of them the plain auto-encoder too.
fn rows(facets: &[Facet<'_>]) -> Vec<Row> {
    let row = |(index, facet): (usize, &Facet<'_>)| {
        let panel = |sigma: f64| Small {
            title: if index == 0 { format!("σ² = {sigma}") } else { String::new() },
            curves: curves(&facet.evidence, sigma),
        };
        let panels: Vec<Small> = facet.evidence.sigmas_above_zero().into_iter().map(panel).collect();
        Row {
            name: format!("Error, {}", facet.title),
            x: Axis::names(&ERRORS.map(|(_, name, _)| name)),
            y: Axis::covering(greatest_value(&panels).max(0.1)),
            panels,
        }
    };
    facets.iter().enumerate().map(row).collect()
}

fn curves(evidence: &Evidence<'_>, sigma: f64) -> Vec<Curve> {
    let curve = |label: &str| {
        let runs = evidence.filter(|spec| spec.regularizer.label() == label);
        let sigma = if label == PLAIN { runs.last_sigma() } else { sigma };
        let point = |place: usize| {
            (place as f64, QUANTITIES[place].estimate(&runs.at(sigma, QUANTITIES[place].value)))
        };
        Curve {
            label: label.to_owned(),
            legend: legend(label),
            points: (0..ERRORS.len()).map(point).collect(),
        }
    };
    evidence.models().iter().map(|label| curve(label)).collect()
}

/// The errors of each model at the largest σ², and what a regularizer changes in that of noise.
fn sentences(facet: &Facet<'_>) -> Vec<String> {
    let of = |label: &str| facet.evidence.filter(|spec| spec.regularizer.label() == label);
    let plain = of(PLAIN);
    let sentence = |label: &str| {
        let runs = of(label);
        let sigma = runs.last_sigma();
        let errors: Vec<_> = QUANTITIES.map(|q| Contrast::of(&runs.at(sigma, q.value))).to_vec();
        let (samples, noise) = (errors[0]?, errors[1]?);
        let said: Vec<String> = ERRORS
            .iter()
            .zip(&errors)
            .map(|((.., name), error)| format!("{} {name}", words(*error)))
            .collect();
        let ratio = if samples.mean > 0.0 {
            format!("noise costs {:.1} times as much as samples", noise.mean / samples.mean)
        } else {
            "samples cost nothing".to_owned()
        };
        let value = QUANTITIES[1].value;
        let than_plain = less(&runs.at(sigma, value), &plain.at(plain.last_sigma(), value));
        let than_plain = Contrast::of(&than_plain).filter(|_| label != PLAIN);
        let than_plain = than_plain.map(|c| format!(", and a regularizer adds {c} to the error on noise"));
        let at = if label == PLAIN { String::new() } else { format!(" at σ² = {sigma}") };
        Some(format!(
            "{}, {}{at}: the error is {} ({}); {ratio}{}.",
            facet.title,
            legend(label),
            said.join(", "),
            basis(&errors),
            than_plain.unwrap_or_default()
        ))
    };
    facet.evidence.models().iter().filter_map(|label| sentence(label)).collect()
}
