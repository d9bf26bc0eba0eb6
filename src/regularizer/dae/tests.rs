//! Statistics of the corruptions, and the keys of their noise.

use super::super::{RegularizerKind, RegularizerSpec};
use super::*;
use crate::random::Noise;
use ndarray::Array2;

const SEED: u64 = 6;

/// Samples whose inputs differ in mean, scale and extremes.
fn samples(count: usize) -> Array2<f64> {
    let mut values = vec![0.0; count * 30];
    Noise::new(60).fill(0, &mut values);
    let mut samples = Array2::from_shape_vec((count, 30), values).unwrap();
    for (i, mut input) in samples.columns_mut().into_iter().enumerate() {
        input.mapv_inplace(|x| 0.2 * i as f64 - 2.0 + (0.1 + 0.05 * i as f64) * x);
    }
    samples
}

/// The samples `indices` of `all` as the encoder sees them in step `number`.
fn corrupted<F: Real>(
    given: &[(&str, &'static str)],
    coefficient: f64,
    all: &Array2<F>,
    indices: &[u32],
    number: u64,
) -> Array2<F> {
    let given: Vec<_> = given.iter().map(|(name, choice)| (*name, Value::Choice(choice))).collect();
    drawn(&given, coefficient, all, indices, number)
}

/// [`corrupted`] with parameters of any type; draw after draw where they ask for several.
fn drawn<F: Real>(
    given: &[(&str, Value)],
    coefficient: f64,
    all: &Array2<F>,
    indices: &[u32],
    number: u64,
) -> Array2<F> {
    let spec = RegularizerSpec::new(RegularizerKind::Dae, given).unwrap();
    let shape = Shape { batch: indices.len(), inputs: all.ncols(), hidden: 1 };
    let mut regularizer = spec.build::<F>(coefficient, shape);
    regularizer.prepare(all.view());
    let places: Vec<usize> = indices.iter().map(|index| *index as usize).collect();
    let batch = all.select(ndarray::Axis(0), &places);
    assert_eq!(regularizer.draws(), spec.draws());
    let mut out = Array2::from_elem((spec.draws() * indices.len(), all.ncols()), F::nan());
    let step = Step { noise: &Noise::new(SEED), number, samples: indices };
    assert!(regularizer.corrupt(batch.view(), step, out.view_mut()));
    out
}

const MASKING: (&str, &str) = ("corruption", "masking");
const SALT_AND_PEPPER: (&str, &str) = ("corruption", "salt_and_pepper");
const FIXED: (&str, &str) = ("noise", "fixed");

fn all_indices(samples: &Array2<f64>) -> Vec<u32> {
    (0..).take(samples.nrows()).collect()
}

/// Whether each value differs between `a` and `b`.
fn changed(a: &Array2<f64>, b: &Array2<f64>) -> Vec<bool> {
    a.iter().zip(b).map(|(a, b)| a != b).collect()
}

fn share(flags: impl ExactSizeIterator<Item = bool>) -> f64 {
    let count = flags.len() as f64;
    flags.filter(|flag| *flag).count() as f64 / count
}

/// Asserts that the share `found` of `count` draws is within five standard errors of the probability `expected`.
fn assert_share(found: f64, expected: f64, count: usize, what: &str) {
    let error = (expected * (1.0 - expected) / count as f64).sqrt();
    assert!((found - expected).abs() < 5.0 * error, "{what}: {found} is not {expected} ± {error}");
}

#[test]
fn masking_sets_inputs_to_zero_with_its_probability() {
    let clean = samples(4000);
    let indices = all_indices(&clean);
    for noise in ["fresh", "fixed"] {
        for nu in [0.05, 0.3, 0.8] {
            let seen = corrupted(&[MASKING, ("noise", noise)], nu, &clean, &indices, 3);
            let masked = changed(&clean, &seen);
            assert!(masked.iter().zip(&seen).all(|(masked, x)| !masked || *x == 0.0));
            assert_share(share(masked.iter().copied()), nu, masked.len(), "masked");
            // Each input separately, too, because each has its own words.
            for (i, column) in seen.columns().into_iter().enumerate() {
                assert_share(share(column.iter().map(|x| *x == 0.0)), nu, 4000, &format!("input {i}"));
            }
            let distance = (&seen - &clean).mapv(|d| d * d).sum();
            let length = clean.mapv(|x| x * x).sum();
            // 120,000 inputs with unequal squares: their fourth moments give an error of about 1 %.
            assert!((distance / length / nu - 1.0).abs() < 0.06, "E‖x̃ − x‖² is not ν E‖x‖²");
        }
    }
}

#[test]
fn salt_and_pepper_are_the_extremes_of_the_training_samples_in_equal_parts() {
    let clean = samples(4000);
    let indices = all_indices(&clean);
    let extreme = |pick: fn(f64, f64) -> f64| -> Vec<f64> {
        clean.columns().into_iter().map(|x| x.iter().copied().reduce(pick).unwrap()).collect()
    };
    let (smallest, largest) = (extreme(f64::min), extreme(f64::max));
    for noise in ["fresh", "fixed"] {
        // Only half of the samples are corrupted, but the extremes come from all samples.
        let seen = corrupted(&[SALT_AND_PEPPER, ("noise", noise)], 0.4, &clean, &indices[..2000], 5);
        let (mut salt, mut pepper) = (0, 0);
        for ((k, i), x) in seen.indexed_iter().filter(|((k, i), x)| **x != clean[[*k, *i]]) {
            assert!(*x == smallest[i] || *x == largest[i], "sample {k}, input {i}");
            *(if *x == largest[i] { &mut salt } else { &mut pepper }) += 1;
        }
        // At most 60 of 60,000 inputs are replaced by the same extreme value and count as unchanged.
        assert_share(f64::from(salt + pepper) / 60_000.0, 0.4, 60_000, "corrupted");
        assert_share(f64::from(salt) / f64::from(salt + pepper), 0.5, 24_000, "salt");
    }
}

#[test]
fn fresh_noise_differs_and_is_independent_between_steps() {
    let clean = samples(2000);
    let indices = all_indices(&clean);
    for corruption in [MASKING, SALT_AND_PEPPER] {
        let [first, second] =
            [7, 8].map(|step| changed(&clean, &corrupted(&[corruption], 0.3, &clean, &indices, step)));
        let both = share(first.iter().zip(&second).map(|(a, b)| *a && *b));
        assert_share(both, 0.09, first.len(), "corrupted in both steps");
        // Neighbouring inputs of a row are independent, too.
        let pairs: Vec<bool> = first.windows(2).map(|pair| pair[0] && pair[1]).collect();
        assert_share(share(pairs.iter().copied()), 0.09, pairs.len(), "corrupted side by side");
    }
}

/// A sample keeps its noise in every step, order and batch.
#[test]
fn fixed_noise_belongs_to_the_sample() {
    let clean = samples(50);
    let indices = all_indices(&clean);
    for corruption in [("corruption", "gaussian"), MASKING, SALT_AND_PEPPER] {
        let given = [corruption, FIXED];
        let whole = corrupted(&given, 0.5, &clean, &indices, 0);
        for (step, batch) in [(0, &[3_u32, 4, 5][..]), (1, &[49, 0, 17, 3]), (1 << 40, &[17])] {
            let seen = corrupted(&given, 0.5, &clean, batch, step);
            for (row, index) in seen.rows().into_iter().zip(batch) {
                assert_eq!(row, whole.row(*index as usize), "{corruption:?}, sample {index} in step {step}");
            }
        }
        // Equal samples have different corruptions, and neither has the noise of the step with its number.
        let equal = Array2::from_elem((3, 30), 1.5);
        let seen = corrupted(&[corruption, FIXED], 0.5, &equal, &[0, 1, 2], 0);
        if corruption != SALT_AND_PEPPER {
            assert!(seen.row(0) != seen.row(1) && seen.row(1) != seen.row(2), "{corruption:?}");
            let fresh = corrupted(&[corruption], 0.5, &equal, &[0], 0);
            assert_ne!(fresh.row(0), seen.row(0), "{corruption:?}");
        }
    }
}

#[test]
fn corrupted_inputs_grow_with_the_probability_and_are_the_same_for_both_corruptions() {
    let clean = samples(200);
    let indices = all_indices(&clean);
    let mask = |corruption, nu| changed(&clean, &corrupted(&[corruption], nu, &clean, &indices, 2));
    let (small, large) = (mask(MASKING, 0.1), mask(MASKING, 0.6));
    assert!(small.iter().zip(&large).all(|(small, large)| !small || *large) && small != large);
    // Except for inputs that already have the extreme value.
    let differing = share(mask(SALT_AND_PEPPER, 0.6).iter().zip(&large).map(|(a, b)| a != b));
    assert!(differing < 60.0 / 6000.0, "{differing}");
    assert!(mask(MASKING, 0.0).iter().chain(&mask(SALT_AND_PEPPER, 0.0)).all(|changed| !changed));
    assert!(mask(MASKING, 1.0).iter().all(|changed| *changed), "every input is corrupted");
}

#[test]
fn both_precisions_see_the_same_corruption() {
    let clean = samples(100).mapv(|x| f64::from(x as f32));
    let single = clean.mapv(|x| x as f32);
    let indices = all_indices(&clean);
    for corruption in [MASKING, SALT_AND_PEPPER] {
        for noise in ["fresh", "fixed"] {
            let given = [corruption, ("noise", noise)];
            let double = corrupted(&given, 0.25, &clean, &indices, 9);
            assert_eq!(corrupted(&given, 0.25, &single, &indices, 9).mapv(f64::from), double);
        }
    }
}

#[test]
fn gaussian_noise_drawn_once_has_its_variance() {
    let clean = samples(4000);
    let noise = corrupted(&[FIXED], 0.25, &clean, &all_indices(&clean), 0) - &clean;
    let count = noise.len() as f64;
    let (mean, square) = (noise.sum() / count, noise.mapv(|d| d * d).sum() / count);
    assert!(mean.abs() < 5.0 * 0.5 / count.sqrt(), "{mean}");
    assert!((square / 0.25 - 1.0).abs() < 5.0 * (2.0 / count).sqrt(), "{square}");
}

fn draws(count: u64) -> (&'static str, Value) {
    ("draws", Value::Integer(count))
}

const ANTITHETIC: (&str, Value) = ("pairing", Value::Choice("antithetic"));

/// The rows of each draw.
fn by_draw(all: &Array2<f64>, samples: usize) -> Vec<Array2<f64>> {
    all.axis_chunks_iter(ndarray::Axis(0), samples).map(|rows| rows.to_owned()).collect()
}

/// The first draw is that of a single corruption, and more draws leave the first ones as they are.
#[test]
fn a_draw_has_the_same_noise_for_every_number_of_draws() {
    let clean = samples(40);
    let indices = [3, 17, 0, 39];
    for corruption in ["gaussian", "masking", "salt_and_pepper"] {
        for noise in ["fresh", "fixed"] {
            let given = [("corruption", Value::Choice(corruption)), ("noise", Value::Choice(noise))];
            let seen = |count: u64| {
                let given = [&given[..], &[draws(count)]].concat();
                by_draw(&drawn(&given, 0.4, &clean, &indices, 5), indices.len())
            };
            let (one, three, five) = (drawn(&given, 0.4, &clean, &indices, 5), seen(3), seen(5));
            assert_eq!((three.len(), &three[0]), (3, &one), "{corruption}, {noise}");
            assert_eq!(three[..], five[..3], "{corruption}, {noise}");
            for (index, draw) in five.iter().enumerate() {
                assert!(five[..index].iter().all(|other| other != draw), "{corruption}, {noise}: {index}");
            }
        }
    }
}

#[test]
fn independent_draws_are_uncorrelated() {
    let clean = samples(4000);
    let seen = by_draw(&drawn(&[draws(3)], 1.0, &clean, &all_indices(&clean), 2), 4000);
    let noises: Vec<Array2<f64>> = seen.iter().map(|seen| seen - &clean).collect();
    let bound = 5.0 / (clean.len() as f64).sqrt();
    for (a, b) in [(0, 1), (0, 2), (1, 2)] {
        let correlation = (&noises[a] * &noises[b]).mean().unwrap();
        assert!(correlation.abs() < bound, "draws {a} and {b}: {correlation}");
        assert!((noises[b].mapv(|e| e * e).mean().unwrap() - 1.0).abs() < 2.0 * bound, "draw {b}");
    }
}

#[test]
fn antithetic_pairs_are_opposite_and_begin_with_the_independent_draws() {
    let clean = samples(30);
    let indices = all_indices(&clean);
    for noise in ["fresh", "fixed"] {
        let given = [draws(4), ("noise", Value::Choice(noise))];
        let independent = by_draw(&drawn(&given, 0.3, &clean, &indices, 9), 30);
        let paired = drawn(&[&given[..], &[ANTITHETIC]].concat(), 0.3, &clean, &indices, 9);
        let paired = by_draw(&paired, 30);
        for first in [0, 2] {
            assert_eq!(paired[first], independent[first], "{noise}");
            let sum = &paired[first] + &paired[first + 1] - 2.0 * &clean;
            assert!(sum.iter().all(|x| x.abs() < 1e-14), "{noise}: the noise of a pair cancels");
            assert_ne!(paired[first + 1], independent[first + 1], "{noise}");
        }
        assert_ne!(paired[0], paired[2], "{noise}: pairs have noise of their own");
    }
}

#[test]
fn pairs_need_gaussian_noise_and_an_even_number_of_draws() {
    let refused = |given: &[(&str, Value)]| RegularizerSpec::new(RegularizerKind::Dae, given).unwrap_err();
    for count in [1, 3, 63] {
        let said = refused(&[draws(count), ANTITHETIC]);
        assert!(said.contains(&format!("`draws` is {count}")) && said.contains("an even number"), "{said}");
    }
    for corruption in ["masking", "salt_and_pepper"] {
        let said = refused(&[draws(2), ANTITHETIC, ("corruption", Value::Choice(corruption))]);
        assert!(said.contains(corruption) && said.contains("accepted: gaussian"), "{said}");
    }
    for count in [0, 65] {
        assert!(refused(&[draws(count)]).contains("a whole number from 1 to 64"));
    }
}

/// The ledger expands one corruption of each sample.
#[test]
fn only_a_dae_with_one_draw_obeys_theorem_3() {
    let obeys = |given: &[(&str, Value)]| {
        RegularizerSpec::new(RegularizerKind::Dae, given).unwrap().obeys_theorem_3()
    };
    assert!(obeys(&[]) && obeys(&[draws(1)]));
    assert!(!obeys(&[draws(2)]) && !obeys(&[draws(2), ANTITHETIC]));
}

#[test]
#[should_panic(expected = "the training samples were not seen")]
fn salt_and_pepper_without_the_training_samples_panics() {
    let spec =
        RegularizerSpec::new(RegularizerKind::Dae, &[(SALT_AND_PEPPER.0, Value::Choice(SALT_AND_PEPPER.1))]);
    let mut regularizer = spec.unwrap().build::<f64>(0.5, Shape { batch: 1, inputs: 2, hidden: 1 });
    let step = Step { noise: &Noise::new(1), number: 0, samples: &[0] };
    let (clean, mut seen) = (Array2::zeros((1, 2)), Array2::zeros((1, 2)));
    regularizer.corrupt(clean.view(), step, seen.view_mut());
}

#[test]
fn probabilities_are_at_most_one_and_variances_are_not() {
    let accepts = |given: &[(&str, Value)], x| {
        let spec = RegularizerSpec::new(RegularizerKind::Dae, given).unwrap();
        spec.coefficients().contains(Value::Real(x))
    };
    assert!(accepts(&[], 1.5));
    for kind in ["masking", "salt_and_pepper"] {
        let given = [("corruption", Value::Choice(kind))];
        assert!(accepts(&given, 0.0) && accepts(&given, 1.0) && !accepts(&given, 1.000_001), "{kind}");
    }
}
