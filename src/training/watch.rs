//! What a run measures of the theory while it trains; nothing here changes the run.
//!
//! After every so many epochs everything of [`Theory`] on the first samples, Lemma 1 on mini-batches of them, and what the next
//! step and the epochs up to the next measurement do to E\[a_j\] against Eq. 5; at the end T_min and T_max of Theorem 2, the
//! reconstruction of other inputs, and the Taylor ledger of a DAE.

use super::run::Samples;
use super::spec::RunSpec;
use crate::optimizer::EncoderBias;
use crate::random::Noise;
use crate::real::Real;
use crate::regularizer::RegularizerKind;
use crate::state::Parameters;
use crate::theory::{
    self, Agreement, BoundSeries, Columns, DataMoments, EpochRow, IdentityErrors, LedgerRow, RunRow, Subject,
    TaylorLedger, Theory, TheoryTable, UnitRow, mean_pre_activation,
};
use ndarray::{ArrayView2, s};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Mini-batches that Lemma 1 is measured on.
const MINI_BATCHES: usize = 20;
/// Samples of a ledger.
const LEDGER_SAMPLES: usize = 500;
/// Draws of ε of a ledger.
const LEDGER_DRAWS: usize = 8;
/// The σ² of a ledger, beside the run's own: from where Eq. 7 should hold to where it can't.
const LEDGER_SIGMAS_SQUARED: [f64; 5] = [1e-4, 1e-3, 1e-2, 1e-1, 1.0];

/// How much of the theory a run measures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TheorySpec {
    /// Measure at epoch 0, at each multiple of this and at the last epoch; ≥ 1.
    pub every: u32,
    /// Measure on the first so many training samples; ≥ 1.
    pub samples: usize,
    /// Keep the numbers of each unit.
    pub units: bool,
}

impl TheorySpec {
    /// An upper estimate of the bytes that measuring `run` takes in single precision, beside the samples: what a measurement
    /// takes, and the numbers that are kept of each until the run ends.
    pub(super) fn memory(&self, run: &RunSpec) -> u64 {
        /// Bytes of a kept number: in the run, in a checkpoint, and as text, of which writing has up to five copies.
        const KEPT: u64 = 150;
        /// Numbers of a measurement in a row of the table, at least as many as there are.
        const ROW: u64 = 120;
        let measurements = u64::from(run.epochs / self.every.max(1)) + 2;
        // A bound and a probability, and the columns of `UnitRow`.
        let of_a_unit = if self.units { 2 + 13 } else { 2 };
        let kept = measurements.saturating_mul(ROW + of_a_unit * run.hidden as u64).saturating_mul(KEPT);
        theory::memory(&subject(run), has_ledger(run)).saturating_add(kept)
    }
}

/// What a run has measured of the theory.
#[derive(Debug, Clone, PartialEq)]
pub struct TheoryOutcome {
    /// A row for each measured epoch.
    pub epochs: TheoryTable<EpochRow>,
    /// One row about the whole training; none where it diverged.
    pub run: TheoryTable<RunRow>,
    /// A row for each σ²: models without another term, DAE and eDAE, where they completed.
    pub ledger: TheoryTable<LedgerRow>,
    /// Where asked for, a row for each measured epoch and unit.
    pub units: Option<TheoryTable<UnitRow>>,
}

/// What has been measured of a run that goes on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WatchState {
    spec: TheorySpec,
    bounds: BoundSeries,
    /// The latest measurement, until it is known what came after it.
    latest: Option<Latest>,
    epochs: TheoryTable<EpochRow>,
    units: Option<TheoryTable<UnitRow>>,
}

impl WatchState {
    fn new(spec: TheorySpec) -> Self {
        Self {
            spec,
            bounds: BoundSeries::default(),
            latest: None,
            epochs: TheoryTable::default(),
            units: spec.units.then(TheoryTable::default),
        }
    }

    /// What is measured.
    pub fn spec(&self) -> TheorySpec {
        self.spec
    }

