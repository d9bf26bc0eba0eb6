//! What the paper proves, measured: its assumption, lemma, theorems and corollaries as numbers of one state.
//!
//! | paper | here | numbers |
//! |---|---|---|
//! | Assumption 1, data | [`DataMoments`] | E\[x\], Cov against 0 and I; once per run |
//! | Assumption 1, residual | [`Residual`] | σ_r by three estimators, moments, correlation |
//! | Lemma 1 | [`Lemma1`] | ∂J_AE/∂b_j, its bound, how tight it is, who breaks it |
//! | Theorem 1, Eq. 5 | [`Theorem1`], [`Agreement`] | λ ∂R/∂b_j against the bound, the λ it takes, what a step does, Var\[a_j\] against ‖W_j‖² |
//! | Corollaries 1 and 2 | [`Signs`] | signs of ∂R/∂b_j |
//! | Theorem 2 | [`Theorem2`], [`Rises`] | p_j and the truth; T_min and T_max |
//! | Theorem 3, Eq. 7, §3.1.1 | [`Ledger`] | every order of a DAE's Taylor expansion, and its remainder |
//! | overcompleteness | [`IdentityErrors`] | reconstruction of held-out samples, of noise and of shuffled inputs |
//! | §2.1.2 | [`Properties`] | which activations the corollaries cover |
//!
//! [`Theory`] takes everything of one state in one pass, [`TaylorLedger`] the ledger. Both are generic over the precision, go
//! through the samples in batches of constant size and allocate per call no more than results by unit. E_x is the mean over
//! the samples that are given: all of them, or a mini-batch.
//!
//! **Cost.** [`Theory::measure`]: three products of N m n (of a training epoch's five), the decoder's and the
//! projection's over active pairs alone where that is faster, and O(N (m + n)) besides; n² for each of the first 1000
//! samples. Samples can be given in part where that is too much. [`DataMoments::of`]: N n² once.

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
mod rises;
mod rows;
mod second_order;
mod summary;
mod table;
mod theorem1;
mod theorem2;
mod units;

pub use agreement::{Agreement, mean_pre_activation};
pub use assumption1::{CORRELATED_SAMPLES, DataMoments, Residual};
pub use corollaries::{NEGLIGIBLE, Signs};
pub use identity::{IDENTITY_SAMPLES, IdentityErrors};
pub use ledger::{Estimate, Ledger, TaylorLedger};
pub use lemma1::{BatchLemma1, Lemma1};
pub use measure::{Findings, SECOND_ORDER_SAMPLES, Subject, Theory};
pub(crate) use memory::memory;
pub use properties::{CANDIDATES, Candidate, GRID, Properties};
pub use rises::{BoundSeries, RISE, Rises};
pub use rows::{EpochRow, LedgerRow, RunRow, UnitRow};
pub use second_order::SecondOrderTerms;
pub use summary::Summary;
pub use table::{Cells, Each, Table};
pub use theorem1::{Origin, Theorem1};
pub use theorem2::{Rise, Theorem2, cantelli, edge, longest_rise};

#[cfg(test)]
mod tests;
