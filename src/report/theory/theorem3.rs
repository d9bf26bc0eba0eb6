//! Theorem 3: a DAE's loss by order of σ, the remainder of Eq. 7, and the first-order gradient of §3.1.1.

use super::panels::{self, settings};
use super::table::*;
use crate::report::Drawing;
use crate::report::chart::{Axis, PanelCurve, Row, Stack};
use crate::report::figure::grouped;
use crate::report::numbers::Line;
use crate::report::statistics::{Estimate, increasing};
use crate::theory::LedgerRow;

/// A remainder above this share of the second order is large.
const LARGE: f64 = 0.1;
/// A mean within so many standard errors of 0 counts as 0.
const STANDARD_ERRORS: f64 = 2.0;
/// A remainder below this share of the loss is rounding of single precision (see `theory::Ledger`).
const ROUNDING: f64 = 1e-6;

pub(super) const STATEMENT: Statement = Statement {
    id: "theorem3",
    title: "Theorem 3 and §3.1.1",
    says: "J_DAE = J_AE + σ² E[Σ_j s'_j² ‖W_j‖⁴ + Σ_{j≠k} s'_j s'_k (W_j·W_k)² + Σ_j (W_j·(y − x)) s''_j ‖W_j‖²] + o(σ²): the first order \
           has mean 0. §3.1.1: but its gradient in a mini-batch has not, and Figure 3 confirms that it contributes towards sparsity.",
    question: "In how many runs is the remainder of Eq. 7 measurable at the smallest σ²?",
    answer: column("seen", RunsThat(|_, run| is_beyond(run.ledger.first()?, 0.0)), Some(none)),
    tables: &[StatementTable {
        caption: "The ledgers of all models after the last epoch, by the σ² of the noise: whether s'' is 0 but for kinks; runs whose drawn \
                  first-order term is within two standard errors of 0; the terms of Eq. 7; the remainder as a share of their sum where it \
                  is seen (beyond rounding and two standard errors), how often it is seen, and how often beyond 10 % of them; J_DAE; the \
                  standard deviation of the first order's bias gradient in a mini-batch, and the second order's gradient, both root mean \
                  squares over units. Marked: whether the first order has mean 0 in all runs, and whether Eq. 7 is right to 10 %.",
        cases: by_noise,
        columns: &[
            column("s''", Words(|case| kinks(case).into()), None),
            column("J_AE", Lines(|row| row.plain, significant), None),
            column("first order 0", LinesThat(is_first_order_zero), Some(all)),
            column("Σ s'² ‖W‖⁴", Lines(|row| row.own, significant), None),
            column("Σ_{j≠k}", Lines(|row| row.cross, significant), None),
            column("s'' term", Lines(|row| row.curvature, significant), None),
            column("remainder", Lines(seen, signed_percent), None),
            column("seen", LinesThat(|row| is_beyond(row, 0.0)), None),
            column("beyond 10 %", LinesThat(|row| is_beyond(row, LARGE)), Some(none)),
            column("J_DAE", Lines(|row| row.corrupted, significant), None),
            column(
                "sd of ∂first/∂b",
                Lines(|row| row.first_order_batch_gradient_deviation, significant),
                None,
            ),
            column("∂second/∂b", Lines(|row| row.second_order_gradient, significant), None),
        ],
    }],
    picture,
};

fn kinks(case: &TheoryCase<'_>) -> &'static str {
    if case.runs[0].is_piecewise_linear() { "kinks" } else { "smooth" }
}

/// Whether the run has a ledger; plain auto-encoders, DAEs and eDAEs do.
fn has_ledger(run: &MeasuredRun<'_>) -> bool {
    !run.ledger.is_empty()
}

/// The cases of the settings, each at every σ² of the noise in its ledgers, increasing.
fn by_noise<'r>(runs: &'r MeasuredRuns<'r>) -> Vec<TheoryCase<'r>> {
    let at_each = |case: TheoryCase<'r>| {
        let noises = increasing(case.ledger_values(|row| row.ledger_sigma_squared));
        noises.into_iter().map(move |noise| TheoryCase { noise: Some(noise), ..case.clone() })
    };
    runs.cases(Grain::Setting, has_ledger).into_iter().flat_map(at_each).collect()
}

/// Whether the first-order term counts as 0; a run's draws of it are the same at every σ².
fn is_first_order_zero(row: &LedgerRow) -> Option<bool> {
    Some(row.first_order?.abs() <= STANDARD_ERRORS * row.first_order_error?)
}

fn second_order(row: &LedgerRow) -> Option<f64> {
    Some(row.own? + row.cross? + row.curvature?)
}

/// The remainder as a share of the second order; `None` where that is 0, as where every ReLU unit is off on the clean samples.
fn share(row: &LedgerRow) -> Option<f64> {
    let second_order = second_order(row)?.abs();
    (second_order > 0.0).then_some(row.remainder? / second_order)
}

