//! The committed MNIST files against the `mnist` crate, which shares no code with our reader.

use std::fs::{self, File};
use std::io;
use std::path::PathBuf;

use aesparse::data::{self, Source, Standardize, Statistics, mnist};
use flate2::read::GzDecoder;
use ndarray::{Array2, s};

use super::fixture::*;

/// The committed data, or `None` with a message where they are absent, as in a packaged crate.
#[allow(clippy::print_stderr, reason = "a skipped test says so")]
fn committed() -> Option<PathBuf> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("data");
    let present = folder.join(mnist::FOLDER).join(format!("{TRAIN}.gz")).exists();
    if !present {
        eprintln!("skipped: {} has no MNIST files", folder.display());
    }
    present.then_some(folder)
}

fn same(found: &Array2<f32>, expected: &[u8]) {
    assert_eq!(found.len(), expected.len());
    let difference =
        found.iter().zip(expected).position(|(&value, &pixel)| value != f32::from(pixel) / 255.0);
    assert_eq!(difference, None, "the first pixel that differs");
}

#[test]
fn every_pixel_as_read_by_the_mnist_crate() {
    let Some(folder) = committed() else { return };
    // That crate reads only decompressed files.
    let unpacked = tempfile::tempdir().unwrap();
    let plain = unpacked.path().join(mnist::FOLDER);
    fs::create_dir(&plain).unwrap();
    for known in mnist::FILES {
        let packed = folder.join(mnist::FOLDER).join(format!("{}.gz", known.name));
        let mut source = GzDecoder::new(File::open(packed).unwrap());
        io::copy(&mut source, &mut File::create(plain.join(known.name)).unwrap()).unwrap();
    }
    intact("mnist", &folder);
    intact("mnist", unpacked.path());
    let base = format!("{}/", plain.display());
    // All lengths are given: 50,000 + 10,000 would make it return training images as its test set.
    let oracle = ::mnist::MnistBuilder::new()
        .base_path(&base)
        .training_set_length(60_000)
        .validation_set_length(0)
        .test_set_length(10_000)
        .finalize();

    let compressed = data::load(&spec(Source::Mnist, None), &locations(&folder)).unwrap();
    same(&compressed.train, &oracle.trn_img);
    same(compressed.held_out.as_ref().unwrap(), &oracle.tst_img);
    assert_eq!(compressed.name, "mnist");
    assert_eq!(compressed.sha256, mnist::FILES[0].sha256);
    assert_eq!((compressed.available, compressed.inputs()), (60_000, 784));
    let decompressed = data::load(&spec(Source::Mnist, None), &locations(unpacked.path())).unwrap();
    assert!(decompressed == compressed, "plain and gzip files give the same data");
}

#[test]
fn the_paper_s_samples_standardised() {
    let Some(folder) = committed() else { return };
    let raw = data::load(&spec(Source::Mnist, None), &locations(&folder)).unwrap();
    let mut paper = spec(Source::Mnist, Source::Mnist.default_samples());
    paper.standardize = Standardize::Feature { epsilon: 0.1 };
    let dataset = data::load(&paper, &locations(&folder)).unwrap();
    assert_eq!(dataset.train.dim(), (50_000, 784));
    assert_eq!(dataset.held_out.as_ref().unwrap().dim(), (10_000, 784));
    assert_eq!(dataset.sha256, raw.sha256);
    let used = raw.train.slice(s![..50_000, ..]);
    assert_eq!(dataset.statistics, Some(Statistics::of(&used)));
    // One mean and one standard deviation of all pixels are 0.13 and 0.31, as every tutorial with MNIST has them.
    let mut global = paper.clone();
    global.standardize = Standardize::Global { epsilon: 0.0 };
    let Statistics { mean, sd } =
        data::load(&global, &locations(&folder)).unwrap().statistics.expect("global scope has statistics");
    let pixels = used.mapv(f64::from);
    let expected = (pixels.mean().unwrap(), pixels.std(0.0));
    assert!((mean[0] - expected.0).abs() < 1e-9 && (sd[783] - expected.1).abs() < 1e-9, "{expected:?}");
    assert!((mean[0] - 0.1307).abs() < 0.001 && (sd[0] - 0.3081).abs() < 0.001);
    // The corner pixel is 0 in every training image and stays 0.
    assert!(dataset.train.column(0).iter().all(|&value| value == 0.0));
    assert!(dataset.train.is_standard_layout());
    let (mean, sd) = {
        let centre = used.column(14 * 28 + 14).mapv(f64::from);
        (centre.mean().unwrap(), centre.std(0.0))
    };
    let expected = (f64::from(raw.held_out.as_ref().unwrap()[[7, 14 * 28 + 14]]) - mean) / (sd + 0.1);
    let found = f64::from(dataset.held_out.as_ref().unwrap()[[7, 14 * 28 + 14]]);
    assert!((found - expected).abs() < 1e-6 * expected.abs().max(1.0), "{found} {expected}");
}
