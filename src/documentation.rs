//! Pages of documentation: no code, only examples that compile and run.

pub mod tutorial {
    //! From a configuration to stored results, and a model of your own.
    //!
    //! # One training
    //!
    //! A configuration names the data and the settings; [`Prepared::load`](crate::experiment::Prepared::load) reads the data and plans the runs.
    //! [`Run::train`](crate::training::Run::train) trains one of them, without touching a file. Its measurements begin at epoch 0.
    //!
    //! ```
    //! use aesparse::data::Locations;
    //! use aesparse::experiment::{Prepared, config};
    //! use aesparse::training::{Run, Samples};
    //! use std::path::Path;
    //!
    //! let text = r#"
    //!     data  = { source = { kind = "synthetic", samples = 200, inputs = 16 } }
    //!     model = { hidden = 20 }
    //!     training = { epochs = 2 }
    //!     sweep = { sigma_squared = [0.1], regularizer = ["cae"] }
    //! "#;
    //! let config = config::parse(text, Path::new("example.toml"), &[])?;
    //! let Prepared { dataset, plan, .. } = Prepared::load(config, &Locations::default())?;
    //! let samples = Samples { train: dataset.train.view(), held_out: None };
    //! let trained = Run::<f32>::new(&plan.trainings[0].spec, samples, None).train(1, &mut ());
    //! let last = trained.outcome.measurements.last().expect("epoch 0 is always measured");
    //! assert!(last.avg_activation_fraction > 0.0);
    //! # Ok::<(), aesparse::error::Error>(())
    //! ```
    //!
    //! Samples in memory need no file: [`Plan::new`](crate::experiment::Plan::new) plans the runs of a configuration for their shape, and the
    //! source that the configuration names is not read.
    //!
    //! ```
    //! use aesparse::experiment::{Plan, config};
    //! use aesparse::training::{Run, Samples};
    //! use ndarray::Array2;
    //! use std::path::Path;
    //!
    //! let text = r#"
    //!     data.source = "synthetic"
    //!     model = { hidden = 20 }
    //!     training = { epochs = 2 }
    //!     sweep = { sigma_squared = [0.1], regularizer = ["cae"] }
    //! "#;
    //! let config = config::parse(text, Path::new("example.toml"), &[])?;
    //! let mine = Array2::from_shape_fn((200, 16), |(i, k)| ((7 * i + 3 * k) % 11) as f32 / 5.0 - 1.0);
    //! let plan = Plan::new(&config, "mine", "a digest of the samples, for the run key", 200, 16, None)?;
    //! let samples = Samples { train: mine.view(), held_out: None };
    //! let trained = Run::<f32>::new(&plan.trainings[0].spec, samples, None).train(1, &mut ());
    //! assert_eq!(trained.last.weights().dim(), (20, 16));
    //! # Ok::<(), aesparse::error::Error>(())
    //! ```
    //!
    //! # A sweep
    //!
    //! [`Prepared::run`](crate::experiment::Prepared::run) does what `aesparse run` does: it trains the plan on several threads, writes records and
    //! tables, and resumes an interrupted sweep. [`Results`](crate::store::Results) reads the results back.
    //!
    //! ```
    //! use aesparse::data::Locations;
    //! use aesparse::experiment::{ExecutionOptions, Prepared, config};
    //! use aesparse::store::Results;
    //! use std::path::Path;
    //! use std::sync::atomic::AtomicBool;
    //!
    //! # let folder = tempfile::tempdir().expect("a temporary folder");
    //! # let root = folder.path();
    //! let text = r#"
    //!     data = { source = { kind = "synthetic", samples = 200, inputs = 16 } }
    //!     model = { hidden = 20 }
    //!     training = { epochs = 2 }
    //!     sweep = { sigma_squared = [0, 1], regularizer = ["dae", "kl_sae"] }
    //! "#;
    //! let config = config::parse(text, Path::new("example.toml"), &[])?;
    //! let options = ExecutionOptions {
    //!     jobs: 2,
    //!     threads: None,
    //!     checkpoint_every: None,
    //!     resume_anywhere: false,
    //!     stop: &AtomicBool::new(false),
    //! };
    //! let summary = Prepared::load(config, &Locations::default())?.run(root, options, &())?;
    //! assert_eq!(summary.completed, 3, "at σ² = 0 both models are the plain auto-encoder");
    //! let results = Results::read(&root.join("example"))?;
    //! assert_eq!(results.runs.len(), 4);
    //! # Ok::<(), aesparse::error::Error>(())
    //! ```
    //!
    //! # Stored results
    //!
    //! The [report](crate::report::Report) computes everything from stored results: no configuration is needed, and nothing is trained.
    //!
    //! ```
    //! use aesparse::report::Report;
    //! use aesparse::report::figure::SigmaScale;
    //! use aesparse::store::Results;
    //! # use aesparse::data::Locations;
    //! # use aesparse::experiment::{ExecutionOptions, Prepared, config};
    //! # use std::path::Path;
    //! # let folder = tempfile::tempdir().expect("a temporary folder");
    //! # let root = folder.path();
    //! # let text = "data = { source = { kind = 'synthetic', samples = 100, inputs = 8 } }\nmodel = { hidden = 10 }\n\
    //! #     training = { epochs = 1 }\nsweep = { sigma_squared = [0, 1], regularizer = ['dae'] }";
    //! # let config = config::parse(text, Path::new("example.toml"), &[])?;
    //! # let stop = std::sync::atomic::AtomicBool::new(false);
    //! # let options = ExecutionOptions { jobs: 1, threads: None, checkpoint_every: None, resume_anywhere: false, stop: &stop };
    //! # Prepared::load(config, &Locations::default())?.run(root, options, &())?;
    //!
    //! let results = Results::read_all(root)?;
    //! for run in &results[0].runs {
    //!     let last = run.record.result().expect("a completed run has measurements");
    //!     println!("σ² = {}: {:.3} active", run.spec.sigma_squared, last.avg_activation_fraction);
    //! }
    //! let report = Report::new(&results, Vec::new(), SigmaScale::Auto);
    //! assert_eq!(report.figures.len(), 1, "one data set, one activation, one constraint");
    //! # Ok::<(), aesparse::error::Error>(())
    //! ```
    //!
    //! # A model of your own
    //!
    //! A regularizer implements [`Model`](crate::regularizer::Model) and [`Regularizer`](crate::regularizer::Regularizer), an activation
    //! implements [`Activation`](crate::activation::Activation). `penalize` returns the penalty and adds its derivatives to the adjoints of what it
    //! depends on, here the hidden units. [`gradient_error`](crate::objective::gradient_error) compares the gradient of the whole objective with
    //! central differences.
    //!
    //! ```
    //! use aesparse::activation::ActivationKind;
    //! use aesparse::objective::gradient_error;
    //! use aesparse::parameter::Values;
    //! use aesparse::real::Real;
    //! use aesparse::regularizer::{Adjoints, Forward, Model, Regularizer, RegularizerKind, RegularizerSpec, Shape, Step, Uses};
    //!
    //! /// R = E_x[Σ_j h_j²].
    //! struct Squares;
    //!
    //! /// λ, the coefficient σ² of a run.
    //! struct SquaresOfRun(f64);
    //!
    //! impl Model for Squares {
    //!     const NAME: &'static str = "squares";
    //!     const LEGEND: &'static str = "squares";
    //!     const SOURCE: &'static str = "an example";
    //!
    //!     fn build<F: Real>(_: &Values, sigma_squared: f64, _: Shape) -> Box<dyn Regularizer<F>> {
    //!         Box::new(SquaresOfRun(sigma_squared))
    //!     }
    //! }
    //!
    //! impl<F: Real> Regularizer<F> for SquaresOfRun {
    //!     fn uses(&self) -> Uses {
    //!         Uses { hidden_adjoint: true, ..Uses::default() }
    //!     }
    //!
    //!     fn penalize(&mut self, forward: &Forward<'_, F>, _: Step<'_>, adjoints: &mut Adjoints<'_, '_, F>) -> f64 {
    //!         let weight = self.0 / forward.hidden.nrows() as f64;
    //!         adjoints.hidden.scaled_add(F::from_f64(2.0 * weight), &forward.hidden);
    //!         weight * forward.hidden.iter().map(|h| h.as_f64().powi(2)).sum::<f64>()
    //!     }
    //! }
    //!
    //! let squares = RegularizerKind::register::<Squares>().expect("the name is free");
    //! let spec = RegularizerSpec::new(squares, &[]).expect("it has no parameters");
    //! assert!(gradient_error(ActivationKind::Sigmoid, &spec, 0.3) < 1e-7);
    //! ```
    //!
    //! From then on configurations, error messages, the schema and run keys know `squares`. `examples/own_model.rs` is a whole program: it calls
    //! `cli::main` and has every command of `aesparse`.
}

