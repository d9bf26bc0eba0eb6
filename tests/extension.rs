//! Models from outside the library: those of `examples/own_model.rs`, and some that are wrong.

use aesparse::activation::{Activation, ActivationKind, Jet};
use aesparse::constraint::Constraint;
use aesparse::data::{Precision, Standardize};
use aesparse::experiment::config;
use aesparse::objective::gradient_error;
use aesparse::optimizer::EncoderBias;
use aesparse::parameter::{Domain, Parameter, Value, Values};
use aesparse::random::Noise;
use aesparse::real::Real;
use aesparse::regularizer::{
    Adjoints, Forward, Model, Regularizer, RegularizerKind, RegularizerSpec, Shape, Step, Uses,
};
use aesparse::state::Parameters;
use aesparse::store::{Results, StoredRun};
use aesparse::theory::{Origin, Subject, Theory};
use aesparse::training::{Run, RunSpec, Samples, Status, TheorySpec, Trained};
use assert_cmd::Command;
use ndarray::{Array2, ArrayView2};
use std::env;
use std::fs;
use std::path::{Path, PathBuf};

#[path = "../examples/own_model.rs"]
#[allow(dead_code)]
mod own_model;

/// The program of `examples/own_model.rs`, which `cargo test` builds beside the tests.
fn own_program() -> PathBuf {
    let test = env::current_exe().unwrap();
    let program = test.parent().and_then(Path::parent).unwrap().join("examples/own_model");
    assert!(program.exists(), "{} isn't built: run `cargo test` without --test", program.display());
    program
}

/// λ E_x Σ_j h_j², with `factor` times the right gradient.
struct Squares {
    lambda: f64,
    factor: f64,
}

impl<F: Real> Regularizer<F> for Squares {
    fn uses(&self) -> Uses {
        Uses { hidden_adjoint: true, ..Uses::default() }
    }

    fn penalize(&mut self, forward: &Forward<'_, F>, _: Step<'_>, adjoints: &mut Adjoints<'_, '_, F>) -> f64 {
        let weight = self.lambda / forward.hidden.nrows() as f64;
        adjoints.hidden.scaled_add(F::from_f64(2.0 * self.factor * weight), &forward.hidden);
        weight * forward.hidden.iter().map(|h| h.as_f64().powi(2)).sum::<f64>()
    }
}

macro_rules! squares {
    ($type:ident, $name:literal, $factor:literal $(, $parameter:expr)*) => {
        struct $type;

        impl Model for $type {
            const NAME: &'static str = $name;
            const LEGEND: &'static str = $name;
            const SOURCE: &'static str = "a test";
            const PARAMETERS: &'static [Parameter] = &[$($parameter),*];

            fn build<F: Real>(_: &Values, sigma_squared: f64, _: Shape) -> Box<dyn Regularizer<F>> {
                Box::new(Squares { lambda: sigma_squared, factor: $factor })
            }
        }
    };
}

const fn parameter(name: &'static str, default: f64) -> Parameter {
    let (domain, default) = (Domain::closed(0.0, 1.0), Some(Value::Real(default)));
    Parameter { name, doc: "", domain, default, later: false }
}

squares!(Right, "right", 1.0);
squares!(Halved, "halved", 0.5);
squares!(RightAgain, "right", 1.0);
squares!(OurName, "dae", 1.0);
squares!(Spaced, "my model", 1.0);
squares!(Twice, "twice", 1.0, parameter("a", 0.5), parameter("a", 0.5));
squares!(Tagged, "tagged", 1.0, parameter("kind", 0.5));
squares!(Outside, "outside", 1.0, parameter("a", 2.0));
squares!(Comma, "comma", 1.0, parameter("a,b", 0.5));
squares!(
    Numbered,
    "numbered",
    1.0,
    Parameter { domain: Domain::Choice(&["1"]), default: None, ..parameter("a", 0.5) }
);

/// λ E_x Σ_j h_j², which is not the plain auto-encoder at λ = 0.
struct Positive;

impl Model for Positive {
    const NAME: &'static str = "positive";
    const LEGEND: &'static str = "positive";
    const SOURCE: &'static str = "a test";

    fn build<F: Real>(_: &Values, sigma_squared: f64, _: Shape) -> Box<dyn Regularizer<F>> {
        Box::new(Squares { lambda: sigma_squared, factor: 1.0 })
    }

