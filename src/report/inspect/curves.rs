//! The training of a run: its metrics over the epochs.

use super::names::{CURVES, heading, words};
use crate::report::chart::{Axis, Multiples, PanelCurve, Row, Stack};
use crate::report::numbers::{Line, Numbers};
use crate::report::statistics::Estimate;
use crate::report::{Chart, Drawing};
use crate::store::StoredRun;
use crate::training::{Measurement, Metric};

/// A drawn metric and its name in the legend.
type DrawnMetric = (&'static Metric, &'static str);

/// J, and E‖x − y‖² in the units of the standardised inputs. The names avoid ‖, which the font of pictures lacks.
const LOSS: [DrawnMetric; 3] = [
    (Metric::named("training_loss"), "training objective J"),
    (Metric::named("reconstruction"), "reconstruction error"),
    (Metric::named("held_out_reconstruction"), "held-out error"),
];

/// Shares of pairs of sample and unit.
const ACTIVATION: [DrawnMetric; 3] = [
    (Metric::named("avg_activation_fraction"), "activation fraction"),
    (Metric::named("alive_activation_fraction"), "activation fraction, alive units"),
    (Metric::named("held_out_activation_fraction"), "held-out fraction"),
];

const DEAD: [DrawnMetric; 1] = [(Metric::named("dead_units"), "dead units")];

fn drawn_metrics() -> impl Iterator<Item = &'static DrawnMetric> {
    LOSS.iter().chain(&ACTIVATION).chain(&DEAD)
}

/// The axis of squared errors is logarithmic where the greatest is more than this multiple of the least.
const WIDE: f64 = 8.0;

/// Objective and reconstruction errors, activation fractions and dead units of `run` over the measured epochs; `None` where no
/// epoch was measured. A missing value is a gap, and so is a negative objective, which eDAE may have.
pub fn curves(run: &StoredRun) -> Option<Drawing> {
    let measured = &run.record.measurements;
    let last = measured.last()?;
    let x = Axis::epochs(f64::from(last.epoch).max(1.0));
    let hidden = run.spec.hidden as f64;
    let dead = values(measured, &DEAD).fold(0.05 * hidden, f64::max);
    let row = |name, y: Axis, metrics: &[DrawnMetric]| {
        let curves = metrics.iter().filter_map(|metric| curve(measured, metric)).collect();
        Row { name, y, panels: vec![curves] }
    };
    let rows = vec![
        row("Squared error", loss_axis(measured), &LOSS),
        row("Activation fraction", Axis::covering(1.0), &ACTIVATION),
        row("Dead units", Axis::covering(dead), &DEAD),
    ];
    let chart = Multiples {
        title: heading("Training", run),
        subtitle: words(run),
        description: description(measured),
        x_name: "epoch".to_owned(),
        stacks: vec![Stack { x, titles: Vec::new(), rows }],
    };
    Some(Drawing::new(CURVES.to_owned(), Chart::Multiples(chart), "", table(measured)))
}

/// The values of `metrics` in all epochs.
fn values(measured: &[Measurement], metrics: &[DrawnMetric]) -> impl Iterator<Item = f64> {
    measured.iter().flat_map(move |m| metrics.iter().filter_map(move |(metric, _)| metric.value(m)))
}

/// The axis of squared errors: logarithmic where large errors of the first epochs would hide the last ones.
fn loss_axis(measured: &[Measurement]) -> Axis {
    let positive = || values(measured, &LOSS).filter(|value| *value > 0.0);
    let (least, greatest) = (positive().fold(f64::INFINITY, f64::min), positive().fold(0.0, f64::max));
    match greatest {
        0.0 => Axis::covering(1.0),
        _ if greatest > WIDE * least => Axis::logarithmic(least, greatest),
        _ => Axis::covering(greatest),
    }
}

/// The curve of a metric; `None` where it has no value at all.
fn curve(measured: &[Measurement], (metric, legend): &DrawnMetric) -> Option<PanelCurve> {
    let drawn = |m: &Measurement| match metric.value(m) {
        Some(mean) if mean >= 0.0 => Estimate { mean, interval: None },
        _ => Estimate::GAP,
    };
    measured.iter().any(|m| metric.value(m).is_some()).then(|| PanelCurve {
        label: metric.name.to_owned(),
        legend: (*legend).to_owned(),
        points: measured.iter().map(|m| (f64::from(m.epoch), Some(drawn(m)))).collect(),
    })
}

/// The first and the last value of every metric, in words.
fn description(measured: &[Measurement]) -> String {
    let ends = |(metric, name): &DrawnMetric| {
        let mut known = measured.iter().filter_map(|m| Some((m.epoch, metric.value(m)?)));
        let first = known.next()?;
        let last = known.next_back().unwrap_or(first);
        Some(format!("{name} {:.4} at epoch {}, {:.4} at epoch {}.", first.1, first.0, last.1, last.0))
    };
    drawn_metrics().filter_map(ends).collect::<Vec<_>>().join(" ")
}

