//! The trained network that `encode` uses: a stored run, or the encoder in one file.

use super::super::args::EncodeArguments;
use super::super::messages::Messages;
use super::super::stored::{self, ConfiguredData};
use crate::activation::ActivationSpec;
use crate::data::{HeldOut, Preparation, Raw};
use crate::error::{Error, Result, shell_word};
use crate::store::{EncoderSpec, Results, StoredRun, Weights, WeightsFile, is_in_results, read_encoder};
use crate::training::RunSpec;
use std::path::{Path, PathBuf};

/// A trained network and, for a stored run, its results.
pub(super) struct Network {
    pub(super) weights: Weights,
    /// The settings, of a stored run as in its configuration.
    pub(super) spec: RunSpec,
    pub(super) run_key: String,
    /// The description of the encoder, where the file of weights has one.
    encoder: Option<EncoderSpec>,
    stored: Option<(Results, StoredRun)>,
}

impl Network {
    /// Finds the network that the arguments name.
    ///
    /// # Errors
    /// Where the run, its weights or the file can't be used, or options don't fit a file.
    pub(super) fn find(arguments: &EncodeArguments, messages: &Messages) -> Result<Self> {
        let path = &arguments.stored.run;
        let is_weights = path.extension().is_some_and(|end| end == "npz" || end == "safetensors");
        if is_weights && path.is_file() && !is_in_results(path) {
            check_options(arguments)?;
            let (weights, encoder) = read_encoder(path)?;
            let (spec, run_key) = (encoder.spec.clone(), encoder.run_key.clone());
            return Ok(Self { weights, spec, run_key, encoder: Some(encoder), stored: None });
        }
        if path.is_file() && !is_in_results(path) {
            let fix = format!(
                "name a results folder, a run in it as FOLDER/KEY, or a file of weights (.npz, .safetensors), and your samples with --input {}",
                shell_word(path)
            );
            return Err(Error::store(path, "RUN is no results folder and no file of weights", fix));
        }
        let (results, run) = stored::find_run(path, &arguments.stored.conditions, messages)?;
        let file = results
            .weights(&run, stored::named_moment(path))?
            .ok_or_else(|| stored::no_weights(&results, &run))?;
        let WeightsFile { weights, encoder, .. } = file;
        let (spec, run_key) = (run.spec.clone(), run.record.run_key.clone());
        Ok(Self { weights, spec, run_key, encoder, stored: Some((results, run)) })
    }

    /// The activation, if this program has it.
    ///
    /// # Errors
    /// [`Error::Usage`] with its name.
    pub(super) fn activation(&self) -> Result<ActivationSpec> {
        self.spec.activation.known().cloned().ok_or_else(|| {
            let (key, name) = (&self.run_key, self.spec.activation.label());
            Error::usage(format_args!(
                "{key}: this program has no activation {name}; accepted: a run of a known activation, or the program that trained this one"
            ))
        })
    }

    /// The data that the stored run was trained on, not standardised.
    ///
    /// # Errors
    /// Where there is no stored run, or its data can't be found or used.
    pub(super) fn training_data(&self, arguments: &EncodeArguments) -> Result<Raw> {
        let ((results, run), configured) = self.configured()?;
        stored::load_data((results, run), &configured, arguments.stored.data_paths())
    }

    /// The user's own data of the stored run; none where they can't be found.
    pub(super) fn own_data(&self, arguments: &EncodeArguments) -> Vec<PathBuf> {
        let results = self.stored.as_ref().map(|(results, _)| results);
        results.map_or_else(Vec::new, |results| stored::own_data(results, arguments.stored.data_paths()))
    }

    /// How raw values become inputs: by the description of the encoder, or, where weights have none, by the data of the stored run.
    ///
    /// # Errors
    /// Where the data are needed for it and can't be found or used.
    pub(super) fn preparation(&self, arguments: &EncodeArguments) -> Result<Preparation> {
        if let Some(encoder) = &self.encoder {
            return Ok(encoder.input.clone());
        }
        let ((results, run), configured) = self.configured()?;
        match stored::preparation((results, run), arguments.stored.data_paths()) {
            // Without statistics only the scale is unknown then, which is wanted for a warning.
            Err(_) if !self.spec.standardize.needs_statistics() => {
                Ok(Preparation::unknown(&configured.spec.source))
            }
            found => found,
        }
    }

    /// The file or folder with the held-out samples, if the configuration of the stored run names one.
    pub(super) fn held_out_path(&self) -> Option<PathBuf> {
        let (_, configured) = self.configured().ok()?;
        configured.spec.held_out.as_ref().and_then(HeldOut::path).map(Path::to_owned)
    }

    fn configured(&self) -> Result<(&(Results, StoredRun), ConfiguredData)> {
        let stored = self.stored.as_ref().ok_or_else(no_samples)?;
        Ok((stored, stored::configured_data(&stored.0, &stored.1)?))
    }
}

/// The error that one file of weights comes without training samples.
fn no_samples() -> Error {
    Error::usage("a weights file has no training samples: name samples with --input PATH")
}

/// Refuses options that need a results folder, for one file of weights.
fn check_options(arguments: &EncodeArguments) -> Result<()> {
    let (data, data_dir) = arguments.stored.data_paths();
    let given = [
        ("--where", !arguments.stored.conditions.is_empty()),
        ("--data", data.is_some()),
        ("--data-dir", data_dir.is_some()),
        ("--held-out", arguments.held_out),
    ];
    let mut given = given.iter().filter(|(_, is_given)| *is_given).map(|(option, _)| *option);
    match given.next() {
        None if arguments.input.is_none() => Err(no_samples()),
        None => Ok(()),
        Some(option) => Err(Error::usage(format_args!(
            "{option}: a weights file has no results folder; accepted: no {option}, and --input PATH with your samples"
        ))),
    }
}
