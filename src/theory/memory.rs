//! How many bytes a measurement takes, for whoever asks before it begins.

use super::clean::ROWS;
use super::identity::IDENTITY_SAMPLES;
use super::measure::Subject;

/// An upper estimate of the bytes that measuring `subject` in a run takes in single precision, beside the samples:
/// [`DataMoments`](super::DataMoments) at first, then [`Theory`](super::Theory), and beside it at the end
/// [`IdentityErrors`](super::IdentityErrors), then a [`TaylorLedger`](super::TaylorLedger) if `with_ledger`.
pub(crate) fn memory(subject: &Subject<'_>, with_ledger: bool) -> u64 {
    let [n, m, rows] = [subject.inputs, subject.hidden, ROWS].map(|size| size as u64);
    // The covariance of a batch, and their sum in double precision.
    let moments = 3 * n * n + rows * n;
    // The squared products of all pairs of units.
    let pairs = m * m;
    // The residual's products of all pairs of inputs, and what is kept of each row's units and inputs.
    let second_order = if subject.regularizer.obeys_theorem_3() { pairs } else { 0 };
    let theory = n * n + second_order + rows * (18 * m + 7 * n);
    // Other inputs in the place of the samples, twice.
    let identity = 2 * IDENTITY_SAMPLES as u64 * n + rows * (11 * m + 4 * n);
    let ledger = if with_ledger { pairs + rows * (18 * m + 8 * n) } else { 0 };
    4 * moments.max(theory + identity.max(ledger))
}
