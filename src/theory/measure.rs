//! Measures Assumption 1, Lemma 1, Theorems 1 and 2 and the corollaries at one state.

use super::assumption1::{CORRELATED_SAMPLES, ResidualMoments, ResidualSums};
use super::clean::{CleanPass, batches};
use super::corollaries::Signs;
use super::lemma1::{BatchLemma1, Lemma1};
use super::second_order::SecondOrder;
use super::theorem1::{Origin, Theorem1};
use super::theorem2::{Theorem2, edge};
use super::units::UnitSums;
use crate::activation::ActivationSpec;
use crate::linalg::Team;
use crate::parameter::Value;
use crate::real::Real;
use crate::regularizer::{Forward, Regularizer, RegularizerSpec, Shape};
use crate::state::Parameters;
use ndarray::{ArrayView2, Axis, s};

/// Limit on the samples for a DAE's second-order form, because it takes a product with an m × m matrix: the first of the given
/// samples are used.
pub const SECOND_ORDER_SAMPLES: usize = 500;

/// The model that is measured.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// s_e.
    pub activation: &'a ActivationSpec,
    /// δ_min.
    pub threshold: f64,
    /// The model.
    pub regularizer: &'a RegularizerSpec,
    /// λ; for DAE and eDAE σ² or the probability of corruption. At 0 every model is the plain auto-encoder.
    pub coefficient: f64,
    /// n.
    pub inputs: usize,
    /// m.
    pub hidden: usize,
}

/// The measurements at one state on one set of samples.
#[derive(Debug, Clone, PartialEq)]
pub struct TheoryMeasurement {
    /// Assumption 1, the residual's part.
    pub residual: ResidualMoments,
    /// Lemma 1.
    pub lemma1: Lemma1,
    /// Theorem 1.
    pub theorem1: Theorem1,
    /// Corollaries 1 and 2.
    pub signs: Signs,
    /// Theorem 2.
    pub theorem2: Theorem2,
    /// R without its coefficient, or the second-order form of a DAE with fresh Gaussian noise; absent if the model has neither.
    pub penalty: Option<f64>,
}

impl TheoryMeasurement {
    /// Eq. 5: the change of E\[a_j\] \[m\] in a plain gradient step with learning rate η on these samples, for E\[x\] = 0.
    pub fn predicted_change(&self, learning_rate: f64) -> Vec<f64> {
        let Theorem1 { coefficient, penalty_gradient, .. } = &self.theorem1;
        let units = self.lemma1.gradient.iter().zip(penalty_gradient);
        units.map(|(loss, penalty)| -learning_rate * (loss + coefficient * penalty)).collect()
    }
}

/// Measures states of one model; buffers for samples and units are allocated once.
pub struct Theory<F> {
    coefficient: f64,
    origin: Origin,
    edge: f64,
    inputs: usize,
    hidden: usize,
    regularizer: Box<dyn Regularizer<F>>,
    /// The coefficient of `regularizer`: 1, or the run's coefficient if the model doesn't accept 1.
    unit: f64,
    clean: CleanPass<F>,
    residual: ResidualSums<F>,
    units: UnitSums<F>,
    /// Only if the model is a DAE as in Theorem 3.
    second_order: Option<SecondOrder<F>>,
}

impl<F: Real> Theory<F> {
    /// Buffers for measuring `subject`, which is trained on the samples `training` \[N, n\].
    ///
    /// # Panics
    /// If the coefficient isn't one of [`RegularizerSpec::coefficients`].
    pub fn new(subject: Subject<'_>, training: ArrayView2<'_, F>) -> Self {
        let Subject { activation, threshold, regularizer, coefficient, inputs, hidden } = subject;
        let plain = RegularizerSpec::none();
        let model = if coefficient == 0.0 { &plain } else { regularizer };
        let has_second_order = model.obeys_theorem_3();
        let shape = Shape { batch: super::clean::ROWS, inputs, hidden };
        let unit = if model.coefficients().contains(Value::Real(1.0)) { 1.0 } else { coefficient };
        let mut regularizer = model.build::<F>(unit, shape);
        regularizer.prepare(training);
        let origin = match (has_second_order, regularizer.has_bias_gradient()) {
            (true, _) => Origin::SecondOrder,
            (false, true) => Origin::Penalty,
            (false, false) => Origin::Nothing,
        };
        let curvature = match origin {
            Origin::Penalty => regularizer.uses().curvature,
            Origin::SecondOrder => true,
            Origin::Nothing => false,
        };
        Self {
            coefficient,
            unit,
            origin,
            edge: edge(activation, F::from_f64(threshold).as_f64()),
            inputs,
            hidden,
            regularizer,
            clean: CleanPass::new(activation, inputs, hidden, curvature),
            residual: ResidualSums::new(inputs),
            units: UnitSums::new(threshold, hidden),
            second_order: (origin == Origin::SecondOrder)
                .then(|| SecondOrder::new(activation, inputs, hidden)),
        }
    }

