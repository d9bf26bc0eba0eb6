//! Curves that fall (claims 3, 7, 7u, 8 and 12).

use super::super::statistics::mean;
use super::margins::{CONFIDENCE, DEAD_FRACTION, MARGIN};
use super::part::{Finding, Level, Test, furthest};
use super::sample::{Replicate, Sample};
use super::text::{number, percent};
use super::verdict::{Measure, Side, Threshold, Verdict};

/// a(0) − a(largest σ²).
pub(super) fn drop(replicate: &Replicate) -> f64 {
    let curve = &replicate[0];
    curve[0].fraction - curve[curve.len() - 1].fraction
}

/// What [`drop`] is called.
pub(super) fn drop_words(sample: &Sample) -> String {
    format!("drop from σ² = 0 to {}", sample.sigmas.last().copied().unwrap_or(f64::NAN))
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
    let points = sample.sigmas.len();
    let corrected = level.corrected(1 + points * (points - 1) / 2);
    let more = Threshold { side: Side::Above, value: MARGIN };
    let no_more = Threshold { side: Side::Below, value: MARGIN };
    let drops = Test { threshold: more, confidence: CONFIDENCE, corrected: Some(corrected) };
    let rises = Test { threshold: no_more, confidence: CONFIDENCE, corrected: None };
    let estimates = sample.estimates(|replicate| {
        vec![drop(replicate), largest_rise(replicate[0].iter().map(|reading| reading.fraction)).0]
    });
    let mut measures = vec![
        Measure {
            sigma_squared: sample.sigmas.last().copied(),
            ..drops.measure(sample, &estimates[0], drop_words(sample))
        },
        rises.measure(sample, &estimates[1], "largest rise on the way".to_owned()),
    ];
    measures.extend(certain_rise(sample, Test { corrected: Some(corrected), ..rises }));
    let verdict = Verdict::of_all(measures.iter().filter_map(|measure| measure.verdict));
    let outlook = furthest([drops.outlook(&estimates[0]), rises.outlook(&estimates[1])]);
    Finding {
        measures,
        verdict,
        outlook,
        notes: rise_in_words(sample).into_iter().chain(dead_at_the_end(sample)).collect(),
    }
}

/// Of the pairs of σ² between which the curve certainly rises by too much, the one whose rise is the largest.
fn certain_rise(sample: &Sample, test: Test) -> Option<Measure> {
    let rise = |replicate: &Replicate, from: usize, to: usize| {
        replicate[0][to].fraction - replicate[0][from].fraction
    };
    let by_mean = |from, to| mean(&sample.observed.iter().map(|r| rise(r, from, to)).collect::<Vec<_>>());
    let points = sample.sigmas.len();
    let pairs = (0..points).flat_map(|from| (from + 1..points).map(move |to| (from, to)));
    let certain = pairs.filter(|(from, to)| by_mean(*from, *to) > MARGIN).filter_map(|(from, to)| {
        let estimate = sample.estimate(|replicate| rise(replicate, from, to));
        let quantity = format!("rise from σ² = {} to {}", sample.sigmas[from], sample.sigmas[to]);
        let measure = test.measure(sample, &estimate, quantity);
        (measure.verdict == Some(Verdict::Contradicted)).then_some(measure)
    });
    certain.reduce(|a, b| if b.value > a.value { b } else { a })
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

/// How many units are dead where a curve ends, where they are more than [`DEAD_FRACTION`]: a fall by dying units is not one
/// by sparser ones.
pub(super) fn dead_at_the_end(sample: &Sample) -> Option<String> {
    let dead = sample.observed.iter().filter_map(|replicate| replicate[0].last()).map(|reading| reading.dead);
    let (least, most) =
        dead.fold((1.0_f64, 0.0_f64), |(least, most), dead| (least.min(dead), most.max(dead)));
    let range = if least < most { format!("{} to {}", percent(least), percent(most)) } else { percent(most) };
    let last = sample.sigmas.last()?;
    (most > DEAD_FRACTION).then(|| format!("{range} of the units are dead at σ² = {last}"))
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
