//! Random numbers: named streams whose only seed is the replicate's.
//!
//! All models and all σ² of a replicate share initial weights, batch orders and ε (common random numbers). Weights and
//! orders come from ChaCha8, with one generator for each purpose. Noise comes from the counter-based Philox4x32-10 (Salmon
//! et al., SC 2011), so the noise of any step is computed without the steps before it. The Box–Muller transform is written
//! in fused multiply-adds, so scalar and vector code give the same bits. Noise that belongs to a sample and not to a step has
//! its own stream, numbered by the samples. Further corruptions of a sample in one step have streams of their own.
//! Tests pin the first draws of each stream: the code may be vectorised, but the numbers never change.

use crate::elementary::{ln, sin_cos};
use crate::linalg::{PlainLoop, vectorize};
use crate::real::Real;
use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

/// The purpose of a stream. The discriminants enter the numbers of every run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stream {
    Init = 0,
    Shuffle = 1,
    Noise = 2,
    Patches = 3,
    SampleNoise = 4,
    HeldOut = 5,
}

/// The generator of initial weights.
pub fn init_stream(seed: u64) -> ChaCha8Rng {
    let mut generator = ChaCha8Rng::seed_from_u64(seed);
    generator.set_stream(Stream::Init as u64);
    generator
}

/// Writes the order in which epoch `epoch` (from 1) visits the samples: a permutation of 0 … N − 1 that depends on
/// (seed, epoch) alone.
pub fn shuffled_order(seed: u64, epoch: u32, order: &mut [u32]) {
    permutation(seed, u64::from(epoch) << 8 | Stream::Shuffle as u64, order);
}

/// Writes a permutation of 0 … N − 1 from a stream of `seed`.
fn permutation(seed: u64, stream: u64, order: &mut [u32]) {
    let mut generator = ChaCha8Rng::seed_from_u64(seed);
    generator.set_stream(stream);
    for (sample, place) in (0..).zip(order.iter_mut()) {
        *place = sample;
    }
    order.shuffle(&mut generator);
}

/// Writes the order in which samples are held out: a permutation of 0 … N − 1, whose first samples are the held-out ones. `seed` is that of
/// the draw, not of a replicate.
pub fn held_out_order(seed: u64, order: &mut [u32]) {
    permutation(seed, Stream::HeldOut as u64, order);
}

/// The generator of patches; each `split` of a data set has its own.
pub fn patches_stream(seed: u64, split: u8) -> ChaCha8Rng {
    let mut generator = ChaCha8Rng::seed_from_u64(seed);
    generator.set_stream(u64::from(split) << 8 | Stream::Patches as u64);
    generator
}

/// Number of counters computed side by side.
const LANES: usize = 16;
/// Number of words, and of normals, from one group of counters.
const GROUP: usize = 4 * LANES;

/// The noise of a replicate, indexed by the number of a step or, with [`Noise::by_sample`], of a sample.
///
/// Word i of a number is word k of the Philox block with counter (c, 256 draw + stream, number low, number high) and key `seed`,
/// where c = 16 ⌊i / 64⌋ + i mod 16, k = ⌊i / 16⌋ mod 4, and draw is 0 without [`Noise::of_draw`]. Uniforms are the words themselves. For standard normals ε the
/// words (0, 1) and (2, 3) of a block are Box–Muller pairs, computed in single precision for both precisions, |ε| < 6.8.
/// A run uses either uniforms or normals, because both come from the same words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Noise {
    key: [u32; 2],
    stream: Stream,
    draw: u32,
}

impl Noise {
    /// The noise of the replicate `seed`, indexed by step.
    pub fn new(seed: u64) -> Self {
        Self { key: [seed as u32, (seed >> 32) as u32], stream: Stream::Noise, draw: 0 }
    }

    /// The replicate's noise indexed by sample: a sample has the same noise in every step.
    #[must_use]
    pub fn by_sample(self) -> Self {
        Self { stream: Stream::SampleNoise, ..self }
    }

    /// The noise of the draw `draw` < 2²⁴ of each sample, for several corruptions of a sample in one step. Draw 0 has the noise of a
    /// single corruption.
    #[must_use]
    pub fn of_draw(self, draw: u32) -> Self {
        debug_assert!(draw < 1 << 24, "draw {draw}");
        Self { draw, ..self }
    }

    /// Writes ε: the first `out.len()` standard normals of `number`.
    pub fn fill<F: Real>(&self, number: u64, out: &mut [F]) {
        self.fill_scaled(number, F::one(), out);
    }

    /// Writes σ ε.
    pub fn fill_scaled<F: Real>(&self, number: u64, sigma: F, out: &mut [F]) {
        vectorize(Fill { noise: *self, number, sigma, clean: None, out });
    }

