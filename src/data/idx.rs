//! IDX files, the format of MNIST: a big-endian header and unsigned bytes.
//!
//! ```text
//! offset 0   u32   magic: 0x00000803 images, 0x00000801 labels (0x08: unsigned byte; last byte: dimensions)
//!        4   u32   N
//!        8   u32   rows         images only
//!       12   u32   columns      images only
//!        …   u8    N × rows × columns values, the last index runs fastest
//! ```
//!
//! A file is plain or gzip, as its first two bytes say. Magic, dimensions, exact length and, for gzip, the checksum are
//! verified; the digest covers the decompressed bytes, header included. Only files of unsigned bytes are read.

use std::path::Path;

use super::file::{DataFile, recognise};
use crate::error::Result;

/// Limit on the bytes that an IDX file's header declares: 1 GiB, twenty times MNIST's training images.
pub const MAX_BODY: u64 = 1 << 30;

const FIX: &str = "replace it by an intact copy (data/README.md lists the files, their sizes and digests)";

/// What an IDX file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IdxKind {
    /// Grey values \[N, rows, columns\], magic 0x00000803.
    Images,
    /// Classes \[N\], magic 0x00000801.
    Labels,
}

impl IdxKind {
    /// The first four bytes as a big-endian number.
    pub fn magic(self) -> u32 {
        match self {
            Self::Images => 0x0000_0803,
            Self::Labels => 0x0000_0801,
        }
    }

    fn dimensions(self) -> usize {
        (self.magic() & 0xff) as usize
    }

    fn name(self) -> &'static str {
        match self {
            Self::Images => "images",
            Self::Labels => "labels",
        }
    }
}

/// The contents of an IDX file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Idx {
    /// \[N, rows, columns\] for images, \[N\] for labels; no dimension is 0.
    pub shape: Vec<usize>,
    /// The values, as many as the product of `shape`; the last index runs fastest.
    pub values: Vec<u8>,
    /// SHA-256 of the decompressed file, 64 lower-case hexadecimal digits.
    pub sha256: String,
}

/// Reads an IDX file's values; the header is already checked.
pub(super) struct IdxReader {
    file: DataFile,
    shape: Vec<usize>,
}

/// Reads a whole IDX file of the given kind.
///
/// # Errors
/// [`Error::Data`](crate::error::Error::Data) when the file is missing, truncated, longer than its header says,
/// damaged, of another kind, has a dimension of 0, or declares more than [`MAX_BODY`];
/// [`Error::Io`](crate::error::Error::Io) when the system refuses to read it.
pub fn read(path: &Path, kind: IdxKind) -> Result<Idx> {
    let reader = open(path, kind)?;
    let shape = reader.shape.clone();
    let mut values = Vec::new();
    let sha256 = reader.read_values(|piece| values.extend_from_slice(piece))?;
    Ok(Idx { shape, values, sha256 })
}

/// Opens an IDX file and checks its header.
pub(super) fn open(path: &Path, kind: IdxKind) -> Result<IdxReader> {
    let mut file = DataFile::open(path, FIX)?;
    let mut magic = [0; 4];
    let got = file.fill(&mut magic)?;
    check_magic(&file, kind, &magic[..got])?;
    let mut header = [0; 12];
    let header = &mut header[..4 * kind.dimensions()];
    let got = file.fill(header)?;
    if got < header.len() {
        let (found, expected) = (4 + got, 4 + header.len());
        return Err(file.damaged(format!("is truncated in its header: it has {found} bytes of {expected}")));
    }
    let (sizes, _) = header.as_chunks::<4>();
    let shape: Vec<usize> = sizes.iter().map(|&size| u32::from_be_bytes(size) as usize).collect();
    if shape.contains(&0) {
        return Err(file.damaged(format!("its header declares {}, expected sizes ≥ 1", shape_text(&shape))));
    }
    if size_of(&shape).is_none_or(|size| size > MAX_BODY) {
        return Err(file
            .damaged(format!("its header declares {} bytes, the limit is {MAX_BODY}", shape_text(&shape))));
    }
    Ok(IdxReader { file, shape })
}

