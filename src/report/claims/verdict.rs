//! Claims with what the results say about them: data, for tables, JSON and the report alike.

use super::super::statistics::Interval;
use serde::Serialize;

/// What the results say about a claim, or a part of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The interval lies on the claim's side of its threshold.
    Supported,
    /// The interval lies on the other side.
    Contradicted,
    /// The interval reaches to both sides, or something is missing: the note says what.
    Undecided,
}

impl Verdict {
    /// All of `parts` supported: supported; one of them contradicted: contradicted; otherwise, and of nothing,
    /// undecided.
    pub fn of_all(parts: impl IntoIterator<Item = Self>) -> Self {
        let (mut any, mut all_supported) = (false, true);
        for part in parts {
            if part == Self::Contradicted {
                return part;
            }
            (any, all_supported) = (true, all_supported && part == Self::Supported);
        }
        if any && all_supported { Self::Supported } else { Self::Undecided }
    }

    /// The verdict on the claim's negation.
    #[must_use]
    pub fn opposite(self) -> Self {
        match self {
            Self::Supported => Self::Contradicted,
            Self::Contradicted => Self::Supported,
            Self::Undecided => Self::Undecided,
        }
    }

    /// The verdict where nothing can support the claim: undecided instead of supported.
    #[must_use]
    pub(super) fn unless_supported(self) -> Self {
        if self == Self::Supported { Self::Undecided } else { self }
    }

    /// `supported`, `contradicted`, `undecided`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Supported => "supported",
            Self::Contradicted => "contradicted",
            Self::Undecided => "undecided",
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
    /// Below −`value` or above `value`.
    Outside,
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
    pub fn judge(self, interval: Option<Interval>) -> Verdict {
        let Some(Interval { low, high }) = interval else { return Verdict::Undecided };
        let above = |value| low > value;
        let below = |value| high < value;
        let (on_its_side, on_the_other) = match self.side {
            Side::Above => (above(self.value), below(self.value)),
            Side::Below => (below(self.value), above(self.value)),
            Side::Within | Side::Outside => {
                let within = above(-self.value) && below(self.value);
                let outside = below(-self.value) || above(self.value);
                if self.side == Side::Within { (within, outside) } else { (outside, within) }
            }
        };
        match (on_its_side, on_the_other) {
            (true, _) => Verdict::Supported,
            (_, true) => Verdict::Contradicted,
            _ => Verdict::Undecided,
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
    /// What it is, in words.
    pub quantity: String,
    /// Its unit: `activation fraction` (Eq. 14, between 0 and 1) or `Kendall's tau`.
    pub unit: &'static str,
    /// σ² at which it was found, where it belongs to one.
    pub sigma_squared: Option<f64>,
    /// The mean over the seeds.
    pub value: f64,
    /// Where it lies at `confidence`; absent with one seed whose record has no counts by unit.
    pub interval: Option<Interval>,
    /// Of the interval, between 0 and 1, Bonferroni's correction included.
    pub confidence: f64,
    /// The runs behind it; two measures of one part may differ in them.
    pub basis: Basis,
    /// What the interval is compared with.
    pub threshold: Threshold,
    /// This interval against this threshold alone.
    pub verdict: Verdict,
}

/// A claim for one data set, model, or pair of them.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Part {
    /// Data set and model in words: `MNIST, CAE`.
    pub label: String,
    /// `mnist` or `cifar10`; absent where the part compares the two.
    pub dataset: Option<&'static str>,
    /// The model's name in results; absent where the part compares models.
    pub regularizer: Option<&'static str>,
    /// The effect; several where the claim asks for several, none where it can't be computed.
    pub measures: Vec<Measure>,
    /// Of a claim of no difference: about how probable it is that every interval would lie within ±margin, if the
    /// true differences were 0 ([`super::super::statistics::equivalence_power`]; with k intervals at least
    /// 1 − Σ (1 − power)).
    pub power: Option<f64>,
    /// What follows.
    pub verdict: Verdict,
    /// Why, and what was left out; may be empty.
    pub note: String,
}

/// One of the paper's claims and what the results say about it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Claim {
    /// `1` … `12`, and `7u`.
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
    /// Its parts.
    pub parts: Vec<Part>,
    /// What a reader should know about the runs behind it.
    pub notes: Vec<String>,
}

/// Claims as a JSON document: the types of this module with their fields as keys; what is absent is `null`.
#[derive(Debug, Serialize)]
pub struct Document<'a> {
    /// `aesparse verdicts 1`.
    pub format: &'static str,
    /// The claims, the repetitions last.
    pub claims: &'a [Claim],
}

impl<'a> Document<'a> {
    /// The document of `claims`.
    pub fn new(claims: &'a [Claim]) -> Self {
        Self { format: "aesparse verdicts 1", claims }
    }
}
