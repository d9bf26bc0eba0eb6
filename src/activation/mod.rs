//! Encoder activations s_e: one file each, listed once in the catalogue below.
//!
//! Each gives its value, its slope ∂h/∂a and its curvature ∂²h/∂a² as functions of the pre-activation `a`;
//! nothing is ever derived from the output. Batches run in loops that are monomorphic over the activation.

use crate::real::Real;

mod identity;
mod relu;
mod sigmoid;
mod softplus;
mod tanh;

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

/// An elementwise activation.
trait Activation {
    /// Its name in configurations and results.
    const NAME: &'static str;
    /// The paper's activation threshold δ_min (Eq. 14); `None` where the paper gives none.
    const THRESHOLD: Option<f64>;
    /// Value, slope and curvature at `a`, from one transcendental call.
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
        }

        impl ActivationKind {
            /// Every activation, in the order of the catalogue.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The name in configurations and results.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $module::$variant::NAME,)+ }
            }

            /// The paper's δ_min; `None` where the paper gives none and a configuration must.
            pub const fn threshold(self) -> Option<f64> {
                match self { $(Self::$variant => $module::$variant::THRESHOLD,)+ }
            }

            /// Value, slope and curvature at the pre-activation `a`.
            pub fn jet<F: Real>(self, a: F) -> Jet<F> {
                match self { $(Self::$variant => $module::$variant::jet(a),)+ }
            }

            /// Adds the bias \[m\] to every row of the batch and applies the activation.
            ///
            /// # Panics
            /// If a slice is neither empty (slope, curvature) nor of the batch's length.
            pub fn apply<F: Real>(self, bias: &[F], batch: Batch<'_, F>) {
                match self { $(Self::$variant => apply::<$module::$variant, F>(bias, batch),)+ }
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
}

impl ActivationKind {
    /// The activation of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.name() == name)
    }
}

fn apply<A: Activation, F: Real>(bias: &[F], batch: Batch<'_, F>) {
    let Batch { pre_activation, hidden, slope, curvature } = batch;
    let (m, len) = (bias.len(), pre_activation.len());
    assert_eq!(hidden.len(), len, "hidden and pre-activation differ in length");
    assert!(slope.is_empty() || slope.len() == len, "slope and pre-activation differ in length");
    assert!(curvature.is_empty() || curvature.len() == len, "curvature and pre-activation differ in length");
    pulp::Arch::new().dispatch(
        #[inline(always)]
        || {
            for row in 0..len / m.max(1) {
                let at = row * m..(row + 1) * m;
                let a = &mut pre_activation[at.clone()];
                a.iter_mut().zip(bias).for_each(|(a, b)| *a += *b);
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
        },
    );
}
