//! Regularizers: one file each, listed in the catalogue below.
//!
//! A regularizer may corrupt the input and may add its own terms to the adjoints of a batch; it returns the value of its
//! term in the objective. The forward and backward passes don't depend on which regularizer it is.
//!
//! To add a regularizer to this crate, write a file with a unit struct that implements [`Model`], and add a `mod` line and a
//! line in the catalogue. The tests of this module then check its gradient, its value against its own oracle, and its
//! agreement with the plain auto-encoder at coefficient 0.
//!
//! To add a regularizer in another crate, implement [`Model`] and call [`RegularizerKind::register`] before anything else.
//! Configurations then know its name. [`objective::gradient_error`](crate::objective::gradient_error) checks its gradient.
//! `examples/own_model.rs` is an example of both.

use crate::linalg::Products;
use crate::parameter::{self, Domain, Parameter, Spec, Value, Values, open_catalogue};
use crate::random::Noise;
use crate::real::Real;
use crate::registry::Registered;
use crate::state::{Gradient, Parameters};
use ndarray::{ArrayView2, ArrayViewMut2};

mod cae;
mod corollary1;
mod corollary2;
mod dae;
mod definition;
mod draws;
mod edae;
mod kl_sae;
mod l1;
mod mdae;
mod none;
mod presentation;

use definition::REGISTRY;

pub use corollary1::{MeanActivationPenalty, MeanFunction};
pub use definition::ModelDefinition;

/// Results of the forward pass of one batch; B samples, n inputs, m hidden units. With K [draws](Regularizer::draws) of each sample
/// every array but `target` has K·B rows, draw after draw.
#[derive(Debug, Clone, Copy)]
pub struct Forward<'a, F> {
    /// x, the clean samples \[B, n\].
    pub target: ArrayView2<'a, F>,
    /// h = s_e(a) \[B, m\].
    pub hidden: ArrayView2<'a, F>,
    /// s_e'(a) \[B, m\]; in [`Regularizer::measure`] empty unless [`Uses::pre_activation_adjoint`] and the model
    /// [has a penalty](Regularizer::has_penalty).
    pub slope: ArrayView2<'a, F>,
    /// s_e''(a) \[B, m\]; empty unless [`Uses::curvature`] and, in [`Regularizer::measure`], the model
    /// [has a penalty](Regularizer::has_penalty).
    pub curvature: ArrayView2<'a, F>,
    /// W, b and the squared row lengths.
    pub parameters: &'a Parameters<F>,
}

/// Adjoints ∂J/∂· of one batch, for a regularizer to **add** to. With K [draws](Regularizer::draws) of each sample B counts all K·B
/// rows.
#[derive(Debug)]
pub struct Adjoints<'a, 'g, F: Real> {
    /// ∂J/∂y \[B, n\]; 2 (y − x) / B on entry.
    pub output: ArrayViewMut2<'a, F>,
    /// ∂R/∂h \[B, m\], zero on entry; empty unless [`Uses::hidden_adjoint`].
    pub hidden: ArrayViewMut2<'a, F>,
    /// ∂R/∂a \[B, m\] without the path through h, zero on entry; empty unless [`Uses::pre_activation_adjoint`]. Under an activation that
    /// [vanishes](crate::activation::Activation::VANISHES) it must be 0 where h = 0: there sparse batches pass nothing on to W.
    pub pre_activation: ArrayViewMut2<'a, F>,
    /// The gradient of the parameters, for terms that depend on the parameters directly.
    pub gradient: &'a mut Gradient<'g, F>,
    /// The batch's products with W, over all pairs of sample and unit or the active pairs alone.
    pub products: &'a mut Products<F>,
}

/// Position of a batch in its run, which keys its noise.
#[derive(Debug, Clone, Copy)]
pub struct Step<'a> {
    /// The replicate's noise.
    pub noise: &'a Noise,
    /// The step's number, from 0.
    pub number: u64,
    /// The indices of the batch's samples in the training set \[B\], in the order of its rows.
    pub samples: &'a [u32],
}

/// The quantities that a regularizer uses besides h; all others are neither computed nor cleared.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Uses {
    /// Reads [`Forward::curvature`].
    pub curvature: bool,
    /// Writes [`Adjoints::hidden`].
    pub hidden_adjoint: bool,
    /// Writes [`Adjoints::pre_activation`], and may read [`Forward::slope`] in [`Regularizer::measure`].
    pub pre_activation_adjoint: bool,
}

/// How often a mean activation left the range in which a penalty is defined, over (step, unit) pairs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RangeHits {
    /// ρ_j > `rho_max`.
    pub above: u64,
    /// ρ_j < `rho_min`; `None` if ρ = 0, which has no lower bound.
    pub below: Option<u64>,
}

/// A regularizer in one run, with its buffers. The default of every method is the plain auto-encoder's.
pub trait Regularizer<F: Real>: Send {
    /// The quantities that it uses besides h.
    fn uses(&self) -> Uses {
        Uses::default()
    }

