//! The layout with few records: folder and archive give the same images, and each kind of damage has its message.

use std::fs;
use std::io::Write as _;

use flate2::{Compression, write::GzEncoder};
use proptest::prelude::*;
use tar::{Builder, EntryType, Header};
use tempfile::TempDir;

use super::*;

/// Records whose pixel values encode image, colour, row and column.
fn records(first: usize, count: usize) -> Vec<u8> {
    let image = |number: usize| {
        let label = std::iter::once((number % 10) as u8);
        label.chain((0..IMAGE).map(move |place| ((number * 31 + place * 7) % 251) as u8))
    };
    (first..first + count).flat_map(image).collect()
}

/// Three training files and a test file.
fn parts() -> [(&'static str, Vec<u8>); 4] {
    [
        ("data_batch_1.bin", records(0, 3)),
        ("data_batch_2.bin", records(3, 1)),
        ("data_batch_3.bin", records(4, 40)),
        ("test_batch.bin", records(44, 2)),
    ]
}

fn known(parts: &[(&'static str, Vec<u8>)]) -> Vec<KnownFile> {
    let known = |(name, bytes): &(&'static str, Vec<u8>)| KnownFile {
        name,
        shape: Box::leak(Box::new([bytes.len() / RECORD, RECORD])),
        sha256: Box::leak(crate::data::digest::sha256(bytes).into_boxed_str()),
    };
    parts.iter().map(known).collect()
}

fn folder_with(parts: &[(&str, Vec<u8>)]) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join(BATCHES)).unwrap();
    for (name, bytes) in parts {
        fs::write(dir.path().join(BATCHES).join(name), bytes).unwrap();
    }
    dir
}

/// Name and contents of a regular entry.
type ArchiveEntry = (String, Vec<u8>);

/// An entry with any name, which the builder itself would refuse.
fn entry(builder: &mut Builder<Vec<u8>>, name: &str, kind: EntryType, bytes: &[u8]) {
    let mut header = Header::new_ustar();
    header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
    header.set_size(bytes.len() as u64);
    header.set_entry_type(kind);
    header.set_cksum();
    builder.append(&header, bytes).unwrap();
}

/// A tar file of regular entries with these names.
fn tar(entries: &[ArchiveEntry]) -> Vec<u8> {
    let mut builder = Builder::new(Vec::new());
    entries.iter().for_each(|(name, bytes)| entry(&mut builder, name, EntryType::Regular, bytes));
    builder.into_inner().unwrap()
}

fn official(parts: &[(&str, Vec<u8>)]) -> Vec<ArchiveEntry> {
    parts.iter().map(|(name, bytes)| (format!("{BATCHES}/{name}"), bytes.clone())).collect()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// Reads an archive of these bytes.
fn read_archive(bytes: &[u8], files: &[KnownFile]) -> Result<Cifar10> {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join(ARCHIVE), bytes).unwrap();
    Cifar10::read_known(dir.path(), files)
}

#[track_caller]
fn refused(result: Result<Cifar10>, expected: &[&str]) {
    let message = result.unwrap_err().to_string();
    for part in expected.iter().chain(&["replace it by an intact copy"]) {
        assert!(message.contains(part), "no `{part}` in: {message}");
    }
}

#[test]
fn folder_and_archive_give_the_same_images() {
    let (parts, files) = (parts(), known(&parts()));
    let folder = Cifar10::read_known(folder_with(&parts).path(), &files).unwrap();
    assert_eq!((folder.training().count(), folder.test().count()), (44, 2));
    for (image, first) in [(folder.training(), 0), (folder.test(), 44)] {
        for (number, row, column) in [(0, 0, 0), (1, 31, 31), (1, 5, 9)] {
            let value =
                |colour: usize| ((first + number) * 31 + (colour * 1024 + row * 32 + column) * 7) % 251;
            let expected = [0, 1, 2].map(|colour| value(colour) as u8);
            assert_eq!(image.pixel(number, row, column), expected);
        }
    }
    let plain = tar(&official(&parts));
    assert!(read_archive(&plain, &files).unwrap() == folder, "a plain tar file");
    assert!(read_archive(&gzip(&plain), &files).unwrap() == folder, "a gzip tar file");
    let mut shuffled = official(&parts);
    shuffled.reverse();
    shuffled.insert(1, ("./readme.html".to_owned(), b"<html>".to_vec()));
    shuffled.iter_mut().for_each(|(name, _)| *name = format!("./{name}"));
    assert!(read_archive(&gzip(&tar(&shuffled)), &files).unwrap() == folder, "any order, more files");
}

#[test]
fn the_archive_replaces_an_incomplete_folder() {
    let (parts, files) = (parts(), known(&parts()));
    let dir = folder_with(&parts[1..]);
    let message = Cifar10::read_known(dir.path(), &files).unwrap_err().to_string();
    assert!(message.contains("data_batch_1.bin: there is no such file"), "{message}");
    fs::write(dir.path().join(ARCHIVE), tar(&official(&parts))).unwrap();
    assert_eq!(Cifar10::read_known(dir.path(), &files).unwrap().training().count(), 44);
}

#[test]
fn broken_files_of_the_folder() {
    let files = known(&parts());
    let last = |bytes: Vec<u8>| [&parts()[..3], &[("test_batch.bin", bytes)]].concat();
    let good = parts()[3].1.clone();
    let mut label = good.clone();
    label[RECORD] = 10;
    let mut pixel = good.clone();
    pixel[RECORD - 1] ^= 1;
    let size = 2 * RECORD;
    for (bytes, expected) in [
        (
            good[..size - 1].to_vec(),
            &["is truncated: it has 6145 bytes", "2 records of 3073 bytes, 6146"][..],
        ),
        (
            [&good[..], &[0]].concat(),
            &["trailing bytes: test_batch.bin has 2 records", "1 more bytes follow"],
        ),
        (gzip(&[&good[..], &[0]].concat()), &["trailing bytes", "more bytes follow"]),
        (gzip(&good[..size - 1]), &["is truncated: it has 6145 bytes"]),
        (vec![], &["is empty"]),
        (label, &["has the label 10 in record 1 (from 0), expected 0 to 9"]),
        (pixel, &["has the wrong contents: its SHA-256 is", files[3].sha256]),
        (b"<!DOCTYPE html><html>".to_vec(), &["looks like an HTML page, expected test_batch.bin has 2"]),
    ] {
        let dir = folder_with(&last(bytes));
        refused(Cifar10::read_known(dir.path(), &files), &[&["test_batch.bin: "], expected].concat());
    }
}

#[test]
fn broken_archives() {
    let files = known(&parts());
    let good = official(&parts());
    let packed = gzip(&tar(&good));
    let but = |number: usize, change: &dyn Fn(&mut ArchiveEntry)| {
        let mut entries = good.clone();
        change(&mut entries[number]);
        gzip(&tar(&entries))
    };
    let twice = [&good[..], &good[1..2]].concat();
    let plain = tar(&good);
    for (bytes, expected) in [
        (packed[..packed.len() / 2].to_vec(), &["gzip stream is cut short"][..]),
        (packed[..packed.len() - 5].to_vec(), &["gzip stream is cut short"]),
        (plain[..plain.len() / 2].to_vec(), &["is cut short", "bytes are missing"]),
        (plain[..512 + 3 * RECORD].to_vec(), &["is a damaged tar archive, or none"]),
        (gzip(&tar(&good[..3])), &["has no file cifar-10-batches-bin/test_batch.bin"]),
        (gzip(&tar(&twice)), &["data_batch_2.bin is there twice"]),
        (but(0, &|entry| entry.1.push(0)), &["data_batch_1.bin has 9220 bytes, expected 9219"]),
        (but(1, &|entry| entry.1[0] = 10), &["data_batch_2.bin has the label 10 in record 0"]),
        (but(2, &|entry| entry.1[9] ^= 1), &["data_batch_3.bin has the wrong contents", files[2].sha256]),
        (but(3, &|entry| entry.0.insert_str(0, "../")), &["has no file", "test_batch.bin"]),
        (but(3, &|entry| entry.0.insert(0, '/')), &["has no file", "test_batch.bin"]),
        (
            but(3, &|entry| entry.0 = format!("{BATCHES}/../{BATCHES}/test_batch.bin")),
            &["has no file", "test_batch.bin"],
        ),
        (b"<html><body>Not found".to_vec(), &["looks like an HTML page, expected CIFAR-10's binary"]),
        (gzip(&[7; 5000]), &["is a damaged tar archive, or none"]),
        (gzip(&[0; 5000]), &["has no file cifar-10-batches-bin/data_batch_1.bin"]),
    ] {
        refused(read_archive(&bytes, &files), &[&[ARCHIVE], expected].concat());
    }
}

#[test]
fn links_and_long_names_in_an_archive_are_not_followed() {
    let files = known(&parts());
    let mut builder = Builder::new(Vec::new());
    entry(&mut builder, "cifar-10-batches-bin/data_batch_1.bin", EntryType::Symlink, b"");
    refused(read_archive(&builder.into_inner().unwrap(), &files), &["data_batch_1.bin is a link"]);

    // A long name that would make the next entry a known file.
    let mut builder = Builder::new(Vec::new());
    entry(&mut builder, "././@LongLink", EntryType::GNULongName, b"cifar-10-batches-bin/data_batch_1.bin\0");
    entry(&mut builder, "x", EntryType::Regular, &parts()[0].1);
    refused(read_archive(&builder.into_inner().unwrap(), &files), &["has no file", "data_batch_1.bin"]);
}

#[test]
fn an_archive_that_unpacks_to_more_than_the_limit_is_refused() {
    // A gigabyte of zeros in one entry: 1 MB of gzip.
    let mut header = Header::new_ustar();
    header.as_old_mut().name[..3].copy_from_slice(b"big");
    header.set_size(1 << 31);
    header.set_cksum();
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(header.as_bytes()).unwrap();
    let zeros = vec![0; 1 << 20];
    (0..(1 << 10) + 1).for_each(|_| encoder.write_all(&zeros).unwrap());
    let bytes = encoder.finish().unwrap();
    refused(read_archive(&bytes, &known(&parts())), &["unpacks to more than the limit of 1073741824"]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_damage_to_an_archive_makes_the_reader_panic_or_goes_unnoticed(
        changes in prop::collection::vec((0.0..1.0, any::<u8>()), 0..4),
        in_headers: bool,
        cut in prop::option::of(0.0..1.0),
    ) {
        let parts = &parts()[1..2];
        let (files, mut bytes) = (known(parts), tar(&official(parts)));
        let end = if in_headers { 512 } else { bytes.len() };
        for (place, byte) in changes {
            bytes[(end as f64 * place) as usize] = byte;
        }
        bytes.truncate((bytes.len() as f64 * cut.unwrap_or(1.0)) as usize);
        if let Ok(images) = read_archive(&bytes, &files) {
            prop_assert!(images.test().0[0] == parts[0].1[1..]);
        }
    }
}

#[test]
fn missing_images() {
    let mut locations = Locations::default();
    locations.add("--data-dir", "/nowhere".into());
    let message = Cifar10::load(&locations).unwrap_err().to_string();
    for part in ["cifar10/cifar-10-batches-bin: not found", ARCHIVE, "/nowhere (--data-dir)", "AESPARSE_DATA"]
    {
        assert!(message.contains(part), "no `{part}` in: {message}");
    }
}
