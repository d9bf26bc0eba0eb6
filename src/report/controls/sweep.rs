//! Curves over σ² in panels side by side, and the same numbers as a table.

use super::contrast::Contrast;
use super::evidence::{BySeed, Evidence, Value};
use crate::report::chart::{Axis, Curve, Row, Small, greatest_value};
use crate::report::figure::legend;
use crate::report::numbers::{Numbers, RUN_KEYS, SETTINGS, bounds, cells_of, run_keys, setting_of};
use crate::report::statistics::Estimate;
use crate::training::{Metric, RunSpec};

/// Something that is measured of each run.
#[derive(Clone, Copy)]
pub(super) struct Quantity {
    /// The column's name.
    pub(super) column: &'static str,
    /// The vertical axis' name.
    pub(super) name: &'static str,
    pub(super) value: Value,
    /// The least end of its axis.
    pub(super) least_end: f64,
    /// Between what it can lie: intervals end there.
    pub(super) range: [f64; 2],
}

/// Of shares of something.
pub(super) const FRACTION: [f64; 2] = [0.0, 1.0];
/// Of what isn't negative.
pub(super) const SIZE: [f64; 2] = [0.0, f64::INFINITY];

impl Quantity {
    /// Its mean over seeds; `None` of nothing.
    pub(super) fn estimate(&self, values: &BySeed) -> Option<Estimate> {
        within(self.range, values)
    }
}

/// The mean over seeds of a share; `None` of nothing.
pub(super) fn fraction(values: &BySeed) -> Option<Estimate> {
    within(FRACTION, values)
}

fn within(range: [f64; 2], values: &BySeed) -> Option<Estimate> {
    Contrast::of(values).map(|contrast| contrast.estimate().within(range))
}

/// A metric with the name and the least end of its axis.
macro_rules! quantity {
    ($metric:literal, $name:literal, $least_end:literal) => {{
        const METRIC: &Metric = Metric::named($metric);
        Quantity {
            column: METRIC.name,
            name: $name,
            value: |run| METRIC.value(run.result()?),
            least_end: $least_end,
            range: METRIC.range(),
        }
    }};
}

pub(super) const ACTIVATION: Quantity = quantity!("avg_activation_fraction", "Activation fraction", 0.1);
// The axis ends no lower, so that a few dead units don't look like many.
pub(super) const DEAD: Quantity = quantity!("dead_fraction", "Fraction of dead units", 0.05);
pub(super) const WEIGHT_LENGTH: Quantity = quantity!("mean_weight_norm", "Mean length of a row", 1.0);
pub(super) const PRE_ACTIVATION: Quantity = quantity!("mean_pre_activation", "Mean pre-activation", 1.0);
pub(super) const VARIANCE: Quantity =
    quantity!("variance_pre_activation", "Variance of pre-activations", 1.0);
pub(super) const RECONSTRUCTION: Quantity = quantity!("reconstruction", "Reconstruction error", 1.0);

/// Some of the runs, with what tells them from the others.
pub(super) struct Facet<'r> {
    pub(super) title: String,
    pub(super) evidence: Evidence<'r>,
}

/// The runs by the values of a setting, each with a title.
pub(super) fn facets<'r>(
    evidence: &Evidence<'r>,
    setting: fn(&RunSpec) -> String,
    title: impl Fn(&str) -> String,
) -> Vec<Facet<'r>> {
    let facet =
        |value: &str| Facet { title: title(value), evidence: evidence.filter(|spec| setting(spec) == value) };
    evidence.distinct(setting).iter().map(|value| facet(value)).collect()
}

/// A row of panels for each of `quantities` that isn't 0 everywhere, a panel for each facet, a curve over σ² for each model.
pub(super) fn rows(facets: &[Facet<'_>], quantities: &[Quantity]) -> Vec<Row> {
    let sigmas: Vec<f64> = facets.iter().flat_map(|facet| facet.evidence.sigmas()).collect();
    let x = Axis::sigma_squared(&sigmas);
    let row = |(index, quantity): (usize, &Quantity)| {
        let panel = |facet: &Facet<'_>| Small {
            title: if index == 0 { facet.title.clone() } else { String::new() },
            curves: curves(&facet.evidence, quantity),
        };
        let panels: Vec<Small> = facets.iter().map(panel).collect();
        let greatest = greatest_value(&panels);
        let end = greatest.max(quantity.least_end);
        let row = || Row { name: quantity.name.to_owned(), x: x.clone(), y: Axis::covering(end), panels };
        (index == 0 || greatest > 0.0).then(row)
    };
    quantities.iter().enumerate().filter_map(row).collect()
}

fn curves(evidence: &Evidence<'_>, quantity: &Quantity) -> Vec<Curve> {
    let curve = |label: &str| {
        let runs = evidence.filter(|spec| spec.regularizer.label() == label);
        let point = |sigma: f64| (sigma, quantity.estimate(&runs.at(sigma, quantity.value)));
        let points = runs.sigmas().into_iter().map(point).collect();
        Curve { label: label.to_owned(), legend: legend(label), points }
    };
    evidence.models().iter().map(|label| curve(label)).collect()
}

/// A line for each cell with its settings, the replicates that completed and diverged, mean and bounds of each quantity, and
/// the runs behind them.
pub(super) fn table(evidence: &Evidence<'_>, quantities: &[Quantity]) -> Numbers {
    let columns = SETTINGS.map(str::to_owned).into_iter();
    let columns = columns
        .chain(["seeds", "diverged"].map(str::to_owned))
        .chain(quantities.iter().flat_map(|q| bounds(q.column)))
        .chain([RUN_KEYS.to_owned()]);
    let mut cells: Vec<(Vec<String>, Evidence<'_>)> = Vec::new();
    for run in &evidence.runs {
        let settings: Vec<String> = SETTINGS.map(|name| setting_of(run.stored, name)).to_vec();
        match cells.iter_mut().find(|(known, _)| *known == settings) {
            Some((_, replicates)) => replicates.runs.push(*run),
            None => cells.push((settings, Evidence { runs: vec![*run] })),
        }
    }
    let row = |(settings, replicates): &(Vec<String>, Evidence<'_>)| {
        let completed = replicates.runs.iter().filter(|run| run.result().is_some()).count();
        let counts = [completed, replicates.runs.len() - completed].map(|count| count.to_string());
        let sigma = replicates.runs[0].spec().sigma_squared;
        let numbers = quantities
            .iter()
            .flat_map(|quantity| cells_of(quantity.estimate(&replicates.at(sigma, quantity.value))));
        let keys = run_keys(replicates.runs.iter().map(|run| run.stored));
        settings.iter().cloned().chain(counts).chain(numbers).chain([keys]).collect()
    };
    Numbers { columns: columns.collect(), rows: cells.iter().map(row).collect() }
}
