//! Measurements of the theory while a run trains. They do not change the run.
//!
//! At a regular interval of epochs: everything of [`Theory`] on the first samples; Lemma 1 on mini-batches of these samples; the change
//! of E\[a_j\] by the next step, and until the next measurement, compared with Eq. 5. At the end: T_min and T_max of Theorem 2, the
//! reconstruction errors of other inputs, and the Taylor ledger of a DAE.

use super::run::Samples;
use super::spec::RunSpec;
use crate::linalg::Team;
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

/// Number of mini-batches on which Lemma 1 is measured.
const MINI_BATCHES: usize = 20;
/// Number of samples of a ledger.
const LEDGER_SAMPLES: usize = 500;
/// Number of draws of ε for each sample of a ledger.
const LEDGER_DRAWS: usize = 8;
/// The σ² of a ledger besides the run's own, from values where Eq. 7 should hold to values where it can't.
const LEDGER_SIGMAS_SQUARED: [f64; 5] = [1e-4, 1e-3, 1e-2, 1e-1, 1.0];

/// The measurements of the theory that a run makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TheorySpec {
    /// Epochs between two measurements, ≥ 1; epoch 0 and the last epoch are measured too.
    pub every: u32,
    /// Number of training samples to measure, from the first on; ≥ 1.
    pub samples: usize,
    /// Whether the numbers of each unit are kept.
    pub units: bool,
}

impl TheorySpec {
    /// Upper estimate of the bytes that measuring `run` takes, in single precision and without the samples: the memory of a measurement,
    /// and the numbers of all measurements, which are kept until the run ends.
    pub(super) fn memory(&self, run: &RunSpec) -> u64 {
        /// Bytes of a kept number: in the run, in a checkpoint, and as text, of which up to five copies exist during a write.
        const BYTES_PER_NUMBER: u64 = 150;
        /// Upper bound on the numbers in a row of the table.
        const NUMBERS_PER_ROW: u64 = 120;
        let measurements = u64::from(run.epochs / self.every.max(1)) + 2;
        // A bound and a probability, and the columns of `UnitRow`.
        let numbers_per_unit = if self.units { 2 + 13 } else { 2 };
        let numbers = NUMBERS_PER_ROW + numbers_per_unit * run.hidden as u64;
        let kept = measurements.saturating_mul(numbers).saturating_mul(BYTES_PER_NUMBER);
        theory::memory(&subject(run), has_ledger(run)).saturating_add(kept)
    }
}

/// A run's measurements of the theory.
#[derive(Debug, Clone, PartialEq)]
pub struct TheoryOutcome {
    /// A row for each measured epoch.
    pub epochs: TheoryTable<EpochRow>,
    /// One row about the whole training; none for a run that diverged.
    pub run: TheoryTable<RunRow>,
    /// A row for each σ² of the Taylor ledger; only for completed runs of the plain auto-encoder, DAE and eDAE.
    pub ledger: TheoryTable<LedgerRow>,
    /// A row for each measured epoch and unit, with [`TheorySpec::units`].
    pub units: Option<TheoryTable<UnitRow>>,
}

/// The measurements of the theory of a run in progress, for its checkpoint.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TheoryWatchState {
    spec: TheorySpec,
    bounds: BoundSeries,
    /// The latest measurement, until the changes after it are known.
    latest: Option<Latest>,
    epochs: TheoryTable<EpochRow>,
    units: Option<TheoryTable<UnitRow>>,
}

impl TheoryWatchState {
    fn new(spec: TheorySpec) -> Self {
        Self {
            spec,
            bounds: BoundSeries::default(),
            latest: None,
            epochs: TheoryTable::default(),
            units: spec.units.then(TheoryTable::default),
        }
    }

    /// The measurements that the run makes.
    pub fn spec(&self) -> TheorySpec {
        self.spec
    }

    /// Whether this state was measured by this version of the program on a network of `hidden` units.
    fn is_of(&self, hidden: usize) -> bool {
        let latest = self.latest.as_ref().is_none_or(|latest| {
            let names = |columns: Vec<_>| columns.into_iter().map(|(name, _)| name);
            let lengths = [latest.predicted.len(), latest.mean.len()];
            lengths == [hidden; 2]
                && names(latest.columns.clone()).eq(names(known_columns(&EpochRow::default())))
        });
        latest
            && self.bounds.has_units(hidden)
            && self.epochs.can_grow()
            && self.units.is_some() == self.spec.units
            && self.units.as_ref().is_none_or(TheoryTable::can_grow)
    }
}

/// Measures the theory while a run trains.
pub(super) struct TheoryWatch<'a, F> {
    run: &'a RunSpec,
    /// The training samples that are measured \[N', n\].
    samples: ArrayView2<'a, F>,
    held_out: Option<ArrayView2<'a, F>>,
    /// The moments of `samples`.
    data: DataMoments,
    theory: Theory<F>,
    team: Team,
    state: TheoryWatchState,
}

