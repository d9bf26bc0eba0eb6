//! Theorem 3 as a ledger: the corrupted loss, and the part of it that each order of its Taylor expansion explains.
//!
//! For d = σ ε at a sample x, with c_j = W_j·(y − x), u = W d and z = Wᵀ(s' ∘ u),
//!
//! ℓ(x, f(x + d)) = ℓ(x, f(x)) + first + second + …,   first = 2 (y − x)·z,   second = ‖z‖² + Σ_j c_j s''_j u_j²
//!
//! Over the noise E\[first\] = 0 and E\[second\] = σ² × Eq. 7. The third order is odd, so its expectation is 0, too, and the
//! remainder after Eq. 7 is O(σ⁴) if s_e is smooth. For ReLU and leaky ReLU the remainder is O(σ²), because the kinks that the
//! noise crosses contribute at this order and the pointwise s'' = 0 doesn't include them. ELU has a kink in s' and still a
//! remainder of O(σ⁴) over samples of a continuous distribution, because crossings in both directions cancel.
//!
//! **The remainder** is estimated from antithetic pairs minus the drawn second order,
//! ½ (ℓ(x + d) + ℓ(x − d)) − ℓ(x) − second. Its expectation is J_DAE − J_AE − σ² × Eq. 7 and its own spread is O(σ⁴). In
//! single precision a remainder below about 1e-6 of the loss is rounding.
//!
//! **§3.1.1**: the gradient of the first-order term, ∂first/∂b_j = 2 (s'_j W_j·z + c_j s''_j u_j), also has mean 0, but not in
//! a finite sample of ε. The ledger has its standard deviation for one pass over B samples, to compare with Eq. 7's gradient.
//!
//! Each draw's mean over the samples is one observation. Standard errors are those of `draws` independent observations for the
//! given samples. Cost: for each sample six products once, three for each draw, and two more for each draw and σ².

use super::clean::{CleanPass, ROWS, batches};
use super::second_order::{SecondOrder, SecondOrderTerms};
use crate::activation::{ActivationSpec, Batch};
use crate::linalg::{Matrix, Team, Write, dots, product, residual, values, values_mut};
use crate::random::Noise;
use crate::real::Real;
use crate::state::Parameters;
use ndarray::{ArrayView2, s};

/// A mean over draws with its standard error.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MeanEstimate {
    /// The mean.
    pub mean: f64,
    /// The standard deviation of the draws (÷ (K − 1)) over √K.
    pub standard_error: f64,
}

impl MeanEstimate {
    /// The estimate from K ≥ 2 draws.
    fn of(draws: &[f64]) -> Self {
        let count = draws.len() as f64;
        let mean = draws.iter().sum::<f64>() / count;
        let squares: f64 = draws.iter().map(|draw| (draw - mean).powi(2)).sum();
        Self { mean, standard_error: (squares / (count - 1.0) / count).sqrt() }
    }
}

/// The terms of the expansion at one σ².
#[derive(Debug, Clone, PartialEq)]
pub struct Ledger {
    /// σ².
    pub sigma_squared: f64,
    /// M.
    pub samples: usize,
    /// K.
    pub draws: usize,
    /// J_AE.
    pub plain: f64,
    /// J_DAE.
    pub corrupted: MeanEstimate,
    /// The drawn first-order term.
    pub first_order: MeanEstimate,
    /// The drawn second-order term, with the expectation `own + cross + curvature`.
    pub second_order: MeanEstimate,
    /// σ² E\[Σ_j s'_j² ‖W_j‖⁴\].
    pub own: f64,
    /// σ² E\[Σ_{j≠k} s'_j s'_k (W_j·W_k)²\].
    pub cross: f64,
    /// σ² E\[Σ_j (W_j·(y − x)) s''_j ‖W_j‖²\].
    pub curvature: f64,
    /// J_DAE − J_AE − σ² × Eq. 7.
    pub remainder: MeanEstimate,
    /// Mean of the drawn ∂first/∂b_j over all draws \[m\].
    pub first_order_gradient: Vec<f64>,
    /// Standard deviation of ∂first/∂b_j between draws \[m\], each over these M samples.
    pub first_order_gradient_deviation: Vec<f64>,
    /// σ² ∂(Eq. 7)/∂b_j \[m\].
    pub second_order_gradient: Vec<f64>,
}

impl Ledger {
    /// The standard deviation of ∂first/∂b_j \[m\] in a mini-batch of B = `batch` samples: the one of M samples times √(M / B),
    /// because the samples' noise is independent with mean 0.
    pub fn first_order_deviation(&self, batch: usize) -> Vec<f64> {
        let factor = (self.samples as f64 / batch as f64).sqrt();
        self.first_order_gradient_deviation.iter().map(|deviation| factor * deviation).collect()
    }
}

