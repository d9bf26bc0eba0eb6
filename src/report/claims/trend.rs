//! Trends of whole curves: claims that one falls (3, 7, 8, 12), or that two have the same trend (10).

use super::super::statistics::kendall_tau;
use super::margins::{CONFIDENCE, DEAD_FRACTION, FALLING_TREND, MARGIN};
use super::part::{FRACTION, Finding, TAU};
use super::sample::{Estimate, Replicate, Sample};
use super::text::percent;
use super::verdict::{Measure, Side, Threshold, Verdict};

/// AAF(0) − AAF(largest σ²).
fn drop(replicate: &Replicate, curve: usize) -> f64 {
    let fractions = &replicate[curve];
    fractions[0].fraction - fractions[fractions.len() - 1].fraction
}

/// Kendall's τ between σ² and activation fraction; a constant curve has no trend, 0.
fn trend(sigmas: &[f64], replicate: &Replicate) -> f64 {
    let fractions: Vec<f64> = replicate[0].iter().map(|reading| reading.fraction).collect();
    kendall_tau(sigmas, &fractions).unwrap_or(0.0)
}

fn drop_measure(sample: &Sample, whose: &str, estimate: &Estimate, threshold: Threshold) -> Measure {
    let last = sample.sigmas.last().copied();
    let quantity = format!("{whose}drop from σ² = 0 to {}", last.unwrap_or(f64::NAN));
    Measure {
        quantity,
        sigma_squared: last,
        ..Measure::new(sample, FRACTION, estimate, CONFIDENCE, threshold)
    }
}

/// A curve falls if it drops by more than [`MARGIN`] in all and its τ is below [`FALLING_TREND`]. Both must hold, so
/// each has the full confidence; one that fails contradicts.
pub(super) fn falls(sample: &Sample) -> Finding {
    let sigmas = &sample.sigmas;
    let estimates =
        sample.estimates(CONFIDENCE, |replicate| vec![drop(replicate, 0), trend(sigmas, replicate)]);
    let more = Threshold { side: Side::Above, value: MARGIN };
    let falling = Threshold { side: Side::Below, value: FALLING_TREND };
    let tau = Measure {
        quantity: "trend over σ², Kendall's tau".to_owned(),
        ..Measure::new(sample, TAU, &estimates[1], CONFIDENCE, falling)
    };
    let measures = vec![drop_measure(sample, "", &estimates[0], more), tau];
    let verdict = Verdict::of_all(measures.iter().map(|measure| measure.verdict));
    Finding { measures, power: None, verdict, notes: dead_at_the_end(sample).into_iter().collect() }
}

/// How many units are dead where a curve ends, where they are more than [`DEAD_FRACTION`]: a fall by dying units is not one
/// by sparser ones.
fn dead_at_the_end(sample: &Sample) -> Option<String> {
    let dead = sample.observed.iter().filter_map(|replicate| replicate[0].last()).map(|reading| reading.dead);
    let (least, most) =
        dead.fold((1.0_f64, 0.0_f64), |(least, most), dead| (least.min(dead), most.max(dead)));
    let range = if least < most { format!("{} to {}", percent(least), percent(most)) } else { percent(most) };
    let last = sample.sigmas.last()?;
    (most > DEAD_FRACTION).then(|| format!("{range} of the units are dead at σ² = {last}"))
}

/// Where a curve ends, beside where it began.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Trend {
    Falls,
    Unchanged,
    Rises,
    Unclear,
}

impl Trend {
    /// The trend of the curve of `sample`, whose drop is `drop`.
    fn of(sample: &Sample, drop: &Estimate) -> Self {
        let clear = [Self::Falls, Self::Unchanged, Self::Rises];
        let is = |trend: &Self| {
            let can_be = *trend != Self::Unchanged || sample.supports_equality();
            can_be && trend.threshold().judge(drop.interval) == Verdict::Supported
        };
        clear.into_iter().find(is).unwrap_or(Self::Unclear)
    }

    /// What a drop is compared with to have this trend.
    fn threshold(self) -> Threshold {
        let (side, value) = match self {
            Self::Falls => (Side::Above, MARGIN),
            Self::Unchanged => (Side::Within, MARGIN),
            Self::Rises => (Side::Below, -MARGIN),
            Self::Unclear => (Side::Outside, MARGIN),
        };
        Threshold { side, value }
    }

    fn words(self) -> &'static str {
        match self {
            Self::Falls => "falls",
            Self::Unchanged => "is unchanged",
            Self::Rises => "rises",
            Self::Unclear => "is unclear",
        }
    }
}

/// Whether the second of two curves, called `names`, has the first one's trend: whether both fall, both rise or both
/// stay, by the intervals of their drops. Undecided where one of them is unclear.
pub(super) fn same_trend(samples: [&Sample; 2], names: [&str; 2]) -> Finding {
    let drops = samples.map(|sample| {
        let estimates = sample.estimates(CONFIDENCE, |replicate| vec![drop(replicate, 0)]);
        estimates[0]
    });
    let trends = [0, 1].map(|i| Trend::of(samples[i], &drops[i]));
    let verdict = match trends {
        [Trend::Unclear, _] | [_, Trend::Unclear] => Verdict::Undecided,
        [first, second] if first == second => Verdict::Supported,
        _ => Verdict::Contradicted,
    };
    let threshold = trends[0].threshold();
    let measures =
        (0..2).map(|i| drop_measure(samples[i], &format!("{}: ", names[i]), &drops[i], threshold)).collect();
    let note = |i: usize| {
        let dead = dead_at_the_end(samples[i]).map(|dead| format!(" ({dead})")).unwrap_or_default();
        format!("{} {}{dead}", names[i], trends[i].words())
    };
    let notes = (0..2).map(note).collect();
    Finding { measures, power: None, verdict, notes }
}
