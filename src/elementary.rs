//! Elementary functions in single precision as plain arithmetic: no library calls, tables or branches.
//!
//! Loops over these functions vectorise, and every fused multiply-add is explicit, so every instruction set gives the same
//! bits. Each function is accurate on its stated domain and unspecified outside; all but [`ln`] keep NaN. The stated errors
//! are relative to double precision and hold for every second number of the domain, which was scanned; results below the
//! smallest normal number are compared relative to it. The polynomials are minimax (Remez); their coefficients were rounded
//! to single precision one by one, and the others refitted each time.

use std::f32::consts::{LN_2, LOG2_E};

/// eˣ for x ≤ 0, −∞ included; at most 1. Error 9e-8.
#[inline(always)]
pub(crate) fn exp_nonpositive(x: f32) -> f32 {
    let (scale, fraction) = exp_parts(x);
    fraction.mul_add(scale, scale) * SCALE_UNIT
}

/// eˣ − 1 for x ≤ 0, −∞ included, without cancellation near 0. Error 9e-8.
#[inline(always)]
pub(crate) fn exp_m1_nonpositive(x: f32) -> f32 {
    let (scale, fraction) = exp_parts(x);
    let scale = scale * SCALE_UNIT;
    fraction.mul_add(scale, scale - 1.0)
}

/// 2⁻⁶⁴: the factor that undoes the 2⁶⁴ in the scale of [`exp_parts`].
const SCALE_UNIT: f32 = f32::from_bits((127 - 64) << 23);

/// (2ᵏ⁺⁶⁴, eʳ − 1) for x = k ln 2 + r ≤ 0 with whole k and |r| ≤ ln 2 / 2.
///
/// With the factor 2⁶⁴ the scale is a normal number for every k, so results below the smallest normal number are rounded once.
#[inline(always)]
fn exp_parts(x: f32) -> (f32, f32) {
    /// Below this x, eˣ rounds to 0. `x.max(LOWEST)` would replace NaN.
    const LOWEST: f32 = -104.0;
    /// 1.5 · 2²³: a sum with it has the nearest whole number in its lowest bits.
    const TO_WHOLE: f32 = 12_582_912.0;
    /// `LN_2` − ln 2.
    const LN_2_EXCESS: f32 = 1.904_654_2e-9;
    let x = if x < LOWEST { LOWEST } else { x };
    let whole = x.mul_add(LOG2_E, TO_WHOLE);
    let k = whole - TO_WHOLE;
    let r = k.mul_add(LN_2_EXCESS, k.mul_add(-LN_2, x));
    let polynomial = 1.383_552_7e-3_f32
        .mul_add(r, 8.367_118e-3)
        .mul_add(r, 4.166_775_6e-2)
        .mul_add(r, 1.666_653_9e-1)
        .mul_add(r, 4.999_999_7e-1);
    let scale = f32::from_bits((whole.to_bits() << 23).wrapping_add((127 + 64) << 23));
    (scale, polynomial.mul_add(r * r, r))
}

/// ln(1 + x) for 0 ≤ x ≤ 1. Error 1.3e-7.
#[inline(always)]
pub(crate) fn ln_1p_unit(x: f32) -> f32 {
    let polynomial = 5.365_422_5e-3_f32
        .mul_add(x, -3.006_83e-2)
        .mul_add(x, 7.920_883e-2)
        .mul_add(x, -1.375_418_8e-1)
        .mul_add(x, 1.915_384_8e-1)
        .mul_add(x, -2.485_721_7e-1)
        .mul_add(x, 3.332_133e-1)
        .mul_add(x, -4.999_964_8e-1);
    polynomial.mul_add(x * x, x)
}

/// ln x for normal x > 0: x = 2ᵉ m with m in [2/3, 4/3), polynomial in m − 1. Error 8e-8.
#[inline(always)]
pub(crate) fn ln(x: f32) -> f32 {
    let exponent = (x.to_bits() as i32).wrapping_sub(0x3F2A_AAAB) & 0xFF80_0000_u32 as i32;
    let f = f32::from_bits((x.to_bits() as i32).wrapping_sub(exponent) as u32) - 1.0;
    let e = exponent as f32 * 1.192_092_9e-7;
    let s = f * f;
    let even =
        (-0.130_310_06_f32).mul_add(s, -0.121_484_19).mul_add(s, -0.166_846_05).mul_add(s, -0.249_996_2);
    let odd = 0.140_869_14_f32.mul_add(s, 0.139_814_85).mul_add(s, 0.200_120_35);
    let polynomial = odd.mul_add(f, even).mul_add(f, 0.333_331_97).mul_add(f, -0.5).mul_add(s, f);
    e.mul_add(LN_2, polynomial)
}

/// (sin x, cos x) for |x| ≤ π/4. Error 1.1e-7.
#[inline(always)]
pub(crate) fn sin_cos(x: f32) -> (f32, f32) {
    let z = x * x;
    let s = (-1.951_529_6e-4_f32).mul_add(z, 8.332_161e-3).mul_add(z, -1.666_665_5e-1);
    let c = 2.443_315_7e-5_f32.mul_add(z, -1.388_731_6e-3).mul_add(z, 4.166_664_6e-2);
    ((x * z).mul_add(s, x), (z * z).mul_add(c, (-0.5_f32).mul_add(z, 1.0)))
}

