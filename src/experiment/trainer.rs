//! The executor of sweeps: trains each run as a [`Run`] in single precision, on samples that all runs share.

use super::execute::{Executor, Supervisor};
use super::plan::{Plan, Training};
use crate::data::{Dataset, Preparation};
use crate::linalg::Team;
use crate::state::Parameters;
use crate::store::Weights;
use crate::training::{Checkpoint, Next, Run, Samples, Session, TheorySpec, Trained};

/// Trains the runs of one plan.
#[derive(Debug)]
pub struct Trainer<'d> {
    dataset: &'d Dataset,
    preparation: Option<Preparation>,
    start: Option<Parameters<f32>>,
    evaluate_every: u32,
    theory: Option<TheorySpec>,
    distribution: bool,
}

impl<'d> Trainer<'d> {
    /// A trainer of `plan` on its data `dataset`; `start` are the parameters of a warm start.
    ///
    /// `start` must have the shape of the plan's runs, as [`Weights::read`] checks.
    pub fn new(plan: &Plan, dataset: &'d Dataset, start: Option<&Weights>) -> Self {
        let for_records = Self::for_records(plan.evaluate_every, dataset, start);
        let preparation = Some(Preparation::of(dataset, &plan.data.source));
        Self { preparation, theory: plan.theory, distribution: plan.distribution, ..for_records }
    }

    /// A trainer that measures every `evaluate_every` epochs what records hold, and nothing for side records.
    pub(super) fn for_records(evaluate_every: u32, dataset: &'d Dataset, start: Option<&Weights>) -> Self {
        let start = start.map(Parameters::from);
        Self { dataset, preparation: None, start, evaluate_every, theory: None, distribution: false }
    }
}

impl Executor for Trainer<'_> {
    fn train(
        &self,
        training: &Training,
        from: Option<Checkpoint<f32>>,
        team: &Team,
        supervisor: &mut dyn Supervisor,
    ) -> Option<Trained<f32>> {
        let every = self.evaluate_every;
        let run = || self.run(training).with_team(team);
        let resumed = from.map(|from| Session::resume(run(), every, from));
        if matches!(resumed, Some(None)) {
            supervisor.restarts();
        }
        let mut session = resumed.flatten().unwrap_or_else(|| Session::new(run(), every));
        while session.step(supervisor) {
            let next = supervisor.next();
            if next != Next::Continue {
                supervisor.save(&session.checkpoint());
            }
            if next == Next::Stop {
                return None;
            }
        }
        Some(session.finish())
    }

    fn preparation(&self) -> Option<&Preparation> {
        self.preparation.as_ref()
    }
}

impl Trainer<'_> {
    fn run<'t>(&'t self, training: &'t Training) -> Run<'t, f32> {
        let samples = Samples {
            train: self.dataset.train.view(),
            held_out: self.dataset.held_out.as_ref().map(|samples| samples.view()),
        };
        let run = Run::new(&training.spec, samples, self.start.as_ref());
        let run = if let Some(theory) = self.theory { run.measuring(theory) } else { run };
        if self.distribution { run.measuring_distribution() } else { run }
    }
}
