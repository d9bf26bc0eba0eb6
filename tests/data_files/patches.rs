//! CIFAR-10's patches: the committed files, and what is in their place when they are missing or others.

use std::fs;
use std::path::{Path, PathBuf};

use aesparse::data::{self, Source, Standardize, Statistics, patches};

use super::fixture::*;

const TRAIN: &str = "patches-8x8-train.npy";
const TEST: &str = "patches-8x8-test.npy";

/// The committed data, or `None` with a message where they are absent, as in a packaged crate.
#[allow(clippy::print_stderr, reason = "a skipped test says so")]
fn committed() -> Option<PathBuf> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("data");
    let present = folder.join("cifar10").join(format!("{TRAIN}.gz")).exists();
    if !present {
        eprintln!("skipped: {} has no patches", folder.display());
    }
    present.then_some(folder)
}

#[test]
fn the_committed_patches() {
    let Some(folder) = committed() else { return };
    intact("cifar10_patches", &folder);
    let raw = data::load(&spec(Source::Cifar10Patches, None), &locations(&folder)).unwrap();
    assert_eq!((raw.name.as_str(), raw.sha256.as_str()), ("cifar10", patches::FILES[0].sha256));
    assert_eq!((raw.train.dim(), raw.available), ((50_000, patches::INPUTS), 50_000));
    let held_out = raw.held_out.as_ref().unwrap();
    assert_eq!(held_out.dim(), (10_000, patches::INPUTS));
    for samples in [&raw.train, held_out] {
        assert!(samples.iter().all(|&value| (0.0..=1.0).contains(&value)));
        let mean = samples.mean().unwrap();
        assert!((0.4..0.5).contains(&mean), "natural images are rather dark: {mean}");
    }
    // Neighbouring pixels of a colour are alike, which tells this layout from one with the colours apart.
    let difference = |distance: usize| {
        let pairs = raw.train.column(90).to_owned() - raw.train.column(90 + distance);
        pairs.mapv(f32::abs).mean().unwrap()
    };
    assert!(difference(3) < difference(21), "the next pixel, the row's last");
    assert!(difference(24) < difference(96), "the row below, four rows below");
}

#[test]
fn some_patches_standardised_as_by_default() {
    let Some(folder) = committed() else { return };
    let raw = data::load(&spec(Source::Cifar10Patches, Some(2000)), &locations(&folder)).unwrap();
    let mut default = spec(Source::Cifar10Patches, Some(2000));
    default.standardize = Standardize::Feature { epsilon: 0.0 };
    let dataset = data::load(&default, &locations(&folder)).unwrap();
    assert_eq!((dataset.train.dim(), dataset.available), ((2000, 192), 50_000));
    assert_eq!(dataset.sha256, raw.sha256);
    assert_eq!(dataset.statistics, Some(Statistics::of(&raw.train.view())));
    for column in dataset.train.columns() {
        let (mean, sd) = (column.mapv(f64::from).mean().unwrap(), column.mapv(f64::from).std(0.0));
        assert!(mean.abs() < 1e-5 && (sd - 1.0).abs() < 1e-5, "{mean} {sd}");
    }
}

fn refusal(folder: &Path) -> String {
    data::load(&spec(Source::Cifar10Patches, Some(10)), &locations(folder)).unwrap_err().to_string()
}

fn u8s(rows: usize) -> Vec<u8> {
    npy("'|u1'", "False", &format!("({rows}, 192)"), &vec![0; rows * 192])
}

#[test]
fn other_files_in_the_place_of_the_patches() {
    const RESTORE: &str = "restore the committed file, or use other patches through a .npy source";
    let test = u8s(10_000);
    for (label, train, test, expected) in [
        ("none", None, None, &["not found", TRAIN, "--data-dir"][..]),
        ("one", None, Some(&test), &[TEST, "has the wrong contents", RESTORE]),
        ("train", Some(u8s(10)), None, &[TEST, "no such file", "though another file"]),
        ("few", None, Some(&u8s(10)), &[TEST, "is [10, 192] u8, expected [10000, 192] u8", RESTORE]),
        (
            "f32",
            None,
            Some(&npy("'<f4'", "False", "(1, 192)", &[0; 768])),
            &[TEST, "is [1, 192] f32, expected [10000, 192] u8", RESTORE],
        ),
        ("cut", None, Some(&test[..9000].to_vec()), &[TEST, "is truncated", "1920128 bytes", RESTORE]),
        ("html", None, Some(&b"<html>".to_vec()), &[TEST, "looks like an HTML page", RESTORE]),
    ] {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("cifar10")).unwrap();
        for (name, bytes) in [(TRAIN, train.as_ref()), (TEST, test)] {
            if let Some(bytes) = bytes {
                fs::write(folder.path().join("cifar10").join(name), bytes).unwrap();
            }
        }
        let message = refusal(folder.path());
        for part in expected {
            assert!(message.contains(part), "{label}: no `{part}` in: {message}");
        }
    }
}

#[test]
fn more_patches_than_there_are() {
    let Some(folder) = committed() else { return };
    let spec = spec(Source::Cifar10Patches, Some(50_001));
    let message = data::load(&spec, &locations(&folder)).unwrap_err().to_string();
    assert!(message.contains("50001 samples are asked for, but there are 50000"), "{message}");
}
