//! A configuration that suits given samples, for `aesparse new --data`.

use super::commented::comment;
use crate::data::{SampleSummary, Stored};
use std::fmt::Write as _;

/// Below this fraction of the median standard deviation, an input hardly varies, and standardisation would magnify its noise.
const HARDLY: f64 = 0.01;

/// What `seen` says, in a few lines of text.
pub fn described(seen: &SampleSummary) -> Vec<String> {
    let SampleSummary { samples, inputs, stored, looked_at, least, most, mean, sd, zeros, constant, .. } =
        seen;
    let stored = match stored {
        Stored::Bytes => "bytes, divided by 255",
        Stored::Floats | Stored::Drawn => "numbers, taken as they are",
    };
    let of = if looked_at < samples { format!(" (of the first {looked_at} samples)") } else { String::new() };
    let mut lines = vec![
        format!("{samples} samples of {inputs} inputs; {stored}"),
        format!(
            "from {} to {}, mean {}, sd {}; {} of the values are 0{of}",
            short(*least),
            short(*most),
            short(*mean),
            short(*sd),
            percent(*zeros)
        ),
    ];
    if let Some([least, median, most]) = seen.input_sd {
        let constant = match constant {
            0 => String::new(),
            1 => "; 1 input is constant".to_owned(),
            count => format!("; {count} inputs are constant"),
        };
        let range = format!("from {} to {}, median {}", short(least), short(most), short(median));
        lines.push(format!("the sd of an input is {range}{constant}"));
    }
    lines
}

/// A configuration in TOML for the samples `seen`, which `data.source` = `source` names; it is complete and can be trained as it is.
pub fn suited(source: &str, seen: &SampleSummary) -> String {
    let SuitedSizes { held_out, training, hidden, batch, epochs } = SuitedSizes::of(seen);
    let steps = training.div_ceil(batch);
    let data = [
        (format!("What is there: {}.", described(seen).join("; ")), format!("source = {source}")),
        match held_out {
            true => (
                "This share of the samples is not trained on; the held-out columns of runs.csv are measured on it.".to_owned(),
                format!("held_out = {SHARE}"),
            ),
            false => ("There are too few samples to hold some out.".to_owned(), format!("# held_out = {SHARE}")),
        },
        standardisation(seen),
    ];
    let model = [(
        format!(
            "About four units for each of the {} inputs, at most one for four training samples, from 16 to 2048. Units that aren't \
             needed die; they are counted, and cost little.",
            seen.inputs
        ),
        format!("hidden = {hidden}"),
    )];
    let training = [
        (
            format!(
                "A hundredth of the {training} training samples, from 10 to 100: {steps} steps in an epoch, {} in all.",
                steps * epochs
            ),
            format!("batch = {batch}\nepochs = {epochs}"),
        ),
        ("Where a run diverges, a smaller rate helps.".to_owned(), "learning_rate = 0.001".to_owned()),
    ];
    let sweep = [
        (
            "On inputs of variance 1: no regularisation, then from hardly any noise to as much as signal."
                .to_owned(),
            "sigma_squared = [0, 0.01, 0.1, 0.5, 1]".to_owned(),
        ),
        (
            "The denoising and the contractive auto-encoder.".to_owned(),
            "regularizer = [\"dae\", \"cae\"]".to_owned(),
        ),
    ];
    let evaluation =
        [("Epochs between two measurements.".to_owned(), format!("every = {}", (epochs / 5).max(1)))];
    let output = [("encode and inspect need the weights.".to_owned(), "weights = \"final\"".to_owned())];

    let mut text = String::new();
    comment(
        &mut text,
        "A sweep for the samples below: each model at each σ² is trained once for each seed. Settings that are not listed have their \
         defaults; `aesparse new` prints all of them. Train it with: aesparse run THIS_FILE",
    );
    let sections: [(&str, &[(String, String)]); 6] = [
        ("data", &data),
        ("model", &model),
        ("training", &training),
        ("sweep", &sweep),
        ("evaluation", &evaluation),
        ("output", &output),
    ];
    for (name, settings) in sections {
        let _ = writeln!(text, "\n[{name}]");
        for (why, lines) in settings {
            comment(&mut text, why);
            let _ = writeln!(text, "{lines}");
        }
    }
    text
}

