//! The counts for [`Activity`]: active pairs and units at several thresholds besides the run's own.

use super::outcome::{Activity, THRESHOLDS};
use crate::linalg::{PlainLoop, vectorize};
use crate::real::Real;

/// Counts over the samples added so far.
pub(super) struct ActivityCounts<F> {
    /// [`THRESHOLDS`].
    thresholds: [F; THRESHOLDS.len()],
    /// Number of pairs above each threshold.
    pairs_above: [u64; THRESHOLDS.len()],
    /// The largest h_j, by unit.
    largest: Vec<F>,
}

impl<F: Real> ActivityCounts<F> {
    /// Empty counts for `m` units.
    pub(super) fn new(m: usize) -> Self {
        Self {
            thresholds: THRESHOLDS.map(|threshold| F::from_f64(threshold.into())),
            pairs_above: [0; THRESHOLDS.len()],
            largest: vec![F::neg_infinity(); m],
        }
    }

    /// Adds the samples with the codes `hidden` \[B, m\].
    pub(super) fn add(&mut self, hidden: &[F]) {
        vectorize(CountActivity { counts: self, hidden });
    }

    /// The activity; `active_samples` are the counts for each unit at the run's own threshold.
    pub(super) fn finish(self, active_samples: Vec<u64>) -> Activity {
        let never_above =
            |threshold| self.largest.iter().filter(|largest| **largest <= threshold).count() as u64;
        Activity {
            units_never_above: self.thresholds.map(never_above).to_vec(),
            pairs_above: self.pairs_above.to_vec(),
            active_samples,
        }
    }
}

struct CountActivity<'a, F> {
    counts: &'a mut ActivityCounts<F>,
    hidden: &'a [F],
}

impl<F: Real> PlainLoop for CountActivity<'_, F> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Self { counts, hidden } = self;
        for row in hidden.chunks_exact(counts.largest.len()) {
            for (largest, h) in counts.largest.iter_mut().zip(row) {
                *largest = if *h > *largest { *h } else { *largest };
            }
            for (pairs, threshold) in counts.pairs_above.iter_mut().zip(counts.thresholds) {
                // A row has fewer than 2³² units; narrow sums vectorise better.
                *pairs += u64::from(row.iter().map(|h| u32::from(*h > threshold)).sum::<u32>());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_equal_those_of_plain_loops() {
        let (samples, m) = (57, 33);
        // Values equal to, just below and just above thresholds, and a unit below all thresholds.
        let value = |i: usize, j: usize| -> f32 {
            let near = THRESHOLDS[(i * 7 + j * 5) % THRESHOLDS.len()];
            match (j, (i + j) % 3) {
                (0, _) => -1.0,
                (_, 0) => near,
                (_, 1) => near.next_up(),
                _ => near.next_down(),
            }
        };
        let hidden: Vec<f32> = (0..samples * m).map(|k| value(k / m, k % m)).collect();
        let mut counts = ActivityCounts::new(m);
        for rows in hidden.chunks(10 * m) {
            counts.add(rows);
        }
        let activity = counts.finish(vec![0; m]);
        for (k, threshold) in THRESHOLDS.into_iter().enumerate() {
            let pairs = hidden.iter().filter(|h| **h > threshold).count() as u64;
            let silent = |j: &usize| (0..samples).all(|i| value(i, *j) <= threshold);
            assert_eq!(activity.pairs_above[k], pairs, "{threshold}");
            assert_eq!(activity.units_never_above[k], (0..m).filter(silent).count() as u64, "{threshold}");
        }
        assert!(activity.units_never_above[0] > 0 && activity.pairs_above[0] > 0);
    }

    #[test]
    fn thresholds_increase_and_include_those_of_the_paper() {
        assert!(THRESHOLDS.is_sorted_by(|a, b| a < b));
        assert!(THRESHOLDS.contains(&0.0) && THRESHOLDS.contains(&0.1));
    }
}
