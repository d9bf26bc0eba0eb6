//! De-noising auto-encoder (DAE), Eq. 6, with the paper's corruption and those of Vincent et al. (JMLR 11, 2010).
//!
//! J = E_x ‖x − f(x̃)‖²
//!
//! | corruption | input i of x̃, drawn independently | E‖x̃ − x‖² |
//! |---|---|---|
//! | `gaussian` (the paper's) | x_i + σ ε_i, ε ~ N(0, I) | σ² n |
//! | `masking` | 0 with probability ν, x_i otherwise | ν E‖x‖² |
//! | `salt_and_pepper` | the smallest or the largest value of input i, ν / 2 each, x_i otherwise | ν E_x Σ_i of the mean of (x_i − smallest)² and (x_i − largest)² |
//!
//! The swept value is σ² ≥ 0, or ν in \[0, 1\]. Corruption follows standardisation and includes constant inputs. So masking
//! sets an input to its mean if the data are standardised by feature, and the extremes are those of the standardised
//! training samples. Vincent et al. corrupt a fraction ν of the inputs; here each input is corrupted with probability ν.
//! The inputs corrupted at a smaller ν are also corrupted at a larger ν. Masking and salt and pepper corrupt the same inputs.
//!
//! The backward pass is the plain auto-encoder's with x̃ in the encoder. By Theorem 3 the expectation under fresh Gaussian
//! noise is J_AE plus Eq. 7's terms; the finite sample of ε adds a first-order term (§3.1.1). The paper makes no claim about
//! the other corruptions: they are controls. So are several draws of each sample in a step, with which the first-order term is
//! smaller or, in antithetic pairs, absent. Cost: the noise.

use super::draws::{DRAWS, PAIRING, Pairing, SampleDraws};
use super::presentation::{NOISE, Presentation};
use super::{COEFFICIENTS, Model, Regularizer, Shape, Step};
use crate::linalg::{PlainLoop, values, values_mut, vectorize};
use crate::parameter::{Domain, Parameter, Value, Values, named};
use crate::real::Real;
use ndarray::{ArrayView2, ArrayViewMut2};

pub(super) struct Dae;

/// How an input is corrupted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Corruption {
    Gaussian,
    Masking,
    SaltAndPepper,
}

named!(Corruption { Gaussian => "gaussian", Masking => "masking", SaltAndPepper => "salt_and_pepper" });

impl Corruption {
    fn of(values: &Values) -> Self {
        values.one_of("corruption", Self::from_name)
    }
}

impl Model for Dae {
    const NAME: &'static str = "dae";
    const LEGEND: &'static str = "DAE";
    const SOURCE: &'static str = "Eq. 6";
    const PARAMETERS: &'static [Parameter] = &[
        Parameter {
            name: "corruption",
            doc: "How an input is corrupted; the swept value is σ², or the probability of corruption.",
            domain: Domain::Choice(Corruption::NAMES),
            default: Some(Value::Choice("gaussian")),
            later: true,
        },
        NOISE,
        DRAWS,
        PAIRING,
    ];

    fn build<F: Real>(values: &Values, sigma_squared: f64, shape: Shape) -> Box<dyn Regularizer<F>> {
        let presentation = Presentation::of(values);
        let mut draws = SampleDraws::of(values);
        if sigma_squared == 0.0 {
            // All draws are the clean sample, and one of them is the plain auto-encoder, bit for bit.
            draws = SampleDraws { count: 1, pairing: Pairing::Independent };
        }
        match Corruption::of(values) {
            Corruption::Gaussian => {
                Box::new(GaussianCorruption { sigma: F::from_f64(sigma_squared.sqrt()), presentation, draws })
            }
            Corruption::Masking => Box::new(Replacement::by_zero(sigma_squared, presentation, draws, shape)),
            Corruption::SaltAndPepper => {
                Box::new(Replacement::by_extremes(sigma_squared, presentation, draws, shape))
            }
        }
    }

    fn check(values: &Values) -> Result<(), String> {
        let (draws, corruption) = (SampleDraws::of(values), Corruption::of(values));
        if draws.pairing == Pairing::Independent {
            return Ok(());
        }
        if corruption != Corruption::Gaussian {
            return Err(format!(
                "`pairing` is antithetic and `corruption` is {}; accepted: gaussian, whose noise alone has an opposite",
                corruption.name()
            ));
        }
        if !draws.count.is_multiple_of(2) {
            return Err(format!(
                "`pairing` is antithetic and `draws` is {}; accepted: an even number, such as 2",
                draws.count
            ));
        }
        Ok(())
    }

    fn coefficients(values: &Values) -> Domain {
        match Corruption::of(values) {
            Corruption::Gaussian => COEFFICIENTS,
            Corruption::Masking | Corruption::SaltAndPepper => Domain::closed(0.0, 1.0),
        }
    }

    fn draws(values: &Values) -> usize {
        SampleDraws::of(values).count
    }

    fn obeys_theorem_3(values: &Values) -> bool {
        let is_the_papers =
            Corruption::of(values) == Corruption::Gaussian && Presentation::of(values) == Presentation::Fresh;
        is_the_papers && SampleDraws::of(values).count == 1
    }
}