    /// Whether this version of the program has measured it, of a network of `hidden` units.
    fn is_of(&self, hidden: usize) -> bool {
        let latest = self.latest.as_ref().is_none_or(|latest| {
            let names = |columns: Vec<_>| columns.into_iter().map(|(name, _)| name);
            let lengths = [latest.predicted.len(), latest.mean.len()];
            lengths == [hidden; 2] && names(latest.columns.clone()).eq(names(begun(&EpochRow::default())))
        });
        latest
            && self.bounds.has_units(hidden)
            && self.epochs.can_grow()
            && self.units.is_some() == self.spec.units
            && self.units.as_ref().is_none_or(TheoryTable::can_grow)
    }
}

/// The measurements of one run.
pub(super) struct Watch<'a, F> {
    run: &'a RunSpec,
    /// The training samples that are measured \[N', n\].
    samples: ArrayView2<'a, F>,
    held_out: Option<ArrayView2<'a, F>>,
    /// Their moments.
    data: DataMoments,
    theory: Theory<F>,
    state: WatchState,
}

/// A measurement that waits for what comes after it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Latest {
    /// What [`begun`] has of its row.
    columns: Vec<(String, Option<f64>)>,
    /// Eq. 5 \[m\].
    predicted: Vec<f64>,
    /// E\[a_j\] \[m\] as measured.
    mean: Vec<f64>,
    /// What the next step did.
    step: Option<Agreement>,
}

impl<'a, F: Real> Watch<'a, F> {
    pub(super) fn new(spec: &'a RunSpec, theory_spec: TheorySpec, samples: &Samples<'a, F>) -> Self {
        let count = theory_spec.samples.min(spec.samples);
        let measured = samples.train.slice_move(s![..count, ..]);
        Self {
            run: spec,
            samples: measured,
            held_out: samples.held_out.filter(|samples| samples.nrows() > 0),
            data: DataMoments::of(measured),
            theory: Theory::new(subject(spec), samples.train),
            state: WatchState::new(theory_spec),
        }
    }

    /// What is measured.
    pub(super) fn spec(&self) -> TheorySpec {
        self.state.spec
    }

    /// What has been measured so far.
    pub(super) fn state(&self) -> WatchState {
        self.state.clone()
    }

    /// Goes on from what another process has measured of the same run; `false` where it has measured other things, as another
    /// version of the program may have.
    pub(super) fn restore(&mut self, state: WatchState) -> bool {
        let fits = state.is_of(self.run.hidden);
        if fits {
            self.state = state;
        }
        fits
    }

    /// Measures after `epoch` epochs, where it is time to.
    pub(super) fn epoch(&mut self, epoch: u32, parameters: &Parameters<F>) {
        if !epoch.is_multiple_of(self.state.spec.every) && epoch != self.run.epochs {
            return;
        }
        let findings = self.theory.measure(self.samples, parameters);
        let of_batches = self.samples.nrows().min(MINI_BATCHES * self.run.batch);
        let batches = self.samples.slice(s![..of_batches, ..]);
        let batches = self.theory.measure_batches(batches, self.run.batch, parameters);
        let mean = mean_pre_activation(parameters, &self.data.mean);
        self.complete_latest(Some(&mean));
        self.state.bounds.push(epoch, &findings.theorem2);
        if let Some(units) = &mut self.state.units {
            UnitRow::all(epoch, &findings, parameters).for_each(|row| units.push(&row));
        }
        let columns = begun(&EpochRow::new(epoch, self.samples.nrows(), &findings, &batches));
        // A frozen bias has no step of Eq. 5.
        let predicted = match self.run.encoder_bias {
            EncoderBias::Trained => findings.theorem1.predicted_change(self.run.learning_rate),
            EncoderBias::Frozen => vec![0.0; self.run.hidden],
        };
        self.state.latest = Some(Latest { columns, predicted, mean, step: None });
    }

