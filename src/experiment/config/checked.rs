//! A checked configuration.

use super::field::Field;
use super::table::{DataFolder, Evaluation, Model, Output, Sweep, Top, Training, defaults};
use crate::activation::ActivationSpec;
use crate::constraint::Constraint;
use crate::data::DataSpec;
use crate::regularizer::RegularizerSpec;
use crate::training::TheorySpec;
use serde_json::Value as Json;
use std::path::Path;

/// A checked configuration with every default filled in; [`load`](super::load) and [`parse`](super::parse) make it.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// The settings by their tables, as the reader has accepted them: every axis is a list, and paths stand as they were written.
    pub(super) tables: Json,
    pub(in crate::experiment) top: Top,
    pub(in crate::experiment) data: DataSpec,
    pub(super) data_folder: DataFolder,
    pub(in crate::experiment) model: Model,
    pub(in crate::experiment) training: Training,
    pub(in crate::experiment) sweep: Sweep,
    pub(in crate::experiment) evaluation: Evaluation,
    pub(in crate::experiment) output: Output,
    pub(in crate::experiment) theory: Option<TheorySpec>,
}

impl Config {
    /// The configuration of checked `tables`; relative paths lead from `folder`.
    ///
    /// # Errors
    /// A sentence that names a setting which was accepted and can't be used.
    pub(super) fn read(mut tables: Json, folder: &Path) -> Result<Self, String> {
        let model: Model = Field::read(&tables["model"], folder)?;
        let sweep: Sweep = Field::read(&tables["sweep"], folder)?;
        // Defaults are names alone; manifests have every parameter.
        tables["model"]["activation"] = model.activation.iter().map(ActivationSpec::to_json).collect();
        tables["model"]["constraint"] = model.constraint.iter().map(Constraint::to_json).collect();
        tables["sweep"]["regularizer"] = sweep.regularizer.iter().map(RegularizerSpec::to_json).collect();
        Ok(Self {
            top: Field::read(&tables[""], folder)?,
            data: Field::read(&tables["data"], folder)?,
            data_folder: Field::read(&tables["data"], folder)?,
            model,
            training: Field::read(&tables["training"], folder)?,
            sweep,
            evaluation: Field::read(&tables["evaluation"], folder)?,
            output: Field::read(&tables["output"], folder)?,
            theory: Field::read(&tables["theory"], folder)?,
            tables,
        })
    }

    /// The results folder's name.
    pub fn name(&self) -> &str {
        &self.top.name
    }

    /// The data, paths resolved.
    pub fn data(&self) -> &DataSpec {
        &self.data
    }

    /// `data.dir`: the folder of the data sets, where the configuration names one.
    pub fn data_dir(&self) -> Option<&Path> {
        self.data_folder.dir.as_deref()
    }

    /// The same, measuring the theory: as `[theory]` says, or with its defaults.
    #[must_use]
    pub fn with_theory(mut self) -> Self {
        if self.theory.is_none() {
            self.tables["theory"] = defaults(&TheorySpec::settings());
            self.theory = Field::read(&self.tables["theory"], Path::new("")).ok();
        }
        self
    }

    /// The same, under another name.
    #[must_use]
    pub(in crate::experiment) fn with_name(mut self, name: &str) -> Self {
        self.tables[""]["name"] = name.into();
        name.clone_into(&mut self.top.name);
        self
    }

    /// `model.init.from`: the file that W, b and `b_d` start from.
    pub fn warm_start(&self) -> Option<&Path> {
        self.model.init.as_ref().map(|init| init.from.as_path())
    }
}
