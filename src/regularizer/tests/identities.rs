//! The paper's statements about single models and pairs of models.

use super::network::STEP;
use super::{Network, SIGMA_SQUARED, bias_gradient, spec, specs};
use crate::activation::tests::activations;
use crate::activation::{ActivationKind, ActivationSpec};
use crate::objective::{central_differences, relative_error};
use crate::parameter::Value;
use crate::regularizer::presentation::Presentation;
use crate::regularizer::{RegularizerKind, RegularizerSpec, edae};

#[test]
fn at_unit_norm_cae_and_mdae_differ_by_a_radial_gradient_only() {
    for activation in activations() {
        let network = Network::new(&activation).with_unit_rows();
        let (cae, cae_gradient) = network.evaluate::<f64>(&spec("cae"), SIGMA_SQUARED);
        let (mdae, mdae_gradient) = network.evaluate::<f64>(&spec("mdae"), SIGMA_SQUARED);
        assert!((cae - mdae).abs() < 1e-12);
        let (n, m) = (network.samples[0].len(), network.bias.len());
        for j in 0..m {
            let row = j * n..(j + 1) * n;
            let difference: Vec<f64> =
                cae_gradient[row.clone()].iter().zip(&mdae_gradient[row]).map(|(c, d)| d - c).collect();
            let along: f64 = difference.iter().zip(&network.weights[j]).map(|(d, w)| d * w).sum();
            assert!(along > 0.0, "mDAE pulls harder on the length");
            for (d, w) in difference.iter().zip(&network.weights[j]) {
                assert!((d - along * w).abs() < 1e-12, "{activation:?}: tangential difference");
            }
        }
        for (c, d) in cae_gradient[m * n..].iter().zip(&mdae_gradient[m * n..]) {
            assert!((c - d).abs() < 1e-12, "{activation:?}: biases");
        }
    }
}

#[test]
fn corollary_2_has_no_bias_gradient_under_relu_and_a_positive_one_under_softplus() {
    for spec in [spec("cae"), spec("mdae"), spec("corollary2")] {
        assert!(bias_gradient(&Network::new(ActivationKind::Relu), &spec).iter().all(|g| *g == 0.0));
        assert!(bias_gradient(&Network::new(ActivationKind::Softplus), &spec).iter().all(|g| *g > 1e-6));
    }
}

#[test]
fn corollary_1_never_has_a_negative_bias_gradient() {
    for activation in
        [ActivationKind::Relu, ActivationKind::Sigmoid, ActivationKind::Softplus].map(ActivationSpec::from)
    {
        let network = Network::new(&activation);
        for spec in specs().into_iter().filter(|spec| match spec.kind() {
            RegularizerKind::Corollary1 | RegularizerKind::L1 => true,
            RegularizerKind::KlSae => spec.values().real("rho") == 0.0,
            _ => false,
        }) {
            let gradient = bias_gradient(&network, &spec);
            assert!(gradient.iter().all(|g| *g >= 0.0), "{} under {activation:?}", spec.label());
            assert!(gradient.iter().any(|g| *g > 0.0), "{} under {activation:?}", spec.label());
        }
    }
}

#[test]
fn antithetic_pairs_of_edae_average_to_the_plain_auto_encoder() {
    for activation in activations() {
        let network = Network::new(&activation).with_decoder_bias();
        let parameters = network.parameters::<f64>(true);
        let edae = |sigma| {
            let regularizer = Box::new(edae::FirstOrder::new(sigma, Presentation::Fresh, network.shape()));
            network.evaluate_regularizer(&parameters, regularizer, STEP)
        };
        let ((plus, plus_gradient), (minus, minus_gradient)) = (edae(0.5), edae(-0.5));
        let (plain, plain_gradient) = network.evaluate::<f64>(&RegularizerSpec::none(), 0.0);
        assert!((plus - minus).abs() > 1e-3, "the first-order term is there");
        assert!((0.5 * (plus + minus) - plain).abs() < 1e-12 * plain);
        let average: Vec<f64> =
            plus_gradient.iter().zip(&minus_gradient).map(|(p, m)| 0.5 * (p + m)).collect();
        assert!(relative_error(&average, &plain_gradient) < 1e-13, "{activation:?}");
    }
}