    /// The same measurements, with products shared by the threads of `team`. This changes no bit.
    #[must_use]
    pub fn with_team(self, team: &Team) -> Self {
        Self { clean: self.clean.with_team(team.clone()), ..self }
    }

    /// Measures `parameters` on `samples` \[N, n\], all samples or a mini-batch; E_x is the mean over them. It takes three products
    /// for each sample, and for a DAE six more for each of the first [`SECOND_ORDER_SAMPLES`].
    ///
    /// # Panics
    /// If there are no samples or the shapes don't fit.
    pub fn measure(&mut self, samples: ArrayView2<'_, F>, parameters: &Parameters<F>) -> TheoryMeasurement {
        assert!(samples.nrows() > 0, "a measurement on no samples");
        let shape = (parameters.hidden(), parameters.inputs());
        assert_eq!(shape, (self.hidden, self.inputs), "the parameters' shape is not the subject's");
        self.residual.reset(CORRELATED_SAMPLES);
        self.pass(samples, parameters, self.origin == Origin::Penalty);
        let lengths = row_lengths(parameters);
        let (penalty, penalty_gradient) = self.penalty(samples, parameters);
        let residual = self.residual.finish();
        let mut units = self.units.finish();
        let inactive = std::mem::take(&mut units.inactive);
        let lemma1 = Lemma1::new(std::mem::take(&mut units.loss_gradient), &lengths, &residual, self.inputs);
        let signs = Signs::of(&penalty_gradient);
        let term = (self.origin, self.coefficient);
        let theorem1 = Theorem1::new(term, penalty_gradient, &lemma1, units, &lengths, self.inputs);
        let theorem2 = Theorem2::new(self.edge, &theorem1, &lengths, inactive);
        TheoryMeasurement { residual, lemma1, theorem1, signs, theorem2, penalty }
    }

    /// Lemma 1 on mini-batches of `batch` successive rows of `samples` \[N, n\], each with its own E_x and σ_r.
    ///
    /// # Panics
    /// As for [`Theory::measure`], and if `batch` is 0.
    pub fn measure_batches(
        &mut self,
        samples: ArrayView2<'_, F>,
        batch: usize,
        parameters: &Parameters<F>,
    ) -> BatchLemma1 {
        assert!(samples.nrows() > 0, "a measurement on no samples");
        let lengths = row_lengths(parameters);
        let batches = samples.axis_chunks_iter(Axis(0), batch).map(|batch| {
            self.residual.reset(0);
            self.pass(batch, parameters, false);
            let gradient = self.units.finish().loss_gradient;
            Lemma1::new(gradient, &lengths, &self.residual.finish(), self.inputs)
        });
        BatchLemma1::of(&batches.collect::<Vec<_>>())
    }

    /// Computes the sums over all samples.
    fn pass(&mut self, samples: ArrayView2<'_, F>, parameters: &Parameters<F>, with_penalty: bool) {
        self.units.reset();
        for (start, rows) in batches(samples.nrows()) {
            let batch = samples.slice(s![start..start + rows, ..]);
            self.clean.run(parameters, batch);
            self.residual.add(self.clean.error());
            self.units.add(&self.clean);
            if with_penalty {
                let forward = self.clean.forward(parameters, batch);
                // As during training, `measure` gets the slope only if the regularizer uses it.
                let slope_rows = if self.regularizer.uses().pre_activation_adjoint { rows } else { 0 };
                let slope = forward.slope.slice_move(s![..slope_rows, ..]);
                self.regularizer.measure(&Forward { slope, ..forward });
                self.regularizer.measure_bias_gradient(&forward);
            }
        }
    }

    /// R and ∂R/∂b_e of the samples of the last pass.
    fn penalty(&mut self, samples: ArrayView2<'_, F>, parameters: &Parameters<F>) -> (Option<f64>, Vec<f64>) {
        if let Some(second_order) = &mut self.second_order {
            let samples = samples.slice(s![..samples.nrows().min(SECOND_ORDER_SAMPLES), ..]);
            let terms = second_order.measure(&mut self.clean, parameters, samples);
            return (Some(terms.total()), terms.total_gradient());
        }
        if self.origin == Origin::Nothing {
            return (None, vec![0.0; parameters.hidden()]);
        }
        let without_coefficient = |term: f64| term / self.unit;
        let penalty =
            self.regularizer.has_penalty().then(|| without_coefficient(self.regularizer.measured()));
        (penalty, self.regularizer.measured_bias_gradient().into_iter().map(without_coefficient).collect())
    }
}

/// ‖W_j‖ \[m\].
fn row_lengths<F: Real>(parameters: &Parameters<F>) -> Vec<f64> {
    parameters.squared_norms().iter().map(|squared| squared.as_f64().sqrt()).collect()
}
