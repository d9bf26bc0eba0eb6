//! Sparse representations in regularized auto-encoders: the library behind the `aesparse` program.
//!
//! It trains single-hidden-layer auto-encoders with tied weights, h = s_e(W x + b_e) and y = Wᵀ h, under the
//! regularizers, activations and constraints of "Why Regularized Auto-Encoders Learn Sparse Representation?" (Arpit,
//! Zhou, Ngo and Govindaraju, ICML 2016), and measures how many hidden units stay active.
//!
//! # Where the paper's equations are
//!
//! | paper | here |
//! |---|---|
//! | Eq. 1, the plain auto-encoder | [`RegularizerKind::None`](regularizer::RegularizerKind::None), [`objective::Objective`] |
//! | Eq. 3, pre-activation | [`objective::encode`] |
//! | Eq. 4, J = J_AE + λ R | [`objective::Objective::evaluate`] |
//! | Eq. 6, DAE | [`RegularizerKind::Dae`](regularizer::RegularizerKind::Dae) |
//! | Eq. 8 and 9, CAE | [`RegularizerKind::Cae`](regularizer::RegularizerKind::Cae) |
//! | Eq. 10 and 11, mDAE | [`RegularizerKind::Mdae`](regularizer::RegularizerKind::Mdae) |
//! | Eq. 12 and 13, SAE | [`RegularizerKind::KlSae`](regularizer::RegularizerKind::KlSae) |
//! | Eq. 14, average activation fraction | [`training::Measurement::avg_activation_fraction`] |
//! | §2.1.1, dead units | [`training::Measurement::dead_units`] |
//! | §2.1.2, activations | [`activation::ActivationKind`] |
//! | §3, δ_min | [`activation::ActivationKind::threshold`] |
//! | §3, weight length constraint | [`constraint::Constraint::UnitNorm`] |
//! | §3, normalized initialization | [`init::glorot`] |
//! | §3.1.1, eDAE | [`RegularizerKind::Edae`](regularizer::RegularizerKind::Edae) |
//! | Assumption 1, Lemma 1, Theorems 1 to 3, measured | [`theory`] |
//! | Corollary 1 | [`RegularizerKind::Corollary1`](regularizer::RegularizerKind::Corollary1) |
//! | Corollary 2 | [`RegularizerKind::Corollary2`](regularizer::RegularizerKind::Corollary2) |
//!
//! # One training
//!
//! ```
//! use aesparse::data::Locations;
//! use aesparse::experiment::{Prepared, config};
//! use aesparse::training::{Measurement, Observer, Run, Samples};
//! use std::path::Path;
//!
//! struct Silent;
//! impl Observer for Silent {
//!     fn epoch(&mut self, _: u32, _: f64, _: &Measurement) {}
//! }
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
//! let trained = Run::<f32>::new(&plan.trainings[0].spec, samples, None).train(1, &mut Silent);
//! let last = trained.outcome.measurements.last().expect("epoch 0 is always measured");
//! assert!(last.avg_activation_fraction > 0.0);
//! # Ok::<(), aesparse::error::Error>(())
//! ```
//!
//! # A sweep
//!
//! [`Prepared::run`](experiment::Prepared::run) does what `aesparse run` does: it trains the plan on several threads, writes records and
//! tables, and resumes an interrupted sweep. [`Results`](store::Results) reads the results back.
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
//! # Models of your own
//!
//! A regularizer implements [`regularizer::Model`], an activation implements [`activation::Activation`]. Once registered, both can be
//! named in configurations like the library's own. A program that then calls `cli::main` has every command of `aesparse`.
//! [`objective::gradient_error`] compares a gradient with finite differences.
//!
//! # Features
//!
//! All features are on by default. A call that needs a missing feature fails with [`Error::Feature`](error::Error::Feature), which names it.
//!
//! | feature | contains |
//! |---|---|
//! | `cli` | `cli::main`, the command line |
//! | `fetch` | `fetch`, downloads of data sets |
//! | `images` | folders of images as data |
//! | `png` | PNG files of figures; pictures of filters and reconstructions |

pub mod activation;
mod atomic;
#[cfg(feature = "cli")]
pub mod cli;
pub mod constraint;
pub mod data;
mod elementary;
pub mod error;
pub mod experiment;
#[cfg(feature = "fetch")]
pub mod fetch;
pub mod init;
pub mod linalg;
pub mod objective;
pub mod optimizer;
pub mod parameter;
pub mod random;
pub mod real;
pub mod registry;
mod regular;
pub mod regularizer;
pub mod report;
pub mod state;
pub mod store;
pub mod theory;
pub mod training;
