//! The summary of a sweep as text: σ² across, models down, at most 100 columns wide.
//!
//! Activation fraction (Eq. 14) and dead units each have a block; combinations of activation, constraint, learning rate
//! and encoder bias stand under headings of their own. Several seeds are averaged.

use super::count;
use aesparse::experiment::Plan;
use aesparse::optimizer::EncoderBias;
use aesparse::store::StoredRun;
use aesparse::training::{COLLAPSED, Measurement, RunSpec};
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// The widest line.
const WIDTH: usize = 100;

/// The summary of `rows`, the finished cells of `plan`.
pub(crate) fn summary(plan: &Plan, rows: &[StoredRun]) -> String {
    let mut text = String::new();
    let (mut groups, mut remarks) = (Vec::<&RunSpec>::new(), Remarks::default());
    for cell in &plan.cells {
        if !groups.iter().any(|group| same_group(group, &cell.spec)) {
            groups.push(&cell.spec);
        }
    }
    for (index, group) in groups.into_iter().enumerate() {
        if index > 0 {
            text.push('\n');
        }
        let table = Table::new(plan, rows, group);
        let _ = writeln!(text, "{}", table.heading);
        table.block(&mut text, &mut remarks, "activation fraction", |m| m.avg_activation_fraction, 4);
        let title = format!("dead units of {}", group.hidden);
        // A mean over seeds is no whole number.
        let digits = usize::from(table.seeds > 1);
        table.block(&mut text, &mut remarks, &title, |m| m.dead_units as f64, digits);
    }
    let remarks = remarks.text();
    if !remarks.is_empty() {
        text.push('\n');
    }
    text + &remarks
}

/// Whether two cells stand in the same table.
pub(super) fn same_group(a: &RunSpec, b: &RunSpec) -> bool {
    a.activation == b.activation
        && a.constraint == b.constraint
        && a.learning_rate == b.learning_rate
        && a.encoder_bias == b.encoder_bias
}

/// Signs that were used and need an explanation.
#[derive(Debug, Default)]
struct Remarks {
    collapsed: bool,
    diverged: bool,
    partly: bool,
    missing: bool,
}

const COLLAPSE: &str = "!";
const DIVERGED: &str = "div.";
const MISSING: &str = "?";

impl Remarks {
    fn text(&self) -> String {
        let mut text = String::new();
        let percent = COLLAPSED * 100.0;
        let collapse = format!("at least {percent} % of the units dead, or of the variance unexplained");
        for (used, remark) in [
            (self.collapsed, format!("{COLLAPSE}: collapsed, {collapse}, with one seed or more")),
            (self.diverged, format!("{DIVERGED}: diverged, a loss or a weight was no longer finite")),
            (self.partly, "*: without the seeds that diverged or are not finished".to_owned()),
            (self.missing, format!("{MISSING}: not finished")),
        ] {
            if used {
                let _ = writeln!(text, "{remark}");
            }
        }
        text
    }
}

/// The cells that share activation, constraint, learning rate and encoder bias.
struct Table<'r> {
    heading: String,
    seeds: usize,
    sigmas: Vec<f64>,
    /// Each model's label and, for each σ², the runs of its seeds; `None`: the plan has no such cell.
    models: Vec<(String, Vec<Option<Runs<'r>>>)>,
}

/// The runs that stand at one place of the table.
#[derive(Debug, Clone, Default)]
struct Runs<'r> {
    planned: usize,
    diverged: usize,
    results: Vec<&'r Measurement>,
}

