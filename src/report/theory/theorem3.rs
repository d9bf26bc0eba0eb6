//! Theorem 3: a DAE's loss by order of σ, what Eq. 7 leaves out, and §3.1.1's first-order gradient.

use super::measured::grouped;
use super::panels::{Frame, columns, settings};
use super::table::*;
use crate::report::Drawing;
use crate::report::chart::{Axis, Curve};
use crate::report::numbers::{Numbers, RUN_KEYS, run_keys};
use crate::report::statistics::Estimate;
use crate::store::number;
use crate::theory::LedgerRow;

/// A remainder beyond this share of the second order is large.
const LARGE: f64 = 0.1;
/// Standard errors within which a mean counts as 0.
const ERRORS: f64 = 2.0;
/// The share of the loss below which a remainder is rounding of single precision (see `theory::Ledger`).
const ROUNDING: f64 = 1e-6;

pub(super) const STATEMENT: Statement = Statement {
    id: "theorem3",
    title: "Theorem 3 and §3.1.1",
    says: "J_DAE = J_AE + σ² E[Σ_j s'_j² ‖W_j‖⁴ + Σ_{j≠k} s'_j s'_k (W_j·W_k)² + Σ_j (W_j·(y − x)) s''_j ‖W_j‖²] + o(σ²): the first order \
           has mean 0. §3.1.1: but its gradient in a mini-batch has not, and makes ReLU units sparse.",
    question: "In how many runs is what Eq. 7 leaves out seen beside the second order at the smallest σ²?",
    answer: Column("seen", RunsThat(|_, run| Some(Entry::all(run).first()?.is_beyond(0.0))), Some(none)),
    tables: &[Rows {
        caption: "The ledgers of all models after the last epoch, by the σ² of the noise: whether s'' is 0 but for kinks; runs whose drawn \
                  first-order term is within two standard errors of 0; the terms of Eq. 7; the remainder as a share of their sum where it \
                  is seen (beyond rounding and two standard errors), how often it is seen, and how often beyond 10 % of them; J_DAE; the \
                  standard deviation of the first order's bias gradient in a mini-batch, and the second order's gradient, both root mean \
                  squares over units. Marked: whether the first order has mean 0 in all runs, and whether Eq. 7 is right to 10 %.",
        cases: by_noise,
        columns: &[
            Column(
                "s''",
                Words(|case| if case.runs[0].is_piecewise_linear() { "kinks" } else { "smooth" }.into()),
                None,
            ),
            Column("J_AE", Values(|case| lines(case, |row| row.plain), significant), None),
            Column(
                "first order 0",
                Count(|case| entries_that(case, |entry| entry.has_no_first_order())),
                Some(all),
            ),
            Column("Σ s'² ‖W‖⁴", Values(|case| lines(case, |row| row.own), significant), None),
            Column("Σ_{j≠k}", Values(|case| lines(case, |row| row.cross), significant), None),
            Column("s'' term", Values(|case| lines(case, |row| row.curvature), significant), None),
            Column("remainder", Values(seen_shares, signed_percent), None),
            Column("seen", Count(|case| entries_that(case, |entry| entry.is_beyond(0.0))), None),
            Column(
                "beyond 10 %",
                Count(|case| entries_that(case, |entry| entry.is_beyond(LARGE))),
                Some(none),
            ),
            Column("J_DAE", Values(|case| lines(case, |row| row.corrupted), significant), None),
            Column(
                "sd of ∂first/∂b",
                Values(|case| lines(case, |row| row.first_order_batch_gradient_deviation), significant),
                None,
            ),
            Column(
                "∂second/∂b",
                Values(|case| lines(case, |row| row.second_order_gradient), significant),
                None,
            ),
        ],
    }],
    picture,
};

