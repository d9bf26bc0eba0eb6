//! Rule on the share of a fall that is left without the first-order term (claim 13).

use super::bootstrap::Reading;
use super::contrast::{Contrast, ContrastEstimate, list_sigmas};
use super::finding::{ContradictionLevel, Finding, Test};
use super::margins::{CONFIDENCE, EXPLAINED_SHARE, MARGIN, UNEXPLAINED_SHARE};
use super::verdict::{Measure, Side, Verdict};

/// a(0) − a(σ²) at the σ² with this index.
fn fall(curve: &[Reading], place: usize) -> f64 {
    curve[0].fraction - curve[place].fraction
}

/// Rule: of the second curve's fall, the first curve keeps less than [`EXPLAINED_SHARE`] at every σ² that counts. One σ² with
/// certainly more than [`UNEXPLAINED_SHARE`] contradicts; the tests of all σ² share the level of a contradiction. A σ² counts
/// where the second curve certainly falls by more than [`MARGIN`], and is left out where it certainly does not; where neither is
/// certain, nothing is supported. The curves are called `names`.
pub(super) fn share(contrast: &Contrast, names: [&str; 2], level: ContradictionLevel) -> Finding {
    let supports = Test::new(Side::Below, EXPLAINED_SHARE, None);
    let corrected = Some(level.corrected(contrast.sigma_count - 1));
    let contradicts = Test::new(Side::Below, UNEXPLAINED_SHARE, corrected);
    let size_of_fall = Test::new(Side::Above, MARGIN, None);
    let counts = Test::new(Side::Above, MARGIN, Some(CONFIDENCE));
    let places = 1..contrast.sigmas.len();
    let falls = contrast.estimates(|curves| places.clone().map(|place| fall(&curves[1], place)).collect());
    let shares = contrast.estimates(|curves| {
        places.clone().map(|place| fall(&curves[0], place) / fall(&curves[1], place)).collect()
    });
    let shares = shares.into_iter().map(ContrastEstimate::unbounded);
    let estimates: Vec<ContrastEstimate> = falls.into_iter().chain(shares).collect();

    let is_counted = |fall: &ContrastEstimate| counts.judge(fall) == Verdict::Supported;
    let judge_share = |share: &ContrastEstimate| {
        let is_contradicted = contradicts.judge(share) == Verdict::Contradicted;
        Verdict::of(supports.judge(share) == Verdict::Supported, is_contradicted)
    };
    let judge = |estimates: &[ContrastEstimate]| {
        let (falls, shares) = estimates.split_at(places.len());
        let judged = falls.iter().zip(shares).filter_map(|(fall, share)| match counts.judge(fall) {
            Verdict::Supported => Some(judge_share(share)),
            Verdict::Undecided => Some(Verdict::Undecided),
            Verdict::Contradicted => None,
        });
        Verdict::of_all(judged)
    };
    let (falls, shares) = estimates.split_at(places.len());
    let (mut measures, mut uncounted) = (Vec::new(), Vec::new());
    for ((fall, share), sigma) in falls.iter().zip(shares).zip(&contrast.sigmas[1..]) {
        let quantity = format!("{}: fall from σ² = 0 to {sigma}", names[1]);
        let size =
            Measure { threshold: None, verdict: None, ..size_of_fall.measure(contrast, fall, quantity) };
        measures.push(size.at_sigma(*sigma));
        if !is_counted(fall) {
            uncounted.push(*sigma);
            continue;
        }
        let quantity = format!("share of it with {} at σ² = {sigma}", names[0]);
        measures.push(Measure {
            sigma_squared: Some(*sigma),
            corrected: corrected.and_then(|confidence| share.interval(confidence)),
            corrected_confidence: corrected,
            verdict: Some(judge_share(share)),
            ..supports.measure(contrast, share, quantity)
        });
    }
    let has_note = !uncounted.is_empty() && contrast.basis().spread.is_some();
    let note = has_note.then(|| {
        let sigmas = list_sigmas(&uncounted);
        format!("not counted: {sigmas}, where {} do not certainly fall by more than {MARGIN}", names[1])
    });
    let mut finding = Finding::new(&estimates, judge, measures, note.into_iter().collect());
    if let Some(outlook) = &mut finding.outlook {
        // A share of a fall that does not count has a spread of any size.
        let counted =
            falls.iter().zip(shares).map(|(fall, share)| if is_counted(fall) { share } else { fall });
        let spread = counted.filter_map(ContrastEstimate::standard_deviation).reduce(f64::max);
        outlook.standard_deviation = spread.unwrap_or(outlook.standard_deviation);
    }
    finding
}