    /// Receives the training samples \[N, n\], once and before the first step.
    fn prepare(&mut self, samples: ArrayView2<'_, F>) {
        let _ = samples;
    }

    /// K, the number of corruptions of each sample in a step. The loss is the mean over all K·B of them.
    fn draws(&self) -> usize {
        1
    }

    /// Writes the encoder's input for the samples `clean` \[B, n\] to `corrupted` \[K·B, n\]: draw k of sample i to row k·B + i, for
    /// K [draws](Regularizer::draws). `false`: the encoder uses the clean samples, and `corrupted` was not written; then K must be 1.
    fn corrupt(&mut self, clean: ArrayView2<'_, F>, step: Step<'_>, corrupted: ArrayViewMut2<'_, F>) -> bool {
        let _ = (clean, step, corrupted);
        false
    }

    /// Adds the gradient of its term to `adjoints` and returns the term's value, coefficient included.
    fn penalize(
        &mut self,
        forward: &Forward<'_, F>,
        step: Step<'_>,
        adjoints: &mut Adjoints<'_, '_, F>,
    ) -> f64 {
        let _ = (forward, step, adjoints);
        0.0
    }

    /// Whether it has a term coefficient · R that [`Regularizer::measured`] measures.
    fn has_penalty(&self) -> bool {
        false
    }

    /// Adds a batch of clean samples to the measurement that [`Regularizer::measured`] returns.
    fn measure(&mut self, forward: &Forward<'_, F>) {
        let _ = forward;
    }

    /// coefficient · R with E_x over every sample since the last call, as if they were one batch; called only if the model
    /// [has a penalty](Regularizer::has_penalty).
    fn measured(&mut self) -> f64 {
        0.0
    }

    /// Whether it has a term R(W, b_e) whose bias gradient [`Regularizer::measured_bias_gradient`] measures.
    fn has_bias_gradient(&self) -> bool {
        false
    }

    /// Adds a batch of clean samples to the measurement that [`Regularizer::measured_bias_gradient`] returns. `forward` has the
    /// slope, and the curvature if [`Uses::curvature`].
    fn measure_bias_gradient(&mut self, forward: &Forward<'_, F>) {
        let _ = forward;
    }

    /// coefficient · ∂R/∂b_j \[m\] (Theorem 1) with E_x over every sample since the last call; called only if the model
    /// [has a bias gradient](Regularizer::has_bias_gradient).
    fn measured_bias_gradient(&mut self) -> Vec<f64> {
        Vec::new()
    }

    /// The state that it carries from step to step, for checkpoints; state that follows from the settings is not included.
    /// Numbers of other types are stored by their bits.
    fn state(&self) -> Vec<u64> {
        Vec::new()
    }

    /// Restores the [`Regularizer::state`] that the same model had in another process.
    fn restore(&mut self, state: &[u64]) {
        assert!(state.is_empty(), "a model without a state is given one");
    }

    /// How often values have left the penalty's range so far; `None` if the model has no such range.
    fn range_hits(&self) -> Option<RangeHits> {
        None
    }
}

/// The sizes that determine a regularizer's buffers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shape {
    /// B, the largest number of samples in a batch.
    pub batch: usize,
    /// n.
    pub inputs: usize,
    /// m.
    pub hidden: usize,
}

/// The accepted coefficients and noise variances.
pub const COEFFICIENTS: Domain = Domain::closed(0.0, 1e6);

/// A regularizer's definition.
pub trait Model: 'static {
    /// Its name in configurations and results: lower-case letters, digits and `_`, a letter first. Name and parameters are part of
    /// a run's identity, so a model that computes something else needs another name or another parameter.
    const NAME: &'static str;
    /// Its name in figures and tables, as in the paper.
    const LEGEND: &'static str;
    /// The equation or section that defines its objective.
    const SOURCE: &'static str;
    /// Its parameters.
    const PARAMETERS: &'static [Parameter] = &[];

    /// The regularizer with the coefficient (or noise variance, or probability of corruption) `sigma_squared`, one of
    /// [`Model::coefficients`]. At 0 its objective must equal the plain auto-encoder's, which is trained instead
    /// ([`RunSpec::canonical`](crate::training::RunSpec::canonical)).
    fn build<F: Real>(values: &Values, sigma_squared: f64, shape: Shape) -> Box<dyn Regularizer<F>>;

    /// A condition between parameters that their domains can't express.
    ///
    /// # Errors
    /// A sentence that names the parameters.
    fn check(values: &Values) -> Result<(), String> {
        let _ = values;
        Ok(())
    }

    /// The accepted values of the coefficient, a part of [`COEFFICIENTS`]. If your model at 0 is not the plain auto-encoder,
    /// exclude 0, for example by [`Domain::open`]; sweeps with the model at 0 are then refused.
    fn coefficients(values: &Values) -> Domain {
        let _ = values;
        COEFFICIENTS
    }

    /// [`Regularizer::draws`] at a coefficient above 0: a step takes K times the time and the memory.
    fn draws(values: &Values) -> usize {
        let _ = values;
        1
    }

    /// Whether its expected objective is J_AE + σ² × Eq. 7 + o(σ²), as Theorem 3 says of the DAE, with one corruption of each sample.
    fn obeys_theorem_3(values: &Values) -> bool {
        let _ = values;
        false
    }
}

