//! Encoder activations s_e: one file each, listed once in the catalogue below.
//!
//! Each gives its value, its slope ∂h/∂a and its curvature ∂²h/∂a² as functions of the pre-activation `a`;
//! nothing is ever derived from the output. Batches run in loops that are monomorphic over the activation.
//!
//! To add one from another crate: implement [`Activation`] there and call [`ActivationKind::register`] before anything else;
//! from then on configurations know its name. `examples/own_model.rs` does it.

use crate::real::Real;
use crate::registry::Registered;
use crate::simd::{Kernel, vectorize};
use std::marker::PhantomData;

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

/// An elementwise activation's definition.
pub trait Activation: 'static {
    /// Its name in configurations and results: lower-case letters, digits and `_`, a letter first.
    const NAME: &'static str;
    /// The paper's activation threshold δ_min (Eq. 14); `None` where the paper gives none.
    const THRESHOLD: Option<f64>;
    /// Whether value, slope and curvature are 0 for a ≤ 0, so that units that are off can be left out. A unit counts as off
    /// where its value is 0, which for a > 0 may only be where the value underflows, as a² does near 0.
    const VANISHES: bool = false;
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
    fn jet<F: Real>(a: F) -> Jet<F>;
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
        }

        impl ActivationKind {
            /// Every activation of this crate, in the order of the catalogue.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            const fn definition(self) -> &'static Definition {
                match self {
                    $(Self::$variant => const { &Definition::of::<$module::$variant>() },)+
                    Self::Registered(activation) => activation.get(),
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
    /// A sentence that says what is wrong with its name, which may be taken.
    pub fn register<A: Activation>() -> Result<Self, String> {
        let names = Self::ALL.iter().map(|kind| kind.name());
        REGISTRY.add::<A>(const { &Definition::of::<A>() }, names).map(Self::Registered)
    }

    /// Every activation that there is: the catalogue's, then those that the program has added.
    pub fn known() -> Vec<Self> {
        Self::ALL.iter().copied().chain(REGISTRY.all().into_iter().map(Self::Registered)).collect()
    }

    /// The activation of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::known().into_iter().find(|kind| kind.name() == name)
    }

    /// The name in configurations and results.
    pub const fn name(self) -> &'static str {
        self.definition().name
    }

    /// The paper's δ_min; `None` where the paper gives none and a configuration must.
    pub const fn threshold(self) -> Option<f64> {
        self.definition().threshold
    }

    /// Whether value, slope and curvature are 0 for a ≤ 0 ([`Activation::VANISHES`]).
    pub const fn vanishes(self) -> bool {
        self.definition().vanishes
    }

    /// Value, slope and curvature at the pre-activation `a`. For many, [`ActivationKind::apply`] is faster.
    pub fn jet<F: Real>(self, a: F) -> Jet<F> {
        (self.definition().functions().jet)(a)
    }

    /// Adds the bias \[m\] to every row of the batch and applies the activation.
    ///
    /// # Panics
    /// If a slice is neither empty (slope, curvature) nor of the batch's length.
    pub fn apply<F: Real>(self, bias: &[F], batch: Batch<'_, F>) {
        (self.definition().functions().apply)(bias, batch);
    }
}

fn apply<A: Activation, F: Real>(bias: &[F], batch: Batch<'_, F>) {
    let len = batch.pre_activation.len();
    assert_eq!(len % bias.len().max(1), 0, "the batch is not made of rows of {} units", bias.len());
    assert_eq!(batch.hidden.len(), len, "hidden and pre-activation differ in length");
    for derivative in [&batch.slope, &batch.curvature] {
        assert!(
            derivative.is_empty() || derivative.len() == len,
            "a derivative and the pre-activation differ in length"
        );
    }
    vectorize(Apply { activation: PhantomData::<A>, bias, batch });
}

struct Apply<'a, A, F> {
    activation: PhantomData<A>,
    bias: &'a [F],
    batch: Batch<'a, F>,
}

impl<A: Activation, F: Real> Kernel for Apply<'_, A, F> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Batch { pre_activation, hidden, slope, curvature } = self.batch;
        let m = self.bias.len();
        for (row, a) in pre_activation.chunks_exact_mut(m.max(1)).enumerate() {
            a.iter_mut().zip(self.bias).for_each(|(a, b)| *a += *b);
            let at = row * m..(row + 1) * m;
            let h = &mut hidden[at.clone()];
            match (slope.is_empty(), curvature.is_empty()) {
                (true, true) => {
                    for (h, a) in h.iter_mut().zip(&*a) {
                        *h = A::jet(*a).value;
                    }
                }
                (false, true) => {
                    for ((h, s), a) in h.iter_mut().zip(&mut slope[at]).zip(&*a) {
                        let jet = A::jet(*a);
                        (*h, *s) = (jet.value, jet.slope);
                    }
                }
                (true, false) => {
                    for ((h, c), a) in h.iter_mut().zip(&mut curvature[at]).zip(&*a) {
                        let jet = A::jet(*a);
                        (*h, *c) = (jet.value, jet.curvature);
                    }
                }
                (false, false) => {
                    let derivatives = slope[at.clone()].iter_mut().zip(&mut curvature[at]);
                    for ((h, (s, c)), a) in h.iter_mut().zip(derivatives).zip(&*a) {
                        let jet = A::jet(*a);
                        (*h, *s, *c) = (jet.value, jet.slope, jet.curvature);
                    }
                }
            }
        }
    }
}

#[cfg(test)]
pub(crate) mod tests;