/// The standardisation, with its reason.
fn standardisation(seen: &SampleSummary) -> (String, String) {
    let why =
        "Each input gets mean 0 and sd 1, so that σ² is the variance of the noise relative to an input's.";
    match seen.input_sd {
        None => (
            "All inputs are constant, so there is nothing to standardise.".to_owned(),
            "standardize = \"none\"".to_owned(),
        ),
        Some([least, median, _]) if least < HARDLY * median => (
            format!(
                "{why} Some inputs hardly vary; epsilon, a tenth of the median sd, keeps their noise small."
            ),
            format!("standardize = {{ scope = \"feature\", epsilon = {} }}", short(median / 10.0)),
        ),
        Some(_) => (why.to_owned(), "standardize = \"feature\"".to_owned()),
    }
}

/// The share of the samples that is held out.
const SHARE: f64 = 0.1;

/// Sizes that suit a number of samples and inputs.
struct SuitedSizes {
    /// Whether there are enough samples to hold some out.
    held_out: bool,
    /// Number of training samples.
    training: usize,
    hidden: usize,
    batch: usize,
    epochs: usize,
}

impl SuitedSizes {
    fn of(seen: &SampleSummary) -> Self {
        /// Steps of a run, if the epochs allow it.
        const STEPS: usize = 5_000;
        let held_out = seen.samples >= 20;
        let out = if held_out { (SHARE * seen.samples as f64).round() as usize } else { 0 };
        let training = seen.samples - out;
        let batch = (training / 100).clamp(10, 100);
        Self {
            held_out,
            training,
            hidden: (4 * seen.inputs).min(training / 4).clamp(16, 2048),
            batch,
            epochs: (STEPS * batch / training).clamp(10, 100),
        }
    }
}

/// `x` with four significant digits.
fn short(x: f64) -> String {
    let rounded: f64 = format!("{x:.3e}").parse().unwrap_or(x);
    rounded.to_string()
}

fn percent(share: f64) -> String {
    format!("{:.1} %", 100.0 * share)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::config::parse;
    use std::path::Path;

    fn seen(samples: usize, inputs: usize, input_sd: Option<[f64; 3]>) -> SampleSummary {
        let (least, most, mean, sd, zeros) = (-3.0, 4.123_456, 0.1, 1.25, 0.125);
        let (stored, looked_at) = (Stored::Floats, samples.min(100));
        SampleSummary {
            samples,
            inputs,
            stored,
            looked_at,
            least,
            most,
            mean,
            sd,
            zeros,
            constant: 0,
            input_sd,
            is_grey: false,
        }
    }

    #[test]
    fn a_configuration_for_any_samples_is_accepted() {
        for samples in [1, 2, 19, 20, 600, 5_000, 1_000_000_000] {
            for inputs in [1, 256, 100_000] {
                for sd in [None, Some([1.0, 1.0, 1.0]), Some([1e-9, 1e-7, 1.0]), Some([0.1, 20.0, 300.0])] {
                    let text = suited("{ kind = \"npy\", path = \"x.npy\" }", &seen(samples, inputs, sd));
                    let config = parse(&text, Path::new("x.toml"), &[])
                        .unwrap_or_else(|error| panic!("{text}\n{error}"));
                    assert_eq!(config.data().held_out.is_some(), samples >= 20, "{text}");
                    assert!(text.lines().all(|line| line.chars().count() <= 110), "{text}");
                }
            }
        }
        let lines = described(&seen(5_000, 256, Some([0.5, 1.0, 2.0])));
        assert_eq!(lines[0], "5000 samples of 256 inputs; numbers, taken as they are");
        let range =
            "from -3 to 4.123, mean 0.1, sd 1.25; 12.5 % of the values are 0 (of the first 100 samples)";
        assert_eq!(lines[1..], [range, "the sd of an input is from 0.5 to 2, median 1"]);
    }
}