fn table(measured: &[Measurement]) -> Numbers {
    let line = |m: &Measurement| {
        let epoch = Line::default().with("epoch", m.epoch);
        drawn_metrics().fold(epoch, |line, (metric, _)| line.number(metric.name, metric.value(m)))
    };
    measured.iter().map(line).collect()
}

/// Of the units of a run measured as `measured`, at least how many died and at least how many came back: the sums of the rises
/// and falls of the number of dead units from one measured epoch to the next. Units that change places between two measurements
/// are not seen.
pub fn deaths_and_revivals(measured: &[Measurement]) -> (u64, u64) {
    let changes = measured.windows(2).map(|pair| (pair[0].dead_units, pair[1].dead_units));
    changes.fold((0, 0), |(died, revived), (before, after)| {
        (died + after.saturating_sub(before), revived + before.saturating_sub(after))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::figure::tests::runs;
    use std::sync::Arc;

    fn run(change: impl FnOnce(&mut Vec<Measurement>)) -> StoredRun {
        let sweep = "training.epochs = 1\nsweep = { sigma_squared = [1], regularizer = ['dae'] }";
        let mut run = runs(sweep, |_| Some((0.5, 0.2))).pop().unwrap();
        let mut record = (*run.record).clone();
        change(&mut record.measurements);
        run.record = Arc::new(record);
        run
    }

    #[test]
    fn deaths_and_revivals_are_the_rises_and_falls_of_dead_units() {
        let measured = |dead: &[u64]| {
            let at = |dead_units: &u64| Measurement { dead_units: *dead_units, ..Measurement::default() };
            deaths_and_revivals(&dead.iter().map(at).collect::<Vec<_>>())
        };
        assert_eq!(measured(&[0, 5, 3, 3, 9, 8]), (11, 3));
        assert_eq!([measured(&[]), measured(&[7])], [(0, 0); 2]);
    }

    #[test]
    fn metrics_are_drawn_and_described() {
        let run = run(|measured| {
            let before = Measurement {
                epoch: 0,
                training_loss: None,
                reconstruction: 400.0,
                dead_units: 0,
                ..measured[0].clone()
            };
            measured.insert(0, before);
        });
        let picture = curves(&run).unwrap();
        assert_eq!(picture.stem, "curves");
        let csv = String::from_utf8(picture.numbers.csv()).unwrap();
        assert_eq!(
            csv,
            "epoch,training_loss,reconstruction,held_out_reconstruction,avg_activation_fraction,\
             alive_activation_fraction,held_out_activation_fraction,dead_units\n\
             0,,400,,0.5,0.625,,0\n1,1,1,,0.5,0.625,,2\n"
        );
        let svg = picture.svg();
        for part in ["reconstruction error", "dead units", "Squared error", ">10²</text>"] {
            assert!(svg.contains(part), "{part}");
        }
        assert!(!svg.contains("held-out"), "nothing was held out");
        assert!(
            picture.multiples().description.contains("reconstruction error 400.0000 at epoch 0, 1.0000 at")
        );
    }

    #[test]
    fn values_off_the_axis_are_gaps_and_no_epochs_give_no_picture() {
        let run_of = |loss: f64| run(|measured| measured[0].training_loss = Some(loss));
        for loss in [-3.0, 0.0, 1e300] {
            let picture = curves(&run_of(loss)).unwrap();
            assert!(crate::report::chart::png(picture.svg(), 1.0).is_ok(), "{loss}");
        }
        assert!(curves(&run(Vec::clear)).is_none());
    }

    #[test]
    fn an_epoch_without_a_value_parts_the_curve() {
        let picture = |missing: Option<u32>| {
            let run = run(|measured| {
                let at = |epoch: u32| Measurement {
                    epoch,
                    alive_activation_fraction: (Some(epoch) != missing).then_some(0.625),
                    ..measured[0].clone()
                };
                *measured = (0..5).map(at).collect();
            });
            curves(&run).unwrap().multiples().clone()
        };
        let (whole, parted) = (picture(None), picture(Some(2)));
        let alive = &parted.stacks[0].rows[1].panels[0][1];
        assert_eq!(alive.label, "alive_activation_fraction");
        let is_gap = |(_, estimate): &(f64, Option<Estimate>)| estimate.is_some_and(|e| e.mean.is_nan());
        let stretches = alive.points.split(is_gap).map(<[_]>::len).collect::<Vec<_>>();
        assert_eq!(stretches, [2, 2]);
        let lines = |chart: &Multiples| chart.svg().matches("stroke-linejoin").count();
        assert_eq!(lines(&parted), lines(&whole) + 1, "two lines in place of one");
    }
}
