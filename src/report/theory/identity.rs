//! Has an overcomplete auto-encoder learnt the identity? Held-out samples against noise and shuffled inputs.

use super::measured::{Cell, Run, Runs};
use super::{Block, Sheet, heads};
use crate::report::text::{list, of, range, significant};
use crate::theory::RunRow;

/// One of the relative errors of reconstruction.
type Error = fn(&RunRow) -> Option<f64>;

/// Relative errors of reconstruction, their short names, and of what they are.
pub(in crate::report) const ERRORS: [(Error, &str, &str); 3] = [
    (|run| run.identity_error.samples, "held out", "on held-out samples"),
    (|run| run.identity_error.noise, "noise", "on noise"),
    (|run| run.identity_error.shuffled, "shuffled", "on shuffled ones"),
];

/// What reconstructs noise with less than this error copies what it gets.
pub(in crate::report) const COPIED: f64 = 0.1;

/// `None` where nothing was measured.
pub(super) fn block(runs: &Runs<'_>) -> Option<Block> {
    let mut cells = runs.at_largest();
    cells.retain(|cell| cell.runs.iter().any(|run| noise(run).is_some()));
    (!cells.is_empty()).then(|| Block {
        id: "identity",
        title: "The identity",
        statement: "An overcomplete auto-encoder could learn the identity, and regularizers are there to prevent it. What copies \
                    everything has an error E‖x − y‖² / E‖x‖² near 0 on whatever it is given; what has learnt the data reconstructs \
                    samples much better than Gaussian noise with each input's mean and variance, or samples with their values \
                    shuffled among the inputs. An error of 1 is that of no reconstruction at all.",
        findings: [plain(&cells), regularized(runs, &cells)].into_iter().flatten().collect(),
        drawings: Vec::new(),
        sheet: Some(sheet(cells)),
    })
}

fn noise(run: &Run<'_>) -> Option<f64> {
    run.whole.identity_error.noise
}

/// An error of some runs, as a range.
fn range_of<'r>(runs: impl Iterator<Item = &'r Run<'r>>, error: Error) -> String {
    range(runs.filter_map(|run| error(&run.whole)), significant)
}

/// The three errors: `0.1 on held-out samples, 1 on noise and 0.5 on shuffled ones`.
fn errors(cells: &[&Cell<'_>]) -> String {
    let runs = || cells.iter().flat_map(|cell| cell.runs.iter().copied());
    list(ERRORS.map(|(error, _, of_what)| format!("{} {of_what}", range_of(runs(), error))))
}

fn plain(cells: &[Cell<'_>]) -> Option<String> {
    let plain: Vec<&Cell<'_>> = cells.iter().filter(|cell| cell.runs[0].is_plain()).collect();
    let each: Vec<String> =
        plain.iter().map(|cell| format!("{} {}", cell.setting, errors(&[cell]))).collect();
    let copies =
        |cell: &&&Cell<'_>| cell.runs.iter().filter_map(|run| noise(run)).all(|error| error < COPIED);
    let copying: Vec<&str> = plain.iter().filter(copies).map(|cell| cell.setting.as_str()).collect();
    let verdict = if copying.is_empty() {
        "It doesn't reconstruct noise: it has not learnt the identity".to_owned()
    } else {
        let others = if copying.len() < plain.len() { ", and not under the others" } else { "" };
        format!("It is close to the identity under {}{others}", list(copying))
    };
    (!plain.is_empty()).then(|| {
        format!(
            "The plain auto-encoder's error: {}. {verdict} (an error below {COPIED} on noise counts as that).",
            each.join("; ")
        )
    })
}

/// All other models, at their largest σ².
fn regularized(all: &Runs<'_>, cells: &[Cell<'_>]) -> Option<String> {
    let regularized: Vec<&Cell<'_>> = cells.iter().filter(|cell| !cell.runs[0].is_plain()).collect();
    let runs = || regularized.iter().flat_map(|cell| cell.runs.iter().copied());
    let beside = |run: &Run<'_>| Some((noise(run)?, noise(all.plain_beside(run)?)?));
    let pairs: Vec<(f64, f64)> = runs().filter_map(beside).collect();
    let higher = pairs.iter().filter(|(own, plain)| own > plain).count();
    let copying = runs().filter_map(noise).filter(|error| *error < COPIED).count();
    let compared = if pairs.is_empty() {
        String::new()
    } else {
        format!(
            " The error on noise is above the plain auto-encoder's in {} runs.",
            of(higher as f64, pairs.len() as f64)
        )
    };
    (!regularized.is_empty()).then(|| {
        format!(
            "With a regularizer, each at its largest σ², the errors are {}; on noise it is below {COPIED} in {} runs.{compared}",
            errors(&regularized),
            of(copying as f64, runs().filter_map(noise).count() as f64),
        )
    })
}

fn sheet(cells: Vec<Cell<'_>>) -> Sheet {
    let row = |Cell { setting, model, sigma_squared, runs }: Cell<'_>| {
        let errors = ERRORS.map(|(error, ..)| range_of(runs.iter().copied(), error));
        let times = |run: &&Run<'_>| {
            let samples = run.whole.identity_error.samples.filter(|error| *error > 0.0)?;
            Some(noise(run)? / samples)
        };
        let times = range(runs.iter().filter_map(times), significant);
        [setting, model, sigma_squared.to_string()].into_iter().chain(errors).chain([times]).collect()
    };
    Sheet {
        caption: "Each model at its largest σ²: relative errors of reconstruction after the last epoch."
            .to_owned(),
        columns: heads(
            &["activation", "model"],
            &["σ²", "held-out samples", "noise", "shuffled", "noise / held out"],
        ),
        rows: cells.into_iter().map(row).collect(),
    }
}
