//! The verdicts of the rules' first edition, for comparison with those of the rules in force.

use super::verdict::{Claim, Verdict};

/// The verdicts of the first edition on the results committed until 2026-11-29, by claim: those of `aesparse verify results` at commit
/// `0647281`. They are facts about those results, so that no other results can be given them. Claim 5 was then about all four models, as
/// 5a is now.
const FIRST_EDITION: [(&str, Verdict); 13] = [
    ("1", Verdict::Undecided),
    ("2", Verdict::Undecided),
    ("3", Verdict::Supported),
    ("4", Verdict::Supported),
    ("5a", Verdict::Contradicted),
    ("6", Verdict::Supported),
    ("7", Verdict::Supported),
    ("7u", Verdict::Supported),
    ("8", Verdict::Supported),
    ("9", Verdict::Supported),
    ("10", Verdict::Supported),
    ("11", Verdict::Supported),
    ("12", Verdict::Supported),
];

/// The verdict of the first edition on `claim`; `None` for a claim that it did not judge.
pub fn first_edition(claim: &Claim) -> Option<Verdict> {
    let of_claim = FIRST_EDITION.iter().find(|(id, _)| *id == claim.id);
    of_claim.filter(|_| !claim.repetition).map(|(_, verdict)| *verdict)
}
