//! Sums over the clean samples for each unit, from which the lemma and the theorems are computed.

use super::clean::CleanPass;
use crate::linalg::{PlainLoop, values, vectorize};
use crate::real::Real;

/// Sums over the samples seen so far, each \[m\].
pub(super) struct UnitSums<F> {
    /// δ_min.
    threshold: F,
    samples: usize,
    /// Σ a_j.
    pre_activation: Vec<f64>,
    /// Σ a_j².
    squares: Vec<f64>,
    /// Σ s'(a_j) W_j·(y − x).
    loss: Vec<f64>,
    /// Number of samples with h_j ≤ δ_min.
    inactive: Vec<u64>,
}

/// Means over the samples, each \[m\].
#[derive(Debug, Clone)]
pub(super) struct UnitMeans {
    /// E\[a_j\].
    pub(super) mean: Vec<f64>,
    /// Var\[a_j\], ÷ N.
    pub(super) variance: Vec<f64>,
    /// ∂J_AE/∂b_j = 2 E\[s'(a_j) W_j·(y − x)\].
    pub(super) loss_gradient: Vec<f64>,
    /// The share of samples with h_j ≤ δ_min.
    pub(super) inactive: Vec<f64>,
}

impl<F: Real> UnitSums<F> {
    pub(super) fn new(threshold: f64, hidden: usize) -> Self {
        let zeros = || vec![0.0; hidden];
        Self {
            threshold: F::from_f64(threshold),
            samples: 0,
            pre_activation: zeros(),
            squares: zeros(),
            loss: zeros(),
            inactive: vec![0; hidden],
        }
    }

    pub(super) fn reset(&mut self) {
        self.samples = 0;
        self.pre_activation.fill(0.0);
        self.squares.fill(0.0);
        self.loss.fill(0.0);
        self.inactive.fill(0);
    }

    /// Adds the current batch of `clean`.
    pub(super) fn add(&mut self, clean: &CleanPass<F>) {
        self.samples += clean.slope().nrows();
        vectorize(AddBatch {
            pre_activation: clean.pre_activation(),
            hidden: clean.hidden(),
            slope: values(&clean.slope()),
            projected: clean.projected(),
            sums: self,
        });
    }

    pub(super) fn finish(&self) -> UnitMeans {
        let count = self.samples as f64;
        let mean = |sums: &[f64], factor: f64| sums.iter().map(|sum| factor * sum / count).collect();
        let variance = |(sum, squares): (&f64, &f64)| (squares / count - (sum / count).powi(2)).max(0.0);
        UnitMeans {
            mean: mean(&self.pre_activation, 1.0),
            variance: self.pre_activation.iter().zip(&self.squares).map(variance).collect(),
            loss_gradient: mean(&self.loss, 2.0),
            inactive: self.inactive.iter().map(|inactive| *inactive as f64 / count).collect(),
        }
    }
}

struct AddBatch<'a, F> {
    pre_activation: &'a [F],
    hidden: &'a [F],
    slope: &'a [F],
    projected: &'a [F],
    sums: &'a mut UnitSums<F>,
}

impl<F: Real> PlainLoop for AddBatch<'_, F> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let sums = self.sums;
        let m = sums.loss.len();
        for (a, h) in self.pre_activation.chunks_exact(m).zip(self.hidden.chunks_exact(m)) {
            for ((sum, squares), a) in sums.pre_activation.iter_mut().zip(&mut sums.squares).zip(a) {
                let a = a.as_f64();
                *sum += a;
                *squares += a * a;
            }
            sums.inactive.iter_mut().zip(h).for_each(|(count, h)| *count += u64::from(*h <= sums.threshold));
        }
        for (slope, projected) in self.slope.chunks_exact(m).zip(self.projected.chunks_exact(m)) {
            for (sum, (slope, projected)) in sums.loss.iter_mut().zip(slope.iter().zip(projected)) {
                *sum += (*slope * *projected).as_f64();
            }
        }
    }
}
