//! Numbers, intervals and verdicts in words, for every place that shows them.

use super::super::statistics::Interval;
use super::margins::MOST_SEEDS;
use super::verdict::{Claim, Measure, Outlook, Part, Side, Spread, Threshold, Verdict};
use std::fmt;

/// A fraction, a difference of fractions or a τ: four decimals, no sign before 0.
pub fn number(x: f64) -> String {
    let text = format!("{x:.4}");
    if text == "-0.0000" { "0.0000".to_owned() } else { text }
}

/// A threshold as it was written: `0.075`, also where it is a sum that rounds to 0.07500000000000001.
pub fn plain(x: f64) -> String {
    ((x * 1e9).round() / 1e9).to_string()
}

/// `[0.0012, 0.0034]`
pub fn interval(interval: Interval) -> String {
    format!("[{}, {}]", number(interval.low), number(interval.high))
}

/// A share in percent with up to two decimals: `95 %`, `99.55 %`.
pub fn percent(share: f64) -> String {
    format!("{} %", (share * 1e4).round() / 1e2)
}

/// `0`; `0 and 1`; `0, 0.1 and 1`
pub fn list(items: impl IntoIterator<Item = impl ToString>) -> String {
    let items: Vec<String> = items.into_iter().map(|item| item.to_string()).collect();
    match items.as_slice() {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// `seed 1`; `seeds 1 and 2`
pub fn seeds(seeds: &[u64]) -> String {
    format!("seed{} {}", if seeds.len() == 1 { "" } else { "s" }, list(seeds))
}

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

impl fmt::Display for Measure {
    /// `drop from σ² = 0 to 1: 0.9459 [0.9412, 0.9506] at 95 %, [0.9103, 0.9815] at 99.9 %, claimed above 0.02`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.quantity, number(self.value))?;
        match self.interval {
            Some(bounds) => write!(f, " {} at {}", interval(bounds), percent(self.confidence))?,
            None => write!(f, " [no interval]")?,
        }
        if let (Some(bounds), Some(confidence)) = (self.corrected, self.corrected_confidence) {
            write!(f, ", {} at {}", interval(bounds), percent(confidence))?;
        }
        self.threshold.map_or(Ok(()), |threshold| write!(f, ", claimed {threshold}"))
    }
}

impl Measure {
    /// What the intervals rest on: `3 seeds`, `one seed, over its units`; empty where nothing gives one.
    fn rests_on(&self) -> String {
        match self.basis.spread {
            Some(Spread::Units) => "one seed, over its units".to_owned(),
            Some(Spread::Seeds) => format!("{} seeds", self.basis.seeds.len()),
            None => String::new(),
        }
    }
}

impl Part {
    /// The measures, each with what it rests on where that is not the same for all of them.
    pub fn effects(&self) -> Vec<String> {
        let alike = self.common_basis().is_some();
        let effect = |measure: &Measure| match measure.rests_on() {
            basis if !alike && !basis.is_empty() => format!("{measure} ({basis})"),
            _ => measure.to_string(),
        };
        self.measures.iter().map(effect).collect()
    }

    /// What the verdict rests on: `3 seeds, exploratory`, `one seed, over its units, would be supported`; empty where there are no
    /// intervals. Where the measures rest on different runs, [`Part::effects`] says so.
    pub fn basis(&self) -> String {
        let basis = self.common_basis().filter(|basis| !basis.is_empty());
        let would = self.would.map(|would| format!("would be {would}"));
        let exploratory = self.exploratory.then(|| "exploratory".to_owned());
        basis.into_iter().chain(would).chain(exploratory).collect::<Vec<_>>().join(", ")
    }

    /// What it would take to decide, and why it is undecided or what was left out; may be empty.
    pub fn remarks(&self) -> String {
        let outlook = self.outlook.map(|outlook| outlook.to_string());
        let note = Some(self.note.clone()).filter(|note| !note.is_empty());
        outlook.into_iter().chain(note).collect::<Vec<_>>().join("; ")
    }

    fn common_basis(&self) -> Option<String> {
        let mut bases = self.measures.iter().map(Measure::rests_on);
        let first = bases.next()?;
        bases.all(|basis| basis == first).then_some(first)
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

/// `4 parts: 3 supported, 1 undecided`
pub fn parts(claim: &Claim) -> String {
    let count = |verdict| {
        let number = claim.parts.iter().filter(|part| part.verdict == verdict).count();
        (number > 0).then(|| format!("{number} {verdict}"))
    };
    let verdicts: Vec<_> = [Verdict::Supported, Verdict::Contradicted, Verdict::Undecided]
        .into_iter()
        .filter_map(count)
        .collect();
    let number = claim.parts.len();
    format!("{number} part{}: {}", if number == 1 { "" } else { "s" }, verdicts.join(", "))
}

/// `3 supported, 1 contradicted, 9 undecided`
pub fn tally<'a>(claims: impl Iterator<Item = &'a Claim> + Clone) -> String {
    let count =
        |verdict| format!("{} {verdict}", claims.clone().filter(|claim| claim.verdict == verdict).count());
    [Verdict::Supported, Verdict::Contradicted, Verdict::Undecided].map(count).join(", ")
}
