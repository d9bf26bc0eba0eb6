//! Values and gradients of every regularizer, in the objective and measured.

use super::network::STEP;
use super::{Network, SIGMA_SQUARED, bias_gradient, specs, ways_and_specs};
use crate::activation::ActivationKind;
use crate::activation::tests::activations;
use crate::objective::{central_differences, relative_error};
use crate::real::Real;
use crate::regularizer::{Forward, RegularizerKind, RegularizerSpec};
use ndarray::{Array2, s};

#[test]
fn gradients_are_the_derivatives_of_the_objective() {
    for activation in activations() {
        for decoder_bias in [false, true] {
            for (network, spec) in ways_and_specs(&activation) {
                let parameters = network.parameters::<f64>(decoder_bias);
                let (_, gradient) = network.evaluate_at(&parameters, &spec, SIGMA_SQUARED, STEP);
                let differences = central_differences(&parameters, |moved| {
                    network.evaluate_at(moved, &spec, SIGMA_SQUARED, STEP).0
                });
                let error = relative_error(&gradient, &differences);
                let label = spec.label();
                assert!(error < 1e-7, "{label} under {activation:?}, decoder bias {decoder_bias}: {error:e}");
            }
        }
    }
}

#[test]
fn values_follow_the_papers_equations() {
    for activation in activations() {
        for (network, spec) in ways_and_specs(&activation) {
            let (value, _) = network.evaluate::<f64>(&spec, SIGMA_SQUARED);
            let expected = spec.kind().oracle(&network, spec.values(), SIGMA_SQUARED);
            // The oracle of eDAE is a numerical derivative; the other models differ by rounding only.
            let error = (value - expected).abs() / expected.abs();
            assert!(error < 1e-9, "{} under {activation:?}: {value} is not {expected}", spec.label());
        }
    }
}

#[test]
fn the_measured_penalty_on_clean_data_follows_the_papers_equations() {
    for activation in activations() {
        let network = Network::new(&activation).with_decoder_bias();
        let parameters = network.parameters::<f64>(true);
        for spec in specs() {
            let mut regularizer = spec.build::<f64>(SIGMA_SQUARED, network.shape());
            let array = |f: fn(&Network, usize, &[f64]) -> f64| {
                let shape = (network.samples.len(), network.bias.len());
                Array2::from_shape_fn(shape, |(b, j)| f(&network, j, &network.samples[b]))
            };
            let (hidden, slope) = (array(Network::hidden), array(Network::slope));
            let (batch, empty) = (network.batch::<f64>(), Array2::zeros((0, network.bias.len())));
            // Two batches of different size, because E_x is over all samples, not the mean of the batches' values.
            for rows in [0..2, 2..5] {
                regularizer.measure(&Forward {
                    target: batch.slice(s![rows.clone(), ..]),
                    hidden: hidden.slice(s![rows.clone(), ..]),
                    slope: slope.slice(s![rows, ..]),
                    curvature: empty.view(),
                    parameters: &parameters,
                });
            }
            let without_term =
                matches!(spec.kind(), RegularizerKind::None | RegularizerKind::Dae | RegularizerKind::Edae);
            assert_eq!(regularizer.has_penalty(), !without_term, "{}", spec.label());
            if regularizer.has_penalty() {
                let expected =
                    spec.kind().oracle(&network, spec.values(), SIGMA_SQUARED) - network.reconstruction();
                let penalty = regularizer.measured();
                assert!((penalty - expected).abs() < 1e-9 * expected.abs().max(1.0), "{}", spec.label());
            }
        }
    }
}

/// Theorem 1's ∂R/∂b_j, against the adjoint path of the production objective with all samples in one batch.
#[test]
fn the_measured_bias_gradient_is_what_the_penalty_adds_to_the_objectives() {
    for activation in activations() {
        let network = Network::new(&activation).with_decoder_bias();
        let parameters = network.parameters::<f64>(false);
        let (samples, m) = (network.samples.len(), network.bias.len());
        let jets = Array2::from_shape_fn((samples, m), |(b, j)| {
            activation.jet(network.pre_activation(j, &network.samples[b]))
        });
        let [hidden, slope, curvature] =
            [jets.mapv(|jet| jet.value), jets.mapv(|jet| jet.slope), jets.mapv(|jet| jet.curvature)];
        let batch = network.batch::<f64>();
        for spec in specs() {
            let mut regularizer = spec.build::<f64>(SIGMA_SQUARED, network.shape());
            // Twice, because a measurement ends with its result; in two batches, because E_x is over all samples.
            for _ in 0..2 {
                for rows in [0..2, 2..5] {
                    regularizer.measure_bias_gradient(&Forward {
                        target: batch.slice(s![rows.clone(), ..]),
                        hidden: hidden.slice(s![rows.clone(), ..]),
                        slope: slope.slice(s![rows.clone(), ..]),
                        curvature: curvature.slice(s![rows, ..]),
                        parameters: &parameters,
                    });
                }
                let label = format!("{} under {activation:?}", spec.label());
                let has_gradient = regularizer.has_bias_gradient();
                assert_eq!(
                    has_gradient,
                    regularizer.has_penalty(),
                    "{label}: a penalty or its gradient alone"
                );
                if !has_gradient {
                    continue;
                }
                let measured = regularizer.measured_bias_gradient();
                let mut network = network.clone();
                network.decoder_bias.fill(0.0);
                for (measured, expected) in measured.iter().zip(bias_gradient(&network, &spec)) {
                    let expected = SIGMA_SQUARED * expected;
                    assert!((measured - expected).abs() < 1e-12, "{label}: {measured} is not {expected}");
                }
            }
        }
    }
}

#[test]
fn at_coefficient_zero_every_model_is_the_plain_auto_encoder_bit_for_bit() {
    fn bits<F: Real>(network: &Network, spec: &RegularizerSpec) -> (u64, Vec<u64>) {
        let (value, gradient) = network.evaluate::<F>(spec, 0.0);
        (value.to_bits(), gradient.iter().map(|g| g.as_f64().to_bits()).collect())
    }
    for activation in activations() {
        let network = Network::new(&activation);
        for spec in specs() {
            let label = spec.label();
            assert_eq!(
                bits::<f64>(&network, &spec),
                bits::<f64>(&network, &RegularizerSpec::none()),
                "{label}"
            );
            assert_eq!(
                bits::<f32>(&network, &spec),
                bits::<f32>(&network, &RegularizerSpec::none()),
                "{label}"
            );
        }
    }
}

/// In single precision, because only then kernels compute the sparse products.
#[test]
fn skipping_inactive_units_changes_only_rounding() {
    let [dense, sparse] =
        Network::new(ActivationKind::Relu).with_decoder_bias().ways().try_into().ok().unwrap();
    for spec in specs() {
        let (value, gradient) = dense.evaluate::<f32>(&spec, SIGMA_SQUARED);
        let (sparse_value, sparse_gradient) = sparse.evaluate::<f32>(&spec, SIGMA_SQUARED);
        let wide = |values: Vec<f32>| values.into_iter().map(f64::from).collect::<Vec<f64>>();
        let error = relative_error(&wide(sparse_gradient), &wide(gradient));
        assert!(error < 1e-6, "{}: {error:e}", spec.label());
        assert!((sparse_value - value).abs() < 1e-6 * value.abs(), "{}", spec.label());
    }
}
