//! Readers on mutated files: whatever the bytes, a data set of the right size or an error, never a panic.

use std::fs;
use std::io::{Cursor, Write as _};

use aesparse::data::idx::{self, IdxKind};
use aesparse::data::images::{Channels, Fit, ImageFolder, OnError};
use aesparse::data::{self, Locations, Source};
use image::{ImageFormat, Rgb, RgbImage};
use proptest::prelude::*;
use safetensors::tensor::{Dtype, TensorView};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::fixture::*;

/// One change: a place in the file, as a fraction, and a byte.
#[derive(Debug, Clone)]
enum Mutation {
    Replace(f64, u8),
    Insert(f64, u8),
    Cut(f64),
    Append(Vec<u8>),
}

fn mutation() -> impl Strategy<Value = Mutation> {
    prop_oneof![
        4 => (0.0..1.0, any::<u8>()).prop_map(|(place, byte)| Mutation::Replace(place, byte)),
        2 => (0.0..1.0, any::<u8>()).prop_map(|(place, byte)| Mutation::Insert(place, byte)),
        1 => (0.0..1.0).prop_map(Mutation::Cut),
        1 => prop::collection::vec(any::<u8>(), 1..9).prop_map(Mutation::Append),
    ]
}

fn mutate(mut bytes: Vec<u8>, mutations: &[Mutation]) -> Vec<u8> {
    for mutation in mutations {
        let at = |place: f64| ((bytes.len() as f64 * place) as usize).min(bytes.len().saturating_sub(1));
        match mutation {
            Mutation::Replace(place, byte) if !bytes.is_empty() => {
                let place = at(*place);
                bytes[place] = *byte;
            }
            Mutation::Replace(..) => {}
            Mutation::Insert(place, byte) => bytes.insert(at(*place), *byte),
            Mutation::Cut(place) => bytes.truncate(at(*place)),
            Mutation::Append(more) => bytes.extend(more),
        }
    }
    bytes
}

/// Mutated and plain; mutated and then compressed, so that the mutation reaches the format's reader; or
/// compressed and then mutated.
fn packed(bytes: Vec<u8>, mutations: &[Mutation], how: u8) -> Vec<u8> {
    match how {
        0 => mutate(bytes, mutations),
        1 => gzip(&mutate(bytes, mutations)),
        _ => mutate(gzip(&bytes), mutations),
    }
}

/// A picture of 24 × 16 pixels.
fn picture(format: ImageFormat) -> Vec<u8> {
    let picture = RgbImage::from_fn(24, 16, |x, y| Rgb([(x * 10) as u8, (y * 15) as u8, (x * y) as u8]));
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn idx_never_panics(mutations in prop::collection::vec(mutation(), 0..4), how in 0_u8..3, labels: bool) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x");
        let (kind, magic, shape) = if labels { (IdxKind::Labels, 0x801, &[60][..]) } else { (IdxKind::Images, 0x803, &[3, 4, 5][..]) };
        let bytes = [idx_header(magic, shape), (0..60).collect()].concat();
        fs::write(&path, packed(bytes, &mutations, how)).unwrap();
        match idx::read(&path, kind) {
            Ok(idx) => prop_assert_eq!(idx.shape.iter().product::<usize>(), idx.values.len()),
            Err(error) => {
                prop_assert!(!mutations.is_empty(), "{}", error);
                prop_assert!(error.to_string().contains(path.to_str().unwrap()), "{}", error);
            }
        }
    }

    #[test]
    fn pictures_never_panic(mutations in prop::collection::vec(mutation(), 0..4), jpeg: bool) {
        let folder = tempfile::tempdir().unwrap();
        let bytes = picture(if jpeg { ImageFormat::Jpeg } else { ImageFormat::Png });
        fs::write(folder.path().join("x.png"), mutate(bytes, &mutations)).unwrap();
        let path = folder.path().to_owned();
        let (fit, on_error) = (Fit::Cover, OnError::Refuse);
        let source = ImageFolder { path, height: 5, width: 7, channels: Channels::Rgb, fit, on_error };
        match data::load(&spec(Source::Images(source), None), &Locations::default()) {
            Ok(dataset) => {
                prop_assert_eq!(dataset.train.dim(), (1, 105));
                prop_assert!(dataset.train.iter().all(|value| (0.0..=1.0).contains(value)));
            }
            Err(error) => {
                prop_assert!(!mutations.is_empty(), "{}", error);
                prop_assert!(error.to_string().contains("x.png"), "{}", error);
            }
        }
    }

    #[test]
    fn archives_tensors_and_tables_never_panic(mutations in prop::collection::vec(mutation(), 0..4), kind in 0_usize..3) {
        let folder = tempfile::tempdir().unwrap();
        let values: Vec<f32> = (0_u8..20).map(f32::from).collect();
        let name = ["x.npz", "x.safetensors", "x.csv"][kind];
        let bytes = match kind {
            0 => {
                let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
                archive.start_file("a.npy", SimpleFileOptions::default()).unwrap();
                archive.write_all(&npy("'<f4'", "False", "(4, 5)", &f32s(&values))).unwrap();
                archive.finish().unwrap().into_inner()
            }
            1 => {
                let bytes = f32s(&values);
                let view = TensorView::new(Dtype::F32, vec![4, 5], &bytes).unwrap();
                safetensors::serialize([("a", view)], None).unwrap()
            }
            _ => values.chunks(5).map(|row| format!("{row:?}").replace(['[', ']', ' '], "") + "\r\n").collect::<String>().into(),
        };
        let path = folder.path().join(name);
        fs::write(&path, mutate(bytes, &mutations)).unwrap();
        match data::load(&spec(Source::of_file(&path, None).unwrap(), None), &Locations::default()) {
            Ok(dataset) => {
                prop_assert_eq!(dataset.train.nrows(), dataset.available);
                prop_assert!(dataset.train.iter().all(|value| value.is_finite()));
            }
            Err(error) => {
                prop_assert!(!mutations.is_empty(), "{}", error);
                prop_assert!(error.to_string().contains(name), "{}", error);
            }
        }
    }

    #[test]
    fn npy_never_panics(
        mutations in prop::collection::vec(mutation(), 0..4),
        how in 0_u8..3,
        fortran_order: bool,
        samples in prop::option::of(1_usize..5),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let order = if fortran_order { "True" } else { "False" };
        let values: Vec<f32> = (0_u8..20).map(f32::from).collect();
        let bytes = packed(npy("'<f4'", order, "(4, 5)", &f32s(&values)), &mutations, how);
        match load_npy(folder.path(), "x.npy", &bytes, samples) {
            Ok(dataset) => {
                prop_assert!(dataset.train.is_standard_layout());
                prop_assert!(dataset.train.nrows() == samples.unwrap_or(dataset.available));
                prop_assert!(dataset.train.iter().all(|value| value.is_finite()));
            }
            Err(error) => {
                prop_assert!(!mutations.is_empty(), "{}", error);
                prop_assert!(error.to_string().contains("x.npy"), "{}", error);
            }
        }
    }
}
