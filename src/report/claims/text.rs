//! Verdicts, thresholds and parts of claims in words.

use super::margins::MOST_SEEDS;
use super::verdict::{Claim, ClaimPart, ClaimThreshold, Measure, SeedsToDecide, Side, Spread, Verdict};
use crate::report::text::{decimal, number};
use std::fmt;

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Supported => "supported",
            Self::Contradicted => "contradicted",
            Self::Undecided => "undecided",
        })
    }
}

impl fmt::Display for ClaimThreshold {
    /// `above 0.02`, `within ±0.02`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let side = match self.side {
            Side::Above => "above ",
            Side::Below => "below ",
            Side::Within => "within ±",
        };
        write!(f, "{side}{}", decimal(self.value))
    }
}

impl fmt::Display for SeedsToDecide {
    /// `standard deviation between seeds at most 0.0044: about 7 seeds would decide`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let spread = number(self.standard_deviation);
        write!(f, "standard deviation between seeds at most {spread}: ")?;
        match self.seeds {
            Some(seeds) => write!(f, "about {seeds} seeds would decide"),
            None => write!(f, "it takes more than {MOST_SEEDS} seeds to decide"),
        }
    }
}

impl Measure {
    /// The basis of the intervals: `3 seeds`, `one seed, over its units`; empty where there is no interval.
    pub(super) fn rests_on(&self) -> String {
        match self.basis.spread {
            Some(Spread::Units) => "one seed, over its units".to_owned(),
            Some(Spread::Seeds) => format!("{} seeds", self.basis.seeds.len()),
            None => String::new(),
        }
    }
}

impl ClaimPart {
    /// The qualification beside the verdict: `would be supported`, `exploratory`; may be empty.
    pub(super) fn aside(&self) -> String {
        aside("", self.would, self.exploratory)
    }

    /// The number of seeds that would decide, and the part's note; may be empty.
    pub(super) fn remarks(&self) -> String {
        let outlook = self.outlook.map(|outlook| outlook.to_string()).unwrap_or_default();
        let separator = if outlook.is_empty() || self.note.is_empty() { "" } else { "; " };
        outlook + separator + &self.note
    }
}

impl Claim {
    /// The qualification beside the verdict: `exploratory`; `one seed: would be supported`; may be empty.
    pub(super) fn aside(&self) -> String {
        aside("one seed: ", self.would, self.exploratory)
    }

    /// `7u`; `1 at rate 0.002` for a repetition.
    pub fn name(&self) -> String {
        claim_name(self.id, self.repetition.then_some(self.learning_rate))
    }
}

/// The name of the claim `id`, of a repetition with its learning rate.
pub(super) fn claim_name(id: &str, other_rate: Option<f64>) -> String {
    other_rate.map_or_else(|| id.to_owned(), |rate| format!("{id} at rate {rate}"))
}

fn aside(lead: &str, would: Option<Verdict>, is_exploratory: bool) -> String {
    let exploratory = if is_exploratory { "exploratory" } else { "" };
    would.map_or_else(|| exploratory.to_owned(), |would| format!("{lead}would be {would}"))
}
