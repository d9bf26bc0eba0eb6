//! The pictures that need a run's weights: filters and reconstructions.

use crate::cli::args::InspectArguments;
use crate::cli::messages::Messages;
use crate::cli::stored::{self, ConfiguredData};
use crate::error::Result;
use crate::report::inspect::{FILTERS, Geometry, RECONSTRUCTIONS, ShownSamples, filters, reconstructions};
use crate::state::Parameters;
use crate::store::{Results, StoredRun, Weights, write_atomic};
use std::path::Path;

/// Draws filters and reconstructions of `run`, one of `results`, to `folder`. If neither can be drawn, returns the reason.
///
/// # Errors
/// Where the run's data are missing or have another digest, or a picture can't be written.
pub(super) fn draw(
    arguments: &InspectArguments,
    (results, run): (&Results, &StoredRun),
    weights: Weights,
    folder: &Path,
    messages: &Messages,
) -> Result<Option<String>> {
    let data = stored::configured_data(results, run)?;
    let geometry = match Geometry::of(&data.spec.source, run.spec.inputs) {
        Ok(geometry) => geometry,
        Err(reason) => return Ok(Some(reason)),
    };
    let write = |stem: &str, picture: &[u8]| {
        let path = folder.join(format!("{stem}.png"));
        write_atomic(&path, picture)?;
        messages.note(format_args!("drawn: {}", path.display()));
        Result::Ok(())
    };
    write(FILTERS, &filters(run, weights.w.view(), geometry)?)?;
    let activation = &run.spec.activation;
    if activation.known().is_none() {
        let name = activation.label();
        messages
            .note(format_args!("{RECONSTRUCTIONS}.png is left out: this program has no activation {name}"));
        return Ok(None);
    }
    write(RECONSTRUCTIONS, &sample_reconstructions(arguments, (results, run), &data, weights, geometry)?)?;
    Ok(None)
}

/// The picture of the run's reconstructions, as PNG.
fn sample_reconstructions(
    arguments: &InspectArguments,
    (results, run): (&Results, &StoredRun),
    data: &ConfiguredData,
    weights: Weights,
    geometry: Geometry,
) -> Result<Vec<u8>> {
    let raw = stored::load_data((results, run), data, arguments.stored.data_paths())?;
    let (shown, dataset) = ShownSamples::of(raw, data.spec.standardize)?;
    let Weights { w, b, b_d } = weights;
    let decoder_bias = b_d.map(|b_d| b_d.to_vec()).unwrap_or_default();
    let parameters = Parameters::new(w.view(), b.to_vec(), decoder_bias);
    let samples = (dataset.train.view(), &shown);
    reconstructions(run, &parameters, samples, geometry, arguments.sigma_squared)
}
