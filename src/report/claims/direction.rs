//! The directions of two curves: other ones on the two data sets (claims 6 and 9), or the same with two activations (10).

use super::margins::{CONFIDENCE, EQUALITY_CONFIDENCE, MARGIN};
use super::part::{Finding, Level, outlook};
use super::sample::{Estimate, Sample};
use super::trend::{dead_at_the_end, drop, drop_words};
use super::verdict::{Measure, Side, Threshold, Verdict};

/// Where a curve ends, beside where it began: every curve has one of the three.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Direction {
    Falls,
    Stays,
    Rises,
}

impl Direction {
    const ALL: [Self; 3] = [Self::Falls, Self::Stays, Self::Rises];

    /// What a drop is compared with to have this direction.
    fn threshold(self) -> Threshold {
        let (side, value) = match self {
            Self::Falls => (Side::Above, MARGIN),
            Self::Stays => (Side::Within, MARGIN),
            Self::Rises => (Side::Below, -MARGIN),
        };
        Threshold { side, value }
    }

    /// What the intervals of `drop` say of it: that the curve certainly has this direction, certainly has it not, or neither.
    fn judge(self, drop: &Estimate, confidence: &Confidence) -> Verdict {
        let judge = |confidence| self.threshold().judge(drop.interval(confidence));
        if self == Self::Stays && judge(confidence.equality) == Verdict::Supported {
            return Verdict::Supported;
        }
        judge(confidence.difference)
    }

    fn words(self) -> &'static str {
        match self {
            Self::Falls => "falls",
            Self::Stays => "stays",
            Self::Rises => "rises",
        }
    }
}

/// Of the intervals by which a direction is certain.
#[derive(Debug, Clone, Copy)]
struct Confidence {
    /// That a curve stays.
    equality: f64,
    /// All else.
    difference: f64,
}

impl Confidence {
    /// Of a support: that a curve stays takes two one-sided tests.
    const SUPPORT: Self = Self { equality: EQUALITY_CONFIDENCE, difference: CONFIDENCE };

    /// Of a contradiction.
    fn corrected(level: Level) -> Self {
        let corrected = level.corrected(1);
        Self { equality: corrected, difference: corrected }
    }
}

/// What two curves are claimed to have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Directions {
    /// One direction.
    Same,
    /// Two directions.
    Other,
}

impl Directions {
    /// Whether the two curves certainly have what is claimed: some direction that both have, or that one has and the other has
    /// not.
    fn are_certain(self, drops: &[Estimate], confidence: Confidence) -> bool {
        Direction::ALL.iter().any(|direction| {
            match (direction.judge(&drops[0], &confidence), direction.judge(&drops[1], &confidence)) {
                (Verdict::Supported, Verdict::Supported) => self == Self::Same,
                (Verdict::Supported, Verdict::Contradicted) | (Verdict::Contradicted, Verdict::Supported) => {
                    self == Self::Other
                }
                _ => false,
            }
        })
    }

    fn opposite(self) -> Self {
        match self {
            Self::Same => Self::Other,
            Self::Other => Self::Same,
        }
    }
}

/// Whether two curves, called `names`, have the same direction or other ones. The other answer contradicts, at a level that
/// the parts of the claim share.
pub(super) fn directions(
    samples: [&Sample; 2],
    names: [&str; 2],
    claimed: Directions,
    level: Level,
) -> Finding {
    let drops = samples.map(|sample| sample.estimate(drop));
    let corrected = Confidence::corrected(level);
    let judge = |drops: &[Estimate]| {
        if claimed.are_certain(drops, Confidence::SUPPORT) {
            Verdict::Supported
        } else if claimed.opposite().are_certain(drops, corrected) {
            Verdict::Contradicted
        } else {
            Verdict::Undecided
        }
    };
    let measure = |i: usize| Measure {
        quantity: format!("{}: {}", names[i], drop_words(samples[i])),
        sigma_squared: samples[i].sigmas.last().copied(),
        value: drops[i].value,
        interval: drops[i].interval(CONFIDENCE),
        confidence: CONFIDENCE,
        corrected: drops[i].interval(corrected.difference),
        corrected_confidence: Some(corrected.difference),
        basis: samples[i].basis(),
        threshold: None,
        verdict: None,
    };
    let note = |i: usize| {
        let has =
            |direction: &&Direction| direction.judge(&drops[i], &Confidence::SUPPORT) == Verdict::Supported;
        let words = Direction::ALL.iter().find(has).map_or("is unclear", |direction| direction.words());
        let dead = dead_at_the_end(samples[i]).map(|dead| format!(" ({dead})")).unwrap_or_default();
        format!("{} {words}{dead}", names[i])
    };
    Finding {
        measures: [0, 1].map(measure).into(),
        verdict: judge(&drops),
        outlook: outlook(&drops, judge),
        notes: [0, 1].map(note).into(),
    }
}
