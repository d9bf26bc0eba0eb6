//! The distribution of codes: active units of each sample, and the Hoyer and Gini indices of its code.

use super::names::{ACTIVE_UNITS, heading, words};
use crate::report::chart::{Axis, Bars};
use crate::report::numbers::Line;
use crate::report::statistics::mean;
use crate::report::{Chart, Drawing};
use crate::state::Parameters;
use crate::store::StoredRun;
use crate::training::Encoder;
use ndarray::ArrayView2;
use std::convert::Infallible;

/// Greatest number of samples that are encoded, the first ones.
pub const MOST_SAMPLES: usize = 10_000;

/// Greatest number of bars.
const BARS: usize = 50;

/// The distribution of the codes of a network.
#[derive(Debug, Clone, PartialEq)]
pub struct CodeDistribution {
    /// For each number of active units, from 0 to m, the number of samples with so many (L0).
    pub samples_by_l0: Vec<u64>,
    /// Mean [`hoyer`] over the samples whose code is not 0; `None` without such samples.
    pub hoyer: Option<f64>,
    /// Mean [`gini`] over the same samples.
    pub gini: Option<f64>,
}

/// Hoyer's sparseness (√m − ‖h‖₁ / ‖h‖₂) / (√m − 1) of a code h \[m\]: 0 where all |h_j| are equal, 1 where one alone is not 0.
/// `None` for h = 0 and for m = 1. Hoyer (2004), "Non-negative matrix factorization with sparseness constraints", section 3.1.
pub fn hoyer(code: &[f32]) -> Option<f64> {
    let values = || code.iter().map(|h| f64::from(*h).abs());
    let (sum, length) = (values().sum::<f64>(), values().map(|h| h * h).sum::<f64>().sqrt());
    let root = (code.len() as f64).sqrt();
    // Rounding may leave the range by an ulp.
    (length > 0.0 && code.len() > 1).then(|| ((root - sum / length) / (root - 1.0)).clamp(0.0, 1.0))
}

/// The Gini index 1 − 2 Σ_k |h|_(k) / ‖h‖₁ · (m − k + ½) / m of a code h \[m\], where |h|_(1) ≤ … ≤ |h|_(m): 0 where all |h_j| are
/// equal, 1 − 1/m where one alone is not 0. `None` for h = 0. Hurley and Rickard (2009), "Comparing measures of sparsity",
/// table I.
pub fn gini(code: &[f32]) -> Option<f64> {
    let mut values: Vec<f64> = code.iter().map(|h| f64::from(*h).abs()).collect();
    values.sort_by(f64::total_cmp);
    let (sum, m) = (values.iter().sum::<f64>(), values.len() as f64);
    let weighted = |(k, h): (usize, &f64)| h / sum * ((m - (k as f64 + 1.0) + 0.5) / m);
    (sum > 0.0).then(|| 1.0 - 2.0 * values.iter().enumerate().map(weighted).sum::<f64>())
}

/// The codes counted so far.
struct CodeTally {
    threshold: f32,
    samples_by_l0: Vec<u64>,
    hoyers: Vec<f64>,
    ginis: Vec<f64>,
}

impl CodeTally {
    /// Counts nothing yet, for codes of `units` units, of which those above `threshold` are active.
    fn new(units: usize, threshold: f32) -> Self {
        Self { threshold, samples_by_l0: vec![0; units + 1], hoyers: Vec::new(), ginis: Vec::new() }
    }

    fn add(&mut self, code: &[f32]) {
        self.samples_by_l0[code.iter().filter(|h| **h > self.threshold).count()] += 1;
        self.hoyers.extend(hoyer(code));
        self.ginis.extend(gini(code));
    }

    fn finish(self) -> CodeDistribution {
        let average = |values: &[f64]| (!values.is_empty()).then(|| mean(values));
        let (hoyer, gini) = (average(&self.hoyers), average(&self.ginis));
        CodeDistribution { samples_by_l0: self.samples_by_l0, hoyer, gini }
    }
}

impl CodeDistribution {
    /// The distribution of the codes of the first [`MOST_SAMPLES`] standardised training samples `train` \[N, n\] of `run`, whose
    /// activation this program must have.
    ///
    /// # Panics
    /// If the samples don't have the network's inputs.
    pub fn measure(run: &StoredRun, parameters: &Parameters<f32>, train: ArrayView2<'_, f32>) -> Self {
        let mut tally = CodeTally::new(parameters.hidden(), run.spec.threshold as f32);
        let mut encoder = Encoder::new(run.spec.activation.clone(), parameters, run.spec.samples);
        let Ok(()) = encoder.encode(train, train.nrows().min(MOST_SAMPLES), |codes| {
            codes.rows().into_iter().for_each(|code| tally.add(&code.to_vec()));
            Ok::<(), Infallible>(())
        });
        tally.finish()
    }

    /// Number of encoded samples.
    pub fn samples(&self) -> u64 {
        self.samples_by_l0.iter().sum()
    }

    /// The smallest L0 that at least the share `p` of the samples doesn't exceed; 0 without samples.
    pub fn l0_quantile(&self, p: f64) -> usize {
        let wanted = p * self.samples() as f64;
        let mut seen = 0;
        let reaches = |count: &u64| {
            seen += count;
            seen as f64 >= wanted
        };
        self.samples_by_l0.iter().position(reaches).unwrap_or_default()
    }