#[cfg(test)]
impl super::tests::TestedModel for Dae {
    fn examples() -> Vec<Vec<(&'static str, Value)>> {
        let example = |corruption, noise| {
            vec![("corruption", Value::Choice(corruption)), ("noise", Value::Choice(noise))]
        };
        let corruptions = ["gaussian", "masking", "salt_and_pepper"];
        let once = corruptions.iter().flat_map(|c| ["fresh", "fixed"].map(|noise| example(c, noise)));
        let several = |corruption, noise, draws, pairing| {
            let more = vec![("draws", Value::Integer(draws)), ("pairing", Value::Choice(pairing))];
            [example(corruption, noise), more].concat()
        };
        once.chain([
            several("gaussian", "fresh", 3, "independent"),
            several("gaussian", "fresh", 4, "antithetic"),
            several("gaussian", "fixed", 2, "antithetic"),
            several("masking", "fresh", 2, "independent"),
            several("salt_and_pepper", "fixed", 3, "independent"),
        ])
        .collect()
    }

    fn oracle(network: &super::tests::Network, values: &Values, sigma_squared: f64) -> f64 {
        let sigma = sigma_squared.sqrt();
        let extreme = |i: usize, pick: fn(f64, f64) -> f64| {
            network.samples.iter().map(|x| x[i]).reduce(pick).expect("there are samples")
        };
        let draws = values.integer("draws") as usize;
        let loss = |draw: usize| {
            let is_opposite = values.choice("pairing") == "antithetic" && draw % 2 == 1;
            let (draw, sigma) = if is_opposite { (draw - 1, -sigma) } else { (draw, sigma) };
            network.mean_drawn(values.choice("noise"), draw, |x, drawn| {
                let corrupted: Vec<f64> = (0..x.len())
                    .map(|i| match values.choice("corruption") {
                        "gaussian" => x[i] + sigma * drawn.normals[i],
                        _ if f64::from(drawn.words[i]) / 4_294_967_296.0 >= sigma_squared => x[i],
                        "masking" => 0.0,
                        _ if drawn.words[i].is_multiple_of(2) => extreme(i, f64::min),
                        _ => extreme(i, f64::max),
                    })
                    .collect();
                network.loss(x, &corrupted)
            })
        };
        (0..draws).map(loss).sum::<f64>() / draws as f64
    }
}

struct GaussianCorruption<F> {
    sigma: F,
    presentation: Presentation,
    draws: SampleDraws,
}

impl<F: Real> Regularizer<F> for GaussianCorruption<F> {
    fn draws(&self) -> usize {
        self.draws.count
    }

    fn corrupt(
        &mut self,
        clean: ArrayView2<'_, F>,
        step: Step<'_>,
        mut corrupted: ArrayViewMut2<'_, F>,
    ) -> bool {
        let (clean, n) = (values(&clean), clean.ncols());
        let rows_of_draws = values_mut(&mut corrupted).chunks_exact_mut(clean.len());
        for (corrupted, (draw, sign)) in rows_of_draws.zip(self.draws.noises()) {
            let sigma = F::from_f64(sign) * self.sigma;
            for call in self.presentation.calls(step, draw) {
                let range = call.values(n);
                call.noise.corrupt(call.number, sigma, &clean[range.clone()], &mut corrupted[range]);
            }
        }
        true
    }
}

