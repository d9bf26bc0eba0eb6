//! Estimates the memory of a measurement before it begins.

use super::clean::ROWS;
use super::identity::IDENTITY_SAMPLES;
use super::measure::Subject;

/// Upper estimate of the bytes for measuring `subject` during a run in single precision, without the samples. First it needs
/// [`DataMoments`](super::DataMoments), then [`Theory`](super::Theory), and at the end in addition
/// [`IdentityErrors`](super::IdentityErrors) and then, if `with_ledger`, a [`TaylorLedger`](super::TaylorLedger).
pub(crate) fn memory(subject: &Subject<'_>, with_ledger: bool) -> u64 {
    let [n, m, rows] = [subject.inputs, subject.hidden, ROWS].map(|size| size as u64);
    // The covariance of a batch, and the sum over batches in double precision.
    let moments = 3 * n * n + rows * n;
    // The squared products of all pairs of units.
    let pairs = m * m;
    // The residual's products of all pairs of inputs, and the buffers by unit and input for each row.
    let second_order = if subject.regularizer.obeys_theorem_3() { pairs } else { 0 };
    let theory = n * n + second_order + rows * (18 * m + 7 * n);
    // Two sets of other inputs: noise and shuffled samples.
    let identity = 2 * IDENTITY_SAMPLES as u64 * n + rows * (11 * m + 4 * n);
    let ledger = if with_ledger { pairs + rows * (18 * m + 8 * n) } else { 0 };
    4 * moments.max(theory + identity.max(ledger))
}
