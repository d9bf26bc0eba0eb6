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
//! and an Event is a protocol buffers message, of which these fields are used:
//!
//! ```text
//! Event    1 wall_time: double   2 step: int64   3 file_version: string   5 summary: Summary
//! Summary  1 value: repeated Value
//! Value    1 tag: string   2 simple_value: float
//! ```
//!
//! The format is small enough to be written here. The crates for it depend on a message generator or are no longer maintained.

use super::names::ExportedMeasurement;
use crate::store::run::StoredRun;
use std::fs::{self, File};
use std::io::Read as _;
use std::path::Path;

/// The name of an event file: TensorBoard looks for `tfevents` in it. The number, usually a time, is 0.
pub const EVENT_FILE: &str = "events.out.tfevents.0000000000.aesparse";

/// The `file_version` of a file's first event.
const VERSION: &str = "brain.Event:2";

/// The event file of `run`: an event for each measured epoch, with a scalar for each measured number, under the names of `epochs.csv` and
/// of [`super::SaeNames`]. Step and wall time are the epoch; as wall time it counts seconds after 1970. No clock is read, so the same
/// run gives the same bytes, and TensorBoard's relative time counts epochs.
pub fn event_file(run: &StoredRun) -> Vec<u8> {
    let mut file = beginning();
    for measurement in &run.record.measurements {
        let numbers = ExportedMeasurement::new(measurement, run.spec.hidden).numbers();
        record(&mut file, &event(measurement.epoch, &numbers));
    }
    file
}

/// Whether the file at `path` was written from [`event_file`], by its name and its first event. TensorBoard's own files begin with
/// another time.
pub fn is_event_file(path: &Path) -> bool {
    let expected = beginning();
    let mut found = vec![0; expected.len()];
    // Reading anything but a regular file may block.
    let is_file = fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_file());
    let has_name = path.file_name().is_some_and(|name| name == EVENT_FILE);
    let mut read = || File::open(path).and_then(|mut file| file.read_exact(&mut found));
    is_file && has_name && read().is_ok() && found == expected
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
    // Protocol buffers leave out fields that are 0.
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
        // The value is a member of a `oneof`, so it is written even where it is 0.
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

/// The masked CRC-32C of the format: rotated by 15 bits and shifted by a constant, because a CRC of data that contain CRCs is weak.
fn masked_crc(data: &[u8]) -> u32 {
    crc32c::crc32c(data).rotate_right(15).wrapping_add(0xa282_ead8)
}

/// The wire type of a field.
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

/// Appends `number` with seven bits per byte, the lowest first; a set eighth bit means that more bytes follow.
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

    /// The bytes that TensorBoard 2.21 itself writes:
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
    fn varints_hold_seven_bits_in_each_byte() {
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
