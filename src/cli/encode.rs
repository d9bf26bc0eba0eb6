//! `aesparse encode`: encodes samples with a stored run's final weights and writes the hidden codes.

use super::args::EncodeArguments;
use super::messages::Messages;
use super::{ExitStatus, output, stored};
use crate::activation::ActivationSpec;
use crate::data::{self, DataSpec, HeldOut, Locations, Raw, Scale, Source, Standardize};
use crate::error::{Error, Result};
use crate::linalg::Team;
use crate::state::Parameters;
use crate::store::export::{CodesFormat, write_codes};
use crate::store::{Moment, Results, StoredRun};
use crate::training::{Encoder, RunSpec};
use ndarray::Array2;
use std::path::Path;

/// Encodes samples, writes the codes, and prints the mean number of active units.
///
/// # Errors
/// Where the run, its weights or the samples can't be used, or the file can't be written there.
pub(crate) fn encode(arguments: &EncodeArguments, messages: &Messages) -> Result<ExitStatus> {
    let format = CodesFormat::of(&arguments.out)?;
    output::check_outside_results("--out", &arguments.out)?;
    let (results, run) = stored::find_run(&arguments.stored.run, &arguments.stored.conditions, messages)?;
    let weights = results.weights(&run, Moment::Final)?;
    let weights = weights.ok_or_else(|| stored::no_weights(&results, &run))?.weights;
    // Codes don't depend on the decoder's bias.
    let parameters = Parameters::new(weights.w.view(), weights.b.to_vec(), Vec::new());
    let activation = known_activation(&results, &run)?;
    let (samples, kind) = samples(arguments, &results, &run, messages)?;
    let count = sample_count(arguments, samples.nrows())?;

    let shape = (count, parameters.hidden());
    let threshold = run.spec.threshold as f32;
    let mut active_pairs = 0_u64;
    Team::assemble(arguments.stored.threads(), |team| {
        let mut encoder = Encoder::new(&activation, &parameters, run.spec.samples).with_team(team);
        write_codes(&arguments.out, format, shape, threshold, |sink| {
            encoder.encode(samples.view(), count, |codes| {
                active_pairs += codes.iter().filter(|h| **h > threshold).count() as u64;
                sink(codes)
            })
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

/// The run's activation, if this program has it.
fn known_activation(results: &Results, run: &StoredRun) -> Result<ActivationSpec> {
    run.spec.activation.known().cloned().ok_or_else(|| {
        let problem = format!("this program has no activation {}", run.spec.activation.label());
        Error::store(results.folder.join("runs.csv"), problem, "use the program that trained it")
    })
}

/// The samples to encode, standardised, and the word for them in the output.
fn samples(
    arguments: &EncodeArguments,
    results: &Results,
    run: &StoredRun,
    messages: &Messages,
) -> Result<(Array2<f32>, &'static str)> {
    let data_paths = arguments.stored.data_paths();
    let configured = stored::configured_data(results, run)?;
    let sources = stored::data_sources(results, &configured, data_paths).unwrap_or_default();
    let inputs = arguments.input.as_deref().into_iter().chain(sources.iter().filter_map(Source::path));
    output::check_not_an_input("--out", &arguments.out, inputs)?;
    let load = || stored::load_data((results, run), &configured, data_paths);
    if let Some(path) = &arguments.input {
        let input = (path.as_path(), arguments.array.as_deref());
        return Ok((own_samples(input, run, &configured.spec, load, messages)?, "own"));
    }
    let dataset = load()?.standardize(configured.spec.standardize)?;
    if !arguments.held_out {
        return Ok((dataset.train, "training"));
    }
    match (dataset.held_out, configured.spec.held_out.as_ref().and_then(HeldOut::path)) {
        (Some(held_out), _) => Ok((held_out, "held-out")),
        (None, Some(missing)) => {
            let problem = "there is no such file or folder with the run's held-out samples";
            Err(Error::data(missing, problem, "put it there, or below the folder that --data-dir names"))
        }
        (None, None) => Err(Error::usage(format_args!(
            "--held-out: the data set {} has no held-out samples; accepted: --input PATH with samples of your own",
            dataset.name
        ))),
    }
}

/// Reads the user's samples at `path` and standardises them like the training samples of `run`, which `load` loads.
///
/// The path is a file with its `array`, or a folder of images if the run was `trained_on` images.
fn own_samples(
    (path, array): (&Path, Option<&str>),
    run: &StoredRun,
    trained_on: &DataSpec,
    load: impl Fn() -> Result<Raw>,
    messages: &Messages,
) -> Result<Array2<f32>> {
    let DataSpec { source, standardize, .. } = trained_on;
    let standardize = *standardize;
    let of_images = matches!(source, Source::Images(_)) && path.is_dir();
    let pictures = if of_images { source.with_path(path) } else { None };
    let own = pictures.map_or_else(|| Source::of_file(path, array), Ok)?;
    let samples = data::read(&own, None, &Locations::default())?;
    messages.remarks(&samples.remarks);
    let (inputs, expected) = (samples.train.dim().1, run.spec.inputs);
    if inputs != expected {
        let problem = format!("its samples have {inputs} inputs, but the run was trained on {expected}");
        let fix = format!("use samples of the shape [N, {expected}]");
        return Err(Error::data(path, problem, fix));
    }
    let needs_statistics = standardize.needs_statistics();
    let mut training = if needs_statistics { Some(load()?) } else { None };
    // Standardisation by sample removes the scale.
    let has_scale = standardize != Standardize::Sample { epsilon: 0.0 };
    if has_scale && samples.scale() != Scale::Unknown {
        // The training samples are wanted only for a warning here, so a failure to load them doesn't matter.
        training = training.or_else(|| load().ok());
        if let Some(other) =
            training.as_ref().and_then(|training| scale_mismatch(samples.scale(), training.scale()))
        {
            messages.warning(format_args!("{}: {other}", path.display()));
        }
    }
    let statistics = match training {
        Some(training) if needs_statistics => training.standardize(standardize)?.statistics,
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

/// A warning if samples of the scale `own` don't match a run that was trained on samples of the scale `trained`.
fn scale_mismatch(own: Scale, trained: Scale) -> Option<&'static str> {
    match (own, trained) {
        (Scale::Unit, Scale::Levels) => Some(
            "its bytes are divided by 255, but the run was trained on floating-point numbers up to 255; store the samples like the \
             training samples, for instance with x.astype('float32')",
        ),
        (Scale::Levels, Scale::Unit) => Some(
            "its floating-point numbers go up to 255, but the run was trained on bytes, which are divided by 255; store the \
             samples as bytes, for instance with x.astype('uint8'), or divide them by 255",
        ),
        _ => None,
    }
}

/// The number of samples to encode, at most `available`.
fn sample_count(arguments: &EncodeArguments, available: usize) -> Result<usize> {
    match arguments.samples.map(usize::from) {
        None => Ok(available),
        Some(count) if count <= available => Ok(count),
        Some(count) => Err(Error::usage(format_args!(
            "--samples {count}: there are {available}; accepted: 1 to {available}"
        ))),
    }
}
