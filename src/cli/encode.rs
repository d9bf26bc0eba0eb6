//! `aesparse encode`: the hidden codes that a stored run's final weights give samples, as a file.

use super::args::EncodeArguments;
use super::messages::Messages;
use super::{Ending, output, stored};
use aesparse::activation::ActivationKind;
use aesparse::data::{self, DataSpec, Locations, Source, Standardize, Statistics, standardize_like};
use aesparse::error::{Error, Result};
use aesparse::experiment::Config;
use aesparse::state::Parameters;
use aesparse::store::export::{CodesFormat, write_codes};
use aesparse::store::{Moment, Results, Settings, StoredRun};
use aesparse::training::Encoder;
use ndarray::Array2;
use std::path::Path;

/// Encodes samples and writes the codes; says what was written, with the mean number of active units.
///
/// # Errors
/// Whatever is wrong with the run, its weights, the samples or the place of the file.
pub(crate) fn encode(arguments: &EncodeArguments, messages: &Messages) -> Result<Ending> {
    let format = CodesFormat::of(&arguments.out)?;
    output::outside_results("--out", &arguments.out)?;
    let (results, run) = stored::find_run(&arguments.stored.run, &arguments.stored.conditions, messages)?;
    let weights = results.weights(&run, Moment::Final)?;
    let weights = weights.ok_or_else(|| stored::no_weights(&results, &run))?.weights;
    // The decoder's bias is no part of a code.
    let parameters = Parameters::new(weights.w.view(), weights.b.to_vec(), Vec::new());
    let activation = activation(&results, &run)?;
    let (samples, kind) = samples(arguments, &results, &run)?;
    let count = count(arguments, samples.nrows())?;

    let shape = (count, parameters.hidden());
    let threshold = run.settings.threshold as f32;
    let mut encoder = Encoder::new(activation, &parameters, run.settings.samples);
    let mut active_pairs = 0_u64;
    write_codes(&arguments.out, format, shape, threshold, |sink| {
        encoder.encode(samples.view(), count, |codes| {
            active_pairs += codes.iter().filter(|h| **h > threshold).count() as u64;
            sink(codes)
        })
    })?;
    let Settings { run_key, activation, constraint, regularizer, sigma_squared, seed, .. } = &run.settings;
    let l0 = active_pairs as f64 / count as f64;
    let text = format!(
        "run {run_key}: {activation}, {constraint}, {regularizer}, σ² = {sigma_squared}, seed {seed}\n\
         {count} {kind} samples, {} units, of which {l0:.4} are active on average (l0)\nwritten: {}\n",
        shape.1,
        arguments.out.display(),
    );
    Ok(messages.print(&text))
}

fn activation(results: &Results, run: &StoredRun) -> Result<ActivationKind> {
    ActivationKind::from_name(&run.settings.activation).ok_or_else(|| {
        let problem = format!("there is no activation {}", run.settings.activation);
        Error::store(results.folder.join("runs.csv"), problem, "use the version of the program that wrote it")
    })
}

/// The samples to encode, standardised, and what they are called.
fn samples(
    arguments: &EncodeArguments,
    results: &Results,
    run: &StoredRun,
) -> Result<(Array2<f32>, &'static str)> {
    let places = (arguments.stored.data.as_deref(), arguments.stored.data_dir.as_deref());
    let config = stored::configuration(results, run, places.1)?;
    let inputs = [arguments.input.as_deref(), places.0, config.data().source.path()];
    output::not_an_input("--out", &arguments.out, inputs.into_iter().flatten())?;
    let standardize = config.data().standardize;
    let load = || stored::load_data((results, run), &config, standardize, places);
    if let Some(path) = &arguments.input {
        // Only by feature do the samples need those of the training.
        let by_feature = matches!(standardize, Standardize::Feature { .. });
        let statistics = if by_feature { load()?.statistics } else { None };
        return Ok((own(path, run, &config, statistics.as_ref())?, "own"));
    }
    let dataset = load()?;
    if !arguments.held_out {
        return Ok((dataset.train, "training"));
    }
    match dataset.held_out {
        Some(held_out) => Ok((held_out, "held-out")),
        None => Err(Error::Usage {
            problem: format!(
                "--held-out: the data set {} has no held-out samples; accepted: --input PATH with samples of your own",
                dataset.name
            ),
        }),
    }
}

/// The samples at `path`, a `.npy` file or, where `config` trains on images, a folder of them, standardised as the training samples of
/// `run` were.
fn own(
    path: &Path,
    run: &StoredRun,
    config: &Config,
    statistics: Option<&Statistics>,
) -> Result<Array2<f32>> {
    let DataSpec { source, standardize, .. } = config.data();
    let of_images = matches!(source, Source::Images(_)) && path.is_dir();
    let pictures = if of_images { source.moved(path) } else { None };
    let source = pictures.unwrap_or_else(|| Source::Npy { path: path.to_owned() });
    let as_it_is = DataSpec { source, samples: None, standardize: Standardize::None };
    let mut samples = data::load(&as_it_is, &Locations::default())?.train;
    let (inputs, expected) = (samples.ncols(), run.settings.inputs);
    if inputs != expected {
        let problem = format!("its samples have {inputs} inputs, but the run was trained on {expected}");
        let fix = format!("use an array of the shape [N, {expected}]");
        return Err(Error::data(path, problem, fix));
    }
    standardize_like(*standardize, statistics, samples.view_mut());
    if samples.iter().any(|value| !value.is_finite()) {
        return Err(Error::data(
            path,
            "a sample is not finite after standardisation: an input hardly varies in the run's training samples",
            "use samples of the kind that the run was trained on",
        ));
    }
    Ok(samples)
}

/// How many of `available` samples are asked for.
fn count(arguments: &EncodeArguments, available: usize) -> Result<usize> {
    match arguments.samples.map(usize::from) {
        None => Ok(available),
        Some(count) if count <= available => Ok(count),
        Some(count) => Err(Error::Usage {
            problem: format!("--samples {count}: there are {available}; accepted: 1 to {available}"),
        }),
    }
}
