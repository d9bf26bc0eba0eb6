//! Theorem 3, Remarks 1 and 2, §3.1.1.

use super::{TestNetwork, assert_close, derivative, spec};
use crate::activation::tests::activations;
use crate::activation::{ActivationKind, ActivationSpec};
use crate::objective::Objective;
use crate::random::Noise;
use crate::regularizer::{RegularizerKind, RegularizerSpec, Shape, Step};
use crate::state::{GradientBuffer, Parameters};
use crate::theory::{Ledger, TaylorLedger};
use ndarray::Array1;

const SMOOTH: [ActivationKind; 5] = [
    ActivationKind::Sigmoid,
    ActivationKind::Softplus,
    ActivationKind::Tanh,
    ActivationKind::Gelu,
    ActivationKind::Silu,
];

impl TestNetwork {
    fn ledgers(&self, sigmas_squared: &[f64], draws: usize) -> Vec<Ledger> {
        let mut ledger =
            TaylorLedger::new(&self.activation, self.parameters.inputs(), self.parameters.hidden());
        ledger.measure(self.samples.view(), &self.parameters, sigmas_squared, &Noise::new(77), draws)
    }
}

/// The three terms of Eq. 7 by loops over all indices.
fn equation_7(lab: &TestNetwork) -> [f64; 3] {
    let (n, w) = (lab.parameters.inputs(), lab.parameters.weights());
    let mut sums = [0.0; 3];
    for x in lab.samples.rows() {
        let jets: Vec<_> = lab.units().map(|j| lab.activation.jet(lab.pre_activation(x, j))).collect();
        let error = Array1::from(lab.error(x, &lab.codes(x)));
        for j in lab.units() {
            sums[0] += jets[j].slope.powi(2) * lab.length(j).powi(4);
            for k in lab.units().filter(|k| *k != j) {
                sums[1] += jets[j].slope * jets[k].slope * w.row(j).dot(&w.row(k)).powi(2);
            }
        }
        for i in 0..n {
            // Wᵀ (h'' ∘ Wⁱ ∘ Wⁱ).
            let bent: Array1<f64> = lab.units().map(|j| jets[j].curvature * w[[j, i]].powi(2)).collect();
            sums[2] += error.dot(&w.t().dot(&bent));
        }
    }
    sums.map(|sum| sum / lab.samples.nrows() as f64)
}

#[test]
fn the_second_order_terms_equal_equation_7() {
    for activation in activations() {
        let lab = TestNetwork::new(&activation, 301, [130, 5, 4]);
        let ledger = &lab.ledgers(&[0.25], 2)[0];
        let found = [ledger.own, ledger.cross, ledger.curvature];
        for ((found, expected), name) in found.iter().zip(equation_7(&lab)).zip(["own", "cross", "curvature"])
        {
            assert_close(*found, 0.25 * expected, 1e-12, &format!("{name} under {activation:?}"));
        }
        assert_close(ledger.plain, lab.loss(), 1e-13, "J_AE");
    }
}

/// The gradient of each term; the gradient of their sum is tested together with the penalties.
#[test]
fn the_gradients_of_the_terms_are_their_derivatives() {
    use crate::theory::{clean::CleanPass, second_order::SecondOrder};
    for activation in SMOOTH.map(ActivationSpec::from) {
        let lab = TestNetwork::new(&activation, 303, [60, 5, 4]);
        let mut clean = CleanPass::new(&activation, 5, 4, true);
        let terms =
            SecondOrder::new(&activation, 5, 4).measure(&mut clean, &lab.parameters, lab.samples.view());
        for j in lab.units() {
            let gradients = [terms.own_gradient[j], terms.cross_gradient[j], terms.curvature_gradient[j]];
            for (place, gradient) in gradients.into_iter().enumerate() {
                let expected = derivative(|h| equation_7(&lab.moved(j, h))[place]);
                assert_close(gradient, expected, 1e-7, &format!("term {place}, unit {j}, {activation:?}"));
            }
        }
    }
}

/// A linear auto-encoder's loss is quadratic in the noise, so J_DAE = J_AE + σ² ‖WᵀW‖² exactly.
#[test]
fn without_curvature_there_is_no_remainder() {
    let lab = TestNetwork::new(ActivationKind::Identity, 305, [150, 5, 3]);
    let w = lab.parameters.weights();
    let frobenius: f64 = w.t().dot(&w).iter().map(|x| x * x).sum();
    for ledger in lab.ledgers(&[0.01, 1.0], 40) {
        assert_close(ledger.own + ledger.cross, ledger.sigma_squared * frobenius, 1e-12, "‖WᵀW‖²");
        assert_eq!(ledger.curvature, 0.0);
        assert!(ledger.remainder.mean.abs() < 1e-12 && ledger.remainder.standard_error < 1e-12);
        assert_adds_up(&ledger, "identity");
    }
}

