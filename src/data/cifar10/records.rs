//! The records of a file: labels are checked, images handed on.

use super::super::file::{DataFile, recognise};
use super::{KnownFile, RECORD};
use crate::error::Result;

/// Labels are 0 to 9.
const CLASSES: u8 = 10;

/// Splits a file's bytes into labels and images, wherever its pieces begin.
#[derive(Debug, Default)]
pub(super) struct Records {
    /// Bytes seen so far.
    position: usize,
}

impl Records {
    /// Takes the next piece, checks its labels and hands the images' bytes to `keep`.
    pub(super) fn split(&mut self, piece: &[u8], mut keep: impl FnMut(&[u8])) -> Result<(), String> {
        let mut rest = piece;
        while let Some(&first) = rest.first() {
            let within = self.position % RECORD;
            let taken = if within == 0 {
                if first >= CLASSES {
                    let record = self.position / RECORD;
                    return Err(format!(
                        "has the label {first} in record {record} (from 0), expected 0 to 9"
                    ));
                }
                1
            } else {
                let taken = (RECORD - within).min(rest.len());
                keep(&rest[..taken]);
                taken
            };
            rest = &rest[taken..];
            self.position += taken;
        }
        Ok(())
    }
}

/// Refuses what is well known to be something else, before its length is complained of.
pub(super) fn check_start(file: &DataFile, known: &KnownFile) -> Result<()> {
    let starts_with_label = file.head().first().is_some_and(|&first| first < CLASSES);
    match recognise(file.head()).filter(|_| !starts_with_label) {
        Some(name) => Err(file.damaged(format!("looks like {name}, expected {}", known.declared()))),
        None => Ok(()),
    }
}
