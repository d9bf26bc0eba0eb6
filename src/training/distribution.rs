//! The distribution of the codes h over samples: active units of each sample, and the Hoyer and Gini indices of its code. While a run trains,
//! also units by firing density, and units that die and come back. They do not change the run.

use crate::real::Real;
use serde::{Deserialize, Serialize};

/// The distribution of the codes of a network over samples.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CodeDistribution {
    /// The numbers of active units that samples have (L0), increasing, each with the number of samples that have it.
    pub samples_by_l0: Vec<(usize, u64)>,
    /// Mean [`hoyer`] over the samples whose code is not 0; `None` without such samples, and with one hidden unit.
    pub hoyer: Option<f64>,
    /// Mean [`gini`] over the samples whose code is not 0; `None` without such samples.
    pub gini: Option<f64>,
}

impl CodeDistribution {
    /// Number of samples.
    pub fn samples(&self) -> u64 {
        self.samples_by_l0.iter().map(|(_, samples)| samples).sum()
    }

    /// The smallest L0 that at least the share `p` of the samples doesn't exceed; 0 without samples.
    pub fn l0_quantile(&self, p: f64) -> usize {
        let wanted = p * self.samples() as f64;
        let mut seen = 0;
        let reaches = |(_, samples): &&(usize, u64)| {
            seen += samples;
            seen as f64 >= wanted
        };
        self.samples_by_l0.iter().find(reaches).map_or(0, |(l0, _)| *l0)
    }
}

/// Hoyer's sparseness (√m − ‖h‖₁ / ‖h‖₂) / (√m − 1) of a code h \[m\]: 0 where all |h_j| are equal, 1 where one alone is not 0.
/// `None` for h = 0 and for m = 1. Hoyer (2004), "Non-negative matrix factorization with sparseness constraints", section 3.1.
pub fn hoyer<F: Real>(code: &[F]) -> Option<f64> {
    let values = || code.iter().map(|h| h.as_f64().abs());
    let (sum, length) = (values().sum::<f64>(), values().map(|h| h * h).sum::<f64>().sqrt());
    let root = (code.len() as f64).sqrt();
    // Rounding may leave the range by an ulp.
    (length > 0.0 && code.len() > 1).then(|| ((root - sum / length) / (root - 1.0)).clamp(0.0, 1.0))
}

/// The Gini index 1 − 2 Σ_k |h|_(k) / ‖h‖₁ · (m − k + ½) / m of a code h \[m\], where |h|_(1) ≤ … ≤ |h|_(m): 0 where all |h_j| are
/// equal, 1 − 1/m where one alone is not 0. `None` for h = 0. Hurley and Rickard (2009), "Comparing measures of sparsity",
/// table I.
pub fn gini<F: Real>(code: &[F]) -> Option<f64> {
    gini_within(code, &mut Vec::new())
}

/// [`gini`], with `sorted` as its memory.
fn gini_within<F: Real>(code: &[F], sorted: &mut Vec<u64>) -> Option<f64> {
    sorted.clear();
    // Zeros come first and add nothing to either sum, so only their number counts. Positive numbers have the order of their bits, which
    // are sorted faster.
    sorted.extend(code.iter().map(|h| h.as_f64().abs().to_bits()).filter(|bits| *bits != 0));
    sorted.sort_unstable();
    let values = || sorted.iter().map(|bits| f64::from_bits(*bits));
    let (sum, m, zeros) = (values().sum::<f64>(), code.len() as f64, code.len() - sorted.len());
    let weighted = |(k, h): (usize, f64)| h / sum * ((m - ((zeros + k) as f64 + 1.0) + 0.5) / m);
    (sum > 0.0).then(|| 1.0 - 2.0 * values().enumerate().map(weighted).sum::<f64>())
}

/// Counts codes, a sample after the other.
#[derive(Debug)]
pub struct CodeTally<F> {
    threshold: F,
    /// For each number of active units, from 0 to m, the number of samples.
    samples_by_l0: Vec<u64>,
    /// The sums of the Hoyer and Gini indices, and their numbers.
    sums: [(f64, u64); 2],
    /// Memory of [`gini_within`].
    sorted: Vec<u64>,
}

impl<F: Real> CodeTally<F> {
    /// An empty tally for codes of `units` units, of which those above `threshold` are active.
    pub fn new(units: usize, threshold: f64) -> Self {
        Self {
            threshold: F::from_f64(threshold),
            samples_by_l0: vec![0; units + 1],
            sums: [(0.0, 0); 2],
            sorted: Vec::with_capacity(units),
        }
    }

    /// Adds the code \[m\] of a sample.
    pub fn add(&mut self, code: &[F]) {
        self.samples_by_l0[code.iter().filter(|h| **h > self.threshold).count()] += 1;
        let indices = [hoyer(code), gini_within(code, &mut self.sorted)];
        for ((sum, count), index) in self.sums.iter_mut().zip(indices) {
            *sum += index.unwrap_or_default();
            *count += u64::from(index.is_some());
        }
    }