/// Measures ledgers; holds the buffers for batches of constant size.
pub struct TaylorLedger<F> {
    activation: ActivationSpec,
    clean: CleanPass<F>,
    second_order: SecondOrder<F>,
    /// ε \[B, n\].
    noise: Matrix<F>,
    /// u = W ε \[B, m\].
    u: Matrix<F>,
    /// s' ∘ u, then W_j·z \[B, m\].
    v: Matrix<F>,
    /// z \[B, n\].
    z: Matrix<F>,
    /// a ± σ u and its activation \[B, m\].
    moved: [Matrix<F>; 2],
    /// y of the corrupted samples \[B, n\].
    output: Matrix<F>,
    /// Zeros \[m\], because a already includes the bias.
    no_bias: Vec<F>,
}

/// Sums over the samples for each draw; all but `losses` are for σ = 1.
struct Draws {
    first: Vec<f64>,
    second: Vec<f64>,
    /// ∂first/∂b_j of each draw \[K, m\].
    gradient: Vec<f64>,
    /// Σ ℓ(x + σ ε) and Σ ½ (ℓ(x + σ ε) + ℓ(x − σ ε)) of each σ and draw.
    losses: Vec<[Vec<f64>; 2]>,
}

impl<F: Real> TaylorLedger<F> {
    /// Buffers for a network with `hidden` units and `inputs` inputs.
    pub fn new(activation: &ActivationSpec, inputs: usize, hidden: usize) -> Self {
        let (by_unit, by_input) = (|| Matrix::zeros(ROWS, hidden), || Matrix::zeros(ROWS, inputs));
        Self {
            activation: activation.clone(),
            clean: CleanPass::new(activation, inputs, hidden, true),
            second_order: SecondOrder::new(activation, inputs, hidden),
            noise: by_input(),
            u: by_unit(),
            v: by_unit(),
            z: by_input(),
            moved: [by_unit(), by_unit()],
            output: by_input(),
            no_bias: vec![F::zero(); hidden],
        }
    }

    /// The same ledgers, with products shared by the threads of `team`. This changes no bit.
    #[must_use]
    pub fn with_team(self, team: &Team) -> Self {
        Self { clean: self.clean.with_team(team.clone()), ..self }
    }

    /// The ledgers of `parameters` on `samples` \[M, n\], one for each of `sigmas_squared` ≥ 0. All share the same K = `draws`
    /// draws of ε for each sample. `noise` should not be a replicate's; its steps from 0 are used.
    ///
    /// # Panics
    /// If there are no samples or fewer than two draws, or the shapes don't fit.
    pub fn measure(
        &mut self,
        samples: ArrayView2<'_, F>,
        parameters: &Parameters<F>,
        sigmas_squared: &[f64],
        noise: &Noise,
        draws: usize,
    ) -> Vec<Ledger> {
        assert!(samples.nrows() > 0 && draws > 1, "a ledger needs samples and at least two draws");
        let zeros = || vec![0.0; draws];
        let mut sums = Draws {
            first: zeros(),
            second: zeros(),
            gradient: vec![0.0; draws * parameters.hidden()],
            losses: sigmas_squared.iter().map(|_| [zeros(), zeros()]).collect(),
        };
        let mut plain = 0.0;
        self.second_order.begin(self.clean.team(), parameters);
        for (number, (start, rows)) in batches(samples.nrows()).enumerate() {
            let batch = samples.slice(s![start..start + rows, ..]);
            self.clean.run(parameters, batch);
            self.second_order.add(&self.clean, parameters);
            plain += self.clean.error().iter().map(|e| e.as_f64().powi(2)).sum::<f64>();
            for draw in 0..draws {
                noise.fill((number * draws + draw) as u64, values_mut(&mut self.noise.head_mut(rows)));
                self.expand(parameters, draw, &mut sums);
                for (sigma_squared, losses) in sigmas_squared.iter().zip(&mut sums.losses) {
                    let sigma = sigma_squared.sqrt();
                    let [plus, minus] =
                        [sigma, -sigma].map(|step| self.corrupted_loss(parameters, batch, step));
                    losses[0][draw] += plus;
                    losses[1][draw] += f64::midpoint(plus, minus);
                }
            }
        }
        let terms = self.second_order.finish();
        let ledger = |(sigma_squared, losses): (&f64, &[Vec<f64>; 2])| {
            sums.ledger(samples.nrows(), *sigma_squared, plain, losses, &terms)
        };
        sigmas_squared.iter().zip(&sums.losses).map(ledger).collect()
    }