    /// A step has been taken.
    pub(super) fn step(&mut self, parameters: &Parameters<F>) {
        if let Some(latest) = self.state.latest.as_mut().filter(|latest| latest.step.is_none()) {
            let after = mean_pre_activation(parameters, &self.data.mean);
            latest.step = Some(Agreement::of(&latest.predicted, &differences(&after, &latest.mean)));
        }
    }

    /// Writes the latest measurement's row, with what has become of E\[a_j\] if `mean` says it.
    fn complete_latest(&mut self, mean: Option<&[f64]>) {
        let Some(Latest { columns, predicted, mean: before, step }) = self.state.latest.take() else {
            return;
        };
        let since = mean.map(|mean| Agreement::of(&predicted, &differences(mean, &before)));
        let begun: BTreeMap<String, Option<f64>> = columns.into_iter().collect();
        self.state.epochs.push(&EpochRow {
            theorem1_step: step.unwrap_or_default(),
            theorem1_interval: since.unwrap_or_default(),
            ..EpochRow::read(|name| *begun.get(name)?)
        });
    }

    /// Everything, after the last epoch, with `parameters` where the run completed.
    pub(super) fn finish(mut self, parameters: Option<&Parameters<F>>) -> TheoryOutcome {
        self.complete_latest(None);
        let (mut run, mut ledger) = (TheoryTable::default(), TheoryTable::default());
        if let Some(parameters) = parameters {
            let errors = self.held_out.map(|samples| {
                IdentityErrors::of(&self.run.activation, parameters, samples, self.other_seed())
            });
            run.push(&RunRow::new(&self.data, self.state.bounds.rises(), errors));
            self.ledgers(parameters).iter().for_each(|row| ledger.push(row));
        }
        TheoryOutcome { epochs: self.state.epochs, run, ledger, units: self.state.units }
    }

    /// The ledger's rows, where there is one.
    fn ledgers(&self, parameters: &Parameters<F>) -> Vec<LedgerRow> {
        if !has_ledger(self.run) {
            return Vec::new();
        }
        let mut sigmas_squared = LEDGER_SIGMAS_SQUARED.to_vec();
        sigmas_squared.push(self.run.sigma_squared);
        sigmas_squared.sort_by(f64::total_cmp);
        sigmas_squared.dedup();
        sigmas_squared.retain(|sigma_squared| *sigma_squared > 0.0);
        let samples = self.samples.slice(s![..self.samples.nrows().min(LEDGER_SAMPLES), ..]);
        let noise = Noise::new(self.other_seed());
        let mut ledger = TaylorLedger::new(&self.run.activation, self.run.inputs, self.run.hidden);
        let ledgers = ledger.measure(samples, parameters, &sigmas_squared, &noise, LEDGER_DRAWS);
        ledgers.iter().map(|ledger| LedgerRow::new(ledger, self.run.batch)).collect()
    }

    /// A seed for what is measured, so that no draw is one that was trained on; no replicate of a sweep would have it.
    fn other_seed(&self) -> u64 {
        !self.run.seed
    }
}

/// What is measured of `run`.
fn subject(run: &RunSpec) -> Subject<'_> {
    Subject {
        activation: &run.activation,
        threshold: run.threshold,
        regularizer: &run.regularizer,
        coefficient: run.sigma_squared,
        inputs: run.inputs,
        hidden: run.hidden,
    }
}

/// Whether a ledger is kept of `run`: not of models that train on another term than a DAE's.
fn has_ledger(run: &RunSpec) -> bool {
    use RegularizerKind::{Edae, None};
    matches!(run.regularizer.kind(), None | Edae) || run.regularizer.obeys_theorem_3()
}

fn differences(after: &[f64], before: &[f64]) -> Vec<f64> {
    after.iter().zip(before).map(|(after, before)| after - before).collect()
}

/// The columns of a row up to those of what comes after its measurement, which are the last ones.
fn begun(row: &EpochRow) -> Vec<(String, Option<f64>)> {
    let after = [row.theorem1_step, row.theorem1_interval].map(|after| after.columns().len());
    let mut columns = row.columns();
    columns.truncate(columns.len() - after.iter().sum::<usize>());
    columns
}
