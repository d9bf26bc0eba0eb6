//! Every regularizer of the catalogue, under every activation, against evidence that shares no code with it: central
//! differences of the production objective, scalar-loop oracles of the paper's equations, and the paper's identities.

use super::presentation::Presentation;
use super::*;
use crate::activation::ActivationKind;
use crate::objective::{Objective, central_differences, relative_error};
use crate::state::GradientBuffer;
use ndarray::{Array2, s};

/// What the tests ask of each model of the catalogue.
pub(super) trait Tested {
    /// Parameters to test it with.
    fn examples() -> Vec<Vec<(&'static str, Value)>> {
        vec![vec![]]
    }

    /// The whole objective J in scalar loops, written from the paper's equation.
    fn oracle(network: &Network, values: &Values, sigma_squared: f64) -> f64;
}

/// What noise has for one sample.
#[derive(Clone)]
pub(super) struct Drawn {
    /// ε.
    pub(super) normals: Vec<f64>,
    /// Uniform on 0 … 2³² − 1.
    pub(super) words: Vec<u32>,
}

impl Drawn {
    /// Of as many rows as there are `numbers`, the values of each as they follow in `noise`.
    fn rows(noise: Noise, numbers: &[u64], inputs: usize) -> Vec<Self> {
        let mut drawn = Vec::new();
        for run in numbers.chunk_by(|a, b| a == b) {
            let (mut normals, mut words) = (vec![0.0; run.len() * inputs], vec![0; run.len() * inputs]);
            noise.fill(run[0], &mut normals);
            noise.fill_words(run[0], &mut words);
            let rows = normals.chunks(inputs).zip(words.chunks(inputs));
            drawn.extend(rows.map(|(e, w)| Self { normals: e.to_vec(), words: w.to_vec() }));
        }
        drawn
    }
}

/// A tiny auto-encoder and its samples in plain vectors, for oracles in scalar loops.
#[derive(Clone)]
pub(super) struct Network {
    pub(super) activation: ActivationKind,
    /// x, one vector a sample.
    pub(super) samples: Vec<Vec<f64>>,
    /// The noise of the samples, keyed by [`STEP`] and by [`INDICES`].
    fresh: Vec<Drawn>,
    fixed: Vec<Drawn>,
    /// W_j.
    pub(super) weights: Vec<Vec<f64>>,
    /// b_e.
    pub(super) bias: Vec<f64>,
    /// b_d.
    pub(super) decoder_bias: Vec<f64>,
    /// Whether products leave out inactive pairs of sample and unit, however many are active.
    sparse: bool,
}

const STEP: u64 = 11;
const SEED: u64 = 4;
/// Of the samples in their training set.
const INDICES: [u32; 5] = [7, 2, 40, 0, 19];

impl Network {
    /// B = 5 samples of n = 6 inputs, m = 4 hidden units, no pre-activation close to ReLU's kink.
    fn new(activation: ActivationKind) -> Self {
        let (batch, inputs, hidden) = (5, 6, 4);
        let rows = |seed, rows, columns, scale: f64| -> Vec<Vec<f64>> {
            let mut values = vec![0.0; rows * columns];
            Noise::new(seed).fill(0, &mut values);
            values.chunks(columns).map(|row| row.iter().map(|x| scale * x).collect()).collect()
        };
        let fresh = Drawn::rows(Noise::new(SEED), &[STEP; 5], inputs);
        let fixed = Drawn::rows(Noise::new(SEED).by_sample(), &INDICES.map(u64::from), inputs);
        let candidates = (1000..).map(|seed| Self {
            activation,
            samples: rows(seed, batch, inputs, 1.0),
            fresh: fresh.clone(),
            fixed: fixed.clone(),
            weights: rows(seed + 1_000_000, hidden, inputs, 0.4),
            bias: rows(seed + 2_000_000, 1, hidden, 0.5).remove(0),
            decoder_bias: vec![0.0; inputs],
            sparse: false,
        });
        let far_from_kinks = |network: &Self| {
            let mut seen = vec![network.batch::<f64>()];
            seen.extend(specs().iter().filter_map(|spec| network.corrupted(spec)));
            let far = |x: &[f64]| (0..hidden).all(|j| network.pre_activation(j, x).abs() > 0.01);
            seen.iter().all(|batch| batch.rows().into_iter().all(|x| far(x.as_slice().unwrap())))
        };
        candidates.take(10_000).find(far_from_kinks).expect("some network is far from the kinks")
    }

