//! Theorem 3: a DAE's loss by order of σ, what Eq. 7 leaves out, and §3.1.1's first-order gradient.

use super::measured::{Run, Runs};
use super::{Block, Sheet, heads, remainder};
use crate::regularizer::RegularizerKind;
use crate::report::text::{integer, list, of, percent, range, significant};
use crate::theory::LedgerRow;

/// A remainder beyond this share of the second order is worth a word.
const LARGE: f64 = 0.1;
/// Standard errors within which a mean counts as 0.
const ERRORS: f64 = 2.0;
/// The share of the loss below which a remainder is rounding of single precision (see `theory::Ledger`).
const ROUNDING: f64 = 1e-6;

pub(super) fn block(runs: &Runs<'_>) -> Block {
    let groups: Vec<(String, Vec<Entry<'_>>)> = runs
        .by_setting()
        .into_iter()
        .map(|(setting, runs)| (setting, runs.into_iter().flat_map(Entry::all).collect()))
        .filter(|(_, entries): &(_, Vec<Entry<'_>>)| !entries.is_empty())
        .collect();
    let findings = if groups.is_empty() {
        vec!["No ledger was kept: it is for the plain auto-encoder, DAE and eDAE.".to_owned()]
    } else {
        let first_order = first_order(&groups);
        [first_order, remainders(&groups)]
            .into_iter()
            .chain(kinks(&groups))
            .chain([smooth(&groups), gradients(&groups)].into_iter().flatten())
            .collect()
    };
    Block {
        id: "theorem3",
        title: "Theorem 3 and §3.1.1",
        statement: "J_DAE = J_AE + σ² E[Σ_j s'_j² ‖W_j‖⁴ + Σ_{j≠k} s'_j s'_k (W_j·W_k)² + Σ_j (W_j·(y − x)) s''_j ‖W_j‖²] + o(σ²): \
                    the first order has mean 0. §3.1.1: but its gradient in a mini-batch has not, and makes ReLU units sparse.",
        drawings: remainder::picture(runs, &groups).into_iter().collect(),
        sheet: (!groups.is_empty()).then(|| sheet(&groups)),
        findings,
    }
}

/// A line of a ledger.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entry<'a> {
    pub(super) run: &'a Run<'a>,
    pub(super) sigma_squared: f64,
    plain: f64,
    corrupted: f64,
    first: [f64; 2],
    own: f64,
    cross: f64,
    curvature: f64,
    /// With its standard error.
    pub(super) remainder: [f64; 2],
    /// Of the first order's bias gradient in a mini-batch.
    deviation: f64,
    /// σ² ∂(Eq. 7)/∂b_j.
    gradient: f64,
}

impl<'a> Entry<'a> {
    /// The ledger of a run, σ² increasing.
    fn all(run: &'a Run<'a>) -> Vec<Self> {
        let line = |line: &LedgerRow| {
            Some(Self {
                run,
                sigma_squared: line.ledger_sigma_squared?,
                plain: line.plain?,
                corrupted: line.corrupted?,
                first: [line.first_order?, line.first_order_error?],
                own: line.own?,
                cross: line.cross?,
                curvature: line.curvature?,
                remainder: [line.remainder?, line.remainder_error?],
                deviation: line.first_order_batch_gradient_deviation?,
                gradient: line.second_order_gradient?,
            })
        };
        run.ledger.iter().filter_map(line).collect()
    }

    pub(super) fn second(&self) -> f64 {
        self.own + self.cross + self.curvature
    }

    /// The remainder as a share of the second order.
    pub(super) fn share(&self) -> f64 {
        self.remainder[0] / self.second().abs()
    }

    /// Whether the remainder is neither rounding nor the noise of the draws, also when `less` is taken off it.
    pub(super) fn is_left(&self, less: f64) -> bool {
        let [mean, error] = self.remainder;
        mean.abs() - less > (ERRORS * error).max(ROUNDING * self.plain)
    }

    fn is_large(&self) -> bool {
        self.is_left(LARGE * self.second().abs())
    }

    /// Whether it is at the σ² that its run was trained with.
    fn is_own(&self) -> bool {
        self.sigma_squared == self.run.sigma_squared()
    }
}

/// The ledgers' lines by setting.
pub(super) type Groups<'a> = [(String, Vec<Entry<'a>>)];

/// The draws of a run are the same at every σ², so each run counts once.
fn first_order(groups: &Groups<'_>) -> String {
    let mut of_runs: Vec<&Entry<'_>> = groups.iter().flat_map(|(_, entries)| entries).collect();
    of_runs.dedup_by_key(|entry| &entry.run.stored.record.run_key);
    let near = of_runs.iter().filter(|entry| entry.first[0].abs() <= ERRORS * entry.first[1]).count();
    format!(
        "The first-order term, drawn, is within two standard errors of 0 for {} runs.",
        of(near as f64, of_runs.len() as f64)
    )
}

fn remainders(groups: &Groups<'_>) -> String {
    let each = groups.iter().map(|(setting, entries)| {
        let large: Vec<&Entry<'_>> = entries.iter().filter(|entry| entry.is_large()).collect();
        let least = large.iter().map(|entry| entry.sigma_squared).reduce(f64::min);
        let from = least.map_or_else(String::new, |least| format!(", the smallest σ² being {least}"));
        format!("{setting} {}{from}", of(large.len() as f64, entries.len() as f64))
    });
    format!(
        "What Eq. 7 leaves out is more than {} of its second-order terms (beyond rounding and two standard errors) in so \
         many lines of the ledgers: {}.",
        percent(LARGE),
        list(each)
    )
}

