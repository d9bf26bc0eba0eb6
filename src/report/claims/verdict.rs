//! Judged claims as data, for tables, JSON and the report alike.

use super::super::recomputation::Recomputation;
use super::super::statistics::Interval;
use super::margins::CONTRADICTION_LEVEL;
use serde::Serialize;
use std::collections::BTreeSet;

/// The verdict on a claim or on a part of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// A corrected interval lies on the other side of its threshold.
    Contradicted,
    /// Neither, or there is only one seed, or runs are missing; the note says which.
    #[default]
    Undecided,
    /// Every interval lies on the claim's side of its threshold.
    Supported,
}

impl Verdict {
    /// Supported if all `parts` are; contradicted if one of them is; otherwise, and without parts, undecided.
    pub fn of_all(parts: impl IntoIterator<Item = Self>) -> Self {
        parts.into_iter().min().unwrap_or_default()
    }

    /// The verdict of one test: supported, or else contradicted, or else undecided.
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

/// The threshold that an interval is compared with; a bound equal to it is on neither side.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct ClaimThreshold {
    /// The claim's side.
    pub side: Side,
    /// The bound, one of [`super::margins`].
    pub value: f64,
}

impl ClaimThreshold {
    /// Supported if all of `interval` is on the claim's side, contradicted if all of it is on the other; otherwise, and without
    /// an interval, undecided.
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

/// The source of an interval's spread.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Spread {
    /// The seeds, by Student's t.
    Seeds,
    /// The hidden units of one seed, by the bootstrap. It shows how far a number depends on single units, not how far it depends
    /// on the initialisation.
    Units,
}

/// The runs behind a number.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Basis {
    /// The seeds that count.
    pub seeds: Vec<u64>,
    /// The σ² that count, increasing.
    pub sigma_squared: Vec<f64>,
    /// Number of cells that count: one for each seed and σ² of each compared curve.
    pub cells: usize,
    /// The source of the interval's spread; absent where there is no interval.
    pub spread: Option<Spread>,
}

/// A number that is compared with a threshold.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Measure {
    /// Its name, in words. Its unit is that of activation fractions (Eq. 14, between 0 and 1) and their differences; a share of a fall
    /// is a ratio of two differences.
    pub quantity: String,
    /// The σ² at which it was found, if it belongs to one.
    pub sigma_squared: Option<f64>,
    /// The mean over the seeds.
    pub value: f64,
    /// Interval of the mean at `confidence`; absent with one seed whose record has no counts by unit.
    pub interval: Option<Interval>,
    /// Confidence of `interval`, between 0 and 1.
    pub confidence: f64,
    /// Interval of the mean at `corrected_confidence`, which decides on a contradiction; absent where this number can't
    /// contradict.
    pub corrected: Option<Interval>,
    /// Confidence of `corrected`: 1 − 0.05 / (tests of the part · parts of the claim).
    pub corrected_confidence: Option<f64>,
    /// The runs behind it; two measures of one part may differ in them.
    pub basis: Basis,
    /// The threshold of the intervals; absent where the number's direction counts.
    pub threshold: Option<ClaimThreshold>,
    /// The verdict of this threshold alone: supported by `interval` or contradicted by `corrected`; absent without a threshold.
    pub verdict: Option<Verdict>,
}

impl Measure {
    /// The measure, found at `sigma_squared`.
    pub(super) fn at_sigma(self, sigma_squared: f64) -> Self {
        Self { sigma_squared: Some(sigma_squared), ..self }
    }
}

/// The number of seeds that would decide an undecided part.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct SeedsToDecide {
    /// Standard deviation between the existing seeds, of the number with the largest one.
    pub standard_deviation: f64,
    /// About the least number of seeds that would decide with the same mean and standard deviation; `None` for more than
    /// [`super::margins::MOST_SEEDS`].
    pub seeds: Option<usize>,
}

/// A claim for one data set, model, or pair of them.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct ClaimPart {
    /// Data set and model in words: `MNIST, CAE`.
    pub label: String,
    /// `mnist` or `cifar10`; absent where the part compares the two.
    pub dataset: Option<String>,
    /// The model's name in results; absent where the part compares models.
    pub regularizer: Option<String>,
    /// The measured effects; empty where none can be computed.
    pub measures: Vec<Measure>,
    /// The verdict that would follow if the spread between seeds were that between hidden units; present with one seed alone.
    pub would: Option<Verdict>,
    /// Whether the verdict rests on other seeds than the rules fix.
    pub exploratory: bool,
    /// The number of seeds that would decide, where several seeds don't.
    pub outlook: Option<SeedsToDecide>,
    /// The verdict on the part.
    pub verdict: Verdict,
    /// The reasons for the verdict and the runs that were left out; may be empty.
    pub note: String,
}

/// One of the paper's claims with its verdict.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Claim {
    /// `1` … `13`, `5a` and `7u`.
    pub id: &'static str,
    /// Learning rate η of the judged runs.
    pub learning_rate: f64,
    /// Whether it is repeated at another learning rate than the main one.
    pub repetition: bool,
    /// The claim in one sentence.
    pub statement: &'static str,
    /// Where the paper makes it.
    pub source: &'static str,
    /// The findings that would contradict it.
    pub contradicted_by: String,
    /// [`Verdict::of_all`] of its parts.
    pub verdict: Verdict,
    /// The verdict if parts with one seed counted; absent where it would be undecided too, or where no part has one seed.
    pub would: Option<Verdict>,
    /// Whether the verdict rests on other seeds than the rules fix: support in one of the parts, a contradiction in every part that
    /// contradicts.
    pub exploratory: bool,
    /// The verdict of the rules' first edition on the results that this project had published until 2026-11-29, whatever results are judged
    /// now; absent where that edition judged no such claim.
    pub first_edition: Option<Verdict>,
    /// Its parts.
    pub parts: Vec<ClaimPart>,
    /// Remarks for the reader about the runs behind it.
    pub notes: Vec<String>,
    /// The names of the results folders of these runs; empty where no results are about the claim.
    #[serde(skip)]
    pub folders: BTreeSet<String>,
}

/// The JSON document of claims: the types of this module with their fields as keys; a missing value is `null`.
#[derive(Debug, Serialize)]
pub struct VerdictsJson<'a> {
    /// `aesparse verdicts 2`.
    pub format: &'static str,
    /// The level of every test: 0.05.
    pub level: f64,
    /// The claims, the repetitions last.
    pub claims: &'a [Claim],
    /// The runs that were trained again; absent where none were asked for.
    pub recomputation: Option<&'a Recomputation>,
}

impl<'a> VerdictsJson<'a> {
    /// The document of `claims`, and of runs that were trained again.
    pub fn new(claims: &'a [Claim], recomputation: Option<&'a Recomputation>) -> Self {
        Self { format: "aesparse verdicts 2", level: CONTRADICTION_LEVEL, claims, recomputation }
    }
}
