//! The summary tables of a sweep, with a column for each σ² and a row for each model.
//!
//! Each combination of activation, constraint, learning rate and encoder bias has a heading, a table of the activation fraction
//! (Eq. 14), a table of dead units and a table of the fraction of variance unexplained. Where the configuration holds samples out, two
//! more tables compare the reconstruction error of training samples and held-out samples. Several seeds are averaged.

use super::count;
use crate::experiment::Plan;
use crate::optimizer::EncoderBias;
use crate::report::document::{Block, Table};
use crate::report::statistics::{increasing, mean};
use crate::report::text::ABSENT;
use crate::store::StoredRun;
use crate::training::{COLLAPSED, Measurement, RunSpec};
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// The summary of `rows`, the finished cells of `plan`.
pub(crate) fn summary(plan: &Plan, rows: &[StoredRun]) -> Vec<Block> {
    let (mut groups, mut remarks) = (Vec::<&RunSpec>::new(), Remarks::default());
    for cell in &plan.cells {
        if !groups.iter().any(|group| same_group(group, &cell.spec)) {
            groups.push(&cell.spec);
        }
    }
    let mut blocks = Vec::new();
    for group in groups {
        let group_of = Group::new(plan, rows, group);
        blocks.push(Block::paragraph(group_of.heading.as_str()));
        let unfinished = group_of.planned - group_of.finished;
        let unfinished = format!("{unfinished} of {} not finished", count(group_of.planned, "cell"));
        if group_of.finished == 0 {
            blocks.push(Block::note(unfinished));
            continue;
        }
        blocks.push(group_of.table(
            &mut remarks,
            "activation fraction",
            |m| Some(m.avg_activation_fraction),
            4,
        ));
        let title = format!("dead units of {}", group.hidden);
        // A mean over seeds need not be a whole number.
        let digits = usize::from(group_of.seeds > 1);
        blocks.push(group_of.table(&mut remarks, &title, |m| Some(m.dead_units as f64), digits));
        // Constant data have no variance.
        if group_of.results().any(|result| result.fraction_variance_unexplained.is_some()) {
            let title = "fraction of variance unexplained";
            blocks.push(group_of.table(&mut remarks, title, |m| m.fraction_variance_unexplained, 4));
        }
        if group.held_out.is_some() {
            let of = |samples: &str| format!("squared reconstruction error, mean over {samples} samples");
            blocks.push(group_of.table(&mut remarks, &of("training"), |m| Some(m.reconstruction), 4));
            blocks.push(group_of.table(&mut remarks, &of("held-out"), |m| m.held_out_reconstruction, 4));
        }
        blocks.extend((group_of.finished < group_of.planned).then(|| Block::note(unfinished)));
    }
    let remarks = remarks.text();
    blocks.extend((!remarks.is_empty()).then(|| Block::note(remarks.join("\n"))));
    blocks
}

/// Whether two cells are in the same table.
pub(super) fn same_group(a: &RunSpec, b: &RunSpec) -> bool {
    a.activation == b.activation
        && a.constraint == b.constraint
        && a.learning_rate == b.learning_rate
        && a.encoder_bias == b.encoder_bias
}

/// Which marks the tables have, so that a note explains them.
#[derive(Debug, Default)]
struct Remarks {
    collapsed: bool,
    diverged: bool,
    partial: bool,
    missing: bool,
}

const COLLAPSE: &str = "!";
const DIVERGED: &str = "div.";
const MISSING: &str = "?";

impl Remarks {
    fn text(&self) -> Vec<String> {
        let percent = COLLAPSED * 100.0;
        let collapse = format!("at least {percent} % of the units dead, or of the variance unexplained");
        let remarks = [
            (self.collapsed, format!("{COLLAPSE}: collapsed, {collapse}, with one seed or more")),
            (self.diverged, format!("{DIVERGED}: diverged, a loss or a weight was no longer finite")),
            (self.partial, "*: without the seeds that diverged or are not finished".to_owned()),
            (self.missing, format!("{MISSING}: not finished")),
        ];
        remarks.into_iter().filter(|(used, _)| *used).map(|(_, remark)| remark).collect()
    }
}

/// The cells that share activation, constraint, learning rate and encoder bias.
struct Group<'r> {
    heading: String,
    seeds: usize,
    /// Number of cells of the plan, and of those that are finished.
    planned: usize,
    finished: usize,
    /// The σ² at which a cell is finished.
    sigmas: Vec<f64>,
    /// The label of each model with a finished cell and, for each σ², the runs of its seeds; `None` where the plan has no cell.
    models: Vec<(String, Vec<Option<SeedRuns<'r>>>)>,
}

/// The runs in one cell of the table, one for each seed.
#[derive(Debug, Clone, Default)]
struct SeedRuns<'r> {
    planned: usize,
    diverged: usize,
    results: Vec<&'r Measurement>,
}

