//! Weight files: exact there and back, other programs' accepted, broken ones named.

use super::{spec, weights};
use aesparse::data::digest::sha256;
use aesparse::data::{Preparation, Scale, Statistics};
use aesparse::state::Parameters;
use aesparse::store::{EncoderSpec, Weights, WeightsFile, read_encoder};
use ndarray::{Array1, Array2, ShapeBuilder as _, array};
use ndarray_npy::{NpzWriter, WriteNpyExt};
use std::fs;
use std::io::{Cursor, Write as _};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

type Archive = NpzWriter<Cursor<Vec<u8>>>;

type Add<'a> = &'a dyn Fn(&mut Archive, &str);

fn archive(arrays: &[(&str, Add<'_>)]) -> Vec<u8> {
    let mut archive: Archive = NpzWriter::new(Cursor::new(Vec::new()));
    for (name, add) in arrays {
        add(&mut archive, name);
    }
    archive.finish().unwrap().into_inner()
}

fn holding<T: WriteNpyExt>(array: T) -> impl Fn(&mut Archive, &str) {
    move |archive, name| archive.add_array(name, &array).unwrap()
}

#[test]
fn weights_come_back_exactly_and_the_same_weights_give_the_same_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("final.npz");
    for b_d in [None, Some(array![0.1_f32, -0.0, f32::MIN_POSITIVE, 3.0])] {
        let weights = Weights { b_d, ..weights(3, 4) };
        fs::write(&path, weights.encode().unwrap()).unwrap();
        let read = Weights::read(&path, (3, 4)).unwrap();
        assert_eq!(read.weights, weights);
        assert_eq!(read.sha256.len(), 64);
        assert_eq!(weights.encode().unwrap(), read.weights.encode().unwrap());
        let mut expected: Archive = NpzWriter::new(Cursor::new(Vec::new()));
        expected.add_array("W", &weights.w).unwrap();
        expected.add_array("b", &weights.b).unwrap();
        weights.b_d.iter().for_each(|b_d| expected.add_array("b_d", b_d).unwrap());
        let expected = expected.finish().unwrap().into_inner();
        assert_eq!(weights.encode().unwrap(), expected, "another program's archive");
    }
}

#[test]
fn parameters_become_weights_and_weights_a_start() {
    let weights = weights(3, 4);
    for decoder_bias in [vec![], vec![1.0, 2.0, 3.0, 4.0]] {
        let parameters = Parameters::new(weights.w.view(), weights.b.to_vec(), decoder_bias.clone());
        let kept = Weights::from(&parameters);
        assert_eq!((&kept.w, &kept.b), (&weights.w, &weights.b));
        assert_eq!(kept.b_d.is_some(), !decoder_bias.is_empty());
        let start = Parameters::from(&kept);
        assert_eq!((start.weights(), start.decoder_bias()), (weights.w.view(), &decoder_bias[..]));
    }
}

#[test]
fn double_precision_and_column_major_order_are_accepted() {
    let w = Array2::from_shape_vec((2, 3).f(), vec![1.0_f64, 4.0, 2.0, 5.0, 3.0, 0.1]).unwrap();
    let bytes = archive(&[("b", &holding(array![0.5_f32, 1.5])), ("W", &holding(w))]);
    let read = Weights::decode(&bytes, (2, 3)).unwrap();
    assert_eq!(read.w, array![[1.0_f32, 2.0, 3.0], [4.0, 5.0, 0.1]]);
    assert!(read.w.is_standard_layout());
    assert_eq!((read.b, read.b_d), (array![0.5, 1.5], None));
}

#[test]
fn broken_files_are_named_with_what_is_wrong() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("start.npz");
    let missing = Weights::read(&path, (2, 3)).unwrap_err().to_string();
    assert!(missing.contains("start.npz: can't be read"), "{missing}");

    let w = || holding(Array2::<f32>::ones((2, 3)));
    let b = || holding(Array1::<f32>::ones(2));
    let whole = archive(&[("W", &w()), ("b", &b())]);
    for (content, problem) in [
        (b"not a zip".to_vec(), "not an .npz archive"),
        (Vec::new(), "not an .npz archive"),
        (whole[..whole.len() / 2].to_vec(), "not an .npz archive"),
        (archive(&[]), "the array `W` is missing; it has no arrays"),
        (archive(&[("b", &b()), ("w", &w())]), "the array `W` is missing; it has b, w"),
        (archive(&[("W", &w())]), "the array `b` is missing"),
        (archive(&[("W", &b()), ("b", &b())]), "the array `W` has the shape [2], expected [2, 3]"),
        (
            archive(&[("W", &holding(Array2::<i32>::ones((2, 3)))), ("b", &b())]),
            "the array `W` has dtype <i4, expected f32",
        ),
        (
            archive(&[("W", &w()), ("b", &holding(array![1.0_f32]))]),
            "the array `b` has the shape [1], expected [2]",
        ),
        (
            archive(&[("W", &w()), ("b", &b()), ("b_d", &b())]),
            "the array `b_d` has the shape [2], expected [3]",
        ),
        (archive(&[("W", &w()), ("b", &holding(array![1.0_f32, f32::NAN]))]), "`b` holds NaN at 1"),
        (archive(&[("W", &w()), ("b", &holding(array![1.0, 1e300]))]), "`b` holds inf at 1"),
        (
            archive(&[("W", &holding(Array2::<f32>::ones((0, 3)))), ("b", &b())]),
            "W has the shape [0, 3], but the model has [2, 3]",
        ),
    ] {
        fs::write(&path, content).unwrap();
        let message = Weights::read(&path, (2, 3)).unwrap_err().to_string();
        assert!(message.contains("start.npz") && message.contains(problem), "{message} lacks {problem}");
        assert!(message.contains("numpy.savez") || message.contains("model.hidden = "), "{message}");
    }
}

