//! A data file, plain or gzip, read once from front to back; each kind of damage has its own message.
//!
//! Gzip is recognised by its two magic bytes, not by the file's name; several members in a row (RFC 1952 §2.2) count as
//! one stream. Only the bytes that the caller asks for are decompressed, so a small file that unpacks to gigabytes costs
//! no more than the size that its header declares.
//!
//! A part of a larger file, such as a member of an archive, is read in the same way ([`DataFile::part`]).

use std::fmt;
use std::fs::File;
use std::io::{self, BufRead, BufReader, ErrorKind, Read};
use std::path::{Path, PathBuf};

use flate2::bufread::GzDecoder;

use super::digest::Digest;
use super::reading::ReadingWatch;
use super::size::MAX_BYTES;
use crate::error::{Error, Result};
use crate::regular;

/// Bytes read ahead at opening, enough to recognise other formats.
const HEAD: usize = 64;

/// Bytes per piece handed to a sink; a multiple of every item size.
const CHUNK: usize = 1 << 16;

/// Limit on the bytes that one byte of deflate data unpacks to: 258 bytes from two bits, rounded up.
const MAX_DEFLATE_RATIO: u64 = 1032;

enum Bytes {
    Plain(BufReader<File>),
    /// `None` after the last member.
    Gzip(Option<GzDecoder<BufReader<File>>>),
    /// A part of a larger file, decompressed.
    Part(Box<dyn Read>),
}

/// A file being read; the digest covers the decompressed bytes read so far.
pub(super) struct DataFile {
    path: PathBuf,
    /// The end of every message about damage: what to do.
    fix: &'static str,
    bytes: Bytes,
    /// Size on disk; of a part its size when it is decompressed.
    length: u64,
    /// The first bytes, read ahead at opening.
    head: Vec<u8>,
    /// How many bytes of `head` have been handed out.
    head_used: usize,
    /// Decompressed bytes handed out.
    position: u64,
    digest: Digest,
    reading: ReadingWatch,
}

impl DataFile {
    /// Opens `path`, which must be a regular, non-empty file; `fix` ends the message for any damage.
    pub(super) fn open(path: &Path, fix: &'static str) -> Result<Self> {
        let (file, length) = open_nonempty(path, fix)?;
        let mut reader = BufReader::with_capacity(CHUNK, file);
        let first = reader.fill_buf().map_err(Error::io("read", path))?;
        let bytes = if first.starts_with(&[0x1f, 0x8b]) {
            Bytes::Gzip(Some(GzDecoder::new(reader)))
        } else {
            Bytes::Plain(reader)
        };
        Self { path: path.to_owned(), ..Self::of(bytes, length, fix) }.with_head()
    }

    /// The part of a larger file that `bytes` returns, `length` of them; `path` names it in messages, and `fix` ends the message for
    /// any damage.
    pub(super) fn part(path: PathBuf, bytes: Box<dyn Read>, length: u64, fix: &'static str) -> Result<Self> {
        if length == 0 {
            return Err(Error::data(path, "is empty (0 bytes)", fix));
        }
        Self { path, ..Self::of(Bytes::Part(bytes), length, fix) }.with_head()
    }

    fn of(bytes: Bytes, length: u64, fix: &'static str) -> Self {
        Self {
            path: PathBuf::new(),
            fix,
            bytes,
            length,
            head: Vec::new(),
            head_used: 0,
            position: 0,
            digest: Digest::new(),
            reading: ReadingWatch::default(),
        }
    }

    /// The same file; `watch` hears how much of its body has been read.
    pub(super) fn watched(self, watch: &ReadingWatch) -> Self {
        Self { reading: watch.clone(), ..self }
    }

    /// The same file; its digest covers `before` too, ahead of all bytes.
    pub(super) fn digested_after(mut self, before: &[u8]) -> Self {
        self.digest.update(before);
        self
    }

    fn with_head(mut self) -> Result<Self> {
        let mut head = [0; HEAD];
        let filled = self.fill_raw(&mut head)?;
        if filled == 0 {
            return Err(self.damaged("is a gzip file with nothing in it (0 bytes decompressed)"));
        }
        self.head = head[..filled].to_vec();
        Ok(self)
    }

    /// The first 64 decompressed bytes, or all of them in a smaller file.
    pub(super) fn head(&self) -> &[u8] {
        &self.head
    }

    /// The file's path.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Decompressed bytes handed out so far.
    pub(super) fn position(&self) -> u64 {
        self.position
    }