macro_rules! catalogue {
    ($($variant:ident => $module:ident),+ $(,)?) => {
        /// The regularizers by name.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum RegularizerKind {
            $(
                #[doc = concat!("See the file `regularizer/", stringify!($module), ".rs`.")]
                $variant,
            )+
            /// A regularizer that the program has added with [`RegularizerKind::register`].
            Registered(Registered<ModelDefinition>),
            /// A regularizer of another program, known by its name in results alone; it can't be trained.
            Unknown(&'static str),
        }

        impl RegularizerKind {
            /// Every regularizer of this crate, in the order of the catalogue.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            const fn definition(self) -> &'static ModelDefinition {
                match self {
                    $(Self::$variant => const { &ModelDefinition::of::<$module::$variant>() },)+
                    Self::Registered(model) => model.get(),
                    Self::Unknown(_) => &definition::UNKNOWN,
                }
            }

            #[cfg(test)]
            fn examples(self) -> Vec<Vec<(&'static str, Value)>> {
                match self {
                    $(Self::$variant => <$module::$variant as tests::TestedModel>::examples(),)+
                    Self::Registered(_) | Self::Unknown(_) => vec![vec![]],
                }
            }

            #[cfg(test)]
            fn oracle(self, network: &tests::Network, values: &Values, sigma_squared: f64) -> f64 {
                match self {
                    $(Self::$variant => <$module::$variant as tests::TestedModel>::oracle(network, values, sigma_squared),)+
                    Self::Registered(_) | Self::Unknown(_) => panic!("{self:?} is tested where it is defined"),
                }
            }
        }
    };
}

catalogue! {
    None => none,
    Dae => dae,
    Edae => edae,
    Cae => cae,
    Mdae => mdae,
    KlSae => kl_sae,
    L1 => l1,
    Corollary1 => corollary1,
    Corollary2 => corollary2,
}

impl RegularizerKind {
    /// Adds the regularizer `M`, so that configurations and results can name it; adding it again changes nothing.
    ///
    /// # Errors
    /// A sentence about the problem with its name, which may be taken, or with its parameters.
    pub fn register<M: Model>() -> Result<Self, String> {
        parameter::check(M::PARAMETERS)?;
        let names = Self::ALL.iter().map(|kind| kind.name());
        REGISTRY.add::<M>(const { &ModelDefinition::of::<M>() }, names).map(Self::Registered)
    }

    /// The name in figures and tables.
    pub const fn legend(self) -> &'static str {
        match self {
            Self::Unknown(name) => name,
            known => known.definition().legend,
        }
    }

    /// The equation or section that defines its objective.
    pub const fn source(self) -> &'static str {
        self.definition().source
    }
}

open_catalogue!(RegularizerKind, "regularizer", bare: false,
    fn check(self, values: &Values) -> Result<(), String> {
        (self.definition().check)(values)
    }
);

/// A regularizer with checked parameters, without its coefficient.
pub type RegularizerSpec = Spec<RegularizerKind>;

impl Spec<RegularizerKind> {
    /// The plain auto-encoder (Eq. 1), to which every model is equal at σ² = 0.
    pub fn none() -> Self {
        Self::without_parameters(RegularizerKind::None)
    }

    /// The accepted values of σ²: all of [`COEFFICIENTS`], or fewer, for example if σ² is a probability.
    pub fn coefficients(&self) -> Domain {
        (self.kind().definition().coefficients)(self.values())
    }

    /// K, the number of corruptions of each sample in a step at a coefficient above 0.
    pub fn draws(&self) -> usize {
        (self.kind().definition().draws)(self.values())
    }

    /// Whether the expected objective is J_AE + σ² × Eq. 7 + o(σ²), as Theorem 3 says of the paper's DAE with fresh Gaussian
    /// noise and one corruption of each sample.
    pub fn obeys_theorem_3(&self) -> bool {
        (self.kind().definition().obeys_theorem_3)(self.values())
    }

    /// The regularizer with its buffers and the coefficient `sigma_squared` (DAE and eDAE: noise variance or probability of
    /// corruption).
    ///
    /// # Panics
    /// If `sigma_squared` isn't one of [`RegularizerSpec::coefficients`].
    pub fn build<F: Real>(&self, sigma_squared: f64, shape: Shape) -> Box<dyn Regularizer<F>> {
        let accepted = self.coefficients();
        assert!(
            accepted.contains(Value::Real(sigma_squared)),
            "σ² = {sigma_squared} with {}; accepted: {accepted}",
            self.label()
        );
        let built = self.kind().definition().build(self.values(), sigma_squared, shape);
        // Memory is foretold from the model's draws. At σ² = 0 one draw may do.
        let (draws, foretold) = (built.draws(), self.draws());
        assert!(draws <= foretold, "{} has {draws} draws, and its model tells {foretold}", self.label());
        built
    }
}

#[cfg(test)]
mod tests;
