//! Records of runs and side records: what is accepted is written as it was read.

#![no_main]

use aesparse::store::{DistributionRecord, Record, SideRecord, TheoryRecord};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(record) = Record::decode(bytes) {
        let written = record.encode().expect("what was read can be written");
        assert_eq!(Record::decode(&written).expect("what was written can be read"), record);
    }
    is_written_as_read::<TheoryRecord>(bytes);
    is_written_as_read::<DistributionRecord>(bytes);
});

fn is_written_as_read<T: SideRecord + PartialEq + std::fmt::Debug>(bytes: &[u8]) {
    if let Ok(record) = T::decode(bytes) {
        let written = record.encode().expect("what was read can be written");
        assert_eq!(T::decode(&written).expect("what was written can be read"), record);
    }
}