    /// The batch as the encoder sees it under `spec`, if it corrupts.
    fn corrupted(&self, spec: &RegularizerSpec) -> Option<Array2<f64>> {
        let mut regularizer = spec.build::<f64>(SIGMA_SQUARED, self.shape());
        regularizer.prepare(self.batch().view());
        let (noise, mut corrupted) = (Noise::new(SEED), self.batch());
        let step = Step { noise: &noise, number: STEP, samples: &INDICES };
        regularizer.corrupt(self.batch().view(), step, corrupted.view_mut()).then_some(corrupted)
    }

    fn with_decoder_bias(mut self) -> Self {
        self.decoder_bias = (0..self.samples[0].len()).map(|i| 0.3 - 0.1 * i as f64).collect();
        self
    }

    /// The same network with dense and, where its activation vanishes, with sparse products.
    fn ways(mut self) -> Vec<Self> {
        let dense = self.clone();
        self.sparse = true;
        if self.activation.vanishes() { vec![dense, self] } else { vec![dense] }
    }

    fn with_unit_rows(mut self) -> Self {
        for j in 0..self.bias.len() {
            let norm = self.norm(j);
            self.weights[j].iter_mut().for_each(|w| *w /= norm);
        }
        self
    }

    fn pre_activation(&self, j: usize, x: &[f64]) -> f64 {
        self.bias[j] + self.weights[j].iter().zip(x).map(|(w, x)| w * x).sum::<f64>()
    }

    /// h_j by the textbook formula.
    pub(super) fn hidden(&self, j: usize, x: &[f64]) -> f64 {
        let a = self.pre_activation(j, x);
        match self.activation {
            ActivationKind::Relu => a.max(0.0),
            ActivationKind::Sigmoid => 1.0 / (1.0 + (-a).exp()),
            ActivationKind::Softplus => (1.0 + a.exp()).ln(),
            ActivationKind::Tanh => a.tanh(),
            ActivationKind::Identity => a,
            ActivationKind::Elu => a.max(0.0) + (a.min(0.0).exp() - 1.0),
            ActivationKind::LeakyRelu => a.max(0.01 * a),
            ActivationKind::Gelu => a * normal_distribution(a),
            ActivationKind::Silu => a / (1.0 + (-a).exp()),
            ActivationKind::Registered(_) => unreachable!("none is in the catalogue"),
        }
    }

    /// ∂h_j/∂a_j by the textbook formula.
    pub(super) fn slope(&self, j: usize, x: &[f64]) -> f64 {
        let (a, h) = (self.pre_activation(j, x), self.hidden(j, x));
        match self.activation {
            ActivationKind::Relu => f64::from(u8::from(a > 0.0)),
            ActivationKind::Sigmoid => h * (1.0 - h),
            ActivationKind::Softplus => 1.0 / (1.0 + (-a).exp()),
            ActivationKind::Tanh => 1.0 - h * h,
            ActivationKind::Identity => 1.0,
            ActivationKind::Elu => a.min(0.0).exp(),
            ActivationKind::LeakyRelu => 0.01 + 0.99 * f64::from(u8::from(a > 0.0)),
            ActivationKind::Gelu => {
                let density = (-a * a / 2.0).exp() / (2.0 * std::f64::consts::PI).sqrt();
                normal_distribution(a) + a * density
            }
            ActivationKind::Silu => {
                let sigmoid = 1.0 / (1.0 + (-a).exp());
                sigmoid + h * (1.0 - sigmoid)
            }
            ActivationKind::Registered(_) => unreachable!("none is in the catalogue"),
        }
    }

    pub(super) fn norm(&self, j: usize) -> f64 {
        self.weights[j].iter().map(|w| w * w).sum::<f64>().sqrt()
    }

    /// ‖x − f(seen)‖².
    pub(super) fn loss(&self, x: &[f64], seen: &[f64]) -> f64 {
        let output = |i: usize| {
            let units = 0..self.bias.len();
            self.decoder_bias[i] + units.map(|j| self.weights[j][i] * self.hidden(j, seen)).sum::<f64>()
        };
        (0..x.len()).map(|i| (x[i] - output(i)).powi(2)).sum()
    }

    /// E_x of a function of a sample.
    pub(super) fn mean(&self, f: impl Fn(&[f64]) -> f64) -> f64 {
        self.samples.iter().map(|x| f(x)).sum::<f64>() / self.samples.len() as f64
    }

