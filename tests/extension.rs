//! Models from outside the library: those of `examples/own_model.rs`, and some that are wrong.

use aesparse::activation::{Activation, ActivationKind, Jet};
use aesparse::experiment::config;
use aesparse::objective::gradient_error;
use aesparse::parameter::{Domain, Parameter, Value, Values};
use aesparse::real::Real;
use aesparse::regularizer::{
    Adjoints, Forward, Model, Regularizer, RegularizerKind, RegularizerSpec, Shape, Step, Uses,
};
use assert_cmd::Command;
use std::fs;
use std::path::Path;

#[path = "../examples/own_model.rs"]
#[allow(dead_code)]
mod own_model;

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
        (RegularizerKind::register::<Outside>(), "the default of `a` is 2; accepted: a number in [0, 1]"),
    ] {
        let message = refused.unwrap_err();
        assert!(message.contains(word), "{message}");
    }
}

struct OurActivation;

impl Activation for OurActivation {
    const NAME: &'static str = "relu";
    const THRESHOLD: Option<f64> = None;

    fn jet<F: Real>(a: F) -> Jet<F> {
        Jet { value: a, slope: F::one(), curvature: F::zero() }
    }
}

#[test]
fn an_activations_name_is_not_taken_twice() {
    assert!(ActivationKind::register::<OurActivation>().unwrap_err().contains("`relu` is taken"));
}

/// Swept, found finished, read by the program, and known in configurations with their parameters.
#[test]
#[allow(clippy::print_stderr, reason = "a skipped test says so")]
fn the_examples_models_are_like_our_own() {
    if !Path::new(env!("CARGO_MANIFEST_DIR")).join("data/mnist").exists() {
        eprintln!("skipped: a packaged crate has no data");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let trained = own_model::sweep(folder.path()).unwrap();
    // For each activation one training at σ² = 0, which is every model's there, and six others.
    assert_eq!((trained.completed, trained.diverged, trained.reused, trained.failures.len()), (14, 0, 0, 0));
    assert_eq!(own_model::sweep(folder.path()).unwrap().reused, 14);

    let table = fs::read_to_string(folder.path().join("own_model/runs.csv")).unwrap();
    for label in ["student_t,", "student_t(scale=0.1),", "squared_relu,"] {
        assert!(table.contains(label), "{label} in\n{table}");
    }
    let fraction = |label: &str, sigma_squared: f64| {
        let row = trained.rows.iter().find(|row| {
            let spec = &row.spec;
            spec.activation == ActivationKind::Relu
                && spec.regularizer.label() == label
                && spec.sigma_squared == sigma_squared
        });
        row.unwrap().record.result().unwrap().avg_activation_fraction
    };
    let (plain, penalised) = (fraction("student_t(scale=0.1)", 0.0), fraction("student_t(scale=0.1)", 0.1));
    assert!(penalised < plain - 0.05, "the penalty does nothing: {plain} and {penalised}");

    Command::cargo_bin("aesparse").unwrap().arg("report").arg(folder.path()).assert().success();
    let report = fs::read_to_string(folder.path().join("report.html")).unwrap();
    assert!(report.contains("student_t") && report.contains("squared_relu"));

    let text =
        "data = { source = \"mnist\" }\nsweep = { regularizer = [{ kind = \"student_t\", scale = 0 }] }";
    let refused = config::parse(text, Path::new("x.toml"), &[]).unwrap_err().to_string();
    assert!(refused.contains("scale") && refused.contains("[0.000001, 1000000]"), "{refused}");
}