    /// Adds the first and second order of the current noise, for σ = 1.
    fn expand(&mut self, parameters: &Parameters<F>, draw: usize, sums: &mut Draws) {
        let (clean, weights, m) = (&self.clean, parameters.weights(), parameters.hidden());
        let rows = clean.slope().nrows();
        dots(clean.team(), self.u.head_mut(rows), Write::Replace, self.noise.head(rows), weights);
        let u = &self.u.values()[..rows * m];
        let slope = clean.slope();
        let slope = values(&slope);
        let v = &mut self.v.values_mut()[..rows * m];
        v.iter_mut().zip(u).zip(slope).for_each(|((v, u), slope)| *v = *u * *slope);
        product(self.z.head_mut(rows), Write::Replace, F::one(), self.v.head(rows), weights);
        dots(clean.team(), self.v.head_mut(rows), Write::Replace, self.z.head(rows), weights);
        for (z, error) in self.z.head(rows).iter().zip(clean.error()) {
            let (z, error) = (z.as_f64(), error.as_f64());
            sums.first[draw] += 2.0 * error * z;
            sums.second[draw] += z * z;
        }
        let gradient = &mut sums.gradient[draw * m..(draw + 1) * m];
        let (projected_error, projected_z) = (clean.projected(), self.v.values());
        for i in 0..rows * m {
            // c_j s''_j u_j
            let bend = projected_error[i].as_f64() * clean.curvature()[i].as_f64() * u[i].as_f64();
            sums.second[draw] += bend * u[i].as_f64();
            gradient[i % m] += 2.0 * (slope[i].as_f64() * projected_z[i].as_f64() + bend);
        }
    }

    /// Σ ‖x − f(x + step · ε)‖² over the batch. It needs no product with W, because a changes by step · u.
    fn corrupted_loss(&mut self, parameters: &Parameters<F>, batch: ArrayView2<'_, F>, step: f64) -> f64 {
        let (rows, m, step) = (batch.nrows(), parameters.hidden(), F::from_f64(step));
        let [moved, hidden] = &mut self.moved;
        let (a, u) = (self.clean.pre_activation(), self.u.values());
        let moved = &mut moved.values_mut()[..rows * m];
        moved.iter_mut().zip(a.iter().zip(u)).for_each(|(moved, (a, u))| *moved = *a + step * *u);
        let into = Batch {
            pre_activation: moved,
            hidden: &mut hidden.values_mut()[..rows * m],
            slope: &mut [],
            curvature: &mut [],
        };
        self.activation.apply(&self.no_bias, into);
        let mut output = self.output.head_mut(rows);
        product(output.view_mut(), Write::Replace, F::one(), hidden.head(rows), parameters.weights());
        let (decoder_bias, n) = (parameters.decoder_bias(), parameters.inputs());
        residual(values_mut(&mut output), values(&batch), decoder_bias, n, F::one())
    }
}

impl Draws {
    fn ledger(
        &self,
        samples: usize,
        sigma_squared: f64,
        plain: f64,
        [plus, pairs]: &[Vec<f64>; 2],
        terms: &SecondOrderTerms,
    ) -> Ledger {
        let (count, sigma) = (samples as f64, sigma_squared.sqrt());
        let estimate = |sums: &[f64], factor: f64| {
            MeanEstimate::of(&sums.iter().map(|sum| factor * sum / count).collect::<Vec<_>>())
        };
        let remainders =
            pairs.iter().zip(&self.second).map(|(pair, second)| pair - plain - sigma_squared * second);
        let draws = self.first.len();
        let m = self.gradient.len() / draws;
        let unit_gradient = |j: usize| {
            let drawn: Vec<f64> =
                self.gradient.iter().skip(j).step_by(m).map(|sum| sigma * sum / count).collect();
            MeanEstimate::of(&drawn)
        };
        let gradients: Vec<MeanEstimate> = (0..m).map(unit_gradient).collect();
        let root_of_draws = (draws as f64).sqrt();
        Ledger {
            sigma_squared,
            samples,
            draws,
            plain: plain / count,
            corrupted: estimate(plus, 1.0),
            first_order: estimate(&self.first, sigma),
            second_order: estimate(&self.second, sigma_squared),
            own: sigma_squared * terms.own,
            cross: sigma_squared * terms.cross,
            curvature: sigma_squared * terms.curvature,
            remainder: estimate(&remainders.collect::<Vec<_>>(), 1.0),
            first_order_gradient: gradients.iter().map(|gradient| gradient.mean).collect(),
            first_order_gradient_deviation: gradients
                .iter()
                .map(|gradient| gradient.standard_error * root_of_draws)
                .collect(),
            second_order_gradient: terms.total_gradient().iter().map(|g| sigma_squared * g).collect(),
        }
    }
}
