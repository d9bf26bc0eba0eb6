//! The numbers of a figure.

use super::curves::{Figure, Point, Series};
use crate::report::numbers::{Numbers, cells_of};
use crate::store::{Record, cell, number};
use std::sync::Arc;

const COLUMNS: &str = "figure,dataset,regularizer,sigma_squared,seeds,\
    avg_activation_fraction,avg_activation_fraction_low,avg_activation_fraction_high,alive_activation_fraction,\
    dead_fraction,dead_fraction_low,dead_fraction_high,\
    constraint,learning_rate,encoder_bias,seed_list,run_keys,diverged_run_keys";

/// `figure<N>_<dataset>.csv`: one line per curve and σ², in the figure's order. Numbers are in shortest round-trip form;
/// what is absent is an empty cell: bounds with one seed, every value where all replicates diverged (`seeds` is 0).
pub(in crate::report) fn numbers<'f>(figure: &'f Figure) -> Numbers {
    let line = |(series, point): (&Series, &Point)| {
        let place = [&figure.id, &figure.dataset, &series.regularizer].map(String::clone);
        let of_place = [number(point.sigma_squared), point.completed.len().to_string()];
        let settings = [series.constraint.clone(), number(series.learning_rate), series.encoder_bias.clone()];
        let runs = [
            spaced(&point.completed, |run| run.spec.seed.to_string()),
            spaced(&point.completed, |run| run.run_key.clone()),
            spaced(&point.diverged, |run| run.run_key.clone()),
        ];
        let fractions = cells_of(point.avg_activation_fraction).into_iter();
        let fractions = fractions.chain([cell(point.alive_activation_fraction)]);
        let fractions = fractions.chain(cells_of(point.dead_fraction));
        place.into_iter().chain(of_place).chain(fractions).chain(settings).chain(runs).collect()
    };
    let points = |series: &'f Series| series.points.iter().map(move |point| (series, point));
    Numbers {
        columns: COLUMNS.split(',').map(str::to_owned).collect(),
        rows: figure.series.iter().flat_map(points).map(line).collect(),
    }
}

fn spaced(runs: &[Arc<Record>], word: fn(&Record) -> String) -> String {
    runs.iter().map(|run| word(run)).collect::<Vec<_>>().join(" ")
}
