//! The six files inside the official archive, a tar file, usually gzip.
//!
//! Nothing is unpacked to disk, so an entry's name cannot make the program write anywhere. Only regular files with the exact
//! names `cifar-10-batches-bin/<known file>` are used, and their sizes are checked first; all other entries are skipped.

use std::cell::RefCell;
use std::io::{self, Read};
use std::path::Path;
use std::rc::Rc;

use tar::{Archive, Entry};

use super::super::digest::Digest;
use super::super::file::{DataFile, recognise};
use super::records::RecordSplitter;
use super::{BATCHES, FIX, ImageSink, KnownFile};
use crate::error::{Error, Result};

/// Limit on decompressed bytes: the official archive has 184 MB.
const LIMIT: u64 = 1 << 30;

/// Bytes read at a time.
const CHUNK: usize = 1 << 16;

/// Reads and checks all `files` in the archive at `path`.
///
/// # Errors
/// [`Error::Data`] when the file is not such an archive, is damaged, or lacks a file, or a file in it is not the known one.
pub(super) fn read(path: &Path, files: &[KnownFile], sink: ImageSink<'_>) -> Result<()> {
    let file = DataFile::open(path, FIX)?;
    let foreign = recognise(file.head());
    let cause = ReadError::default();
    let mut archive = Archive::new(DecompressedBytes { file, cause: Rc::clone(&cause) });
    let mut reader = Reader { path, files, sink, seen: vec![false; files.len()], cause };
    // In raw mode long names and other extensions are entries of their own, which are skipped.
    let entries = archive.entries().map_err(|error| reader.read_error(&error))?.raw(true);
    for (count, entry) in entries.enumerate() {
        match entry {
            Ok(entry) => reader.read_entry(entry)?,
            Err(error) => return Err(reader.not_an_archive(&error, foreign.filter(|_| count == 0))),
        }
    }
    // The bytes after the last entry are read too, because the gzip checksum is verified at the end.
    io::copy(&mut archive.into_inner(), &mut io::sink()).map_err(|error| reader.read_error(&error))?;
    match files.iter().zip(&reader.seen).find(|(_, seen)| !**seen) {
        Some((known, _)) => Err(reader.damaged(format!("has no file {BATCHES}/{}", known.name))),
        None => Ok(()),
    }
}

/// The error of the [`DataFile`] below the tar reader, which itself can only return an [`io::Error`].
type ReadError = Rc<RefCell<Option<Error>>>;

/// The archive's decompressed bytes, from which the tar reader reads.
struct DecompressedBytes {
    file: DataFile,
    cause: ReadError,
}

impl Read for DecompressedBytes {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = match self.file.fill(buffer) {
            Ok(_) if self.file.position() > LIMIT => {
                Err(self.file.damaged(format!("unpacks to more than the limit of {LIMIT} bytes")))
            }
            other => other,
        };
        read.map_err(|error| {
            *self.cause.borrow_mut() = Some(error);
            io::Error::other("the archive can't be read")
        })
    }
}

struct Reader<'a> {
    path: &'a Path,
    files: &'a [KnownFile],
    sink: ImageSink<'a>,
    /// Whether each of the files was found.
    seen: Vec<bool>,
    cause: ReadError,
}

impl Reader<'_> {
    fn read_entry<R: Read>(&mut self, mut entry: Entry<'_, R>) -> Result<()> {
        let Some(number) = self.file_number(&entry.path_bytes()) else { return Ok(()) };
        let known = self.files[number];
        let inside = format!("its file {BATCHES}/{} ", known.name);
        if !entry.header().entry_type().is_file() {
            return Err(self.damaged(format!("{inside}is a link or another special entry")));
        }
        if std::mem::replace(&mut self.seen[number], true) {
            return Err(self.damaged(format!("{inside}is there twice")));
        }
        let (found, expected) = (entry.size(), known.size());
        if found != expected {
            return Err(self.damaged(format!("{inside}has {found} bytes, expected {expected}")));
        }
        let (mut splitter, mut digest) = (RecordSplitter::default(), Digest::new());
        let mut buffer = vec![0; CHUNK];
        let mut left = expected;
        while left > 0 {
            let got = entry.read(&mut buffer).map_err(|error| self.read_error(&error))?;
            if got == 0 {
                return Err(self.damaged(format!("{inside}is cut short: {left} of its bytes are missing")));
            }
            digest.update(&buffer[..got]);
            splitter
                .split(&buffer[..got], |piece| (self.sink)(number, piece))
                .map_err(|problem| self.damaged(format!("{inside}{problem}")))?;
            left -= got as u64;
        }
        known.check_digest(self.path, &inside, &digest.finish(), FIX)
    }

    /// Index of the file that an entry is called like.
    fn file_number(&self, name: &[u8]) -> Option<usize> {
        let name = name.strip_prefix(b"./").unwrap_or(name);
        let name = name.strip_prefix(BATCHES.as_bytes())?.strip_prefix(b"/")?;
        self.files.iter().position(|known| known.name.as_bytes() == name)
    }

    /// `foreign` is the format that the file's first bytes suggest instead.
    fn not_an_archive(&self, error: &io::Error, foreign: Option<&str>) -> Error {
        match foreign {
            Some(name) if self.cause.borrow().is_none() => {
                self.damaged(format!("looks like {name}, expected CIFAR-10's binary version, a tar archive"))
            }
            _ => self.read_error(error),
        }
    }

    fn read_error(&self, error: &io::Error) -> Error {
        let cause = self.cause.borrow_mut().take();
        cause.unwrap_or_else(|| self.damaged(format!("is a damaged tar archive, or none ({error})")))
    }

    fn damaged(&self, problem: String) -> Error {
        Error::data(self.path, problem, FIX)
    }
}