    fn coefficients(_: &Values) -> Domain {
        Domain::open(0.0, 1e3)
    }
}

/// A leaky ReLU that claims to vanish.
struct Leak;

impl Activation for Leak {
    const NAME: &'static str = "leak";
    const THRESHOLD: Option<f64> = None;
    const VANISHES: bool = true;

    fn build(_: &Values) -> Self {
        Self
    }

    fn jet<F: Real>(&self, a: F) -> Jet<F> {
        let slope = F::from_f64(if a > F::zero() { 1.0 } else { 0.1 });
        Jet { value: slope * a, slope, curvature: F::zero() }
    }
}

#[test]
fn an_activation_that_does_not_vanish_is_not_taken_for_one_that_does() {
    assert!(ActivationKind::register::<Leak>().unwrap_err().contains("0 for a ≤ 0"));
}

#[test]
fn default_values_are_checked_too() {
    RegularizerKind::register::<Positive>().unwrap();
    let parse = |sigmas: &str| {
        let text = format!("data.source = 'synthetic'\nsweep = {{ regularizer = ['positive']{sigmas} }}");
        config::parse(&text, Path::new("own.toml"), &[]).map_err(|error| error.to_string())
    };
    let message = parse("").unwrap_err();
    assert!(
        message.contains("sweep.sigma_squared: found `positive` with 0, one of the default"),
        "{message}"
    );
    assert!(parse(", sigma_squared = [0.5]").is_ok());
    assert!(parse(", sigma_squared = [0, 0.5]").unwrap_err().contains("own.toml:2"));
}

#[test]
fn a_wrong_gradient_is_seen() {
    let error =
        |kind| gradient_error(ActivationKind::Sigmoid, &RegularizerSpec::new(kind, &[]).unwrap(), 0.3);
    assert!(error(RegularizerKind::register::<Right>().unwrap()) < 1e-9);
    assert!(error(RegularizerKind::register::<Halved>().unwrap()) > 1e-3);
}

#[test]
fn names_are_unique_and_can_stand_in_files() {
    let right = RegularizerKind::register::<Right>().unwrap();
    assert_eq!(RegularizerKind::register::<Right>(), Ok(right), "once is enough");
    assert_eq!(RegularizerKind::from_name("right"), Some(right));
    assert!(RegularizerKind::known().contains(&right) && !RegularizerKind::ALL.contains(&right));
    for (refused, word) in [
        (RegularizerKind::register::<RightAgain>(), "`right` is taken"),
        (RegularizerKind::register::<OurName>(), "`dae` is taken"),
        (RegularizerKind::register::<Spaced>(), "lower-case letters"),
        (RegularizerKind::register::<Twice>(), "`a` is taken"),
        (RegularizerKind::register::<Tagged>(), "`kind` is taken"),
        (RegularizerKind::register::<Comma>(), "the name `a,b`"),
        (RegularizerKind::register::<Numbered>(), "the name `1`"),
        (RegularizerKind::register::<Outside>(), "the default of `a` is 2; accepted: a number in [0, 1]"),
    ] {
        let message = refused.unwrap_err();
        assert!(message.contains(word), "{message}");
    }
}

/// λ c E_x Σ_j h_j² for λ ≤ ½, where c is E‖x‖² of the training samples. It looks at whether a measurement shows it the derivatives
/// that it says it uses, and no others.
struct Scaled {
    lambda: f64,
    /// c.
    scale: f64,
    uses: Uses,
    /// Whether its penalty is measured.
    is_measured: bool,
    /// Σ h_j² over the measured samples and units, and the number of these samples.
    measured: (f64, usize),
    /// Σ 2 h_j s'_j over the samples of the bias gradient \[m\], and their number.
    bias: (Vec<f64>, usize),
}

const fn flag(name: &'static str) -> Parameter {
    let domain = Domain::Integer { min: 0, max: 1 };
    Parameter { name, doc: "", domain, default: Some(Value::Integer(0)), later: false }
}

struct Bounded;

impl Model for Bounded {
    const NAME: &'static str = "bounded";
    const LEGEND: &'static str = "bounded";
    const SOURCE: &'static str = "a test";
    const PARAMETERS: &'static [Parameter] = &[flag("slope"), flag("curvature"), flag("silent")];

