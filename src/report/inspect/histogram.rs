//! Histograms of units by activation fraction, on a linear and on a logarithmic axis.

use super::names::{DENSITIES, HISTOGRAM, heading, words};
use crate::report::chart::{Axis, Bars};
use crate::report::numbers::Line;
use crate::report::text::decimal;
use crate::report::{Chart, Drawing};
use crate::store::StoredRun;

/// Number of bars in each interval between ticks.
const BARS: u32 = 5;

/// The histogram of the units of `run` by their activation fraction, the share of the N training samples with h_j > δ_min:
/// `activation_histogram.{csv,svg,png}`. Bars are intervals (from, to] of equal length from 0 to the end of the axis; dead units,
/// with fraction 0, have a separate bar. `None` where the record has no counts by unit, for example because the run diverged.
pub fn histogram(run: &StoredRun) -> Option<Drawing> {
    let axis = |fractions: &[f64], _| {
        let greatest = fractions.iter().copied().fold(0.0, f64::max);
        Axis::covering(if greatest > 0.0 { greatest } else { 1.0 })
    };
    drawing(
        run,
        (HISTOGRAM, "Units by activation fraction", "fraction of samples on which a unit is active"),
        axis,
    )
}

/// The firing-density spectrum of `run`: its units by the logarithm of their activation fraction, `density_spectrum.{csv,svg,png}`.
/// Bars are fifths of a decade, from the decade of one sample of N to 1. Otherwise as [`histogram`].
pub fn densities(run: &StoredRun) -> Option<Drawing> {
    let axis = |_: &[f64], samples: f64| Axis::logarithmic(1.0 / samples, 1.0);
    drawing(
        run,
        (DENSITIES, "Units by firing density", "fraction of samples on which a unit is active, logarithmic"),
        axis,
    )
}

/// A histogram of the units of `run` over the `axis` for their activation fractions, those of dead units left out, and for the
/// number of samples.
fn drawing(
    run: &StoredRun,
    (stem, title, x_name): (&str, &str, &str),
    axis: impl Fn(&[f64], f64) -> Axis,
) -> Option<Drawing> {
    let counts = &run.record.activity.as_ref()?.active_samples;
    let samples = Some(run.spec.samples as f64).filter(|samples| *samples > 0.0)?;
    let fractions: Vec<f64> =
        counts.iter().filter(|count| **count > 0).map(|count| *count as f64 / samples).collect();
    let dead = (counts.len() - fractions.len()) as u64;
    let x = axis(&fractions, samples);
    let bars = bars(&x.edges(BARS), &fractions);
    let mean = run.record.result().map(|result| result.avg_activation_fraction).unwrap_or_default();
    let described = |(from, to, units): &(f64, f64, u64)| {
        (*units > 0).then(|| format!("{units} above {} up to {}", decimal(*from), decimal(*to)))
    };
    let ranges: Vec<String> = bars.iter().filter_map(described).collect();
    let others = if ranges.is_empty() { "no others".to_owned() } else { ranges.join(", ") };
    let line = |above: String, up_to: f64, units: u64| {
        Line::default().with("above", above).with("up_to", decimal(up_to)).with("units", units)
    };
    let lines = bars.iter().map(|(from, to, units)| line(decimal(*from), *to, *units));
    let numbers = std::iter::once(line(String::new(), 0.0, dead)).chain(lines).collect();
    let chart = Bars {
        title: heading(title, run),
        subtitle: words(run),
        description: format!("Units by their activation fraction: {dead} dead; {others}."),
        remark: format!("mean {mean:.4} · active: h > {}", run.spec.threshold),
        x_name: x_name.to_owned(),
        y_name: format!("Units of {}", counts.len()),
        aside: ("dead".to_owned(), dead),
        x,
        bars,
    };
    Some(Drawing::new(stem.to_owned(), Chart::Bars(chart), "", numbers))
}

