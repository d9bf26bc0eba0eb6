//! A run's measurements as a TensorBoard event file: scalars by epoch, in single precision.
//!
//! The file is a sequence of records ("TFRecord"), each
//!
//! ```text
//! u64  length, little-endian
//! u32  masked CRC-32C of the length's eight bytes
//!      length bytes: an Event
//! u32  masked CRC-32C of those bytes
//! ```
//!
//! and an Event is a message of protocol buffers, of which these fields are used:
//!
//! ```text
//! Event    1 wall_time: double   2 step: int64   3 file_version: string   5 summary: Summary
//! Summary  1 value: repeated Value
//! Value    1 tag: string   2 simple_value: float
//! ```
//!
//! That is all there is to it, so it is written here: the crates that do it bring a generator of messages along, or are no longer
//! looked after.

use super::names::Named;
use crate::store::run::StoredRun;
use std::fs::{self, File};
use std::io::Read as _;
use std::path::Path;

/// The name of an event file: TensorBoard looks for the part in its middle. The time that stands there usually is 0.
pub const EVENT_FILE: &str = "events.out.tfevents.0000000000.aesparse";

/// What the first event of a file says.
const VERSION: &str = "brain.Event:2";

/// The event file of `run`: an event for each measured epoch with a scalar for each number that was measured, under the names of
/// `epochs.csv` and of [`super::SaeNames`]. Step and wall time are the epoch, the latter in seconds after 1970: the clock isn't
/// asked, so that the same run gives the same bytes, and TensorBoard's relative time counts epochs.
pub fn event_file(run: &StoredRun) -> Vec<u8> {
    let mut file = beginning();
    for measurement in &run.record.measurements {
        let numbers = Named::new(measurement, run.spec.hidden).numbers();
        record(&mut file, &event(measurement.epoch, &numbers));
    }
    file
}

/// The event file at `path` is one of [`event_file`]'s: it has the name and a beginning that only these have, since TensorBoard's own
/// begin with the time.
pub fn is_event_file(path: &Path) -> bool {
    let expected = beginning();
    let mut found = vec![0; expected.len()];
    // Nothing that would make a reader wait.
    let is_file = fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_file());
    let is_called_so = path.file_name().is_some_and(|name| name == EVENT_FILE);
    let mut read = || File::open(path).and_then(|mut file| file.read_exact(&mut found));
    is_file && is_called_so && read().is_ok() && found == expected
}

/// The record that every file begins with.
fn beginning() -> Vec<u8> {
    let (mut file, mut first) = (Vec::new(), Vec::new());
    text(&mut first, 3, VERSION);
    record(&mut file, &first);
    file
}

/// An Event with the scalars `numbers` at `epoch`.
fn event(epoch: u32, numbers: &[(String, f64)]) -> Vec<u8> {
    let mut event = Vec::new();
    // What is 0 is left out, as everywhere in this encoding.
    if epoch > 0 {
        key(&mut event, 1, Wire::Eight);
        event.extend(f64::from(epoch).to_le_bytes());
        key(&mut event, 2, Wire::Varint);
        varint(&mut event, epoch.into());
    }
    let mut summary = Vec::new();
    for (tag, number) in numbers {
        let mut value = Vec::new();
        text(&mut value, 1, tag);
        // One of several kinds of value, and so there even where it is 0.
        key(&mut value, 2, Wire::Four);
        value.extend((*number as f32).to_le_bytes());
        bytes(&mut summary, 1, &value);
    }
    bytes(&mut event, 5, &summary);
    event
}

/// Adds a record with `data`.
fn record(file: &mut Vec<u8>, data: &[u8]) {
    let length = (data.len() as u64).to_le_bytes();
    file.extend(length);
    file.extend(masked_crc(&length).to_le_bytes());
    file.extend(data);
    file.extend(masked_crc(data).to_le_bytes());
}

/// CRC-32C, turned by 15 bits and moved by a constant: a CRC of data that has CRCs in it would be weak.
fn masked_crc(data: &[u8]) -> u32 {
    crc32c::crc32c(data).rotate_right(15).wrapping_add(0xa282_ead8)
}

/// How a field's value is laid out.
#[derive(Clone, Copy)]
enum Wire {
    Varint = 0,
    Eight = 1,
    Bytes = 2,
    Four = 5,
}

fn key(message: &mut Vec<u8>, field: u64, wire: Wire) {
    varint(message, field << 3 | wire as u64);
}

fn bytes(message: &mut Vec<u8>, field: u64, value: &[u8]) {
    key(message, field, Wire::Bytes);
    varint(message, value.len() as u64);
    message.extend(value);
}

fn text(message: &mut Vec<u8>, field: u64, value: &str) {
    bytes(message, field, value.as_bytes());
}

/// Seven bits a byte, the lowest first; a set eighth bit says that there are more.
fn varint(message: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        message.push(number as u8 | 0x80);
        number >>= 7;
    }
    message.push(number as u8);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What TensorBoard 2.21 itself writes:
    /// ```python
    /// from tensorboard.compat.proto.event_pb2 import Event
    /// from tensorboard.summary.writer.record_writer import RecordWriter
    /// import io
    /// file = io.BytesIO()
    /// writer = RecordWriter(file)
    /// writer.write(Event(wall_time=0.0, file_version="brain.Event:2").SerializeToString())
    /// event = Event(wall_time=300.0, step=300)
    /// event.summary.value.add(tag="dead_units", simple_value=0.0)
    /// event.summary.value.add(tag="l0", simple_value=7.25)
    /// writer.write(event.SerializeToString())
    /// print(file.getvalue().hex())
    /// ```
    const GOLDEN: &str = "0f000000000000006d532b091a0d627261696e2e4576656e743a32fc9851292c00000000000000f4aecc450900\
                          00000000c0724010ac022a1e0a110a0a646561645f756e69747315000000000a090a026c30150000e840120e0977";

    #[test]
    fn the_bytes_are_those_that_tensorboard_writes() {
        let mut file = beginning();
        record(&mut file, &event(300, &[("dead_units".to_owned(), 0.0), ("l0".to_owned(), 7.25)]));
        let hex: String = file.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, GOLDEN);
    }

    #[test]
    fn checksums_are_those_of_the_standard() {
        // The check value of CRC-32C, and RFC 3720, B.4, which writes it lowest byte first.
        assert_eq!(crc32c::crc32c(b"123456789"), 0xe306_9283);
        assert_eq!(crc32c::crc32c(&[0; 32]), 0x8a91_36aa);
    }

    #[test]
    fn whole_numbers_take_seven_bits_a_byte() {
        for (number, expected) in [
            (0, &[0][..]),
            (127, &[127]),
            (128, &[0x80, 1]),
            (300, &[0xac, 2]),
            (u64::MAX, &[255, 255, 255, 255, 255, 255, 255, 255, 255, 1]),
        ] {
            let mut message = Vec::new();
            varint(&mut message, number);
            assert_eq!(message, expected);
        }
    }
}
