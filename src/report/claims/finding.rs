//! Parts that all rules share: the test of a number against a threshold, and the finding of a rule.

use super::contrast::{Contrast, ContrastEstimate};
use super::margins::{CONFIDENCE, CONTRADICTION_LEVEL, MOST_SEEDS};
use super::verdict::{ClaimThreshold, Measure, SeedsToDecide, Side, Verdict};

/// The significance level of a contradiction, which the parts of a claim share.
#[derive(Debug, Clone, Copy)]
pub(super) struct ContradictionLevel {
    /// Number of parts of the claim, on both data sets together.
    pub(super) parts: usize,
}

impl ContradictionLevel {
    /// The confidence of each interval where any of `tests` in a part may contradict the claim (Bonferroni).
    pub(super) fn corrected(self, tests: usize) -> f64 {
        1.0 - CONTRADICTION_LEVEL / (tests.max(1) * self.parts) as f64
    }
}

/// A test of a number against a threshold.
#[derive(Debug, Clone, Copy)]
pub(super) struct Test {
    pub(super) threshold: ClaimThreshold,
    /// Confidence of the interval that supports.
    pub(super) confidence: f64,
    /// Confidence of the interval that contradicts; `None` where the number can't contradict.
    pub(super) corrected: Option<f64>,
}

impl Test {
    /// A test that a number lies on `side` of `value`; `corrected` is the confidence of a contradiction.
    pub(super) fn new(side: Side, value: f64, corrected: Option<f64>) -> Self {
        Self { threshold: ClaimThreshold { side, value }, confidence: CONFIDENCE, corrected }
    }

    /// The verdict of the intervals of `estimate`.
    pub(super) fn judge(&self, estimate: &ContrastEstimate) -> Verdict {
        let at = |confidence| self.threshold.judge(estimate.interval(confidence));
        let is_contradicted = self.corrected.is_some_and(|corrected| at(corrected) == Verdict::Contradicted);
        Verdict::of(at(self.confidence) == Verdict::Supported, is_contradicted)
    }

    /// The measure of `estimate`, which was found in `contrast` and is called `quantity`, with its verdict.
    pub(super) fn measure(
        &self,
        contrast: &Contrast,
        estimate: &ContrastEstimate,
        quantity: String,
    ) -> Measure {
        Measure {
            quantity,
            sigma_squared: None,
            value: estimate.value,
            interval: estimate.interval(self.confidence),
            confidence: self.confidence,
            corrected: self.corrected.and_then(|corrected| estimate.interval(corrected)),
            corrected_confidence: self.corrected,
            basis: contrast.basis(),
            threshold: Some(self.threshold),
            verdict: Some(self.judge(estimate)),
        }
    }

    /// The finding where this test alone decides.
    pub(super) fn finding(
        &self,
        contrast: &Contrast,
        estimate: ContrastEstimate,
        quantity: String,
    ) -> Finding {
        let measures = vec![self.measure(contrast, &estimate, quantity)];
        Finding::new(&[estimate], |own| self.judge(&own[0]), measures, Vec::new())
    }
}

/// The finding of a rule on one contrast.
#[derive(Debug)]
pub(super) struct Finding {
    pub(super) measures: Vec<Measure>,
    pub(super) verdict: Verdict,
    pub(super) outlook: Option<SeedsToDecide>,
    pub(super) notes: Vec<String>,
}

impl Finding {
    /// The verdict of `judge` on all `estimates`; where several seeds leave it undecided, with the number of seeds that would
    /// decide.
    pub(super) fn new(
        estimates: &[ContrastEstimate],
        judge: impl Fn(&[ContrastEstimate]) -> Verdict,
        measures: Vec<Measure>,
        notes: Vec<String>,
    ) -> Self {
        let verdict = judge(estimates);
        let decides = |seeds: &usize| {
            let with: Vec<ContrastEstimate> =
                estimates.iter().map(|estimate| estimate.with_seeds(*seeds)).collect();
            judge(&with) != Verdict::Undecided
        };
        let spread = estimates.iter().filter_map(ContrastEstimate::standard_deviation).reduce(f64::max);
        let outlook = spread.filter(|_| verdict == Verdict::Undecided).map(|standard_deviation| {
            SeedsToDecide { standard_deviation, seeds: (2..=MOST_SEEDS).find(decides) }
        });
        Self { measures, verdict, outlook, notes }
    }
}
