//! The synthetic samples: pinned values, structure and distribution.

use ndarray::{Array1, s};

use super::*;
use crate::data::{self, DataSpec, Dataset, Locations, Source, Standardize};

const SPEC: Synthetic = Synthetic { samples: 40, inputs: 6, atoms: 9, active: 3, noise: 0.1, seed: 1 };

fn load(spec: &Synthetic, samples: Option<usize>) -> Result<Dataset> {
    let source = Source::Synthetic(spec.clone());
    data::load(
        &DataSpec { source, samples, held_out: None, standardize: Standardize::None },
        &Locations::default(),
    )
}

/// Pinned with the first version of the rule; when they must change, so must `DOMAIN`.
#[test]
fn golden_values() {
    let dataset = load(&SPEC, None).unwrap();
    assert_eq!(
        dataset.train.row(0).to_vec(),
        [1.8273195, -0.5627354, -1.5620359, 0.37456238, -0.09716092, -0.8806019]
    );
    assert_eq!(
        dataset.held_out.unwrap().row(0).to_vec(),
        [-0.086674094, -1.5392764, -0.76657677, -1.0358542, -1.4130087, 1.2733892]
    );
    assert_eq!(dataset.sha256, "c59632fbeef369e46fb7a4ab61d683c586afa964cb38703fa1c9dac8764de3b5");
}

#[test]
fn shapes_and_held_out_samples() {
    let dataset = load(&SPEC, None).unwrap();
    assert_eq!((dataset.name.as_str(), dataset.available), ("synthetic", 40));
    assert_eq!(dataset.train.dim(), (40, 6));
    assert_eq!(dataset.held_out.as_ref().unwrap().dim(), (4, 6));
    assert_eq!(Synthetic { samples: 9, ..SPEC }.held_out(), 1);
    // The held-out samples continue the training samples.
    let longer = load(&Synthetic { samples: 44, ..SPEC }, None).unwrap();
    assert_eq!(longer.train.slice(s![..40, ..]), dataset.train);
    assert_eq!(longer.train.slice(s![40.., ..]), dataset.held_out.as_ref().unwrap());
    assert_ne!(longer.sha256, dataset.sha256);
    // Fewer training samples are the first ones of the same data.
    let fewer = load(&SPEC, Some(7)).unwrap();
    assert_eq!(fewer.train, dataset.train.slice(s![..7, ..]));
    assert_eq!((fewer.held_out, fewer.sha256), (dataset.held_out, dataset.sha256));
}

#[test]
fn digest_covers_the_drawn_bytes() {
    let dataset = load(&SPEC, None).unwrap();
    let values = dataset.train.iter().chain(dataset.held_out.as_ref().unwrap());
    let drawn = values.flat_map(|value| value.to_le_bytes());
    let bytes: Vec<u8> = b"aesparse synthetic 1".iter().copied().chain(drawn).collect();
    assert_eq!(dataset.sha256, data::digest::sha256(&bytes));
}

#[test]
fn dictionary_rows_have_length_one() {
    let dictionary = SPEC.dictionary().unwrap();
    assert_eq!(dictionary.dim(), (9, 6));
    for row in dictionary.rows() {
        assert!((row.dot(&row) - 1.0).abs() < 1e-14);
    }
}

#[test]
fn samples_are_codes_times_dictionary() {
    let spec = Synthetic { noise: 0.0, ..SPEC };
    let dictionary = spec.dictionary().unwrap();
    let train = load(&spec, None).unwrap().train;
    let mut codes = Codes::new(&spec);
    for row in train.rows() {
        let mut sample = Array1::<f64>::zeros(6);
        for (atom, code) in codes.next_codes() {
            sample.scaled_add(code, &dictionary.row(atom));
        }
        assert_eq!(row, sample.mapv(|value| value as f32));
    }
}

#[test]
fn exactly_active_codes_uniform_and_exponential() {
    let mut codes = Codes::new(&SPEC);
    let (mut uses, mut sum, mut squares) = ([0_u32; 9], 0.0, 0.0);
    for _ in 0..30_000 {
        let mut seen = [false; 9];
        for (atom, code) in codes.next_codes() {
            assert!(code > 0.0 && !seen[atom]);
            seen[atom] = true;
            uses[atom] += 1;
            sum += code;
            squares += code * code;
        }
        assert_eq!(seen.iter().filter(|&&seen| seen).count(), 3);
    }
    // Each atom is in a third of the samples; sd of the count is √(30,000 · 1/3 · 2/3) ≈ 82: five of them.
    assert!(uses.iter().all(|uses| uses.abs_diff(10_000) < 410), "{uses:?}");
    // 90,000 codes: the mean's sd is 1/300, that of the mean square (variance 20) 0.015.
    assert!((sum / 90_000.0 - 1.0_f64).abs() < 0.017, "{sum}");
    assert!((squares / 90_000.0 - 2.0_f64).abs() < 0.075, "{squares}");
}

#[test]
fn noise_is_added_to_the_same_codes() {
    let spec = Synthetic { samples: 5000, noise: 0.25, ..SPEC };
    let noisy = load(&spec, None).unwrap().train.mapv(f64::from);
    let clean = load(&Synthetic { noise: 0.0, ..spec }, None).unwrap().train.mapv(f64::from);
    let noise = noisy - clean;
    // 30,000 values: the sd of the mean is 0.25/173, of the variance 0.0625/122; five of them.
    assert!(noise.mean().unwrap().abs() < 0.0073);
    assert!((noise.var(0.0) - 0.0625).abs() < 0.0026);
}

#[test]
fn determined_by_the_spec() {
    let first = load(&SPEC, None).unwrap();
    assert_eq!(load(&SPEC, None).unwrap(), first);
    assert_ne!(load(&Synthetic { seed: 2, ..SPEC }, None).unwrap().sha256, first.sha256);
}

#[test]
fn settings_out_of_range() {
    for (spec, part) in [
        (Synthetic { samples: 0, ..SPEC }, "at least 1"),
        (Synthetic { inputs: 0, ..SPEC }, "at least 1"),
        (Synthetic { atoms: 0, ..SPEC }, "at least 1"),
        (Synthetic { active: 0, ..SPEC }, "active is 0, expected 1 to 9"),
        (Synthetic { active: 10, ..SPEC }, "active is 10, expected 1 to 9"),
        (Synthetic { noise: -1.0, ..SPEC }, "noise is -1"),
        (Synthetic { noise: f64::NAN, ..SPEC }, "noise is NaN"),
        (Synthetic { noise: 1e300, ..SPEC }, "not finite in f32"),
        (Synthetic { samples: usize::MAX, ..SPEC }, "the limit is"),
        (Synthetic { samples: 1 << 40, ..SPEC }, "the limit is"),
        (Synthetic { inputs: 1 << 40, ..SPEC }, "the limit is"),
        (Synthetic { atoms: usize::MAX, ..SPEC }, "the limit is"),
    ] {
        let message = load(&spec, None).unwrap_err().to_string();
        assert!(message.starts_with("synthetic: ") && message.contains(part), "{message}");
    }
    assert!(load(&SPEC, Some(41)).unwrap_err().to_string().contains("set data.samples to 40 or less"));
}

#[test]
fn smallest() {
    let spec = Synthetic { samples: 1, inputs: 1, atoms: 1, active: 1, noise: 0.0, seed: 0 };
    let dataset = load(&spec, None).unwrap();
    assert_eq!((dataset.train.dim(), dataset.held_out.unwrap().dim()), ((1, 1), (1, 1)));
    assert_eq!(spec.dictionary().unwrap()[[0, 0]].abs(), 1.0);
}
