//! `aesparse encode`: encodes samples with a trained network's weights and writes the hidden codes.

mod network;
mod samples;

use super::args::EncodeArguments;
use super::messages::Messages;
use super::{ExitStatus, output};
use crate::error::{Error, Result};
use crate::linalg::Team;
use crate::state::Parameters;
use crate::store::export::{CodesFormat, CodesLayout, write_codes};
use crate::store::write_atomic;
use crate::training::Encoder;
use network::Network;
use samples::SamplesToEncode;

/// Encodes samples, writes the codes, and prints the mean number of active units.
///
/// # Errors
/// Where the network or the samples can't be used, or the file can't be written there.
pub(crate) fn encode(arguments: &EncodeArguments, messages: &Messages) -> Result<ExitStatus> {
    let format = CodesFormat::of(&arguments.out)?;
    output::check_outside_results("--out", &arguments.out)?;
    let network = Network::find(arguments, messages)?;
    let activation = network.activation()?;
    // Codes don't depend on the decoder's bias.
    let parameters = Parameters::new(network.weights.w.view(), network.weights.b.to_vec(), Vec::new());
    let samples = SamplesToEncode::open(arguments, &network, messages)?;
    let (count, kind) = (sample_count(arguments, samples.available())?, samples.kind());
    let ids = samples.ids(arguments)?;

    let (units, threshold) = (parameters.hidden(), network.spec.threshold as f32);
    let layout = CodesLayout { samples: count, units, threshold, ids: &ids };
    let lines_of_ids = layout.lines_of_ids(format)?;
    let mut active_pairs = 0_u64;
    Team::assemble(arguments.stored.threads(), |team| {
        let mut encoder = Encoder::new(&activation, &parameters, network.spec.samples).with_team(team);
        write_codes(&arguments.out, format, layout, |sink| {
            samples.encode(&mut encoder, count, |codes| {
                active_pairs += codes.iter().filter(|h| **h > threshold).count() as u64;
                sink(codes)
            })
        })
    })?;
    let mut written = arguments.out.display().to_string();
    let path_of_ids = samples::path_of_ids(&arguments.out);
    if let Some(lines) = lines_of_ids {
        write_atomic(&path_of_ids, lines.as_bytes())?;
        written = format!("{written}, {}", path_of_ids.display());
    } else if matches!(format, CodesFormat::Npy | CodesFormat::Npz) && path_of_ids.exists() {
        messages.warning(format_args!(
            "{}: it is not of these codes, whose samples have no ids in a file",
            path_of_ids.display()
        ));
    }
    let l0 = active_pairs as f64 / count as f64;
    let text = format!(
        "run {}: {}\n\
         {count} {kind} samples, {units} units, of which {l0:.4} are active on average (l0)\nwritten: {written}\n",
        network.run_key,
        network.spec.summary(),
    );
    Ok(messages.print(&text))
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