/// The regularizer that replaces each input with probability ν.
struct Replacement<F> {
    /// ν 2³²: an input is replaced if its word is below this limit.
    limit: u64,
    presentation: Presentation,
    draws: SampleDraws,
    /// Whether the substitutes are the extremes of the training samples.
    by_extremes: bool,
    /// The substitutes of input i for even words, and for odd words \[n\].
    substitutes: [Vec<F>; 2],
    /// The words of one draw of a batch \[B, n\].
    words: Vec<u32>,
}

impl<F: Real> Replacement<F> {
    fn by_zero(probability: f64, presentation: Presentation, draws: SampleDraws, shape: Shape) -> Self {
        let limit = (probability * 4_294_967_296.0).round() as u64;
        let substitutes = [(); 2].map(|()| vec![F::zero(); shape.inputs]);
        let words = vec![0; shape.batch * shape.inputs];
        Self { limit, presentation, draws, by_extremes: false, substitutes, words }
    }

    /// The substitutes are set by [`Regularizer::prepare`].
    fn by_extremes(probability: f64, presentation: Presentation, draws: SampleDraws, shape: Shape) -> Self {
        let substitutes = [(); 2].map(|()| Vec::new());
        Self { by_extremes: true, substitutes, ..Self::by_zero(probability, presentation, draws, shape) }
    }
}

impl<F: Real> Regularizer<F> for Replacement<F> {
    fn draws(&self) -> usize {
        self.draws.count
    }

    fn prepare(&mut self, samples: ArrayView2<'_, F>) {
        if !self.by_extremes {
            return;
        }
        self.substitutes = [(); 2].map(|()| samples.row(0).to_vec());
        let [smallest, largest] = &mut self.substitutes;
        for row in samples.rows() {
            for ((smallest, largest), x) in smallest.iter_mut().zip(&mut *largest).zip(row) {
                *smallest = if *x < *smallest { *x } else { *smallest };
                *largest = if *x > *largest { *x } else { *largest };
            }
        }
    }

    fn corrupt(
        &mut self,
        clean: ArrayView2<'_, F>,
        step: Step<'_>,
        mut corrupted: ArrayViewMut2<'_, F>,
    ) -> bool {
        let n = clean.ncols();
        assert_eq!(self.substitutes[0].len(), n, "the training samples were not seen (`prepare`)");
        let clean = values(&clean);
        let rows_of_draws = values_mut(&mut corrupted).chunks_exact_mut(clean.len());
        for (out, (draw, _)) in rows_of_draws.zip(self.draws.noises()) {
            for call in self.presentation.calls(step, draw) {
                call.noise.fill_words(call.number, &mut self.words[call.values(n)]);
            }
            vectorize(Replace {
                limit: self.limit,
                words: &self.words[..clean.len()],
                substitutes: self.substitutes.each_ref().map(Vec::as_slice),
                clean,
                out,
            });
        }
        true
    }
}

struct Replace<'a, F> {
    limit: u64,
    words: &'a [u32],
    substitutes: [&'a [F]; 2],
    clean: &'a [F],
    out: &'a mut [F],
}

impl<F: Real> PlainLoop for Replace<'_, F> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Self { limit, words, substitutes: [even, odd], clean, out } = self;
        let n = even.len();
        let rows = out.chunks_exact_mut(n).zip(clean.chunks_exact(n)).zip(words.chunks_exact(n));
        for ((out, clean), words) in rows {
            for ((out, clean), (word, (even, odd))) in
                out.iter_mut().zip(clean).zip(words.iter().zip(even.iter().zip(odd)))
            {
                let substitute = if word % 2 == 0 { *even } else { *odd };
                *out = if u64::from(*word) < limit { substitute } else { *clean };
            }
        }
    }
}

#[cfg(test)]
mod tests;