/// For each pair of neighbouring `edges`, the number of `fractions` in (from, to].
fn bars(edges: &[f64], fractions: &[f64]) -> Vec<(f64, f64, u64)> {
    let mut bars: Vec<(f64, f64, u64)> = edges.windows(2).map(|pair| (pair[0], pair[1], 0)).collect();
    for fraction in fractions {
        // The tolerance is needed because an edge may be a rounding error below the fraction that it stands for.
        let place = bars.partition_point(|(_, to, _)| *to < fraction * (1.0 - 1e-9));
        let last = bars.len().saturating_sub(1);
        if let Some(bar) = bars.get_mut(place.min(last)) {
            bar.2 += 1;
        }
    }
    bars
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::figure::tests::runs;
    use crate::training::Activity;
    use std::sync::Arc;

    fn with_counts(active_samples: Vec<u64>) -> StoredRun {
        let mut run = runs("sweep = { sigma_squared = [1], regularizer = ['dae'] }", |_| Some((0.5, 0.0)))
            .pop()
            .unwrap();
        let mut record = (*run.record).clone();
        record.activity =
            Some(Activity { active_samples, pairs_above: Vec::new(), units_never_above: Vec::new() });
        run.record = Arc::new(record);
        run
    }

    fn bars_of(drawing: &Drawing) -> &Bars {
        let Chart::Bars(bars) = &drawing.chart else { panic!("{drawing:?}") };
        bars
    }

    #[test]
    fn units_are_counted_by_their_share_of_the_samples() {
        // Of 2000 samples: 0.04 ends a bar and belongs to it, 0.0405 is in the next one, and 1 is in the last one.
        let run = with_counts(vec![0, 0, 1, 80, 81, 1000, 2000, 2000]);
        let drawing = histogram(&run).unwrap();
        assert_eq!(bars_of(&drawing).aside, ("dead".to_owned(), 2));
        let bars = &bars_of(&drawing).bars;
        assert_eq!(bars.len(), 25);
        let counts: Vec<u64> = bars.iter().map(|bar| bar.2).collect();
        assert_eq!((counts[0], counts[1], counts[12], counts[24]), (2, 1, 1, 2), "{counts:?}");
        assert_eq!(counts.iter().sum::<u64>() + 2, 8);
        let csv = String::from_utf8(drawing.numbers.csv()).unwrap();
        assert!(csv.starts_with("above,up_to,units\n,0,2\n0,0.04,2\n0.04,0.08,1\n"), "{csv}");
        assert!(csv.contains("\n0.48,0.52,1\n") && csv.ends_with("\n0.96,1,2\n"), "{csv}");
        let svg = drawing.svg();
        for text in
            ["Units of 8", "fraction of samples on which a unit is active", "mean 0.5000 · active: h &gt; 0"]
        {
            assert_eq!(svg.matches(&format!(">{text}</text>")).count(), 1, "{text}: {svg}");
        }
    }

    #[test]
    fn densities_are_counted_in_fifths_of_a_decade() {
        // Of 2000 samples: 1 is 0.0005 and in the fourth of five bars from 0.0001, 10^(-3.4) to 10^(-3.2); 1 is in the last bar.
        let run = with_counts(vec![0, 0, 1, 2, 20, 2000, 2000]);
        let drawing = densities(&run).unwrap();
        let bars = &bars_of(&drawing).bars;
        assert_eq!((bars.len(), bars_of(&drawing).aside.1), (20, 2));
        let filled: Vec<(usize, u64)> =
            bars.iter().enumerate().filter(|(_, bar)| bar.2 > 0).map(|(place, bar)| (place, bar.2)).collect();
        // 0.001 and 0.01 end a bar and belong to it.
        assert_eq!(filled, [(3, 1), (4, 1), (9, 1), (19, 2)]);
        let csv = String::from_utf8(drawing.numbers.csv()).unwrap();
        assert!(csv.starts_with("above,up_to,units\n,0,2\n0.0001,0.000158489,0\n"), "{csv}");
        let texts = [">10⁻⁴</text>", ">1</text>", "logarithmic</text>"];
        assert!(texts.iter().all(|text| drawing.svg().contains(text)), "{}", drawing.svg());
        let diverged = runs("sweep = { sigma_squared = [1], regularizer = ['dae'] }", |_| None);
        assert_eq!(densities(&diverged[0]), None);
    }

    #[test]
    fn the_axis_ends_behind_the_most_active_unit() {
        let drawing = histogram(&with_counts(vec![0, 20, 100, 86])).unwrap();
        // Up to 0.05, in 25 bars.
        let last = bars_of(&drawing).bars.last().unwrap();
        assert_eq!((last.2, decimal(last.1)), (1, "0.05".to_owned()));
        let dead = histogram(&with_counts(vec![0, 0])).unwrap();
        assert!(bars_of(&dead).bars.iter().all(|bar| bar.2 == 0) && bars_of(&dead).aside.1 == 2);
        assert!(crate::report::chart::png(dead.svg(), 1.0).is_ok());
        let diverged = runs("sweep = { sigma_squared = [1], regularizer = ['dae'] }", |_| None);
        assert_eq!(histogram(&diverged[0]), None);
    }
}
