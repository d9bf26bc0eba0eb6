//! Theorem 2 over a training: the epochs T_min to T_max in which p_j rises, and what the true probability does meanwhile.

use super::summary::{Column, Columns, Summary, share};
use super::theorem2::{Theorem2, longest_rise};
use serde::{Deserialize, Serialize};

/// By how much a bound has to rise for its unit to count as rising: any smaller one may be a fluctuation.
pub const RISE: f64 = 0.01;

/// The longest rises of the units' bounds p_j (‖W_j‖² for the variance), strictly as the theorem has it: no step down at all.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Rises {
    /// The share of units whose bound rises by more than [`RISE`] in its longest rise; the rest is about them.
    pub rising: f64,
    /// T_min, in epochs.
    pub first: Option<Summary>,
    /// T_max + 1, the epoch that the rise ends with.
    pub last: Option<Summary>,
    /// How much the bound rises.
    pub by: Option<Summary>,
    /// How much Pr(h_j ≤ δ_min) changes meanwhile.
    pub truth_by: Option<Summary>,
    /// The share of the rising units for which it doesn't fall.
    pub truth_follows: Option<f64>,
}

/// The bounds and probabilities at the measured epochs of a training.
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
    /// Adds what was measured after `epoch` epochs.
    pub fn push(&mut self, epoch: u32, theorem2: &Theorem2) {
        self.epochs.push(epoch);
        self.bounds.push(theorem2.bound.clone());
        self.inactive.push(theorem2.inactive.clone());
    }

    /// Whether this can be of the run that `first`, with one measurement, is of.
    pub(crate) fn continues(&self, first: &Self) -> bool {
        let units = first.bounds.first().map_or(0, Vec::len);
        let fits =
            |rows: &[Vec<f64>]| rows.len() == self.epochs.len() && rows.iter().all(|row| row.len() == units);
        fits(&self.bounds) && fits(&self.inactive)
    }

    /// The rises; nothing rises in fewer than two measurements.
    pub fn rises(&self) -> Rises {
        let units = self.bounds.first().map_or(0, Vec::len);
        let series = |values: &[Vec<f64>], j: usize| values.iter().map(|row| row[j]).collect::<Vec<_>>();
        let rise = |j: usize| longest_rise(&series(&self.bounds, j), 0.0).filter(|rise| rise.by > RISE);
        let found: Vec<_> = (0..units).map(|j| rise(j).map(|rise| (j, rise))).collect();
        let rising = || found.iter().flatten();
        let epoch = |place: usize| f64::from(self.epochs[place]);
        let truth_by: Vec<f64> = rising()
            .map(|(j, rise)| self.inactive[rise.last + 1][*j] - self.inactive[rise.first][*j])
            .collect();
        Rises {
            rising: share(found.iter().map(Option::is_some)),
            first: Summary::of(rising().map(|(_, rise)| epoch(rise.first))),
            last: Summary::of(rising().map(|(_, rise)| epoch(rise.last + 1))),
            by: Summary::of(rising().map(|(_, rise)| rise.by)),
            truth_follows: (!truth_by.is_empty()).then(|| share(truth_by.iter().map(|by| *by >= 0.0))),
            truth_by: Summary::of(truth_by),
        }
    }
}

impl Rises {
    /// The numbers for a table.
    pub fn columns(&self) -> Vec<Column> {
        Columns::default()
            .number("theorem2_rising", self.rising)
            .summary("theorem2_rise_first_epoch", self.first)
            .summary("theorem2_rise_last_epoch", self.last)
            .summary("theorem2_rise", self.by)
            .summary("theorem2_truth_rise", self.truth_by)
            .optional("theorem2_truth_follows", self.truth_follows)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rises_are_told_in_epochs_with_what_the_truth_does() {
        // Unit 0 rises from epoch 2 to 8 while the truth falls at last, unit 1 falls, unit 2 rises by next to nothing.
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
        assert_eq!(rises.rising, 1.0 / 3.0);
        let medians =
            [rises.first, rises.last, rises.by, rises.truth_by].map(|summary| summary.unwrap().median);
        assert_eq!(medians, [2.0, 8.0, 0.6 - 0.2, 0.2 - 0.3]);
        assert_eq!(rises.truth_follows, Some(0.0));
    }

    #[test]
    fn nothing_rises_in_one_measurement() {
        let rises = BoundSeries::default().rises();
        assert_eq!((rises.rising, rises.first, rises.truth_follows), (0.0, None, None));
    }
}
