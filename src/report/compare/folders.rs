//! Two results folders, cell by cell.

use super::difference::{ComparedMetric, Difference, differences};
use crate::experiment::config;
use crate::report::claims::margins::CONFIDENCE;
use crate::report::statistics::{Interval, mean, mean_interval};
use crate::store::{AXES, Column, Results, StoredRun, TableCell};
use crate::training::{Metric, RunSpec};
use serde::{Serialize, Serializer};
use serde_json::Value as Json;
use std::collections::{BTreeSet, HashMap};

/// The axis over which differences are averaged.
const SEED: &str = "seed";

const ACTIVATION: &Metric = Metric::named("avg_activation_fraction");
const DEAD: &Metric = Metric::named("dead_units");
const DEAD_FRACTION: &Metric = Metric::named("dead_fraction");

/// The metrics that are compared with a tolerance.
pub(super) const FRACTIONS: [&Metric; 2] = [ACTIVATION, DEAD_FRACTION];

/// Two results folders.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FolderComparison {
    /// The name of the first, or its path where both have the same name.
    pub a: String,
    /// The name of the second, or its path.
    pub b: String,
    /// Settings of the resolved configurations that differ, by dotted path.
    pub settings: Vec<Difference>,
    /// The [`AXES`] by which cells are matched: all but those of `differ_everywhere`.
    pub matched_by: Vec<&'static str>,
    /// The [`AXES`] that have one value in all cells of A and another value in all cells of B.
    pub differ_everywhere: Vec<Difference>,
    /// Cells that both have, in the order of A, with the settings of A.
    pub cells: Vec<SharedCell>,
    /// Means over the common seeds of `cells`, in the order of A; empty if no two cells differ in the seed alone.
    pub means: Vec<SeedMeans>,
    /// Cells that only A has.
    pub only_a: Vec<ComparedCell>,
    /// Cells that only B has.
    pub only_b: Vec<ComparedCell>,
    /// Cells of A and then of B that are not compared, because several cells of one folder have the same settings on the matched
    /// axes.
    pub ambiguous: Vec<ComparedCell>,
}

/// A cell, identified by its settings on the [`AXES`].
#[derive(Debug, Clone, PartialEq)]
pub struct ComparedCell(pub RunSpec);

impl Serialize for ComparedCell {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(AXES.iter().map(|axis| (axis.name, axis.setting_cell(&self.0))))
    }
}

/// Serializes a cell without its seed.
fn without_seed<S: Serializer>(cell: &ComparedCell, serializer: S) -> Result<S::Ok, S::Error> {
    let axes = AXES.iter().filter(|axis| axis.name != SEED);
    serializer.collect_map(axes.map(|axis| (axis.name, axis.setting_cell(&cell.0))))
}

/// A cell that both folders have.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SharedCell {
    /// The cell.
    #[serde(flatten)]
    pub cell: ComparedCell,
    /// Whether both folders have the same run, by its key.
    pub same_run: bool,
    /// Activation fraction (Eq. 14).
    pub activation_fraction: ComparedMetric,
    /// Number of dead units, which are active on no sample.
    pub dead_units: ComparedMetric,
    /// Dead units as a fraction of m, the number of hidden units.
    pub dead_fraction: ComparedMetric,
}

/// The means over the seeds that two folders have in common.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SeedMeans {
    /// The cell of the first of these seeds.
    #[serde(flatten, serialize_with = "without_seed")]
    pub cell: ComparedCell,
    /// The seeds whose runs completed in both folders.
    pub seeds: Vec<u64>,
    /// Activation fraction (Eq. 14).
    pub activation_fraction: MeanDifference,
    /// Number of dead units.
    pub dead_units: MeanDifference,
}

/// The means of a metric over seeds.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MeanDifference {
    /// The means in A and B and their difference; missing without a common seed.
    #[serde(flatten)]
    pub means: ComparedMetric,
    /// Student's interval of the mean of the seeds' differences B − A at [`CONFIDENCE`]; `None` for fewer than two seeds.
    pub interval: Option<Interval>,
}

impl FolderComparison {
    /// The folders `a` and `b` side by side. Cells match where they have the same value on every axis (activation, constraint, learning
    /// rate, encoder bias, regularizer, σ² and seed), except axes that have one value in all of A and another in all of B.
    pub fn of(a: &Results, b: &Results) -> Self {
        let (mut matched, mut differ_everywhere) = (Vec::new(), Vec::new());
        for axis in AXES {
            match differs_everywhere(&axis, &a.runs, &b.runs) {
                Some(difference) => differ_everywhere.push(difference),
                None => matched.push(axis),
            }
        }
        let name = |results: &Results| {
            if a.name == b.name { results.folder.display().to_string() } else { results.name.clone() }
        };
        let id =
            |run: &StoredRun| matched.iter().map(|axis| axis.setting_cell(&run.spec).to_text()).collect();
        let [of_a, of_b] = [&a.runs, &b.runs].map(|runs| by_id(runs, &id));
        let (mut cells, mut only_a, mut only_b, mut ambiguous) = (vec![], vec![], vec![], vec![]);
        for run in &a.runs {
            let cell = ComparedCell(run.spec.clone());
            match (&*of_a[&id(run)], of_b.get(&id(run)).map_or(&[][..], Vec::as_slice)) {
                ([_], []) => only_a.push(cell),
                ([_], [other]) => cells.push(SharedCell::of(cell, [run, other])),
                _ => ambiguous.push(cell),
            }
        }
        for run in &b.runs {
            let cell = ComparedCell(run.spec.clone());
            match (of_a.get(&id(run)).map_or(0, Vec::len), of_b[&id(run)].len()) {
                (0, 1) => only_b.push(cell),
                (1, 1) => {}
                _ => ambiguous.push(cell),
            }
        }
        Self {
            a: name(a),
            b: name(b),
            settings: differences(&configuration(a), &configuration(b)),
            matched_by: matched.iter().map(|axis| axis.name).collect(),
            differ_everywhere,
            means: seed_means(&cells, &matched),
            cells,
            only_a,
            only_b,
            ambiguous,
        }
    }
}

