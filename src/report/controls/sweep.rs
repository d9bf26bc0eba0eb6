//! Curves over σ² in panels side by side, and the same numbers as a table.

use super::contrast::Contrast;
use super::evidence::{BySeed, Evidence, Value};
use crate::report::chart::{Axis, Curve, Row, Small, greatest_value};
use crate::report::figure::{Estimate, legend};
use crate::report::table::{SETTINGS, Table, bounds, cells_of};
use crate::store::Settings;

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
/// Of any number.
const ANY: [f64; 2] = [f64::NEG_INFINITY, f64::INFINITY];

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

pub(super) const ACTIVATION: Quantity = Quantity {
    column: "avg_activation_fraction",
    name: "Activation fraction",
    value: |run| run.activation(),
    least_end: 0.1,
    range: FRACTION,
};
pub(super) const DEAD: Quantity = Quantity {
    column: "dead_fraction",
    name: "Fraction of dead units",
    value: |run| run.result().map(|result| result.dead_fraction),
    // So that a few dead units don't look like many.
    least_end: 0.05,
    range: FRACTION,
};
pub(super) const WEIGHT_LENGTH: Quantity = Quantity {
    column: "mean_weight_norm",
    name: "Mean length of a row",
    value: |run| run.result().map(|result| result.mean_weight_norm),
    least_end: 1.0,
    range: SIZE,
};
pub(super) const PRE_ACTIVATION: Quantity = Quantity {
    column: "mean_pre_activation",
    name: "Mean pre-activation",
    value: |run| run.result().map(|result| result.mean_pre_activation),
    least_end: 1.0,
    range: ANY,
};
pub(super) const VARIANCE: Quantity = Quantity {
    column: "variance_pre_activation",
    name: "Variance of pre-activations",
    value: |run| run.result().map(|result| result.variance_pre_activation),
    least_end: 1.0,
    range: SIZE,
};
pub(super) const RECONSTRUCTION: Quantity = Quantity {
    column: "reconstruction",
    name: "Reconstruction error",
    value: |run| run.result().map(|result| result.reconstruction),
    least_end: 1.0,
    range: SIZE,
};

/// Some of the runs, with what tells them from the others.
pub(super) struct Facet<'r> {
    pub(super) title: String,
    pub(super) evidence: Evidence<'r>,
}

/// The runs by the values of a setting, each with a title.
pub(super) fn facets<'r>(
    evidence: &Evidence<'r>,
    setting: fn(&Settings) -> &str,
    title: impl Fn(&str) -> String,
) -> Vec<Facet<'r>> {
    let facet = |value: &str| Facet {
        title: title(value),
        evidence: evidence.filter(|settings| setting(settings) == value),
    };
    evidence.distinct(setting).into_iter().map(facet).collect()
}

/// A row of panels for each of `quantities` that isn't 0 everywhere, a panel for each facet, a curve over σ² for each model.
pub(super) fn rows(facets: &[Facet<'_>], quantities: &[Quantity]) -> Vec<Row> {
    let greatest = facets.iter().map(|facet| facet.evidence.last_sigma()).fold(0.0, f64::max);
    let x = Axis::covering(if greatest > 0.0 { greatest } else { 1.0 });
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
        let runs = evidence.filter(|settings| settings.regularizer == label);
        let point = |sigma: f64| (sigma, quantity.estimate(&runs.at(sigma, quantity.value)));
        let points = runs.sigmas().into_iter().map(point).collect();
        Curve { label: label.to_owned(), legend: legend(label), points }
    };
    evidence.models().into_iter().map(curve).collect()
}

/// A line for each cell with its settings, the replicates that completed and diverged, and mean and bounds of each quantity.
pub(super) fn table(evidence: &Evidence<'_>, quantities: &[Quantity]) -> Table {
    let columns = SETTINGS.iter().map(|(name, _)| (*name).to_owned());
    let columns = columns
        .chain(["seeds", "diverged"].map(str::to_owned))
        .chain(quantities.iter().flat_map(|q| bounds(q.column)));
    let mut cells: Vec<(Vec<String>, Evidence<'_>)> = Vec::new();
    for run in &evidence.runs {
        let settings: Vec<String> = SETTINGS.iter().map(|(_, cell)| cell(run.settings())).collect();
        match cells.iter_mut().find(|(known, _)| *known == settings) {
            Some((_, replicates)) => replicates.runs.push(*run),
            None => cells.push((settings, Evidence { runs: vec![*run] })),
        }
    }
    let row = |(settings, replicates): &(Vec<String>, Evidence<'_>)| {
        let completed = replicates.runs.iter().filter(|run| run.result().is_some()).count();
        let counts = [completed, replicates.runs.len() - completed].map(|count| count.to_string());
        let sigma = replicates.runs[0].settings().sigma_squared;
        let numbers = quantities
            .iter()
            .flat_map(|quantity| cells_of(quantity.estimate(&replicates.at(sigma, quantity.value))));
        settings.iter().cloned().chain(counts).chain(numbers).collect()
    };
    Table { columns: columns.collect(), rows: cells.iter().map(row).collect() }
}
