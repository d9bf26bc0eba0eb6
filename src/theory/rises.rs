//! Theorem 2 over a run: the epochs T_min to T_max in which p_j rises, and the change of the true probability meanwhile.

use super::quantiles::{Quantiles, share};
use super::table::columns;
use super::theorem2::{Theorem2, longest_rise};
use serde::{Deserialize, Serialize};

/// Smallest rise of a bound for which its unit counts as rising; smaller rises may be fluctuations.
pub const RISE: f64 = 0.01;

columns! {
    /// The longest rises of the units' bounds p_j (with ‖W_j‖² as variance). As in the theorem, a rise has no step down at all.
    /// All numbers but the first are about the rising units.
    pub struct Rises {
        /// share of units whose p_j rises by more than 0.01 in its longest rise
        pub rising: Option<f64>,
        /// T_min, in epochs
        pub rise_first_epoch: Quantiles,
        /// T_max + 1, the epoch in which the rise ends
        pub rise_last_epoch: Quantiles,
        /// rise of p_j
        pub rise: Quantiles,
        /// change of Pr(h_j ≤ δ_min) during the rise
        pub truth_rise: Quantiles,
        /// share of units for which Pr(h_j ≤ δ_min) doesn't fall
        pub truth_follows: Option<f64>,
    }
}

/// The bounds and probabilities at the measured epochs of a run.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BoundSeries {
    epochs: Vec<u32>,
    /// p_j by epoch \[T, m\].
    bounds: Vec<Vec<f64>>,
    /// Pr(h_j ≤ δ_min) by epoch \[T, m\].
    inactive: Vec<Vec<f64>>,
}

impl BoundSeries {
    /// Adds the measurement after `epoch` epochs.
    pub fn push(&mut self, epoch: u32, theorem2: &Theorem2) {
        self.epochs.push(epoch);
        self.bounds.push(theorem2.bound.clone());
        self.inactive.push(theorem2.inactive.clone());
    }

    /// Whether every measurement has `units` units, so that the series can belong to such a run.
    pub(crate) fn has_units(&self, units: usize) -> bool {
        let fits =
            |rows: &[Vec<f64>]| rows.len() == self.epochs.len() && rows.iter().all(|row| row.len() == units);
        fits(&self.bounds) && fits(&self.inactive)
    }

    /// The rises; with fewer than two measurements nothing rises.
    pub fn rises(&self) -> Rises {
        let units = self.bounds.first().map_or(0, Vec::len);
        let series = |values: &[Vec<f64>], j: usize| values.iter().map(|row| row[j]).collect::<Vec<_>>();
        let rise = |j: usize| longest_rise(&series(&self.bounds, j)).filter(|rise| rise.by > RISE);
        let found: Vec<_> = (0..units).map(|j| rise(j).map(|rise| (j, rise))).collect();
        let rising = || found.iter().flatten();
        let epoch = |place: usize| f64::from(self.epochs[place]);
        let truth_by: Vec<f64> = rising()
            .map(|(j, rise)| self.inactive[rise.last + 1][*j] - self.inactive[rise.first][*j])
            .collect();
        Rises {
            rising: Some(share(found.iter().map(Option::is_some))),
            rise_first_epoch: Quantiles::of(rising().map(|(_, rise)| epoch(rise.first))),
            rise_last_epoch: Quantiles::of(rising().map(|(_, rise)| epoch(rise.last + 1))),
            rise: Quantiles::of(rising().map(|(_, rise)| rise.by)),
            truth_follows: (!truth_by.is_empty()).then(|| share(truth_by.iter().map(|by| *by >= 0.0))),
            truth_rise: Quantiles::of(truth_by),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rises_have_epochs_and_the_change_of_the_true_probability() {
        // Unit 0 rises from epoch 2 to 8 while the true probability falls in the end; unit 1 falls; unit 2 hardly rises.
        let measured = [
            (0, [0.3, 0.9, 0.100], [0.1, 0.9, 0.5]),
            (2, [0.2, 0.8, 0.101], [0.3, 0.8, 0.5]),
            (4, [0.4, 0.7, 0.102], [0.6, 0.7, 0.5]),
            (8, [0.6, 0.6, 0.103], [0.2, 0.6, 0.5]),
        ];
        let mut series = BoundSeries::default();
        for (epoch, bound, inactive) in measured {
            let theorem2 = Theorem2 {
                bound: bound.to_vec(),
                variance_bound: bound.to_vec(),
                inactive: inactive.to_vec(),
                violations: 0,
            };
            series.push(epoch, &theorem2);
        }
        let rises = series.rises();
        assert_eq!(rises.rising, Some(1.0 / 3.0));
        let medians = [rises.rise_first_epoch, rises.rise_last_epoch, rises.rise, rises.truth_rise]
            .map(|summary| summary.median.unwrap());
        assert_eq!(medians, [2.0, 8.0, 0.6 - 0.2, 0.2 - 0.3]);
        assert_eq!(rises.truth_follows, Some(0.0));
    }

    #[test]
    fn nothing_rises_in_one_measurement() {
        let rises = BoundSeries::default().rises();
        assert_eq!(rises, Rises { rising: Some(0.0), ..Rises::default() });
    }
}
