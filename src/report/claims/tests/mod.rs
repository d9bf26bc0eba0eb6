//! Verdicts on made-up results, for which each claim comes out in each way.

mod lab;
mod rules;
mod selection;
mod soundness;
mod verdicts;

use super::Part;
use super::verdict::Verdict::{self, Contradicted, Supported, Undecided};
use lab::{Lab, Line, SEEDS, SWEEP, falling, units, wobble};

/// The seeds behind a part's first number.
fn seeds_of(part: &Part) -> &[u64] {
    &part.measures[0].basis.seeds
}
