//! How long trainings take: predicted from their operations, or from times that were measured before.

use aesparse::regularizer::RegularizerKind;
use aesparse::training::RunSpec;
use std::collections::BTreeMap;
use std::time::Duration;

/// Operations a second of one training on one core of a recent server processor with AVX-512, counted as
/// [`operations`] counts: MNIST at the paper's size, between the dense models and the sparse ones, which skip
/// inactive units and are up to three times as fast.
const RATE: f64 = 120e9;

/// Floating-point operations of the matrix products of a training.
///
/// A step has five products of 2·B·m·n: two forward, three backward; eDAE has ten.
pub(crate) fn operations(spec: &RunSpec) -> f64 {
    let products = if spec.regularizer.kind() == RegularizerKind::Edae { 10.0 } else { 5.0 };
    let of_a_product = 2.0 * spec.samples as f64 * spec.hidden as f64 * spec.inputs as f64;
    products * of_a_product * f64::from(spec.epochs)
}

/// Operations a second.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Rate {
    per_second: f64,
    /// The number of trainings that it was measured on; 0: it is [`RATE`].
    pub(crate) measured_on: usize,
}

impl Rate {
    /// The rate of trainings whose `seconds` by run key were noted.
    pub(crate) fn of<'a>(
        trainings: impl Iterator<Item = (&'a str, &'a RunSpec)>,
        seconds: &BTreeMap<String, f64>,
    ) -> Self {
        let (mut done, mut time, mut measured_on) = (0.0, 0.0, 0);
        for (key, spec) in trainings {
            if let Some(seconds) = seconds.get(key) {
                done += operations(spec);
                time += seconds;
                measured_on += 1;
            }
        }
        // Milliseconds are noted: a rate from less than a few of them would be no rate.
        if time < 0.01 {
            return Self { per_second: RATE, measured_on: 0 };
        }
        Self { per_second: done / time, measured_on }
    }

    /// The time of one training.
    pub(crate) fn seconds(self, spec: &RunSpec) -> f64 {
        operations(spec) / self.per_second
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

/// `3 h 05 min`, `12 min 03 s` or `4 s`.
pub(crate) fn readable(duration: Duration) -> String {
    let seconds = duration.as_secs_f64().round() as u64;
    match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        (0, 0, seconds) => format!("{seconds} s"),
        (0, minutes, seconds) => format!("{minutes} min {seconds:02} s"),
        (hours, minutes, _) => format!("{hours} h {minutes:02} min"),
    }
}
