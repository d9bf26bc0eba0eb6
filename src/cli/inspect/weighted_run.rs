//! What the weights of a run and its data show.

use super::pictures::{LoadedSamples, PIXELS, Pictures};
use crate::cli::args::InspectArguments;
use crate::cli::messages::Messages;
use crate::cli::stored;
use crate::data::SampleIds;
use crate::error::{Error, Result};
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
    /// What is left out in spite of weights.
    pub(super) left_out: Option<LeftOut>,
    /// The recovery of the atoms of synthetic data; `None` on other data.
    pub(super) recovery: Option<DictionaryRecovery>,
}

/// The files that need codes, where there are no codes.
pub(super) struct LeftOut {
    pub(super) files: Vec<String>,
    pub(super) reason: NoCodes,
}

/// Why there are no codes.
pub(super) enum NoCodes {
    /// The data can't be used.
    Data(Error),
    /// This program doesn't have the activation of this label.
    Activation(String),
}

impl Insight {
    /// Without codes, which `reason` prevents; `has_pictures`: on images, of which there would be pictures.
    fn without_codes(reason: NoCodes, has_pictures: bool) -> Self {
        let pictures =
            [RECONSTRUCTIONS, TOP_IMAGES].iter().filter(|_| has_pictures).map(|name| format!("{name}.png"));
        let files = pictures.chain(["csv", "html"].map(|end| format!("{FEATURES}.{end}"))).collect();
        Self { left_out: Some(LeftOut { files, reason }), ..Self::default() }
    }
}

/// A run with its weights.
pub(super) struct WeightedRun<'a> {
    pub(super) results: &'a Results,
    pub(super) run: &'a StoredRun,
    pub(super) weights: Weights,
    /// Where files go.
    pub(super) folder: &'a Path,
}

/// The samples of a run, with the ids that its tables show.
pub(super) struct NamedSamples {
    samples: LoadedSamples,
    ids: SampleIds,
}

impl WeightedRun<'_> {
    /// Loads the samples of the run, and reads the file of ids if the arguments name one.
    ///
    /// # Errors
    /// Where data are missing or have another digest, or the file of ids doesn't fit.
    pub(super) fn samples(&self, arguments: &InspectArguments) -> Result<NamedSamples> {
        let data = stored::configured_data(self.results, self.run)?;
        let raw = stored::load_data((self.results, self.run), &data, arguments.stored.data_paths())?;
        let samples = LoadedSamples::of(raw, data.spec.standardize)?;
        let dataset = &samples.dataset;
        let ids = match &arguments.ids {
            Some(path) => dataset.read_ids(path)?,
            None => dataset.ids.clone(),
        };
        Ok(NamedSamples { samples, ids })
    }

    /// Draws filters, and with the `samples` also reconstructions, features and top images. `samples` is `None` if this program doesn't have
    /// the run's activation.
    ///
    /// # Errors
    /// Where samples of images could not be loaded, or a file can't be written.
    pub(super) fn look(
        &self,
        samples: Option<Result<NamedSamples>>,
        arguments: &InspectArguments,
        messages: &Messages,
    ) -> Result<Insight> {
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
        let how = data.spec.standardize;
        let NamedSamples { samples, ids } = match samples {
            Some(Ok(samples)) => samples,
            Some(Err(error)) if pictures.is_some() => return Err(error),
            Some(Err(error)) => return Ok(Insight::without_codes(NoCodes::Data(error), pictures.is_some())),
            None => {
                let reason = NoCodes::Activation(run.spec.activation.label());
                return Ok(Insight::without_codes(reason, pictures.is_some()));
            }
        };
        let dataset = &samples.dataset;
        let parameters = Parameters::from(&self.weights);
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
        let csv = features_csv(&features, &ids);
        self.write(&format!("{FEATURES}.csv"), &csv, messages)?;
        let page = html(&features_page(run, &csv, top_images.as_deref()));
        self.write(&format!("{FEATURES}.html"), page.as_bytes(), messages)?;
        let atoms = atoms(&data.spec.source, how, dataset.statistics.as_ref())?;
        let units = UsedUnits::of(&self.weights, &run.record);
        let recovery = atoms.map(|atoms| DictionaryRecovery::of(atoms.view(), &units));
        Ok(Insight { codes: Some(distribution), left_out: None, recovery })
    }

    fn write(&self, name: &str, bytes: &[u8], messages: &Messages) -> Result<()> {
        let path = self.folder.join(name);
        write_atomic(&path, bytes)?;
        messages.note(format_args!("written: {}", path.display()));
        Ok(())
    }
}
