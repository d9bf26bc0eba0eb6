//! The executor of real sweeps: every training is a [`Run`] in single precision over the same shared samples.

use super::{Executor, Plan, Training};
use crate::data::Dataset;
use crate::store::Weights;
use crate::training::{Observer, Run, Samples, TheorySpec, Trained, WarmStart};

/// Trains the runs of one plan.
#[derive(Debug)]
pub struct Trainer<'d> {
    dataset: &'d Dataset,
    start: Option<WarmStart<f32>>,
    evaluate_every: u32,
    theory: Option<TheorySpec>,
}

impl<'d> Trainer<'d> {
    /// A trainer of `plan` on its data `dataset`, from the parameters `start` where they are given.
    ///
    /// The shape of `start` must be that of the plan's runs: [`Weights::check_shape`].
    pub fn new(plan: &Plan, dataset: &'d Dataset, start: Option<&Weights>) -> Self {
        let start = start.cloned().map(WarmStart::from);
        Self { dataset, start, evaluate_every: plan.evaluate_every, theory: plan.theory }
    }
}

impl Executor for Trainer<'_> {
    fn train(&self, training: &Training, observer: &mut dyn Observer) -> Trained<f32> {
        let samples = Samples {
            train: self.dataset.train.view(),
            held_out: self.dataset.held_out.as_ref().map(|samples| samples.view()),
        };
        let run = Run::new(&training.spec, samples, self.start.as_ref());
        let run = if let Some(theory) = self.theory { run.measuring(theory) } else { run };
        run.train(self.evaluate_every, observer)
    }
}