fn check_magic(file: &DataFile, kind: IdxKind, magic: &[u8]) -> Result<()> {
    let expected = kind.magic();
    if magic == expected.to_be_bytes() {
        return Ok(());
    }
    let wanted = format!("expected IDX {} (magic number 0x{expected:08x})", kind.name());
    if let Some(name) = recognise(file.head()) {
        return Err(file.damaged(format!("looks like {name}, {wanted}")));
    }
    let Ok(found) = <[u8; 4]>::try_from(magic) else {
        let found = magic.len();
        return Err(file.damaged(format!("is truncated in its magic number: it has {found} bytes, {wanted}")));
    };
    let found = u32::from_be_bytes(found);
    let other = [IdxKind::Images, IdxKind::Labels].into_iter().find(|other| other.magic() == found);
    let name = other.map_or(String::new(), |other| format!(", a file of {}", other.name()));
    Err(file.damaged(format!("has the magic number 0x{found:08x}{name}, {wanted}")))
}

impl IdxReader {
    /// Checks that the file has the shape `expected`.
    pub(super) fn check_shape(&self, expected: &[usize]) -> Result<()> {
        if self.shape == expected {
            return Ok(());
        }
        Err(self.file.damaged(format!(
            "has the wrong dimensions: found {}, expected {}",
            shape_text(&self.shape),
            shape_text(expected)
        )))
    }

    /// Hands all values to `sink`, piece by piece, and returns the digest of the decompressed file.
    pub(super) fn read_values(self, mut sink: impl FnMut(&[u8])) -> Result<String> {
        let size = size_of(&self.shape).unwrap_or(u64::MAX);
        let declared = format!("its header declares {}", shape_text(&self.shape));
        self.file.body(size, &declared, |piece| {
            sink(piece);
            Ok(())
        })
    }
}

fn size_of(shape: &[usize]) -> Option<u64> {
    shape.iter().try_fold(1_u64, |product, &size| product.checked_mul(size as u64))
}

fn shape_text(shape: &[usize]) -> String {
    shape.iter().map(ToString::to_string).collect::<Vec<_>>().join(" × ")
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::data::digest;

    /// Three images of 2 × 2 pixels, written out by hand.
    const IMAGES: [u8; 28] = [
        0, 0, 8, 3, 0, 0, 0, 3, 0, 0, 0, 2, 0, 0, 0, 2, // header
        1, 2, 3, 4, 5, 6, 7, 8, 255, 254, 0, 9, // values
    ];

    fn written(bytes: &[u8]) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("three");
        std::fs::write(&path, bytes).unwrap();
        (folder, path)
    }

    #[test]
    fn three_images() {
        let (_folder, path) = written(&IMAGES);
        let idx = read(&path, IdxKind::Images).unwrap();
        assert_eq!(idx.shape, [3, 2, 2]);
        assert_eq!(idx.values, IMAGES[16..]);
        assert_eq!(idx.sha256, digest::sha256(&IMAGES));
    }

    #[test]
    fn two_labels() {
        let (_folder, path) = written(&[0, 0, 8, 1, 0, 0, 0, 2, 7, 3]);
        let idx = read(&path, IdxKind::Labels).unwrap();
        assert_eq!((idx.shape, idx.values), (vec![2], vec![7, 3]));
        assert!(read(&path, IdxKind::Images).unwrap_err().to_string().contains("a file of labels"));
    }

    #[test]
    fn every_truncation_is_refused() {
        for size in 0..IMAGES.len() {
            let (_folder, path) = written(&IMAGES[..size]);
            let message = read(&path, IdxKind::Images).unwrap_err().to_string();
            assert!(message.contains("truncated") || size == 0 && message.contains("empty"), "{message}");
        }
    }

    #[test]
    fn values_longer_than_one_piece() {
        let mut bytes = vec![0, 0, 8, 1, 0, 3, 0, 1];
        bytes.extend((0..0x30001_u32).map(|value| (value % 251) as u8));
        let (_folder, path) = written(&bytes);
        assert_eq!(read(&path, IdxKind::Labels).unwrap().values, bytes[8..]);
    }
}
