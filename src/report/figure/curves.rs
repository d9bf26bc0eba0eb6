//! Curves over σ², of replicates that share their protocol.

use super::names::legend;
use super::protocol::{self, Protocol, grouped};
use crate::error::count;
use crate::regularizer::RegularizerKind;
use crate::report::statistics::{Estimate, increasing, mean};
use crate::store::{Record, StoredRun};
use crate::training::Measurement;
use std::collections::BTreeSet;
use std::sync::Arc;

/// A figure: curves over σ² with their title and common settings.
#[derive(Debug, Clone, PartialEq)]
pub struct Figure {
    /// `1` to `5` and `softplus` for the paper's, any name otherwise.
    pub id: String,
    /// Its heading.
    pub title: String,
    /// The settings that all curves share, in words.
    pub subtitle: String,
    /// `mnist`, `cifar10`, or the data file's stem; empty where there are no runs.
    pub dataset: String,
    /// The curves, in the order of their first runs.
    pub series: Vec<Series>,
    /// The scale of the axis of σ².
    pub sigma_scale: SigmaScale,
}

/// The scale of an axis of σ². The labels are values of σ² on every scale.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SigmaScale {
    /// [`SigmaScale::Sigma`] where every σ² is one of the paper's twelve, which are about equally spaced in σ; otherwise
    /// [`SigmaScale::Linear`].
    #[default]
    Auto,
    /// Proportional to σ².
    Linear,
    /// Proportional to σ = √σ².
    Sigma,
}

/// One curve.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    /// The regularizer's label, as in `runs.csv`.
    pub regularizer: String,
    /// The constraint's label, as in `runs.csv`.
    pub constraint: String,
    /// η.
    pub learning_rate: f64,
    /// Whether b_e was `trained` or `frozen`.
    pub encoder_bias: String,
    /// The model's name in the paper, followed by the settings that differ between the curves, in words.
    pub legend: String,
    /// Its points, σ² increasing.
    pub points: Vec<Point>,
}

/// The replicates of one model at one σ².
#[derive(Debug, Clone, PartialEq)]
pub struct Point {
    /// σ² or λ.
    pub sigma_squared: f64,
    /// Activation fraction (Eq. 14); `None` where every replicate diverged.
    pub avg_activation_fraction: Option<Estimate>,
    /// Activation fraction over the units that are not dead, averaged over the replicates that have such units; `None` where none
    /// has.
    pub alive_activation_fraction: Option<f64>,
    /// dead_units / m; `None` where every replicate diverged.
    pub dead_fraction: Option<Estimate>,
    /// Fraction of variance unexplained; `None` where every replicate diverged, or the data are constant.
    pub fraction_variance_unexplained: Option<Estimate>,
    /// The replicates behind the means, seeds increasing.
    pub completed: Vec<Arc<Record>>,
    /// The replicates that diverged, seeds increasing.
    pub diverged: Vec<Arc<Record>>,
}

impl Figure {
    /// One figure of all `runs`, with a curve for each pair of regularizer and protocol. A run that occurs twice, because two
    /// results folders share it, counts once.
    pub fn from_runs(id: impl Into<String>, title: impl Into<String>, runs: &[StoredRun]) -> Self {
        Self::new(id.into(), title.into(), &runs.iter().collect::<Vec<_>>())
    }

    /// A figure for each protocol among `runs`, in order of first occurrence. The title names the settings that differ between
    /// the figures; the id is the results folder's name, numbered from 1 where there are several.
    pub fn split(runs: &[StoredRun]) -> Vec<Self> {
        let groups = grouped(runs.iter(), |run| protocol::of(run));
        let differing = protocol::differing(groups.iter().map(|(protocol, _)| protocol));
        let figure = |(index, (_, members)): (usize, &(Protocol, Vec<&StoredRun>))| {
            let name = &members[0].name;
            let id = if groups.len() == 1 { name.clone() } else { format!("{name}-{}", index + 1) };
            let words = protocol::words(members[0], &differing);
            let title = if words.is_empty() { name.clone() } else { format!("{name}: {}", words.join(", ")) };
            Self::new(id, title, members)
        };
        groups.iter().enumerate().map(figure).collect()
    }

    fn new(id: String, title: String, runs: &[&StoredRun]) -> Self {
        let curves = grouped(runs.iter().copied(), |run| (protocol::of(run), run.spec.regularizer.label()));
        let differing = protocol::differing(curves.iter().map(|((protocol, _), _)| protocol));
        let series: Vec<_> = curves.iter().map(|(_, members)| Series::new(members, &differing)).collect();
        Self {
            id,
            title,
            subtitle: subtitle(runs, &differing, &series),
            dataset: runs.first().map(|run| run.dataset.clone()).unwrap_or_default(),
            series,
            sigma_scale: SigmaScale::Auto,
        }
    }

