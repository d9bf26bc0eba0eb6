//! The claims of the paper's section 3 as statistical tests on stored results.
//!
//! [`judge`] makes curves of the stored runs, activation over σ² for each seed, and puts each claim to them as
//! [`margins`] has fixed beforehand: an interval is held against a threshold.
//!
//! - **Contrasts are paired.** Seeds share initial weights, batch orders and noise among models and σ², so what is
//!   compared is subtracted seed by seed; Student's t gives the interval of the mean.
//! - **Support** takes every test of every part, so none is corrected; **contradiction** takes one test, so its intervals are
//!   at 1 − 0.05 / (tests of a part · parts of the claim), by Bonferroni.
//! - **One seed** gives no verdict. It has intervals over its hidden units, which the bootstrap resamples, the same ones in every
//!   run that is compared; they know nothing of other initialisations, and the part says what would follow from them. Records
//!   without counts by unit have none.
//! - **Missing runs** are never guessed. Seeds count that have all runs a claim is about; where none has, a part may still be
//!   contradicted by those there are, or else is undecided, and says why.
//!
//! - **Controls don't count.** The claims are about models as the paper has them: a DAE with other noise than Gaussian
//!   noise drawn afresh, or other parameters than a model's defaults, are curves of their own, which no claim looks up; runs
//!   with a frozen encoder bias are on no curve.
//!
//! Only the main learning rate decides claims 1 to 12; 1 to 3 are repeated at every other rate that is found.

mod bootstrap;
mod catalogue;
mod curves;
mod direction;
mod equality;
mod finding;
mod level;
pub mod margins;
mod sample;
mod section;
mod text;
mod trend;
mod verdict;

pub use section::{RULES, count, sections, verdicts};
pub use verdict::{Basis, Claim, Document, Measure, Outlook, Part, Side, Spread, Threshold, Verdict};

use crate::experiment::config::PAPER_SIGMA_SQUARED;
use crate::report::catalogue::{DATASETS, Dataset};
use crate::report::controls::is_control;
use crate::report::statistics::increasing;
use crate::store::Results;
use catalogue::{CLAIMS, REPEATED};
use curves::{Curves, LEARNING_RATE, PAPER_EPOCHS};

/// The claims with what `results` say about them, but for the sweeps of controls and of the theory: 1 to 12 with 7u, then for each
/// other learning rate 1 to 3 on the data sets that have runs for them at that rate. The same results give the same verdicts,
/// bit for bit.
pub fn judge(results: &[Results]) -> Vec<Claim> {
    let curves = Curves::new(&results.iter().filter(|folder| may_judge(folder)).collect::<Vec<_>>());
    let mut claims: Vec<Claim> =
        CLAIMS.iter().map(|claim| claim.judge(&curves, LEARNING_RATE, &DATASETS)).collect();
    let rates = increasing(curves.curves.iter().map(|curve| curve.series.learning_rate));
    for rate in rates.into_iter().filter(|rate| *rate != LEARNING_RATE) {
        for claim in &CLAIMS[..REPEATED] {
            let has_runs = |dataset: &Dataset| claim.has_runs(&curves, rate, *dataset);
            let datasets: Vec<Dataset> = DATASETS.into_iter().filter(has_runs).collect();
            if !datasets.is_empty() {
                claims.push(claim.judge(&curves, rate, &datasets));
            }
        }
    }
    claims
}

/// Whether claims may use `results`, by their settings. Short sweeps with fewer σ² than the paper's that compare what a control
/// compares, or measure the theory, were trained for other questions.
fn may_judge(results: &Results) -> bool {
    let has = |sigma: &f64| results.runs.iter().any(|run| run.spec.sigma_squared == *sigma);
    let is_short =
        results.runs.iter().any(|run| run.spec.epochs < PAPER_EPOCHS) && !PAPER_SIGMA_SQUARED.iter().all(has);
    let measures_theory = !results.theory.is_empty() || !results.manifest.config["theory"].is_null();
    !(is_short && (measures_theory || is_control(results)))
}

#[cfg(test)]
mod tests;