    /// E_x of a function of a sample and its `fresh` or `fixed` noise.
    pub(super) fn mean_drawn(&self, noise: &str, f: impl Fn(&[f64], &Drawn) -> f64) -> f64 {
        let drawn = if noise == "fixed" { &self.fixed } else { &self.fresh };
        self.samples.iter().zip(drawn).map(|(x, drawn)| f(x, drawn)).sum::<f64>() / self.samples.len() as f64
    }

    /// E_x ‖x − f(x)‖².
    pub(super) fn reconstruction(&self) -> f64 {
        self.mean(|x| self.loss(x, x))
    }

    /// ρ_j.
    pub(super) fn mean_hidden(&self) -> Vec<f64> {
        (0..self.bias.len()).map(|j| self.mean(|x| self.hidden(j, x))).collect()
    }

    fn shape(&self) -> Shape {
        Shape { batch: self.samples.len(), inputs: self.samples[0].len(), hidden: self.bias.len() }
    }

    fn parameters<F: Real>(&self, with_decoder_bias: bool) -> Parameters<F> {
        let weights = Array2::from_shape_fn((self.bias.len(), self.samples[0].len()), |(j, i)| {
            F::from_f64(self.weights[j][i])
        });
        let vector = |values: &[f64]| values.iter().map(|x| F::from_f64(*x)).collect();
        let decoder_bias = if with_decoder_bias { vector(&self.decoder_bias) } else { Vec::new() };
        Parameters::new(weights.view(), vector(&self.bias), decoder_bias)
    }

    fn batch<F: Real>(&self) -> Array2<F> {
        let shape = (self.samples.len(), self.samples[0].len());
        Array2::from_shape_fn(shape, |(b, i)| F::from_f64(self.samples[b][i]))
    }

    /// J and ∇J of the production objective: W by rows, then b_e, then b_d.
    fn evaluate<F: Real>(&self, spec: &RegularizerSpec, sigma_squared: f64) -> (f64, Vec<F>) {
        self.evaluate_at(&self.parameters(true), spec, sigma_squared, STEP)
    }

    fn evaluate_at<F: Real>(
        &self,
        parameters: &Parameters<F>,
        spec: &RegularizerSpec,
        sigma_squared: f64,
        step: u64,
    ) -> (f64, Vec<F>) {
        self.evaluate_regularizer(parameters, spec.build(sigma_squared, self.shape()), step)
    }

    fn evaluate_regularizer<F: Real>(
        &self,
        parameters: &Parameters<F>,
        mut regularizer: Box<dyn Regularizer<F>>,
        step: u64,
    ) -> (f64, Vec<F>) {
        regularizer.prepare(self.batch().view());
        let mut objective = Objective::new(self.activation, regularizer, self.shape());
        if self.sparse {
            objective.products_mut().always_sparse();
        }
        let mut buffer = GradientBuffer::zeros(parameters);
        let noise = Noise::new(SEED);
        let step = Step { noise: &noise, number: step, samples: &INDICES };
        let value =
            objective.evaluate(parameters, self.batch().view(), step, &mut buffer.accumulate(F::one()));
        objective.products_mut().add_held(buffer.accumulate(F::one()).weights);
        (value, buffer.flatten(parameters))
    }
}

