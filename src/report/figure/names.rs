//! Names of data sets, models and settings as papers write them.

use crate::activation::ActivationKind;
use crate::regularizer::RegularizerKind;
use crate::report::catalogue::{DATASETS, half};

/// The data set as the paper writes it.
pub(in crate::report) fn dataset(name: &str) -> String {
    half(name).map_or(name, |half| DATASETS[half].1).to_owned()
}

/// The activation as papers write it: `ReLU`, `leaky ReLU (slope=0.2)`.
pub(in crate::report) fn activation(label: &str) -> String {
    named(label, |name| match ActivationKind::from_name(name) {
        Some(ActivationKind::Relu) => "ReLU",
        Some(ActivationKind::Elu) => "ELU",
        Some(ActivationKind::LeakyRelu) => "leaky ReLU",
        Some(ActivationKind::Gelu) => "GELU",
        Some(ActivationKind::Silu) => "SiLU",
        _ => name,
    })
}

/// `no constraint`, `unit norm`, `max norm (radius=2)`.
pub(in crate::report) fn constraint(label: &str) -> String {
    if label == "none" { "no constraint".to_owned() } else { label.replace('_', " ").replace('(', " (") }
}

/// The model's name in the paper with the parameters of its label: `SAE (rho=0.05)` for `kl_sae(rho=0.05)`.
pub(in crate::report) fn legend(label: &str) -> String {
    named(label, |name| RegularizerKind::from_name(name).map_or(name, |kind| kind.legend()))
}

/// A label with its name replaced, and its parameters set apart.
fn named<'l>(label: &'l str, rename: impl Fn(&'l str) -> &'l str) -> String {
    let (name, parameters) = label.split_at(label.find('(').unwrap_or(label.len()));
    format!("{} {}", rename(name), parameters.replace(',', ", ")).trim_end().to_owned()
}