    /// An error for this file that ends with the fix given at opening.
    pub(super) fn damaged(&self, problem: impl fmt::Display) -> Error {
        Error::data(&self.path, problem, self.fix)
    }

    /// Reads until `buffer` is full or the data end; returns the number of bytes.
    pub(super) fn fill(&mut self, buffer: &mut [u8]) -> Result<usize> {
        let ahead = (self.head.len() - self.head_used).min(buffer.len());
        buffer[..ahead].copy_from_slice(&self.head[self.head_used..self.head_used + ahead]);
        self.head_used += ahead;
        let filled = ahead + self.fill_raw(&mut buffer[ahead..])?;
        self.digest.update(&buffer[..filled]);
        self.position += filled as u64;
        Ok(filled)
    }

    /// Does the same as [`DataFile::fill`] and tells how much of a file has been read whose decompressed size is known.
    pub(super) fn fill_and_tell(&mut self, buffer: &mut [u8]) -> Result<usize> {
        let before = self.position;
        let filled = self.fill(buffer)?;
        if !matches!(self.bytes, Bytes::Gzip(_)) {
            self.reading.tell(&self.path, before, self.position, self.length);
        }
        Ok(filled)
    }

    /// Hands the next `size` bytes to `sink` in pieces and checks that nothing follows them. The size of each piece but the last
    /// is a multiple of 8. Returns the SHA-256 of all decompressed bytes.
    ///
    /// `declared` states where the size comes from, for messages, as in "its header declares 3 × 4". A size that the file can't
    /// have is refused before the first piece, so `sink` may reserve memory at its first call.
    pub(super) fn body(
        mut self,
        size: u64,
        declared: &str,
        mut sink: impl FnMut(&[u8]) -> Result<()>,
    ) -> Result<String> {
        self.check_size(size, declared)?;
        let total = self.position.saturating_add(size);
        let mut buffer = vec![0; CHUNK];
        while self.position < total {
            let wanted = (total - self.position).min(CHUNK as u64) as usize;
            let got = self.fill(&mut buffer[..wanted])?;
            if got < wanted {
                return Err(self.truncated(self.position, total, declared));
            }
            sink(&buffer[..wanted])?;
            self.reading.tell(&self.path, self.position - wanted as u64, self.position, total);
        }
        // For gzip, this read also verifies the checksum at the stream's end.
        if self.fill(&mut buffer[..1])? != 0 {
            return Err(self.trailing(total, declared, "more bytes follow"));
        }
        Ok(self.digest.finish())
    }

    /// Reads to the end and returns the SHA-256 of all decompressed bytes.
    pub(super) fn digest(mut self) -> Result<String> {
        let mut buffer = vec![0; CHUNK];
        while self.fill(&mut buffer)? == buffer.len() {
            if self.position > MAX_BYTES {
                return Err(self.damaged(format!("unpacks to more than the limit of {MAX_BYTES} bytes")));
            }
        }
        Ok(self.digest.finish())
    }

    /// Checks, without reading them, that the file can have `size` more bytes.
    pub(super) fn check_size(&self, size: u64, declared: &str) -> Result<()> {
        let total = self.position.saturating_add(size);
        match self.bytes {
            Bytes::Plain(_) | Bytes::Part(_) if self.length < total => {
                Err(self.truncated(self.length, total, declared))
            }
            Bytes::Plain(_) | Bytes::Part(_) if self.length > total => {
                let extra = format!("{} more bytes follow", self.length - total);
                Err(self.trailing(total, declared, &extra))
            }
            Bytes::Gzip(_) if total / MAX_DEFLATE_RATIO > self.length => Err(self.damaged(format!(
                "is truncated: {declared}, which {} compressed bytes can't hold",
                self.length
            ))),
            _ => Ok(()),
        }
    }

    fn truncated(&self, found: u64, expected: u64, declared: &str) -> Error {
        self.damaged(format!("is truncated: it has {found} bytes, {declared}, {expected} bytes"))
    }

    fn trailing(&self, expected: u64, declared: &str, extra: &str) -> Error {
        self.damaged(format!("has trailing bytes: {declared}, {expected} bytes, but {extra}"))
    }

    /// Reads decompressed bytes until `buffer` is full or they end; returns their number.
    fn fill_raw(&mut self, buffer: &mut [u8]) -> Result<usize> {
        let mut filled = 0;
        while filled < buffer.len() {
            match self.read_raw(&mut buffer[filled..])? {
                0 => break,
                n => filled += n,
            }
        }
        Ok(filled)
    }

