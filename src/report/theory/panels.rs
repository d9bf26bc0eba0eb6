//! Pictures of the statements: a panel for each setting, with a curve for each model.

use super::measured::{MeasuredRun, MeasuredRuns, OfEpoch, TheoryCase};
use crate::report::chart::{Axis, Multiples, PanelCurve, Row, Stack};
use crate::report::figure::{dataset, grouped, in_common};
use crate::report::numbers::{Line, Numbers, SETTINGS};
use crate::report::statistics::{Estimate, increasing};
use crate::report::text::file_stem;
use crate::report::{Chart, Drawing};
use crate::store::StoredRun;
use crate::theory::{Columns, EpochRow};

/// Greatest number of panels side by side; more settings take more rows.
const ABREAST: usize = 4;

/// A picture of any number of panels, whose file stem ends with `id`; `None` where no curve has two points.
pub(super) fn picture(
    runs: &MeasuredRuns<'_>,
    (id, title, caption): (&str, &str, &str),
    x_name: &str,
    Stack { x, titles, rows }: Stack,
    numbers: Numbers,
) -> Option<Drawing> {
    let mut curves = rows.iter().flat_map(|row| &row.panels).flatten();
    if !curves.any(|curve| values(curve).count() > 1) {
        return None;
    }
    let stored: Vec<&StoredRun> = runs.runs.iter().map(|run| run.stored).collect();
    let stack = |(index, titles): (usize, &[String])| {
        let abreast = |row: &Row| row.panels.chunks(ABREAST).nth(index).unwrap_or_default().to_vec();
        let rows = rows.iter().map(|row| Row { panels: abreast(row), ..row.clone() }).collect();
        Stack { x: x.clone(), titles: titles.to_vec(), rows }
    };
    let chart = Multiples {
        title: format!("{title}: {}", dataset(&stored[0].dataset)),
        subtitle: in_common(&stored),
        description: caption.to_owned(),
        x_name: x_name.to_owned(),
        stacks: titles.chunks(ABREAST).enumerate().map(stack).collect(),
    };
    let stem = file_stem(&format!("{}_{id}", runs.study));
    Some(Drawing::new(stem, Chart::Multiples(chart), caption, numbers))
}

/// The drawn points of a curve: places on the horizontal axis and means.
pub(super) fn values(curve: &PanelCurve) -> impl Iterator<Item = (f64, f64)> {
    let value = |(place, estimate): &(f64, Option<Estimate>)| {
        estimate.filter(Estimate::is_finite).map(|estimate| (*place, estimate.mean))
    };
    curve.points.iter().filter_map(value)
}

/// A [`picture()`] over the measured epochs, with a row for each of `shares`, which has the name of its axis, and a curve for
/// each model at its largest σ².
pub(super) fn over_epochs(
    runs: &MeasuredRuns<'_>,
    about: (&str, &str, &str),
    shares: &[(OfEpoch, &'static str)],
) -> Option<Drawing> {
    let epochs = increasing(runs.runs.iter().flat_map(|run| run.epoch_values(|row| row.epoch)));
    let cases = runs.at_largest(|_| true);
    let names: Vec<String> = shares.iter().map(|(share, _)| EpochRow::name_of(share)).collect();
    let line = |case: &TheoryCase<'_>, epoch: f64| {
        let place = settings(case.runs[0]).number("epoch", epoch).with("seeds", case.runs.len());
        let estimate = |line: Line, (name, (share, _)): (&String, &(OfEpoch, _))| {
            line.estimate(name, mean(case, epoch, *share))
        };
        names.iter().zip(shares).fold(place, estimate).run_keys(case.stored())
    };
    let numbers = cases.iter().flat_map(|case| epochs.iter().map(|epoch| line(case, *epoch))).collect();
    // An epoch without a value is a gap; a model without any value has no curve and no entry in the legend.
    let curve = |case: &&TheoryCase<'_>, share: OfEpoch| {
        let point = |epoch: &f64| (*epoch, Some(mean(case, *epoch, share).unwrap_or(Estimate::GAP)));
        let (label, points) = (case.runs[0].label(), epochs.iter().map(point).collect());
        Some(PanelCurve { label, legend: case.name(), points }).filter(|curve| values(curve).next().is_some())
    };
    let facets = grouped(cases.iter(), |case| case.setting.clone());
    let row = |(share, name): &(OfEpoch, &'static str)| {
        let panel =
            |cases: &Vec<&TheoryCase<'_>>| cases.iter().filter_map(|case| curve(case, *share)).collect();
        let panels = facets.iter().map(|(_, cases)| panel(cases)).collect();
        Row { name, y: Axis::covering(1.0), panels }
    };
    let stack = Stack {
        x: Axis::epochs(epochs.last().copied().unwrap_or(1.0)),
        titles: facets.iter().map(|(setting, _)| setting.clone()).collect(),
        rows: shares.iter().map(row).collect(),
    };
    picture(runs, about, "epoch", stack, numbers)
}

/// The mean of `share` at `epoch` over the seeds.
fn mean(case: &TheoryCase<'_>, epoch: f64, share: OfEpoch) -> Option<Estimate> {
    let at = |run: &MeasuredRun<'_>| share(run.epochs.iter().find(|row| row.epoch == Some(epoch))?);
    Estimate::of_fractions(&case.run_values(at))
}

/// The line of a CSV with the settings of a run.
pub(super) fn settings(run: &MeasuredRun<'_>) -> Line {
    run.line(&SETTINGS).number("learning_rate", run.spec.learning_rate)
}
