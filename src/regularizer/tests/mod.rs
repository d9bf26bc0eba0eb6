//! Every regularizer of the catalogue, under every activation, against evidence that shares no code with it: central
//! differences of the production objective, scalar-loop oracles of the paper's equations, and the paper's identities.

mod identities;
mod network;
mod objective;

pub(super) use network::Network;

use super::{RegularizerKind, RegularizerSpec, Value, Values};
use crate::activation::ActivationSpec;

/// Test data of a model: parameters and an oracle.
pub(super) trait TestedModel {
    /// Values of its parameters for the tests.
    fn examples() -> Vec<Vec<(&'static str, Value)>> {
        vec![vec![]]
    }

    /// The whole objective J in scalar loops, by the paper's equation.
    fn oracle(network: &Network, values: &Values, sigma_squared: f64) -> f64;
}

const SIGMA_SQUARED: f64 = 0.3;

/// Every regularizer with each of its examples.
fn specs() -> Vec<RegularizerSpec> {
    let examples = |kind: RegularizerKind| {
        kind.examples()
            .into_iter()
            .map(move |given| RegularizerSpec::new(kind, &given).expect("an accepted example"))
    };
    RegularizerKind::ALL.iter().copied().flat_map(examples).collect()
}

fn spec(name: &str) -> RegularizerSpec {
    RegularizerSpec::new(RegularizerKind::from_name(name).unwrap(), &[]).unwrap()
}

/// The network of `activation` with dense and sparse products, each with every regularizer.
fn ways_and_specs(activation: &ActivationSpec) -> impl Iterator<Item = (Network, RegularizerSpec)> {
    let ways = Network::new(activation).with_decoder_bias().ways();
    ways.into_iter().flat_map(|network| specs().into_iter().map(move |spec| (network.clone(), spec)))
}

/// ∂R/∂b_j of a model: its bias gradient minus the plain auto-encoder's.
fn bias_gradient(network: &Network, spec: &RegularizerSpec) -> Vec<f64> {
    let (_, with) = network.evaluate::<f64>(spec, 1.0);
    let (_, without) = network.evaluate::<f64>(&RegularizerSpec::none(), 1.0);
    let start = network.bias.len() * network.samples[0].len();
    let biases = start..start + network.bias.len();
    with[biases.clone()].iter().zip(&without[biases]).map(|(with, without)| with - without).collect()
}

#[test]
fn names_and_legends_are_unique_and_found_again() {
    let mut names: Vec<&str> =
        RegularizerKind::ALL.iter().flat_map(|kind| [kind.name(), kind.legend()]).collect();
    for kind in RegularizerKind::ALL {
        assert_eq!(RegularizerKind::from_name(kind.name()), Some(*kind));
        assert!(!kind.source().is_empty());
    }
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), count);
}

#[test]
fn kl_targets_outside_of_their_range_are_refused() {
    let real = |name, x| (name, Value::Real(x));
    for (given, word) in [
        (vec![real("rho", 0.999)], "less than `rho_max`"),
        (vec![real("rho", 1e-4)], "more than `rho_min`"),
        (vec![real("rho", 1.0)], "[0, 1)"),
        (vec![real("rho", f64::NAN)], "[0, 1)"),
    ] {
        let message = RegularizerSpec::new(RegularizerKind::KlSae, &given).unwrap_err();
        assert!(message.contains(word), "{message}");
    }
}
