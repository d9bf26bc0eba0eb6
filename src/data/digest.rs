//! SHA-256 digests as lower-case hexadecimal text, the form in which data sets are identified.

use crate::error::{Error, Result};
use crate::regular;
use sha2::{Digest as _, Sha256};
use std::io::{self, ErrorKind, Read};
use std::path::Path;

/// A SHA-256 digest under construction.
#[derive(Debug, Clone, Default)]
pub struct Digest(Sha256);

impl Digest {
    /// A digest of no bytes yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Appends `bytes` to the digested content.
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// The 64 lower-case hexadecimal digits.
    pub fn finish(self) -> String {
        hex(&self.0.finalize())
    }
}

/// Whether the digest `computed` from a content is the `stored` one. Always true when fuzzing, because random inputs never match
/// a digest.
pub(crate) fn agree(computed: &str, stored: &str) -> bool {
    cfg!(fuzzing) || computed == stored
}

/// The SHA-256 of the file at `path`; a gzip file is not decompressed.
///
/// # Errors
/// [`Error::Io`] when the system refuses.
pub fn sha256_of_file(path: &Path) -> Result<String> {
    let file = regular::open(path).map_err(Error::io("open", path))?;
    sha256_of_reader(file).map_err(Error::io("read", path))
}

/// The SHA-256 of all bytes that `reader` returns until its end.
///
/// # Errors
/// The errors of `reader`.
pub fn sha256_of_reader(mut reader: impl Read) -> io::Result<String> {
    let (mut digest, mut buffer) = (Digest::new(), vec![0; 1 << 16]);
    loop {
        match reader.read(&mut buffer) {
            Ok(0) => return Ok(digest.finish()),
            Ok(got) => digest.update(&buffer[..got]),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// The SHA-256 of `bytes`, 64 lower-case hexadecimal digits.
pub fn sha256(bytes: &[u8]) -> String {
    let mut digest = Digest::new();
    digest.update(bytes);
    digest.finish()
}

/// Two lower-case hexadecimal digits for each byte.
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |nibble: u8| char::from(DIGITS[usize::from(nibble)]);
    bytes.iter().flat_map(|&byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_examples() {
        // FIPS 180-2, appendix B.1, and the digest of the empty message.
        assert_eq!(sha256(b"abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert_eq!(sha256(b""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        assert_eq!(hex(&[0, 0x0f, 0xa5, 0xff]), "000fa5ff");
    }

    #[test]
    fn pieces_equal_the_whole() {
        let mut digest = Digest::new();
        digest.update(b"a");
        digest.update(b"");
        digest.update(b"bc");
        assert_eq!(digest.finish(), sha256(b"abc"));
    }
}
