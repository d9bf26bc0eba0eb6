//! A table of broken files: each is refused with its name, the cause and the fix.

use std::fs;
use std::path::Path;

use aesparse::data::{self, Source};

use super::fixture::*;

const BODY: usize = 47_040_000;

/// What is in the place of the training images: plain bytes or nothing at all.
type Contents = Option<Vec<u8>>;

/// A label, the file's contents, and what the message must contain besides the file's name.
type Case = (&'static str, Contents, &'static [&'static str]);

const REPLACE: &str = "replace it by an intact copy";

fn cut(mut bytes: Vec<u8>, size: usize) -> Vec<u8> {
    bytes.truncate(size);
    bytes
}

fn joined(parts: &[&[u8]]) -> Vec<u8> {
    parts.concat()
}

/// Wrong contents of the training images.
fn idx_cases() -> Vec<Case> {
    let header = || idx_header(0x803, &[60_000, 28, 28]);
    let whole = gzip(&train_zeros(BODY));
    let half = whole.len() / 2;
    let bomb = gzip(&train_zeros(8 * BODY));
    vec![
        (
            "missing",
            None,
            &["not found", "looked in", "--data-dir", "put mnist/train-images", "AESPARSE_DATA"],
        ),
        ("empty", Some(vec![]), &["is empty (0 bytes)", REPLACE]),
        (
            "in the magic",
            Some(vec![0, 0, 8]),
            &["truncated in its magic number", "3 bytes", "0x00000803", REPLACE],
        ),
        ("one byte", Some(vec![0x1f]), &["truncated in its magic number", "1 bytes", REPLACE]),
        ("in the header", Some(cut(header(), 11)), &["truncated in its header", "11 bytes of 16", REPLACE]),
        (
            "no body",
            Some(header()),
            &["is truncated", "16 bytes", "60000 × 28 × 28", "47040016 bytes", REPLACE],
        ),
        ("in the body", Some(train_zeros(1000)), &["is truncated", "1016 bytes", "47040016 bytes", REPLACE]),
        ("trailing", Some(train_zeros(BODY + 3)), &["trailing bytes", "3 more bytes follow", REPLACE]),
        (
            "labels",
            Some(idx_header(0x801, &[60_000])),
            &["0x00000801, a file of labels", "0x00000803", REPLACE],
        ),
        (
            "wrong magic",
            Some(idx_header(0xd03, &[1, 1, 1])),
            &["magic number 0x00000d03", "0x00000803", REPLACE],
        ),
        (
            "test images",
            Some(idx_header(0x803, &[10_000, 28, 28])),
            &["found 10000 × 28 × 28, expected 60000 × 28", REPLACE],
        ),
        ("no images", Some(idx_header(0x803, &[0, 28, 28])), &["declares 0 × 28 × 28", "≥ 1", REPLACE]),
        ("absurd", Some(idx_header(0x803, &[u32::MAX; 3])), &["the limit is 1073741824", REPLACE]),
        ("digest", Some(train_zeros(BODY)), &["SHA-256 is", "expected ba891046e650", "intact copy"]),
        ("gzip digest", Some(whole.clone()), &["SHA-256 is", "expected ba891046e650", "intact copy"]),
        ("gzip header only", Some(cut(whole.clone(), 9)), &["gzip stream is cut short", REPLACE]),
        ("gzip cut", Some(cut(whole.clone(), half)), &["gzip stream is cut short", REPLACE]),
        (
            "gzip without checksum",
            Some(cut(whole.clone(), whole.len() - 5)),
            &["gzip stream is cut short", REPLACE],
        ),
        ("gzip small", Some(gzip(&train_zeros(10))), &["truncated", "compressed bytes can't hold", REPLACE]),
        ("gzip of less", Some(gzip(&train_zeros(BODY - 1))), &["truncated", "47040015 bytes", REPLACE]),
        ("gzip of nothing", Some(gzip(b"")), &["gzip file with nothing in it", REPLACE]),
        (
            "gzip garbage",
            Some(joined(&[&whole, b"garbage"])),
            &["trailing bytes after its gzip stream", REPLACE],
        ),
        ("gzip 0x1f", Some(joined(&[&whole, b"\x1f?"])), &["gzip stream is", REPLACE]),
        (
            "gzip member more",
            Some(joined(&[&whole, &gzip(b"more")])),
            &["trailing bytes", "more bytes follow", REPLACE],
        ),
        // Its second half is missing: that it isn't noticed shows that unpacking stops at the declared size.
        (
            "gzip bomb",
            Some(cut(bomb.clone(), bomb.len() / 2)),
            &["trailing bytes", "more bytes follow", REPLACE],
        ),
        ("gzip twice", Some(gzip(&whole)), &["looks like a gzip file", REPLACE]),
        ("gzip damaged", Some(damaged(&whole)), &["gzip stream is damaged", REPLACE]),
        (
            "html",
            Some(b"\n<!DOCTYPE html><html>404</html>".to_vec()),
            &["looks like an HTML page", "0x00000803", REPLACE],
        ),
        ("gzip html", Some(gzip(b"<html><body>Not found")), &["looks like an HTML page", REPLACE]),
        ("text", Some(b"Not found\n".to_vec()), &["looks like a text file", REPLACE]),
        (
            "lfs",
            Some(b"version https://git-lfs.github.com/spec/v1\n".to_vec()),
            &["Git LFS pointer", REPLACE],
        ),
        ("npy", Some(npy("'|u1'", "False", "(1, 1)", &[0])), &["looks like a .npy file", REPLACE]),
    ]
}

/// Another checksum in the trailer.
fn damaged(whole: &[u8]) -> Vec<u8> {
    let mut bytes = whole.to_vec();
    let place = bytes.len() - 8;
    bytes[place] ^= 0xff;
    bytes
}

#[test]
fn broken_training_images() {
    for (label, contents, expected) in idx_cases() {
        let folder = tempfile::tempdir().unwrap();
        let mnist = folder.path().join("mnist");
        fs::create_dir(&mnist).unwrap();
        if let Some(bytes) = contents {
            // Whether it is gzip is told from the contents, so the name is the same for all.
            fs::write(mnist.join(TRAIN), bytes).unwrap();
        }
        let message = refusal(folder.path(), Some(10));
        for part in [TRAIN].iter().chain(expected) {
            assert!(message.contains(part), "{label}: no `{part}` in: {message}");
        }
    }
}

fn refusal(folder: &Path, samples: Option<usize>) -> String {
    data::load(&spec(Source::Mnist, samples), &locations(folder)).unwrap_err().to_string()
}

#[test]
fn places_and_kinds() {
    let folder = tempfile::tempdir().unwrap();
    let mnist = folder.path().join("mnist");
    fs::create_dir_all(mnist.join(TRAIN)).unwrap();
    let message = refusal(folder.path(), None);
    assert!(message.contains(TRAIN) && message.contains("found a folder"), "{message}");

    fs::remove_dir(mnist.join(TRAIN)).unwrap();
    fs::write(mnist.join(TEST), b"x").unwrap();
    let message = refusal(folder.path(), None);
    assert!(message.contains(TRAIN) && message.contains("put the missing file there"), "{message}");

    fs::write(mnist.join(TRAIN), train_zeros(1)).unwrap();
    let message = refusal(folder.path(), Some(60_001));
    assert!(message.contains("60001 samples are asked for, but there are 60000"), "{message}");
    assert!(message.contains("set data.samples to 60000 or less"), "{message}");
    assert!(refusal(folder.path(), Some(0)).contains("set data.samples to 1 or more"));
}

#[test]
fn every_place_is_named() {
    let mut places = locations(Path::new("/nowhere/a"));
    places.add("AESPARSE_DATA", "/nowhere/b".into());
    let message = data::load(&spec(Source::Mnist, None), &places).unwrap_err().to_string();
    for part in ["/nowhere/a (--data-dir)", "/nowhere/b (AESPARSE_DATA)", TRAIN, TEST, ".gz"] {
        assert!(message.contains(part), "no `{part}` in: {message}");
    }
}
