//! Encoder activations s_e: one file each, listed in the catalogue below.
//!
//! An activation gives value, slope ∂h/∂a and curvature ∂²h/∂a² as functions of the pre-activation `a`, never of the output.
//! Batches run in loops that are monomorphic over the activation.
//!
//! To add an activation in another crate, implement [`Activation`] and call [`ActivationKind::register`] before anything else.
//! Configurations then know its name; `examples/own_model.rs` is an example.

use crate::linalg::{PlainLoop, vectorize};
use crate::parameter::{self, Parameter, Spec, Values, open_catalogue};
use crate::real::Real;
use crate::registry::Registered;

mod definition;
mod elu;
mod gelu;
mod identity;
mod leaky_relu;
mod relu;
mod sigmoid;
mod silu;
mod softplus;
mod tanh;

use definition::REGISTRY;

pub use definition::ActivationDefinition;

/// Value, slope and curvature at one pre-activation.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Jet<F> {
    /// h = s_e(a).
    pub value: F,
    /// ∂h/∂a.
    pub slope: F,
    /// ∂²h/∂a².
    pub curvature: F,
}

/// An elementwise activation; the implementing type holds the values of its parameters.
pub trait Activation: 'static {
    /// Its name in configurations and results: lower-case letters, digits and `_`, a letter first.
    const NAME: &'static str;
    /// The threshold δ_min (Eq. 14) that `threshold = "paper"` means: 0 or 0.1 in the paper; `None` if a configuration must give a number.
    const THRESHOLD: Option<f64>;
    /// Whether value, slope and curvature are 0 for a ≤ 0, so that inactive units can be skipped. A unit counts as inactive if its
    /// value is 0; for a > 0 the value may be 0 only by underflow, as a² near 0.
    const VANISHES: bool = false;
    /// Its parameters. Each has a default, so that the name alone specifies an activation.
    const PARAMETERS: &'static [Parameter] = &[];

    /// The activation with the parameter values `values`.
    fn build(values: &Values) -> Self;

    /// Value, slope and curvature at `a`, computed by arithmetic and selects alone, so that batches vectorise. Mark it `#[inline(always)]`:
    /// only then is it compiled for each instruction set.
    ///
    /// The value at NaN must be NaN, so that a divergence stays visible. Training requires nothing else. Lemma 1 requires slopes
    /// in \[0, 1\]; [`Properties`](crate::theory::Properties) lists which activations have them.
    ///
    /// This crate's activations obey the table below. In `f32` their errors are at most 1e-6 of a scale, or of the smallest
    /// normal number if that is larger. A non-monotone activation (GELU, SiLU) has slopes of both signs. Its slope is a sum of
    /// terms that don't vanish at the slope's zero, so relative accuracy is impossible there.
    ///
    /// | activation | slopes | scale of the value | scale of the slope | scale of the curvature (the larger absolute value) |
    /// |---|---|---|---|---|
    /// | monotone | in \[0, 1\] | value | slope | slope |
    /// | non-monotone | in \[−0.13, 1.13\] | value | slope or s(−abs(a)) | slope or curvature |
    fn jet<F: Real>(&self, a: F) -> Jet<F>;
}

/// Input and outputs of an activation for one batch; every slice is row-major \[B, m\].
///
/// An empty `slope` or `curvature` is not computed.
#[derive(Debug)]
pub struct Batch<'a, F> {
    /// In: W x without the bias. Out: the pre-activation a = W x + b.
    pub pre_activation: &'a mut [F],
    /// Out: h = s_e(a).
    pub hidden: &'a mut [F],
    /// Out: ∂h/∂a, or empty.
    pub slope: &'a mut [F],
    /// Out: ∂²h/∂a², or empty.
    pub curvature: &'a mut [F],
}

