//! The CSV of a figure, and of its picture of sparsity against fidelity.

use super::curves::{Figure, Point, Series};
use crate::report::numbers::{Line, Numbers};
use crate::store::Record;
use std::sync::Arc;

/// `figure<N>_<dataset>.csv`: a line for each curve and σ², in the figure's order. Numbers are in shortest round-trip form. A
/// missing value is an empty cell: bounds with one seed, and every value where all replicates diverged (`seeds` is 0).
pub(in crate::report) fn numbers(figure: &Figure) -> Numbers {
    let line = |series: &Series, point: &Point| {
        line_of(figure, series, point)
            .number("alive_activation_fraction", point.alive_activation_fraction)
            .estimate("dead_fraction", point.dead_fraction)
            .with("constraint", &series.constraint)
            .number("learning_rate", series.learning_rate)
            .with("encoder_bias", &series.encoder_bias)
            .with("seed_list", spaced(&point.completed, |run| run.spec.seed.to_string()))
            .with("run_keys", spaced(&point.completed, |run| run.run_key.clone()))
            .with("diverged_run_keys", spaced(&point.diverged, |run| run.run_key.clone()))
    };
    lines(figure, line)
}

/// `figure<N>_<dataset>_fidelity.csv`: fraction of variance unexplained, activation fraction and L0 by curve and σ², with the
/// lines and the rules of [`numbers`].
pub(in crate::report) fn fidelity_numbers(figure: &Figure) -> Numbers {
    let line = |series: &Series, point: &Point| {
        line_of(figure, series, point)
            .estimate("l0", point.active_units())
            .estimate("fraction_variance_unexplained", point.fraction_variance_unexplained)
            .with("constraint", &series.constraint)
            .number("learning_rate", series.learning_rate)
            .with("encoder_bias", &series.encoder_bias)
            .with("run_keys", spaced(&point.completed, |run| run.run_key.clone()))
    };
    lines(figure, line)
}

/// The columns that the lines of both tables begin with.
fn line_of(figure: &Figure, series: &Series, point: &Point) -> Line {
    Line::default()
        .with("figure", &figure.id)
        .with("dataset", &figure.dataset)
        .with("regularizer", &series.regularizer)
        .number("sigma_squared", point.sigma_squared)
        .with("seeds", point.completed.len())
        .estimate("avg_activation_fraction", point.avg_activation_fraction)
}

/// The table with a `line` for each curve and σ².
fn lines(figure: &Figure, line: impl Fn(&Series, &Point) -> Line) -> Numbers {
    figure.points().map(|(series, point)| line(series, point)).collect()
}

fn spaced(runs: &[Arc<Record>], word: fn(&Record) -> String) -> String {
    runs.iter().map(|run| word(run)).collect::<Vec<_>>().join(" ")
}