/// A line of a ledger.
struct Entry<'r> {
    run: &'r Run<'r>,
    row: &'r LedgerRow,
    sigma_squared: f64,
    /// Own, cross and curvature.
    second: f64,
    remainder: f64,
    /// The standard error of the remainder.
    error: f64,
    /// What is within rounding or the errors of the draws.
    noise: f64,
}

impl<'r> Entry<'r> {
    /// The ledger of a run, σ² increasing.
    fn all(run: &'r Run<'r>) -> Vec<Self> {
        let entry = |row: &'r LedgerRow| {
            Some(Self {
                run,
                row,
                sigma_squared: row.ledger_sigma_squared?,
                second: row.own? + row.cross? + row.curvature?,
                remainder: row.remainder?,
                error: row.remainder_error?,
                noise: (ERRORS * row.remainder_error?).max(ROUNDING * row.plain?),
            })
        };
        run.ledger.iter().filter_map(entry).collect()
    }

    /// The remainder as a share of the second order.
    fn share(&self) -> f64 {
        self.remainder / self.second.abs()
    }

    /// Whether the remainder is larger than this share of the second order, beyond rounding and the noise of the draws.
    fn is_beyond(&self, share: f64) -> bool {
        self.remainder.abs() - share * self.second.abs() > self.noise
    }

    /// Whether the drawn first-order term, of which each run's draws are the same at every σ², is as good as 0.
    fn has_no_first_order(&self) -> bool {
        let [mean, error] = [self.row.first_order, self.row.first_order_error].map(Option::unwrap_or_default);
        mean.abs() <= ERRORS * error
    }
}

/// The lines of the ledgers that a case is about, by run.
fn entries<'r>(case: &Case<'r>) -> Vec<Entry<'r>> {
    let is_its = |entry: &Entry<'_>| case.noise.is_none_or(|noise| entry.sigma_squared == noise);
    case.runs.iter().flat_map(|run| Entry::all(run)).filter(is_its).collect()
}

/// The settings, each at every σ² of its ledgers' lines, increasing.
fn by_noise<'r>(runs: &'r Runs<'r>) -> Vec<Case<'r>> {
    let at_each = |case: Case<'r>| {
        let mut noises: Vec<f64> = entries(&case).iter().map(|entry| entry.sigma_squared).collect();
        noises.sort_by(f64::total_cmp);
        noises.dedup();
        noises.into_iter().map(move |noise| Case { noise: Some(noise), ..case.clone() })
    };
    runs.cases(Grain::Setting, has_ledger).into_iter().flat_map(at_each).collect()
}

/// Whether a ledger was kept: it is for the plain auto-encoder, DAE and eDAE.
fn has_ledger(run: &Run<'_>) -> bool {
    !run.ledger.is_empty()
}

/// A number of a case's lines.
fn lines(case: &Case<'_>, number: fn(&LedgerRow) -> Option<f64>) -> Vec<f64> {
    entries(case).iter().filter_map(|entry| number(entry.row)).collect()
}

/// How many of a case's lines these are, and of how many.
fn entries_that(case: &Case<'_>, is_one: fn(&Entry<'_>) -> bool) -> [f64; 2] {
    let entries = entries(case);
    [entries.iter().filter(|entry| is_one(entry)).count() as f64, entries.len() as f64]
}

fn seen_shares(case: &Case<'_>) -> Vec<f64> {
    entries(case).iter().filter(|entry| entry.is_beyond(0.0)).map(Entry::share).collect()
}

fn signed_percent(share: f64) -> String {
    format!("{} %", significant(100.0 * share))
}

const CAPTION: &str = "What Eq. 7 leaves out, |J_DAE − J_AE − second order|, over the size of the second-order terms of Eq. 7, against \
                       the σ² of the corruption, after the last epoch; both axes are logarithmic. Eq. 7 is good where a curve is low. A \
                       curve that rises with σ² at the slope 1 is a remainder O(σ⁴), which vanishes beside the second order; one that \
                       stays level towards σ² → 0 is itself of order σ². At 1 the remainder is as large as all that Eq. 7 has. Values \
                       within rounding or two standard errors of 0 are left out; they have beyond_noise = 0 in the numbers, where the \
                       signs are too.";