macro_rules! catalogue {
    ($($variant:ident => $module:ident),+ $(,)?) => {
        /// The activations by name.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum ActivationKind {
            $(
                #[doc = concat!("See the file `activation/", stringify!($module), ".rs`.")]
                $variant,
            )+
            /// An activation that the program has added with [`ActivationKind::register`].
            Registered(Registered<ActivationDefinition>),
            /// An activation of another program, known by its name in results alone; it can't be computed.
            Unknown(&'static str),
        }

        impl ActivationKind {
            /// Every activation of this crate, in the order of the catalogue.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            const fn definition(self) -> &'static ActivationDefinition {
                match self {
                    $(Self::$variant => const { &ActivationDefinition::of::<$module::$variant>() },)+
                    Self::Registered(activation) => activation.get(),
                    Self::Unknown(_) => &definition::UNKNOWN,
                }
            }

            #[cfg(test)]
            fn examples(self) -> Vec<Vec<(&'static str, parameter::Value)>> {
                match self {
                    $(Self::$variant => <$module::$variant as tests::TestedActivation>::examples(),)+
                    Self::Registered(_) | Self::Unknown(_) => vec![vec![]],
                }
            }

            #[cfg(test)]
            fn textbook(self, values: &Values, a: f64) -> [f64; 2] {
                match self {
                    $(Self::$variant => <$module::$variant as tests::TestedActivation>::textbook(values, a),)+
                    Self::Registered(_) | Self::Unknown(_) => panic!("{self:?} is tested where it is defined"),
                }
            }

            #[cfg(test)]
            fn limits(self, values: &Values, far: f64) -> [[f64; 3]; 2] {
                match self {
                    $(Self::$variant => <$module::$variant as tests::TestedActivation>::limits(values, far),)+
                    Self::Registered(_) | Self::Unknown(_) => panic!("{self:?} is tested where it is defined"),
                }
            }
        }
    };
}

catalogue! {
    Relu => relu,
    Sigmoid => sigmoid,
    Softplus => softplus,
    Tanh => tanh,
    Identity => identity,
    Elu => elu,
    LeakyRelu => leaky_relu,
    Gelu => gelu,
    Silu => silu,
}

impl ActivationKind {
    /// Adds the activation `A`, so that configurations and results can name it; adding it again changes nothing.
    ///
    /// # Errors
    /// A sentence about the problem with its name, which may be taken, or with its parameters.
    pub fn register<A: Activation>() -> Result<Self, String> {
        parameter::check(A::PARAMETERS)?;
        if let Some(parameter) = A::PARAMETERS.iter().find(|parameter| parameter.default.is_none()) {
            return Err(format!("the parameter `{}` of an activation has no default", parameter.name));
        }
        let defaults = Values::resolve(A::PARAMETERS, &[])?;
        let at = |a: f64| A::build(&defaults).jet(a);
        let is_zero = |Jet { value, slope, curvature }| [value, slope, curvature] == [0.0; 3];
        if A::VANISHES && ![-1.0, 0.0].into_iter().map(at).all(is_zero) {
            return Err("an activation that vanishes has value, slope and curvature 0 for a ≤ 0".to_owned());
        }
        let names = Self::ALL.iter().map(|kind| kind.name());
        REGISTRY.add::<A>(const { &ActivationDefinition::of::<A>() }, names).map(Self::Registered)
    }

    /// The paper's δ_min; `None` if the paper gives none, so that a configuration must give it.
    pub const fn threshold(self) -> Option<f64> {
        self.definition().threshold
    }

    /// Whether value, slope and curvature are 0 for a ≤ 0 ([`Activation::VANISHES`]).
    pub const fn vanishes(self) -> bool {
        self.definition().vanishes
    }
}

open_catalogue!(ActivationKind, "activation", bare: true);

/// An activation with checked parameters.
pub type ActivationSpec = Spec<ActivationKind>;

