//! Predicts how long trainings take, from their number of operations or from measured times of the same plan.

use crate::experiment::Plan;
use crate::regularizer::RegularizerKind;
use crate::training::RunSpec;
use std::collections::BTreeMap;
use std::time::Duration;

/// Operations per second of one training, counted by [`operations`]: 392 million in 3.85 ms. This is a step with all units active
/// on MNIST, at the paper's size, on one core of an AMD EPYC (Zen 4); see `benches/README.md`. The products leave out inactive
/// units, so most trainings take less. How much less is known only from measured times.
const OPERATIONS_PER_SECOND: f64 = 102e9;

/// Seconds that a run takes in addition to its operations: for its record, its share of the tables, and flushing both to disk.
///
/// Measured with 1000 runs of almost no operations (the sweep of docs/scaling.md with `seeds` from 1 to 100, by
/// `aesparse run big.toml --jobs 1 --quiet` of a release build) on an AMD EPYC (Zen 4): 0.54 ms per run in memory (tmpfs), 8.2 ms on
/// a virtual disk (ext4). This is the geometric mean, because the file system is unknown.
const SECONDS_PER_RUN: f64 = 2e-3;

/// Floating-point operations in the matrix products of a training that is measured every `every` epochs.
///
/// A step has five products of 2·B·m·n operations, two forward and three backward; eDAE has ten, and a model that corrupts each
/// sample K times has five of K·B rows. A measurement has the two forward products for all samples.
pub(crate) fn operations(spec: &RunSpec, every: u32) -> f64 {
    let is_edae = spec.regularizer.kind() == RegularizerKind::Edae;
    let products = if is_edae { 10.0 } else { 5.0 * spec.regularizer.draws() as f64 };
    let measurements = 1 + spec.epochs.div_ceil(every.max(1));
    let of_a_product = 2.0 * spec.samples as f64 * spec.hidden as f64 * spec.inputs as f64;
    of_a_product * (products * f64::from(spec.epochs) + 2.0 * f64::from(measurements))
}

/// Seconds of a training that is measured every `every` epochs, predicted without measured times.
fn nominal_seconds(spec: &RunSpec, every: u32) -> f64 {
    SECONDS_PER_RUN + operations(spec, every) / OPERATIONS_PER_SECOND
}

/// The use of a machine's cores.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CoreUse {
    /// Number of trainings at a time.
    pub(crate) jobs: usize,
    /// Threads of each training, as far as they shorten it.
    pub(crate) threads: usize,
}

/// Predicts the times of a plan's trainings.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct TimePredictor {
    /// Measured time divided by [`nominal_seconds`]. Trainings of one plan have about the same size, so one factor covers processor
    /// and disk.
    slowness: f64,
    every: u32,
    /// Number of trainings with measured times; 0 if there is none, and then `slowness` is 1.
    pub(crate) measured_on: usize,
}

impl TimePredictor {
    /// Compares measured `seconds`, by run key, with the nominal times of `plan`'s trainings.
    pub(crate) fn new(plan: &Plan, seconds: &BTreeMap<String, f64>) -> Self {
        let every = plan.evaluate_every;
        let (mut nominal, mut measured, mut measured_on) = (0.0, 0.0, 0);
        for training in &plan.trainings {
            if let Some(seconds) = seconds.get(&training.key) {
                nominal += nominal_seconds(&training.spec, every);
                measured += seconds;
                measured_on += 1;
            }
        }
        // Times are stored in whole milliseconds, so a sum of a few of them is too coarse.
        if measured < 0.01 {
            return Self { slowness: 1.0, every, measured_on: 0 };
        }
        Self { slowness: measured / nominal, every, measured_on }
    }

    /// Seconds of one training on one thread.
    pub(crate) fn seconds(self, spec: &RunSpec) -> f64 {
        self.slowness * nominal_seconds(spec, self.every)
    }

    /// Time of all `specs`: their sum divided by the number at a time, but at least the longest training. Threads are taken to share a
    /// training's time evenly.
    pub(crate) fn total<'a>(self, specs: impl Iterator<Item = &'a RunSpec>, cores: CoreUse) -> Duration {
        let (mut sum, mut longest) = (0.0, 0.0_f64);
        for spec in specs {
            let seconds = self.seconds(spec) / cores.threads.clamp(1, spec.useful_threads()) as f64;
            sum += seconds;
            longest = longest.max(seconds);
        }
        Duration::try_from_secs_f64(longest.max(sum / cores.jobs.max(1) as f64)).unwrap_or(Duration::MAX)
    }
}