    /// The distribution of the codes added since the tally was made or emptied; empties it.
    pub fn take(&mut self) -> CodeDistribution {
        let counts = self.samples_by_l0.iter_mut().map(std::mem::take).enumerate();
        let samples_by_l0 = counts.filter(|(_, samples)| *samples > 0).collect();
        let [hoyer, gini] =
            std::mem::take(&mut self.sums).map(|(sum, count)| (count > 0).then(|| sum / count as f64));
        CodeDistribution { samples_by_l0, hoyer, gini }
    }
}

/// The distribution of the codes of all N training samples at a measured epoch.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EpochDistribution {
    /// Number of epochs trained; 0: before training.
    pub epoch: u32,
    /// The codes.
    pub codes: CodeDistribution,
    /// Number of units by firing density, the share of samples on which a unit is active: in (0.1, 1], in (0.01, 0.1], and so on down
    /// to the decade of 1/N. Dead units are in none.
    pub units_by_decade: Vec<u64>,
    /// Number of dead units that were not dead at the measured epoch before; `None` at epoch 0.
    pub died: Option<u64>,
    /// Number of units that are not dead but were at the measured epoch before; `None` at epoch 0.
    pub came_back: Option<u64>,
}

/// The distributions of a run in progress, for its checkpoint.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DistributionState {
    epochs: Vec<EpochDistribution>,
    /// The units that were dead at the latest of these epochs, increasing.
    dead: Vec<usize>,
}

/// The numbers of units with firing densities in the decades from (0.1, 1] down; `active_samples` are their counts among `samples`.
fn by_decade(active_samples: &[u64], samples: u64) -> Vec<u64> {
    let mut units = vec![0; samples.checked_ilog10().map_or(0, |last| last as usize + 1)];
    for active in active_samples.iter().filter(|active| **active > 0) {
        // The density c / N is in (10⁻⁽ᵈ⁺¹⁾, 10⁻ᵈ] where 10ᵈ ≤ N / c < 10ᵈ⁺¹; rounding N / c down moves it across no power of 10.
        units[(samples / active).ilog10() as usize] += 1;
    }
    units
}

/// Measures the distribution of codes while a run trains.
pub(super) struct DistributionWatch<F> {
    tally: CodeTally<F>,
    state: DistributionState,
    hidden: usize,
}

impl<F: Real> DistributionWatch<F> {
    /// For codes of `hidden` units, of which those above `threshold` are active.
    pub(super) fn new(hidden: usize, threshold: f64) -> Self {
        Self { tally: CodeTally::new(hidden, threshold), state: DistributionState::default(), hidden }
    }

    /// Adds the codes `hidden` \[B, m\] of a block of the training samples.
    pub(super) fn add(&mut self, hidden: &[F]) {
        hidden.chunks_exact(self.hidden).for_each(|code| self.tally.add(code));
    }

    /// Ends the measurement of `epoch`; `active_samples` are its counts by unit.
    pub(super) fn end_epoch(&mut self, epoch: u32, active_samples: &[u64]) {
        let codes = self.tally.take();
        let DistributionState { epochs, dead: before } = &mut self.state;
        let dead: Vec<usize> = (0..self.hidden).filter(|unit| active_samples[*unit] == 0).collect();
        let died = dead.iter().filter(|unit| before.binary_search(unit).is_err()).count() as u64;
        let came_back = before.iter().filter(|unit| active_samples[**unit] > 0).count() as u64;
        let [died, came_back] = [died, came_back].map(|units| (!epochs.is_empty()).then_some(units));
        let units_by_decade = by_decade(active_samples, codes.samples());
        epochs.push(EpochDistribution { epoch, codes, units_by_decade, died, came_back });
        *before = dead;
    }

    /// The distributions so far, for a checkpoint.
    pub(super) fn state(&self) -> DistributionState {
        self.state.clone()
    }

    /// Resumes from the state in a checkpoint of the same run; `false` if it is not of the measured epochs `due` of such a run.
    pub(super) fn restore(&mut self, state: DistributionState, due: impl Iterator<Item = u64>) -> bool {
        let measured = state.epochs.iter().map(|measured| u64::from(measured.epoch));
        let fits = measured.eq(due) && state.dead.iter().all(|unit| *unit < self.hidden);
        if fits {
            self.state = state;
        }
        fits
    }

    /// The distributions of all measured epochs.
    pub(super) fn finish(self) -> Vec<EpochDistribution> {
        self.state.epochs
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decades_are_half_open_at_their_lower_ends() {
        // Of 1000 samples: 1 and 10 end their decades, 2 and 11 are in the ones above, and 0 is in none.
        assert_eq!(by_decade(&[0, 1, 2, 10, 11, 100, 101, 1000], 1000), [2, 2, 2, 1]);
        assert_eq!(by_decade(&[1, 2, 999], 999), [1, 0, 2]);
        assert_eq!(by_decade(&[], 0), [0; 0]);
    }
}