/// The activation with its parameters at their defaults.
impl From<ActivationKind> for ActivationSpec {
    fn from(kind: ActivationKind) -> Self {
        Self::new(kind, &[]).expect("an activation's parameters have defaults")
    }
}

impl From<&ActivationSpec> for ActivationSpec {
    fn from(spec: &ActivationSpec) -> Self {
        spec.clone()
    }
}

impl Spec<ActivationKind> {
    /// The activation, or `None` for an activation of another program, which can't be computed.
    pub const fn known(&self) -> Option<&Self> {
        if let ActivationKind::Unknown(_) = self.kind() { None } else { Some(self) }
    }

    /// The paper's δ_min; `None` if the paper gives none, so that a configuration must give it.
    pub const fn threshold(&self) -> Option<f64> {
        self.kind().threshold()
    }

    /// Whether value, slope and curvature are 0 for a ≤ 0 ([`Activation::VANISHES`]).
    pub const fn vanishes(&self) -> bool {
        self.kind().vanishes()
    }

    /// Value, slope and curvature at the pre-activation `a`. For a batch [`ActivationSpec::apply`] is faster.
    pub fn jet<F: Real>(&self, a: F) -> Jet<F> {
        (self.kind().definition().functions().jet)(self.values(), a)
    }

    /// Adds the bias \[m\] to every row of the batch and applies the activation.
    ///
    /// # Panics
    /// If a slice is neither empty (slope, curvature) nor of the batch's length.
    pub fn apply<F: Real>(&self, bias: &[F], batch: Batch<'_, F>) {
        (self.kind().definition().functions().apply)(self.values(), bias, batch);
    }
}

fn apply<A: Activation, F: Real>(activation: A, bias: &[F], batch: Batch<'_, F>) {
    let len = batch.pre_activation.len();
    assert_eq!(len % bias.len().max(1), 0, "the batch is not made of rows of {} units", bias.len());
    assert_eq!(batch.hidden.len(), len, "hidden and pre-activation differ in length");
    for derivative in [&batch.slope, &batch.curvature] {
        assert!(
            derivative.is_empty() || derivative.len() == len,
            "a derivative and the pre-activation differ in length"
        );
    }
    vectorize(Apply { activation, bias, batch });
}

struct Apply<'a, A, F> {
    activation: A,
    bias: &'a [F],
    batch: Batch<'a, F>,
}

impl<A: Activation, F: Real> PlainLoop for Apply<'_, A, F> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Self { activation, bias, batch: Batch { pre_activation, hidden, slope, curvature } } = self;
        let m = bias.len();
        for (row, a) in pre_activation.chunks_exact_mut(m.max(1)).enumerate() {
            a.iter_mut().zip(bias).for_each(|(a, b)| *a += *b);
            let range = row * m..(row + 1) * m;
            let h = &mut hidden[range.clone()];
            match (slope.is_empty(), curvature.is_empty()) {
                (true, true) => {
                    for (h, a) in h.iter_mut().zip(&*a) {
                        *h = activation.jet(*a).value;
                    }
                }
                (false, true) => {
                    for ((h, s), a) in h.iter_mut().zip(&mut slope[range]).zip(&*a) {
                        let jet = activation.jet(*a);
                        (*h, *s) = (jet.value, jet.slope);
                    }
                }
                (true, false) => {
                    for ((h, c), a) in h.iter_mut().zip(&mut curvature[range]).zip(&*a) {
                        let jet = activation.jet(*a);
                        (*h, *c) = (jet.value, jet.curvature);
                    }
                }
                (false, false) => {
                    let derivatives = slope[range.clone()].iter_mut().zip(&mut curvature[range]);
                    for ((h, (s, c)), a) in h.iter_mut().zip(derivatives).zip(&*a) {
                        let jet = activation.jet(*a);
                        (*h, *s, *c) = (jet.value, jet.slope, jet.curvature);
                    }
                }
            }
        }
    }
}

#[cfg(test)]
pub(crate) mod tests;
