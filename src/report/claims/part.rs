//! From runs to a part of a claim: which curves it looks at, what is missing of them, what was found.

use super::bootstrap::Bootstrap;
use super::curves::{Curve, Curves, Protocol, Series, differences};
use super::margins::{CONTRADICTION_LEVEL, MOST_SEEDS};
use super::sample::{Estimate, Needs, Pairing, Sample};
use super::verdict::{Measure, Outlook, Part, Threshold, Verdict};
use crate::optimizer::EncoderBias;
use crate::regularizer::RegularizerKind;

/// The level at which a claim is contradicted, shared by its parts.
#[derive(Debug, Clone, Copy)]
pub(super) struct Level {
    /// Of the claim, on both data sets together.
    pub(super) parts: usize,
}

impl Level {
    /// The confidence of each interval where `tests` of a part may contradict its claim (Bonferroni).
    pub(super) fn corrected(self, tests: usize) -> f64 {
        1.0 - CONTRADICTION_LEVEL / (tests.max(1) * self.parts) as f64
    }
}

/// A number against a threshold.
#[derive(Debug, Clone, Copy)]
pub(super) struct Test {
    pub(super) threshold: Threshold,
    /// Of the interval that supports.
    pub(super) confidence: f64,
    /// Of the interval that contradicts; `None` where the number can't contradict.
    pub(super) corrected: Option<f64>,
}

impl Test {
    /// What the intervals of `estimate` show.
    pub(super) fn judge(&self, estimate: &Estimate) -> Verdict {
        let at = |confidence| self.threshold.judge(estimate.interval(confidence));
        if at(self.confidence) == Verdict::Supported {
            Verdict::Supported
        } else if self.corrected.is_some_and(|corrected| at(corrected) == Verdict::Contradicted) {
            Verdict::Contradicted
        } else {
            Verdict::Undecided
        }
    }

    /// `estimate`, found in `sample` and called `quantity`, put to the test.
    pub(super) fn measure(&self, sample: &Sample, estimate: &Estimate, quantity: String) -> Measure {
        Measure {
            quantity,
            sigma_squared: None,
            value: estimate.value,
            interval: estimate.interval(self.confidence),
            confidence: self.confidence,
            corrected: self.corrected.and_then(|corrected| estimate.interval(corrected)),
            corrected_confidence: self.corrected,
            basis: sample.basis(),
            threshold: Some(self.threshold),
            verdict: Some(self.judge(estimate)),
        }
    }
}

/// What it would take to decide what `judge` says of `estimates` together; `None` where it is decided, or they are not of several
/// seeds.
pub(super) fn outlook(estimates: &[Estimate], judge: impl Fn(&[Estimate]) -> Verdict) -> Option<Outlook> {
    let standard_deviation = estimates.iter().filter_map(Estimate::standard_deviation).reduce(f64::max)?;
    if judge(estimates) != Verdict::Undecided {
        return None;
    }
    let decides = |seeds: &usize| {
        let with: Vec<Estimate> = estimates.iter().map(|estimate| estimate.with_seeds(*seeds)).collect();
        judge(&with) != Verdict::Undecided
    };
    Some(Outlook { standard_deviation, seeds: (2..=MOST_SEEDS).find(decides) })
}

/// What a contrast showed.
#[derive(Debug)]
pub(super) struct Finding {
    pub(super) measures: Vec<Measure>,
    pub(super) verdict: Verdict,
    pub(super) outlook: Option<Outlook>,
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

    /// The runs of the curves `which`, which must have been trained alike: one sample of all of them, or one of each, of the same
    /// seeds. What of them a seed must have is said by `needs`.
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
        let sample = Sample::new(&curves, needs, pairing, self.bootstrap)?;
        Ok(if together { vec![sample] } else { sample.split() })
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
/// where there are none. With one seed it says what would follow. A verdict from other seeds than `planned` is exploratory.
pub(super) fn part(
    label: String,
    which: &[Which],
    samples: Result<Vec<Sample>, String>,
    planned: &[u64],
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
        verdict: Verdict::Undecided,
        would: None,
        exploratory: false,
        outlook: None,
        note: String::new(),
    };
    let samples = match samples {
        Ok(samples) => samples,
        Err(reason) => return Part { note: reason, ..part },
    };
    let Finding { measures, verdict: found, outlook, mut notes } = judge(&samples);
    let has_one_seed = samples.iter().any(|sample| sample.seeds.len() == 1);
    let decided = found != Verdict::Undecided;
    for sample in &samples {
        if sample.spread().is_none() {
            notes.insert(0, NO_INTERVAL.to_owned());
        }
        notes.extend(sample.notes.iter().cloned());
    }
    notes.dedup();
    Part {
        measures,
        verdict: if has_one_seed { Verdict::Undecided } else { found },
        would: (has_one_seed && decided).then_some(found),
        exploratory: decided && !has_one_seed && samples.iter().any(|sample| sample.seeds != planned),
        outlook: outlook.filter(|_| !decided && !has_one_seed),
        note: notes.join("; "),
        ..part
    }
}

const NO_INTERVAL: &str =
    "one seed, and its records have no counts by unit: no interval; other seeds, or training again, give one";
