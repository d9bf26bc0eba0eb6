//! What each hidden unit responds to: how often and how strongly it is active, the samples that activate it most, and the units whose rows
//! of W point in nearly the same direction.

use crate::report::dictionary::{DirectionSign, cosines};
use crate::store::StoredRun;
use ndarray::{ArrayView2, Axis};
use std::cmp::Reverse;

/// Number of samples that are kept for each unit.
pub const TOP_SAMPLES: usize = 10;

/// Number of nearest units that are kept for each unit.
pub const NEAREST_UNITS: usize = 5;

/// Rows of W whose cosines with all rows are in memory at a time.
const BLOCK: usize = 256;

/// What one hidden unit responds to, over N samples.
#[derive(Debug, Clone, PartialEq)]
pub struct UnitFeature {
    /// Number of samples on which the unit is active, h > δ_min.
    pub active_samples: u64,
    /// `active_samples` / N.
    pub density: f64,
    /// Mean of h over all N samples.
    pub mean: f64,
    /// Mean of h over the active samples; `None` for a dead unit.
    pub mean_when_active: Option<f64>,
    /// The largest h of all N samples.
    pub largest: f32,
    /// The active samples with the largest h, by row, with h; at most [`TOP_SAMPLES`]. Equal ones are in the order of their rows.
    pub top: Vec<(usize, f32)>,
    /// The units whose rows of W have the largest cosines with this one's, with the cosine; at most [`NEAREST_UNITS`], and none for a row
    /// of zeros. Equal ones are in the order of their rows. Absolute cosines where a direction and its opposite are the same
    /// ([`DirectionSign`]).
    pub nearest: Vec<(usize, f64)>,
}

/// The units in the order of `counts`, their numbers of active samples, largest first; equally active ones stay in their order.
pub(super) fn most_active_first(counts: &[u64]) -> Vec<usize> {
    let mut units: Vec<usize> = (0..counts.len()).collect();
    units.sort_by_key(|unit| Reverse(counts[*unit]));
    units
}

/// Collects the features of units over codes, a sample after the other.
#[derive(Debug)]
pub(super) struct FeatureTally {
    threshold: f32,
    samples: usize,
    units: Vec<ActivationSums>,
}

/// The sums of one unit.
#[derive(Debug, Clone)]
struct ActivationSums {
    active_samples: u64,
    sum: f64,
    active_sum: f64,
    largest: f32,
    top: Vec<(usize, f32)>,
}

impl FeatureTally {
    /// An empty tally for codes of `units` units, of which those above `threshold` are active.
    pub(super) fn new(units: usize, threshold: f64) -> Self {
        let sums = ActivationSums {
            active_samples: 0,
            sum: 0.0,
            active_sum: 0.0,
            largest: f32::NEG_INFINITY,
            top: Vec::new(),
        };
        Self { threshold: threshold as f32, samples: 0, units: vec![sums; units] }
    }

    /// Adds the code \[m\] of the next sample.
    pub(super) fn add(&mut self, code: &[f32]) {
        for (unit, h) in self.units.iter_mut().zip(code) {
            unit.sum += f64::from(*h);
            unit.largest = unit.largest.max(*h);
            if *h > self.threshold {
                unit.active_samples += 1;
                unit.active_sum += f64::from(*h);
                keep_largest(&mut unit.top, TOP_SAMPLES, (self.samples, *h));
            }
        }
        self.samples += 1;
    }

    /// The features of the units with the rows `weights` \[m, n\] in the network of `run`.
    pub(super) fn finish(self, run: &StoredRun, weights: ArrayView2<'_, f32>) -> Vec<UnitFeature> {
        let nearest = nearest_units(weights, DirectionSign::of(&run.record.spec.activation));
        let of = |total: f64, samples: f64| total / samples;
        let samples = self.samples as f64;
        let feature = |(unit, nearest): (ActivationSums, _)| {
            let active = unit.active_samples as f64;
            UnitFeature {
                active_samples: unit.active_samples,
                density: of(active, samples),
                mean: of(unit.sum, samples),
                mean_when_active: (active > 0.0).then(|| of(unit.active_sum, active)),
                largest: unit.largest,
                top: unit.top,
                nearest,
            }
        };
        self.units.into_iter().zip(nearest).map(feature).collect()
    }
}

/// Inserts `new` into `list`, the pairs with the largest values so far, largest first, and keeps at most `most` of them. A new pair is
/// behind those with an equal value.
fn keep_largest<V: PartialOrd + Copy>(list: &mut Vec<(usize, V)>, most: usize, new: (usize, V)) {
    if list.len() == most {
        if list.last().is_none_or(|(_, least)| new.1 <= *least) {
            return;
        }
        list.pop();
    }
    let place = list.partition_point(|(_, value)| *value >= new.1);
    list.insert(place, new);
}

