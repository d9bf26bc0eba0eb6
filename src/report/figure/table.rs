//! The numbers of a figure.

use super::curves::{Figure, Point, Series};
use crate::report::numbers::Numbers;
use crate::report::statistics::Estimate;
use crate::store::{cell, number};

/// What a line of the table is made from.
struct Line<'f> {
    figure: &'f Figure,
    series: &'f Series,
    point: &'f Point,
}

/// A column: its name, and how its cell follows.
type Column = (&'static str, fn(&Line<'_>) -> String);

const COLUMNS: &[Column] = &[
    ("figure", |l| l.figure.id.clone()),
    ("dataset", |l| l.figure.dataset.clone()),
    ("regularizer", |l| l.series.regularizer.clone()),
    ("sigma_squared", |l| number(l.point.sigma_squared)),
    ("seeds", |l| l.point.seeds.to_string()),
    ("avg_activation_fraction", |l| mean(l.point.avg_activation_fraction)),
    ("avg_activation_fraction_low", |l| low(l.point.avg_activation_fraction)),
    ("avg_activation_fraction_high", |l| high(l.point.avg_activation_fraction)),
    ("alive_activation_fraction", |l| cell(l.point.alive_activation_fraction)),
    ("dead_fraction", |l| mean(l.point.dead_fraction)),
    ("dead_fraction_low", |l| low(l.point.dead_fraction)),
    ("dead_fraction_high", |l| high(l.point.dead_fraction)),
    ("constraint", |l| l.series.constraint.clone()),
    ("learning_rate", |l| number(l.series.learning_rate)),
    ("encoder_bias", |l| l.series.encoder_bias.clone()),
    ("seed_list", |l| spaced(l.point.replicates.iter().map(|replicate| replicate.seed.to_string()))),
    ("run_keys", |l| spaced(l.point.replicates.iter().map(|replicate| replicate.run_key.clone()))),
    ("diverged_run_keys", |l| spaced(l.point.diverged_run_keys.iter().cloned())),
];

/// `figure<N>_<dataset>.csv`: one line per curve and σ², in the figure's order. Numbers are in shortest round-trip form;
/// what is absent is an empty cell: bounds with one seed, every value where all replicates diverged (`seeds` is 0).
pub(in crate::report) fn numbers(figure: &Figure) -> Numbers {
    let lines = figure
        .series
        .iter()
        .flat_map(|series| series.points.iter().map(move |point| Line { figure, series, point }));
    Numbers {
        columns: COLUMNS.iter().map(|(name, _)| (*name).to_owned()).collect(),
        rows: lines.map(|line| COLUMNS.iter().map(|(_, cell)| cell(&line)).collect()).collect(),
    }
}

fn spaced(words: impl Iterator<Item = String>) -> String {
    words.collect::<Vec<_>>().join(" ")
}

fn mean(estimate: Option<Estimate>) -> String {
    cell(estimate.map(|e| e.mean))
}

fn low(estimate: Option<Estimate>) -> String {
    cell(estimate.and_then(|e| e.interval).map(|i| i.low))
}

fn high(estimate: Option<Estimate>) -> String {
    cell(estimate.and_then(|e| e.interval).map(|i| i.high))
}