    fn build<F: Real>(values: &Values, sigma_squared: f64, shape: Shape) -> Box<dyn Regularizer<F>> {
        let is_set = |name| values.integer(name) == 1;
        Box::new(Scaled {
            lambda: sigma_squared,
            scale: f64::NAN,
            uses: Uses {
                curvature: is_set("curvature"),
                hidden_adjoint: true,
                pre_activation_adjoint: is_set("slope"),
            },
            is_measured: !is_set("silent"),
            measured: (0.0, 0),
            bias: (vec![0.0; shape.hidden], 0),
        })
    }

    fn coefficients(_: &Values) -> Domain {
        Domain::closed(0.0, 0.5)
    }
}

impl<F: Real> Regularizer<F> for Scaled {
    fn uses(&self) -> Uses {
        self.uses
    }

    fn prepare(&mut self, samples: ArrayView2<'_, F>) {
        self.scale = sum_of_squares(samples) / samples.nrows() as f64;
    }

    fn penalize(&mut self, forward: &Forward<'_, F>, _: Step<'_>, adjoints: &mut Adjoints<'_, '_, F>) -> f64 {
        let weight = self.lambda * self.scale / forward.hidden.nrows() as f64;
        adjoints.hidden.scaled_add(F::from_f64(2.0 * weight), &forward.hidden);
        weight * sum_of_squares(forward.hidden)
    }

    fn has_penalty(&self) -> bool {
        self.is_measured
    }

    fn measure(&mut self, forward: &Forward<'_, F>) {
        let rows = forward.hidden.nrows();
        let rows_if = |used| if used && self.is_measured { rows } else { 0 };
        assert_eq!(forward.slope.nrows(), rows_if(self.uses.pre_activation_adjoint), "{:?}", self.uses);
        assert_eq!(forward.curvature.nrows(), rows_if(self.uses.curvature), "{:?}", self.uses);
        self.measured.0 += sum_of_squares(forward.hidden);
        self.measured.1 += rows;
    }

    fn measured(&mut self) -> f64 {
        let (sum, samples) = std::mem::take(&mut self.measured);
        self.lambda * self.scale * sum / samples as f64
    }

    fn has_bias_gradient(&self) -> bool {
        self.is_measured
    }

    fn measure_bias_gradient(&mut self, forward: &Forward<'_, F>) {
        let (sums, samples) = &mut self.bias;
        assert_eq!(forward.slope.dim(), forward.hidden.dim());
        for (hidden, slope) in forward.hidden.rows().into_iter().zip(forward.slope.rows()) {
            for (sum, (h, slope)) in sums.iter_mut().zip(hidden.iter().zip(slope)) {
                *sum += 2.0 * (*h * *slope).as_f64();
            }
        }
        *samples += forward.hidden.nrows();
    }

    fn measured_bias_gradient(&mut self) -> Vec<f64> {
        let (sums, samples) = &mut self.bias;
        let weight = self.lambda * self.scale / std::mem::take(samples) as f64;
        sums.iter_mut().map(|sum| weight * std::mem::take(sum)).collect()
    }
}

fn sum_of_squares<F: Real>(values: ArrayView2<'_, F>) -> f64 {
    values.iter().map(|x| x.as_f64().powi(2)).sum()
}

/// [`Bounded`] with these flags set.
fn bounded(flags: &[&str]) -> RegularizerSpec {
    let kind = RegularizerKind::register::<Bounded>().unwrap();
    let given: Vec<_> = flags.iter().map(|name| (*name, Value::Integer(1))).collect();
    RegularizerSpec::new(kind, &given).unwrap()
}

/// 130 samples, more than a measurement's block, of 6 inputs.
fn samples() -> Array2<f64> {
    let mut values = vec![0.0; 130 * 6];
    Noise::new(7).fill(0, &mut values);
    Array2::from_shape_vec((130, 6), values).unwrap()
}

/// λ of [`trained`].
const LAMBDA: f64 = 0.25;

