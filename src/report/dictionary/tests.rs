//! Tests of matching and recovery with planted dictionaries and a brute-force oracle.

use super::*;
use crate::activation::{ActivationKind, ActivationSpec};
use crate::data::{Source, Standardize, Statistics, Synthetic};
use crate::report::figure::tests::runs;
use crate::store::{Record, Weights};
use crate::training::{Activity, THRESHOLDS};
use ndarray::{Array1, Array2, array, s};
use rand::seq::SliceRandom as _;
use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

fn random(rows: usize, columns: usize, random: &mut ChaCha8Rng) -> Array2<f64> {
    Array2::from_shape_fn((rows, columns), |_| random.random_range(-1.0..1.0))
}

/// The largest sum of cosines over all ways to give every row a column of its own; as many columns as rows, or more.
fn largest_sum(cosines: &Array2<f64>, taken: &mut Vec<usize>) -> f64 {
    let row = taken.len();
    if row == cosines.nrows() {
        return 0.0;
    }
    let mut largest = f64::NEG_INFINITY;
    for column in 0..cosines.ncols() {
        if !taken.contains(&column) {
            taken.push(column);
            largest = largest.max(cosines[[row, column]] + largest_sum(cosines, taken));
            taken.pop();
        }
    }
    largest
}

#[test]
fn the_matching_has_the_largest_sum_of_all_permutations() {
    let mut draws = ChaCha8Rng::seed_from_u64(1);
    for (rows, columns) in [(1, 1), (2, 2), (3, 5), (5, 3), (5, 5), (6, 6), (4, 7), (7, 4)] {
        for _ in 0..20 {
            let cosines = random(rows, columns, &mut draws);
            let pairs = matching(cosines.view());
            assert_eq!(pairs.len(), rows.min(columns));
            let distinct =
                |values: Vec<usize>| values.iter().collect::<std::collections::BTreeSet<_>>().len();
            assert_eq!(distinct(pairs.iter().map(|pair| pair.0).collect()), pairs.len());
            assert_eq!(distinct(pairs.iter().map(|pair| pair.1).collect()), pairs.len());
            assert!(pairs.is_sorted(), "{pairs:?}");
            let sum: f64 = pairs.iter().map(|pair| cosines[*pair]).sum();
            let wide = if rows <= columns { cosines.clone() } else { cosines.t().to_owned() };
            let expected = largest_sum(&wide, &mut Vec::new());
            assert!((sum - expected).abs() < 1e-9, "{rows} × {columns}: {sum} and {expected}");
        }
    }
    assert!(matching(Array2::zeros((0, 3)).view()).is_empty());
    assert!(matching(Array2::zeros((3, 0)).view()).is_empty());
}

#[test]
fn a_planted_dictionary_is_found_again() {
    let mut draws = ChaCha8Rng::seed_from_u64(2);
    let atoms = random(40, 30, &mut draws);
    let mut places: Vec<usize> = (0..40).collect();
    places.shuffle(&mut draws);
    // Every atom once, at another place, of another length and with noise; then ten units of no atom.
    let mut units = random(50, 30, &mut draws);
    for (atom, place) in places.iter().enumerate() {
        let noise = random(1, 30, &mut draws);
        units.row_mut(*place).assign(&((&atoms.row(atom) + &(0.2 * &noise.row(0))) * (0.5 + atom as f64)));
    }
    let similar = cosines(atoms.view(), units.view(), DirectionSign::Counts);
    let expected: Vec<(usize, usize)> = places.iter().copied().enumerate().collect();
    assert_eq!(matching(similar.view()), expected);
    let found =
        DictionaryRecovery::of(atoms.view(), &UsedUnits { rows: units.clone(), sign: DirectionSign::Counts });
    assert_eq!((found.atoms, found.units, found.recovered), (40, 50, 40));
    assert_eq!((found.repeated_atoms, found.repeated_units), (0, 0));
    let planted: f64 = expected.iter().map(|pair| similar[*pair]).sum::<f64>() / 40.0;
    assert!((found.mean_matched_cosine.unwrap() - planted).abs() < 1e-12 && planted > 0.95);

    // The opposite directions are no atoms, unless the activation is odd.
    let mirrored = |sign| UsedUnits { rows: -&units, sign };
    assert_eq!(DictionaryRecovery::of(atoms.view(), &mirrored(DirectionSign::Counts)).recovered, 0);
    assert_eq!(DictionaryRecovery::of(atoms.view(), &mirrored(DirectionSign::Ignored)), found);
}

