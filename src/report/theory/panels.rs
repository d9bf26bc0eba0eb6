//! What the pictures of the statements have in common: a panel for each setting, in it a curve for each model.

use super::measured::{Cell, OfEpoch, Run, Runs, grouped};
use crate::regularizer::RegularizerSpec;
use crate::report::chart::{Axis, Curve, Multiples, Row, Small};
use crate::report::drawing::file_stem;
use crate::report::figure::{dataset, in_common};
use crate::report::numbers::setting_of;
use crate::report::numbers::{Numbers, RUN_KEYS, SETTINGS, bounds, cells_of, run_keys};
use crate::report::statistics::Estimate;
use crate::report::text::significant;
use crate::report::{Chart, Drawing};
use crate::store::{StoredRun, number};
use crate::theory::{Cells, EpochRow};

/// So many panels stand side by side; further settings begin rows of their own.
const ABREAST: usize = 4;

/// A picture but for its curves.
pub(super) struct Frame {
    /// What its files' name ends with.
    pub(super) id: &'static str,
    pub(super) title: &'static str,
    pub(super) caption: String,
    /// The horizontal axis.
    pub(super) x: (&'static str, Axis),
    /// The vertical axis of each row of panels.
    pub(super) rows: Vec<(&'static str, Axis)>,
}

/// What is drawn of one setting.
pub(super) struct Facet {
    pub(super) setting: String,
    /// The curves of each row of panels.
    pub(super) rows: Vec<Vec<Curve>>,
}

impl Frame {
    /// The picture of `facets`; `None` where no curve has a line.
    pub(super) fn picture(self, runs: &Runs<'_>, facets: &[Facet], table: Numbers) -> Option<Drawing> {
        let stored: Vec<&StoredRun> = runs.iter().map(|run| run.stored).collect();
        let has_line = |curve: &Curve| values(curve).count() > 1;
        let is_drawn = facets.iter().flat_map(|facet| &facet.rows).flatten().any(has_line);
        let chart = is_drawn.then(|| Multiples {
            title: format!("{}: {}", self.title, dataset(&runs[0].stored.dataset)),
            subtitle: in_common(&stored),
            description: self.description(facets),
            x_name: self.x.0.to_owned(),
            rows: facets.chunks(ABREAST).flat_map(|facets| self.rows(facets)).collect(),
        })?;
        let stem = file_stem(&format!("{}_{}", runs.study, self.id));
        Some(Drawing::new(stem, Chart::Multiples(chart), self.caption, table))
    }

    fn rows(&self, facets: &[Facet]) -> Vec<Row> {
        let row = |(index, (name, y)): (usize, &(&str, Axis))| {
            let panel = |facet: &Facet| Small {
                title: if index == 0 { facet.setting.clone() } else { String::new() },
                curves: facet.rows[index].clone(),
            };
            let panels = facets.iter().map(panel).collect();
            Row { name: (*name).to_owned(), x: self.x.1.clone(), y: y.clone(), panels }
        };
        self.rows.iter().enumerate().map(row).collect()
    }

    /// The caption, and where every curve begins and ends.
    fn description(&self, facets: &[Facet]) -> String {
        let x = self.x.0;
        let at = |(place, value): (f64, f64)| format!("{} at {x} {place}", significant(value));
        let ends = |curve: &Curve| {
            let (first, last) = (values(curve).next()?, values(curve).last()?);
            let to = if first.0 == last.0 { String::new() } else { format!(" to {}", at(last)) };
            Some(format!("{} {}{to}", curve.legend, at(first)))
        };
        let mut sentences = vec![self.caption.clone()];
        for facet in facets {
            for ((name, _), curves) in self.rows.iter().zip(&facet.rows) {
                let curves: Vec<String> = curves.iter().filter_map(ends).collect();
                let curves = if curves.is_empty() { "nothing".to_owned() } else { curves.join("; ") };
                sentences.push(format!("{}, {name}: {curves}.", facet.setting));
            }
        }
        sentences.join(" ")
    }
}

/// What is drawn of a curve: places and means.
pub(super) fn values(curve: &Curve) -> impl Iterator<Item = (f64, f64)> {
    let value = |(place, estimate): &(f64, Option<Estimate>)| {
        estimate.filter(Estimate::is_finite).map(|estimate| (*place, estimate.mean))
    };
    curve.points.iter().filter_map(value)
}

/// A share that was measured by epoch, and its axis' name.
pub(super) struct Share(pub(super) OfEpoch, pub(super) &'static str);

/// A row of panels for each of `shares` over the measured epochs, a curve for each model at its largest σ².
pub(super) fn over_epochs(
    runs: &Runs<'_>,
    (id, title, caption): (&'static str, &'static str, &str),
    shares: &[Share],
) -> Option<Drawing> {
    let mut epochs = runs.all(|row| row.epoch);
    epochs.sort_by(f64::total_cmp);
    epochs.dedup();
    let cells = runs.at_largest();
    // An epoch without a value is a gap; a model without any has no curve, and no line in the legend.
    let curve = |cell: &Cell<'_>, Share(share, _): &Share| {
        let point = |epoch: &f64| (*epoch, Some(mean(cell, *epoch, *share).unwrap_or(Estimate::GAP)));
        let label = cell.runs[0].label().to_owned();
        let curve = Curve { label, legend: cell.name(), points: epochs.iter().map(point).collect() };
        let has_value = values(&curve).next().is_some();
        has_value.then_some(curve)
    };
    let table = Numbers {
        columns: columns(["epoch"].into_iter().chain(["seeds"]).map(str::to_owned))
            .chain(shares.iter().flat_map(|share| bounds(&EpochRow::name_of(share.0))))
            .chain([RUN_KEYS.to_owned()])
            .collect(),
        rows: cells
            .iter()
            .flat_map(|cell| epochs.iter().map(move |epoch| row(cell, *epoch, shares)))
            .collect(),
    };
    let facet = |(setting, cells): (String, Vec<&Cell<'_>>)| Facet {
        setting,
        rows: shares
            .iter()
            .map(|share| cells.iter().filter_map(|cell| curve(cell, share)).collect())
            .collect(),
    };
    let facets: Vec<Facet> =
        grouped(cells.iter(), |cell| cell.setting.clone()).into_iter().map(facet).collect();
    let frame = Frame {
        id,
        title,
        caption: caption.to_owned(),
        x: ("epoch", Axis::epochs(epochs.last().copied().unwrap_or(1.0))),
        rows: shares.iter().map(|Share(_, name)| (*name, Axis::covering(1.0))).collect(),
    };
    frame.picture(runs, &facets, table)
}

/// `share` at `epoch`, mean over the seeds.
fn mean(cell: &Cell<'_>, epoch: f64, share: OfEpoch) -> Option<Estimate> {
    let at = |run: &&Run<'_>| share(run.epochs.iter().find(|row| row.epoch == Some(epoch))?);
    Estimate::of_fractions(&cell.runs.iter().filter_map(at).collect::<Vec<_>>())
}

fn row(cell: &Cell<'_>, epoch: f64, shares: &[Share]) -> Vec<String> {
    let mut row = settings(cell.runs[0]);
    row.extend([number(epoch), cell.runs.len().to_string()]);
    row.extend(shares.iter().flat_map(|share| cells_of(mean(cell, epoch, share.0))));
    row.push(run_keys(cell.runs.iter().map(|run| run.stored)));
    row
}

/// The columns of a table: the settings, and `others`.
pub(super) fn columns(others: impl Iterator<Item = String>) -> impl Iterator<Item = String> {
    let settings = SETTINGS.into_iter().chain(["learning_rate"]);
    settings.map(str::to_owned).chain(others)
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