/// Agreement within four standard errors; almost all noise is in the first two orders.
fn assert_adds_up(ledger: &Ledger, label: &str) {
    let second = ledger.own + ledger.cross + ledger.curvature;
    let gap = ledger.corrupted.mean - ledger.plain - second - ledger.remainder.mean;
    let error = ledger.corrupted.standard_error;
    assert!(gap.abs() < 4.0 * error + 1e-12, "{label}: {gap} ± {error}");
    let first = ledger.first_order;
    assert!(first.mean.abs() < 4.0 * first.standard_error, "{label}: {first:?}");
    let drawn = ledger.second_order;
    assert!((drawn.mean - second).abs() < 4.0 * drawn.standard_error, "{label}: {drawn:?} for {second}");
    assert!(drawn.standard_error < 0.1 * second.abs(), "{label}: the test can't tell {second} from 0");
}

#[test]
fn the_ledger_adds_up_to_the_monte_carlo_loss() {
    for activation in SMOOTH.map(ActivationSpec::from) {
        let lab = TestNetwork::new(&activation, 307, [250, 6, 5]);
        for ledger in lab.ledgers(&[1e-4, 0.0025, 0.01], 200) {
            assert_adds_up(&ledger, &format!("{activation:?}, {}", ledger.sigma_squared));
            let second = ledger.own + ledger.cross + ledger.curvature;
            let share = ledger.remainder.mean.abs() / second.abs();
            assert!(share < 0.1, "{activation:?}: the remainder is {share} of the second order");
        }
    }
}

/// Halving σ divides the remainder after Eq. 7 by 16, because the third order is odd and averages to 0.
#[test]
fn the_remainder_is_of_fourth_order_where_the_activation_is_smooth() {
    let smooth = SMOOTH.map(|activation| (activation, 250));
    // The jump of ELU's s'' averages out over enough samples.
    for (activation, samples) in smooth.into_iter().chain([(ActivationKind::Elu, 30_000)]) {
        let ledgers = TestNetwork::new(activation, 309, [samples, 6, 5]).ledgers(&[0.01, 0.04], 100);
        let [half, whole] = [0, 1].map(|k| ledgers[k].remainder);
        assert!(whole.mean.abs() > 4.0 * whole.standard_error, "{activation:?}: {whole:?}");
        let ratio = whole.mean / half.mean;
        assert!((12.0..18.0).contains(&ratio), "{activation:?}: {ratio}");
    }
}

/// The kinks of ReLU and leaky ReLU contribute at second order, which the pointwise s'' = 0 doesn't include.
#[test]
fn the_remainder_of_a_relu_leaky_or_not_is_of_second_order() {
    for activation in [ActivationKind::Relu, ActivationKind::LeakyRelu].map(ActivationSpec::from) {
        let ledgers = TestNetwork::new(&activation, 311, [2000, 6, 5]).ledgers(&[0.01, 0.04], 40);
        let [half, whole] = [0, 1].map(|k| ledgers[k].remainder);
        assert_eq!(ledgers[0].curvature, 0.0);
        assert!(half.mean.abs() > 4.0 * half.standard_error, "{activation:?}: {half:?}");
        let ratio = whole.mean / half.mean;
        assert!((2.0..8.0).contains(&ratio), "{activation:?}: {ratio}");
    }
}

#[test]
fn without_noise_nothing_is_added() {
    for activation in activations() {
        let ledger = &TestNetwork::new(&activation, 313, [20, 4, 3]).ledgers(&[0.0], 3)[0];
        assert_close(ledger.corrupted.mean, ledger.plain, 1e-13, "loss");
        let others = [ledger.first_order.mean, ledger.second_order.mean, ledger.own, ledger.cross];
        assert_eq!(others, [0.0; 4]);
        assert!(ledger.remainder.mean.abs() < 1e-12);
    }
}

