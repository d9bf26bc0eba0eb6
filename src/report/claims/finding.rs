//! What the rules share: a number against a threshold, and what a contrast showed.

use super::margins::{CONFIDENCE, CONTRADICTION_LEVEL, MOST_SEEDS};
use super::sample::{Estimate, Sample};
use super::verdict::{Measure, Outlook, Side, Threshold, Verdict};

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
    /// Of a number that is to lie on `side` of `value`; `corrected` is the confidence of a contradiction.
    pub(super) fn new(side: Side, value: f64, corrected: Option<f64>) -> Self {
        Self { threshold: Threshold { side, value }, confidence: CONFIDENCE, corrected }
    }

    /// What the intervals of `estimate` show.
    pub(super) fn judge(&self, estimate: &Estimate) -> Verdict {
        let at = |confidence| self.threshold.judge(estimate.interval(confidence));
        let is_contradicted = self.corrected.is_some_and(|corrected| at(corrected) == Verdict::Contradicted);
        Verdict::of(at(self.confidence) == Verdict::Supported, is_contradicted)
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

    /// The same where nothing else decides.
    pub(super) fn finding(&self, sample: &Sample, estimate: Estimate, quantity: String) -> Finding {
        let measures = vec![self.measure(sample, &estimate, quantity)];
        Finding::new(&[estimate], |own| self.judge(&own[0]), measures, Vec::new())
    }
}

/// What a contrast showed.
#[derive(Debug)]
pub(super) struct Finding {
    pub(super) measures: Vec<Measure>,
    pub(super) verdict: Verdict,
    pub(super) outlook: Option<Outlook>,
    pub(super) notes: Vec<String>,
}

impl Finding {
    /// What `judge` says of `estimates` together; where they are of several seeds and don't decide, with what it would take.
    pub(super) fn new(
        estimates: &[Estimate],
        judge: impl Fn(&[Estimate]) -> Verdict,
        measures: Vec<Measure>,
        notes: Vec<String>,
    ) -> Self {
        let verdict = judge(estimates);
        let decides = |seeds: &usize| {
            let with: Vec<Estimate> = estimates.iter().map(|estimate| estimate.with_seeds(*seeds)).collect();
            judge(&with) != Verdict::Undecided
        };
        let spread = estimates.iter().filter_map(Estimate::standard_deviation).reduce(f64::max);
        let outlook = spread
            .filter(|_| verdict == Verdict::Undecided)
            .map(|standard_deviation| Outlook { standard_deviation, seeds: (2..=MOST_SEEDS).find(decides) });
        Self { measures, verdict, outlook, notes }
    }
}
