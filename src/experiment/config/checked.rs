//! A checked configuration.

use super::field::{Field, WrittenPath};
use super::table::{DataFolder, Evaluation, Model, Output, Sweep, Top, Training, theory};
use crate::data::DataSpec;
use crate::training::TheorySpec;
use serde_json::Value as Json;
use std::path::Path;

/// A checked configuration with every default filled in; [`load`](super::load) and [`parse`](super::parse) make it.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    pub(in crate::experiment) top: Top,
    pub(in crate::experiment) data: DataSpec,
    /// The path of a `npy` or `images` source; where it leads is in `data` too.
    pub(super) source_path: Option<WrittenPath>,
    pub(super) data_folder: DataFolder,
    pub(in crate::experiment) model: Model,
    pub(in crate::experiment) training: Training,
    pub(in crate::experiment) sweep: Sweep,
    pub(in crate::experiment) evaluation: Evaluation,
    pub(in crate::experiment) output: Output,
    pub(in crate::experiment) theory: Option<TheorySpec>,
}

impl Config {
    /// The configuration whose tables `json` has, checked; relative paths lead from `folder`.
    ///
    /// # Errors
    /// A sentence that names a setting which was accepted and can't be used.
    pub(super) fn read(json: &Json, folder: &Path) -> Result<Self, String> {
        Ok(Self {
            top: Field::read(&json[""], folder)?,
            data: Field::read(&json["data"], folder)?,
            source_path: Field::read(&json["data"]["source"]["path"], folder)?,
            data_folder: Field::read(&json["data"], folder)?,
            model: Field::read(&json["model"], folder)?,
            training: Field::read(&json["training"], folder)?,
            sweep: Field::read(&json["sweep"], folder)?,
            evaluation: Field::read(&json["evaluation"], folder)?,
            output: Field::read(&json["output"], folder)?,
            theory: Field::read(&json["theory"], folder)?,
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
        self.data_folder.dir.as_ref().map(|dir| dir.path.as_path())
    }

    /// The same, measuring the theory: as `[theory]` says, or with its defaults.
    #[must_use]
    pub fn with_theory(mut self) -> Self {
        self.theory = self.theory.or_else(theory);
        self
    }

    /// `model.init.from`: the file that W, b and `b_d` start from.
    pub fn warm_start(&self) -> Option<&Path> {
        self.model.init.as_ref().map(|init| init.from.path.as_path())
    }
}
