//! The executor of real sweeps: every training is a [`Run`] in single precision over the same shared samples.

use super::{Executor, Trained, Training, WeightsOutput};
use crate::data::Dataset;
use crate::state::Parameters;
use crate::store::Weights;
use crate::training::{Observer, Run, Samples, Status, WarmStart};
use ndarray::Array1;

/// Trains the runs of one plan.
#[derive(Debug)]
pub struct Trainer<'d> {
    dataset: &'d Dataset,
    start: Option<WarmStart<f32>>,
    evaluate_every: u32,
    keep: WeightsOutput,
}

impl<'d> Trainer<'d> {
    /// A trainer on `dataset`, from the parameters `start` where they are given, which measures each
    /// `evaluate_every` epochs and hands over the weights that `keep` names.
    ///
    /// The shape of `start` must be that of the plan's runs: [`Weights::check_shape`].
    pub fn new(
        dataset: &'d Dataset,
        start: Option<&Weights>,
        evaluate_every: u32,
        keep: WeightsOutput,
    ) -> Self {
        Self { dataset, start: start.map(warm_start), evaluate_every, keep }
    }
}

impl Executor for Trainer<'_> {
    fn train(&self, training: &Training, observer: &mut dyn Observer) -> Trained {
        let samples = Samples {
            train: self.dataset.train.view(),
            held_out: self.dataset.held_out.as_ref().map(|samples| samples.view()),
        };
        let run = Run::<f32>::new(&training.spec, samples, self.start.as_ref());
        let trained = run.train(self.evaluate_every, observer);
        // Weights that diverged are no result.
        let completed = trained.outcome.status == Status::Completed;
        let initial = completed && self.keep == WeightsOutput::InitialAndFinal;
        let last = completed && self.keep != WeightsOutput::None;
        Trained {
            outcome: trained.outcome,
            initial: initial.then(|| weights(&trained.initial)),
            last: last.then(|| weights(&trained.last)),
        }
    }
}

fn warm_start(weights: &Weights) -> WarmStart<f32> {
    WarmStart {
        weights: weights.w.clone(),
        bias: weights.b.to_vec(),
        decoder_bias: weights.b_d.iter().flatten().copied().collect(),
    }
}

fn weights(parameters: &Parameters<f32>) -> Weights {
    let b_d = parameters.decoder_bias();
    Weights {
        w: parameters.weights().to_owned(),
        b: Array1::from(parameters.bias().to_vec()),
        b_d: (!b_d.is_empty()).then(|| Array1::from(b_d.to_vec())),
    }
}
