//! Random numbers: named streams, seeded by the replicate and by nothing else.
//!
//! Every model and every σ² of a replicate shares its initial weights, its batch order and its ε (common random
//! numbers). Weights and orders come from ChaCha8, one generator a purpose. Noise comes from the counter-based
//! Philox4x32-10 (Salmon et al., SC 2011) and a Box–Muller transform that is spelled out in fused multiply-adds,
//! so that scalar and vector code give the same bits and any step's noise is reached without the steps before it.
//! The first draws of each stream are pinned by tests: they may be vectorised, never changed.

use crate::elementary::{ln, sin_cos};
use crate::real::Real;
use crate::simd::{Kernel, vectorize};
use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

/// What a stream is for. The values are part of the numbers of every run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stream {
    Init = 0,
    Shuffle = 1,
    Noise = 2,
    Patches = 3,
}

/// The generator that initial weights are drawn from.
pub fn init_stream(seed: u64) -> ChaCha8Rng {
    let mut generator = ChaCha8Rng::seed_from_u64(seed);
    generator.set_stream(Stream::Init as u64);
    generator
}

/// Writes the order in which epoch `epoch` (from 1) visits the samples: a permutation of 0 … N − 1 that follows
/// from (seed, epoch) alone.
pub fn shuffled_order(seed: u64, epoch: u32, order: &mut [u32]) {
    let mut generator = ChaCha8Rng::seed_from_u64(seed);
    generator.set_stream(u64::from(epoch) << 8 | Stream::Shuffle as u64);
    for (sample, place) in (0..).zip(order.iter_mut()) {
        *place = sample;
    }
    order.shuffle(&mut generator);
}

/// The generator that patches of images are drawn with; each `part` of a data set has its own.
pub fn patches_stream(seed: u64, part: u8) -> ChaCha8Rng {
    let mut generator = ChaCha8Rng::seed_from_u64(seed);
    generator.set_stream(u64::from(part) << 8 | Stream::Patches as u64);
    generator
}

/// Number of counters that are worked on side by side.
const LANES: usize = 16;
/// Normals that one group of counters gives.
const GROUP: usize = 4 * LANES;

/// The standard normal noise ε of a replicate, by step.
///
/// Value i of a step is word k of the Philox block with counter (c, stream, step low, step high) and key `seed`,
/// where c = 16 ⌊i / 64⌋ + i mod 16 and k = ⌊i / 16⌋ mod 4; words (0, 1) and (2, 3) are Box–Muller pairs. The
/// normals are single-precision in both precisions; |ε| < 6.8.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Noise {
    key: [u32; 2],
}

impl Noise {
    /// The noise of the replicate `seed`.
    pub fn new(seed: u64) -> Self {
        Self { key: [seed as u32, (seed >> 32) as u32] }
    }

    /// Writes ε: the first `out.len()` standard normals of step `step`.
    pub fn fill<F: Real>(&self, step: u64, out: &mut [F]) {
        self.fill_scaled(step, F::one(), out);
    }

    /// Writes σ ε.
    pub fn fill_scaled<F: Real>(&self, step: u64, sigma: F, out: &mut [F]) {
        vectorize(Fill { key: self.key, step, sigma, clean: None, out });
    }

    /// Writes x̃ = x + σ ε for the values x in `clean`.
    ///
    /// # Panics
    /// If the lengths differ.
    pub fn corrupt<F: Real>(&self, step: u64, sigma: F, clean: &[F], out: &mut [F]) {
        assert_eq!(clean.len(), out.len(), "clean and corrupted values differ in length");
        vectorize(Fill { key: self.key, step, sigma, clean: Some(clean), out });
    }
}

struct Fill<'a, F> {
    key: [u32; 2],
    step: u64,
    sigma: F,
    clean: Option<&'a [F]>,
    out: &'a mut [F],
}

impl<F: Real> Kernel for Fill<'_, F> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Self { key, step, sigma, clean, out } = self;
        for (group, out) in out.chunks_mut(GROUP).enumerate() {
            let normals = normals(key, step, group as u32);
            for (out, normal) in out.iter_mut().zip(normals.as_flattened()) {
                *out = sigma * F::from_f64(f64::from(*normal));
            }
            if let Some(clean) = clean {
                out.iter_mut().zip(&clean[group * GROUP..]).for_each(|(out, x)| *out += *x);
            }
        }
    }
}