/// The resolved configuration of `results`. Settings that were added after it was written have their defaults, so that they don't count as
/// differences; it is taken as written where this program can't read it.
fn configuration(results: &Results) -> Json {
    let written = &results.manifest.config;
    config::stored(written).map_or_else(|_| written.clone(), |config| config.resolved())
}

/// The value of `axis` in all of `a` and its other value in all of `b`; `None` where the axis varies in a folder or both have the same
/// value.
fn differs_everywhere(axis: &Column, a: &[StoredRun], b: &[StoredRun]) -> Option<Difference> {
    let constant = |runs: &[StoredRun]| {
        let mut values = runs.iter().map(|run| axis.setting_cell(&run.spec));
        let first = values.next()?;
        values.all(|value| value == first).then_some(first)
    };
    let (a, b) = (constant(a)?, constant(b)?);
    let json = |value: &TableCell| serde_json::to_value(value).ok();
    (a != b).then(|| Difference { key: axis.name.to_owned(), a: json(&a), b: json(&b) })
}

/// The runs by the text of their settings on the matched axes.
fn by_id<'r>(
    runs: &'r [StoredRun],
    id: &impl Fn(&StoredRun) -> Vec<String>,
) -> HashMap<Vec<String>, Vec<&'r StoredRun>> {
    let mut places: HashMap<_, Vec<_>> = HashMap::new();
    for run in runs {
        places.entry(id(run)).or_default().push(run);
    }
    places
}

impl SharedCell {
    fn of(cell: ComparedCell, runs: [&StoredRun; 2]) -> Self {
        let [a, b] = runs;
        Self {
            cell,
            same_run: a.record.run_key == b.record.run_key,
            activation_fraction: ComparedMetric::of(ACTIVATION, runs),
            dead_units: ComparedMetric::of(DEAD, runs),
            dead_fraction: ComparedMetric::of(DEAD_FRACTION, runs),
        }
    }
}

/// The means of `cells` over the seeds, if seeds are `matched` and some settings have several.
fn seed_means(cells: &[SharedCell], matched: &[Column]) -> Vec<SeedMeans> {
    if !matched.iter().any(|axis| axis.name == SEED) {
        return Vec::new();
    }
    let mut groups: Vec<(Vec<TableCell>, Vec<&SharedCell>)> = Vec::new();
    for pair in cells {
        let axes = matched.iter().filter(|axis| axis.name != SEED);
        let settings: Vec<TableCell> = axes.map(|axis| axis.setting_cell(&pair.cell.0)).collect();
        match groups.iter_mut().find(|(known, _)| *known == settings) {
            Some((_, group)) => group.push(pair),
            None => groups.push((settings, vec![pair])),
        }
    }
    if groups.iter().all(|(_, group)| group.len() == 1) {
        return Vec::new();
    }
    groups.into_iter().map(|(_, group)| SeedMeans::of(&group)).collect()
}

impl SeedMeans {
    /// The means of the cells in `group`, which differ in the seed alone. A seed that diverged in a folder has no values and is left out.
    fn of(group: &[&SharedCell]) -> Self {
        let completed = group.iter().filter(|pair| pair.dead_units.difference.is_some());
        let seeds: BTreeSet<u64> = completed.map(|pair| pair.cell.0.seed).collect();
        let of = |metric: fn(&SharedCell) -> &ComparedMetric| {
            MeanDifference::of(&group.iter().map(|pair| metric(pair)).collect::<Vec<_>>())
        };
        Self {
            cell: group[0].cell.clone(),
            seeds: seeds.into_iter().collect(),
            activation_fraction: of(|pair| &pair.activation_fraction),
            dead_units: of(|pair| &pair.dead_units),
        }
    }
}

impl MeanDifference {
    /// The means of `pairs`, one a seed, that have both values.
    fn of(pairs: &[&ComparedMetric]) -> Self {
        let both: Vec<[f64; 2]> = pairs.iter().filter_map(|pair| Some([pair.a?, pair.b?])).collect();
        let average = |of: fn(&[f64; 2]) -> f64| {
            let values: Vec<f64> = both.iter().map(of).collect();
            (!values.is_empty()).then(|| mean(&values))
        };
        let differences: Vec<f64> = both.iter().map(|[a, b]| b - a).collect();
        let means = ComparedMetric {
            name: pairs[0].name,
            a: average(|[a, _]| *a),
            b: average(|[_, b]| *b),
            difference: average(|[a, b]| b - a),
        };
        Self { means, interval: mean_interval(&differences, CONFIDENCE) }
    }
}