/// Two epochs of 5 sigmoid units, with all that is measured of the theory after each.
fn trained(regularizer: &RegularizerSpec) -> Trained<f64> {
    let spec = RunSpec {
        numerics: aesparse::training::NUMERICS_VERSION,
        data_sha256: "test".to_owned(),
        samples: 130,
        inputs: 6,
        standardize: Standardize::None,
        standardized_from: Precision::Single,
        held_out: None,
        hidden: 5,
        activation: ActivationKind::Sigmoid.into(),
        threshold: 0.1,
        constraint: Constraint::None,
        decoder_bias: false,
        encoder_bias: EncoderBias::Trained,
        warm_start: None,
        regularizer: regularizer.clone(),
        sigma_squared: LAMBDA,
        seed: 3,
        learning_rate: 0.001,
        momentum: 0.9,
        batch: 50,
        shape_class: Default::default(),
        epochs: 2,
        shuffle: true,
        unknown: serde_json::Map::new(),
    };
    let theory = TheorySpec { every: 1, samples: 130, units: false };
    let samples = samples();
    let data = Samples { train: samples.view(), held_out: None };
    let trained = Run::new(&spec, data, None).measuring(theory).train(1, &mut ());
    assert_eq!(trained.outcome.status, Status::Completed);
    trained
}

#[test]
fn a_measurement_shows_a_model_the_derivatives_that_its_penalty_uses() {
    for flags in [vec![], vec!["slope"], vec!["curvature"], vec!["slope", "curvature"]] {
        assert!(trained(&bounded(&flags)).outcome.measurements.iter().all(|m| m.penalty.is_some()));
        let silent = trained(&bounded(&[&flags[..], &["silent"]].concat()));
        assert!(silent.outcome.measurements.iter().all(|m| m.penalty.is_none()));
    }
}

/// R without λ and its gradient, also of a model that accepts no coefficient of 1 and has to have seen the training samples.
#[test]
fn the_theory_measures_a_model_as_training_does() {
    let student_t = RegularizerKind::register::<own_model::StudentT>().unwrap();
    for regularizer in [bounded(&[]), RegularizerSpec::new(student_t, &[]).unwrap()] {
        let (trained, samples, label) = (trained(&regularizer), samples(), regularizer.label());
        let theory = trained.theory.as_ref().unwrap();
        for (row, measured) in theory.epochs.read().zip(&trained.outcome.measurements) {
            let penalty = LAMBDA * row.penalty_value.unwrap();
            let expected = measured.penalty.unwrap();
            assert!((penalty / expected - 1.0).abs() < 1e-12, "{label}: {penalty} is not {expected}");
        }

        let sigmoid = ActivationKind::Sigmoid.into();
        let subject = Subject {
            activation: &sigmoid,
            threshold: 0.1,
            regularizer: &regularizer,
            coefficient: LAMBDA,
            inputs: 6,
            hidden: 5,
        };
        let mut theory = Theory::new(subject, samples.view());
        let mut moved = |j: usize, by: f64| {
            let mut bias = trained.last.bias().to_vec();
            bias[j] += by;
            let parameters = Parameters::new(trained.last.weights(), bias, Vec::new());
            theory.measure(samples.view(), &parameters)
        };
        for (j, found) in moved(0, 0.0).theorem1.penalty_gradient.into_iter().enumerate() {
            let [more, less] = [1e-5, -1e-5].map(|by| moved(j, by).penalty.unwrap());
            let expected = (more - less) / 2e-5;
            assert!((found / expected - 1.0).abs() < 1e-6, "{label}: {found} is not {expected}");
        }

        let plain = Theory::new(Subject { coefficient: 0.0, ..subject }, samples.view())
            .measure(samples.view(), &trained.last);
        assert_eq!((plain.penalty, plain.theorem1.origin), (None, Origin::Nothing), "{label}");
    }
}

struct OurActivation;

impl Activation for OurActivation {
    const NAME: &'static str = "relu";
    const THRESHOLD: Option<f64> = None;

    fn build(_: &Values) -> Self {
        Self
    }

    fn jet<F: Real>(&self, a: F) -> Jet<F> {
        Jet { value: a, slope: F::one(), curvature: F::zero() }
    }
}

#[test]
fn an_activations_name_is_not_taken_twice() {
    assert!(ActivationKind::register::<OurActivation>().unwrap_err().contains("`relu` is taken"));
}

struct Undecided;

impl Activation for Undecided {
    const NAME: &'static str = "undecided";
    const THRESHOLD: Option<f64> = None;
    const PARAMETERS: &'static [Parameter] = &[Parameter { default: None, ..flag("slope") }];

    fn build(_: &Values) -> Self {
        Self
    }

    fn jet<F: Real>(&self, a: F) -> Jet<F> {
        Jet { value: a, slope: F::one(), curvature: F::zero() }
    }
}