/// The lines at the smallest σ².
fn at_least_sigma<'e, 'a>(entries: &'e [Entry<'a>]) -> (f64, Vec<&'e Entry<'a>>) {
    let least = entries.iter().map(|entry| entry.sigma_squared).fold(f64::INFINITY, f64::min);
    (least, entries.iter().filter(|entry| entry.sigma_squared == least).collect())
}

/// Activations with kinks, of which the noise crosses some.
fn kinks<'g>(groups: &'g Groups<'_>) -> impl Iterator<Item = String> + 'g {
    let bent = groups.iter().filter(|(_, entries)| entries[0].run.is_piecewise_linear());
    bent.map(|(setting, entries)| {
        let (least, there) = at_least_sigma(entries);
        let left = there.iter().filter(|entry| entry.is_left(0.0)).count();
        let verdict = if left == 0 {
            "so nothing of order σ² is seen to be missing"
        } else {
            "it does not vanish beside the second order as σ² → 0; this is what the noise carries across the kinks, itself of \
             order σ², which the pointwise s'' = 0 does not see"
        };
        format!(
            "{setting} has s'' = 0 wherever it is defined, so its third term is 0. At σ² = {least} the remainder is {} of the \
             second-order terms, beyond rounding and two standard errors for {} runs: {verdict}. Over all σ² it is {}.",
            range(there.iter().map(|entry| entry.share()), signed_percent),
            of(left as f64, there.len() as f64),
            range(entries.iter().map(Entry::share), signed_percent),
        )
    })
}

/// Activations without kinks, for which the remainder should vanish.
fn smooth(groups: &Groups<'_>) -> Option<String> {
    let smooth = groups.iter().filter(|(_, entries)| !entries[0].run.is_piecewise_linear());
    let each: Vec<String> = smooth
        .map(|(setting, entries)| {
            let (least, there) = at_least_sigma(entries);
            let left = there.iter().filter(|entry| entry.is_left(0.0)).count();
            let seen = entries.iter().filter(|entry| entry.is_left(0.0));
            let largest = seen.map(|entry| entry.share().abs()).fold(0.0, f64::max);
            format!(
                "{setting}: {} runs at σ² = {least}, and at most {} of the second order at any σ²",
                of(left as f64, there.len() as f64),
                percent(largest)
            )
        })
        .collect();
    (!each.is_empty()).then(|| {
        format!(
            "Without kinks the remainder should vanish beside the second order as σ² → 0. Beyond rounding and two standard \
             errors it was found for {}.",
            each.join("; ")
        )
    })
}

/// §3.1.1, at the σ² of the runs themselves where they have one.
fn gradients(groups: &Groups<'_>) -> Option<String> {
    let each: Vec<String> = groups
        .iter()
        .filter_map(|(setting, entries)| {
            let own: Vec<&Entry<'_>> = entries.iter().filter(|entry| entry.is_own()).collect();
            let deviations = range(own.iter().map(|entry| entry.deviation), significant);
            let gradients = range(own.iter().map(|entry| entry.gradient), significant);
            (!own.is_empty()).then(|| format!("{setting} {deviations} beside {gradients}"))
        })
        .collect();
    let batch = range(groups.iter().flat_map(|(_, e)| e).map(|e| e.run.spec.batch as f64), integer);
    (!each.is_empty()).then(|| {
        format!(
            "§3.1.1: the first-order term's bias gradient has the mean 0, but in a mini-batch of {batch} a standard deviation \
             of (root mean square over units, at the σ² trained with, beside the gradient of the second-order terms): {}. \
             A deviation has no direction; that it makes units sparse is the paper's conjecture.",
            list(each)
        )
    })
}

fn signed_percent(share: f64) -> String {
    format!("{} %", significant(100.0 * share))
}

/// For each activation the ledger of one run: the DAE with the largest σ², or what there is.
fn sheet(groups: &Groups<'_>) -> Sheet {
    let mut shown = Vec::new();
    let mut rows = Vec::new();
    for (setting, entries) in groups {
        let dae = entries.iter().filter(|entry| entry.run.kind() == RegularizerKind::Dae);
        let chosen = dae.max_by(|a, b| a.run.sigma_squared().total_cmp(&b.run.sigma_squared()));
        let run = chosen.unwrap_or(&entries[0]).run;
        shown.push(format!("{setting}: {}, trained with σ² = {}", run.model(), run.sigma_squared()));
        rows.extend(
            entries.iter().filter(|entry| std::ptr::eq(entry.run, run)).map(|entry| row(setting, entry)),
        );
    }
    Sheet {
        caption: format!(
            "After the last epoch, ± standard error over the draws of the noise ({}). In the noise: within rounding or two \
             standard errors of 0.",
            shown.join("; ")
        ),
        columns: heads(
            &["activation"],
            &[
                "σ²",
                "J_AE",
                "first order",
                "Σ s'² ‖W‖⁴",
                "Σ_{j≠k}",
                "s'' term",
                "remainder",
                "of second order",
                "J_DAE",
                "sd of ∂first/∂b",
                "∂second/∂b",
            ],
        ),
        rows,
    }
}

fn row(setting: &str, entry: &Entry<'_>) -> Vec<String> {
    let with_error = |[mean, error]: [f64; 2]| format!("{} ± {}", significant(mean), significant(error));
    vec![
        setting.to_owned(),
        entry.sigma_squared.to_string(),
        significant(entry.plain),
        with_error(entry.first),
        significant(entry.own),
        significant(entry.cross),
        significant(entry.curvature),
        with_error(entry.remainder),
        if entry.is_left(0.0) { signed_percent(entry.share()) } else { "in the noise".to_owned() },
        significant(entry.corrupted),
        significant(entry.deviation),
        significant(entry.gradient),
    ]
}