/// On one batch with the same noise the drawn terms equal those of the production models DAE and eDAE.
#[test]
fn drawn_terms_are_the_objectives_of_dae_and_edae() {
    let (samples, inputs, hidden, sigma_squared) = (80, 5, 4, 0.09);
    let shape = Shape { batch: samples, inputs, hidden };
    for activation in activations() {
        let lab = TestNetwork::new(&activation, 315, [samples, inputs, hidden]);
        let noise = Noise::new(77);
        let evaluate = |kind, number| {
            let spec: RegularizerSpec = spec(kind);
            let mut objective = Objective::new(&activation, spec.build(sigma_squared, shape), shape);
            let mut buffer = GradientBuffer::zeros(&lab.parameters);
            let step = Step { noise: &noise, number, samples: &[0; 80] };
            let value =
                objective.evaluate(&lab.parameters, lab.samples.view(), step, &mut buffer.accumulate(1.0));
            (value, buffer.bias)
        };
        let ledger = &lab.ledgers(&[sigma_squared], 2)[0];
        let (plain, plain_gradient) = evaluate(RegularizerKind::None, 0);
        let dae = [0, 1].map(|number| evaluate(RegularizerKind::Dae, number).0);
        assert_close(ledger.corrupted.mean, f64::midpoint(dae[0], dae[1]), 1e-12, "DAE");
        assert_close(ledger.corrupted.standard_error, (dae[0] - dae[1]).abs() / 2.0, 1e-11, "error of two");
        let edae = [0, 1].map(|number| evaluate(RegularizerKind::Edae, number));
        assert_close(ledger.first_order.mean, f64::midpoint(edae[0].0, edae[1].0) - plain, 1e-12, "eDAE");
        for j in lab.units() {
            let drawn = [0, 1].map(|k: usize| edae[k].1[j] - plain_gradient[j]);
            assert_close(
                ledger.first_order_gradient[j],
                f64::midpoint(drawn[0], drawn[1]),
                1e-12,
                "gradient",
            );
            let deviation = (drawn[0] - drawn[1]).abs() / 2.0_f64.sqrt();
            assert_close(ledger.first_order_gradient_deviation[j], deviation, 1e-11, "deviation");
        }
    }
}

/// The gradient from a finite sample of noise has mean 0 and a spread that falls with the root of the number of samples.
#[test]
fn the_first_order_gradient_is_all_spread() {
    let lab = TestNetwork::new(ActivationKind::Relu, 317, [200, 6, 5]);
    let ledger = &lab.ledgers(&[0.25], 400)[0];
    assert!(ledger.second_order_gradient.iter().all(|g| *g == 0.0), "ReLU has no other");
    let small = TestNetwork { samples: lab.samples.slice(ndarray::s![..50, ..]).to_owned(), ..lab.clone() };
    let of_small = &small.ledgers(&[0.25], 400)[0].first_order_gradient_deviation;
    let scaled = ledger.first_order_deviation(50);
    for j in lab.units() {
        let deviation = ledger.first_order_gradient_deviation[j];
        assert!(ledger.first_order_gradient[j].abs() < 4.0 * deviation / 20.0 && deviation > 0.0);
        // The samples differ, and each deviation is from 400 draws.
        assert!((of_small[j] / scaled[j] - 1.0).abs() < 0.35, "{} {}", of_small[j], scaled[j]);
    }
}

/// Remark 1: the penalty of CAE is E‖∂h/∂x‖², the Jacobian by central differences.
#[test]
fn remark_1_holds() {
    for activation in activations() {
        let lab = TestNetwork::new(&activation, 319, [40, 4, 3]);
        let mut sum = 0.0;
        for x in lab.samples.rows() {
            for i in 0..4 {
                for j in lab.units() {
                    let along = |h: f64| {
                        let mut x = x.to_owned();
                        x[i] += h;
                        lab.codes(x.view())[j]
                    };
                    sum += derivative(along).powi(2);
                }
            }
        }
        let found = lab.measure(&spec(RegularizerKind::Cae), 1.0).penalty.unwrap();
        assert_close(found, sum / 40.0, 1e-7, &format!("{activation:?}"));
    }
}

/// Remark 2: Eq. 10, with derivatives by differences of the loss, equals mDAE's penalty and the first term of Eq. 7.
#[test]
fn remark_2_holds() {
    for activation in activations() {
        let lab = TestNetwork::new(&activation, 321, [40, 4, 3]);
        let mut sum = 0.0;
        for x in lab.samples.rows() {
            let codes = lab.codes(x);
            for j in lab.units() {
                let loss = |h: f64| {
                    let mut codes = codes.clone();
                    codes[j] += h;
                    lab.error(x, &codes).iter().map(|e| e * e).sum::<f64>()
                };
                // The loss is quadratic in h, so a wide step is exact.
                let second = loss(1.0) - 2.0 * loss(0.0) + loss(-1.0);
                for i in 0..4 {
                    let along = |h: f64| {
                        let mut x = x.to_owned();
                        x[i] += h;
                        lab.codes(x.view())[j]
                    };
                    sum += 0.5 * second * derivative(along).powi(2);
                }
            }
        }
        let found = lab.measure(&spec(RegularizerKind::Mdae), 1.0).penalty.unwrap();
        assert_close(found, sum / 40.0, 1e-7, &format!("{activation:?}"));
        assert_close(found, equation_7(&lab)[0], 1e-12, "Eq. 7's first term");
        // One unit has no cross term; without the residual's curvature the term is all of Eq. 7.
        let weights = lab.parameters.weights().slice(ndarray::s![..1, ..]).to_owned();
        let parameters = Parameters::new(weights.view(), vec![0.1], vec![]);
        let single = TestNetwork { parameters, ..lab };
        assert!(equation_7(&single)[1].abs() < 1e-15);
    }
}
