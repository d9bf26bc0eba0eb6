//! PNG and JPEG pictures, each the only one of its folder, in every fit.

#![no_main]

use aesparse::data::images::{Channels, Fit, ImageFolder, OnError};
use aesparse::data::{self, DataSpec, Hints, Locations, Source, Standardize};
use aesparse_fuzz::file;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let folder = file("images/x.png", bytes).with_file_name("");
    for (fit, channels) in Fit::ALL.iter().copied().zip([Channels::Grey, Channels::Rgb, Channels::Grey]) {
        let (path, on_error) = (folder.clone(), OnError::Refuse);
        let source = Source::Images(ImageFolder { path, height: 3, width: 2, channels, fit, on_error });
        let spec = DataSpec { source, samples: None, held_out: None, standardize: Standardize::None };
        if let Ok(dataset) = data::load(&spec, &Locations::new(&Hints::default())) {
            assert_eq!(dataset.train.dim(), (1, 6 * channels.count()));
            assert!(dataset.train.iter().all(|value| (0.0..=1.0).contains(value)));
        }
    }
});
