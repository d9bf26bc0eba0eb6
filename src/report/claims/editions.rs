//! The verdicts of the rules' first edition, for comparison with those of the rules in force.

use super::verdict::Verdict::{self, Contradicted, Supported, Undecided};

/// What the column of the first edition means, for a reader of a table.
pub const FIRST_EDITION: &str = "First edition: the verdict of the superseded rules on the results that this project had published until 2026-11-29.";

/// The verdicts of the first edition on the results committed until 2026-11-29, by the claim's name: those of `aesparse verify results` at
/// commit `0647281`. They are facts about those results, so that no other results can be given them. Claim 5 was then about all four models,
/// as 5a is now.
const VERDICTS: [(&str, Verdict); 22] = [
    ("1", Undecided),
    ("2", Undecided),
    ("3", Supported),
    ("4", Supported),
    ("5a", Contradicted),
    ("6", Supported),
    ("7", Supported),
    ("7u", Supported),
    ("8", Supported),
    ("9", Supported),
    ("10", Supported),
    ("11", Supported),
    ("12", Supported),
    ("1 at rate 0.002", Contradicted),
    ("2 at rate 0.002", Contradicted),
    ("3 at rate 0.002", Undecided),
    ("1 at rate 0.003", Contradicted),
    ("2 at rate 0.003", Contradicted),
    ("3 at rate 0.003", Undecided),
    ("1 at rate 0.005", Contradicted),
    ("2 at rate 0.005", Contradicted),
    ("3 at rate 0.005", Undecided),
];

/// The verdict of the first edition on the claim called `name`; `None` for a claim that it did not judge.
pub(super) fn first_edition(name: &str) -> Option<Verdict> {
    VERDICTS.iter().find(|(claim, _)| *claim == name).map(|(_, verdict)| *verdict)
}
