//! IDX files of images and of labels, plain or gzip.

#![no_main]

use aesparse::data::idx::{self, IdxKind};
use aesparse_fuzz::file;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let path = file("idx", bytes);
    for kind in [IdxKind::Images, IdxKind::Labels] {
        if let Ok(read) = idx::read(&path, kind) {
            assert_eq!(read.shape.iter().product::<usize>(), read.values.len());
        }
    }
});
