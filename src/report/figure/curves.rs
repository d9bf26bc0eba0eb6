//! Curves over σ², of replicates that share their protocol.

use super::names::legend;
use super::protocol::{self, Protocol};
use crate::regularizer::RegularizerKind;
use crate::report::statistics::{Estimate, mean};
use crate::store::StoredRun;
use crate::training::Measurement;

/// Curves over σ², with what a reader needs to know of them.
#[derive(Debug, Clone, PartialEq)]
pub struct Figure {
    /// `1` to `5` and `softplus` for the paper's, any name otherwise.
    pub id: String,
    /// Its heading.
    pub title: String,
    /// What all curves have in common, in words.
    pub subtitle: String,
    /// `mnist`, `cifar10`, or the data file's stem; empty where there are no runs.
    pub dataset: String,
    /// The curves, in the order in which their first runs came.
    pub series: Vec<Series>,
    /// How the axis of σ² is spaced where the figure is drawn.
    pub sigma_scale: SigmaScale,
}

/// How the axis of σ² of a picture is spaced. Its labels are σ² with each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SigmaScale {
    /// By σ where every σ² is one of the paper's twelve, which are about equally spaced in σ; linear otherwise.
    #[default]
    Auto,
    /// A value stands at σ².
    Linear,
    /// A value stands at √σ².
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
    /// The model's name in the paper, and in words what else tells the curve from the others.
    pub legend: String,
    /// Its points, σ² increasing.
    pub points: Vec<Point>,
}

/// The replicates of one model at one σ².
#[derive(Debug, Clone, PartialEq)]
pub struct Point {
    /// σ² or λ.
    pub sigma_squared: f64,
    /// Replicates that completed: those behind the means.
    pub seeds: usize,
    /// Replicates that diverged.
    pub diverged: usize,
    /// Eq. 14; absent where every replicate diverged.
    pub avg_activation_fraction: Option<Estimate>,
    /// Eq. 14 over the units that are not dead, mean over the replicates that have any; absent where none has.
    pub alive_activation_fraction: Option<f64>,
    /// dead_units / m; absent where every replicate diverged.
    pub dead_fraction: Option<Estimate>,
    /// The replicates behind the means, seeds increasing.
    pub replicates: Vec<Replicate>,
    /// The run keys of the replicates that diverged, seeds increasing.
    pub diverged_run_keys: Vec<String>,
}

/// A completed run of a point.
#[derive(Debug, Clone, PartialEq)]
pub struct Replicate {
    /// Its seed.
    pub seed: u64,
    /// The key of its record.
    pub run_key: String,
    /// Eq. 14.
    pub avg_activation_fraction: f64,
    /// dead_units / m.
    pub dead_fraction: f64,
}

impl Figure {
    /// One figure of all `runs`: a curve for each regularizer, and for each protocol where there are several. Runs that
    /// come twice, as two results folders may share some, count once.
    pub fn from_runs(id: impl Into<String>, title: impl Into<String>, runs: &[StoredRun]) -> Self {
        Self::new(id.into(), title.into(), &runs.iter().collect::<Vec<_>>())
    }

    /// Figures of any runs, one for each protocol, in the order in which they come. The title of each says what tells it from the others; its id is the results folder's name, numbered from
    /// 1 where there are several.
    pub fn split(runs: &[StoredRun]) -> Vec<Self> {
        let mut groups: Vec<(Protocol, Vec<&StoredRun>)> = Vec::new();
        for run in runs {
            let protocol = Protocol::of(run);
            match groups.iter_mut().find(|(known, _)| *known == protocol) {
                Some((_, members)) => members.push(run),
                None => groups.push((protocol, vec![run])),
            }
        }
        let protocols: Vec<&Protocol> = groups.iter().map(|(protocol, _)| protocol).collect();
        let differing = Protocol::differing(&protocols);
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
        let protocols: Vec<Protocol> = runs.iter().map(|run| Protocol::of(run)).collect();
        let differing = Protocol::differing(&protocols.iter().collect::<Vec<_>>());
        let mut curves: Vec<(&Protocol, Vec<&StoredRun>)> = Vec::new();
        for (run, protocol) in runs.iter().zip(&protocols) {
            let label = &run.spec.regularizer.label();
            let same = |(known, members): &&mut (&Protocol, Vec<&StoredRun>)| {
                *known == protocol && members[0].spec.regularizer.label() == *label
            };
            match curves.iter_mut().find(same) {
                Some((_, members)) => members.push(run),
                None => curves.push((protocol, vec![run])),
            }
        }
        Self {
            id,
            title,
            subtitle: protocol::subtitle(runs, &differing),
            dataset: runs.first().map(|run| run.dataset.clone()).unwrap_or_default(),
            series: curves.iter().map(|(_, members)| Series::new(members, &differing)).collect(),
            sigma_scale: SigmaScale::Auto,
        }
    }
}

impl Series {
    /// The curve of `runs`, which are of one regularizer and one protocol; there is at least one.
    fn new(runs: &[&StoredRun], differing: &[String]) -> Self {
        let spec = &runs[0].spec;
        let mut sigmas: Vec<f64> = runs.iter().map(|run| run.spec.sigma_squared).collect();
        sigmas.sort_by(f64::total_cmp);
        sigmas.dedup();
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

    /// Whether this is the plain auto-encoder, which has no σ²: one point, drawn as a level.
    pub fn is_level(&self) -> bool {
        self.regularizer == RegularizerKind::None.name()
    }
}

impl Point {
    /// Those of a curve's `runs` that are at `sigma_squared`.
    fn new(sigma_squared: f64, runs: &[&StoredRun]) -> Self {
        let mut replicates: Vec<&StoredRun> = Vec::new();
        for run in runs.iter().filter(|run| run.spec.sigma_squared == sigma_squared) {
            if replicates.iter().all(|known| known.record.run_key != run.record.run_key) {
                replicates.push(run);
            }
        }
        let results: Vec<&Measurement> = replicates.iter().filter_map(|run| run.record.result()).collect();
        let all = |value: fn(&Measurement) -> f64| {
            Estimate::of_fractions(&results.iter().map(|m| value(m)).collect::<Vec<_>>())
        };
        let mut by_seed = replicates.clone();
        by_seed.sort_by_key(|run| run.spec.seed);
        let diverged = by_seed.iter().filter(|run| run.record.result().is_none());
        let alive: Vec<f64> = results.iter().filter_map(|m| m.alive_activation_fraction).collect();
        Self {
            sigma_squared,
            seeds: results.len(),
            diverged: replicates.len() - results.len(),
            avg_activation_fraction: all(|m| m.avg_activation_fraction),
            alive_activation_fraction: (!alive.is_empty()).then(|| mean(&alive)),
            dead_fraction: all(|m| m.dead_fraction),
            diverged_run_keys: diverged.map(|run| run.record.run_key.clone()).collect(),
            replicates: by_seed.into_iter().filter_map(Replicate::of).collect(),
        }
    }
}

impl Replicate {
    /// `None` where the run diverged.
    fn of(run: &StoredRun) -> Option<Self> {
        let result = run.record.result()?;
        Some(Self {
            seed: run.spec.seed,
            run_key: run.record.run_key.clone(),
            avg_activation_fraction: result.avg_activation_fraction,
            dead_fraction: result.dead_fraction,
        })
    }
}
