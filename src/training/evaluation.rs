//! The measurement of a network on the clean samples, in blocks of one constant size.
//!
//! Active pairs are counted in integers and sums are computed in `f64`. Measuring does not change the run.

use super::metrics::Measurement;
use super::run::Samples;
use super::spec::RunSpec;
use crate::activation::Batch;
use crate::linalg::{Matrix, PlainLoop, Products, Team, residual, values, values_mut, vectorize};
use crate::objective::{Objective, encode};
use crate::real::Real;
use crate::regularizer::{Forward, Regularizer, Uses};
use crate::state::Parameters;
use ndarray::{ArrayView2, s};

/// Samples in a block. Constant, because the bits of a dense product depend on the number of rows; small, so that the buffers take less
/// memory than the weights.
pub(super) const ROWS: usize = 100;

/// Buffers and constants of a run's measurements.
pub(super) struct Evaluation<F> {
    hidden: Matrix<F>,
    pre_activation: Matrix<F>,
    /// s'(a); no rows where the penalty does not use it.
    slope: Matrix<F>,
    /// s''(a); no rows where the penalty does not use it.
    curvature: Matrix<F>,
    output: Matrix<F>,
    products: Products<F>,
    /// E‖x − E x‖² of the training samples.
    data_variance: f64,
    /// Number of samples on which each unit was active \[m\].
    active: Vec<u64>,
    /// Σ a_j over the samples \[m\].
    sum: Vec<f64>,
    /// Σ a_j² over the samples \[m\].
    sum_of_squares: Vec<f64>,
}

/// Totals of one pass over a set of samples.
struct Totals {
    /// Number of pairs of sample and unit with h_j > δ_min.
    active_pairs: u64,
    /// Σ ‖x − y‖².
    squared_error: f64,
}

impl<F: Real> Evaluation<F> {
    pub(super) fn new(spec: &RunSpec, samples: &Samples<'_, F>, regularizer: &dyn Regularizer<F>) -> Self {
        let rows = ROWS.min(samples.train.nrows());
        // Only penalties read derivatives in a measurement. eDAE has no penalty and reads them only in training.
        let uses = if regularizer.has_penalty() { regularizer.uses() } else { Uses::default() };
        let rows_if = |used| if used { rows } else { 0 };
        Self {
            hidden: Matrix::zeros(rows, spec.hidden),
            pre_activation: Matrix::zeros(rows, spec.hidden),
            slope: Matrix::zeros(rows_if(uses.pre_activation_adjoint), spec.hidden),
            curvature: Matrix::zeros(rows_if(uses.curvature), spec.hidden),
            output: Matrix::zeros(rows, samples.train.ncols()),
            products: Products::new(rows, samples.train.ncols(), spec.hidden),
            data_variance: total_variance(samples.train),
            active: vec![0; spec.hidden],
            sum: vec![0.0; spec.hidden],
            sum_of_squares: vec![0.0; spec.hidden],
        }
    }

    /// The same, with the products shared by the threads of `team`.
    pub(super) fn with_team(self, team: Team) -> Self {
        Self { products: self.products.with_team(team), ..self }
    }

    /// Measures `parameters` after `epoch` epochs; passes the codes of the training samples to `each`, a block \[B, m\] at a time.
    pub(super) fn measure(
        &mut self,
        spec: &RunSpec,
        samples: &Samples<'_, F>,
        parameters: &Parameters<F>,
        objective: &mut Objective<F>,
        each: impl FnMut(&[F]),
        (epoch, training_loss): (u32, Option<f64>),
    ) -> Measurement {
        let held_out = samples.held_out.filter(|held_out| held_out.nrows() > 0).map(|held_out| {
            let totals = self.pass(spec, held_out, parameters, None, |_| ());
            let count = held_out.nrows() as f64;
            (totals.active_pairs as f64 / (count * spec.hidden as f64), totals.squared_error / count)
        });
        // The training samples come last, so that the counts for each unit are theirs.
        let totals = self.pass(spec, samples.train, parameters, Some(&mut *objective), each);
        let (count, m) = (samples.train.nrows() as f64, spec.hidden as f64);
        let dead_units = self.active.iter().filter(|active| **active == 0).count() as u64;
        let alive = m - dead_units as f64;
        let norms = || parameters.squared_norms().iter().map(|squared| squared.as_f64());
        let variance = |(sum, squares): (&f64, &f64)| (squares / count - (sum / count).powi(2)).max(0.0);
        let hits = objective.regularizer().range_hits();
        let regularizer = objective.regularizer_mut();
        Measurement {
            epoch,
            training_loss,
            avg_activation_fraction: totals.active_pairs as f64 / (count * m),
            alive_activation_fraction: (alive > 0.0).then(|| totals.active_pairs as f64 / (count * alive)),
            dead_units,
            dead_fraction: dead_units as f64 / m,
            mean_pre_activation: self.sum.iter().sum::<f64>() / (count * m),
            variance_pre_activation: self.sum.iter().zip(&self.sum_of_squares).map(variance).sum::<f64>() / m,
            mean_weight_norm: norms().map(f64::sqrt).sum::<f64>() / m,
            zero_rows: norms().filter(|squared| *squared == 0.0).count() as u64,
            reconstruction: totals.squared_error / count,
            penalty: regularizer.has_penalty().then(|| regularizer.measured()),
            fraction_variance_unexplained: (self.data_variance > 0.0)
                .then(|| totals.squared_error / count / self.data_variance),
            held_out_activation_fraction: held_out.map(|(fraction, _)| fraction),
            held_out_reconstruction: held_out.map(|(_, reconstruction)| reconstruction),
            rho_max_hits: hits.map(|hits| hits.above),
            rho_min_hits: hits.and_then(|hits| hits.below),
        }
    }

