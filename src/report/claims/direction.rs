//! The directions of two curves: other ones on the two data sets (claims 6 and 9), or the same with two activations (10).

use super::finding::{Finding, Level, Test};
use super::margins::{CONFIDENCE, EQUALITY_CONFIDENCE, MARGIN};
use super::sample::{Estimate, Sample};
use super::trend::{dead_at_the_end, drop, drop_words};
use super::verdict::{Measure, Side, Verdict};

/// Where a curve ends, beside where it began, and what its drop is compared with for that: every curve has one of the three.
const DIRECTIONS: [(&str, Side, f64); 3] =
    [("falls", Side::Above, MARGIN), ("stays", Side::Within, MARGIN), ("rises", Side::Below, -MARGIN)];

/// For each of [`DIRECTIONS`], the test of a drop that certainly has it or certainly has it not: for a support, or for a
/// contradiction at the confidence `corrected`.
fn tests(corrected: Option<f64>) -> [Test; 3] {
    DIRECTIONS.map(|(_, side, value)| {
        // That a curve stays takes two one-sided tests.
        let confidence = if side == Side::Within { EQUALITY_CONFIDENCE } else { CONFIDENCE };
        let test = Test::new(side, value, Some(corrected.unwrap_or(CONFIDENCE)));
        Test { confidence: corrected.unwrap_or(confidence), ..test }
    })
}

/// What two curves are claimed to have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Directions {
    /// One direction.
    Same,
    /// Two directions.
    Other,
}

/// Whether two curves certainly have what is asked for: some direction that both have, or that one has and the other has not.
fn are_certain(directions: Directions, drops: &[Estimate], tests: &[Test]) -> bool {
    use Verdict::{Contradicted, Supported};
    tests.iter().any(|test| match (test.judge(&drops[0]), test.judge(&drops[1])) {
        (Supported, Supported) => directions == Directions::Same,
        (Supported, Contradicted) | (Contradicted, Supported) => directions == Directions::Other,
        _ => false,
    })
}

/// Whether the two curves of `sample`, called `names`, have the same direction or other ones. The other answer contradicts, at a
/// level that the parts of the claim share.
pub(super) fn directions(sample: &Sample, names: [&str; 2], claimed: Directions, level: Level) -> Finding {
    let opposite = if claimed == Directions::Same { Directions::Other } else { Directions::Same };
    let drops = sample.estimates(|replicate| replicate.iter().map(|curve| drop(curve)).collect());
    let corrected = level.corrected(1);
    let (supporting, contradicting) = (tests(None), tests(Some(corrected)));
    let judge = |drops: &[Estimate]| {
        let is_opposite = are_certain(opposite, drops, &contradicting);
        Verdict::of(are_certain(claimed, drops, &supporting), is_opposite)
    };
    let (mut measures, mut notes) = (Vec::new(), Vec::new());
    for (curve, (name, drop)) in names.iter().zip(&drops).enumerate() {
        let shown = Test::new(Side::Above, MARGIN, Some(corrected));
        let quantity = format!("{name}: {}", drop_words(sample));
        measures.push(Measure {
            sigma_squared: Some(sample.last()),
            threshold: None,
            verdict: None,
            ..shown.measure(sample, drop, quantity)
        });
        let mut found = DIRECTIONS.iter().zip(&supporting);
        let found = found.find(|(_, test)| test.judge(drop) == Verdict::Supported);
        let direction = found.map_or("is unclear", |((words, ..), _)| words);
        let dead = dead_at_the_end(sample, curve).map(|dead| format!(" ({dead})")).unwrap_or_default();
        notes.push(format!("{name} {direction}{dead}"));
    }
    Finding::new(&drops, judge, measures, notes)
}