impl<'r> Table<'r> {
    fn new(plan: &Plan, rows: &'r [StoredRun], group: &RunSpec) -> Self {
        let cells = || plan.cells.iter().map(|cell| &cell.spec).filter(|spec| same_group(spec, group));
        let mut sigmas: Vec<f64> = cells().map(|spec| spec.sigma_squared).collect();
        sigmas.sort_by(f64::total_cmp);
        sigmas.dedup();
        let (mut seeds, mut models) = (BTreeSet::new(), Vec::<(String, Vec<Option<Runs<'_>>>)>::new());
        // The rows are some of the cells, in the same order.
        let mut rows = rows.iter().filter(|row| same_group(&row.spec, group)).peekable();
        for spec in cells() {
            seeds.insert(spec.seed);
            let runs = place(&mut models, &sigmas, spec);
            runs.planned += 1;
            if let Some(row) = rows.next_if(|row| row.spec == *spec) {
                match row.record.result() {
                    Some(result) => runs.results.push(result),
                    None => runs.diverged += 1,
                }
            }
        }
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
        Self { heading, seeds: seeds.len(), sigmas, models }
    }

    /// Appends one measured quantity of all models, in as many parts as the width asks for.
    fn block(
        &self,
        text: &mut String,
        remarks: &mut Remarks,
        title: &str,
        quantity: fn(&Measurement) -> f64,
        digits: usize,
    ) {
        let header: Vec<String> = self.sigmas.iter().map(f64::to_string).collect();
        let lines: Vec<(&str, Vec<String>)> = self
            .models
            .iter()
            .map(|(label, places)| {
                let cell = |runs: &Option<Runs<'_>>| {
                    runs.as_ref().map_or_else(String::new, |runs| runs.cell(remarks, quantity, digits))
                };
                (label.as_str(), places.iter().map(cell).collect())
            })
            .collect();
        let label_width = lines.iter().map(|(label, _)| length(label)).max().unwrap_or(0).max(4);
        let widest = lines.iter().flat_map(|(_, cells)| cells).chain(&header).map(|cell| length(cell)).max();
        let fitting = |column: usize| (WIDTH.saturating_sub(label_width) / column).max(1);
        // Two spaces between columns, or one where that makes all of them fit.
        let (wide, narrow) = (widest.unwrap_or(0) + 2, widest.unwrap_or(0) + 1);
        let column =
            if fitting(narrow) >= header.len() && fitting(wide) < header.len() { narrow } else { wide };
        let fitting = fitting(column);
        // Parts of equal length read better than a full one and a rest.
        let parts = header.len().div_ceil(fitting).max(1);
        let per_part = header.len().div_ceil(parts).max(1);
        let _ = writeln!(text, "\n{title}");
        for (part, sigmas) in header.chunks(per_part).enumerate() {
            line(text, "σ²", label_width, sigmas, column);
            for (label, cells) in &lines {
                let cells = &cells[part * per_part..][..sigmas.len()];
                // `none` has no coefficient: one cell, in the first part.
                if cells.iter().any(|cell| !cell.is_empty()) {
                    line(text, label, label_width, cells, column);
                }
            }
            text.push('\n');
        }
        text.pop();
    }
}

/// The runs at the place of `spec`, made where there are none.
fn place<'a, 'r>(
    models: &'a mut Vec<(String, Vec<Option<Runs<'r>>>)>,
    sigmas: &[f64],
    spec: &RunSpec,
) -> &'a mut Runs<'r> {
    let label = spec.regularizer.label();
    let index = models.iter().position(|(known, _)| *known == label).unwrap_or(models.len());
    if index == models.len() {
        models.push((label, vec![None; sigmas.len()]));
    }
    let column = sigmas.partition_point(|sigma| *sigma < spec.sigma_squared);
    models[index].1[column].get_or_insert_default()
}

impl Runs<'_> {
    fn cell(&self, remarks: &mut Remarks, quantity: fn(&Measurement) -> f64, digits: usize) -> String {
        let count = self.results.len();
        if count == 0 {
            let diverged = self.diverged > 0;
            *(if diverged { &mut remarks.diverged } else { &mut remarks.missing }) = true;
            return (if diverged { DIVERGED } else { MISSING }).to_owned();
        }
        let mean = self.results.iter().map(|result| quantity(result)).sum::<f64>() / count as f64;
        let partly = count < self.planned;
        remarks.partly |= partly;
        let collapsed = self.results.iter().any(|result| result.is_collapsed());
        remarks.collapsed |= collapsed;
        let marks = [(collapsed, COLLAPSE), (partly, "*")];
        let marks = marks.into_iter().filter_map(|(used, mark)| used.then_some(mark)).collect::<String>();
        format!("{mean:.digits$}{marks}")
    }
}

fn line(text: &mut String, label: &str, label_width: usize, cells: &[String], column: usize) {
    let mut line = format!("{label:label_width$}");
    for cell in cells {
        let _ = write!(line, "{cell:>column$}");
    }
    let _ = writeln!(text, "{}", line.trim_end());
}

/// Characters, as the terminal counts them.
fn length(text: &str) -> usize {
    text.chars().count()
}

#[cfg(test)]
mod tests;