    /// The histogram of the samples of `run` by L0: `active_units.{csv,svg,png}`. Samples without an active unit have a separate
    /// bar.
    pub fn histogram(&self, run: &StoredRun) -> Drawing {
        let greatest = self.samples_by_l0.iter().rposition(|count| *count > 0).unwrap_or_default().max(1);
        let width = greatest.div_ceil(BARS);
        let bar = |(index, counts): (usize, &[u64])| {
            let from = index * width;
            (from as f64, (from + width) as f64, counts.iter().sum())
        };
        let bars: Vec<(f64, f64, u64)> =
            self.samples_by_l0[1..=greatest].chunks(width).enumerate().map(bar).collect();
        let silent = self.samples_by_l0[0];
        let line = |above: String, up_to: f64, samples: u64| {
            Line::default().with("above", above).with("up_to", up_to).with("samples", samples)
        };
        let lines = bars.iter().map(|(from, to, samples)| line(from.to_string(), *to, *samples));
        let numbers = std::iter::once(line(String::new(), 0.0, silent)).chain(lines).collect();
        let [least, median, most] = [0.0, 0.5, 1.0].map(|p| self.l0_quantile(p));
        let chart = Bars {
            title: heading("Samples by active units", run),
            subtitle: words(run),
            description: format!(
                "Samples by L0, their number of active units: median {median}, from {least} to {most}."
            ),
            remark: format!("median {median} · active: h > {}", run.spec.threshold),
            x_name: "active units of a sample (L0)".to_owned(),
            y_name: format!("Samples of {}", self.samples()),
            aside: ("none".to_owned(), silent),
            x: Axis::covering(bars.last().map_or(1.0, |bar| bar.1)),
            bars,
        };
        Drawing::new(ACTIVE_UNITS.to_owned(), Chart::Bars(chart), "", numbers)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::figure::tests::runs;
    use ndarray::array;

    fn close(found: Option<f64>, expected: f64) -> bool {
        found.is_some_and(|found| (found - expected).abs() < 1e-12)
    }

    #[test]
    fn hoyer_and_gini_have_their_values_by_hand() {
        // Four units, √m = 2. One alone; all equal; (3, 4): sum 7, length 5, so (2 − 7/5) / 1.
        assert!(close(hoyer(&[0.0, 0.0, 5.0, 0.0]), 1.0) && close(hoyer(&[2.0; 4]), 0.0));
        assert!(close(hoyer(&[3.0, 0.0, 4.0, 0.0]), 0.6));
        // Gini: one alone is 1 − 1/4. Sorted (0, 0, 3, 4), sum 7: 1 − 2 (3/7 · 1.5/4 + 4/7 · 0.5/4) = 1 − 13/28.
        assert!(close(gini(&[0.0, 0.0, 5.0, 0.0]), 0.75) && close(gini(&[2.0; 4]), 0.0));
        assert!(close(gini(&[3.0, 0.0, 4.0, 0.0]), 15.0 / 28.0));
        // Neither depends on the scale, the order or the sign.
        let (code, other) = ([0.5_f32, 0.25, 1.0, 2.0], [-8.0_f32, 2.0, -1.0, 4.0]);
        assert!(close(hoyer(&other), hoyer(&code).unwrap()) && close(gini(&other), gini(&code).unwrap()));
        assert_eq!((hoyer(&[0.0; 4]), gini(&[0.0; 4]), hoyer(&[1.0])), (None, None, None));
    }

    #[test]
    fn samples_are_counted_by_their_active_units() {
        let run =
            runs("sweep = { sigma_squared = [1], regularizer = ['dae'] }", |_| Some((0.5, 0.0))).remove(0);
        // ReLU: h = (x_1, x_2, 0) where positive, for samples with 2, 1, 1 and 0 active units.
        let w = array![[1.0_f32, 0.0], [0.0, 1.0], [0.0, 0.0]];
        let parameters = Parameters::new(w.view(), vec![0.0; 3], Vec::new());
        let samples = array![[3.0_f32, 4.0], [2.0, -1.0], [-1.0, 7.0], [-1.0, -2.0]];
        let found = CodeDistribution::measure(&run, &parameters, samples.view());
        assert_eq!((found.samples_by_l0.as_slice(), found.samples()), ([1, 2, 1, 0].as_slice(), 4));
        assert_eq!([0.0, 0.5, 1.0].map(|p| found.l0_quantile(p)), [0, 1, 2]);
        // (3, 4, 0): (√3 − 7/5) / (√3 − 1); the other two codes have one unit alone, and the last one is 0.
        let root = 3.0_f64.sqrt();
        assert!((found.hoyer.unwrap() - ((root - 1.4) / (root - 1.0) + 2.0) / 3.0).abs() < 1e-7);
        // 1 − 2 (3/7 · 1.5/3 + 4/7 · 0.5/3) = 8/21, and twice 2/3.
        assert!((found.gini.unwrap() - (8.0 / 21.0 + 4.0 / 3.0) / 3.0).abs() < 1e-12);
        let drawing = found.histogram(&run);
        let csv = String::from_utf8(drawing.numbers.csv()).unwrap();
        assert_eq!(csv, "above,up_to,samples\n,0,1\n0,1,2\n1,2,1\n");
        assert!(drawing.svg().contains(">active units of a sample (L0)</text>"));
        // Many units share bars.
        let wide = CodeDistribution { samples_by_l0: vec![1; 121], hoyer: None, gini: None };
        let csv = String::from_utf8(wide.histogram(&run).numbers.csv()).unwrap();
        assert!(
            csv.starts_with("above,up_to,samples\n,0,1\n0,3,3\n") && csv.ends_with("\n117,120,3\n"),
            "{csv}"
        );
    }
}
