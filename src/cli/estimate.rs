//! How long trainings take: predicted from their operations, or from times that were measured before.

use crate::experiment::Plan;
use crate::regularizer::RegularizerKind;
use crate::training::RunSpec;
use std::collections::BTreeMap;
use std::time::Duration;

/// Operations a second of one training, counted as [`operations`] counts them: 392 million in 3.85 ms, a step with all
/// units active on MNIST at the paper's size on one core of an AMD EPYC (Zen 4); see `benches/README.md`. Units that
/// are off are left out of the products, so most trainings take less: which, only their times tell.
const RATE: f64 = 102e9;

/// Seconds that a run takes beside its operations: its record, its share of the tables, and flushing both to the disk. 1000 runs of
/// next to no operations, docs/scaling.md's with `seeds` from 1 to 100, `aesparse run big.toml --jobs 1 --quiet` of a release build,
/// took 0.54 ms each in memory (tmpfs) and 8.2 ms each on a virtual disk (ext4) of an AMD EPYC (Zen 4): this is the geometric mean.
/// Which of both it is, only times tell.
const RUN: f64 = 2e-3;

/// Floating-point operations of the matrix products of a training that is measured each `every` epochs.
///
/// A step has five products of 2·B·m·n, two forward and three backward; eDAE has ten. A measurement has the two
/// forward ones for all samples.
pub(crate) fn operations(spec: &RunSpec, every: u32) -> f64 {
    let products = if spec.regularizer.kind() == RegularizerKind::Edae { 10.0 } else { 5.0 };
    let measurements = 1 + spec.epochs.div_ceil(every.max(1));
    let of_a_product = 2.0 * spec.samples as f64 * spec.hidden as f64 * spec.inputs as f64;
    of_a_product * (products * f64::from(spec.epochs) + 2.0 * f64::from(measurements))
}

/// The time of a training that is measured each `every` epochs, as far as nothing was noted.
fn expected(spec: &RunSpec, every: u32) -> f64 {
    RUN + operations(spec, every) / RATE
}

/// The time that trainings of a plan take.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Rate {
    /// How many times as long as expected. The trainings of a plan are of about one size, so that one number tells of processor and
    /// disk.
    slowness: f64,
    every: u32,
    /// The number of trainings that it was measured on; 0: they take what is expected.
    pub(crate) measured_on: usize,
}

impl Rate {
    /// The rate of those trainings of `plan` whose `seconds` by run key were noted.
    pub(crate) fn of(plan: &Plan, seconds: &BTreeMap<String, f64>) -> Self {
        let every = plan.evaluate_every;
        let (mut all_expected, mut time, mut measured_on) = (0.0, 0.0, 0);
        for training in &plan.trainings {
            if let Some(seconds) = seconds.get(&training.key) {
                all_expected += expected(&training.spec, every);
                time += seconds;
                measured_on += 1;
            }
        }
        // Milliseconds are noted: a rate from only a few of them would be no rate.
        if time < 0.01 {
            return Self { slowness: 1.0, every, measured_on: 0 };
        }
        Self { slowness: time / all_expected, every, measured_on }
    }

    /// The time of one training.
    pub(crate) fn seconds(self, spec: &RunSpec) -> f64 {
        self.slowness * expected(spec, self.every)
    }

    /// The time of all of `specs` with `jobs` at a time: the work shared evenly, and no less than the longest.
    pub(crate) fn total<'a>(self, specs: impl Iterator<Item = &'a RunSpec>, jobs: usize) -> Duration {
        let (mut sum, mut longest) = (0.0, 0.0_f64);
        for spec in specs {
            sum += self.seconds(spec);
            longest = longest.max(self.seconds(spec));
        }
        Duration::try_from_secs_f64(longest.max(sum / jobs.max(1) as f64)).unwrap_or(Duration::MAX)
    }
}

/// `3 h 05 min`, `12 min 03 s`, `42 s` or `0.4 s`.
pub(crate) fn readable(duration: Duration) -> String {
    if duration < Duration::from_secs(9) {
        // Rounded up: nothing takes no time.
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
    use std::path::Path;

    #[test]
    fn times_are_readable() {
        for (seconds, expected) in
            [(0.21, "0.3 s"), (9.4, "9 s"), (59.4, "59 s"), (59.6, "1 min 00 s"), (11_100.0, "3 h 05 min")]
        {
            assert_eq!(readable(Duration::from_secs_f64(seconds)), expected);
        }
    }

    #[test]
    fn measured_seconds_replace_the_estimate_and_the_longest_training_is_a_bound() {
        let text =
            "data.source = 'synthetic'\nsweep.regularizer = ['dae', 'edae']\nsweep.sigma_squared = [0.5]";
        let config = config::parse(text, Path::new("x.toml"), &[]).unwrap();
        let plan = Plan::new(&config, "synthetic", "0".repeat(64), 2000, 64, None).unwrap();
        let [dae, edae] = [0, 1].map(|i| &plan.trainings[i]);
        let every = plan.evaluate_every;
        assert!(operations(&edae.spec, every) > 1.9 * operations(&dae.spec, every));

        let seconds = BTreeMap::from([(dae.key.clone(), 3.0), ("of another plan".to_owned(), 1e6)]);
        let rate = Rate::of(&plan, &seconds);
        assert_eq!(rate.measured_on, 1);
        assert!((rate.seconds(&dae.spec) - 3.0).abs() < 1e-9);
        let total = |jobs| rate.total([&dae.spec, &edae.spec].into_iter(), jobs).as_secs_f64();
        assert!((total(1) - 3.0 - rate.seconds(&edae.spec)).abs() < 1e-6);
        assert!((total(2) - rate.seconds(&edae.spec)).abs() < 1e-6);
        assert_eq!(Rate::of(&plan, &BTreeMap::new()).measured_on, 0);
    }

    /// 100,000 of them were predicted to take 0.1 s.
    #[test]
    fn tiny_runs_take_the_time_of_their_files() {
        let text = "data.source = { kind = 'synthetic', samples = 50, inputs = 10, atoms = 5, active = 2 }\n\
                    model.hidden = 10\ntraining = { epochs = 1, batch = 50 }\n\
                    sweep = { regularizer = ['dae'], sigma_squared = [0.1, 0.2, 0.3, 0.4] }";
        let config = config::parse(text, Path::new("x.toml"), &[]).unwrap();
        let plan = Plan::new(&config, "synthetic", "0".repeat(64), 50, 10, None).unwrap();
        let total = |rate: Rate| {
            rate.total(plan.trainings.iter().map(|training| &training.spec), 1).as_secs_f64() / 4.0
        };
        let alone = total(Rate::of(&plan, &BTreeMap::new()));
        assert!((0.5e-3..8e-3).contains(&alone), "{alone} s a run");
        // Where writing was measured to take long, it takes long for the others.
        let slow = BTreeMap::from([(plan.trainings[0].key.clone(), 0.03)]);
        assert!((total(Rate::of(&plan, &slow)) - 0.03).abs() < 1e-9);
    }
}
