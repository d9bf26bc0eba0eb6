//! The samples that `encode` encodes: those of the training, or the user's own.

use super::super::args::EncodeArguments;
use super::super::messages::Messages;
use super::super::output;
use super::network::Network;
use crate::data::{self, Locations, Preparation, Scale, Source, Standardize};
use crate::error::{Error, Result};
use crate::training::RunSpec;
use ndarray::Array2;
use std::path::Path;

/// The samples to encode, standardised, and the word for them in the output.
///
/// # Errors
/// Where they can't be found or used.
pub(super) fn load(
    arguments: &EncodeArguments,
    network: &Network,
    messages: &Messages,
) -> Result<(Array2<f32>, &'static str)> {
    let sources = network.training_sources(arguments);
    let given = [Some(arguments.stored.run.as_path()), arguments.input.as_deref()];
    let inputs = given.into_iter().flatten().chain(sources.iter().filter_map(Source::path));
    output::check_not_an_input("--out", &arguments.out, inputs)?;
    if let Some(path) = &arguments.input {
        let preparation = network.preparation(arguments)?;
        return Ok((own(path, &network.spec, &preparation, messages)?, "own"));
    }
    let dataset = network.training_data(arguments)?.standardize(network.spec.standardize)?;
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

/// Reads the user's samples at `path`, a `.npy` file or a folder of images if the run was trained on images, and standardises them like the
/// training samples of the run `spec`.
fn own(path: &Path, spec: &RunSpec, preparation: &Preparation, messages: &Messages) -> Result<Array2<f32>> {
    let samples = data::read(&preparation.source(path), None, &Locations::default())?;
    messages.remarks(&samples.remarks);
    let (inputs, expected) = (samples.train.dim().1, spec.inputs);
    if inputs != expected {
        let problem = format!("its samples have {inputs} inputs, but the run was trained on {expected}");
        let fix = format!("use an array of the shape [N, {expected}]");
        return Err(Error::data(path, problem, fix));
    }
    // Standardisation by sample removes the scale.
    let has_scale = spec.standardize != Standardize::Sample { epsilon: 0.0 };
    if let Some(mismatch) = scale_mismatch(samples.scale(), preparation.scale).filter(|_| has_scale) {
        messages.warning(format_args!("{}: {mismatch}", path.display()));
    }
    let samples = samples.train.standardize_like(spec.standardize, preparation.statistics.as_ref());
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