/// [`UnitFeature::nearest`] of each row of `weights` \[m, n\]. Cost: m² n.
fn nearest_units(weights: ArrayView2<'_, f32>, sign: DirectionSign) -> Vec<Vec<(usize, f64)>> {
    let rows = weights.mapv(f64::from);
    let is_zero: Vec<bool> =
        rows.rows().into_iter().map(|row| row.iter().all(|value| *value == 0.0)).collect();
    let mut nearest = Vec::with_capacity(rows.nrows());
    for block in rows.axis_chunks_iter(Axis(0), BLOCK) {
        for cosines in cosines(block, rows.view(), sign).rows() {
            let (unit, mut list) = (nearest.len(), Vec::new());
            let others = cosines.iter().enumerate().filter(|(other, _)| *other != unit && !is_zero[*other]);
            for (other, cosine) in others.filter(|_| !is_zero[unit]) {
                keep_largest(&mut list, NEAREST_UNITS, (other, *cosine));
            }
            nearest.push(list);
        }
    }
    nearest
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::random::Noise;
    use crate::report::figure::tests::runs;
    use ndarray::{Array2, array};

    /// A run of ReLU units with δ_min = 0.
    pub(in super::super) fn relu_run() -> StoredRun {
        runs("sweep = { sigma_squared = [1], regularizer = ['dae'] }", |_| Some((0.5, 0.0))).remove(0)
    }

    fn drawn(number: u64, shape: (usize, usize)) -> Array2<f32> {
        let mut values = vec![0.0; shape.0 * shape.1];
        Noise::new(7).fill(number, &mut values);
        Array2::from_shape_vec(shape, values).unwrap()
    }

    fn features(codes: &Array2<f32>, threshold: f64, weights: &Array2<f32>) -> Vec<UnitFeature> {
        let mut tally = FeatureTally::new(codes.ncols(), threshold);
        codes.rows().into_iter().for_each(|code| tally.add(&code.to_vec()));
        tally.finish(&relu_run(), weights.view())
    }

    /// Every pair, sorted from the largest value and the lowest index.
    fn sorted(mut pairs: Vec<(usize, f64)>, most: usize) -> Vec<(usize, f64)> {
        pairs.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        pairs.truncate(most);
        pairs
    }

    /// Against sorting, with many equal activations, because they are rounded to tenths.
    #[test]
    fn features_are_those_of_a_plain_computation() {
        let (samples, units, threshold) = (600, 300, 0.1_f32);
        let codes = drawn(1, (samples, units)).mapv(|h| (h * 10.0).round() / 10.0);
        let weights = drawn(2, (units, 8));
        let found = features(&codes, threshold.into(), &weights);
        assert_eq!(found.len(), units);
        for (j, found) in found.iter().enumerate() {
            let h: Vec<f32> = codes.column(j).to_vec();
            let active: Vec<(usize, f64)> = h
                .iter()
                .enumerate()
                .filter(|(_, h)| **h > threshold)
                .map(|(i, h)| (i, f64::from(*h)))
                .collect();
            let sum = |values: &[(usize, f64)]| values.iter().map(|(_, h)| h).sum::<f64>();
            assert_eq!(found.active_samples, active.len() as u64);
            assert_eq!(found.density, active.len() as f64 / samples as f64);
            assert!(
                (found.mean - h.iter().map(|h| f64::from(*h)).sum::<f64>() / samples as f64).abs() < 1e-12
            );
            assert!((found.mean_when_active.unwrap() - sum(&active) / active.len() as f64).abs() < 1e-12);
            assert_eq!(found.largest, h.iter().copied().fold(f32::MIN, f32::max));
            let top: Vec<_> = found.top.iter().map(|(i, h)| (*i, f64::from(*h))).collect();
            assert_eq!(top, sorted(active, TOP_SAMPLES), "unit {j}");
            let cosine = |k: usize| {
                let dot = |a, b| {
                    let [a, b] = [a, b].map(|unit| weights.row(unit));
                    a.iter().zip(b).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum::<f64>()
                };
                dot(j, k) / (dot(j, j) * dot(k, k)).sqrt()
            };
            let others = (0..units).filter(|k| *k != j).map(|k| (k, cosine(k))).collect();
            for (found, expected) in found.nearest.iter().zip(sorted(others, NEAREST_UNITS)) {
                assert!(
                    found.0 == expected.0 && (found.1 - expected.1).abs() < 1e-12,
                    "{j} {found:?} {expected:?}"
                );
            }
            assert_eq!(found.nearest.len(), NEAREST_UNITS);
        }
    }

    #[test]
    fn dead_units_and_rows_of_zeros_have_empty_lists() {
        let codes = array![[0.0_f32, 0.5, 0.5], [-1.0, 0.25, 0.0]];
        let found = features(&codes, 0.0, &array![[1.0, 0.0], [0.0, 0.0], [-1.0, 1.0]]);
        let dead = &found[0];
        assert_eq!((dead.active_samples, dead.mean, dead.mean_when_active), (0, -0.5, None));
        assert_eq!((dead.largest, dead.top.as_slice()), (0.0, [].as_slice()));
        assert_eq!(found[1].top, [(0, 0.5), (1, 0.25)]);
        assert_eq!(found[2].top, [(0, 0.5)], "only active samples");
        // The row of zeros has no direction.
        assert_eq!(found[1].nearest, []);
        let nearest: Vec<_> = [&found[0], &found[2]].map(|unit| unit.nearest[0].0).to_vec();
        assert_eq!((nearest, found[0].nearest.len()), (vec![2, 0], 1));
        assert!((found[0].nearest[0].1 + 0.5_f64.sqrt()).abs() < 1e-12);
        // Without a sign, opposite rows are the nearest.
        let weights = array![[1.0_f32, 0.0], [-2.0, 0.0], [1.0, 1.0]];
        assert_eq!(nearest_units(weights.view(), DirectionSign::Ignored)[0][0], (1, 1.0));
        assert_eq!(nearest_units(weights.view(), DirectionSign::Counts)[0][0].0, 2);
    }

    #[test]
    fn the_most_active_come_first() {
        assert_eq!(most_active_first(&[3, 0, 7, 3, 0]), [2, 0, 3, 1, 4]);
    }
}