/// The 64 normals of one group of 16 counters.
#[inline(always)]
fn normals(key: [u32; 2], step: u64, group: u32) -> [[f32; LANES]; 4] {
    let mut words = [[0; LANES]; 4];
    for lane in 0..LANES {
        let counter =
            [group * LANES as u32 + lane as u32, Stream::Noise as u32, step as u32, (step >> 32) as u32];
        let block = philox(counter, key);
        for (words, word) in words.iter_mut().zip(block) {
            words[lane] = word;
        }
    }
    let mut out = [[0.0; LANES]; 4];
    for lane in 0..LANES {
        (out[0][lane], out[1][lane]) = box_muller(words[0][lane], words[1][lane]);
    }
    for lane in 0..LANES {
        (out[2][lane], out[3][lane]) = box_muller(words[2][lane], words[3][lane]);
    }
    out
}

/// Philox4x32-10.
///
/// One counter: its ten rounds unroll, and loops over counters keep all of their words in registers.
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
    // u in (0, 1]: the half step keeps the logarithm finite.
    let uniform = (u as f32).mul_add(1.0 / 4_294_967_296.0, 0.5 / 4_294_967_296.0);
    let radius = (-2.0 * ln(uniform)).sqrt();
    // The top two bits choose the quadrant, the rest an angle in [−π/4, π/4) around its axis.
    let quadrant = v >> 30;
    let angle = ((v << 2) as i32) as f32 * (std::f32::consts::FRAC_PI_2 / 4_294_967_296.0);
    let (sin, cos) = sin_cos(angle);
    let (sin, cos) = if quadrant & 1 == 0 { (sin, cos) } else { (cos, sin) };
    let negate = |x: f32, bit: u32| f32::from_bits(x.to_bits() ^ (bit << 31));
    (radius * negate(cos, (quadrant + 1) >> 1 & 1), radius * negate(sin, quadrant >> 1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::Rng;

    /// The known answers of the Random123 distribution (`kat_vectors`, philox 4x32 10).
    #[test]
    fn philox_gives_the_published_known_answers() {
        assert_eq!(philox([0; 4], [0; 2]), [0x6627_E8D5, 0xE169_C58D, 0xBC57_AC4C, 0x9B00_DBD8]);
        assert_eq!(
            philox([u32::MAX; 4], [u32::MAX; 2]),
            [0x408F_276D, 0x41C8_3B0E, 0xA20B_C7C6, 0x6D54_51FD]
        );
        assert_eq!(
            philox([0x243F_6A88, 0x85A3_08D3, 0x1319_8A2E, 0x0370_7344], [0xA409_3822, 0x299F_31D0]),
            [0xD16C_FE09, 0x94FD_CCEB, 0x5001_E420, 0x2412_6EA1]
        );
    }

    #[test]
    fn box_muller_agrees_with_the_same_formula_in_double_precision() {
        let mut generator = ChaCha8Rng::seed_from_u64(5);
        let edges = [0, 1, 2, 1 << 30, (1 << 30) - 1, 3 << 30, u32::MAX - 1, u32::MAX, 1 << 31];
        let random: Vec<u32> = (0..2000).map(|_| generator.random()).collect();
        for &u in edges.iter().chain(&random) {
            for &v in edges.iter().chain(&random[..40]) {
                let (z0, z1) = box_muller(u, v);
                let uniform = f64::from(((f64::from(u) + 0.5) / 4_294_967_296.0) as f32);
                let radius = (-2.0 * uniform.ln()).sqrt();
                // The angle as the documentation defines it: quadrant plus signed remainder.
                let turn = f64::from(v >> 30) + f64::from((v << 2) as i32) / 4_294_967_296.0;
                let angle = std::f64::consts::FRAC_PI_2 * turn;
                // 1e-6 · radius: a few ulp of f32 in logarithm, root and polynomial.
                let tolerance = 1e-6 * radius + 1e-9;
                assert!((f64::from(z0) - radius * angle.cos()).abs() < tolerance, "{u:#x} {v:#x}");
                assert!((f64::from(z1) - radius * angle.sin()).abs() < tolerance, "{u:#x} {v:#x}");
            }
        }
    }

    #[test]
    fn vector_and_scalar_code_give_the_same_bits() {
        let mut dispatched = vec![0.0_f32; 1000];
        Noise::new(9).fill(3, &mut dispatched);
        for (i, value) in dispatched.iter().enumerate() {
            let scalar = normals([9, 0], 3, (i / GROUP) as u32)[i / LANES % 4][i % LANES];
            assert_eq!(value.to_bits(), scalar.to_bits(), "value {i}");
        }
    }

    #[test]
    fn corruption_is_the_scaled_noise_added_to_the_values() {
        let (noise, len, sigma) = (Noise::new(4), 1003, 0.3_f32);
        let clean: Vec<f32> = (0..len).map(|i| i as f32 * 0.01 - 3.0).collect();
        let [mut normals, mut scaled, mut corrupted] = [(); 3].map(|()| vec![0.0; len]);
        noise.fill(7, &mut normals);
        noise.fill_scaled(7, sigma, &mut scaled);
        noise.corrupt(7, sigma, &clean, &mut corrupted);
        for i in 0..len {
            assert_eq!(scaled[i].to_bits(), (sigma * normals[i]).to_bits(), "value {i}");
            assert_eq!(corrupted[i].to_bits(), (clean[i] + sigma * normals[i]).to_bits(), "value {i}");
        }
    }

    #[test]
    fn noise_is_standard_normal() {
        let mut noise = vec![0.0_f64; 400_000];
        Noise::new(1).fill(0, &mut noise);
        let count = noise.len() as f64;
        let moment = |power: i32| noise.iter().map(|z| z.powi(power)).sum::<f64>() / count;
        // Five standard errors of each moment of a standard normal sample of this size.
        assert!(moment(1).abs() < 5.0 / count.sqrt());
        assert!((moment(2) - 1.0).abs() < 5.0 * (2.0 / count).sqrt());
        assert!(moment(3).abs() < 5.0 * (15.0 / count).sqrt());
        assert!((moment(4) - 3.0).abs() < 5.0 * (96.0 / count).sqrt());
        let tail = noise.iter().filter(|z| z.abs() > 3.0).count() as f64 / count;
        assert!((tail - 0.0027).abs() < 5.0 * (0.0027 / count).sqrt());
        let lag: f64 = noise.windows(2).map(|pair| pair[0] * pair[1]).sum::<f64>() / count;
        assert!(lag.abs() < 5.0 / count.sqrt());
    }

    #[test]
    fn steps_and_seeds_have_different_noise_and_a_prefix_stays() {
        let draw = |seed, step, len| {
            let mut out = vec![0.0_f32; len];
            Noise::new(seed).fill(step, &mut out);
            out
        };
        assert_eq!(draw(1, 0, 200)[..77], draw(1, 0, 77));
        assert_ne!(draw(1, 0, 64), draw(1, 1, 64));
        assert_ne!(draw(1, 0, 64), draw(1, 1 << 32, 64));
        assert_ne!(draw(1, 0, 64), draw(2, 0, 64));
        assert_ne!(draw(1, 0, 64), draw(1 << 32 | 1, 0, 64));
    }

    #[test]
    fn orders_are_permutations_and_differ_by_epoch_and_seed() {
        let draw = |seed, epoch| {
            let mut order = vec![0; 501];
            shuffled_order(seed, epoch, &mut order);
            order
        };
        let mut sorted = draw(1, 1);
        sorted.sort_unstable();
        assert!(sorted.into_iter().eq(0..501));
        assert_ne!(draw(1, 1), draw(1, 2));
        assert_ne!(draw(1, 1), draw(2, 1));
    }

    /// Golden values, pinned when the streams were fixed; the noise agrees with the documented formula in double
    /// precision. Changing any of them changes every result: it takes a new `NUMERICS_VERSION`.
    #[test]
    fn the_streams_start_as_they_always_did() {
        let mut noise = [0.0_f32; 130];
        Noise::new(1).fill(0, &mut noise);
        let drawn = [noise[0], noise[1], noise[16], noise[64], noise[129]].map(f32::to_bits);
        assert_eq!(drawn, [0x3eca_2a89, 0x3af8_1911, 0x3e73_4ef9, 0xbfb1_ad1b, 0x3f90_33a6]);
        Noise::new(u64::MAX).fill(u64::MAX, &mut noise);
        assert_eq!(noise[0].to_bits(), 0xbf2a_173e);

        let mut order = [0; 10];
        shuffled_order(1, 1, &mut order);
        assert_eq!(order, [2, 4, 5, 7, 6, 9, 8, 3, 1, 0]);
        shuffled_order(2, 50, &mut order);
        assert_eq!(order, [4, 9, 1, 5, 7, 0, 8, 2, 6, 3]);

        let mut generator = init_stream(1);
        let draws: [u64; 3] = std::array::from_fn(|_| generator.random());
        assert_eq!(draws, [0x6709_4cea_8ca4_0db1, 0x1494_06d8_fc0e_8e6b, 0x98b8_2b03_3607_0665]);

        let draws = [0, 1].map(|part| patches_stream(1, part).random::<u64>());
        assert_eq!(draws, [0x9177_1fee_2401_849d, 0xc4fd_8f2e_86a6_b94e]);
    }
}
