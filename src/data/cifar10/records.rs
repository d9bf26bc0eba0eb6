//! Splits a file's bytes into records: checks the labels and hands on the images.

use super::super::file::{DataFile, recognise};
use super::{KnownFile, RECORD, declared};
use crate::error::Result;

/// Labels are 0 to 9.
const CLASSES: u8 = 10;

/// Splits a file's bytes into labels and images; the bytes may arrive in pieces of any size.
#[derive(Debug, Default)]
pub(super) struct RecordSplitter {
    /// Bytes seen so far.
    position: usize,
}

impl RecordSplitter {
    /// Checks the labels in the next piece and hands the images' bytes to `sink`.
    pub(super) fn split(&mut self, piece: &[u8], mut sink: impl FnMut(&[u8])) -> Result<(), String> {
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
                sink(&rest[..taken]);
                taken
            };
            rest = &rest[taken..];
            self.position += taken;
        }
        Ok(())
    }
}

/// Refuses a file of a well-known other format, so that the message names the format and not a wrong length.
pub(super) fn check_start(file: &DataFile, known: &KnownFile) -> Result<()> {
    let starts_with_label = file.head().first().is_some_and(|&first| first < CLASSES);
    match recognise(file.head()).filter(|_| !starts_with_label) {
        Some(name) => Err(file.damaged(format!("looks like {name}, expected {}", declared(known)))),
        None => Ok(()),
    }
}
