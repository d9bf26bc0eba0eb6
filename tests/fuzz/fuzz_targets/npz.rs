//! Archives of weights to start from.

#![no_main]

use aesparse::store::{Weights, WeightsFile};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    // The shape of the sweep that the seeds are of.
    let shape = (6, 5);
    if let Ok(weights) = Weights::decode(bytes, shape) {
        assert_eq!(weights.w.nrows(), weights.b.len());
        assert!(weights.w.iter().chain(&weights.b).all(|value| value.is_finite()));
        let written = weights.encode().expect("what was read can be written");
        assert_eq!(Weights::decode(&written, shape).expect("what was written can be read"), weights);
    }
    if let Ok(file) = WeightsFile::decode(bytes, shape) {
        let written = file.encode().expect("what was read can be written");
        let read = WeightsFile::decode(&written, shape).expect("what was written can be read");
        assert_eq!((read.weights, read.encoder), (file.weights, file.encoder));
    }
});
