//! Claims in words.

use super::margins::MOST_SEEDS;
use super::verdict::{Claim, Measure, Outlook, Part, Side, Spread, Threshold, Verdict};
use crate::report::text::{number, plain};
use std::fmt;

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl fmt::Display for Threshold {
    /// `above 0.02`, `within ±0.02`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (word, value) = match self.side {
            Side::Above => ("above ", self.value),
            Side::Below => ("below ", self.value),
            Side::Within => ("within ±", self.value),
            Side::Outside => ("outside ±", self.value),
        };
        write!(f, "{word}{}", plain(value))
    }
}

impl Measure {
    /// What the intervals rest on: `3 seeds`, `one seed, over its units`; empty where nothing gives one.
    pub(super) fn rests_on(&self) -> String {
        match self.basis.spread {
            Some(Spread::Units) => "one seed, over its units".to_owned(),
            Some(Spread::Seeds) => format!("{} seeds", self.basis.seeds.len()),
            None => String::new(),
        }
    }
}

impl Part {
    /// What is said beside the verdict: `would be supported`, `exploratory`; may be empty.
    pub(super) fn aside(&self) -> String {
        let would = self.would.map(|would| format!("would be {would}"));
        let exploratory = self.exploratory.then(|| "exploratory".to_owned());
        would.or(exploratory).unwrap_or_default()
    }

    /// What it would take to decide, and why it is undecided or what was left out; may be empty.
    pub(super) fn remarks(&self) -> String {
        let outlook = self.outlook.map(|outlook| outlook.to_string());
        let note = Some(self.note.clone()).filter(|note| !note.is_empty());
        outlook.into_iter().chain(note).collect::<Vec<_>>().join("; ")
    }
}

impl fmt::Display for Outlook {
    /// `standard deviation between seeds 0.0044: about 7 seeds would decide`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let spread = number(self.standard_deviation);
        write!(f, "standard deviation between seeds {spread}: ")?;
        match self.seeds {
            Some(seeds) => write!(f, "about {seeds} seeds would decide"),
            None => write!(f, "it takes more than {MOST_SEEDS} seeds to decide"),
        }
    }
}

impl Claim {
    /// What is said beside the verdict: `exploratory`; `one seed: would be supported`; may be empty.
    pub fn aside(&self) -> String {
        let would = self.would.map(|would| format!("one seed: would be {would}"));
        let exploratory = self.exploratory.then(|| "exploratory".to_owned());
        would.or(exploratory).unwrap_or_default()
    }

    /// `7u`; `1 at rate 0.002` for a repetition.
    pub fn name(&self) -> String {
        if self.repetition {
            format!("{} at rate {}", self.id, self.learning_rate)
        } else {
            self.id.to_owned()
        }
    }
}

/// `3 supported, 1 contradicted, 9 undecided`
pub fn tally<'a>(claims: impl Iterator<Item = &'a Claim> + Clone) -> String {
    let count =
        |verdict| format!("{} {verdict}", claims.clone().filter(|claim| claim.verdict == verdict).count());
    [Verdict::Supported, Verdict::Contradicted, Verdict::Undecided].map(count).join(", ")
}