    /// Every point, with its curve.
    pub fn points(&self) -> impl Iterator<Item = (&Series, &Point)> {
        self.series.iter().flat_map(|series| series.points.iter().map(move |point| (series, point)))
    }

    /// m, the number of hidden units; `None` where the curves differ in it, or no run completed.
    pub fn hidden(&self) -> Option<usize> {
        let mut units = self.points().filter_map(|(_, point)| point.hidden());
        let first = units.next()?;
        units.all(|other| other == first).then_some(first)
    }
}

/// The settings that all `runs` share, in words, and the number of seeds.
pub(in crate::report) fn in_common(runs: &[&StoredRun]) -> String {
    Figure::new(String::new(), String::new(), runs).subtitle
}

/// The main settings that all `runs` share, that is, without `differing`, and the number of seeds at the points of `series`.
fn subtitle(runs: &[&StoredRun], differing: &[String], series: &[Series]) -> String {
    let Some(first) = runs.first() else { return String::new() };
    let seeds = |point: &Point| {
        let runs = point.completed.iter().chain(&point.diverged);
        runs.map(|run| run.spec.seed).collect::<BTreeSet<_>>().len()
    };
    let seeds: BTreeSet<usize> = series.iter().flat_map(|series| &series.points).map(seeds).collect();
    let (least, most) = (seeds.first().copied().unwrap_or(0), seeds.last().copied().unwrap_or(0));
    let from = if least < most { format!("{least} to ") } else { String::new() };
    let mut parts = protocol::main_words(first, differing);
    parts.push(from + &count(most, "seed"));
    parts.join(" · ")
}

impl Series {
    /// The curve of `runs`: at least one, all with one regularizer and one protocol.
    fn new(runs: &[&StoredRun], differing: &[String]) -> Self {
        let spec = &runs[0].spec;
        let sigmas = increasing(runs.iter().map(|run| run.spec.sigma_squared));
        let mut legend = vec![legend(&spec.regularizer.label())];
        legend.extend(protocol::words(runs[0], differing));
        Self {
            regularizer: spec.regularizer.label(),
            constraint: spec.constraint.label(),
            learning_rate: spec.learning_rate,
            encoder_bias: spec.encoder_bias.name().to_owned(),
            legend: legend.join(", "),
            points: sigmas.into_iter().map(|sigma| Point::new(sigma, runs)).collect(),
        }
    }

    /// Whether this is the plain auto-encoder, which has no σ²: its one point is drawn as a horizontal line.
    pub fn is_level(&self) -> bool {
        self.regularizer == RegularizerKind::None.name()
    }
}

impl Point {
    /// m, the number of hidden units, which all replicates share; `None` where no replicate completed.
    pub fn hidden(&self) -> Option<usize> {
        self.completed.first().map(|record| record.spec.hidden)
    }

    /// The mean number of active units of a sample, L0: m times the activation fraction.
    pub fn active_units(&self) -> Option<Estimate> {
        Some(self.avg_activation_fraction?.times(self.hidden()? as f64))
    }

    /// The point of a curve's `runs` at `sigma_squared`.
    fn new(sigma_squared: f64, runs: &[&StoredRun]) -> Self {
        let runs = runs.iter().filter(|run| run.spec.sigma_squared == sigma_squared);
        let runs = grouped(runs, |run| run.record.run_key.as_str());
        let mut records: Vec<_> = runs.into_iter().map(|(_, runs)| Arc::clone(&runs[0].record)).collect();
        let values = |value: fn(&Measurement) -> Option<f64>| -> Vec<f64> {
            records.iter().filter_map(|record| value(record.result()?)).collect()
        };
        let alive = values(|m| m.alive_activation_fraction);
        let avg_activation_fraction = Estimate::of_fractions(&values(|m| Some(m.avg_activation_fraction)));
        let dead_fraction = Estimate::of_fractions(&values(|m| Some(m.dead_fraction)));
        let unexplained = Estimate::of(&values(|m| m.fraction_variance_unexplained));
        // Above 1 where the reconstruction is worse than the mean.
        let fraction_variance_unexplained = unexplained.map(|estimate| estimate.within([0.0, f64::INFINITY]));
        records.sort_by_key(|record| record.spec.seed);
        let (completed, diverged) = records.into_iter().partition(|record| record.result().is_some());
        Self {
            sigma_squared,
            avg_activation_fraction,
            alive_activation_fraction: (!alive.is_empty()).then(|| mean(&alive)),
            dead_fraction,
            fraction_variance_unexplained,
            completed,
            diverged,
        }
    }
}
