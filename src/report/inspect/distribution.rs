//! The distribution of codes: active units of each sample, and the Hoyer and Gini indices of its code; over the epochs where
//! `evaluation.distribution` has measured it.

use super::features::{FeatureTally, UnitFeature};
use super::names::{ACTIVE_UNITS, DISTRIBUTION, heading, words};
use crate::linalg::Team;
use crate::report::chart::{Axis, Bars, Multiples, PanelCurve, Row, Stack};
use crate::report::numbers::Line;
use crate::report::statistics::Estimate;
use crate::report::text::decimal;
use crate::report::{Chart, Drawing};
use crate::state::Parameters;
use crate::store::{DistributionRecord, StoredRun};
use crate::training::{CodeDistribution, CodeTally, Encoder, EpochDistribution};
use ndarray::ArrayView2;
use std::convert::Infallible;

/// Greatest number of bars.
const BARS: usize = 50;

/// The codes of the training samples, measured in one pass.
#[derive(Debug, Clone, PartialEq)]
pub struct MeasuredCodes {
    /// The distribution of the codes.
    pub distribution: CodeDistribution,
    /// The feature of each unit, in the order of the rows of W.
    pub features: Vec<UnitFeature>,
}

impl MeasuredCodes {
    /// The codes of the standardised training samples `train` \[N, n\] of `run`, whose activation this program must have. The threads of
    /// `team` share the products, which changes no bit; memory for one block of codes, whatever N.
    ///
    /// # Panics
    /// If the samples don't have the network's inputs.
    pub fn of(
        team: &Team,
        run: &StoredRun,
        parameters: &Parameters<f32>,
        train: ArrayView2<'_, f32>,
    ) -> Self {
        let mut tally = CodeTally::new(parameters.hidden(), run.spec.threshold);
        let mut features = FeatureTally::new(parameters.hidden(), run.spec.threshold);
        let encoder = Encoder::new(run.spec.activation.clone(), parameters, run.spec.samples);
        let Ok(()) = encoder.with_team(team).encode(train, train.nrows(), |codes| {
            for code in codes.rows() {
                let code = code.to_vec();
                tally.add(&code);
                features.add(&code);
            }
            Ok::<(), Infallible>(())
        });
        Self { distribution: tally.take(), features: features.finish(run, parameters.weights()) }
    }
}

/// The histogram of the samples of `run` with the distribution `codes` by L0: `active_units.{csv,svg,png}`. Samples without an active unit
/// have a separate bar.
pub fn active_units(run: &StoredRun, codes: &CodeDistribution) -> Drawing {
    let greatest = codes.samples_by_l0.last().map_or(1, |(l0, _)| (*l0).max(1));
    let width = greatest.div_ceil(BARS);
    // The number of samples with L0 in (from, to].
    let within = |from: usize, to: usize| -> u64 {
        let inside = codes.samples_by_l0.iter().filter(|(l0, _)| (from + 1..=to).contains(l0));
        inside.map(|(_, samples)| samples).sum()
    };
    let bar = |from: usize| (from as f64, (from + width) as f64, within(from, from + width));
    let bars: Vec<(f64, f64, u64)> = (0..greatest).step_by(width).map(bar).collect();
    let silent = codes.samples() - within(0, greatest);
    let line = |above: String, up_to: f64, samples: u64| {
        Line::default().with("above", above).with("up_to", up_to).with("samples", samples)
    };
    let lines = bars.iter().map(|(from, to, samples)| line(from.to_string(), *to, *samples));
    let numbers = std::iter::once(line(String::new(), 0.0, silent)).chain(lines).collect();
    let [least, median, most] = l0_range(codes);
    let chart = Bars {
        title: heading("Samples by active units", run),
        subtitle: words(run),
        description: format!(
            "Samples by L0, their number of active units: median {median}, from {least} to {most}."
        ),
        remark: format!("median {median} · active: h > {}", run.spec.threshold),
        x_name: "active units of a sample (L0)".to_owned(),
        y_name: format!("Samples of {}", codes.samples()),
        aside: ("none".to_owned(), silent),
        x: Axis::covering(bars.last().map_or(1.0, |bar| bar.1)),
        bars,
    };
    Drawing::new(ACTIVE_UNITS.to_owned(), Chart::Bars(chart), "", numbers)
}

/// The least L0, the median and the greatest.
pub fn l0_range(codes: &CodeDistribution) -> [usize; 3] {
    [0.0, 0.5, 1.0].map(|share| codes.l0_quantile(share))
}

/// A number of an epoch: its column, its name in the legend, and its value.
type EpochNumber = (&'static str, &'static str, fn(&EpochDistribution) -> Option<f64>);

/// The rows of the picture: the name of the axis, and the curves.
const ROWS: [(&str, &[EpochNumber]); 3] = [
    (
        "Sparseness",
        &[("hoyer", "Hoyer sparseness", |at| at.codes.hoyer), ("gini", "Gini index", |at| at.codes.gini)],
    ),
    (
        "Active units",
        &[
            ("least_l0", "least L0", |at| Some(l0_range(&at.codes)[0] as f64)),
            ("median_l0", "median L0", |at| Some(l0_range(&at.codes)[1] as f64)),
            ("greatest_l0", "greatest L0", |at| Some(l0_range(&at.codes)[2] as f64)),
        ],
    ),
    (
        "Units",
        &[
            ("died", "units that died", |at| at.died.map(|units| units as f64)),
            ("came_back", "units that came back", |at| at.came_back.map(|units| units as f64)),
        ],
    ),
];

