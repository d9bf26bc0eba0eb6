//! What a sweep's noise is about to do to its models, and what became of them: said beside the table, never stored.

use super::count;
use super::legend::{self, Legend};
use super::table::same_group;
use crate::experiment::{Cell, Plan, Training};
use crate::regularizer::RegularizerKind;
use crate::report::caveats::enumerate;
use crate::report::text::significant;
use crate::store::StoredRun;
use crate::training::{COLLAPSED, Measurement, RunSpec, total_variance};
use ndarray::ArrayView2;
use std::collections::{HashMap, HashSet};

/// Gaussian noise of this many times the inputs' mean variance is told of beforehand. The paper goes up to 3.0 times, at σ² = 1 on
/// MNIST, whose inputs have a mean variance of 0.336 after standardisation. Unit-length samples of n inputs have 1 / n at most:
/// σ² = 0.1 is 6.4 times that of 64 inputs, and leaves their units dead.
const DROWNING: f64 = 5.0;

/// What is said before `trainings` on `samples` whose noise is large against them.
pub(super) fn drowning<'t>(
    trainings: impl Iterator<Item = &'t Training>,
    samples: ArrayView2<'_, f32>,
) -> Option<String> {
    let noises: Vec<&RunSpec> =
        trainings.map(|training| &training.spec).filter(|spec| is_noisy(spec)).collect();
    let largest = noises.iter().map(|spec| spec.sigma_squared).max_by(f64::total_cmp)?;
    let variance = total_variance(samples) / samples.ncols() as f64;
    // Constant samples have none that noise could be compared with.
    if variance <= 0.0 || largest < DROWNING * variance {
        return None;
    }
    let affected = noises.iter().filter(|spec| spec.sigma_squared >= DROWNING * variance).count();
    Some(format!(
        "the noise of {} is large against the samples: σ² up to {largest} is {:.1} times the mean variance of an input, \
         {}. From about {DROWNING} times on units may all die; smaller values of sweep.sigma_squared, or \
         -o data.standardize=feature, bring both together",
        count(affected, "training"),
        largest / variance,
        significant(variance)
    ))
}

/// Whether σ² is the variance of Gaussian noise on the inputs.
fn is_noisy(spec: &RunSpec) -> bool {
    match spec.regularizer.kind() {
        RegularizerKind::Dae => spec.regularizer.to_json()["corruption"] == "gaussian",
        RegularizerKind::Edae => true,
        _ => false,
    }
}

/// What collapsed trainings are called, in the order of the plan; `rows` are the finished cells.
pub(super) fn collapsed(plan: &Plan, rows: &[StoredRun]) -> Vec<String> {
    let records = rows.iter().map(|row| &row.record).filter(|record| record.is_collapsed());
    let keys: HashSet<&str> = records.map(|record| record.run_key.as_str()).collect();
    let legend = Legend::new(plan);
    let collapsed = plan.trainings.iter().filter(|training| keys.contains(training.key.as_str()));
    collapsed.map(|training| legend.of(training).to_owned()).collect()
}

/// What is said of trainings that are called `names` and collapsed, of `all`.
pub(super) fn collapse(names: &[String], all: usize) -> String {
    format!(
        "{} of {} collapsed, with at least {} % of their units dead or of the variance unexplained: {}; a smaller \
         training.learning_rate or sweep.sigma_squared may help",
        names.len(),
        count(all, "training"),
        COLLAPSED * 100.0,
        enumerate(names)
    )
}

/// A model whose numbers all stay within this part of those at its smallest σ² doesn't notice its coefficient. Of the paper's
/// models, CAE on CIFAR-10 moves least, and it moves by 3 %.
const UNMOVED: f64 = 0.001;

/// What is said of models that are the same at every σ² of the sweep; `rows` are the finished cells.
pub(super) fn unmoved(plan: &Plan, rows: &[StoredRun]) -> Option<String> {
    let results: HashMap<&str, &Measurement> =
        rows.iter().filter_map(|row| Some((row.record.run_key.as_str(), row.record.result()?))).collect();
    let mut curves: Vec<Vec<Point<'_>>> = Vec::new();
    for Cell { spec, training } in &plan.cells {
        let point = (spec, results.get(plan.trainings[*training].key.as_str()).copied());
        let is_model = |other: &RunSpec| same_group(other, spec) && other.regularizer == spec.regularizer;
        match curves.iter_mut().find(|curve| is_model(curve[0].0)) {
            Some(curve) => curve.push(point),
            None => curves.push(vec![point]),
        }
    }
    let varied = legend::varied_of_models(plan);
    let name = |spec: &RunSpec| {
        std::iter::once(spec.regularizer.label())
            .chain(legend::others(spec, &varied))
            .collect::<Vec<_>>()
            .join(" ")
    };
    let unmoved = curves.iter().filter(|curve| is_unmoved(curve));
    let names: Vec<String> = unmoved.map(|curve| name(curve[0].0)).collect();
    (!names.is_empty()).then(|| {
        format!(
            "σ² moves nothing: from its smallest value to its largest no number changes by more than {} % for {}; larger values of \
             sweep.sigma_squared, or more training, would show an effect",
            UNMOVED * 100.0,
            enumerate(&names)
        )
    })
}

/// A cell of a model's curve, and what it came to where it completed.
type Point<'r> = (&'r RunSpec, Option<&'r Measurement>);

/// Whether a curve has several σ² and, seed by seed, the same numbers at each. Nothing is said of what isn't known, nor where all
/// has collapsed, which is said elsewhere.
fn is_unmoved(points: &[Point<'_>]) -> bool {
    let smallest = points.iter().map(|(spec, _)| spec.sigma_squared).fold(f64::INFINITY, f64::min);
    let (bases, others): (Vec<Point<'_>>, Vec<_>) =
        points.iter().partition(|(spec, _)| spec.sigma_squared == smallest);
    let bases: HashMap<u64, &Measurement> =
        bases.iter().filter_map(|(spec, result)| Some((spec.seed, (*result)?))).collect();
    !others.is_empty()
        && others.iter().all(|(spec, result)| match (result, bases.get(&spec.seed)) {
            (Some(result), Some(base)) => !result.is_collapsed() && change(result, base) <= UNMOVED,
            _ => false,
        })
}

/// The largest relative change of a number that doesn't contain the coefficient itself, as the penalty and the loss do.
fn change(a: &Measurement, b: &Measurement) -> f64 {
    let numbers = |m: &Measurement| {
        [
            m.avg_activation_fraction,
            m.dead_fraction,
            m.mean_pre_activation,
            m.variance_pre_activation,
            m.mean_weight_norm,
            m.reconstruction,
        ]
    };
    let relative = |(a, b): (f64, f64)| if a == b { 0.0 } else { (a - b).abs() / a.abs().max(b.abs()) };
    numbers(a).into_iter().zip(numbers(b)).map(relative).fold(0.0, f64::max)
}
