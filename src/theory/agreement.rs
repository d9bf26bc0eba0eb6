//! Compares Eq. 5 with training: the predicted and the found change of E\[a_j\] of each unit.
//!
//! The prediction is exact for a plain step on the samples it is computed from, if their mean is 0 (tested). Training differs:
//! its batches are other samples, its momentum includes earlier steps, and later steps start from other parameters.

use super::table::columns;
use crate::real::Real;
use crate::state::Parameters;
use ndarray::ArrayView1;
use serde::Deserialize;

/// E\[a_j\] = W_j·E\[x\] + b_j \[m\] for samples with the mean `input_mean` \[n\].
pub fn mean_pre_activation<F: Real>(parameters: &Parameters<F>, input_mean: &[f64]) -> Vec<f64> {
    let weights = parameters.weights();
    let unit = |(row, bias): (ArrayView1<'_, F>, &F)| {
        bias.as_f64() + row.iter().zip(input_mean).map(|(w, x)| w.as_f64() * x).sum::<f64>()
    };
    weights.rows().into_iter().zip(parameters.bias()).map(unit).collect()
}

columns! {
    /// Agreement between predicted and found changes of the units. Absent: no change was predicted, or all are equal.
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    pub struct Agreement {
        /// share of the units with a predicted change whose E\[a_j\] changed in the predicted direction
        pub sign: Option<f64>,
        /// correlation between predicted and found change, over units
        pub correlation: Option<f64>,
        /// Σ predicted · found / Σ predicted²; of one step 1 if it is plain, on all samples, and 1 / (1 − μ) once momentum has built up; of several steps more
        pub slope: Option<f64>,
    }
}

impl Agreement {
    /// The agreement of the changes `found` \[m\] with the `predicted` changes \[m\].
    pub fn of(predicted: &[f64], found: &[f64]) -> Self {
        let sum = |term: fn((f64, f64)) -> f64| {
            predicted.iter().zip(found).map(|(p, f)| term((*p, *f))).sum::<f64>()
        };
        let moved = sum(|(p, _)| f64::from(u8::from(p != 0.0)));
        let as_predicted = sum(|(p, f)| f64::from(u8::from(p * f > 0.0)));
        let squares = sum(|(p, _)| p * p);
        Self {
            sign: (moved > 0.0).then(|| as_predicted / moved),
            correlation: correlation(predicted, found),
            slope: (squares > 0.0).then(|| sum(|(p, f)| p * f) / squares),
        }
    }
}

fn correlation(x: &[f64], y: &[f64]) -> Option<f64> {
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let (x_mean, y_mean) = (mean(x), mean(y));
    let (mut xx, mut yy, mut xy) = (0.0, 0.0, 0.0);
    for (x, y) in x.iter().zip(y) {
        let (dx, dy) = (x - x_mean, y - y_mean);
        (xx, yy, xy) = (xx + dx * dx, yy + dy * dy, xy + dx * dy);
    }
    (xx > 0.0 && yy > 0.0).then(|| xy / (xx * yy).sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agreement_equals_values_computed_by_hand() {
        let found = Agreement::of(&[1.0, -2.0, 0.0, 4.0], &[2.0, -4.0, 5.0, -8.0]);
        assert_eq!(found.sign, Some(2.0 / 3.0));
        assert_eq!(found.slope, Some((2.0 + 8.0 - 32.0) / 21.0));
        // By hand: means 0.75 and −1.25.
        let (xx, yy, xy) = (18.75, 102.75, -18.25);
        assert!((found.correlation.unwrap() - xy / f64::sqrt(xx * yy)).abs() < 1e-12);
        let twice = Agreement::of(&[1.0, -2.0], &[2.0, -4.0]);
        assert_eq!([twice.sign, twice.correlation, twice.slope], [Some(1.0), Some(1.0), Some(2.0)]);
    }

    #[test]
    fn agreement_is_absent_without_a_prediction() {
        let none = Agreement { sign: None, correlation: None, slope: None };
        assert_eq!(Agreement::of(&[0.0, 0.0], &[1.0, 2.0]), none);
        assert_eq!(Agreement::of(&[], &[]), none);
    }
}
