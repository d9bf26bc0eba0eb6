//! `.npy` files, plain or gzip, with their standardisation.

#![no_main]

use aesparse::data::{self, DataSpec, Hints, Locations, Source, Standardize};
use aesparse_fuzz::file;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let source = Source::Npy { path: file("x.npy", bytes) };
    let spec = DataSpec { source, samples: None, held_out: None, standardize: Standardize::None };
    if let Ok(dataset) = data::load(&spec, &Locations::new(&Hints::default())) {
        assert!(!dataset.train.is_empty());
        assert!(dataset.train.iter().all(|value| value.is_finite()));
    }
});
