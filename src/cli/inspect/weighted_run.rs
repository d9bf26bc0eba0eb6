//! What the weights of a run and its data show.

use super::pictures::{LoadedSamples, PIXELS, Pictures};
use crate::cli::args::InspectArguments;
use crate::cli::messages::Messages;
use crate::cli::stored;
use crate::error::Result;
use crate::linalg::Team;
use crate::report::dictionary::{DictionaryRecovery, UsedUnits, atoms};
use crate::report::inspect::{
    FEATURES, FILTERS, MeasuredCodes, RECONSTRUCTIONS, TOP_IMAGES, features_csv, features_page,
};
use crate::report::render::html;
use crate::state::Parameters;
use crate::store::{Results, StoredRun, Weights, write_atomic};
use crate::training::CodeDistribution;
use std::path::Path;

/// What the weights and the data of a run show.
#[derive(Default)]
pub(super) struct Insight {
    pub(super) codes: Option<CodeDistribution>,
    /// A sentence: why there are no codes in spite of weights.
    pub(super) no_codes: Option<String>,
    /// The recovery of the atoms of synthetic data; `None` on other data.
    pub(super) recovery: Option<DictionaryRecovery>,
}

/// A run with its weights.
pub(super) struct WeightedRun<'a> {
    pub(super) results: &'a Results,
    pub(super) run: &'a StoredRun,
    pub(super) weights: Weights,
    /// Where files go.
    pub(super) folder: &'a Path,
}

impl WeightedRun<'_> {
    /// Draws filters, and with the data also reconstructions, features and top images.
    ///
    /// # Errors
    /// Where data of images, or data that the arguments name, are missing or have another digest, the file of ids doesn't fit, or a file can't
    /// be written.
    pub(super) fn look(&self, arguments: &InspectArguments, messages: &Messages) -> Result<Insight> {
        let run = self.run;
        let data = stored::configured_data(self.results, run)?;
        let pictures = Pictures::of(&data.spec.source, run.spec.inputs);
        match &pictures {
            Ok(pictures) => {
                let filters = pictures.filters(run, self.weights.w.view())?;
                self.write(&format!("{FILTERS}.png"), &filters, messages)?;
            }
            Err(reason) => messages.note(format_args!("{PIXELS} are left out: {reason}")),
        }
        let pictures = pictures.ok();
        let no_codes = |reason: String| {
            let more = pictures.as_ref().map(|_| format!("{RECONSTRUCTIONS}.png, {TOP_IMAGES}.png, "));
            let more = more.unwrap_or_default();
            messages.note(format_args!("{more}{FEATURES}.csv and {FEATURES}.html are left out: {reason}"));
            Ok(Insight { no_codes: Some(reason), ..Insight::default() })
        };
        if run.spec.activation.known().is_none() {
            return no_codes(format!("this program has no activation {}", run.spec.activation.label()));
        }
        let asked = arguments.ids.is_some() || arguments.stored.data.is_some();
        let how = data.spec.standardize;
        let loaded = stored::load_data((self.results, run), &data, arguments.stored.data_paths())
            .and_then(|raw| LoadedSamples::of(raw, how));
        let samples = match loaded {
            Ok(samples) => samples,
            Err(error) if pictures.is_some() || asked => return Err(error),
            Err(error) => return no_codes(error.to_string()),
        };
        let dataset = &samples.dataset;
        let ids = arguments.ids.as_deref().map(|path| dataset.read_ids(path)).transpose()?;
        let ids = ids.as_ref().unwrap_or(&dataset.ids);
        let Weights { w, b, b_d } = &self.weights;
        let decoder_bias = b_d.as_ref().map(|b_d| b_d.to_vec()).unwrap_or_default();
        let parameters = Parameters::new(w.view(), b.to_vec(), decoder_bias);
        let MeasuredCodes { distribution, features } = Team::assemble(arguments.stored.threads(), |team| {
            MeasuredCodes::of(team, run, &parameters, dataset.train.view())
        });
        let mut top_images = None;
        if let Some(pictures) = &pictures {
            let reconstructions =
                pictures.reconstructions(run, &parameters, &samples, arguments.sigma_squared)?;
            self.write(&format!("{RECONSTRUCTIONS}.png"), &reconstructions, messages)?;
            top_images = pictures.top_images(run, &features, (dataset, how))?;
        }
        if let Some(png) = &top_images {
            self.write(&format!("{TOP_IMAGES}.png"), png, messages)?;
        }
        let csv = features_csv(&features, ids);
        self.write(&format!("{FEATURES}.csv"), &csv, messages)?;
        let page = html(&features_page(run, &csv, top_images.as_deref()));
        self.write(&format!("{FEATURES}.html"), page.as_bytes(), messages)?;
        let atoms = atoms(&data.spec.source, how, dataset.statistics.as_ref())?;
        let units = UsedUnits::of(&self.weights, &run.record);
        let recovery = atoms.map(|atoms| DictionaryRecovery::of(atoms.view(), &units));
        Ok(Insight { codes: Some(distribution), no_codes: None, recovery })
    }

    fn write(&self, name: &str, bytes: &[u8], messages: &Messages) -> Result<()> {
        let path = self.folder.join(name);
        write_atomic(&path, bytes)?;
        messages.note(format_args!("written: {}", path.display()));
        Ok(())
    }
}
