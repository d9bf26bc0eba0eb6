//! Verdicts on made-up results, for which each claim comes out in each way.

mod lab;
mod rules;
mod soundness;
mod verdicts;

use super::verdict::Verdict::{self, Contradicted, Supported, Undecided};
use lab::{Lab, Line, SEEDS, SWEEP, falling, units, wobble};
