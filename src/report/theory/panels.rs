//! What the pictures of the statements have in common: a panel for each setting, in it a curve for each model.

use super::measured::{Case, OfEpoch, Run, Runs};
use crate::regularizer::RegularizerSpec;
use crate::report::chart::{Axis, Curve, Multiples, Row, Small};
use crate::report::figure::{dataset, grouped, in_common};
use crate::report::numbers::{Numbers, RUN_KEYS, SETTINGS, bounds, cells_of, run_keys, setting_of};
use crate::report::statistics::{Estimate, increasing};
use crate::report::text::file_stem;
use crate::report::{Chart, Drawing};
use crate::store::{StoredRun, number};
use crate::theory::{Cells, EpochRow};

/// So many panels stand side by side; further settings begin rows of their own.
const ABREAST: usize = 4;

/// A picture but for its numbers.
pub(super) struct Frame {
    /// What its files' name ends with.
    pub(super) id: &'static str,
    pub(super) title: &'static str,
    pub(super) caption: &'static str,
    /// The horizontal axis.
    pub(super) x: (&'static str, Axis),
    /// The vertical axis of each row of panels.
    pub(super) rows: Vec<(&'static str, Axis)>,
    /// By setting, the curves of each row of panels.
    pub(super) facets: Vec<(String, Vec<Vec<Curve>>)>,
}

impl Frame {
    /// The picture; `None` where no curve has a line.
    pub(super) fn picture(self, runs: &Runs<'_>, numbers: Numbers) -> Option<Drawing> {
        let curves = self.facets.iter().flat_map(|(_, rows)| rows).flatten();
        if !curves.into_iter().any(|curve| values(curve).count() > 1) {
            return None;
        }
        let stored: Vec<&StoredRun> = runs.runs.iter().map(|run| run.stored).collect();
        let row = |facets: &[(String, Vec<Vec<Curve>>)], index: usize| {
            let panel = |(setting, rows): &(String, Vec<Vec<Curve>>)| Small {
                title: if index == 0 { setting.clone() } else { String::new() },
                curves: rows[index].clone(),
            };
            let (name, y) = &self.rows[index];
            let panels = facets.iter().map(panel).collect();
            Row { name: (*name).to_owned(), x: self.x.1.clone(), y: y.clone(), panels }
        };
        let rows = |facets| (0..self.rows.len()).map(move |index| row(facets, index));
        let chart = Multiples {
            title: format!("{}: {}", self.title, dataset(&stored[0].dataset)),
            subtitle: in_common(&stored),
            description: self.caption.to_owned(),
            x_name: self.x.0.to_owned(),
            rows: self.facets.chunks(ABREAST).flat_map(rows).collect(),
        };
        let stem = file_stem(&format!("{}_{}", runs.study, self.id));
        Some(Drawing::new(stem, Chart::Multiples(chart), self.caption, numbers))
    }
}

/// What is drawn of a curve: places and means.
pub(super) fn values(curve: &Curve) -> impl Iterator<Item = (f64, f64)> {
    let value = |(place, estimate): &(f64, Option<Estimate>)| {
        estimate.filter(Estimate::is_finite).map(|estimate| (*place, estimate.mean))
    };
    curve.points.iter().filter_map(value)
}

/// A row of panels for each of `shares`, with its axis' name, over the measured epochs; a curve for each model at its largest σ².
pub(super) fn over_epochs(
    runs: &Runs<'_>,
    (id, title, caption): (&'static str, &'static str, &'static str),
    shares: &[(OfEpoch, &'static str)],
) -> Option<Drawing> {
    let epochs = increasing(runs.runs.iter().flat_map(|run| run.over(|row| row.epoch)));
    // An epoch without a value is a gap; a model without any has no curve, and no line in the legend.
    let curve = |case: &Case<'_>, share: OfEpoch| {
        let point = |epoch: &f64| (*epoch, Some(mean(case, *epoch, share).unwrap_or(Estimate::GAP)));
        let (label, points) = (case.runs[0].label(), epochs.iter().map(point).collect());
        Some(Curve { label, legend: case.name(), points }).filter(|curve| values(curve).next().is_some())
    };
    let cases = runs.at_largest(|_| true);
    let row = |case: &Case<'_>, epoch: f64| -> Vec<String> {
        let shares = shares.iter().flat_map(|share| cells_of(mean(case, epoch, share.0)));
        let place = [number(epoch), case.runs.len().to_string()];
        let keys = run_keys(case.runs.iter().map(|run| run.stored));
        settings(case.runs[0]).into_iter().chain(place).chain(shares).chain([keys]).collect()
    };
    let places = ["epoch", "seeds"].map(str::to_owned).into_iter();
    let names = shares.iter().flat_map(|share| bounds(&EpochRow::name_of(share.0)));
    let numbers = Numbers {
        columns: columns(places.chain(names).chain([RUN_KEYS.to_owned()])),
        rows: cases.iter().flat_map(|case| epochs.iter().map(|epoch| row(case, *epoch))).collect(),
    };
    let facet = |(setting, cases): (String, Vec<&Case<'_>>)| {
        let curves = |share: &(OfEpoch, _)| cases.iter().filter_map(|case| curve(case, share.0)).collect();
        (setting, shares.iter().map(curves).collect())
    };
    let frame = Frame {
        id,
        title,
        caption,
        x: ("epoch", Axis::epochs(epochs.last().copied().unwrap_or(1.0))),
        rows: shares.iter().map(|(_, name)| (*name, Axis::covering(1.0))).collect(),
        facets: grouped(cases.iter(), |case| case.setting.clone()).into_iter().map(facet).collect(),
    };
    frame.picture(runs, numbers)
}

/// `share` at `epoch`, mean over the seeds.
fn mean(case: &Case<'_>, epoch: f64, share: OfEpoch) -> Option<Estimate> {
    let at = |run: &Run<'_>| share(run.epochs.iter().find(|row| row.epoch == Some(epoch))?);
    Estimate::of_fractions(&case.of_runs(at))
}

/// The columns of a table: the settings, and `others`.
pub(super) fn columns(others: impl Iterator<Item = String>) -> Vec<String> {
    let settings = SETTINGS.into_iter().chain(["learning_rate"]);
    settings.map(str::to_owned).chain(others).collect()
}

/// The settings of a run as cells. The plain auto-encoder is called so, whichever model it stood for at σ² = 0.
pub(super) fn settings(run: &Run<'_>) -> Vec<String> {
    let mut cell = run.stored.clone();
    if run.is_plain() {
        (cell.spec.regularizer, cell.spec.sigma_squared) = (RegularizerSpec::none(), 0.0);
    }
    let settings = SETTINGS.into_iter().chain(["learning_rate"]);
    settings.map(|name| setting_of(&cell, name)).collect()
}
