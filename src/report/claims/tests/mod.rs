//! Verdicts on made-up results: each claim supported, contradicted and undecided.

mod lab;
mod rules;
mod selection;
mod soundness;
mod verdicts;

use super::ClaimPart;
use super::verdict::Verdict::{self, Contradicted, Supported, Undecided};
use lab::{Lab, Line, SEEDS, SWEEP, falling, units, wobble};

/// The seeds behind a part's first number.
fn seeds_of(part: &ClaimPart) -> &[u64] {
    &part.measures[0].basis.seeds
}
