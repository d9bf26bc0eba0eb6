//! The theory's part of a sweep's summary.

use super::columns::write_columns;
use super::legend;
use aesparse::experiment::Plan;
use aesparse::report::text::significant;
use aesparse::store::{Column, Store, StoredRun, TheoryRecord};
use std::sync::Arc;

/// What the finished cells of `plan` measured of the theory after their last epoch; nothing where none did.
pub(super) fn summary(plan: &Plan, runs: &[StoredRun], store: &Store) -> String {
    let header = [
        "model",
        "σ²",
        "|g|/bound",
        "above",
        "λR'>bound",
        "a_j falls",
        "λ needed",
        "R'>0",
        "R'=0",
        "R'<0",
        "p_j",
        "Pr(off)",
        "p_j>Pr",
    ];
    let mut lines = vec![header.map(str::to_owned).to_vec()];
    let (varied, mut samples) = (legend::varied(plan), None);
    for run in runs {
        if let Some(record) = store.theory(&run.record.run_key) {
            samples = Some(record.samples);
            lines.push(line(run, &record, &varied));
        }
    }
    let (Some(samples), Some(first)) = (samples, runs.first()) else { return String::new() };
    let mut text = format!(
        "theory, on {samples} of {} samples, at the last measured epoch, {} units\n",
        first.spec.samples, first.spec.hidden
    );
    write_columns(&mut text, &lines);
    text.push_str(EXPLANATION);
    text
}

const EXPLANATION: &str = "\
Lemma 1: g = ∂J_AE/∂b_j, median of |g| over its bound 2σ_r√n‖W_j‖, units above it.
Theorem 1: R' = ∂R/∂b_j; share of units with λR' above the bound; whose E[a_j] falls with the next full step, g + λR' > 0;
the λ that half of the units with R' > 0 would need. Corollaries: signs of R'.
Theorem 2: means of its lower bound p_j and of Pr(h_j ≤ δ_min), units with the bound above the truth.
";

fn line(run: &StoredRun, record: &Arc<TheoryRecord>, varied: &[Column]) -> Vec<String> {
    let last = record.epochs.read().next_back().unwrap_or_default();
    let text = |number: Option<f64>, text: fn(f64) -> String| number.map_or_else(|| "-".to_owned(), text);
    let number = |number| text(number, significant);
    let count = |count| text(count, |count| count.to_string());
    let percent = |share| text(share, |share| format!("{:.1}%", 100.0 * share));
    let mut model = vec![run.spec.regularizer.label()];
    model.extend(legend::others(&run.spec, varied));
    vec![
        model.join(" "),
        run.spec.sigma_squared.to_string(),
        number(last.lemma1_tightness.median),
        count(last.lemma1_violations),
        percent(last.theorem1_met),
        percent(last.theorem1_falling),
        number(last.theorem1_required.median),
        count(last.penalty_gradient_positive),
        count(last.penalty_gradient_zero),
        count(last.penalty_gradient_negative),
        number(last.theorem2_bound.mean),
        number(last.inactive_fraction.mean),
        count(last.theorem2_violations),
    ]
}