pub mod theory {
    //! The paper's lemma, theorems and corollaries as numbers.
    //!
    //! The paper's statements on given parameters. [`Theory`](crate::theory::Theory) measures one state of a network in one pass over samples;
    //! the table in [`crate::theory`] leads from each statement to its type. `docs/theory.md` in the repository has formulas, columns and what
    //! was found in training.
    //!
    //! ```
    //! use aesparse::activation::ActivationKind;
    //! use aesparse::regularizer::{RegularizerKind, RegularizerSpec};
    //! use aesparse::state::Parameters;
    //! use aesparse::theory::{Subject, Theory};
    //! use ndarray::Array2;
    //!
    //! let samples = Array2::from_shape_fn((50, 6), |(i, k)| ((7 * i + 3 * k) % 11) as f64 / 5.0 - 1.0);
    //! let weights = Array2::from_shape_fn((4, 6), |(j, k)| ((5 * j + 2 * k) % 7) as f64 / 7.0 - 0.4);
    //! let parameters = Parameters::new(weights.view(), vec![0.0; 4], Vec::new());
    //! let subject = Subject {
    //!     activation: &ActivationKind::Sigmoid.into(),
    //!     threshold: 0.1,
    //!     regularizer: &RegularizerSpec::new(RegularizerKind::Cae, &[]).expect("defaults"),
    //!     coefficient: 0.25,
    //!     inputs: 6,
    //!     hidden: 4,
    //! };
    //! let measured = Theory::new(subject, samples.view()).measure(samples.view(), &parameters);
    //! assert_eq!(measured.lemma1.violations, 0, "Lemma 1: |∂J_AE/∂b_j| stays below its bound");
    //! assert_eq!(measured.theorem1.penalty_gradient.len(), 4);
    //! ```
}
