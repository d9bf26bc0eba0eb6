//! Bytes of data files, and places to put them.

use std::fs;
use std::io::Write;
use std::path::Path;

use aesparse::data::inventory::SETS;
use aesparse::data::{self, DataSpec, Dataset, Locations, Source, Standardize};
use flate2::Compression;
use flate2::write::GzEncoder;

/// The name of MNIST's training images, plain.
pub(crate) const TRAIN: &str = "train-images-idx3-ubyte";

/// The name of MNIST's test images, plain.
pub(crate) const TEST: &str = "t10k-images-idx3-ubyte";

/// A big-endian IDX header.
pub(crate) fn idx_header(magic: u32, shape: &[u32]) -> Vec<u8> {
    [magic].iter().chain(shape).flat_map(|number| number.to_be_bytes()).collect()
}

/// MNIST's header of training images with `size` bytes 0 behind it.
pub(crate) fn train_zeros(size: usize) -> Vec<u8> {
    let mut bytes = idx_header(0x803, &[60_000, 28, 28]);
    bytes.resize(bytes.len() + size, 0);
    bytes
}

/// One gzip member.
pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// A `.npy` file of version 1.0.
pub(crate) fn npy(descr: &str, fortran_order: &str, shape: &str, body: &[u8]) -> Vec<u8> {
    npy_with_header(
        &format!("{{'descr': {descr}, 'fortran_order': {fortran_order}, 'shape': {shape}, }}"),
        body,
    )
}

/// A `.npy` file of version 1.0 with any text as its header, padded to a multiple of 64 bytes as in the format's definition.
pub(crate) fn npy_with_header(header: &str, body: &[u8]) -> Vec<u8> {
    let padded = (header.len() + 11).next_multiple_of(64) - 10;
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend((padded as u16).to_le_bytes());
    bytes.extend(format!("{header:<width$}\n", width = padded - 1).bytes());
    bytes.extend(body);
    bytes
}

/// Little-endian f32 values.
pub(crate) fn f32s(values: &[f32]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_le_bytes()).collect()
}

/// Little-endian f64 values.
pub(crate) fn f64s(values: &[f64]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_le_bytes()).collect()
}

/// A specification without standardisation.
pub(crate) fn spec(source: Source, samples: Option<usize>) -> DataSpec {
    DataSpec { source, samples, held_out: None, standardize: Standardize::None }
}

/// Only `folder`, as `--data-dir`.
pub(crate) fn locations(folder: &Path) -> Locations {
    let mut locations = Locations::default();
    locations.add("--data-dir", folder.to_owned());
    locations
}

/// Asserts that the files of the known data set `name` are in the data folder `folder`, intact.
pub(crate) fn intact(name: &str, folder: &Path) {
    let set = SETS.iter().find(|set| set.name == name).unwrap();
    for file in set.check_files(&locations(folder)) {
        assert!(file.is_intact(), "{file:?}");
    }
}

/// Writes `bytes` to `folder/name` and loads it as own data.
pub(crate) fn load_npy(
    folder: &Path,
    name: &str,
    bytes: &[u8],
    samples: Option<usize>,
) -> aesparse::error::Result<Dataset> {
    let path = folder.join(name);
    fs::write(&path, bytes).unwrap();
    data::load(&spec(Source::Npy { path }, samples), &Locations::default())
}