impl<'r> Group<'r> {
    fn new(plan: &Plan, rows: &'r [StoredRun], group: &RunSpec) -> Self {
        let cells = || plan.cells.iter().map(|cell| &cell.spec).filter(|spec| same_group(spec, group));
        let mut sigmas = increasing(cells().map(|spec| spec.sigma_squared));
        let (mut planned, mut finished) = (0, 0);
        let (mut seeds, mut models) = (BTreeSet::new(), Vec::<(String, Vec<Option<SeedRuns<'_>>>)>::new());
        // The rows are the finished cells, in the order of the cells.
        let mut rows = rows.iter().filter(|row| same_group(&row.spec, group)).peekable();
        for spec in cells() {
            seeds.insert(spec.seed);
            let runs = cell_runs(&mut models, &sigmas, spec);
            runs.planned += 1;
            planned += 1;
            if let Some(row) = rows.next_if(|row| row.spec == *spec) {
                finished += 1;
                match row.record.result() {
                    Some(result) => runs.results.push(result),
                    None => runs.diverged += 1,
                }
            }
        }
        // After an interruption, rows and columns without a finished cell would say nothing.
        models.retain(|(_, places)| places.iter().flatten().any(SeedRuns::any_finished));
        let shown: Vec<bool> = (0..sigmas.len())
            .map(|c| models.iter().filter_map(|(_, places)| places[c].as_ref()).any(SeedRuns::any_finished))
            .collect();
        retain_marked(&mut sigmas, &shown);
        models.iter_mut().for_each(|(_, places)| retain_marked(places, &shown));
        let (activation, constraint) = (group.activation.label(), group.constraint.label());
        let frozen = if group.encoder_bias == EncoderBias::Trained { "" } else { ", encoder bias frozen" };
        let mut heading = format!(
            "{}: {activation}, {constraint}, learning rate {}{frozen}, after {}",
            plan.name,
            group.learning_rate,
            count(group.epochs as usize, "epoch")
        );
        if seeds.len() > 1 {
            let _ = write!(heading, ", means over {} seeds", seeds.len());
        }
        Self { heading, seeds: seeds.len(), planned, finished, sigmas, models }
    }

    /// The last measurements of the completed runs.
    fn results(&self) -> impl Iterator<Item = &Measurement> {
        let places = self.models.iter().flat_map(|(_, places)| places).flatten();
        places.flat_map(|runs| runs.results.iter().copied())
    }

    /// The table of one measured quantity, with a row for each model.
    fn table(
        &self,
        remarks: &mut Remarks,
        caption: &str,
        quantity: fn(&Measurement) -> Option<f64>,
        digits: usize,
    ) -> Block {
        let heads: Vec<String> = self.sigmas.iter().map(f64::to_string).collect();
        let heads: Vec<&str> = heads.iter().map(String::as_str).collect();
        let mut row = |(label, places): &(String, Vec<Option<SeedRuns<'_>>>)| {
            let cell = |runs: &Option<SeedRuns<'_>>| {
                runs.as_ref().map_or_else(String::new, |runs| runs.cell(remarks, quantity, digits)).into()
            };
            std::iter::once(label.as_str().into()).chain(places.iter().map(cell)).collect()
        };
        Block::Table(
            Table::new(caption, &["σ²"], &heads).with(self.models.iter().map(&mut row).collect::<Vec<_>>()),
        )
    }
}

/// The runs in the table cell of `spec`, which is created if it is empty.
fn cell_runs<'a, 'r>(
    models: &'a mut Vec<(String, Vec<Option<SeedRuns<'r>>>)>,
    sigmas: &[f64],
    spec: &RunSpec,
) -> &'a mut SeedRuns<'r> {
    let label = spec.regularizer.label();
    let index = models.iter().position(|(known, _)| *known == label).unwrap_or(models.len());
    if index == models.len() {
        models.push((label, vec![None; sigmas.len()]));
    }
    let column = sigmas.partition_point(|sigma| *sigma < spec.sigma_squared);
    models[index].1[column].get_or_insert_default()
}

/// Keeps the elements of `list` whose place is marked as `kept`.
fn retain_marked<T>(list: &mut Vec<T>, kept: &[bool]) {
    let mut kept = kept.iter();
    list.retain(|_| kept.next().is_some_and(|kept| *kept));
}

impl SeedRuns<'_> {
    fn any_finished(&self) -> bool {
        self.diverged > 0 || !self.results.is_empty()
    }

    /// The text of the table cell: the mean of `quantity` with its marks. Notes the marks in `remarks`.
    fn cell(
        &self,
        remarks: &mut Remarks,
        quantity: fn(&Measurement) -> Option<f64>,
        digits: usize,
    ) -> String {
        let count = self.results.len();
        if count == 0 {
            let diverged = self.diverged > 0;
            *(if diverged { &mut remarks.diverged } else { &mut remarks.missing }) = true;
            return (if diverged { DIVERGED } else { MISSING }).to_owned();
        }
        let values: Option<Vec<f64>> = self.results.iter().map(|result| quantity(result)).collect();
        let Some(mean) = values.map(|values| mean(&values)) else { return ABSENT.to_owned() };
        let partial = count < self.planned;
        remarks.partial |= partial;
        let collapsed = self.results.iter().any(|result| result.is_collapsed());
        remarks.collapsed |= collapsed;
        let marks = [(collapsed, COLLAPSE), (partial, "*")];
        let marks = marks.into_iter().filter_map(|(used, mark)| used.then_some(mark)).collect::<String>();
        format!("{mean:.digits$}{marks}")
    }
}

#[cfg(test)]
mod tests;
