//! The recovery of the known atoms by the runs of a results folder: a picture and a table.

use super::recovery::{DictionaryRecovery, UsedUnits, atoms};
use crate::data::Standardize;
use crate::experiment::config;
use crate::report::chart::{Axis, Multiples, PanelCurve, Row, Stack};
use crate::report::document::{Block, Section, Table, Text, anchor};
use crate::report::figure::{Figure, Point, Series};
use crate::report::numbers::{Line, Numbers};
use crate::report::statistics::Estimate;
use crate::report::{Chart, Drawing, text};
use crate::store::{Moment, Record, Results, WEIGHTS};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The recovery of each run that kept its weights, by run key.
type Recoveries = BTreeMap<String, DictionaryRecovery>;

/// The recovery of known atoms under one protocol.
#[derive(Debug, Clone, PartialEq)]
pub struct RecoveryStudy {
    /// The name of the results folder.
    pub folder: String,
    /// The heading.
    pub title: String,
    /// Recovery over σ².
    pub drawing: Drawing,
    /// The numbers by model and σ².
    pub table: Table,
}

/// A quantity of the picture, the CSV and the table.
struct RecoveryQuantity {
    column: &'static str,
    head: &'static str,
    value: fn(&DictionaryRecovery) -> Option<f64>,
    /// The smallest and the largest possible value, to which intervals are clamped.
    range: [f64; 2],
}

/// The range of counts.
const COUNT: [f64; 2] = [0.0, f64::INFINITY];

/// The picture has a row for each of the first two.
const QUANTITIES: [RecoveryQuantity; 6] = [
    quantity("recovered_fraction", "atoms recovered", [0.0, 1.0], |it| Some(it.recovered_fraction())),
    quantity("mean_max_cosine", "mean max. cosine", [-1.0, 1.0], |it| it.mean_max_cosine),
    quantity("mean_matched_cosine", "mean matched cosine", [-1.0, 1.0], |it| it.mean_matched_cosine),
    quantity("used_units", "used units", COUNT, |it| Some(it.units as f64)),
    quantity("repeated_atoms", "repeated atoms", COUNT, |it| Some(it.repeated_atoms as f64)),
    quantity("repeated_units", "repeated units", COUNT, |it| Some(it.repeated_units as f64)),
];

const fn quantity(
    column: &'static str,
    head: &'static str,
    range: [f64; 2],
    value: fn(&DictionaryRecovery) -> Option<f64>,
) -> RecoveryQuantity {
    RecoveryQuantity { column, head, range, value }
}

impl RecoveryStudy {
    /// The studies of all `results` on synthetic data, one for each protocol that has weights.
    pub fn all(results: &[Results]) -> Vec<Self> {
        results.iter().flat_map(Self::of_folder).collect()
    }

    fn of_folder(results: &Results) -> Vec<Self> {
        let recoveries = recoveries(results);
        let figures = Figure::split(&results.runs).into_iter();
        figures.filter_map(|figure| Self::of_figure(&results.name, &figure, &recoveries)).collect()
    }

    fn of_figure(folder: &str, figure: &Figure, recoveries: &Recoveries) -> Option<Self> {
        if figure.points().all(|(_, point)| values(point, recoveries, &QUANTITIES[0]).is_none()) {
            return None;
        }
        let title = format!("Recovery of the atoms: {}", figure.title);
        let drawing = Drawing::new(
            format!("{}_recovery", text::file_stem(&figure.id)),
            Chart::Multiples(chart(&title, figure, recoveries)),
            "",
            numbers(figure, recoveries),
        );
        Some(Self { folder: folder.to_owned(), title, drawing, table: table(figure, recoveries) })
    }
}

/// The recovery of each run of `results`; empty where the data are not synthetic, or no weights were kept. The report never draws
/// samples, so runs on data standardised by feature are left out, whose atoms depend on the samples' statistics; `aesparse inspect`
/// shows these. Damaged weights are left out too; the command warns of them.
fn recoveries(results: &Results) -> Recoveries {
    let Ok((spec, _)) = config::data(&results.manifest.config) else { return Recoveries::new() };
    let is_by_feature = matches!(spec.standardize, Standardize::Feature { .. });
    if is_by_feature || !results.folder.join(WEIGHTS).is_dir() {
        return Recoveries::new();
    }
    let Ok(Some(atoms)) = atoms(&spec.source, spec.standardize, None) else { return Recoveries::new() };
    let mut recoveries = Recoveries::new();
    for run in &results.runs {
        let record = &run.record;
        let is_known = recoveries.contains_key(&record.run_key);
        if is_known || record.spec.standardize != spec.standardize || record.spec.inputs != atoms.ncols() {
            continue;
        }
        if let Ok(Some(file)) = results.weights(run, Moment::Final) {
            let recovery = DictionaryRecovery::of(atoms.view(), &UsedUnits::of(&file.weights, record));
            recoveries.insert(record.run_key.clone(), recovery);
        }
    }
    recoveries
}

