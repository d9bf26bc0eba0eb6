//! The `npz` source: an array of an `.npz` archive, as `numpy.savez` and `numpy.savez_compressed` write it.
//!
//! The array is a `.npy` file in the archive and has its rules ([`super::npy`]). The digest covers the decompressed bytes of that file,
//! so that an array in an archive and the same array in a file of its own are the same data.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek as _, SeekFrom};
use std::path::Path;

use flate2::CrcReader;
use flate2::bufread::DeflateDecoder;
use zip::result::ZipError;
use zip::{CompressionMethod, ZipArchive};

use super::choice::choose;
use super::file::{ARCHIVE, DataFile, open_nonempty, recognise};
use super::npy;
use super::npy_header::{WrittenHeader, fill_from};
use super::reading::ReadingWatch;
use super::stored_matrix::StoredMatrix;
use crate::error::{Error, Result};

const FIX: &str = "write it again, for instance with numpy.savez(path, x=x.astype('float32'))";

/// What the name of a member ends with behind the name of its array.
const END: &str = ".npy";

type Archive = ZipArchive<BufReader<File>>;

/// The matrix `array` in the archive, or the only one, with the name by which it was found if there are others; `watch` hears of the
/// reading.
pub(super) fn open(
    path: &Path,
    array: Option<&str>,
    watch: &ReadingWatch,
) -> Result<(StoredMatrix, Option<String>)> {
    let (mut file, _) = open_nonempty(path, FIX)?;
    let mut head = Vec::new();
    (&mut file).take(64).read_to_end(&mut head).map_err(Error::io("read", path))?;
    if let Some(name) = recognise(&head).filter(|name| *name != ARCHIVE) {
        return Err(Error::data(path, format!("looks like {name}, expected an .npz archive"), FIX));
    }
    file.rewind().map_err(Error::io("read", path))?;
    let mut archive = ZipArchive::new(BufReader::new(file)).map_err(|error| refused(path, &error))?;
    let arrays =
        |name: &str| (!name.ends_with('/')).then(|| name.strip_suffix(END).unwrap_or(name).to_owned());
    let names: Vec<String> = archive.file_names().filter_map(arrays).collect();
    if is_sparse(&names) {
        return Err(sparse(path));
    }
    let is_only = names.len() == 1;
    let name = choose(path, "array", array, names, |name| described(&mut archive, name))?;
    let matrix = npy::matrix(member(archive, path, &name)?.watched(watch))?;
    Ok((matrix, (!is_only).then_some(name)))
}

/// Whether an archive with the arrays `names` is a sparse matrix, as `scipy.sparse.save_npz` writes it: in compressed rows or columns, or by
/// coordinates or diagonals.
fn is_sparse(names: &[String]) -> bool {
    const ALWAYS: [&str; 3] = ["data", "shape", "format"];
    const PLACES: [&str; 6] = ["indices", "indptr", "row", "col", "coords", "offsets"];
    let has = |wanted: &str| names.iter().any(|name| name == wanted);
    ALWAYS.iter().all(|name| has(name)) && PLACES.iter().any(|name| has(name))
}

/// The error for the sparse matrix at `path`.
fn sparse(path: &Path) -> Error {
    let python = |path: &Path| serde_json::Value::from(path.to_string_lossy()).to_string();
    let (dense, stored) = (python(&path.with_extension("npy")), python(path));
    let fix = format!(
        "write one in Python: numpy.save({dense}, scipy.sparse.load_npz({stored}).toarray().astype(\"float32\"))"
    );
    Error::data(path, "is a sparse matrix of scipy, expected a dense array", fix)
}

fn refused(path: &Path, error: &ZipError) -> Error {
    match error {
        ZipError::Io(error) => Error::data(path, format!("can't be read: {error}"), FIX),
        error => Error::data(path, format!("is no .npz archive that can be read: {error}"), FIX),
    }
}

/// The place in the archive of the file with the array `name`.
fn index(archive: &Archive, name: &str) -> Option<usize> {
    archive.index_for_name(&format!("{name}{END}")).or_else(|| archive.index_for_name(name))
}

/// Shape and type of the array `name`, or that it can't be read.
fn described(archive: &mut Archive, name: &str) -> String {
    let header = |archive: &mut Archive| {
        let mut file = archive.by_index(index(archive, name)?).ok()?;
        Some(WrittenHeader::read(fill_from(&mut file)).ok()?.ok()?.to_string())
    };
    header(archive).unwrap_or_else(|| "(no array that can be read)".to_owned())
}

/// The file with the array `name` of the archive at `path`.
fn member(mut archive: Archive, path: &Path, name: &str) -> Result<DataFile> {
    let index = index(&archive, name).expect("a name that the archive has");
    let member = archive.by_index_raw(index).map_err(|error| refused(path, &error))?;
    let (start, packed, length, crc32) =
        (member.data_start(), member.compressed_size(), member.size(), member.crc32());
    let (compression, encrypted) = (member.compression(), member.encrypted());
    drop(member);
    let path = path.join(format!("{name}{END}"));
    if encrypted {
        return Err(Error::data(path, "is encrypted", FIX));
    }
    let mut file = archive.into_inner();
    file.seek(SeekFrom::Start(start)).map_err(Error::io("read", &path))?;
    let packed = file.take(packed);
    let bytes: Box<dyn Read> = match compression {
        CompressionMethod::Stored => Box::new(packed),
        CompressionMethod::Deflated => Box::new(DeflateDecoder::new(packed)),
        other => {
            let fix = "write it again with numpy.savez or numpy.savez_compressed";
            return Err(Error::data(path, format!("is compressed with {other}, expected deflate"), fix));
        }
    };
    DataFile::part(path, Box::new(Member { bytes: CrcReader::new(bytes), crc32 }), length, FIX)
}

/// The decompressed bytes of a member, whose checksum is compared at their end.
struct Member {
    bytes: CrcReader<Box<dyn Read>>,
    crc32: u32,
}

impl Read for Member {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let got = self.bytes.read(buffer)?;
        if got == 0 && !buffer.is_empty() && self.bytes.crc().sum() != self.crc32 {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "its checksum is wrong"));
        }
        Ok(got)
    }
}
