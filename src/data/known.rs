//! Files of known data sets: their names, shapes and digests.

use std::path::Path;

use super::digest::agree;
use crate::error::{Error, Result};

/// A file of a known data set and what it must hold; its values are bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KnownFile {
    /// The name without `.gz`.
    pub name: &'static str,
    /// Lengths of the axes, the number of samples first: images \[N, rows, columns\], labels \[N\], patches \[N, 192\], CIFAR-10's
    /// records \[N, 3073\].
    pub shape: &'static [usize],
    /// SHA-256 of the decompressed file.
    pub sha256: &'static str,
}

impl KnownFile {
    /// N, the number of samples.
    pub const fn samples(&self) -> usize {
        self.shape[0]
    }

    /// Number of values, the product of `shape`: their size in bytes.
    pub fn size(&self) -> u64 {
        self.shape.iter().product::<usize>() as u64
    }

    /// Checks that the file at `path` has the digest `sha256`; `inside` names the file in an archive, and `fix` ends the message.
    pub(super) fn check_digest(&self, path: &Path, inside: &str, sha256: &str, fix: &str) -> Result<()> {
        if agree(sha256, self.sha256) {
            return Ok(());
        }
        let expected = self.sha256;
        let problem = format!("{inside}has the wrong contents: its SHA-256 is {sha256}, expected {expected}");
        Err(Error::data(path, problem, fix))
    }
}