/// An archive with these files, deflated as `numpy.savez_compressed` does.
fn deflated(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in files {
        let deflated = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
        archive.start_file(*name, deflated).unwrap();
        archive.write_all(content).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

#[test]
fn compressed_archives_are_read() {
    let original = weights(30, 4);
    let (mut w, mut b) = (Vec::new(), Vec::new());
    original.w.write_npy(&mut w).unwrap();
    original.b.write_npy(&mut b).unwrap();
    let archive = deflated(&[("W.npy", &w), ("b.npy", &b)]);
    assert!(archive.len() < w.len() + b.len() + 300);
    assert_eq!(Weights::decode(&archive, (30, 4)).unwrap(), original);
}

/// Found by fuzzing: the memory for them was taken before anything was read.
#[test]
fn sizes_that_a_file_only_claims_take_no_memory() {
    let mut long_header = b"\x93NUMPY\x03\x00".to_vec();
    long_header.extend(3_648_716_918_u32.to_le_bytes());
    long_header.extend([b' '; 100]);
    let many =
        format!("{:<117}\n", "{'descr': '<f4', 'fortran_order': False, 'shape': (1000000, 1000000), }");
    let many_values = [b"\x93NUMPY\x01\x00\x76\x00", many.as_bytes(), &[0; 64]].concat();
    // Its header says what is expected, and far more follows.
    let three = format!("{:<117}\n", "{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }");
    let too_long = [b"\x93NUMPY\x01\x00\x76\x00", three.as_bytes(), &[0; 1 << 20]].concat();
    for (content, problem) in [
        (long_header, "declares a header of 3648716918 bytes, the limit is 65536"),
        (many_values, "has the shape [1000000, 1000000], expected [3, 4]"),
        (too_long, "holds more than the values of the shape [3, 4]"),
    ] {
        let archive = deflated(&[("W.npy", &content), ("b.npy", b"")]);
        let message = Weights::decode(&archive, (3, 4)).unwrap_err();
        assert!(message.contains("`W`") && message.contains(problem), "{message}");
    }
}

#[test]
fn a_changed_byte_never_panics_and_never_changes_a_value() {
    let original = weights(3, 4);
    let whole = original.encode().unwrap();
    for at in 0..whole.len() {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x41;
        if let Ok(read) = Weights::decode(&bytes, (3, 4)) {
            assert_eq!(read, original, "byte {at}");
        }
    }
}

/// The weights with the description of their encoder.
fn described() -> WeightsFile {
    let (mean, sd) = (array![0.1, 2.0, -3.0, 0.0], array![1.0, 0.0, 0.5, 2.0]);
    let input = Preparation { statistics: Some(Statistics { mean, sd }), scale: Scale::Unit, images: None };
    let encoder = EncoderSpec::new(&spec("dae", 0.25), input, "0.1.0");
    WeightsFile {
        weights: weights(3, 4),
        encoder: Some(encoder),
        sha256: sha256(&weights(3, 4).encode().unwrap()),
    }
}

#[test]
fn a_described_encoder_comes_back_exactly() {
    let file = described();
    let bytes = file.encode().unwrap();
    assert_eq!(WeightsFile::decode(&bytes, (3, 4)).unwrap(), file);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("final.npz");
    fs::write(&path, &bytes).unwrap();
    assert_eq!(Weights::read(&path, (3, 4)).unwrap().sha256, file.sha256, "a warm start has one identity");
    let (weights, encoder) = read_encoder(&path).unwrap();
    assert_eq!((weights, Some(encoder)), (file.weights, file.encoder));
}

#[test]
fn a_changed_byte_of_a_described_encoder_never_changes_a_value() {
    let original = described();
    let whole = original.encode().unwrap();
    for at in 0..whole.len() {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x41;
        // A byte of a name may hide the description, or mean or sd, which are then missing.
        if let Ok(read) = WeightsFile::decode(&bytes, (3, 4)) {
            assert_eq!(read.weights, original.weights, "byte {at}");
            assert!(read.encoder.is_none() || read.encoder == original.encoder, "byte {at}");
        }
    }
}

#[test]
fn a_shape_that_doesnt_fit_is_named_beside_the_models() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("start.npz");
    fs::write(&path, weights(3, 4).encode().unwrap()).unwrap();
    let message = Weights::read(&path, (1000, 784)).unwrap_err().to_string();
    for part in ["start.npz", "[3, 4]", "[1000, 784]", "model.hidden = 3"] {
        assert!(message.contains(part), "{message} lacks {part}");
    }
}
