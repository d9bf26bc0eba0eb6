//! Two results folders as tables.

use super::text::{names, setting_text, settings, signed, significant};
use crate::cli::count;
use crate::report::claims::margins::CONFIDENCE;
use crate::report::compare::{
    ComparedCell, ComparedMetric, FolderComparison, MeanDifference, SeedMeans, SharedCell,
};
use crate::report::document::{Block, Table, Text};
use crate::report::statistics::Interval;
use crate::report::text::{exact_percent, list, number, or_absent};
use crate::store::{AXES, Column, varied};
use std::collections::BTreeSet;

/// The columns of settings in the tables of a comparison.
pub(super) struct CellColumns(Vec<Column>);

impl CellColumns {
    /// The matched axes in which the cells of `folders` differ, or all matched axes for a single cell.
    pub(super) fn of(folders: &FolderComparison) -> Self {
        let FolderComparison { cells, only_a, only_b, ambiguous, .. } = folders;
        let shared = cells.iter().map(|pair| &pair.cell);
        let all: Vec<&ComparedCell> = shared.chain(only_a).chain(only_b).chain(ambiguous).collect();
        let axes = match all.as_slice() {
            [_] => AXES.to_vec(),
            all => varied(all.iter().map(|cell| &cell.0)).collect(),
        };
        Self(axes).filtered(|axis| folders.matched_by.contains(&axis.name))
    }

    pub(super) fn heads(&self) -> Vec<&'static str> {
        self.0.iter().map(heading).collect()
    }

    pub(super) fn row(&self, cell: &ComparedCell) -> Vec<Text> {
        self.0.iter().map(|axis| axis.setting_cell(&cell.0).to_text().into()).collect()
    }

    fn filtered(&self, keep: impl Fn(&&Column) -> bool) -> Self {
        Self(self.0.iter().filter(keep).copied().collect())
    }
}

pub(super) fn blocks(folders: &FolderComparison) -> Vec<Block> {
    let columns = CellColumns::of(folders);
    let mut blocks = vec![names(&folders.a, &folders.b), settings(&folders.settings)];
    blocks.extend(matching(folders));
    blocks.extend(results(folders, &columns));
    let lists = [
        ("only in A", &folders.only_a),
        ("only in B", &folders.only_b),
        ("not compared, because several cells of one folder have these settings", &folders.ambiguous),
    ];
    for (name, cells) in lists.into_iter().filter(|(_, cells)| !cells.is_empty()) {
        let caption = format!("{name}: {}", count(cells.len(), "cell"));
        let rows = cells.iter().map(|cell| columns.row(cell));
        blocks.push(Block::Table(Table::new(caption, &columns.heads(), &[]).with(rows)));
    }
    blocks
}

/// How the cells are matched, if that is not by all axes, and why none are.
fn matching(folders: &FolderComparison) -> Option<Block> {
    let values = |cells: &[ComparedCell], axis: &Column| {
        cells.iter().map(|cell| axis.setting_cell(&cell.0).to_text()).collect::<BTreeSet<_>>()
    };
    let mut sentences: Vec<String> = Vec::new();
    if !folders.differ_everywhere.is_empty() {
        let apart = folders.differ_everywhere.iter().map(|axis| {
            let [a, b] = [&axis.a, &axis.b].map(|value| or_absent(value.as_ref(), setting_text));
            format!("{} ({a} in all of A, {b} in all of B)", axis.key)
        });
        sentences.push(format!("cells are matched by all settings but {}", list(apart)));
    }
    if folders.cells.is_empty() && folders.ambiguous.is_empty() {
        let matched = AXES.iter().filter(|axis| folders.matched_by.contains(&axis.name));
        let apart = matched.filter_map(|axis| {
            let [a, b] = [&folders.only_a, &folders.only_b].map(|cells| values(cells, axis));
            let differ = a.is_disjoint(&b) && !a.is_empty() && !b.is_empty();
            differ.then(|| format!("no {} is in both: {} in A, {} in B", axis.name, list(a), list(b)))
        });
        sentences.extend(apart);
    }
    (!sentences.is_empty()).then(|| Block::note(sentences.join("\n")))
}

