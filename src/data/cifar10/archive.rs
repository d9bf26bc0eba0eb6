//! The six files inside the official archive, a tar file, usually gzip.
//!
//! Nothing is unpacked to the disk, so an entry's name can't lead anywhere. Only regular files with the exact names
//! `cifar-10-batches-bin/<known file>` are used; sizes are checked before a file is read, everything else is skipped.

use std::cell::RefCell;
use std::io::{self, Read};
use std::path::Path;
use std::rc::Rc;

use tar::{Archive, Entry};

use super::super::digest::Digest;
use super::super::file::{DataFile, recognise};
use super::records::Records;
use super::{BATCHES, FIX, Keep, KnownFile, check_digest};
use crate::error::{Error, Result};

/// The most decompressed bytes that are read: the official archive has 184 MB.
const LIMIT: u64 = 1 << 30;

/// Bytes read at a time.
const CHUNK: usize = 1 << 16;

/// Reads and checks all `files` in the archive at `path`.
///
/// # Errors
/// [`Error::Data`] when it is no such archive, is damaged, or lacks a file, or a file in it is not the known one.
pub(super) fn read(path: &Path, files: &[KnownFile], keep: Keep<'_>) -> Result<()> {
    let file = DataFile::open(path, FIX)?;
    let foreign = recognise(file.head());
    let refusal = Refusal::default();
    let mut archive = Archive::new(Stream { file, refusal: Rc::clone(&refusal) });
    let mut reader = Reader { path, files, keep, seen: vec![false; files.len()], refusal };
    // Raw: long names and other extensions are entries of their own, which nothing here needs.
    let entries = archive.entries().map_err(|error| reader.refused(&error))?.raw(true);
    for (count, entry) in entries.enumerate() {
        match entry {
            Ok(entry) => reader.entry(entry)?,
            Err(error) => return Err(reader.not_an_archive(&error, foreign.filter(|_| count == 0))),
        }
    }
    // What follows the last entry, so that the gzip checksum is verified too.
    io::copy(&mut archive.into_inner(), &mut io::sink()).map_err(|error| reader.refused(&error))?;
    match files.iter().zip(&reader.seen).find(|(_, seen)| !**seen) {
        Some((known, _)) => Err(reader.damaged(format!("has no file {BATCHES}/{}", known.name))),
        None => Ok(()),
    }
}

/// What went wrong below the archive's reader, which can only hand on errors of the system's kind.
type Refusal = Rc<RefCell<Option<Error>>>;

/// The decompressed bytes for the archive's reader.
struct Stream {
    file: DataFile,
    refusal: Refusal,
}

impl Read for Stream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = match self.file.fill(buffer) {
            Ok(_) if self.file.position() > LIMIT => {
                Err(self.file.damaged(format!("unpacks to more than the limit of {LIMIT} bytes")))
            }
            other => other,
        };
        read.map_err(|error| {
            *self.refusal.borrow_mut() = Some(error);
            io::Error::other("the archive can't be read")
        })
    }
}

struct Reader<'a> {
    path: &'a Path,
    files: &'a [KnownFile],
    keep: Keep<'a>,
    /// Which of the files were found.
    seen: Vec<bool>,
    refusal: Refusal,
}

impl Reader<'_> {
    fn entry<R: Read>(&mut self, mut entry: Entry<'_, R>) -> Result<()> {
        let Some(number) = self.number(&entry.path_bytes()) else { return Ok(()) };
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
        let (mut records, mut digest) = (Records::default(), Digest::new());
        let mut buffer = vec![0; CHUNK];
        let mut left = expected;
        while left > 0 {
            let got = entry.read(&mut buffer).map_err(|error| self.refused(&error))?;
            if got == 0 {
                return Err(self.damaged(format!("{inside}is cut short: {left} of its bytes are missing")));
            }
            digest.update(&buffer[..got]);
            records
                .split(&buffer[..got], |piece| (self.keep)(number, piece))
                .map_err(|problem| self.damaged(format!("{inside}{problem}")))?;
            left -= got as u64;
        }
        check_digest(self.path, &inside, &digest.finish(), &known)
    }

    /// Which of the files an entry's name means.
    fn number(&self, name: &[u8]) -> Option<usize> {
        let name = name.strip_prefix(b"./").unwrap_or(name);
        let name = name.strip_prefix(BATCHES.as_bytes())?.strip_prefix(b"/")?;
        self.files.iter().position(|known| known.name.as_bytes() == name)
    }

    /// `foreign` is what the file seems to be instead.
    fn not_an_archive(&self, error: &io::Error, foreign: Option<&str>) -> Error {
        match foreign {
            Some(name) if self.refusal.borrow().is_none() => {
                self.damaged(format!("looks like {name}, expected CIFAR-10's binary version, a tar archive"))
            }
            _ => self.refused(error),
        }
    }

    fn refused(&self, error: &io::Error) -> Error {
        let below = self.refusal.borrow_mut().take();
        below.unwrap_or_else(|| self.damaged(format!("is a damaged tar archive, or none ({error})")))
    }

    fn damaged(&self, problem: String) -> Error {
        Error::data(self.path, problem, FIX)
    }
}