/// Formats a duration as `3 h 05 min`, `12 min 03 s`, `42 s` or `0.4 s`.
pub(crate) fn format_duration(duration: Duration) -> String {
    if duration < Duration::from_secs(9) {
        // Rounded up, because no training takes 0.0 s.
        return format!("{:.1} s", (duration.as_secs_f64() * 10.0).ceil() / 10.0);
    }
    let seconds = duration.as_secs_f64().round() as u64;
    match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        (0, 0, seconds) => format!("{seconds} s"),
        (0, minutes, seconds) => format!("{minutes} min {seconds:02} s"),
        (hours, minutes, _) => format!("{hours} h {minutes:02} min"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::config;
    use crate::regularizer::RegularizerSpec;
    use std::path::Path;

    #[test]
    fn durations_are_formatted_in_two_units() {
        for (seconds, expected) in
            [(0.21, "0.3 s"), (9.4, "9 s"), (59.4, "59 s"), (59.6, "1 min 00 s"), (11_100.0, "3 h 05 min")]
        {
            assert_eq!(format_duration(Duration::from_secs_f64(seconds)), expected);
        }
    }

    #[test]
    fn measured_seconds_replace_the_estimate_and_the_longest_training_is_a_bound() {
        let text = "data.source = 'synthetic'\nmodel.hidden = 4000\nsweep.regularizer = ['dae', 'edae']\nsweep.sigma_squared = [0.5]";
        let config = config::parse(text, Path::new("x.toml"), &[]).unwrap();
        let plan = Plan::new(&config, "synthetic", "0".repeat(64), 2000, 64, None).unwrap();
        let [dae, edae] = [0, 1].map(|i| &plan.trainings[i]);
        let every = plan.evaluate_every;
        assert!(operations(&edae.spec, every) > 1.9 * operations(&dae.spec, every));
        let drawn = RegularizerSpec::from_label("dae(draws=4)").unwrap();
        let drawn = RunSpec { regularizer: drawn, ..dae.spec.clone() };
        assert!(operations(&drawn, every) > 3.5 * operations(&dae.spec, every));

        let seconds = BTreeMap::from([(dae.key.clone(), 3.0), ("of another plan".to_owned(), 1e6)]);
        let predictor = TimePredictor::new(&plan, &seconds);
        assert_eq!(predictor.measured_on, 1);
        assert!((predictor.seconds(&dae.spec) - 3.0).abs() < 1e-9);
        let total = |jobs, threads| {
            predictor.total([&dae.spec, &edae.spec].into_iter(), CoreUse { jobs, threads }).as_secs_f64()
        };
        assert!((total(1, 1) - 3.0 - predictor.seconds(&edae.spec)).abs() < 1e-6);
        assert!((total(2, 1) - predictor.seconds(&edae.spec)).abs() < 1e-6);
        let useful = dae.spec.useful_threads();
        assert_eq!(useful, edae.spec.useful_threads());
        assert!(useful > 1 && (total(1, 99) - total(1, 1) / useful as f64).abs() < 1e-6);
        assert_eq!(TimePredictor::new(&plan, &BTreeMap::new()).measured_on, 0);
    }

    /// Without [`SECONDS_PER_RUN`], 100,000 such runs were predicted to take 0.1 s.
    #[test]
    fn tiny_runs_take_the_time_to_write_their_files() {
        let text = "data.source = { kind = 'synthetic', samples = 50, inputs = 10, atoms = 5, active = 2 }\n\
                    model.hidden = 10\ntraining = { epochs = 1, batch = 50 }\n\
                    sweep = { regularizer = ['dae'], sigma_squared = [0.1, 0.2, 0.3, 0.4] }";
        let config = config::parse(text, Path::new("x.toml"), &[]).unwrap();
        let plan = Plan::new(&config, "synthetic", "0".repeat(64), 50, 10, None).unwrap();
        let alone = CoreUse { jobs: 1, threads: 1 };
        let total = |predictor: TimePredictor| {
            predictor.total(plan.trainings.iter().map(|training| &training.spec), alone).as_secs_f64() / 4.0
        };
        let each = total(TimePredictor::new(&plan, &BTreeMap::new()));
        assert!((0.5e-3..8e-3).contains(&each), "{each} s a run");
        // One slow measured run makes the other predictions slow.
        let slow = BTreeMap::from([(plan.trainings[0].key.clone(), 0.03)]);
        assert!((total(TimePredictor::new(&plan, &slow)) - 0.03).abs() < 1e-9);
    }
}
