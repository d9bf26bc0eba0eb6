//! Values of settings, made of checked JSON.

use crate::activation::ActivationSpec;
use crate::constraint::{Constraint, ConstraintKind};
use crate::data::images::{Channels, Fit, ImageFolder, OnError};
use crate::data::{Source, Standardize, Synthetic};
use crate::experiment::weights::WeightsOutput;
use crate::optimizer::EncoderBias;
use crate::parameter::{Kind, Spec, values_of_json};
use serde::Deserialize;
use serde_json::{Value as Json, json};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The value of a setting.
pub(super) trait Field: Sized {
    /// The value that `json` says, which the reader has checked; relative paths lead from `folder`.
    ///
    /// # Errors
    /// A sentence that says why it is no value, such as two parameters of a model that don't go together.
    fn read(json: &Json, folder: &Path) -> Result<Self, String>;
}

/// The activation threshold of Eq. 14.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::experiment) enum Threshold {
    /// The one that the paper gives the activation; the reader has checked that it gives one.
    Paper,
    /// This one for every activation.
    Number(f64),
}

impl Threshold {
    /// The threshold for `activation`; `None` where neither the paper nor the configuration gives one, which no checked
    /// configuration has.
    pub(in crate::experiment) fn of(self, activation: &ActivationSpec) -> Option<f64> {
        match self {
            Self::Paper => activation.threshold(),
            Self::Number(number) => Some(number),
        }
    }
}

/// A name that the table of settings accepts and that nothing here reads.
fn unknown<T>(json: &Json) -> Result<T, String> {
    Err(format!("found {json}, which is accepted and means nothing; please report this"))
}

/// What `json` is called, alone or under `kind`.
fn kind(json: &Json) -> Result<&str, String> {
    json.as_str().or_else(|| json["kind"].as_str()).map_or_else(|| unknown(json), Ok)
}

macro_rules! plain {
    ($($type:ty),+) => {$(
        impl Field for $type {
            fn read(json: &Json, _: &Path) -> Result<Self, String> {
                Self::deserialize(json).map_err(|error| error.to_string())
            }
        }
    )+};
}

plain!(bool, u32, u64, usize, f64, String, Standardize);

/// Choices that know all of themselves and what they are called in configurations.
macro_rules! choices {
    ($($type:ty, $called:ident);+) => {$(
        impl Field for $type {
            fn read(json: &Json, _: &Path) -> Result<Self, String> {
                let found = Self::ALL.iter().copied().find(|choice| *json == json!(choice.$called()));
                found.map_or_else(|| unknown(json), Ok)
            }
        }
    )+};
}

choices!(EncoderBias, name; WeightsOutput, name; Fit, name; OnError, name; Channels, count);

impl<T: Field> Field for Option<T> {
    fn read(json: &Json, folder: &Path) -> Result<Self, String> {
        if json.is_null() { Ok(None) } else { T::read(json, folder).map(Some) }
    }
}

impl<T: Field> Field for Vec<T> {
    fn read(json: &Json, folder: &Path) -> Result<Self, String> {
        json.as_array()
            .map_or_else(|| unknown(json), |all| all.iter().map(|one| T::read(one, folder)).collect())
    }
}

impl Field for PathBuf {
    fn read(json: &Json, folder: &Path) -> Result<Self, String> {
        String::read(json, folder).map(|written| folder.join(written))
    }
}

impl Field for Threshold {
    fn read(json: &Json, folder: &Path) -> Result<Self, String> {
        if json == "paper" { Ok(Self::Paper) } else { Field::read(json, folder).map(Self::Number) }
    }
}

/// The time between two checkpoints.
impl Field for Option<Duration> {
    fn read(json: &Json, folder: &Path) -> Result<Self, String> {
        if json == "none" { Ok(None) } else { f64::read(json, folder).map(Duration::from_secs_f64).map(Some) }
    }
}

impl<K: Kind> Field for Spec<K> {
    fn read(json: &Json, _: &Path) -> Result<Self, String> {
        let kind = K::from_name(kind(json)?).map_or_else(|| unknown(json), Ok)?;
        Self::new(kind, &values_of_json(kind.parameters(), json))
    }
}

impl Field for Constraint {
    fn read(json: &Json, folder: &Path) -> Result<Self, String> {
        Spec::<ConstraintKind>::read(json, folder).map(Self::from)
    }
}

impl Field for Source {
    fn read(json: &Json, folder: &Path) -> Result<Self, String> {
        match kind(json)? {
            "mnist" => Ok(Self::Mnist),
            "cifar10_patches" => Ok(Self::Cifar10Patches),
            "npy" => Field::read(&json["path"], folder).map(|path| Self::Npy { path }),
            "images" => ImageFolder::read(json, folder).map(Self::Images),
            "synthetic" => Synthetic::read(json, folder).map(Self::Synthetic),
            _ => unknown(json),
        }
    }
}
