//! Hidden codes as a sparse matrix \[N, m\] in compressed rows: the `.npz` archive that `scipy.sparse.save_npz` writes.
//!
//! Members: `indices`, the units of the active pairs, and `data`, their h in f32, sample by sample; `indptr` \[N + 1\], where each sample
//! begins; `shape`; `format`, `csr`. Indices are int32, or int64 if there are 2³¹ pairs or more.

use crate::data::npy_start;
use ndarray::ArrayView1;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek as _, Write};
use std::path::Path;
use zip::write::{SimpleFileOptions, StreamWriter};
use zip::{CompressionMethod, ZipWriter};

/// A sparse matrix that grows by rows. An array's length comes before its values in the archive, so the values wait in unnamed files.
pub(super) struct SparseCodes {
    indices: BufWriter<File>,
    data: BufWriter<File>,
    indptr: BufWriter<File>,
    pairs: u64,
}

impl SparseCodes {
    /// A matrix without rows, whose files are in `folder`, or in the system's folder for such files where that is not possible.
    pub(super) fn new(folder: &Path) -> io::Result<Self> {
        let spool = || tempfile::tempfile_in(folder).or_else(|_| tempfile::tempfile()).map(BufWriter::new);
        let mut codes = Self { indices: spool()?, data: spool()?, indptr: spool()?, pairs: 0 };
        codes.indptr.write_all(&0_u64.to_le_bytes())?;
        Ok(codes)
    }

    /// Adds the units of a sample with h > `threshold`.
    pub(super) fn push(&mut self, codes: ArrayView1<'_, f32>, threshold: f32) -> io::Result<()> {
        for (unit, h) in codes.iter().enumerate().filter(|(_, h)| **h > threshold) {
            self.indices.write_all(&(unit as u64).to_le_bytes())?;
            self.data.write_all(&h.to_le_bytes())?;
            self.pairs += 1;
        }
        self.indptr.write_all(&self.pairs.to_le_bytes())
    }

    /// Writes the archive of the matrix with `samples` rows and `units` columns to `out`.
    pub(super) fn finish(self, out: impl Write, samples: usize, units: usize) -> io::Result<()> {
        let Self { indices, mut data, indptr, pairs } = self;
        let (width, integer) = if pairs < 1 << 31 { (4, "<i4") } else { (8, "<i8") };
        let pairs = pairs as usize;
        let mut archive = ZipWriter::new_stream(out);
        begin(&mut archive, "indices", integer, &[pairs])?;
        copy_integers(indices, pairs, width, &mut archive)?;
        begin(&mut archive, "indptr", integer, &[samples + 1])?;
        copy_integers(indptr, samples + 1, width, &mut archive)?;
        begin(&mut archive, "format", "|S3", &[])?;
        archive.write_all(b"csr")?;
        begin(&mut archive, "shape", "<i8", &[2])?;
        for length in [samples, units] {
            archive.write_all(&(length as u64).to_le_bytes())?;
        }
        begin(&mut archive, "data", "<f4", &[pairs])?;
        data.rewind()?;
        io::copy(data.get_mut(), &mut archive)?;
        archive.finish()?;
        Ok(())
    }
}

/// Begins the array `name` in an archive, whose values come next.
fn begin<W: Write>(
    archive: &mut ZipWriter<StreamWriter<W>>,
    name: &str,
    descr: &str,
    shape: &[usize],
) -> io::Result<()> {
    // Larger members need longer fields, and their checksum stands behind them in a stream.
    let is_large = shape.iter().product::<usize>() >= 1 << 28;
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    archive.start_file(format!("{name}.npy"), stored.large_file(is_large))?;
    archive.write_all(&npy_start(descr, shape))
}

/// Copies `count` whole numbers of 8 bytes, the first `width` bytes of each.
fn copy_integers(from: BufWriter<File>, count: usize, width: usize, to: impl Write) -> io::Result<()> {
    let mut file = from.into_inner().map_err(io::IntoInnerError::into_error)?;
    file.rewind()?;
    let (mut from, mut to, mut number) = (BufReader::new(file), BufWriter::new(to), [0; 8]);
    for _ in 0..count {
        from.read_exact(&mut number)?;
        to.write_all(&number[..width])?;
    }
    to.flush()
}
