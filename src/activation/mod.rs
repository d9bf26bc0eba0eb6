//! Encoder activations s_e: one file each, listed once in the catalogue below.
//!
//! Each gives its value, its slope ∂h/∂a and its curvature ∂²h/∂a² as functions of the pre-activation `a`;
//! nothing is ever derived from the output. Batches run in loops that are monomorphic over the activation.

use crate::real::Real;
use crate::simd::{Kernel, vectorize};
use std::marker::PhantomData;

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
    /// Whether value, slope and curvature are 0 for a ≤ 0 and the value is not for a > 0, so that units that are off can
    /// be left out.
    const VANISHES: bool = false;
    /// Value, slope and curvature at `a`, by arithmetic and selects only, so that batches vectorise.
    ///
    /// In `f32` the relative error of value and slope is at most 1e-6, the curvature's error at most 1e-6 of the slope
    /// (of the smallest normal number where they are below it). The slope is in \[0, 1\]. NaN has the value NaN.
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

            /// Whether value, slope and curvature are 0 for a ≤ 0, and the value is not for a > 0.
            pub const fn vanishes(self) -> bool {
                match self { $(Self::$variant => $module::$variant::VANISHES,)+ }
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
mod tests {
    use super::*;

    /// Pre-activations on both sides of 0, none at a kink.
    fn points() -> impl Iterator<Item = f64> + Clone {
        (-60..=60).map(|k| f64::from(k) * 0.2 + 0.013)
    }

    #[test]
    fn slope_and_curvature_are_the_derivatives_of_what_stands_one_order_below() {
        let h = f64::EPSILON.cbrt();
        for kind in ActivationKind::ALL {
            for a in points() {
                let (below, at, above) = (kind.jet(a - h), kind.jet(a), kind.jet(a + h));
                let slope = (above.value - below.value) / (2.0 * h);
                let curvature = (above.slope - below.slope) / (2.0 * h);
                assert!((at.slope - slope).abs() < 1e-9 * (1.0 + a.abs()), "{kind:?} at {a}");
                assert!((at.curvature - curvature).abs() < 1e-9 * (1.0 + a.abs()), "{kind:?} at {a}");
            }
        }
    }

    #[test]
    fn values_are_the_textbook_formulas() {
        for a in points() {
            let expected = [a.max(0.0), 1.0 / (1.0 + (-a).exp()), (1.0 + a.exp()).ln(), a.tanh(), a];
            for (kind, expected) in ActivationKind::ALL.iter().zip(expected) {
                // Absolute, for the textbook softplus itself cancels far to the left.
                assert!((kind.jet(a).value - expected).abs() < 1e-14 * (1.0 + a.abs()), "{kind:?} at {a}");
            }
        }
    }

    #[test]
    fn the_relu_is_off_at_zero() {
        for zero in [0.0_f32, -0.0] {
            let Jet { value, slope, curvature } = ActivationKind::Relu.jet(zero);
            assert_eq!([value, slope, curvature], [0.0; 3]);
        }
    }

    /// Every 4001st bit pattern of `f32`, NaN and ±∞ among them.
    fn scan() -> Vec<f32> {
        let edges = [f32::INFINITY, f32::NEG_INFINITY, f32::MAX, f32::MIN, 0.0, -0.0];
        (0..=u32::MAX).step_by(4001).map(f32::from_bits).chain(edges).collect()
    }

    #[test]
    fn what_vanishes_does_so_for_negative_values_and_no_others() {
        for kind in ActivationKind::ALL.iter().filter(|kind| kind.vanishes()) {
            for a in scan() {
                let Jet { value, slope, curvature } = kind.jet(a);
                // NaN counts as above 0: a divergence stays visible.
                let off = a <= 0.0;
                assert_eq!(value == 0.0, off, "{kind:?} at {a}");
                assert!(!off || (slope == 0.0 && curvature == 0.0), "{kind:?} at {a}");
            }
        }
        assert!(ActivationKind::Relu.vanishes());
    }

    #[test]
    fn single_precision_is_accurate_everywhere_and_nan_stays_nan() {
        /// Relative to `scale`, or to the smallest normal number: below it there is no relative accuracy.
        fn close(single: f32, double: f64, scale: f64) -> bool {
            let scale = scale.abs().max(f64::from(f32::MIN_POSITIVE));
            f64::from(single) == double || (f64::from(single) - double).abs() <= 1e-6 * scale
        }
        for kind in ActivationKind::ALL {
            for a in scan() {
                let (single, double) = (kind.jet(a), kind.jet(f64::from(a)));
                if a.is_nan() {
                    assert!(single.value.is_nan(), "{kind:?} hides a divergence");
                    continue;
                }
                assert!(close(single.value, double.value, double.value), "{kind:?} at {a}: {single:?}");
                assert!(close(single.slope, double.slope, double.slope), "{kind:?} at {a}: {single:?}");
                // The curvature goes through 0; the slope is its natural scale.
                assert!(
                    close(single.curvature, double.curvature, double.slope),
                    "{kind:?} at {a}: {single:?}"
                );
                assert!(
                    (0.0..=1.0).contains(&single.slope),
                    "{kind:?} at {a}: Lemma 1 needs a slope in [0, 1]"
                );
            }
        }
    }

    #[test]
    fn vector_and_scalar_code_give_the_same_bits() {
        let bits = |x: f32| if x.is_nan() { f32::NAN.to_bits() } else { x.to_bits() };
        for &kind in ActivationKind::ALL {
            let mut a = scan();
            let [mut h, mut s, mut c] = [(); 3].map(|()| vec![9.0; a.len()]);
            let batch = Batch { pre_activation: &mut a, hidden: &mut h, slope: &mut s, curvature: &mut c };
            kind.apply(&vec![0.0; batch.hidden.len()], batch);
            for i in 0..a.len() {
                let Jet { value, slope, curvature } = kind.jet(a[i]);
                let (dispatched, scalar) = ([h[i], s[i], c[i]], [value, slope, curvature]);
                assert_eq!(dispatched.map(bits), scalar.map(bits), "{kind:?} at {}", a[i]);
            }
        }
    }

    #[test]
    fn batches_agree_with_single_values_whatever_is_asked_for() {
        let (rows, m) = (3, 37);
        let input: Vec<f64> = points().cycle().take(rows * m).collect();
        let bias: Vec<f64> = (0..m).map(|j| j as f64 * 0.01).collect();
        for &kind in ActivationKind::ALL {
            for (slopes, curvatures) in [(false, false), (true, false), (false, true), (true, true)] {
                let buffer = |used| if used { vec![9.0; rows * m] } else { Vec::new() };
                let (mut a, mut h) = (input.clone(), buffer(true));
                let (mut s, mut c) = (buffer(slopes), buffer(curvatures));
                let batch =
                    Batch { pre_activation: &mut a, hidden: &mut h, slope: &mut s, curvature: &mut c };
                kind.apply(&bias, batch);
                for i in 0..rows * m {
                    assert_eq!(a[i], input[i] + bias[i % m]);
                    let jet = kind.jet(a[i]);
                    assert_eq!(h[i], jet.value);
                    assert!(!slopes || s[i] == jet.slope);
                    assert!(!curvatures || c[i] == jet.curvature);
                }
            }
        }
    }

    #[test]
    fn names_are_found_again_and_thresholds_are_the_papers() {
        for kind in ActivationKind::ALL {
            assert_eq!(ActivationKind::from_name(kind.name()), Some(*kind));
        }
        let thresholds = ActivationKind::ALL.iter().map(|kind| kind.threshold());
        assert!(thresholds.eq([Some(0.0), Some(0.1), Some(0.1), None, None]));
    }
}