#[test]
fn an_activations_parameters_have_defaults() {
    let message = ActivationKind::register::<Undecided>().unwrap_err();
    assert!(message.contains("the parameter `slope` of an activation has no default"), "{message}");
}

/// Trained, stopped and resumed by its own program, and read by `aesparse`, which knows neither model.
#[test]
#[allow(clippy::print_stderr, reason = "a skipped test says so")]
fn the_examples_models_are_like_our_own() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    if !root.join("data/mnist").exists() {
        eprintln!("skipped: a packaged crate has no data");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let (sweep, codes) = (folder.path().join("own_model"), folder.path().join("codes.npy"));
    let call = |mut program: Command, words: &[&str], paths: &[&Path], code: i32| {
        let assert = program.current_dir(root).args(words).args(paths).assert().code(code);
        let output = assert.get_output();
        [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes)).concat()
    };
    let own = || Command::new(own_program());
    let plain = || Command::cargo_bin("aesparse").unwrap();

    let run = ["run", "examples/own_model.toml", "-o", "output.weights=final", "--out"];
    // For each activation one training at σ² = 0, which is every model's there, and six others.
    assert!(call(own(), &run, &[folder.path()], 0).contains("14 trainings: 14 trained now"));
    assert!(call(own(), &run, &[folder.path()], 0).contains("14 finished before"));
    let refused = call(plain(), &run, &[folder.path()], 2);
    assert!(refused.contains("examples/own_model.toml:15") && refused.contains("squared_relu"), "{refused}");
    let wrong = call(
        own(),
        &[&run[..4], &["-o", "sweep.regularizer=[{kind=\"student_t\", scale=0}]"]].concat(),
        &[],
        2,
    );
    assert!(wrong.contains("scale") && wrong.contains("[0.000001, 1000000]"), "{wrong}");
    let table = call(own(), &["theory", "--activations"], &[], 0);
    assert!(table.lines().any(|line| line.starts_with("squared_relu  yes")), "{table}");

    let results = Results::read(&sweep).unwrap();
    let find = |activation: &str, sigma_squared: f64| {
        let is_it = |run: &&StoredRun| {
            let spec = &run.spec;
            spec.activation.label() == activation
                && spec.regularizer.label() == "student_t(scale=0.1)"
                && spec.sigma_squared == sigma_squared
        };
        results.runs.iter().find(is_it).unwrap()
    };
    let fraction = |run: &StoredRun| run.record.result().unwrap().avg_activation_fraction;
    let (none, penalised) = (fraction(find("relu", 0.0)), fraction(find("relu", 0.1)));
    assert!(penalised < none - 0.05, "the penalty does nothing: {none} and {penalised}");

    // The plain program needs a model only to train it, and an activation to compute it.
    let path = |activation| sweep.join(&find(activation, 0.1).record.run_key);
    let (relu, squared) = (path("relu"), path("squared_relu"));
    let out = ["--samples", "10", "--out"];
    call(plain(), &[&["encode"], &[relu.to_str().unwrap()], &out[..]].concat(), &[&codes], 0);
    let encode = [&["encode"], &[squared.to_str().unwrap()], &out[..]].concat();
    let refused = call(plain(), &encode, &[&codes], 2);
    assert!(refused.contains("no activation squared_relu"), "{refused}");
    call(own(), &encode, &[&codes], 0);
    assert!(call(plain(), &["inspect"], &[&relu], 0).contains("reconstructions.png"));
    let partly = call(plain(), &["inspect"], &[&squared], 0);
    assert!(
        partly.contains("filters.png") && partly.contains("left out: this program has no activation"),
        "{partly}"
    );
    let compared = call(plain(), &["compare"], &[&relu, &squared], 0);
    assert!(compared.contains("squared_relu"), "{compared}");
    let verify = ["verify", "--recompute", "14", "--seed", "1"];
    assert!(call(own(), &verify, &[&sweep], 0).contains("14 runs: 14 identical."));
    let partly = call(plain(), &verify, &[&sweep], 0);
    assert!(partly.contains("this program has no regularizer student_t(scale=0.1)"), "{partly}");
    assert!(partly.contains("14 runs: 3 identical, 11 skipped."), "{partly}");
    call(plain(), &["report"], &[folder.path()], 0);
    let report = fs::read_to_string(folder.path().join("report.html")).unwrap();
    assert!(report.contains("student_t") && report.contains("squared_relu"));
}
