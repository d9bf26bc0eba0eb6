//! The identity: whether an overcomplete auto-encoder has learnt it, by its errors on held-out samples, noise and shuffled
//! inputs.

use super::table::*;

/// A run that reconstructs noise with a relative error below this copies its input.
pub(in crate::report) const LARGEST_COPY_ERROR: f64 = 0.1;

pub(super) const STATEMENT: Statement = Statement {
    id: "identity",
    title: "The identity",
    says: "An overcomplete auto-encoder could learn the identity, and regularizers are there to prevent it. What copies everything has an \
           error E‖x − y‖² / E‖x‖² near 0 on whatever it is given; what has learnt the data reconstructs samples much better than \
           Gaussian noise with each input's mean and variance, or samples with their values shuffled among the inputs. An error of 1 is \
           that of no reconstruction at all.",
    question: "How many runs copy noise, with a relative error below 0.1?",
    answer: COPIES,
    tables: &[StatementTable {
        caption: "Each model at its largest σ²: relative errors of reconstruction after the last epoch, how many runs copy noise (with an \
                  error below 0.1), and in how many the error on noise is above the plain auto-encoder's. Marked: whether no run \
                  copies noise, which is close to the identity.",
        cases: |runs| runs.at_largest(|run| noise(run).is_some()),
        columns: &[
            column("held out", Each(|_, run| run.whole.identity_error.samples, significant), None),
            column("noise", Each(|_, run| noise(run), significant), None),
            column("shuffled", Each(|_, run| run.whole.identity_error.shuffled, significant), None),
            column("noise / held out", Each(|_, run| over_held_out(run), significant), None),
            COPIES,
            column("noise above AE's", RunsThat(is_above_plain), None),
        ],
    }],
    picture: |_| None,
};

const COPIES: TheoryColumn =
    column("copies noise", RunsThat(|_, run| Some(noise(run)? < LARGEST_COPY_ERROR)), Some(none));

fn noise(run: &MeasuredRun<'_>) -> Option<f64> {
    run.whole.identity_error.noise
}

fn over_held_out(run: &MeasuredRun<'_>) -> Option<f64> {
    let samples = run.whole.identity_error.samples.filter(|error| *error > 0.0)?;
    Some(noise(run)? / samples)
}

fn is_above_plain(case: &TheoryCase<'_>, run: &MeasuredRun<'_>) -> Option<bool> {
    let plain = case.all.plain_beside(run).filter(|_| !run.is_plain())?;
    Some(noise(run)? > noise(plain)?)
}
