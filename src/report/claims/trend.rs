//! Rule on curves that fall (claims 3, 7, 7u, 8 and 12).

use super::super::statistics::{largest_rise, mean};
use super::bootstrap::Reading;
use super::contrast::{Contrast, ContrastEstimate, Replicate};
use super::finding::{ContradictionLevel, Finding, Test};
use super::margins::{DEAD_FRACTION, MARGIN};
use super::verdict::{Side, Verdict};
use crate::report::text::{exact_percent, number, range};

/// a(0) − a(largest σ²).
pub(super) fn total_drop(curve: &[Reading]) -> f64 {
    curve[0].fraction - curve[curve.len() - 1].fraction
}

/// The name of [`total_drop`] as a measure.
pub(super) fn drop_name(contrast: &Contrast) -> String {
    format!("drop from σ² = 0 to {}", contrast.last_sigma())
}

/// A curve falls if it drops by more than [`MARGIN`] from σ² = 0 to the largest σ², and nowhere rises by more than that above its
/// running minimum. It doesn't fall if the drop is certainly smaller, or if it certainly rises by more from some σ² to a larger
/// one; these tests share the level of a contradiction.
pub(super) fn falls(contrast: &Contrast, level: ContradictionLevel) -> Finding {
    let corrected = Some(level.corrected(1 + contrast.sigma_count * (contrast.sigma_count - 1) / 2));
    let drops = Test::new(Side::Above, MARGIN, corrected);
    let rises = Test::new(Side::Below, MARGIN, None);
    let between = Test { corrected, ..rises };
    let pairs = rising_pairs(contrast);
    let mut estimates = contrast.estimates(|replicate| {
        let largest = largest_rise(replicate[0].iter().map(|reading| reading.fraction)).0;
        let rises = pairs.iter().map(|pair| rise(replicate, *pair));
        [total_drop(&replicate[0]), largest].into_iter().chain(rises).collect()
    });
    estimates[1] = estimates[1].clone().nonnegative();
    let rises_by_too_much = |pair: &ContrastEstimate| between.judge(pair) == Verdict::Contradicted;
    let judge = |estimates: &[ContrastEstimate]| {
        let rise = estimates[2..].iter().any(rises_by_too_much).then_some(Verdict::Contradicted);
        Verdict::of_all([drops.judge(&estimates[0]), rises.judge(&estimates[1])].into_iter().chain(rise))
    };
    let certain = estimates[2..].iter().zip(&pairs).filter(|(estimate, _)| rises_by_too_much(estimate));
    let certain = certain.reduce(|a, b| if b.0.value > a.0.value { b } else { a });
    let mut measures = vec![
        drops.measure(contrast, &estimates[0], drop_name(contrast)).at_sigma(contrast.last_sigma()),
        rises.measure(contrast, &estimates[1], "largest rise on the way".to_owned()),
    ];
    measures.extend(certain.map(|(estimate, &(from, to))| {
        let quantity = format!("rise from σ² = {} to {}", contrast.sigmas[from], contrast.sigmas[to]);
        between.measure(contrast, estimate, quantity)
    }));
    let notes = rise_in_words(contrast).into_iter().chain(dead_at_the_end(contrast, 0)).collect();
    Finding::new(&estimates, judge, measures, notes)
}

/// The indices of all pairs of σ², the smaller one first. With one seed, whose resamples take long, only pairs that may
/// contradict, because the curve rises by more than [`MARGIN`] between them.
fn rising_pairs(contrast: &Contrast) -> Vec<(usize, usize)> {
    let places = contrast.sigmas.len();
    let pairs = (0..places).flat_map(|from| (from + 1..places).map(move |to| (from, to)));
    pairs.filter(|pair| contrast.seeds.len() > 1 || rise(&contrast.observed[0], *pair) > MARGIN).collect()
}

fn rise(replicate: &Replicate, (from, to): (usize, usize)) -> f64 {
    replicate[0][to].fraction - replicate[0][from].fraction
}

/// The largest rise of the mean curve, in words; none below 0.0005.
fn rise_in_words(contrast: &Contrast) -> Option<String> {
    let at = |place: usize| {
        mean(&contrast.observed.iter().map(|replicate| replicate[0][place].fraction).collect::<Vec<_>>())
    };
    let (rise, place) = largest_rise((0..contrast.sigmas.len()).map(at));
    (rise >= 0.0005)
        .then(|| format!("the mean rises by {} up to σ² = {}", number(rise), contrast.sigmas[place]))
}

/// The share of dead units at the end of the curve with this index, in words, if it is above [`DEAD_FRACTION`]: units that die
/// lower the activation fraction without being sparser.
pub(super) fn dead_at_the_end(contrast: &Contrast, curve: usize) -> Option<String> {
    let dead =
        || contrast.observed.iter().filter_map(|replicate| replicate[curve].last()).map(|last| last.dead);
    let (share, last) = (range(dead(), exact_percent), contrast.last_sigma());
    let is_notable = dead().any(|dead| dead > DEAD_FRACTION);
    is_notable.then(|| format!("{share} of the units are dead at σ² = {last}"))
}
