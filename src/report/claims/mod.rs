//! The claims of the paper's section 3 as statistical tests on stored results.
//!
//! [`judge`] makes curves of the stored runs, activation over σ² for each seed. Each claim is a comparison of an interval with a
//! threshold; [`margins`] fixed the thresholds beforehand.
//!
//! - **Contrasts are paired.** Runs of one seed share initial weights, batch orders and noise among models and σ², so differences
//!   are taken seed by seed; Student's t gives the interval of their mean.
//! - **Support** needs every test of every part, so no test is corrected. **Contradiction** needs a single test, so its intervals
//!   have the confidence 1 − 0.05 / (tests of a part · parts of the claim), by Bonferroni.
//! - **One seed** gives no verdict. Its intervals come from a bootstrap over its hidden units, with the same resamples in every
//!   compared run. They ignore the spread between initialisations, so the part only says what verdict would follow. Records
//!   without counts by unit have no such interval.
//! - **Missing runs** are never guessed. A seed counts if it has all runs that the claim is about. Where no seed has, the
//!   existing runs may still contradict the part; otherwise it is undecided, and its note says why.
//!
//! - **Controls don't count**, except for claim 13. The claims are about the paper's models. A DAE with other noise than fresh Gaussian
//!   noise, or a model with other parameters than its defaults, has a curve of its own, which no claim uses. Runs with a frozen
//!   encoder bias are on no curve. Claim 13 is about one of the controls: a DAE with two draws of each sample.
//!
//! Only the main learning rate decides claims 1 to 13; 1 to 3 are repeated at every other rate that is found.

mod bootstrap;
mod catalogue;
mod contrast;
mod curves;
mod direction;
mod editions;
mod equality;
mod finding;
mod level;
pub mod margins;
mod section;
mod share;
mod text;
mod trend;
mod verdict;

pub use editions::FIRST_EDITION;
pub use section::{RULES, count, first_edition, open_parts, qualified_verdict, sections, verdicts};
pub use verdict::{
    Basis, Claim, ClaimPart, ClaimThreshold, Measure, SeedsToDecide, Side, Spread, Verdict, VerdictsJson,
};

use crate::report::catalogue::{DATASETS, PaperDataset};
use crate::report::controls::is_control;
use crate::report::statistics::increasing;
use crate::store::Results;
use catalogue::{CLAIMS, ClaimDefinition, REPEATED};
use curves::{ClaimCurves, EXPLANATION_RUNS, LEARNING_RATE, PAPER_RUNS};

/// The claims judged by `results`: 1 to 13 with 5a and 7u, followed by 1 to 3 for each other learning rate, on the data sets that have
/// runs at that rate. Sweeps of controls and of the theory are left out, except for claim 13. Equal results give equal verdicts, bit
/// for bit.
pub fn judge(results: &[Results]) -> Vec<Claim> {
    let papers: Vec<&Results> = results.iter().filter(|folder| may_judge(folder)).collect();
    let curves = ClaimCurves::new(&papers, &PAPER_RUNS);
    let explanation = ClaimCurves::new(&results.iter().collect::<Vec<_>>(), &EXPLANATION_RUNS);
    let judge = |claim: &ClaimDefinition| {
        let curves = if claim.is_about_a_control() { &explanation } else { &curves };
        claim.judge(curves, LEARNING_RATE, &DATASETS)
    };
    let mut claims: Vec<Claim> = CLAIMS.iter().map(judge).collect();
    let rates = increasing(curves.curves.iter().map(|curve| curve.settings.learning_rate));
    for rate in rates.into_iter().filter(|rate| *rate != LEARNING_RATE) {
        for claim in &CLAIMS[..REPEATED] {
            let has_runs = |dataset: &PaperDataset| claim.has_runs(&curves, rate, *dataset);
            let datasets: Vec<PaperDataset> = DATASETS.into_iter().filter(has_runs).collect();
            if !datasets.is_empty() {
                claims.push(claim.judge(&curves, rate, &datasets));
            }
        }
    }
    claims
}

/// Whether claims may use `results`. A short sweep that lacks some of the paper's σ² and is a control, or measures the theory,
/// was trained for another question.
fn may_judge(results: &Results) -> bool {
    let has = |sigma: &f64| results.runs.iter().any(|run| run.spec.sigma_squared == *sigma);
    let is_short = results.runs.iter().any(|run| run.spec.epochs < PAPER_RUNS.epochs)
        && !PAPER_RUNS.sigmas.iter().all(has);
    let measures_theory = !results.theory.is_empty() || !results.manifest.config["theory"].is_null();
    !(is_short && (measures_theory || is_control(results)))
}

#[cfg(test)]
mod tests;