/// Φ; that its values are right is tested with the activation.
fn normal_distribution(a: f64) -> f64 {
    f64::midpoint(1.0, libm::erf(a / std::f64::consts::SQRT_2))
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

/// The network of `activation` in each of its ways, with every regularizer.
fn ways_and_specs(activation: ActivationKind) -> impl Iterator<Item = (Network, RegularizerSpec)> {
    let ways = Network::new(activation).with_decoder_bias().ways();
    ways.into_iter().flat_map(|network| specs().into_iter().map(move |spec| (network.clone(), spec)))
}

#[test]
fn gradients_are_the_derivatives_of_the_objective() {
    for &activation in ActivationKind::ALL {
        for decoder_bias in [false, true] {
            for (network, spec) in ways_and_specs(activation) {
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
fn values_are_the_papers() {
    for &activation in ActivationKind::ALL {
        for (network, spec) in ways_and_specs(activation) {
            let (value, _) = network.evaluate::<f64>(&spec, SIGMA_SQUARED);
            let expected = spec.kind.oracle(&network, &spec.values, SIGMA_SQUARED);
            // The oracle of eDAE is a numerical derivative; the others differ by rounding only.
            let error = (value - expected).abs() / expected.abs();
            assert!(error < 1e-9, "{} under {activation:?}: {value} is not {expected}", spec.label());
        }
    }
}

#[test]
fn the_measured_penalty_on_clean_data_is_the_papers() {
    for &activation in ActivationKind::ALL {
        let network = Network::new(activation).with_decoder_bias();
        let parameters = network.parameters::<f64>(true);
        for spec in specs() {
            let mut regularizer = spec.build::<f64>(SIGMA_SQUARED, network.shape());
            let array = |f: fn(&Network, usize, &[f64]) -> f64| {
                let shape = (network.samples.len(), network.bias.len());
                Array2::from_shape_fn(shape, |(b, j)| f(&network, j, &network.samples[b]))
            };
            let (hidden, slope) = (array(Network::hidden), array(Network::slope));
            let (batch, empty) = (network.batch::<f64>(), Array2::zeros((0, network.bias.len())));
            // In two parts: E_x is over all samples, not the mean of the batches' values.
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
                matches!(spec.kind, RegularizerKind::None | RegularizerKind::Dae | RegularizerKind::Edae);
            match regularizer.measured() {
                Some(penalty) => {
                    let expected =
                        spec.kind.oracle(&network, &spec.values, SIGMA_SQUARED) - network.reconstruction();
                    assert!((penalty - expected).abs() < 1e-9 * expected.abs().max(1.0), "{}", spec.label());
                    assert!(!without_term);
                }
                None => assert!(without_term, "{} has a penalty", spec.label()),
            }
        }
    }
}

/// Theorem 1's ∂R/∂b_j, against the adjoint path of the production objective with all samples in one batch.
#[test]
fn the_measured_bias_gradient_is_what_the_penalty_adds_to_the_objectives() {
    for &activation in ActivationKind::ALL {
        let network = Network::new(activation).with_decoder_bias();
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
            // Twice, for what was taken in is forgotten; in two parts, for E_x is over all samples.
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
                let measured = regularizer.measured_bias_gradient();
                let label = format!("{} under {activation:?}", spec.label());
                let Some(measured) = measured else {
                    assert_eq!(regularizer.measured(), None, "{label} has a penalty and no gradient of it");
                    continue;
                };
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
    for &activation in ActivationKind::ALL {
        let network = Network::new(activation);
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

/// In single precision, where the kernels of the instruction set do the sparse products.
#[test]
fn leaving_out_inactive_units_changes_nothing_but_rounding() {
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

#[test]
fn at_unit_norm_cae_and_mdae_differ_by_a_radial_gradient_only() {
    for &activation in ActivationKind::ALL {
        let network = Network::new(activation).with_unit_rows();
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

/// ∂R/∂b_j of a model: its bias gradient less the plain auto-encoder's.
fn bias_gradient(network: &Network, spec: &RegularizerSpec) -> Vec<f64> {
    let (_, with) = network.evaluate::<f64>(spec, 1.0);
    let (_, without) = network.evaluate::<f64>(&RegularizerSpec::none(), 1.0);
    let start = network.bias.len() * network.samples[0].len();
    let biases = start..start + network.bias.len();
    with[biases.clone()].iter().zip(&without[biases]).map(|(with, without)| with - without).collect()
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
    for activation in [ActivationKind::Relu, ActivationKind::Sigmoid, ActivationKind::Softplus] {
        let network = Network::new(activation);
        for spec in specs().into_iter().filter(|spec| match spec.kind {
            RegularizerKind::Corollary1 | RegularizerKind::L1 => true,
            RegularizerKind::KlSae => spec.values.real("rho") == 0.0,
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
    for &activation in ActivationKind::ALL {
        let network = Network::new(activation).with_decoder_bias();
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

#[test]
fn l1_has_no_gradient_where_a_unit_is_exactly_zero() {
    let mut network = Network::new(ActivationKind::Identity);
    // One sample that every unit maps to 0; the others stay.
    network.samples[0].fill(0.0);
    network.bias.fill(0.0);
    for (j, gradient) in bias_gradient(&network, &spec("l1")).into_iter().enumerate() {
        let signs: f64 = network.samples[1..].iter().map(|x| network.hidden(j, x).signum()).sum();
        assert!((gradient - signs / 5.0).abs() < 1e-12, "unit {j}: {gradient}");
    }
}

/// Theorem 3, with eDAE on the same ε as the control for the first-order term: DAE − eDAE → σ² × Eq. 7 in expectation.
#[test]
fn what_the_dae_adds_beyond_first_order_is_equation_7() {
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
