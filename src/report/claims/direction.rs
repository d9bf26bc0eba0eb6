//! Rule on the directions of two curves: different ones on the two data sets (claims 6 and 9), or the same with two activations
//! (claim 10).

use super::contrast::{Contrast, ContrastEstimate};
use super::finding::{ContradictionLevel, Finding, Test};
use super::margins::{CONFIDENCE, EQUALITY_CONFIDENCE, MARGIN};
use super::trend::{dead_at_the_end, drop_name, total_drop};
use super::verdict::{Measure, Side, Verdict};

/// The three directions of a curve from its first to its last σ², each with the side and the bound of its drop. Every curve has
/// exactly one.
const DIRECTIONS: [(&str, Side, f64); 3] =
    [("falls", Side::Above, MARGIN), ("stays", Side::Within, MARGIN), ("rises", Side::Below, -MARGIN)];

/// For each of [`DIRECTIONS`], the test whether a drop certainly has it or certainly has not: for support, or for contradiction
/// at the confidence `corrected`.
fn tests(corrected: Option<f64>) -> [Test; 3] {
    DIRECTIONS.map(|(_, side, value)| {
        // That a curve stays is shown by two one-sided tests.
        let confidence = if side == Side::Within { EQUALITY_CONFIDENCE } else { CONFIDENCE };
        let test = Test::new(side, value, Some(corrected.unwrap_or(CONFIDENCE)));
        Test { confidence: corrected.unwrap_or(confidence), ..test }
    })
}

/// The claimed relation of two curves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Directions {
    /// The same direction.
    Same,
    /// Different directions.
    Different,
}

/// Whether two curves certainly have the relation `directions`: some direction that both have, or that one has and the other has
/// not.
fn are_certain(directions: Directions, drops: &[ContrastEstimate], tests: &[Test]) -> bool {
    use Verdict::{Contradicted, Supported};
    tests.iter().any(|test| match (test.judge(&drops[0]), test.judge(&drops[1])) {
        (Supported, Supported) => directions == Directions::Same,
        (Supported, Contradicted) | (Contradicted, Supported) => directions == Directions::Different,
        _ => false,
    })
}

/// Whether the two curves of `contrast`, called `names`, have the `claimed` relation. The opposite relation contradicts the
/// claim, at a level that its parts share.
pub(super) fn directions(
    contrast: &Contrast,
    names: [&str; 2],
    claimed: Directions,
    level: ContradictionLevel,
) -> Finding {
    let opposite = if claimed == Directions::Same { Directions::Different } else { Directions::Same };
    let drops = contrast.estimates(|replicate| replicate.iter().map(|curve| total_drop(curve)).collect());
    let corrected = level.corrected(1);
    let (supporting, contradicting) = (tests(None), tests(Some(corrected)));
    let judge = |drops: &[ContrastEstimate]| {
        let is_opposite = are_certain(opposite, drops, &contradicting);
        Verdict::of(are_certain(claimed, drops, &supporting), is_opposite)
    };
    let (mut measures, mut notes) = (Vec::new(), Vec::new());
    for (curve, (name, drop)) in names.iter().zip(&drops).enumerate() {
        let shown = Test::new(Side::Above, MARGIN, Some(corrected));
        let quantity = format!("{name}: {}", drop_name(contrast));
        measures.push(Measure {
            sigma_squared: Some(contrast.last_sigma()),
            threshold: None,
            verdict: None,
            ..shown.measure(contrast, drop, quantity)
        });
        let mut found = DIRECTIONS.iter().zip(&supporting);
        let found = found.find(|(_, test)| test.judge(drop) == Verdict::Supported);
        let direction = found.map_or("is unclear", |((words, ..), _)| words);
        let dead = dead_at_the_end(contrast, curve).map(|dead| format!(" ({dead})")).unwrap_or_default();
        notes.push(format!("{name} {direction}{dead}"));
    }
    Finding::new(&drops, judge, measures, notes)
}
