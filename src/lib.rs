//! Sparse representations in regularized auto-encoders: the library behind the `aesparse` program.
//!
//! It trains single-hidden-layer auto-encoders with tied weights, h = s_e(W x + b_e) and y = Wᵀ h, under the
//! regularizers, activations and constraints of "Why Regularized Auto-Encoders Learn Sparse Representation?" (Arpit,
//! Zhou, Ngo and Govindaraju, ICML 2016), and measures how many hidden units stay active.
//!
//! # What the crate does
//!
//! - It trains one auto-encoder ([`training::Run`]) or a sweep ([`experiment::Prepared`]) in single precision; the same settings give the
//!   same bits for any number of threads and across interruptions. Tests use the same code in double precision.
//! - It stores each run as a record ([`store`]) and computes figures, verdicts, controls and a report from the records ([`report`]).
//! - It measures the paper's lemma, theorems and corollaries on given parameters ([`theory`]).
//! - It takes regularizers and activations of other crates ([`regularizer::Model`], [`activation::Activation`]), which then have names in
//!   configurations, and every command of the program ([`cli::main`]).
//!
//! # What it doesn't do
//!
//! - Deep networks, untied weights, other losses than the squared one, and other optimizers than stochastic gradient descent with momentum.
//! - Automatic differentiation: each regularizer states its derivatives, and [`objective::gradient_error`] compares them with differences.
//! - Data sources and constraints of other crates; regularizers and activations can be added ([`documentation::tutorial`]).
//! - GPUs. The paper's networks take milliseconds a step on one core.
//! - Scheduling on clusters. Workers share a plan ([`experiment`]); a batch system starts them.
//!
//! [`documentation::tutorial`] has examples: one training, a sweep, stored results, the theory, a model of your own.
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
pub mod documentation;
mod elementary;
pub mod error;
pub mod experiment;
#[cfg(feature = "fetch")]
pub mod fetch;
mod guard;
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
