//! Data sets, models and settings as papers write them.

use crate::activation::ActivationKind;
use crate::regularizer::RegularizerKind;

/// The data set as the paper writes it.
pub(in crate::report) fn dataset(name: &str) -> String {
    match name {
        "mnist" => "MNIST",
        "cifar10" => "CIFAR-10",
        other => other,
    }
    .to_owned()
}

/// The activation as papers write it: `ReLU`, `leaky ReLU (slope=0.2)`.
pub(in crate::report) fn activation(label: &str) -> String {
    let (name, parameters) = label.split_at(label.find('(').unwrap_or(label.len()));
    let name = match ActivationKind::from_name(name) {
        Some(ActivationKind::Relu) => "ReLU",
        Some(ActivationKind::Elu) => "ELU",
        Some(ActivationKind::LeakyRelu) => "leaky ReLU",
        Some(ActivationKind::Gelu) => "GELU",
        Some(ActivationKind::Silu) => "SiLU",
        _ => name,
    };
    with_parameters(name, parameters)
}

/// A legend with the parameters of a label: `SAE (rho=0.05)`.
fn with_parameters(name: &str, parameters: &str) -> String {
    if parameters.is_empty() { name.to_owned() } else { format!("{name} {}", parameters.replace(',', ", ")) }
}

/// `no constraint`, `unit norm`, `max norm (radius=2)`.
pub(in crate::report) fn constraint(label: &str) -> String {
    if label == "none" { "no constraint".to_owned() } else { label.replace('_', " ").replace('(', " (") }
}

/// The model's name in the paper with the parameters of its label: `SAE (rho=0.05)` for `kl_sae(rho=0.05)`.
pub(in crate::report) fn legend(label: &str) -> String {
    let (name, parameters) = label.split_at(label.find('(').unwrap_or(label.len()));
    let name = RegularizerKind::from_name(name).map_or(name, |kind| kind.legend());
    with_parameters(name, parameters)
}
