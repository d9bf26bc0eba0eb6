//! The rule of drawing, and the files that `make` writes.

use std::fs;

use super::*;
use crate::data::Standardize;

/// Images whose pixels are their own image number, row and column.
fn images() -> Cifar10 {
    Cifar10::of_pixels(3, 2, |image, row, column| [image as u8, row as u8, column as u8])
}

#[test]
fn a_patch_is_a_square_of_its_image_row_by_row_with_its_colours_side_by_side() {
    let images = images();
    for (split, images, first) in [(Split::Train, images.training(), 0), (Split::Test, images.test(), 3)] {
        let patches = draw(images, 5, split, 40);
        assert_eq!(patches.len(), 40 * INPUTS);
        let expected = places(images.count(), 5, split);
        for (patch, (image, upper, left)) in patches.chunks(INPUTS).zip(expected) {
            for (place, pixel) in patch.chunks(3).enumerate() {
                let expected = [first + image, upper + place / 8, left + place % 8].map(|value| value as u8);
                assert_eq!(pixel, expected, "pixel {place}");
            }
        }
    }
}

#[test]
fn places_are_uniform_over_images_rows_and_columns() {
    const DRAWS: usize = 100_000;
    let mut counts = [vec![0_u32; 10], vec![0; 25], vec![0; 25]];
    for (image, upper, left) in places(10, 7, Split::Train).take(DRAWS) {
        counts.iter_mut().zip([image, upper, left]).for_each(|(counts, place)| counts[place] += 1);
    }
    for counts in counts {
        let expected = DRAWS as f64 / counts.len() as f64;
        // Five standard errors; every value from the first to the last occurs.
        assert!(counts.iter().all(|&count| (f64::from(count) - expected).abs() < 5.0 * expected.sqrt()));
    }
}

#[test]
fn fewer_patches_are_the_first_of_more_and_splits_and_seeds_differ() {
    let images = images();
    let all = draw(images.training(), 1, Split::Train, 20);
    assert_eq!(draw(images.training(), 1, Split::Train, 7), all[..7 * INPUTS]);
    assert_ne!(draw(images.training(), 2, Split::Train, 20), all);
    assert_ne!(draw(images.training(), 1, Split::Test, 20), all);
}

/// Golden values: a change would draw other patches from the same seed.
#[test]
fn the_draws_start_as_they_always_did() {
    let first = |split, images| places(images, SEED, split).take(2).collect::<Vec<_>>();
    assert_eq!(first(Split::Train, 50_000), [(7032, 14, 0), (33_705, 17, 4)]);
    assert_eq!(first(Split::Test, 10_000), [(5259, 19, 6), (4034, 8, 10)]);
}

#[test]
fn files_are_written_once_with_their_provenance_and_never_replaced() {
    let (images, folder) = (images(), tempfile::tempdir().unwrap());
    let dir = folder.path().join("new/folder");
    let recipe = Recipe { seed: 3, train: 9, test: 4 };
    let made = make(&images, recipe, &dir).unwrap();
    assert!(made.iter().all(|made| made.written && made.path.exists()));
    for (made, (split, images, count)) in
        made.iter().zip([(Split::Train, images.training(), 9), (Split::Test, images.test(), 4)])
    {
        let expected = draw(images, 3, split, count);
        let read = npy::open(&made.path, &crate::data::ReadingWatch::default()).unwrap();
        let read = read.load("own".to_owned(), None).unwrap();
        assert_eq!((read.train.dim(), &read.sha256), ((count, INPUTS), &made.sha256));
        let read = read.train.standardize_like(Standardize::None, None).unwrap();
        assert!(read.iter().zip(expected).all(|(&value, byte)| value == f32::from(byte) / 255.0));
    }
    let json: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(dir.join(PROVENANCE)).unwrap()).unwrap();
    assert_eq!(json["seed"], 3);
    assert_eq!(json["files"][1]["shape"], serde_json::json!([4, 192]));
    assert_eq!(json["files"][0]["sha256_decompressed"], made[0].sha256.as_str());

    let bytes = fs::read(&made[0].path).unwrap();
    let again = make(&images, recipe, &dir).unwrap();
    assert!(again.iter().all(|made| !made.written));
    let message = make(&images, Recipe { seed: 4, ..recipe }, &dir).unwrap_err().to_string();
    assert!(message.contains("patches-8x8-train.npy.gz") && message.contains("--out"), "{message}");
    fs::remove_file(&made[0].path).unwrap();
    make(&images, recipe, &dir).unwrap();
    assert_eq!(fs::read(&made[0].path).unwrap(), bytes, "the same bytes each time");
}
