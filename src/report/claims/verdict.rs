//! Claims with what the results say about them: data, for tables, JSON and the report alike.

use super::super::statistics::Interval;
use super::margins::CONTRADICTION_LEVEL;
use serde::Serialize;
use std::collections::BTreeSet;

/// What the results say about a claim, or a part of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// A corrected interval lies on the other side.
    Contradicted,
    /// Neither, one seed alone, or something is missing: the note says what.
    #[default]
    Undecided,
    /// Every interval lies on the claim's side of its threshold.
    Supported,
}

impl Verdict {
    /// All of `parts` supported: supported; one of them contradicted: contradicted; otherwise, and of nothing,
    /// undecided.
    pub fn of_all(parts: impl IntoIterator<Item = Self>) -> Self {
        parts.into_iter().min().unwrap_or_default()
    }

    /// What follows where something is supported, or else contradicted.
    pub(super) fn of(is_supported: bool, is_contradicted: bool) -> Self {
        match (is_supported, is_contradicted) {
            (true, _) => Self::Supported,
            (_, true) => Self::Contradicted,
            _ => Self::Undecided,
        }
    }
}

/// The side of a threshold on which the claim lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// Above `value`.
    Above,
    /// Below `value`.
    Below,
    /// Between −`value` and `value`.
    Within,
}

/// What an interval is held against; a bound that lies on it is on neither side.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Threshold {
    /// The claim's side.
    pub side: Side,
    /// The bound, one of [`super::margins`].
    pub value: f64,
}

impl Threshold {
    /// All of `interval` on the claim's side, all of it on the other, or neither; undecided without an interval.
    pub(super) fn judge(self, interval: Option<Interval>) -> Verdict {
        let Some(Interval { low, high }) = interval else { return Verdict::Undecided };
        let (is_above, is_below) = (low > self.value, high < self.value);
        match self.side {
            Side::Above => Verdict::of(is_above, is_below),
            Side::Below => Verdict::of(is_below, is_above),
            Side::Within => Verdict::of(low > -self.value && is_below, high < -self.value || is_above),
        }
    }
}

/// What an interval's spread is taken from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Spread {
    /// From the seeds: Student's t.
    Seeds,
    /// From the hidden units of one seed, by the bootstrap. It says how far a number depends on single units,
    /// not what another initialisation would give.
    Units,
}

/// The runs that a number was found in.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Basis {
    /// The seeds that count: those with both ends of each curve.
    pub seeds: Vec<u64>,
    /// σ² that count, increasing.
    pub sigma_squared: Vec<f64>,
    /// What the interval's spread is taken from; absent where nothing gives one.
    pub spread: Option<Spread>,
}

/// A number that was compared with a threshold.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Measure {
    /// What it is, in words. Its unit is that of activation fractions (Eq. 14, between 0 and 1) and their differences.
    pub quantity: String,
    /// σ² at which it was found, where it belongs to one.
    pub sigma_squared: Option<f64>,
    /// The mean over the seeds.
    pub value: f64,
    /// Where the mean lies at `confidence`; absent with one seed whose record has no counts by unit.
    pub interval: Option<Interval>,
    /// Of `interval`, between 0 and 1.
    pub confidence: f64,
    /// Where the mean lies at `corrected_confidence`: what a contradiction takes; absent where this number can't contradict.
    pub corrected: Option<Interval>,
    /// Of `corrected`: 1 − 0.05 / (tests of the part · parts of the claim).
    pub corrected_confidence: Option<f64>,
    /// The runs behind it; two measures of one part may differ in them.
    pub basis: Basis,
    /// What the intervals are compared with; absent of a number whose direction is what counts.
    pub threshold: Option<Threshold>,
    /// Supported by `interval` or contradicted by `corrected`, this threshold alone; absent without one.
    pub verdict: Option<Verdict>,
}

impl Measure {
    /// The same, found at `sigma_squared`.
    pub(super) fn at(self, sigma_squared: f64) -> Self {
        Self { sigma_squared: Some(sigma_squared), ..self }
    }
}

/// How many seeds would decide a part that is undecided.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Outlook {
    /// Between the seeds there are, of the number that takes most seeds.
    pub standard_deviation: f64,
    /// Roughly: the least number with which today's mean and standard deviation would decide; `None`: more than
    /// [`super::margins::MOST_SEEDS`].
    pub seeds: Option<usize>,
}

/// A claim for one data set, model, or pair of them.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Part {
    /// Data set and model in words: `MNIST, CAE`.
    pub label: String,
    /// `mnist` or `cifar10`; absent where the part compares the two.
    pub dataset: Option<String>,
    /// The model's name in results; absent where the part compares models.
    pub regularizer: Option<String>,
    /// The effect; several where the claim asks for several, none where it can't be computed.
    pub measures: Vec<Measure>,
    /// What would follow if the spread between hidden units were that between seeds; absent but with one seed.
    pub would: Option<Verdict>,
    /// Whether a verdict rests on other seeds than the rules have fixed.
    pub exploratory: bool,
    /// What it would take to decide, where several seeds don't.
    pub outlook: Option<Outlook>,
    /// What follows.
    pub verdict: Verdict,
    /// Why, and what was left out; may be empty.
    pub note: String,
}

/// One of the paper's claims and what the results say about it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Claim {
    /// `1` … `12`, `5a` and `7u`.
    pub id: &'static str,
    /// η of the runs that were judged.
    pub learning_rate: f64,
    /// Whether it is a repetition at another learning rate than the main one.
    pub repetition: bool,
    /// The claim in one sentence.
    pub statement: &'static str,
    /// Where the paper makes it.
    pub source: &'static str,
    /// Findings that would contradict it.
    pub contradicted_by: String,
    /// [`Verdict::of_all`] of its parts.
    pub verdict: Verdict,
    /// The same where parts of one seed count as they would; absent where that is undecided too, or no part has one seed.
    pub would: Option<Verdict>,
    /// Whether a part that bears on the verdict rests on other seeds than the rules have fixed.
    pub exploratory: bool,
    /// Its parts.
    pub parts: Vec<Part>,
    /// What a reader should know about the runs behind it.
    pub notes: Vec<String>,
    /// The names of the results folders of these runs; none where no results at hand are of what the claim is about.
    #[serde(skip)]
    pub folders: BTreeSet<String>,
}

/// Claims as a JSON document: the types of this module with their fields as keys; what is absent is `null`.
#[derive(Debug, Serialize)]
pub struct Document<'a> {
    /// `aesparse verdicts 2`.
    pub format: &'static str,
    /// The level of every test: 0.05.
    pub level: f64,
    /// The claims, the repetitions last.
    pub claims: &'a [Claim],
}

impl<'a> Document<'a> {
    /// The document of `claims`.
    pub fn new(claims: &'a [Claim]) -> Self {
        Self { format: "aesparse verdicts 2", level: CONTRADICTION_LEVEL, claims }
    }
}
