//! Numbers, intervals and verdicts in words, for every place that shows them.

use super::super::statistics::Interval;
use super::verdict::{Claim, Measure, Part, Side, Spread, Threshold, Verdict};
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
    /// `drop from σ² = 0 to 1: 0.9459 [0.9412, 0.9506], claimed above 0.02`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.quantity, number(self.value))?;
        match self.interval {
            Some(bounds) => write!(f, " {}", interval(bounds))?,
            None => write!(f, " [no interval]")?,
        }
        write!(f, ", claimed {}", self.threshold)
    }
}

impl Part {
    /// What the intervals rest on: `3 seeds, 95 %`, `one seed, 95 % over its units`; empty where there are none.
    pub fn basis(&self) -> String {
        let (Some(spread), Some(measure)) = (self.spread, self.measures.first()) else {
            return String::new();
        };
        let confidence = percent(measure.confidence);
        let mut text = match spread {
            Spread::Units => format!("one seed, {confidence} over its units"),
            Spread::Seeds => format!("{} seeds, {confidence}", self.seeds.len()),
        };
        if let Some(power) = self.power {
            text.push_str(&format!(", power {power:.2}"));
        }
        text
    }
}

impl Claim {
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
