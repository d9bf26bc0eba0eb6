//! Records of runs and of the theory: what is accepted is written as it was read.

#![no_main]

use aesparse::store::{Record, TheoryRecord};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(record) = Record::decode(bytes) {
        let written = record.encode().expect("what was read can be written");
        assert_eq!(Record::decode(&written).expect("what was written can be read"), record);
    }
    if let Ok(record) = TheoryRecord::decode(bytes) {
        let written = record.encode().expect("what was read can be written");
        assert_eq!(TheoryRecord::decode(&written).expect("what was written can be read"), record);
    }
});
