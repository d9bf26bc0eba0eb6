//! Values of settings, converted from checked JSON.

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

/// A type of the value of a setting.
pub(super) trait SettingValue: Sized {
    /// Converts `json`, which the reader has checked; relative paths start from `folder`.
    ///
    /// # Errors
    /// A sentence that says why `json` is no such value, for example two parameters of a model that exclude each other.
    fn read(json: &Json, folder: &Path) -> Result<Self, String>;
}

/// The activation threshold of Eq. 14.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::experiment) enum ThresholdSetting {
    /// The paper's threshold for the activation; the reader has checked that there is one.
    Paper,
    /// The same threshold for every activation.
    Number(f64),
}

impl ThresholdSetting {
    /// The threshold for `activation`; `None` where neither the paper nor the configuration gives one, which can't happen in a checked
    /// configuration.
    pub(in crate::experiment) fn of(self, activation: &ActivationSpec) -> Option<f64> {
        match self {
            Self::Paper => activation.threshold(),
            Self::Number(number) => Some(number),
        }
    }
}

/// The error for a value that the table of settings accepts but that no type here converts: a fault in the program.
fn unknown<T>(json: &Json) -> Result<T, String> {
    Err(format!("found {json}, which is accepted and means nothing; please report this"))
}

/// The name in `json`: the string itself, or the string under `kind`.
fn kind(json: &Json) -> Result<&str, String> {
    json.as_str().or_else(|| json["kind"].as_str()).map_or_else(|| unknown(json), Ok)
}

macro_rules! plain {
    ($($type:ty),+) => {$(
        impl SettingValue for $type {
            fn read(json: &Json, _: &Path) -> Result<Self, String> {
                Self::deserialize(json).map_err(|error| error.to_string())
            }
        }
    )+};
}

plain!(bool, u32, u64, usize, f64, String, Standardize);

/// Implements [`SettingValue`] for choices with `ALL` and a method for the name in configurations.
macro_rules! choices {
    ($($type:ty, $called:ident);+) => {$(
        impl SettingValue for $type {
            fn read(json: &Json, _: &Path) -> Result<Self, String> {
                let found = Self::ALL.iter().copied().find(|choice| *json == json!(choice.$called()));
                found.map_or_else(|| unknown(json), Ok)
            }
        }
    )+};
}

choices!(EncoderBias, name; WeightsOutput, name; Fit, name; OnError, name; Channels, count);

impl<T: SettingValue> SettingValue for Option<T> {
    fn read(json: &Json, folder: &Path) -> Result<Self, String> {
        if json.is_null() { Ok(None) } else { T::read(json, folder).map(Some) }
    }
}

impl<T: SettingValue> SettingValue for Vec<T> {
    fn read(json: &Json, folder: &Path) -> Result<Self, String> {
        json.as_array()
            .map_or_else(|| unknown(json), |all| all.iter().map(|one| T::read(one, folder)).collect())
    }
}

impl SettingValue for PathBuf {
    fn read(json: &Json, folder: &Path) -> Result<Self, String> {
        String::read(json, folder).map(|written| folder.join(written))
    }
}

impl SettingValue for ThresholdSetting {
    fn read(json: &Json, folder: &Path) -> Result<Self, String> {
        if json == "paper" { Ok(Self::Paper) } else { SettingValue::read(json, folder).map(Self::Number) }
    }
}

/// The time between two checkpoints, in seconds, or "none".
impl SettingValue for Option<Duration> {
    fn read(json: &Json, folder: &Path) -> Result<Self, String> {
        if json == "none" { Ok(None) } else { f64::read(json, folder).map(Duration::from_secs_f64).map(Some) }
    }
}

impl<K: Kind> SettingValue for Spec<K> {
    fn read(json: &Json, _: &Path) -> Result<Self, String> {
        let kind = K::from_name(kind(json)?).map_or_else(|| unknown(json), Ok)?;
        Self::new(kind, &values_of_json(kind.parameters(), json))
    }
}

impl SettingValue for Constraint {
    fn read(json: &Json, folder: &Path) -> Result<Self, String> {
        Spec::<ConstraintKind>::read(json, folder).map(Self::from)
    }
}

impl SettingValue for Source {
    fn read(json: &Json, folder: &Path) -> Result<Self, String> {
        let path = || SettingValue::read(&json["path"], folder);
        match kind(json)? {
            "mnist" => Ok(Self::Mnist),
            "cifar10_patches" => Ok(Self::Cifar10Patches),
            "npy" => path().map(|path| Self::Npy { path }),
            "npz" => Ok(Self::Npz { path: path()?, array: SettingValue::read(&json["array"], folder)? }),
            "safetensors" => {
                Ok(Self::Safetensors { path: path()?, tensor: SettingValue::read(&json["tensor"], folder)? })
            }
            "csv" => path().map(|path| Self::Csv { path }),
            "images" => ImageFolder::read(json, folder).map(Self::Images),
            "synthetic" => Synthetic::read(json, folder).map(Self::Synthetic),
            _ => unknown(json),
        }
    }
}