    /// For each unit, the number of training samples on which it was active in the latest measurement.
    pub(super) fn active_samples(&self) -> &[u64] {
        &self.active
    }

    /// Encodes and decodes all of `input` \[N, n\]; leaves the counts and sums for each unit in the buffers.
    fn pass(
        &mut self,
        spec: &RunSpec,
        input: ArrayView2<'_, F>,
        parameters: &Parameters<F>,
        mut objective: Option<&mut Objective<F>>,
        mut each: impl FnMut(&[F]),
    ) -> Totals {
        let (m, n) = (parameters.hidden(), parameters.inputs());
        self.active.fill(0);
        self.sum.fill(0.0);
        self.sum_of_squares.fill(0.0);
        let mut squared_error = 0.0;
        for start in (0..input.nrows()).step_by(self.hidden.rows()) {
            let rows = self.hidden.rows().min(input.nrows() - start);
            let batch = input.slice(s![start..start + rows, ..]);
            let [slope_rows, curvature_rows] = [&self.slope, &self.curvature]
                .map(|derivative| if objective.is_some() { rows.min(derivative.rows()) } else { 0 });
            let into = Batch {
                pre_activation: &mut self.pre_activation.values_mut()[..rows * m],
                hidden: &mut self.hidden.values_mut()[..rows * m],
                slope: &mut self.slope.values_mut()[..slope_rows * m],
                curvature: &mut self.curvature.values_mut()[..curvature_rows * m],
            };
            encode(self.products.team(), &spec.activation, parameters, batch, into);
            self.count(spec.threshold, rows);
            each(&self.hidden.values()[..rows * m]);
            let (mut output, hidden) = (self.output.head_mut(rows), self.hidden.head(rows));
            self.products.begin(hidden, spec.activation.vanishes());
            self.products.combine(output.view_mut(), hidden, parameters.weights());
            let target = values(&batch);
            squared_error +=
                residual(values_mut(&mut output), target, parameters.decoder_bias(), n, F::one());
            if let Some(objective) = &mut objective {
                objective.regularizer_mut().measure(&Forward {
                    target: batch,
                    hidden: self.hidden.head(rows),
                    slope: self.slope.head(slope_rows),
                    curvature: self.curvature.head(curvature_rows),
                    parameters,
                });
            }
        }
        Totals { active_pairs: self.active.iter().sum(), squared_error }
    }

    /// Adds the first `rows` rows to the counts of h_j > δ_min and to the sums of a_j and a_j².
    fn count(&mut self, threshold: f64, rows: usize) {
        let m = self.active.len();
        vectorize(Count {
            threshold: F::from_f64(threshold),
            hidden: &self.hidden.values()[..rows * m],
            pre_activation: &self.pre_activation.values()[..rows * m],
            active: &mut self.active,
            sum: &mut self.sum,
            sum_of_squares: &mut self.sum_of_squares,
        });
    }
}

struct Count<'a, F> {
    threshold: F,
    hidden: &'a [F],
    pre_activation: &'a [F],
    active: &'a mut [u64],
    sum: &'a mut [f64],
    sum_of_squares: &'a mut [f64],
}

impl<F: Real> PlainLoop for Count<'_, F> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let m = self.active.len();
        for (h, a) in self.hidden.chunks_exact(m).zip(self.pre_activation.chunks_exact(m)) {
            self.active.iter_mut().zip(h).for_each(|(count, h)| *count += u64::from(*h > self.threshold));
            for ((sum, squares), a) in self.sum.iter_mut().zip(self.sum_of_squares.iter_mut()).zip(a) {
                let a = a.as_f64();
                *sum += a;
                *squares += a * a;
            }
        }
    }
}

/// The largest variance, relative to the squared mean, that rounding of the mean explains: the least one of different values in single
/// precision is larger for any number of samples below 10⁹.
const ROUNDING: f64 = 1e-24;

/// E‖x − E x‖² over the rows of `samples`; 0 where it is no more than the rounding of the mean, as for constant samples.
pub fn total_variance<F: Real>(samples: ArrayView2<'_, F>) -> f64 {
    let count = samples.nrows() as f64;
    let mut mean = vec![0.0; samples.ncols()];
    for row in samples.rows() {
        mean.iter_mut().zip(row).for_each(|(mean, x)| *mean += x.as_f64() / count);
    }
    let distance = |row: ndarray::ArrayView1<'_, F>| -> f64 {
        row.iter().zip(&mean).map(|(x, mean)| (x.as_f64() - mean).powi(2)).sum()
    };
    let variance = samples.rows().into_iter().map(distance).sum::<f64>() / count;
    let of_mean: f64 = mean.iter().map(|mean| mean * mean).sum();
    if variance <= ROUNDING * of_mean { 0.0 } else { variance }
}