/// e^(−x²/4) for |x| ≤ 40: the square root of the Gaussian. Error 1.6e-7.
#[inline(always)]
pub(crate) fn gaussian_root(x: f32) -> f32 {
    let square = x * x;
    // The rounding error of the square; without this correction the exponent would multiply it.
    let lost = x.mul_add(x, -square);
    let e = exp_nonpositive(-0.25 * square);
    (-0.25 * lost).mul_add(e, e)
}

/// e^(x²/2) (1 − Φ(x)) for 0 ≤ x ≤ 14.5, Φ the normal distribution function; ½ at 0, finite for x up to 40. Error 3e-7.
///
/// Computed as 1 / (x + K) times a polynomial in (x − K) / (x + K), because the function goes to 0 like 1 / x.
#[inline(always)]
pub(crate) fn scaled_normal_tail(x: f32) -> f32 {
    const K: f32 = 2.5;
    let inverse = 1.0 / (x + K);
    let q = inverse.mul_add(-2.0 * K, 1.0);
    let polynomial = (-1.709_072_4e-4_f32)
        .mul_add(q, -3.246_834_7e-4)
        .mul_add(q, 7.026_013e-4)
        .mul_add(q, 2.540_77e-3)
        .mul_add(q, -1.609_809_5e-3)
        .mul_add(q, -1.639_318_3e-2)
        .mul_add(q, 9.237_704e-3)
        .mul_add(q, 1.319_879_6e-1)
        .mul_add(q, -4.336_921_3e-1)
        .mul_add(q, 7.066_566_3e-1);
    polynomial * inverse
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Largest error of `single` over every 499th number x of [from, to], evaluated at `sign` · x.
    fn largest_error(
        single: impl Fn(f32) -> f32,
        double: impl Fn(f64) -> f64,
        sign: f32,
        from: f32,
        to: f32,
    ) -> f64 {
        let error = |bits: u32| {
            let x = sign * f32::from_bits(bits);
            let exact = double(f64::from(x));
            (f64::from(single(x)) - exact).abs() / exact.abs().max(f64::from(f32::MIN_POSITIVE))
        };
        (from.to_bits()..=to.to_bits()).step_by(499).map(error).fold(0.0, f64::max)
    }

    /// e^(x²/2) / 2 − Σ x^(2k+1) / (2k + 1)!!: exact except for cancellation, which grows with x.
    fn normal_tail_by_series(x: f64) -> f64 {
        let (mut term, mut sum, mut odd) = (x, 0.0, 1.0);
        while term > 1e-17 * sum {
            sum += term;
            odd += 2.0;
            term *= x * x / odd;
        }
        let scale = (2.0 * std::f64::consts::PI).sqrt().recip();
        0.5 * (0.5 * x * x).exp() - scale * sum
    }

    /// Laplace's continued fraction 1 / (x + 1 / (x + 2 / (x + …))): exact except for the truncation, which shrinks as x grows.
    fn normal_tail_by_fraction(x: f64) -> f64 {
        let scale = (2.0 * std::f64::consts::PI).sqrt().recip();
        scale / (1..200).rev().fold(x, |rest, k| x + f64::from(k) / rest)
    }

    #[test]
    fn errors_are_as_stated() {
        assert!(largest_error(exp_nonpositive, f64::exp, -1.0, 0.0, 110.0) < 9e-8);
        assert!(largest_error(exp_m1_nonpositive, f64::exp_m1, -1.0, 0.0, 110.0) < 9e-8);
        assert!(largest_error(ln_1p_unit, f64::ln_1p, 1.0, 0.0, 1.0) < 1.3e-7);
        assert!(largest_error(ln, f64::ln, 1.0, f32::MIN_POSITIVE, f32::MAX) < 8e-8);
        for sign in [-1.0, 1.0] {
            let to = std::f32::consts::FRAC_PI_4;
            assert!(largest_error(|x| sin_cos(x).0, f64::sin, sign, 0.0, to) < 1.1e-7);
            assert!(largest_error(|x| sin_cos(x).1, f64::cos, sign, 0.0, to) < 1.1e-7);
            assert!(largest_error(gaussian_root, |x| (-0.25 * x * x).exp(), sign, 0.0, 14.5) < 1.6e-7);
        }
        assert!(largest_error(scaled_normal_tail, normal_tail_by_series, 1.0, 0.0, 4.0) < 3e-7);
        assert!(largest_error(scaled_normal_tail, normal_tail_by_fraction, 1.0, 3.0, 14.5) < 3e-7);
    }

    #[test]
    fn ends_of_the_domains_are_exact_and_nan_stays_nan() {
        for zero in [0.0, -0.0] {
            assert_eq!([exp_nonpositive(zero), exp_m1_nonpositive(zero), ln_1p_unit(zero)], [1.0, 0.0, 0.0]);
        }
        for x in [-105.0, -1e4, f32::MIN, f32::NEG_INFINITY] {
            assert_eq!([exp_nonpositive(x), exp_m1_nonpositive(x)], [0.0, -1.0]);
        }
        assert_eq!(ln(1.0), 0.0);
        for nan in [f32::NAN, -f32::NAN] {
            let values = [exp_nonpositive(nan), exp_m1_nonpositive(nan), ln_1p_unit(nan)];
            assert!(values.iter().all(|value| value.is_nan()));
            assert!(gaussian_root(nan).is_nan() && scaled_normal_tail(nan).is_nan());
        }
        assert_eq!([gaussian_root(0.0), scaled_normal_tail(0.0)], [1.0, 0.5]);
        assert!(gaussian_root(40.0) == 0.0 && (0.0..0.03).contains(&scaled_normal_tail(40.0)));
    }
}