/// The replicates of a point that have weights.
fn measured<'p>(point: &'p Point, recoveries: &Recoveries) -> impl Iterator<Item = &'p Arc<Record>> {
    point.completed.iter().filter(|run| recoveries.contains_key(&run.run_key))
}

/// The mean of a quantity over the replicates of a point that have weights; `None` without any.
fn values(point: &Point, recoveries: &Recoveries, quantity: &RecoveryQuantity) -> Option<Estimate> {
    let recoveries = measured(point, recoveries).map(|run| &recoveries[&run.run_key]);
    let values: Vec<f64> = recoveries.filter_map(quantity.value).collect();
    Estimate::of(&values).map(|estimate| estimate.within(quantity.range))
}

fn chart(title: &str, figure: &Figure, recoveries: &Recoveries) -> Multiples {
    let sigmas: Vec<f64> = figure.points().map(|(_, point)| point.sigma_squared).collect();
    let curve = |series: &Series, quantity: &RecoveryQuantity| {
        let place = |point: &Point| {
            // A cross marks divergence; missing weights are a gap.
            let estimate = values(point, recoveries, quantity);
            (point.sigma_squared, estimate.or((!point.completed.is_empty()).then_some(Estimate::GAP)))
        };
        PanelCurve {
            label: series.regularizer.clone(),
            legend: series.legend.clone(),
            points: series.points.iter().map(place).collect(),
        }
    };
    let row = |quantity: &RecoveryQuantity| Row {
        name: quantity.head,
        y: Axis::covering(1.0),
        panels: vec![figure.series.iter().map(|series| curve(series, quantity)).collect()],
    };
    let rows = QUANTITIES[..2].iter().map(row).collect();
    Multiples {
        title: title.to_owned(),
        subtitle: figure.subtitle.clone(),
        description: "Share of the atoms recovered, and mean maximum cosine, over σ²".to_owned(),
        x_name: "σ²".to_owned(),
        stacks: vec![Stack { x: Axis::sigma_squared(&sigmas), titles: Vec::new(), rows }],
    }
}

fn numbers(figure: &Figure, recoveries: &Recoveries) -> Numbers {
    let line = |(series, point): (&Series, &Point)| {
        let line = Line::default()
            .with("dataset", &figure.dataset)
            .with("regularizer", &series.regularizer)
            .number("sigma_squared", point.sigma_squared)
            .with("seeds", measured(point, recoveries).count());
        let add = |line: Line, quantity: &RecoveryQuantity| {
            line.estimate(quantity.column, values(point, recoveries, quantity))
        };
        let line = QUANTITIES.iter().fold(line, add);
        let keys: Vec<&str> = measured(point, recoveries).map(|run| run.run_key.as_str()).collect();
        line.with("run_keys", keys.join(" "))
    };
    figure.points().map(line).collect()
}

fn table(figure: &Figure, recoveries: &Recoveries) -> Table {
    let row = |(series, point): (&Series, &Point)| -> Vec<Text> {
        let shown = |estimate: Option<Estimate>| text::or_absent(estimate, text::estimate);
        let first: [Text; 3] = [
            series.legend.as_str().into(),
            point.sigma_squared.to_string().into(),
            measured(point, recoveries).count().to_string().into(),
        ];
        let fidelity =
            [shown(point.active_units()), shown(point.fraction_variance_unexplained)].map(Text::from);
        let recovery = QUANTITIES.iter().map(|quantity| shown(values(point, recoveries, quantity)).into());
        first.into_iter().chain(fidelity).chain(recovery).collect()
    };
    let heads: Vec<&str> =
        ["σ²", "seeds", "L0", "FVU"].into_iter().chain(QUANTITIES.map(|q| q.head)).collect();
    let caption = format!("{}: means over seeds; brackets: 95 % interval over seeds", figure.title);
    Table::new(caption, &["model"], &heads).with(figure.points().map(row))
}

/// How to read the numbers.
const ABOUT: &str = "Runs on synthetic data with kept weights. The samples are sparse sums of known atoms, and the rows of W are \
     compared with these atoms as directions. An atom is recovered if the unit that the one-to-one matching (Hungarian \
     method) gives it has a cosine above 0.9. The mean maximum cosine takes the best unit of each atom, whether or not another \
     atom has it too; the mean matched cosine is that of the matched atoms. Repeated atoms have several units above 0.9, repeated units another unit above 0.9. Dead units are left \
     out. L0 is the mean number of active units of a sample, FVU the fraction of variance unexplained.";

/// A section for each study; `command` gives the command that reproduces a results folder.
pub(in crate::report) fn sections(
    studies: &[RecoveryStudy],
    command: impl Fn(&str) -> Option<String>,
) -> Vec<Block> {
    let section = |study: &RecoveryStudy| {
        let blocks = vec![
            Block::Pictures(vec![study.drawing.picture(command(&study.folder))]),
            Block::Table(study.table.clone()),
        ];
        Block::Section(
            Section::new(anchor(&["recovery", &study.drawing.stem]), &study.title, blocks).folded(),
        )
    };
    let about = (!studies.is_empty()).then(|| Block::note(ABOUT));
    about.into_iter().chain(studies.iter().map(section)).collect()
}