/// Whether the remainder is larger than this share of the second order, beyond rounding and the noise of the draws.
fn is_beyond(row: &LedgerRow, share: f64) -> Option<bool> {
    let noise = (STANDARD_ERRORS * row.remainder_error?).max(ROUNDING * row.plain?);
    Some(row.remainder?.abs() - share * second_order(row)?.abs() > noise)
}

/// The remainder's share where it is neither rounding nor the noise of the draws.
fn seen(row: &LedgerRow) -> Option<f64> {
    share(row).filter(|_| is_beyond(row, 0.0) == Some(true))
}

fn signed_percent(share: f64) -> String {
    format!("{} %", significant(100.0 * share))
}

const CAPTION: &str = "What Eq. 7 leaves out, |J_DAE − J_AE − second order|, over the size of the second-order terms of Eq. 7, against \
                       the σ² of the corruption, after the last epoch; both axes are logarithmic. Eq. 7 is good where a curve is low. A \
                       curve that rises with σ² at the slope 1 is a remainder O(σ⁴), which vanishes beside the second order; one that \
                       stays level towards σ² → 0 is itself of order σ². At 1 the remainder is as large as all that Eq. 7 has. Values \
                       within rounding or two standard errors of 0 are left out; they have beyond_noise = 0 in the numbers, where the \
                       signs are too. So are those whose second order is 0, which have no share.";

/// The plain auto-encoder, and each model at its largest and smallest σ², because the curves of many σ² would hide each other;
/// `None` where no remainder is seen.
fn picture(runs: &MeasuredRuns<'_>) -> Option<Drawing> {
    let models = runs.cases(Grain::Model, has_ledger);
    let facets = grouped(models.iter().flat_map(ends), |case| case.setting.clone());
    let lines: Vec<_> =
        facets.iter().flat_map(|(_, cases)| cases).flat_map(TheoryCase::ledger_lines).collect();
    let sizes = || lines.iter().filter_map(|(_, row)| seen(row)).map(f64::abs);
    let sigmas = || lines.iter().filter_map(|(_, row)| row.ledger_sigma_squared).filter(|sigma| *sigma > 0.0);
    // The axis includes 1, where the remainder is as large as the terms of Eq. 7.
    let (least, greatest) = (sizes().fold(1.0, f64::min), sizes().fold(1.0, f64::max));
    let row = Row {
        name: "|remainder| / second order",
        y: Axis::logarithmic(least, greatest),
        panels: facets.iter().map(|(_, cases)| cases.iter().map(curve).collect()).collect(),
    };
    let stack = Stack {
        x: Axis::logarithmic(sigmas().fold(f64::INFINITY, f64::min), sigmas().fold(0.0, f64::max)),
        titles: facets.iter().map(|(setting, _)| setting.clone()).collect(),
        rows: vec![row],
    };
    let about = ("theorem3", "Theorem 3's remainder", CAPTION);
    panels::picture(runs, about, "σ²", stack, lines.iter().map(line).collect())
}

/// A model at its largest σ² and at its smallest. The largest comes first, so that it has the model's own look, as in the other
/// pictures.
fn ends<'r>(model: &TheoryCase<'r>) -> Vec<TheoryCase<'r>> {
    let mut ends = vec![model.sigmas().fold(0.0, f64::max), model.sigmas().fold(f64::INFINITY, f64::min)];
    ends.dedup();
    ends.into_iter().map(|sigma| model.at_sigma(sigma)).collect()
}

/// Means over the seeds; a gap where the remainder of some seed can't be distinguished from 0.
fn curve(case: &TheoryCase<'_>) -> PanelCurve {
    let lines =
        grouped(case.ledger_lines().into_iter(), |(_, row)| row.ledger_sigma_squared.unwrap_or_default());
    let point = |(sigma, lines): (f64, Vec<(&MeasuredRun<'_>, &LedgerRow)>)| {
        let sizes: Option<Vec<f64>> = lines.into_iter().map(|(_, row)| seen(row).map(f64::abs)).collect();
        (sigma, sizes.map_or(Some(Estimate::GAP), |sizes| Estimate::of(&sizes)))
    };
    let mut points: Vec<_> = lines.into_iter().filter(|(sigma, _)| *sigma > 0.0).map(point).collect();
    points.sort_by(|a, b| a.0.total_cmp(&b.0));
    PanelCurve { label: case.runs[0].label(), legend: case.name(), points }
}

/// A line of the CSV; `second_order_terms` are own + cross + curvature.
fn line((run, row): &(&MeasuredRun<'_>, &LedgerRow)) -> Line {
    settings(run)
        .with("seed", run.spec.seed)
        .number("ledger_sigma_squared", row.ledger_sigma_squared)
        .number("second_order_terms", second_order(row))
        .number("remainder", row.remainder)
        .number("remainder_error", row.remainder_error)
        .number("remainder_share", share(row))
        .with("beyond_noise", u8::from(is_beyond(row, 0.0) == Some(true)))
        .run_keys(std::iter::once(run.stored))
}
