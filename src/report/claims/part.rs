//! From runs to a part of a claim: which curves it looks at, what is missing of them, what was found.

use super::bootstrap::Bootstrap;
use super::curves::{Curve, Curves, Protocol, Series, differences};
use super::sample::{Estimate, Needs, Pairing, Sample};
use super::verdict::{Measure, Part, Threshold, Verdict};
use crate::optimizer::EncoderBias;
use crate::regularizer::RegularizerKind;

/// The unit of activation fractions and their differences.
pub(super) const FRACTION: &str = "activation fraction";
/// The unit of τ.
pub(super) const TAU: &str = "Kendall's tau";

impl Measure {
    /// `estimate`, found in `sample`, against `threshold`; what it is of, its maker adds.
    pub(super) fn new(
        sample: &Sample,
        unit: &'static str,
        estimate: &Estimate,
        confidence: f64,
        threshold: Threshold,
    ) -> Self {
        // Fractions, their differences and Kendall's tau lie between −1 and 1.
        let interval = estimate.interval.map(|interval| interval.within([-1.0, 1.0]));
        Self {
            quantity: String::new(),
            unit,
            sigma_squared: None,
            value: estimate.value,
            interval,
            confidence,
            basis: sample.basis(),
            threshold,
            verdict: threshold.judge(interval),
        }
    }
}

/// What a contrast showed.
#[derive(Debug)]
pub(super) struct Finding {
    pub(super) measures: Vec<Measure>,
    pub(super) power: Option<f64>,
    pub(super) verdict: Verdict,
    pub(super) notes: Vec<String>,
}

/// The paper's data sets, by their names in results and in the paper.
pub(super) const DATASETS: [(&str, &str); 2] = [("mnist", "MNIST"), ("cifar10", "CIFAR-10")];

/// What a curve is looked up by, beside the learning rate.
#[derive(Debug, Clone, Copy)]
pub(super) struct Which {
    /// An index of [`DATASETS`].
    pub(super) dataset: usize,
    pub(super) activation: &'static str,
    pub(super) constraint: &'static str,
    pub(super) model: RegularizerKind,
}

/// The runs that claims are judged by.
#[derive(Debug, Clone, Copy)]
pub(super) struct Runs<'c> {
    pub(super) curves: &'c Curves,
    pub(super) bootstrap: &'c Bootstrap<'c>,
    pub(super) learning_rate: f64,
}

impl<'c> Runs<'c> {
    /// The curve `which`.
    ///
    /// # Errors
    /// That there is none.
    pub(super) fn curve(&self, which: Which) -> Result<&'c Curve, String> {
        let series = Series {
            dataset: DATASETS[which.dataset].0.to_owned(),
            activation: which.activation.to_owned(),
            constraint: which.constraint.to_owned(),
            regularizer: which.model.name().to_owned(),
            learning_rate: self.learning_rate,
            encoder_bias: EncoderBias::Trained.name().to_owned(),
        };
        self.curves.get(&series).ok_or_else(|| format!("there are no runs of {}", series.name()))
    }

    /// The runs of the curves `which`, which must have been trained alike: one sample of all of them, or one of each.
    /// What of them a seed must have is said by `needs`.
    ///
    /// # Errors
    /// What is missing, or that they were trained differently.
    pub(super) fn samples(
        &self,
        which: &[Which],
        together: bool,
        needs: Needs,
    ) -> Result<Vec<Sample>, String> {
        let curves = which.iter().map(|which| self.curve(*which)).collect::<Result<Vec<_>, _>>()?;
        let same_data = which.iter().all(|other| other.dataset == which[0].dataset);
        let pairing = if same_data { Pairing::Units } else { Pairing::Seeds };
        for curve in &curves[1..] {
            comparable(curves[0], curve, pairing)?;
        }
        let size = if together { curves.len() } else { 1 };
        curves.chunks(size).map(|curves| Sample::new(curves, needs, pairing, self.bootstrap)).collect()
    }

    /// The notes on the runs of the curves `which`.
    pub(super) fn notes(&self, which: &[Which]) -> impl Iterator<Item = &'c String> {
        which.iter().filter_map(|which| self.curve(*which).ok()).flat_map(|curve| &curve.notes)
    }
}

/// Whether two curves were trained alike, but for what the data set brings with it.
fn comparable(first: &Curve, second: &Curve, pairing: Pairing) -> Result<(), String> {
    let without_data = |protocol: &Protocol| {
        let mut protocol = protocol.clone();
        if pairing == Pairing::Seeds {
            for key in ["data_sha256", "inputs", "standardize"] {
                protocol.remove(key);
            }
        }
        protocol
    };
    let differs = differences(&without_data(&second.protocol), &without_data(&first.protocol));
    if differs.is_empty() {
        return Ok(());
    }
    Err(format!("{} was trained differently from {}: {differs}", second.series.name(), first.series.name()))
}

/// The part called `label` of the curves `which`: what `judge` finds in `samples` of them; undecided with the reason
/// where there are none.
pub(super) fn part(
    label: String,
    which: &[Which],
    samples: Result<Vec<Sample>, String>,
    judge: impl FnOnce(&[Sample]) -> Finding,
) -> Part {
    let shared = |same: bool| which.first().filter(|_| same);
    let same_dataset = which.windows(2).all(|pair| pair[0].dataset == pair[1].dataset);
    let same_model = which.windows(2).all(|pair| pair[0].model == pair[1].model);
    let part = Part {
        label,
        dataset: shared(same_dataset).map(|which| DATASETS[which.dataset].0),
        regularizer: shared(same_model).map(|which| which.model.name()),
        measures: Vec::new(),
        power: None,
        verdict: Verdict::Undecided,
        note: String::new(),
    };
    let samples = match samples {
        Ok(samples) => samples,
        Err(reason) => return Part { note: reason, ..part },
    };
    let Finding { measures, power, verdict, mut notes } = judge(&samples);
    for sample in &samples {
        if sample.spread().is_none() {
            notes.insert(0, NO_INTERVAL.to_owned());
        }
        notes.extend(sample.notes.iter().cloned());
    }
    notes.dedup();
    Part { measures, power, verdict, note: notes.join("; "), ..part }
}

const NO_INTERVAL: &str =
    "one seed, and its records have no counts by unit: no interval; other seeds, or training again, give one";