    /// Writes x̃ = x + σ ε for the values x in `clean`.
    ///
    /// # Panics
    /// If the lengths differ.
    pub fn corrupt<F: Real>(&self, number: u64, sigma: F, clean: &[F], out: &mut [F]) {
        assert_eq!(clean.len(), out.len(), "clean and corrupted values differ in length");
        vectorize(Fill { noise: *self, number, sigma, clean: Some(clean), out });
    }

    /// Writes the first `out.len()` words of `number`, uniform on 0 … 2³² − 1.
    pub fn fill_words(&self, number: u64, out: &mut [u32]) {
        vectorize(FillWords { noise: *self, number, out });
    }
}

struct Fill<'a, F> {
    noise: Noise,
    number: u64,
    sigma: F,
    clean: Option<&'a [F]>,
    out: &'a mut [F],
}

impl<F: Real> PlainLoop for Fill<'_, F> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Self { noise, number, sigma, clean, out } = self;
        for (group, out) in out.chunks_mut(GROUP).enumerate() {
            let normals = normals(noise, number, group as u32);
            for (out, normal) in out.iter_mut().zip(normals.as_flattened()) {
                *out = sigma * F::from_f64(f64::from(*normal));
            }
            if let Some(clean) = clean {
                out.iter_mut().zip(&clean[group * GROUP..]).for_each(|(out, x)| *out += *x);
            }
        }
    }
}

struct FillWords<'a> {
    noise: Noise,
    number: u64,
    out: &'a mut [u32],
}

impl PlainLoop for FillWords<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        for (group, out) in self.out.chunks_mut(GROUP).enumerate() {
            let words = words(self.noise, self.number, group as u32);
            out.copy_from_slice(&words.as_flattened()[..out.len()]);
        }
    }
}

/// The 64 words of one group of 16 counters.
#[inline(always)]
fn words(noise: Noise, number: u64, group: u32) -> [[u32; LANES]; 4] {
    let mut words = [[0; LANES]; 4];
    for lane in 0..LANES {
        let place = group * LANES as u32 + lane as u32;
        let stream = noise.draw << 8 | noise.stream as u32;
        let counter = [place, stream, number as u32, (number >> 32) as u32];
        let block = philox(counter, noise.key);
        for (words, word) in words.iter_mut().zip(block) {
            words[lane] = word;
        }
    }
    words
}

/// The 64 normals of one group of 16 counters.
#[inline(always)]
fn normals(noise: Noise, number: u64, group: u32) -> [[f32; LANES]; 4] {
    let words = words(noise, number, group);
    let mut out = [[0.0; LANES]; 4];
    for lane in 0..LANES {
        (out[0][lane], out[1][lane]) = box_muller(words[0][lane], words[1][lane]);
    }
    for lane in 0..LANES {
        (out[2][lane], out[3][lane]) = box_muller(words[2][lane], words[3][lane]);
    }
    out
}

/// Philox4x32-10 of one counter. The ten rounds unroll, and loops over counters keep all words in registers.
#[inline(always)]
fn philox(counter: [u32; 4], mut key: [u32; 2]) -> [u32; 4] {
    let [mut c0, mut c1, mut c2, mut c3] = counter;
    for _ in 0..10 {
        let product0 = u64::from(c0) * 0xD251_1F53;
        let product1 = u64::from(c2) * 0xCD9E_8D57;
        (c0, c1) = ((product1 >> 32) as u32 ^ c1 ^ key[0], product1 as u32);
        (c2, c3) = ((product0 >> 32) as u32 ^ c3 ^ key[1], product0 as u32);
        key = [key[0].wrapping_add(0x9E37_79B9), key[1].wrapping_add(0xBB67_AE85)];
    }
    [c0, c1, c2, c3]
}

/// Two independent standard normals from two uniform words: √(−2 ln u) (cos 2πv, sin 2πv).
#[inline(always)]
fn box_muller(u: u32, v: u32) -> (f32, f32) {
    // The half step gives u in (0, 1] and so a finite logarithm.
    let uniform = (u as f32).mul_add(1.0 / 4_294_967_296.0, 0.5 / 4_294_967_296.0);
    let radius = (-2.0 * ln(uniform)).sqrt();
    // The top two bits choose the quadrant, the other bits an angle in [−π/4, π/4) around its axis.
    let quadrant = v >> 30;
    let angle = ((v << 2) as i32) as f32 * (std::f32::consts::FRAC_PI_2 / 4_294_967_296.0);
    let (sin, cos) = sin_cos(angle);
    let (sin, cos) = if quadrant & 1 == 0 { (sin, cos) } else { (cos, sin) };
    let negate = |x: f32, bit: u32| f32::from_bits(x.to_bits() ^ (bit << 31));
    (radius * negate(cos, (quadrant + 1) >> 1 & 1), radius * negate(sin, quadrant >> 1))
}

#[cfg(test)]
mod tests;