/// The columns of the numbers behind the settings; `second_order_terms` are own + cross + curvature.
const COLUMNS: [&str; 8] = [
    "seed",
    "ledger_sigma_squared",
    "second_order_terms",
    "remainder",
    "remainder_error",
    "remainder_share",
    "beyond_noise",
    RUN_KEYS,
];

/// The plain auto-encoder, and each model at its largest and smallest σ², for of many σ² the curves would hide each other; `None`
/// where no remainder is seen.
fn picture(runs: &Runs<'_>) -> Option<Drawing> {
    let models = runs.cases(Grain::Model, has_ledger);
    let facets = grouped(models.iter().flat_map(ends), |case| case.setting.clone());
    let entries: Vec<Entry<'_>> = facets.iter().flat_map(|(_, cases)| cases).flat_map(entries).collect();
    let seen = || entries.iter().filter(|entry| entry.is_beyond(0.0)).map(|entry| entry.share().abs());
    let sigmas = || entries.iter().map(|entry| entry.sigma_squared).filter(|sigma| *sigma > 0.0);
    // 1 is on the axis: there the remainder is as large as all that Eq. 7 has.
    let (least, greatest) = (seen().fold(1.0, f64::min), seen().fold(1.0, f64::max));
    let frame = Frame {
        id: "theorem3",
        title: "Theorem 3's remainder",
        caption: CAPTION,
        x: ("σ²", Axis::logarithmic(sigmas().fold(f64::INFINITY, f64::min), sigmas().fold(0.0, f64::max))),
        rows: vec![("|remainder| / second order", Axis::logarithmic(least, greatest))],
        facets: facets
            .iter()
            .map(|(setting, cases)| (setting.clone(), vec![cases.iter().map(curve).collect()]))
            .collect(),
    };
    let columns = columns(COLUMNS.into_iter().map(str::to_owned));
    frame.picture(runs, Numbers { columns, rows: entries.iter().map(row).collect() })
}

/// A model at its largest σ² and at its smallest. The largest comes first: it has the model's own look, as in the other pictures.
fn ends<'r>(model: &Case<'r>) -> Vec<Case<'r>> {
    let mut ends = vec![model.sigmas().fold(0.0, f64::max), model.sigmas().fold(f64::INFINITY, f64::min)];
    ends.dedup();
    ends.into_iter().map(|sigma| model.at(sigma)).collect()
}

/// Means over the seeds, where the remainder is seen with each of them; a gap where one can't be told from 0.
fn curve(case: &Case<'_>) -> Curve {
    let point = |(sigma, entries): (f64, Vec<Entry<'_>>)| {
        let shares: Vec<f64> = entries.iter().map(|entry| entry.share().abs()).collect();
        let is_seen = entries.iter().all(|entry| entry.is_beyond(0.0));
        (sigma, if is_seen { Estimate::of(&shares) } else { Some(Estimate::GAP) })
    };
    let entries = entries(case).into_iter().filter(|entry| entry.sigma_squared > 0.0);
    let mut points: Vec<_> = grouped(entries, |entry| entry.sigma_squared).into_iter().map(point).collect();
    points.sort_by(|a, b| a.0.total_cmp(&b.0));
    Curve { label: case.runs[0].label(), legend: case.name(), points }
}

fn row(entry: &Entry<'_>) -> Vec<String> {
    let numbers = [entry.sigma_squared, entry.second, entry.remainder, entry.error, entry.share()];
    let mut row = settings(entry.run);
    row.push(entry.run.spec.seed.to_string());
    row.extend(numbers.map(number));
    row.extend([u8::from(entry.is_beyond(0.0)).to_string(), run_keys([entry.run.stored].into_iter())]);
    row
}
