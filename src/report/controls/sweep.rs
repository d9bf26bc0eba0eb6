//! Curves over σ² in panels side by side, and the same numbers as a table.

use super::evidence::{Evidence, Run};
use super::quantity::Quantity;
use crate::report::chart::{Axis, Curve, Row, Small, greatest_value};
use crate::report::figure::{grouped, legend};
use crate::report::numbers::{Numbers, RUN_KEYS, SETTINGS, bounds, cells_of, setting_of};
use crate::report::statistics::Estimate;
use crate::training::RunSpec;

/// Some of the runs, with what tells them from the others.
pub(super) struct Facet<'r> {
    pub(super) title: String,
    pub(super) evidence: Evidence<'r>,
}

/// The runs by a setting, which is their title.
pub(super) fn facets<'r>(evidence: &Evidence<'r>, setting: fn(&RunSpec) -> String) -> Vec<Facet<'r>> {
    let facet = |title: String| Facet { evidence: evidence.filter(|spec| setting(spec) == title), title };
    evidence.distinct(setting).into_iter().map(facet).collect()
}

/// A row of panels for each of `quantities` that isn't 0 everywhere, a panel for each facet, a curve over σ² for each model.
pub(super) fn rows(facets: &[Facet<'_>], quantities: &[Quantity]) -> Vec<Row> {
    let sigmas: Vec<f64> = facets.iter().flat_map(|facet| facet.evidence.sigmas()).collect();
    let x = Axis::sigma_squared(&sigmas);
    let row = |(index, quantity): (usize, &Quantity)| {
        let panel = |facet: &Facet<'_>| Small {
            title: if index == 0 { facet.title.clone() } else { String::new() },
            curves: curves(&facet.evidence, |runs| over_sigma(runs, quantity)),
        };
        let panels: Vec<Small> = facets.iter().map(panel).collect();
        let greatest = greatest_value(&panels);
        // The axis ends no lower, so that a few dead units don't look like many.
        let y = Axis::covering(greatest.max(0.1));
        (index == 0 || greatest > 0.0).then(|| Row {
            name: quantity.name.to_owned(),
            x: x.clone(),
            y,
            panels,
        })
    };
    quantities.iter().enumerate().filter_map(row).collect()
}

/// A curve for each model.
pub(super) fn curves(
    evidence: &Evidence<'_>,
    points: impl Fn(&Evidence<'_>) -> Vec<(f64, Option<Estimate>)>,
) -> Vec<Curve> {
    let curve = |label: String| {
        let points = points(&evidence.model(&label));
        Curve { legend: legend(&label), label, points }
    };
    evidence.models().into_iter().map(curve).collect()
}

/// The quantity at each σ² but for those at which runs completed without it: they would look like a divergence.
fn over_sigma(runs: &Evidence<'_>, quantity: &Quantity) -> Vec<(f64, Option<Estimate>)> {
    let point = |sigma: f64| (sigma, quantity.estimate(&runs.at(sigma, quantity.value)));
    let points = runs.sigmas().into_iter().map(point);
    points.filter(|(sigma, estimate)| estimate.is_some() || runs.completed(*sigma) == 0).collect()
}

/// The replicates of each cell, with its settings.
pub(super) fn cells<'r, const N: usize>(
    evidence: &Evidence<'r>,
    settings: [&str; N],
) -> Vec<([String; N], Evidence<'r>)> {
    let of = |run: &Run<'r>| settings.map(|name| setting_of(run.stored, name));
    let cells = grouped(evidence.runs.iter().copied(), of).into_iter();
    cells.map(|(settings, runs)| (settings, Evidence { runs })).collect()
}

/// A line for each cell with its settings, the replicates that completed and diverged, mean and bounds of each quantity, and
/// the runs behind them.
pub(super) fn table(evidence: &Evidence<'_>, quantities: &[Quantity]) -> Numbers {
    let columns = SETTINGS.into_iter().chain(["seeds", "diverged"]).map(str::to_owned);
    let columns =
        columns.chain(quantities.iter().flat_map(|q| bounds(q.column))).chain([RUN_KEYS.to_owned()]);
    let row = |(settings, replicates): ([String; SETTINGS.len()], Evidence<'_>)| {
        let sigma = replicates.last_sigma();
        let completed = replicates.completed(sigma);
        let counts = [completed, replicates.runs.len() - completed].map(|count| count.to_string());
        let numbers = quantities.iter().flat_map(|q| cells_of(q.estimate(&replicates.at(sigma, q.value))));
        settings.into_iter().chain(counts).chain(numbers).chain([replicates.keys()]).collect()
    };
    Numbers { columns: columns.collect(), rows: cells(evidence, SETTINGS).into_iter().map(row).collect() }
}
