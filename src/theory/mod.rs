//! Measures the paper's statements: assumption, lemma, theorems and corollaries as numbers of one state of a network.
//!
//! | paper | type | numbers |
//! |---|---|---|
//! | Assumption 1, data | [`DataMoments`] | E\[x\] and Cov compared with 0 and I; once per run |
//! | Assumption 1, residual | [`ResidualMoments`] | σ_r by three estimators, moments, correlation |
//! | Lemma 1 | [`Lemma1`] | ∂J_AE/∂b_j, its bound, tightness and violations |
//! | Theorem 1, Eq. 5 | [`Theorem1`], [`Agreement`] | λ ∂R/∂b_j against the bound, the required λ, the effect of a step, Var\[a_j\] against ‖W_j‖² |
//! | Corollaries 1 and 2 | [`Signs`] | signs of ∂R/∂b_j |
//! | Theorem 2 | [`Theorem2`], [`Rises`] | p_j and the true probability; T_min and T_max |
//! | Theorem 3, Eq. 7, §3.1.1 | [`Ledger`] | every order of a DAE's Taylor expansion, and its remainder |
//! | overcompleteness | [`IdentityErrors`] | reconstruction errors of held-out samples, noise and shuffled inputs |
//! | §2.1.2 | [`Properties`] | which activations the corollaries cover |
//!
//! [`Theory`] measures one state in one pass, except for the ledger, which [`TaylorLedger`] measures. Both are generic over the
//! precision and process the samples in batches of constant size; a call allocates only results by unit. E_x is the mean over
//! the given samples: all samples or a mini-batch.
//!
//! **Cost.** [`Theory::measure`] takes three products of N m n operations (a training epoch takes five) and O(N (m + n))
//! besides, plus n² for each of the first 1000 samples. The products of decoder and projection use the active pairs alone if
//! that is faster. If all samples cost too much, measure a part of them. [`DataMoments::of`] takes N n² once.

mod agreement;
mod assumption1;
mod clean;
mod corollaries;
mod identity;
mod ledger;
mod lemma1;
mod measure;
mod memory;
mod properties;
mod quantiles;
mod rises;
mod rows;
mod second_order;
mod table;
mod theorem1;
mod theorem2;
mod units;

pub use agreement::{Agreement, mean_pre_activation};
pub use assumption1::{CORRELATED_SAMPLES, DataMoments, ResidualMoments};
pub use corollaries::{NEGLIGIBLE, Signs};
pub use identity::{IDENTITY_SAMPLES, IdentityErrors};
pub use ledger::{Ledger, MeanEstimate, TaylorLedger};
pub use lemma1::{BatchLemma1, Lemma1};
pub use measure::{SECOND_ORDER_SAMPLES, Subject, Theory, TheoryMeasurement};
pub(crate) use memory::memory;
pub use properties::{CANDIDATES, Candidate, GRID, Properties};
pub use quantiles::Quantiles;
pub(crate) use quantiles::quantile;
pub use rises::{BoundSeries, RISE, Rises};
pub use rows::{EpochRow, LedgerRow, RunRow, UnitRow};
pub use second_order::SecondOrderTerms;
pub use table::{ColumnVisitor, Columns, TheoryTable};
pub use theorem1::{Origin, Theorem1};
pub use theorem2::{Rise, Theorem2, cantelli, edge, longest_rise};

#[cfg(test)]
mod tests;
