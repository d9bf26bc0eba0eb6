//! Curves that fall (claims 3, 7, 7u, 8 and 12).

use super::super::statistics::mean;
use super::margins::{CONFIDENCE, DEAD_FRACTION, MARGIN};
use super::part::{Finding, Level, Test, outlook};
use super::sample::{Estimate, Replicate, Sample};
use super::verdict::{Measure, Outlook, Side, Threshold, Verdict};
use crate::report::text::{confidence_level, number};

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
    let corrected = level.corrected(1 + sample.listed * (sample.listed - 1) / 2);
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
    let outlook = match verdict {
        Verdict::Undecided => outlook_of_a_fall(sample, estimates, [drops, rises]),
        _ => None,
    };
    Finding {
        measures,
        verdict,
        outlook,
        notes: rise_in_words(sample).into_iter().chain(dead_at_the_end(sample)).collect(),
    }
}

/// What it would take to decide by the drop and the largest rise, `estimates`, and by what contradicts as well: a rise between
/// two σ².
fn outlook_of_a_fall(
    sample: &Sample,
    estimates: Vec<Estimate>,
    [drops, rises]: [Test; 2],
) -> Option<Outlook> {
    // Resampled units give no outlook, and take long.
    if sample.seeds.len() == 1 {
        return None;
    }
    let by_pair = sample.estimates(|own| pairs(sample).map(|pair| rise(own, pair)).collect());
    let between = Test { corrected: drops.corrected, ..rises };
    outlook(&[estimates, by_pair].concat(), |estimates| {
        let is_certain = |pair: &&Estimate| between.judge(pair) == Verdict::Contradicted;
        let rise = estimates[2..].iter().find(is_certain).map(|_| Verdict::Contradicted);
        Verdict::of_all([drops.judge(&estimates[0]), rises.judge(&estimates[1])].into_iter().chain(rise))
    })
}

/// The places of every two σ², the smaller one first.
fn pairs(sample: &Sample) -> impl Iterator<Item = (usize, usize)> + use<> {
    let points = sample.sigmas.len();
    (0..points).flat_map(move |from| (from + 1..points).map(move |to| (from, to)))
}

fn rise(replicate: &Replicate, (from, to): (usize, usize)) -> f64 {
    replicate[0][to].fraction - replicate[0][from].fraction
}

/// Of the pairs of σ² between which the curve certainly rises by too much, the one whose rise is the largest.
fn certain_rise(sample: &Sample, test: Test) -> Option<Measure> {
    let by_mean = |pair| mean(&sample.observed.iter().map(|own| rise(own, pair)).collect::<Vec<_>>());
    let certain = pairs(sample).filter(|pair| by_mean(*pair) > MARGIN).filter_map(|pair| {
        let estimate = sample.estimate(|replicate| rise(replicate, pair));
        let quantity = format!("rise from σ² = {} to {}", sample.sigmas[pair.0], sample.sigmas[pair.1]);
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
    let range = if least < most {
        format!("{} to {}", confidence_level(least), confidence_level(most))
    } else {
        confidence_level(most)
    };
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
