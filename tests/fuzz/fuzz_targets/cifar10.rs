//! CIFAR-10 as its archive and as its files, here with two images each; the first byte says which.

#![no_main]

use aesparse::data::cifar10::{ARCHIVE, BATCHES, Cifar10, FILES};
use aesparse_fuzz::{file, folder};
use libfuzzer_sys::fuzz_target;
use std::fs;

fuzz_target!(|bytes: &[u8]| {
    let Some((which, bytes)) = bytes.split_first() else { return };
    let dir = folder().join("cifar10");
    // One left from before would hide the other kind.
    let _ = fs::remove_dir_all(&dir);
    if which.is_multiple_of(2) {
        file(&format!("cifar10/{ARCHIVE}"), bytes);
    } else {
        let count = FILES.len();
        for (number, known) in FILES.iter().enumerate() {
            let piece = &bytes[number * bytes.len() / count..(number + 1) * bytes.len() / count];
            file(&format!("cifar10/{BATCHES}/{}", known.name), piece);
        }
    }
    if let Ok(images) = Cifar10::read(&dir) {
        assert_eq!((images.training().count(), images.test().count()), (10, 2));
    }
});