/// The results of the common cells: means over their seeds, or each cell.
fn results(folders: &FolderComparison, columns: &CellColumns) -> Vec<Block> {
    let FolderComparison { cells, means, .. } = folders;
    let same = cells.iter().filter(|pair| pair.same_run).count();
    let caption =
        format!("results: {} in both, {same} of them the very same run", count(cells.len(), "cell"));
    if cells.is_empty() {
        return vec![Block::paragraph(caption)];
    }
    if means.is_empty() {
        let measured = ["fraction A", "fraction B", "B − A", "dead A", "dead B", "B − A"];
        let rows = cells.iter().map(|pair| [columns.row(&pair.cell), measured_row(pair)].concat());
        return vec![Block::Table(Table::new(caption, &columns.heads(), &measured).with(rows))];
    }
    let columns = columns.filtered(|axis| axis.name != "seed");
    let level = exact_percent(CONFIDENCE);
    let table = |title: &str, metric: fn(&SeedMeans) -> &MeanDifference, texts: [fn(f64) -> String; 2]| {
        let row = |means: &SeedMeans| {
            let (settings, seeds) = (columns.row(&means.cell), means.seeds.len().to_string().into());
            [settings, vec![seeds], mean_row(metric(means), texts)].concat()
        };
        let heads = ["seeds", "A", "B", "B − A", &format!("{level} interval")];
        Block::Table(Table::new(title, &columns.heads(), &heads).with(means.iter().map(row)))
    };
    let about = format!(
        "{caption}\nmeans over the common seeds; the interval is Student's, of the differences between equal seeds; --json has each \
         seed"
    );
    vec![
        Block::paragraph(about),
        table("activation fraction", |means| &means.activation_fraction, [number, signed_fraction]),
        table("dead units", |means| &means.dead_units, [significant, signed]),
    ]
}

fn measured_row(pair: &SharedCell) -> Vec<Text> {
    let texts = |metric: &ComparedMetric, value: fn(f64) -> String, difference: fn(f64) -> String| {
        [or_absent(metric.a, value), or_absent(metric.b, value), or_absent(metric.difference, difference)]
    };
    let fraction = texts(&pair.activation_fraction, number, signed_fraction);
    let dead = texts(&pair.dead_units, significant, signed);
    fraction.into_iter().chain(dead).map(Text::from).collect()
}

/// The means of a metric, formatted by the first of `texts`, and their difference, formatted by the second.
fn mean_row(metric: &MeanDifference, [value, difference]: [fn(f64) -> String; 2]) -> Vec<Text> {
    let MeanDifference { means, interval } = metric;
    let bounds = |Interval { low, high }| format!("[{}, {}]", difference(low), difference(high));
    let [a, b] = [means.a, means.b].map(|mean| or_absent(mean, value));
    [a, b, or_absent(means.difference, difference), or_absent(*interval, bounds)].map(Text::from).to_vec()
}

/// A difference of fractions with its sign; the difference 0 has none.
pub(super) fn signed_fraction(difference: f64) -> String {
    let text = number(difference);
    if difference > 0.0 && text != number(0.0) { format!("+{text}") } else { text }
}

/// The heading of an axis' column.
fn heading(axis: &Column) -> &'static str {
    match axis.name {
        "learning_rate" => "rate",
        "encoder_bias" => "bias",
        "sigma_squared" => "σ²",
        name => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_of_fractions_has_a_sign_where_it_shows() {
        assert_eq!([0.0, -0.0, 1e-9, -1e-9].map(signed_fraction), ["0.0000"; 4].map(str::to_owned));
        assert_eq!([0.01, -0.25].map(signed_fraction), ["+0.0100", "-0.2500"].map(str::to_owned));
    }
}
