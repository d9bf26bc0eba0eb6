//! Messages about a sweep's σ²: noise that is too large, collapsed trainings, models that σ² doesn't change. Nothing of this is
//! stored.

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

/// Ratio of σ² to the inputs' mean variance from which the user is told that Gaussian noise is large.
///
/// The paper's largest ratio is 3.0, at σ² = 1 on MNIST, whose inputs have a mean variance of 0.336 after standardisation. The mean
/// variance of unit-length samples with n inputs is at most 1 / n: for 64 inputs, σ² = 0.1 is 6.4 times as large, and all units
/// die.
const LARGE_NOISE: f64 = 5.0;

/// A message if the noise of some `trainings` is large against their `samples`.
pub(super) fn large_noise<'t>(
    trainings: impl Iterator<Item = &'t Training>,
    samples: ArrayView2<'_, f32>,
) -> Option<String> {
    let noises: Vec<&RunSpec> =
        trainings.map(|training| &training.spec).filter(|spec| has_gaussian_noise(spec)).collect();
    let largest = noises.iter().map(|spec| spec.sigma_squared).max_by(f64::total_cmp)?;
    let variance = total_variance(samples) / samples.ncols() as f64;
    // Noise can't be compared with the variance 0 of constant samples.
    if variance <= 0.0 || largest < LARGE_NOISE * variance {
        return None;
    }
    let affected = noises.iter().filter(|spec| spec.sigma_squared >= LARGE_NOISE * variance).count();
    Some(format!(
        "the noise of {} is large against the samples: σ² up to {largest} is {:.1} times the mean variance of an input, \
         {}. From about {LARGE_NOISE} times on units may all die; smaller values of sweep.sigma_squared, or \
         -o data.standardize=feature, bring both together",
        count(affected, "training"),
        largest / variance,
        significant(variance)
    ))
}

/// Whether σ² is the variance of Gaussian noise on the inputs.
fn has_gaussian_noise(spec: &RunSpec) -> bool {
    match spec.regularizer.kind() {
        RegularizerKind::Dae => spec.regularizer.to_json()["corruption"] == "gaussian",
        RegularizerKind::Edae => true,
        _ => false,
    }
}

/// The names of the collapsed trainings, in the order of the plan. `rows` are the finished cells.
pub(super) fn collapsed_names(plan: &Plan, rows: &[StoredRun]) -> Vec<String> {
    let records = rows.iter().map(|row| &row.record).filter(|record| record.is_collapsed());
    let keys: HashSet<&str> = records.map(|record| record.run_key.as_str()).collect();
    let legend = Legend::new(plan);
    let collapsed = plan.trainings.iter().filter(|training| keys.contains(training.key.as_str()));
    collapsed.map(|training| legend.name(training).to_owned()).collect()
}

/// The warning that the trainings `names`, of `all` trainings, collapsed.
pub(super) fn collapse_warning(names: &[String], all: usize) -> String {
    format!(
        "{} of {} collapsed, with at least {} % of their units dead or of the variance unexplained: {}; a smaller \
         training.learning_rate or sweep.sigma_squared may help",
        names.len(),
        count(all, "training"),
        COLLAPSED * 100.0,
        enumerate(names)
    )
}

/// Relative change from a model's numbers at its smallest σ² up to which the model counts as unchanged by σ². Of the paper's models
/// CAE on CIFAR-10 changes least, by 3 %.
const UNCHANGED: f64 = 0.001;

/// A message if some models are the same at every σ² of the sweep. `rows` are the finished cells.
pub(super) fn unchanged_models(plan: &Plan, rows: &[StoredRun]) -> Option<String> {
    let results: HashMap<&str, &Measurement> =
        rows.iter().filter_map(|row| Some((row.record.run_key.as_str(), row.record.result()?))).collect();
    let mut curves: Vec<Vec<CurveCell<'_>>> = Vec::new();
    for Cell { spec, training } in &plan.cells {
        let point = (spec, results.get(plan.trainings[*training].key.as_str()).copied());
        let is_model = |other: &RunSpec| same_group(other, spec) && other.regularizer == spec.regularizer;
        match curves.iter_mut().find(|curve| is_model(curve[0].0)) {
            Some(curve) => curve.push(point),
            None => curves.push(vec![point]),
        }
    }
    let varied = legend::varied_without_seed(plan);
    let name = |spec: &RunSpec| {
        std::iter::once(spec.regularizer.label())
            .chain(legend::setting_words(spec, &varied))
            .collect::<Vec<_>>()
            .join(" ")
    };
    let unchanged = curves.iter().filter(|curve| is_unchanged(curve));
    let names: Vec<String> = unchanged.map(|curve| name(curve[0].0)).collect();
    (!names.is_empty()).then(|| {
        format!(
            "σ² has no effect: from its smallest value to its largest no number changes by more than {} % for {}; larger values of \
             sweep.sigma_squared, or more training, would show an effect",
            UNCHANGED * 100.0,
            enumerate(&names)
        )
    })
}

/// A cell of a model's curve, with its last measurement if it completed.
type CurveCell<'r> = (&'r RunSpec, Option<&'r Measurement>);

/// Whether a curve has several σ² and, for each seed, the same numbers at all of them. A curve with an unfinished or collapsed cell
/// doesn't count: for collapsed cells there is another message.
fn is_unchanged(points: &[CurveCell<'_>]) -> bool {
    let smallest = points.iter().map(|(spec, _)| spec.sigma_squared).fold(f64::INFINITY, f64::min);
    let (bases, others): (Vec<CurveCell<'_>>, Vec<_>) =
        points.iter().partition(|(spec, _)| spec.sigma_squared == smallest);
    let bases: HashMap<u64, &Measurement> =
        bases.iter().filter_map(|(spec, result)| Some((spec.seed, (*result)?))).collect();
    !others.is_empty()
        && others.iter().all(|(spec, result)| match (result, bases.get(&spec.seed)) {
            (Some(result), Some(base)) => !result.is_collapsed() && change(result, base) <= UNCHANGED,
            _ => false,
        })
}

/// The largest relative difference between the numbers of `a` and `b`, without penalty and loss, which contain σ² itself.
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
