//! `aesparse encode`: the hidden codes that a stored run's final weights give samples, as a file.

use super::args::EncodeArguments;
use super::messages::Messages;
use super::{Ending, output, stored};
use crate::activation::ActivationSpec;
use crate::data::{self, DataSpec, Locations, Raw, Scale, Source, Standardize};
use crate::error::{Error, Result};
use crate::state::Parameters;
use crate::store::export::{CodesFormat, write_codes};
use crate::store::{Moment, Results, StoredRun};
use crate::training::{Encoder, RunSpec};
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
    let (samples, kind) = samples(arguments, &results, &run, messages)?;
    let count = count(arguments, samples.nrows())?;

    let shape = (count, parameters.hidden());
    let threshold = run.spec.threshold as f32;
    let mut encoder = Encoder::new(&activation, &parameters, run.spec.samples);
    let mut active_pairs = 0_u64;
    write_codes(&arguments.out, format, shape, threshold, |sink| {
        encoder.encode(samples.view(), count, |codes| {
            active_pairs += codes.iter().filter(|h| **h > threshold).count() as u64;
            sink(codes)
        })
    })?;
    let RunSpec { constraint, regularizer, sigma_squared, seed, .. } = &run.spec;
    let l0 = active_pairs as f64 / count as f64;
    let text = format!(
        "run {}: {}, {}, {}, σ² = {sigma_squared}, seed {seed}\n\
         {count} {kind} samples, {} units, of which {l0:.4} are active on average (l0)\nwritten: {}\n",
        run.record.run_key,
        activation.label(),
        constraint.label(),
        regularizer.label(),
        shape.1,
        arguments.out.display(),
    );
    Ok(messages.print(&text))
}

fn activation(results: &Results, run: &StoredRun) -> Result<ActivationSpec> {
    run.spec.activation.known().cloned().ok_or_else(|| {
        let problem = format!("this program has no activation {}", run.spec.activation.label());
        Error::store(results.folder.join("runs.csv"), problem, "use the program that trained it")
    })
}

/// The samples to encode, standardised, and what they are called.
fn samples(
    arguments: &EncodeArguments,
    results: &Results,
    run: &StoredRun,
    messages: &Messages,
) -> Result<(Array2<f32>, &'static str)> {
    let places = arguments.stored.places();
    let configured = stored::configured_data(results, run)?;
    let sources = stored::sources(results, &configured, places).unwrap_or_default();
    let inputs = arguments.input.as_deref().into_iter().chain(sources.iter().filter_map(Source::path));
    output::not_an_input("--out", &arguments.out, inputs)?;
    let load = || stored::load_data((results, run), &configured, places);
    if let Some(path) = &arguments.input {
        return Ok((own(path, run, &configured.spec, load, messages)?, "own"));
    }
    let dataset = load()?.standardize(configured.spec.standardize)?;
    if !arguments.held_out {
        return Ok((dataset.train, "training"));
    }
    match dataset.held_out {
        Some(held_out) => Ok((held_out, "held-out")),
        None => Err(Error::usage(format_args!(
            "--held-out: the data set {} has no held-out samples; accepted: --input PATH with samples of your own",
            dataset.name
        ))),
    }
}

/// The samples at `path`, a `.npy` file or, where `trained_on` is images, a folder of them, standardised as the training samples of
/// `run` were, which `load` loads.
fn own(
    path: &Path,
    run: &StoredRun,
    trained_on: &DataSpec,
    load: impl Fn() -> Result<Raw>,
    messages: &Messages,
) -> Result<Array2<f32>> {
    let DataSpec { source, standardize, .. } = trained_on;
    let standardize = *standardize;
    let of_images = matches!(source, Source::Images(_)) && path.is_dir();
    let pictures = if of_images { source.moved(path) } else { None };
    let own = pictures.unwrap_or_else(|| Source::Npy { path: path.to_owned() });
    let samples = data::read(&own, None, &Locations::default())?;
    messages.remarks(&samples.remarks);
    let (inputs, expected) = (samples.train.dim().1, run.spec.inputs);
    if inputs != expected {
        let problem = format!("its samples have {inputs} inputs, but the run was trained on {expected}");
        let fix = format!("use an array of the shape [N, {expected}]");
        return Err(Error::data(path, problem, fix));
    }
    // Only by feature do the samples need those of the training.
    let by_feature = matches!(standardize, Standardize::Feature { .. });
    let mut training = if by_feature { Some(load()?) } else { None };
    // A standardised sample has no scale.
    let has_scale = standardize != Standardize::Sample { epsilon: 0.0 };
    if has_scale && samples.scale() != Scale::Unknown {
        // Samples that can't be loaded tell nothing, and nothing else needs them.
        training = training.or_else(|| load().ok());
        if let Some(other) =
            training.as_ref().and_then(|training| other_scale(samples.scale(), training.scale()))
        {
            messages.warning(format_args!("{}: {other}", path.display()));
        }
    }
    let statistics = match training {
        Some(training) if by_feature => training.standardize(standardize)?.statistics,
        _ => None,
    };
    let samples = samples.train.standardize_like(standardize, statistics.as_ref());
    if samples.iter().any(|value| !value.is_finite()) {
        return Err(Error::data(
            path,
            "a sample is not finite after standardisation: an input hardly varies in the run's training samples",
            "use samples of the kind that the run was trained on",
        ));
    }
    Ok(samples)
}

/// What is wrong with samples of the scale `own` for a run that was trained on samples of the scale `trained`; `None` where nothing is.
fn other_scale(own: Scale, trained: Scale) -> Option<&'static str> {
    match (own, trained) {
        (Scale::Unit, Scale::Levels) => Some(
            "its bytes are divided by 255, but the run was trained on floating-point numbers that go beyond 1, up to 255; store \
             the samples as the training samples are, for instance with x.astype('float32')",
        ),
        (Scale::Levels, Scale::Unit) => Some(
            "its floating-point numbers go beyond 1, up to 255, but the run was trained on bytes, which are divided by 255; store \
             the samples as bytes, for instance with x.astype('uint8'), or divide them by 255",
        ),
        _ => None,
    }
}

/// How many of `available` samples are asked for.
fn count(arguments: &EncodeArguments, available: usize) -> Result<usize> {
    match arguments.samples.map(usize::from) {
        None => Ok(available),
        Some(count) if count <= available => Ok(count),
        Some(count) => Err(Error::usage(format_args!(
            "--samples {count}: there are {available}; accepted: 1 to {available}"
        ))),
    }
}