/// The distribution of the codes of `run` over its measured epochs: sparseness, L0, and units that died and came back. The CSV also has units
/// by the decade of their firing density. `None` where no epoch was measured.
pub fn distribution(run: &StoredRun, record: &DistributionRecord) -> Option<Drawing> {
    let epochs = &record.epochs;
    let last = epochs.last()?;
    let x = Axis::epochs(f64::from(last.epoch).max(1.0));
    let numbers = || ROWS.iter().flat_map(|(_, numbers)| *numbers);
    let drawn = |value: Option<f64>| value.map_or(Estimate::GAP, |mean| Estimate { mean, interval: None });
    let curve = |(column, legend, value): &EpochNumber| PanelCurve {
        label: (*column).to_owned(),
        legend: (*legend).to_owned(),
        points: epochs.iter().map(|at| (f64::from(at.epoch), Some(drawn(value(at))))).collect(),
    };
    let row = |(name, numbers): &(&'static str, &[EpochNumber])| {
        let values = epochs.iter().flat_map(|at| numbers.iter().filter_map(|number| number.2(at)));
        let y = Axis::covering(values.fold(1.0, f64::max));
        Row { name, y, panels: vec![numbers.iter().map(curve).collect()] }
    };
    let in_words = |(_, legend, value): &EpochNumber| Some(format!("{legend} {}", decimal(value(last)?)));
    let words_at_end: Vec<_> = numbers().filter_map(in_words).collect();
    let chart = Multiples {
        title: heading("Distribution of codes", run),
        subtitle: words(run),
        description: format!("At epoch {}: {}.", last.epoch, words_at_end.join(", ")),
        x_name: "epoch".to_owned(),
        stacks: vec![Stack { x, titles: Vec::new(), rows: ROWS.iter().map(row).collect() }],
    };
    let line = |at: &EpochDistribution| {
        let line = Line::default().with("epoch", at.epoch);
        let line = numbers().fold(line, |line, (column, _, value)| line.number(*column, value(at)));
        // The decades of all epochs are those of N.
        let decades = at.units_by_decade.iter().enumerate();
        decades.fold(line, |line, (place, units)| line.with(format!("units_above_1e-{}", place + 1), *units))
    };
    let table = epochs.iter().map(line).collect();
    Some(Drawing::new(DISTRIBUTION.to_owned(), Chart::Multiples(chart), "", table))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::figure::tests::runs;
    use ndarray::array;

    #[test]
    fn samples_are_counted_by_their_active_units() {
        let run =
            runs("sweep = { sigma_squared = [1], regularizer = ['dae'] }", |_| Some((0.5, 0.0))).remove(0);
        // ReLU: h = (x_1, x_2, 0) where positive, for samples with 2, 1, 1 and 0 active units.
        let w = array![[1.0_f32, 0.0], [0.0, 1.0], [0.0, 0.0]];
        let parameters = Parameters::new(w.view(), vec![0.0; 3], Vec::new());
        let samples = array![[3.0_f32, 4.0], [2.0, -1.0], [-1.0, 7.0], [-1.0, -2.0]];
        let measured = MeasuredCodes::of(&Team::alone(), &run, &parameters, samples.view());
        let active: Vec<u64> = measured.features.iter().map(|unit| unit.active_samples).collect();
        assert_eq!(
            (active, measured.features[0].top.as_slice()),
            (vec![2, 2, 0], [(0, 3.0), (1, 2.0)].as_slice())
        );
        let found = measured.distribution;
        assert_eq!(
            (found.samples_by_l0.as_slice(), found.samples()),
            ([(0, 1), (1, 2), (2, 1)].as_slice(), 4)
        );
        assert_eq!(l0_range(&found), [0, 1, 2]);
        // (3, 4, 0): (√3 − 7/5) / (√3 − 1); the other two codes have one unit alone, and the last one is 0.
        let root = 3.0_f64.sqrt();
        assert!((found.hoyer.unwrap() - ((root - 1.4) / (root - 1.0) + 2.0) / 3.0).abs() < 1e-7);
        // 1 − 2 (3/7 · 1.5/3 + 4/7 · 0.5/3) = 8/21, and twice 2/3.
        assert!((found.gini.unwrap() - (8.0 / 21.0 + 4.0 / 3.0) / 3.0).abs() < 1e-12);
        let drawing = active_units(&run, &found);
        let csv = String::from_utf8(drawing.numbers.csv()).unwrap();
        assert_eq!(csv, "above,up_to,samples\n,0,1\n0,1,2\n1,2,1\n");
        assert!(drawing.svg().contains(">active units of a sample (L0)</text>"));
        // Many units share bars.
        let samples_by_l0 = (0..=120).map(|l0| (l0, 1)).collect();
        let wide = CodeDistribution { samples_by_l0, hoyer: None, gini: None };
        let csv = String::from_utf8(active_units(&run, &wide).numbers.csv()).unwrap();
        assert!(
            csv.starts_with("above,up_to,samples\n,0,1\n0,3,3\n") && csv.ends_with("\n117,120,3\n"),
            "{csv}"
        );
    }
}
