//! Encoder activations s_e: one file each, listed once in the catalogue below.
//!
//! Each gives its value, its slope ∂h/∂a and its curvature ∂²h/∂a² as functions of the pre-activation `a`;
//! nothing is ever derived from the output. Batches run in loops that are monomorphic over the activation.
//!
//! To add one from another crate: implement [`Activation`] there and call [`ActivationKind::register`] before anything else;
//! from then on configurations know its name. `examples/own_model.rs` does it.

use crate::parameter::{self, Kind, Parameter, Spec, Values, open_catalogue};
use crate::real::Real;
use crate::registry::Registered;
use crate::simd::{PlainLoop, vectorize};

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

pub use definition::Definition;

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

/// An elementwise activation: a small type that holds the values of its parameters.
pub trait Activation: 'static {
    /// Its name in configurations and results: lower-case letters, digits and `_`, a letter first.
    const NAME: &'static str;
    /// The paper's activation threshold δ_min (Eq. 14); `None` where the paper gives none.
    const THRESHOLD: Option<f64>;
    /// Whether value, slope and curvature are 0 for a ≤ 0, so that units that are off can be left out. A unit counts as off
    /// where its value is 0, which for a > 0 may only be where the value underflows, as a² does near 0.
    const VANISHES: bool = false;
    /// Its parameters. Each has a default, so that the name alone is an activation.
    const PARAMETERS: &'static [Parameter] = &[];

    /// The activation with these values of its parameters.
    fn build(values: &Values) -> Self;

    /// Value, slope and curvature at `a`, by arithmetic and selects only, so that batches vectorise.
    ///
    /// NaN has the value NaN, so that a divergence is seen. Training asks for no more; Lemma 1 asks for slopes in \[0, 1\]
    /// ([`Properties`](crate::theory::Properties) says who has them).
    ///
    /// This crate's own keep to the table below. In `f32` their errors are at most 1e-6 of a scale, or of the smallest normal
    /// number where that is larger. An activation that falls somewhere (GELU, SiLU) has slopes of either sign: its slope
    /// crosses 0 where the terms that it is the sum of don't, so that no relative accuracy is to be had there.
    ///
    /// | | slopes | the value's scale | the slope's | the curvature's (the larger absolute value) |
    /// |---|---|---|---|---|
    /// | never falls | in \[0, 1\] | value | slope | slope |
    /// | falls somewhere | in \[−0.13, 1.13\] | value | slope or s(−abs(a)) | slope or curvature |
    fn jet<F: Real>(&self, a: F) -> Jet<F>;
}

/// What one batch of pre-activations becomes; every slice is row-major \[B, m\].
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
            /// One that the program has added with [`ActivationKind::register`].
            Registered(Registered<Definition>),
            /// One of another program, which only its results name: nothing can be computed with it here.
            Unknown(&'static str),
        }

        impl ActivationKind {
            /// Every activation of this crate, in the order of the catalogue.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            const fn definition(self) -> &'static Definition {
                match self {
                    $(Self::$variant => const { &Definition::of::<$module::$variant>() },)+
                    Self::Registered(activation) => activation.get(),
                    Self::Unknown(_) => &definition::UNKNOWN,
                }
            }

            #[cfg(test)]
            fn examples(self) -> Vec<Vec<(&'static str, parameter::Value)>> {
                match self {
                    $(Self::$variant => <$module::$variant as tests::Tested>::examples(),)+
                    Self::Registered(_) | Self::Unknown(_) => vec![vec![]],
                }
            }

            #[cfg(test)]
            fn textbook(self, values: &Values, a: f64) -> [f64; 2] {
                match self {
                    $(Self::$variant => <$module::$variant as tests::Tested>::textbook(values, a),)+
                    Self::Registered(_) | Self::Unknown(_) => panic!("{self:?} is tested where it is defined"),
                }
            }

            #[cfg(test)]
            fn limits(self, values: &Values, far: f64) -> [[f64; 3]; 2] {
                match self {
                    $(Self::$variant => <$module::$variant as tests::Tested>::limits(values, far),)+
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
    /// Adds the activation `A` to those that configurations and results may name; once is enough.
    ///
    /// # Errors
    /// A sentence that says what is wrong with its name, which may be taken, or with its parameters.
    pub fn register<A: Activation>() -> Result<Self, String> {
        parameter::check(A::PARAMETERS)?;
        if let Some(parameter) = A::PARAMETERS.iter().find(|parameter| parameter.default.is_none()) {
            return Err(format!("the parameter `{}` of an activation has no default", parameter.name));
        }
        let names = Self::ALL.iter().map(|kind| kind.name());
        REGISTRY.add::<A>(const { &Definition::of::<A>() }, names).map(Self::Registered)
    }

    /// Every activation that there is: the catalogue's, then those that the program has added.
    pub fn known() -> Vec<Self> {
        Self::ALL.iter().copied().chain(REGISTRY.all().into_iter().map(Self::Registered)).collect()
    }

    /// The activation of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        <Self as Kind>::from_name(name)
    }

    /// The name in configurations and results.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unknown(name) => name,
            known => known.definition().name,
        }
    }

    /// The paper's δ_min; `None` where the paper gives none and a configuration must.
    pub const fn threshold(self) -> Option<f64> {
        self.definition().threshold
    }

    /// Whether value, slope and curvature are 0 for a ≤ 0 ([`Activation::VANISHES`]).
    pub const fn vanishes(self) -> bool {
        self.definition().vanishes
    }

    /// Its parameters.
    pub const fn parameters(self) -> &'static [Parameter] {
        self.definition().parameters
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
    /// The same, where it can be computed with: `None` for one of another program.
    pub const fn known(&self) -> Option<&Self> {
        if let ActivationKind::Unknown(_) = self.kind() { None } else { Some(self) }
    }

    /// The paper's δ_min; `None` where the paper gives none and a configuration must.
    pub const fn threshold(&self) -> Option<f64> {
        self.kind().threshold()
    }

    /// Whether value, slope and curvature are 0 for a ≤ 0 ([`Activation::VANISHES`]).
    pub const fn vanishes(&self) -> bool {
        self.kind().vanishes()
    }

    /// Value, slope and curvature at the pre-activation `a`. For many, [`ActivationSpec::apply`] is faster.
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
            let at = row * m..(row + 1) * m;
            let h = &mut hidden[at.clone()];
            match (slope.is_empty(), curvature.is_empty()) {
                (true, true) => {
                    for (h, a) in h.iter_mut().zip(&*a) {
                        *h = activation.jet(*a).value;
                    }
                }
                (false, true) => {
                    for ((h, s), a) in h.iter_mut().zip(&mut slope[at]).zip(&*a) {
                        let jet = activation.jet(*a);
                        (*h, *s) = (jet.value, jet.slope);
                    }
                }
                (true, false) => {
                    for ((h, c), a) in h.iter_mut().zip(&mut curvature[at]).zip(&*a) {
                        let jet = activation.jet(*a);
                        (*h, *c) = (jet.value, jet.curvature);
                    }
                }
                (false, false) => {
                    let derivatives = slope[at.clone()].iter_mut().zip(&mut curvature[at]);
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
