//! Curves that fall (claims 3, 7, 7u, 8 and 12).

use super::super::statistics::mean;
use super::bootstrap::Reading;
use super::finding::{Finding, Level, Test};
use super::margins::{DEAD_FRACTION, MARGIN};
use super::sample::{Estimate, Replicate, Sample};
use super::verdict::{Side, Verdict};
use crate::report::text::{confidence_level, number, range};

/// a(0) − a(largest σ²).
pub(super) fn drop(curve: &[Reading]) -> f64 {
    curve[0].fraction - curve[curve.len() - 1].fraction
}

/// What [`drop`] is called.
pub(super) fn drop_words(sample: &Sample) -> String {
    format!("drop from σ² = 0 to {}", sample.last())
}

/// The largest rise of `fractions` over their running minimum, at least 0, and the place that it reaches.
fn largest_rise(fractions: impl IntoIterator<Item = f64>) -> (f64, usize) {
    let (mut least, mut largest) = (f64::INFINITY, (0.0, 0));
    for (place, fraction) in fractions.into_iter().enumerate() {
        least = least.min(fraction);
        if fraction - least > largest.0 {
            largest = (fraction - least, place);
        }
    }
    largest
}

/// A curve falls if it drops by more than [`MARGIN`] from σ² = 0 to the largest, and nowhere rises by more than that over what
/// it was down to. It doesn't if the drop is certainly smaller, or it certainly rises by more from one σ² to another; those
/// tests share the level of a contradiction.
pub(super) fn falls(sample: &Sample, level: Level) -> Finding {
    let corrected = Some(level.corrected(1 + sample.listed * (sample.listed - 1) / 2));
    let drops = Test::new(Side::Above, MARGIN, corrected);
    let rises = Test::new(Side::Below, MARGIN, None);
    let between = Test { corrected, ..rises };
    let pairs = rising_pairs(sample);
    let estimates = sample.estimates(|replicate| {
        let largest = largest_rise(replicate[0].iter().map(|reading| reading.fraction)).0;
        let rises = pairs.iter().map(|pair| rise(replicate, *pair));
        [drop(&replicate[0]), largest].into_iter().chain(rises).collect()
    });
    let rises_by_too_much = |pair: &Estimate| between.judge(pair) == Verdict::Contradicted;
    let judge = |estimates: &[Estimate]| {
        let rise = estimates[2..].iter().any(rises_by_too_much).then_some(Verdict::Contradicted);
        Verdict::of_all([drops.judge(&estimates[0]), rises.judge(&estimates[1])].into_iter().chain(rise))
    };
    let certain = estimates[2..].iter().zip(&pairs).filter(|(estimate, _)| rises_by_too_much(estimate));
    let certain = certain.reduce(|a, b| if b.0.value > a.0.value { b } else { a });
    let mut measures = vec![
        drops.measure(sample, &estimates[0], drop_words(sample)).at(sample.last()),
        rises.measure(sample, &estimates[1], "largest rise on the way".to_owned()),
    ];
    measures.extend(certain.map(|(estimate, &(from, to))| {
        let quantity = format!("rise from σ² = {} to {}", sample.sigmas[from], sample.sigmas[to]);
        between.measure(sample, estimate, quantity)
    }));
    let notes = rise_in_words(sample).into_iter().chain(dead_at_the_end(sample, 0)).collect();
    Finding::new(&estimates, judge, measures, notes)
}

/// The places of every two σ², the smaller one first. Of one seed, whose resamples take long, only those that may contradict:
/// between them it rises by more than [`MARGIN`].
fn rising_pairs(sample: &Sample) -> Vec<(usize, usize)> {
    let places = sample.sigmas.len();
    let pairs = (0..places).flat_map(|from| (from + 1..places).map(move |to| (from, to)));
    pairs.filter(|pair| sample.seeds.len() > 1 || rise(&sample.observed[0], *pair) > MARGIN).collect()
}

fn rise(replicate: &Replicate, (from, to): (usize, usize)) -> f64 {
    replicate[0][to].fraction - replicate[0][from].fraction
}

/// Where the mean curve rises before it falls, or between, by as much as shows in a table.
fn rise_in_words(sample: &Sample) -> Option<String> {
    let at = |place: usize| {
        mean(&sample.observed.iter().map(|replicate| replicate[0][place].fraction).collect::<Vec<_>>())
    };
    let (rise, place) = largest_rise((0..sample.sigmas.len()).map(at));
    (rise >= 0.0005)
        .then(|| format!("the mean rises by {} up to σ² = {}", number(rise), sample.sigmas[place]))
}

/// How many units are dead where the curve with this index ends, where they are more than [`DEAD_FRACTION`]: a fall by dying
/// units is not one by sparser ones.
pub(super) fn dead_at_the_end(sample: &Sample, curve: usize) -> Option<String> {
    let dead =
        || sample.observed.iter().filter_map(|replicate| replicate[curve].last()).map(|last| last.dead);
    let (share, last) = (range(dead(), confidence_level), sample.last());
    let is_notable = dead().any(|dead| dead > DEAD_FRACTION);
    is_notable.then(|| format!("{share} of the units are dead at σ² = {last}"))
}

#[cfg(test)]
mod tests {
    use super::largest_rise;

    #[test]
    fn a_rise_counts_from_what_the_curve_was_down_to() {
        assert_eq!(largest_rise([0.9, 0.5, 0.1]), (0.0, 0));
        assert_eq!(largest_rise([0.5, 0.25, 0.75, 0.5, 0.875]), (0.625, 4));
        assert_eq!(largest_rise([0.5, 1.0, 0.25, 0.5]), (0.5, 1));
        assert_eq!(largest_rise([]), (0.0, 0));
    }
}