/// A measurement whose later changes of E\[a_j\] are not known yet.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Latest {
    /// The columns of its row that are known, from [`known_columns`].
    columns: Vec<(String, Option<f64>)>,
    /// The change predicted by Eq. 5 \[m\].
    predicted: Vec<f64>,
    /// The measured E\[a_j\] \[m\].
    mean: Vec<f64>,
    /// The agreement of the next step's change with the prediction.
    step: Option<Agreement>,
}

impl<'a, F: Real> TheoryWatch<'a, F> {
    /// The measurements of `theory_spec` on a run; the threads of `team` share their products.
    pub(super) fn new(
        spec: &'a RunSpec,
        theory_spec: TheorySpec,
        samples: &Samples<'a, F>,
        team: &Team,
    ) -> Self {
        let count = theory_spec.samples.min(spec.samples);
        let measured = samples.train.slice_move(s![..count, ..]);
        Self {
            run: spec,
            samples: measured,
            held_out: samples.held_out.filter(|samples| samples.nrows() > 0),
            data: DataMoments::of(measured),
            theory: Theory::new(subject(spec), samples.train).with_team(team),
            team: team.clone(),
            state: TheoryWatchState::new(theory_spec),
        }
    }

    /// The measurements that the run makes.
    pub(super) fn spec(&self) -> TheorySpec {
        self.state.spec
    }

    /// The measurements so far, for a checkpoint.
    pub(super) fn state(&self) -> TheoryWatchState {
        self.state.clone()
    }

    /// Resumes from the state in a checkpoint of the same run; `false` if another version of the program has measured other columns.
    pub(super) fn restore(&mut self, state: TheoryWatchState) -> bool {
        let fits = state.is_of(self.run.hidden);
        if fits {
            self.state = state;
        }
        fits
    }

    /// Measures after `epoch` epochs, if a measurement is due.
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
        let columns = known_columns(&EpochRow::new(epoch, self.samples.nrows(), &findings, &batches));
        // Eq. 5 is about the step of the bias; a frozen bias makes none.
        let predicted = match self.run.encoder_bias {
            EncoderBias::Trained => findings.predicted_change(self.run.learning_rate),
            EncoderBias::Frozen => vec![0.0; self.run.hidden],
        };
        self.state.latest = Some(Latest { columns, predicted, mean, step: None });
    }

    /// Compares the first step after a measurement with Eq. 5; to be called after every step.
    pub(super) fn step(&mut self, parameters: &Parameters<F>) {
        if let Some(latest) = self.state.latest.as_mut().filter(|latest| latest.step.is_none()) {
            let after = mean_pre_activation(parameters, &self.data.mean);
            latest.step = Some(Agreement::of(&latest.predicted, &differences(&after, &latest.mean)));
        }
    }

    /// Adds the row of the latest measurement to the table. `mean` is the present E\[a_j\], from which its change follows.
    fn complete_latest(&mut self, mean: Option<&[f64]>) {
        let Some(Latest { columns, predicted, mean: before, step }) = self.state.latest.take() else {
            return;
        };
        let since = mean.map(|mean| Agreement::of(&predicted, &differences(mean, &before)));
        let known: BTreeMap<String, Option<f64>> = columns.into_iter().collect();
        self.state.epochs.push(&EpochRow {
            theorem1_step: step.unwrap_or_default(),
            theorem1_interval: since.unwrap_or_default(),
            ..EpochRow::read(|name| *known.get(name)?)
        });
    }

    /// All measurements, after the last epoch; `parameters` are given where the run completed.
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

    /// The rows of the ledger; none for models without one.
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
        let ledger = TaylorLedger::new(&self.run.activation, self.run.inputs, self.run.hidden);
        let mut ledger = ledger.with_team(&self.team);
        let ledgers = ledger.measure(samples, parameters, &sigmas_squared, &noise, LEDGER_DRAWS);
        ledgers.iter().map(|ledger| LedgerRow::new(ledger, self.run.batch)).collect()
    }

    /// A seed for the draws of measurements, which no replicate of a sweep would have, so that no draw was trained on.
    fn other_seed(&self) -> u64 {
        !self.run.seed
    }
}

/// The settings of `run` that the theory needs.
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

/// Whether `run` has a Taylor ledger: models whose objective has no other term than a DAE's.
fn has_ledger(run: &RunSpec) -> bool {
    use RegularizerKind::{Edae, None};
    matches!(run.regularizer.kind(), None | Edae) || run.regularizer.obeys_theorem_3()
}

fn differences(after: &[f64], before: &[f64]) -> Vec<f64> {
    after.iter().zip(before).map(|(after, before)| after - before).collect()
}

/// The columns of a row that are known at its measurement: all but the last ones, about the changes afterwards.
fn known_columns(row: &EpochRow) -> Vec<(String, Option<f64>)> {
    let after = [row.theorem1_step, row.theorem1_interval].map(|after| after.columns().len());
    let mut columns = row.columns();
    columns.truncate(columns.len() - after.iter().sum::<usize>());
    columns
}