#[test]
fn recovery_by_hand() {
    // Units: the first atom twice, a direction between the second and the third, and none at the fourth.
    let atoms = Array2::eye(4);
    let rows = array![[2.0, 0.0, 0.0, 0.0], [3.0, 0.3, 0.0, 0.0], [0.0, 4.0, 3.0, 0.0]];
    let found = DictionaryRecovery::of(atoms.view(), &UsedUnits { rows, sign: DirectionSign::Counts });
    assert_eq!((found.atoms, found.units), (4, 3));
    // The best units have cosines 1, 0.8, 0.6 and 0.
    assert!((found.mean_max_cosine.unwrap() - 2.4 / 4.0).abs() < 1e-12);
    // One unit each: 1 + 0.8 and, for the third or fourth atom, 0; or, with the second unit at the second atom,
    // 1 + 0.0995 + 0.6, which is less.
    assert!((found.mean_matched_cosine.unwrap() - 1.8 / 3.0).abs() < 1e-12);
    assert_eq!((found.recovered, found.recovered_fraction()), (1, 0.25));
    assert_eq!((found.repeated_atoms, found.repeated_units), (1, 2));

    let none = UsedUnits { rows: Array2::zeros((0, 4)), sign: DirectionSign::Counts };
    let found = DictionaryRecovery::of(atoms.view(), &none);
    assert_eq!((found.mean_max_cosine, found.mean_matched_cosine, found.recovered), (None, None, 0));
}

fn record(activation: &str) -> Record {
    let sweep = format!(
        "model.activation = '{activation}'\nsweep = {{ regularizer = ['dae'], sigma_squared = [0.5] }}"
    );
    let run = runs(&sweep, |_| Some((0.5, 0.0))).remove(0);
    (*run.record).clone()
}

#[test]
fn dead_units_and_rows_of_zeros_are_left_out() {
    let w = array![[1.0_f32, 0.0], [0.0, 1.0], [0.0, 0.0], [1.0, 1.0]];
    let weights = Weights { w, b: Array1::zeros(4), b_d: None };
    let mut record = record("relu");
    assert_eq!(UsedUnits::of(&weights, &record).rows, array![[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]]);
    record.activity = Some(Activity {
        active_samples: vec![5, 0, 3, 1],
        pairs_above: vec![0; THRESHOLDS.len()],
        units_never_above: vec![0; THRESHOLDS.len()],
    });
    let used = UsedUnits::of(&weights, &record);
    assert_eq!((used.rows, used.sign), (array![[1.0, 0.0], [1.0, 1.0]], DirectionSign::Counts));
    let sign = |kind: ActivationKind| DirectionSign::of(&ActivationSpec::from(kind));
    assert_eq!([ActivationKind::Tanh, ActivationKind::Identity].map(sign), [DirectionSign::Ignored; 2]);
    assert_eq!([ActivationKind::Sigmoid, ActivationKind::Relu].map(sign), [DirectionSign::Counts; 2]);
}

#[test]
fn likeness_is_of_matched_units() {
    let units = |rows, sign| UsedUnits { rows, sign };
    let a = array![[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];
    // The second and the first direction; the third is missing.
    let b = array![[0.0, 5.0, 0.0], [3.0, 0.0, 4.0]];
    let found =
        DictionaryLikeness::of(&units(a.clone(), DirectionSign::Counts), &units(b, DirectionSign::Counts));
    assert_eq!((found.units_a, found.units_b, found.pairs), (3, 2, 2));
    assert!(
        (found.mean_matched_cosine.unwrap() - 0.9).abs() < 1e-12 && found.same_fraction == Some(0.5),
        "{found:?}"
    );
    let turned = -&a.slice(s![..;-1, ..]);
    let likeness = |sign, other| {
        DictionaryLikeness::of(&units(a.clone(), sign), &units(turned.clone(), other)).same_fraction
    };
    assert_eq!(likeness(DirectionSign::Ignored, DirectionSign::Ignored), Some(1.0));
    assert_eq!(likeness(DirectionSign::Ignored, DirectionSign::Counts), Some(0.0));
}

#[test]
fn atoms_are_directions_of_the_standardised_samples() {
    let synthetic = Synthetic { samples: 10, inputs: 3, atoms: 5, active: 2, noise: 0.0, seed: 4 };
    let dictionary = synthetic.dictionary().unwrap();
    let source = Source::Synthetic(synthetic);
    for same in [Standardize::None, Standardize::Global { epsilon: 0.1 }] {
        assert_eq!(atoms(&source, same, None).unwrap().unwrap(), dictionary);
    }
    let statistics = Statistics { mean: array![1.0, 2.0, 3.0], sd: array![0.5, 0.0, 1.5] };
    let scaled = atoms(&source, Standardize::Feature { epsilon: 0.5 }, Some(&statistics)).unwrap().unwrap();
    let centred = atoms(&source, Standardize::Sample { epsilon: 0.0 }, None).unwrap().unwrap();
    for (atom, (scaled, centred)) in
        dictionary.rows().into_iter().zip(scaled.rows().into_iter().zip(centred.rows()))
    {
        assert_eq!(scaled.to_vec(), [atom[0], 0.0, atom[2] / 2.0]);
        let mean = (atom[0] + atom[1] + atom[2]) / 3.0;
        assert!(atom.iter().zip(centred).all(|(value, centred)| (value - mean - centred).abs() < 1e-15));
    }
    assert!(atoms(&Source::Mnist, Standardize::None, None).unwrap().is_none());
}
