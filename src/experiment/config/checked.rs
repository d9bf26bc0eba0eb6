//! A checked configuration.

use super::setting_value::SettingValue;
use super::table::{
    DataFolderSettings, EvaluationSettings, ModelSettings, OutputSettings, SweepSettings, TopSettings,
    TrainingSettings, defaults,
};
use crate::activation::ActivationSpec;
use crate::constraint::Constraint;
use crate::data::DataSpec;
use crate::regularizer::RegularizerSpec;
use crate::training::TheorySpec;
use serde_json::Value as Json;
use std::path::Path;

/// A checked configuration with every default filled in, from [`load`](super::load) or [`parse`](super::parse).
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// The settings by section, as the reader has accepted them: every axis is a list, and paths are as written.
    pub(super) tables: Json,
    pub(in crate::experiment) top: TopSettings,
    pub(in crate::experiment) data: DataSpec,
    pub(super) data_folder: DataFolderSettings,
    pub(in crate::experiment) model: ModelSettings,
    pub(in crate::experiment) training: TrainingSettings,
    pub(in crate::experiment) sweep: SweepSettings,
    pub(in crate::experiment) evaluation: EvaluationSettings,
    pub(in crate::experiment) output: OutputSettings,
    pub(in crate::experiment) theory: Option<TheorySpec>,
}

impl Config {
    /// Converts checked `tables`; relative paths start from `folder`.
    ///
    /// # Errors
    /// A sentence that names a setting that was accepted but can't be used.
    pub(super) fn read(mut tables: Json, folder: &Path) -> Result<Self, String> {
        let model: ModelSettings = SettingValue::read(&tables["model"], folder)?;
        let sweep: SweepSettings = SettingValue::read(&tables["sweep"], folder)?;
        // Defaults are only names; manifests list every parameter, but none that constraints got later and that is at its default.
        tables["model"]["activation"] = model.activation.iter().map(ActivationSpec::to_json).collect();
        tables["model"]["constraint"] = model.constraint.iter().map(Constraint::identity).collect();
        tables["sweep"]["regularizer"] = sweep.regularizer.iter().map(RegularizerSpec::to_json).collect();
        Ok(Self {
            top: SettingValue::read(&tables[""], folder)?,
            data: SettingValue::read(&tables["data"], folder)?,
            data_folder: SettingValue::read(&tables["data"], folder)?,
            model,
            training: SettingValue::read(&tables["training"], folder)?,
            sweep,
            evaluation: SettingValue::read(&tables["evaluation"], folder)?,
            output: SettingValue::read(&tables["output"], folder)?,
            theory: SettingValue::read(&tables["theory"], folder)?,
            tables,
        })
    }

    /// The results folder's name.
    pub fn name(&self) -> &str {
        &self.top.name
    }

    /// The data, with resolved paths.
    pub fn data(&self) -> &DataSpec {
        &self.data
    }

    /// `data.dir`: the folder of the data sets, if the configuration names one.
    pub fn data_dir(&self) -> Option<&Path> {
        self.data_folder.dir.as_deref()
    }

    /// This configuration with measurements of the theory: those of `[theory]`, or the default ones.
    #[must_use]
    pub fn with_theory(mut self) -> Self {
        if self.theory.is_none() {
            self.tables["theory"] = defaults(&TheorySpec::settings());
            self.theory = SettingValue::read(&self.tables["theory"], Path::new("")).ok();
        }
        self
    }

    /// This configuration with another name.
    #[must_use]
    pub(in crate::experiment) fn with_name(mut self, name: &str) -> Self {
        self.tables[""]["name"] = name.into();
        name.clone_into(&mut self.top.name);
        self
    }

    /// `model.init.from`: the file of the warm start.
    pub fn warm_start(&self) -> Option<&Path> {
        self.model.init.as_ref().map(|init| init.from.as_path())
    }
}