    /// One read of decompressed bytes; 0 at the end. `buffer` must not be empty.
    fn read_raw(&mut self, buffer: &mut [u8]) -> Result<usize> {
        loop {
            let result = match &mut self.bytes {
                Bytes::Plain(reader) => reader.read(buffer),
                Bytes::Gzip(None) => return Ok(0),
                Bytes::Gzip(Some(member)) => member.read(buffer),
                Bytes::Part(part) => part.read(buffer),
            };
            match result {
                Ok(0) if matches!(self.bytes, Bytes::Gzip(_)) => self.next_member()?,
                Ok(n) => return Ok(n),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(self.read_error(error)),
            }
        }
    }

    /// Moves on to the next gzip member, or to the end if no byte follows.
    fn next_member(&mut self) -> Result<()> {
        let Bytes::Gzip(slot) = &mut self.bytes else { return Ok(()) };
        let Some(member) = slot.take() else { return Ok(()) };
        let mut rest = member.into_inner();
        match rest.fill_buf().map(|next| next.first().copied()) {
            Ok(None) => Ok(()),
            Ok(Some(0x1f)) => {
                *slot = Some(GzDecoder::new(rest));
                Ok(())
            }
            Ok(Some(_)) => Err(self.damaged("has trailing bytes after its gzip stream")),
            Err(error) => Err(self.read_error(error)),
        }
    }

    fn read_error(&self, error: io::Error) -> Error {
        let at = self.position;
        match (&self.bytes, error.kind()) {
            (Bytes::Gzip(_), ErrorKind::UnexpectedEof) => {
                self.damaged(format!("its gzip stream is cut short after some {at} decompressed bytes"))
            }
            (Bytes::Gzip(_), ErrorKind::InvalidInput | ErrorKind::InvalidData) => self
                .damaged(format!("its gzip stream is damaged after some {at} decompressed bytes ({error})")),
            (Bytes::Part(_), ErrorKind::UnexpectedEof | ErrorKind::InvalidInput | ErrorKind::InvalidData) => {
                self.damaged(format!("is damaged after some {at} decompressed bytes ({error})"))
            }
            _ => Error::io("read", &self.path)(error),
        }
    }
}

/// Opens `path`, which must be a regular, non-empty file, and returns it with its size in bytes; `fix` ends the message for an empty one.
pub(super) fn open_nonempty(path: &Path, fix: &str) -> Result<(File, u64)> {
    let file = regular::open(path).map_err(|error| match error.kind() {
        ErrorKind::NotFound | ErrorKind::NotADirectory => {
            Error::data(path, "there is no such file", "check the path, or put the file there")
        }
        _ if regular::is_refusal(&error) => Error::data(path, error, "give the path of a data file"),
        _ => Error::io("open", path)(error),
    })?;
    match file.metadata().map_err(Error::io("read", path))?.len() {
        0 => Err(Error::data(path, "is empty (0 bytes)", fix)),
        length => Ok((file, length)),
    }
}

/// What [`recognise`] calls a zip archive, which an `.npz` file is.
pub(super) const ARCHIVE: &str = "a zip or .npz archive";

/// The well-known format, other than the data sets' own, that a file's first bytes suggest; `None` for any other content.
pub(super) fn recognise(head: &[u8]) -> Option<&'static str> {
    const MAGIC: [(&[u8], &str); 9] = [
        (b"\x93NUMPY", "a .npy file"),
        (b"PK\x03\x04", ARCHIVE),
        (b"\x1f\x8b", "a gzip file"),
        (b"BZh", "a bzip2 file"),
        (b"\xfd7zXZ\0", "an xz file"),
        (b"\x28\xb5\x2f\xfd", "a zstd file"),
        (b"\x89HDF\r\n", "an HDF5 file"),
        (b"\x89PNG", "a PNG picture"),
        (b"version https://git-lfs", "a Git LFS pointer instead of the file"),
    ];
    if let Some((_, name)) = MAGIC.iter().find(|(magic, _)| head.starts_with(magic)) {
        return Some(name);
    }
    let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start();
    let lower = text.to_ascii_lowercase();
    if [&b"<!doctype html"[..], b"<html", b"<head"].iter().any(|tag| lower.starts_with(tag)) {
        return Some("an HTML page");
    }
    if lower.starts_with(b"<?xml") || lower.starts_with(b"<!doctype") {
        return Some("an XML document");
    }
    let is_text = head.iter().all(|&byte| matches!(byte, b'\t' | b'\n' | b'\r' | b' '..=b'~'));
    is_text.then_some("a text file")
}
