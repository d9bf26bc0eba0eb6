//! The executor of real sweeps: every training is a [`Run`] in single precision over the same shared samples.

use super::{Executor, Training};
use crate::data::Dataset;
use crate::store::Weights;
use crate::training::{Observer, Run, Samples, Trained, WarmStart};

/// Trains the runs of one plan.
#[derive(Debug)]
pub struct Trainer<'d> {
    dataset: &'d Dataset,
    start: Option<WarmStart<f32>>,
    evaluate_every: u32,
}

impl<'d> Trainer<'d> {
    /// A trainer on `dataset`, from the parameters `start` where they are given, that measures each
    /// `evaluate_every` epochs.
    ///
    /// The shape of `start` must be that of the plan's runs: [`Weights::check_shape`].
    pub fn new(dataset: &'d Dataset, start: Option<&Weights>, evaluate_every: u32) -> Self {
        Self { dataset, start: start.cloned().map(WarmStart::from), evaluate_every }
    }
}

impl Executor for Trainer<'_> {
    fn train(&self, training: &Training, observer: &mut dyn Observer) -> Trained<f32> {
        let samples = Samples {
            train: self.dataset.train.view(),
            held_out: self.dataset.held_out.as_ref().map(|samples| samples.view()),
        };
        Run::new(&training.spec, samples, self.start.as_ref()).train(self.evaluate_every, observer)
    }
}