/// Under identity units f(x) = Wᵀ (W x + b) + b_d, so ℓ(x, f(x + d)) = ℓ(x, f(x)) + 2 (f(x) − x)·WᵀW d + ‖WᵀW d‖² without further
/// orders. The second term is odd in d.
#[test]
fn antithetic_pairs_cancel_the_first_order_exactly_under_identity_units() {
    let network = Network::new(ActivationKind::Identity).with_decoder_bias();
    let parameters = network.parameters::<f64>(true);
    let (plain, plain_gradient) = network.evaluate::<f64>(&RegularizerSpec::none(), 0.0);
    let units = 0..network.bias.len();
    let dot = |v: &[f64], w: &[f64]| v.iter().zip(w).map(|(v, w)| v * w).sum::<f64>();
    // E_x ‖WᵀW d‖² with W by rows at the beginning of `flat`.
    let second_order = |flat: &[f64], draws: &[usize]| {
        let weights: Vec<&[f64]> = flat.chunks(network.samples[0].len()).take(units.len()).collect();
        let square = |d: &[f64]| {
            let u: Vec<f64> = weights.iter().map(|row| SIGMA_SQUARED.sqrt() * dot(row, d)).collect();
            let z = |i: usize| units.clone().map(|j| weights[j][i] * u[j]).sum::<f64>();
            (0..d.len()).map(|i| z(i).powi(2)).sum::<f64>()
        };
        let of_draw = |draw: &usize| network.mean_drawn("fresh", *draw, |_, drawn| square(&drawn.normals));
        draws.iter().map(of_draw).sum::<f64>() / draws.len() as f64
    };
    let dae = |draws: u64, pairing| {
        let given = [("draws", Value::Integer(draws)), ("pairing", Value::Choice(pairing))];
        let spec = RegularizerSpec::new(RegularizerKind::Dae, &given).unwrap();
        network.evaluate::<f64>(&spec, SIGMA_SQUARED)
    };
    for (draws, first_of_pairs) in [(2, &[0][..]), (4, &[0, 2])] {
        let (value, gradient) = dae(draws, "antithetic");
        let expected = plain + second_order(&parameters.flatten(), first_of_pairs);
        assert!((value - expected).abs() < 1e-13 * expected, "{draws} draws: {value} is not {expected}");
        let added: Vec<f64> = gradient.iter().zip(&plain_gradient).map(|(g, plain)| g - plain).collect();
        let derivative =
            central_differences(&parameters, |moved| second_order(&moved.flatten(), first_of_pairs));
        assert!(relative_error(&added, &derivative) < 1e-8, "{draws} draws");
    }
    // Independent draws leave a first-order term.
    let (value, _) = dae(2, "independent");
    let rest = value - plain - second_order(&parameters.flatten(), &[0, 1]);
    assert!(rest.abs() > 1e-3, "{rest}");
}

#[test]
fn l1_has_no_gradient_where_a_unit_is_exactly_zero() {
    let mut network = Network::new(ActivationKind::Identity);
    // Every unit maps one sample to 0; the other samples stay.
    network.samples[0].fill(0.0);
    network.bias.fill(0.0);
    for (j, gradient) in bias_gradient(&network, &spec("l1")).into_iter().enumerate() {
        let signs: f64 = network.samples[1..].iter().map(|x| network.hidden(j, x).signum()).sum();
        assert!((gradient - signs / 5.0).abs() < 1e-12, "unit {j}: {gradient}");
    }
}

/// Theorem 3, with eDAE on the same ε as the control for the first-order term: DAE − eDAE → σ² × Eq. 7 in expectation.
#[test]
fn the_dae_adds_equation_7_beyond_first_order() {
    let network = Network::new(ActivationKind::Sigmoid);
    let parameters = network.parameters::<f64>(false);
    let eq7 = network.mean(|x| {
        let units = 0..network.bias.len();
        let dot = |j: usize, v: &[f64]| network.weights[j].iter().zip(v).map(|(w, v)| w * v).sum::<f64>();
        let residual: Vec<f64> = (0..x.len())
            .map(|i| units.clone().map(|j| network.weights[j][i] * network.hidden(j, x)).sum::<f64>() - x[i])
            .collect();
        let mut sum = 0.0;
        for j in units.clone() {
            let (h, slope) = (network.hidden(j, x), network.slope(j, x));
            sum += slope.powi(2) * network.norm(j).powi(4);
            for k in units.clone().filter(|k| *k != j) {
                sum += slope * network.slope(k, x) * dot(j, &network.weights[k]).powi(2);
            }
            // The curvature of the sigmoid.
            sum += dot(j, &residual) * slope * (1.0 - 2.0 * h) * network.norm(j).powi(2);
        }
        sum
    });
    let (dae, edae) = (spec("dae"), spec("edae"));
    let sigma_squared = 1e-6;
    let draws = 20_000;
    let mut samples = Vec::with_capacity(draws);
    for step in 0..draws as u64 {
        let second = network.evaluate_at(&parameters, &dae, sigma_squared, step).0
            - network.evaluate_at(&parameters, &edae, sigma_squared, step).0;
        samples.push(second / sigma_squared);
    }
    let mean = samples.iter().sum::<f64>() / draws as f64;
    let variance = samples.iter().map(|s| (s - mean).powi(2)).sum::<f64>() / (draws - 1) as f64;
    let error = (variance / draws as f64).sqrt();
    assert!(error < 0.05 * eq7.abs(), "the test can't tell {eq7} from 0: ± {error}");
    assert!((mean - eq7).abs() < 4.0 * error, "{mean} ± {error} is not {eq7}");
}
