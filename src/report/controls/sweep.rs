//! Panels of curves over σ², and the same numbers as a table.

use super::evidence::Evidence;
use super::quantity::Quantity;
use crate::report::chart::{Axis, PanelCurve, Row, Stack, greatest_value};
use crate::report::figure::legend;
use crate::report::numbers::{Line, Numbers, SETTINGS};
use crate::report::statistics::Estimate;
use crate::store::StoredRun;

/// A title and the runs that it stands for.
pub(super) type Facet<'r> = (String, Evidence<'r>);

/// A row of panels for each of `quantities` (after the first only if it isn't 0 everywhere), with a panel for each facet and a
/// curve over σ² for each model.
pub(super) fn stack(facets: &[Facet<'_>], quantities: &[Quantity]) -> Stack {
    let sigmas: Vec<f64> = facets.iter().flat_map(|(_, runs)| runs.sigmas()).collect();
    let row = |quantity: &Quantity| {
        let panel = |(_, runs): &Facet<'_>| curves(runs, |runs| over_sigma(runs, quantity));
        row(quantity.name, facets.iter().map(panel).collect())
    };
    let rows = quantities.iter().map(row).enumerate();
    let rows = rows.filter(|(index, row)| *index == 0 || greatest_value(&row.panels) > 0.0);
    Stack {
        x: Axis::sigma_squared(&sigmas),
        titles: facets.iter().map(|(title, _)| title.clone()).collect(),
        rows: rows.map(|(_, row)| row).collect(),
    }
}

/// A row of panels, with a vertical axis that covers its curves.
pub(super) fn row(name: &'static str, panels: Vec<Vec<PanelCurve>>) -> Row {
    // The axis ends at 0.1 or above, so that a few dead units don't look like many.
    let y = Axis::covering(greatest_value(&panels).max(0.1));
    Row { name, y, panels }
}

/// A curve for each model.
pub(super) fn curves(
    runs: &Evidence<'_>,
    points: impl Fn(&Evidence<'_>) -> Vec<(f64, Option<Estimate>)>,
) -> Vec<PanelCurve> {
    let curve = |(label, runs): (String, Evidence<'_>)| {
        let points = points(&runs);
        PanelCurve { legend: legend(&label), label, points }
    };
    runs.by_model().into_iter().map(curve).collect()
}

/// The quantity at each σ². A σ² at which runs completed without it is left out, because it would look like a divergence.
fn over_sigma(runs: &Evidence<'_>, quantity: &Quantity) -> Vec<(f64, Option<Estimate>)> {
    let point = |sigma: f64| (sigma, quantity.estimate(&runs.values_at(sigma, quantity.value)));
    let points = runs.sigmas().into_iter().map(point);
    points.filter(|(sigma, estimate)| estimate.is_some() || runs.completed(*sigma) == 0).collect()
}

/// A line for each cell: its settings, the numbers of completed and diverged replicates, mean and bounds of each quantity, and
/// the keys of the runs.
pub(super) fn table(runs: &Evidence<'_>, quantities: &[Quantity]) -> Numbers {
    table_of(runs, |run| Line::of_run(run, &SETTINGS), quantities)
}

/// [`table`] of cells that `settings` tells apart.
pub(super) fn table_of(
    runs: &Evidence<'_>,
    settings: impl Fn(&StoredRun) -> Line,
    quantities: &[Quantity],
) -> Numbers {
    let line = |(settings, replicates): (Line, Evidence<'_>)| {
        let sigma = replicates.last_sigma();
        let completed = replicates.completed(sigma);
        let counts = settings.with("seeds", completed).with("diverged", replicates.runs.len() - completed);
        let estimate = |line: Line, quantity: &Quantity| {
            line.estimate(quantity.column, quantity.estimate(&replicates.values_at(sigma, quantity.value)))
        };
        quantities.iter().fold(counts, estimate).run_keys(replicates.stored())
    };
    runs.grouped_by(|run| settings(run.stored)).into_iter().map(line).collect()
}
