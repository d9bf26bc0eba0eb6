//! Own data: what is read, and a table of what is refused.

use aesparse::data::{self, DataSpec, Locations, Precision, Remark, Source, Standardize, digest};
use ndarray::array;

use super::fixture::*;

/// A label, the file's bytes, and what the message must contain besides the file's name.
type Case = (&'static str, Vec<u8>, &'static [&'static str]);

const AGAIN: &str = "write it again";

fn good() -> Vec<u8> {
    npy("'<f4'", "False", "(2, 3)", &f32s(&[0.0, 1.5, -2.0, 3.0, 4.0, 5.0]))
}

fn cases() -> Vec<Case> {
    let body = f32s(&[0.0; 6]);
    let shaped = |shape: &str| npy("'<f4'", "False", shape, &body);
    let typed = |descr: &str| npy(descr, "False", "(2, 3)", &body);
    let version = |major: u8| [b"\x93NUMPY", &[major, 0][..], &good()[8..]].concat();
    vec![
        ("empty", vec![], &["is empty", AGAIN]),
        ("magic", b"\x93NUMPZ\x01\x00".to_vec(), &["begins with the bytes", "expected a .npy file", AGAIN]),
        ("html", b"<html>".to_vec(), &["looks like an HTML page", AGAIN]),
        ("zip", b"PK\x03\x04....".to_vec(), &["a zip or .npz archive", AGAIN]),
        ("cut in the magic", good()[..4].to_vec(), &["truncated in its magic number", AGAIN]),
        ("cut in the version", good()[..7].to_vec(), &["truncated in its magic number", AGAIN]),
        ("cut in the size", good()[..9].to_vec(), &["truncated in its header", AGAIN]),
        ("cut in the header", good()[..50].to_vec(), &["truncated in its header", "40 of its", AGAIN]),
        (
            "cut in the values",
            good()[..good().len() - 1].to_vec(),
            &["is truncated", "2 × 3 values of 4", AGAIN],
        ),
        ("gzip cut", gzip(&good())[..60].to_vec(), &["gzip stream is cut short", AGAIN]),
        ("gzip of cut", gzip(&good()[..good().len() - 1]), &["is truncated", AGAIN]),
        ("trailing", [good(), vec![0]].concat(), &["trailing bytes", "1 more bytes", AGAIN]),
        ("gzip of trailing", gzip(&[good(), vec![0]].concat()), &["trailing bytes", "more bytes", AGAIN]),
        (
            "gzip trailing",
            [gzip(&good()), vec![0]].concat(),
            &["trailing bytes after its gzip stream", AGAIN],
        ),
        ("version 9", version(9), &[".npy version 9.0", AGAIN]),
        (
            "header's size",
            [&b"\x93NUMPY\x02\x00\xff\xff\xff\x7f"[..], &[b' '; 99]].concat(),
            &["header of 2147483647", AGAIN],
        ),
        ("not a dictionary", npy_with_header("[1, 2]", &[]), &["bad header", "dictionary", AGAIN]),
        ("open quote", npy_with_header("{'descr: 1}", &[]), &["bad header", "stays open", AGAIN]),
        (
            "missing key",
            npy_with_header("{'descr': '<f4', 'shape': (1, 1)}", &[]),
            &["'fortran_order' is missing", AGAIN],
        ),
        ("unknown key", npy_with_header("{'colour': 1}", &[]), &["unknown key 'colour'", AGAIN]),
        (
            "key twice",
            npy_with_header("{'shape': (1, 1), 'shape': (1, 1)}", &[]),
            &["'shape' occurs twice", AGAIN],
        ),
        ("not UTF-8", b"\x93NUMPY\x01\x00\x04\x00{\xff\xff}".to_vec(), &["not UTF-8", AGAIN]),
        (
            "too big to multiply",
            shaped("(18446744073709551615, 18446744073709551615)"),
            &["limit is 17179869184"],
        ),
        ("order", npy("'<f4'", "Maybe", "(2, 3)", &body), &["fortran_order is Maybe", AGAIN]),
        ("1-D", shaped("(6,)"), &["shape (6,), 1 dimensions", "x.reshape(1, -1)", "x.reshape(-1, 1)"]),
        ("0-D", shaped("()"), &["shape (), 0 dimensions", "reshape"]),
        ("3-D", shaped("(1, 2, 3)"), &["3 dimensions", "x.reshape(len(x), -1)"]),
        ("no rows", shaped("(0, 3)"), &["at least one sample and one input", "not empty"]),
        ("no columns", shaped("(3, 0)"), &["at least one sample and one input", "not empty"]),
        ("negative", shaped("(-2, 3)"), &["not a tuple of whole numbers", AGAIN]),
        ("shape's kind", shaped("6"), &["not a tuple of whole numbers", AGAIN]),
        ("too big", shaped("(4294967296, 4294967296)"), &["4294967296 × 4294967296", "limit is 17179869184"]),
        ("beyond u64", shaped("(99999999999999999999, 2)"), &["absurd size", AGAIN]),
        ("big in gzip", gzip(&shaped("(100000, 10000)")), &["compressed bytes can't hold", AGAIN]),
        ("i8", typed("'<i8'"), &["dtype <i8", "expected f32", "astype"]),
        ("c8", typed("'<c8'"), &["dtype <c8", "astype"]),
        ("objects", typed("'|O'"), &["dtype |O", "astype"]),
        ("fields", typed("[('a', '<f4'), ('b', '<f4')]"), &["dtype [('a'", "astype"]),
        ("big-endian", typed("'>f4'"), &["big-endian", "astype('<f4')"]),
        (
            "NaN",
            npy("'<f4'", "False", "(2, 2)", &f32s(&[0.0, 0.0, f32::NAN, 0.0])),
            &["not finite (NaN) in row 1, column 0", "remove or replace"],
        ),
        (
            "inf",
            npy("'<f8'", "False", "(2, 2)", &f64s(&[0.0, f64::NEG_INFINITY, 0.0, 0.0])),
            &["not finite (-inf) in row 0, column 1", "remove"],
        ),
        (
            "f64",
            npy("'<f8'", "False", "(1, 2)", &f64s(&[0.0, 1e39])),
            &["too large for f32 (1e39) in row 0, column 1", "remove"],
        ),
        (
            "Fortran NaN",
            npy("'<f4'", "True", "(2, 2)", &f32s(&[0.0, f32::NAN, 0.0, 0.0])),
            &["row 1, column 0", "remove"],
        ),
    ]
}

#[test]
fn broken_files() {
    let folder = tempfile::tempdir().unwrap();
    for (label, bytes, expected) in cases() {
        let message = match load_npy(folder.path(), "own.npy", &bytes, None) {
            Err(error) => error.to_string(),
            Ok(dataset) => panic!("{label}: read {dataset:?}"),
        };
        for part in ["own.npy"].iter().chain(expected) {
            assert!(message.contains(part), "{label}: no `{part}` in: {message}");
        }
        // A file that isn't used as a whole is checked as a whole.
        assert!(load_npy(folder.path(), "own.npy", &bytes, Some(1)).is_err(), "{label}");
    }
}

#[test]
fn missing_file() {
    let path = std::path::PathBuf::from("/nowhere/own.npy");
    let error = data::load(&spec(Source::Npy { path }, None), &Locations::default()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "/nowhere/own.npy: there is no such file; check the path, or put the file there"
    );
}

#[test]
fn types_orders_and_compression() {
    let folder = tempfile::tempdir().unwrap();
    let values = array![[0.0_f32, 1.5, -2.0], [3.0, 4.0, 5.0]];
    let columns = [0.0, 3.0, 1.5, 4.0, -2.0, 5.0];
    let doubles: Vec<f64> = values.iter().map(|&value| f64::from(value)).collect();
    let header = "{\"shape\":(2L,3L),\"fortran_order\":False,\"descr\":\"<f4\"}";
    let rows = f32s(values.as_slice().unwrap());
    let wide = [b"\x93NUMPY\x03\x00\x35\x00\x00\x00", header.as_bytes(), &rows].concat();
    assert_eq!(header.len(), 0x35);
    for (label, bytes) in [
        ("f32", good()),
        ("f64", npy("'<f8'", "False", "(2, 3)", &f64s(&doubles))),
        ("Fortran", npy("'<f4'", "True", "(2, 3)", &f32s(&columns))),
        ("version 3, other spelling", wide),
    ] {
        for (name, file) in [("a.b.npy", bytes.clone()), ("a.b.npy.gz", gzip(&bytes)), ("a.b", gzip(&bytes))]
        {
            let dataset = load_npy(folder.path(), name, &file, None).unwrap();
            assert_eq!(dataset.train, values, "{label} {name}");
            assert!(dataset.train.is_standard_layout());
            assert_eq!((dataset.name.as_str(), dataset.available, dataset.inputs()), ("a.b", 2, 3));
            assert_eq!(dataset.sha256, digest::sha256(&bytes), "the digest is the decompressed file's");
            assert!(dataset.held_out.is_none());
            let first = load_npy(folder.path(), name, &file, Some(1)).unwrap();
            assert_eq!(first.train, values.slice(ndarray::s![..1, ..]), "{label} {name}");
            assert!(first.train.is_standard_layout());
            assert_eq!(first.sha256, dataset.sha256, "the digest doesn't depend on the samples used");
        }
    }
    let bytes = npy("'|u1'", "False", "(1, 3)", &[0, 51, 255]);
    assert_eq!(load_npy(folder.path(), "u8.npy", &bytes, None).unwrap().train, array![[0.0, 0.2, 1.0]]);
    let message = load_npy(folder.path(), "a.npy", &good(), Some(3)).unwrap_err().to_string();
    assert!(message.contains("3 samples are asked for, but there are 2"), "{message}");
}

/// Seconds since 1970: f32 has one number for all of them.
#[test]
fn doubles_are_standardised_as_doubles_in_every_order() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.npy");
    let offset = 1.7e9;
    for (order, values) in [
        ("False", [offset, 1.0, offset + 1.0, 3.0, offset + 2.0, 5.0]),
        ("True", [offset, offset + 1.0, offset + 2.0, 1.0, 3.0, 5.0]),
    ] {
        std::fs::write(&path, npy("'<f8'", order, "(3, 2)", &f64s(&values))).unwrap();
        let load = |samples, standardize| {
            let spec =
                DataSpec { source: Source::Npy { path: path.clone() }, samples, held_out: None, standardize };
            data::load(&spec, &Locations::default()).unwrap()
        };
        let scaled = load(None, Standardize::Feature { epsilon: 0.0 });
        let sd = (2.0_f64 / 3.0).sqrt();
        let end = (1.0 / sd) as f32;
        assert_eq!(scaled.train, array![[-end, -end], [0.0, 0.0], [end, end]]);
        assert_eq!((scaled.standardized_from, scaled.remarks), (Precision::Double, vec![]));
        let two = load(Some(2), Standardize::Feature { epsilon: 0.0 });
        assert_eq!(two.train, array![[-1.0, -1.0], [1.0, 1.0]]);
        let plain = load(None, Standardize::None);
        assert_eq!(plain.standardized_from, Precision::Single, "nothing was lost but digits");
        assert!(
            matches!(&plain.remarks[..], [Remark::Warning(text)] if text.contains("t: column 0 (from 0)"))
        );
    }
}

/// The limit is that of the rows that are read: a file of any size is read for some of them.
#[test]
fn a_file_beyond_the_limit_is_refused_for_what_is_read_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let shape = "(5000000000, 4)";
    let start = npy("'|u1'", "False", shape, &[]);
    let all = load_npy(folder.path(), "own.npy", &start, None).unwrap_err().to_string();
    assert!(all.contains("the limit is 17179869184; set data.samples to 1073741824 or less"), "{all}");
    let double = npy("'<f8'", "False", "(1000000000, 4)", &[]);
    let all = load_npy(folder.path(), "own.npy", &double, None).unwrap_err().to_string();
    assert!(all.contains("f64 values") && all.contains("536870912 or less"), "{all}");
    // Some rows of it need no more than these: what is missing is the rest of the file.
    let some = load_npy(folder.path(), "own.npy", &start, Some(10)).unwrap_err().to_string();
    assert!(some.contains("is truncated") && !some.contains("limit"), "{some}");
}

#[test]
fn gzip_members_are_one_stream() {
    let folder = tempfile::tempdir().unwrap();
    let bytes = good();
    for place in [1, 70, 128, bytes.len() - 1] {
        let file = [gzip(&bytes[..place]), gzip(b""), gzip(&bytes[place..])].concat();
        assert_eq!(load_npy(folder.path(), "a.npy", &file, None).unwrap().sha256, digest::sha256(&bytes));
    }
}

/// The writer of another crate is the judge of the format.
#[test]
fn files_of_ndarray_npy() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.npy");
    let values = ndarray::Array2::from_shape_fn((37, 11), |(row, column)| (row * 11 + column) as f32 / 7.0);
    ndarray_npy::write_npy(&path, &values).unwrap();
    let source = || Source::Npy { path: path.clone() };
    assert_eq!(data::load(&spec(source(), None), &Locations::default()).unwrap().train, values);
    ndarray_npy::write_npy(&path, &values.t()).unwrap();
    assert_eq!(
        data::load(&spec(source(), Some(5)), &Locations::default()).unwrap().train,
        values.t().slice(ndarray::s![..5, ..])
    );
}

#[test]
fn epsilon_out_of_range() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.npy");
    std::fs::write(&path, good()).unwrap();
    for epsilon in [-0.1, f64::NAN, f64::INFINITY] {
        for standardize in [Standardize::Feature { epsilon }, Standardize::Sample { epsilon }] {
            let source = Source::Npy { path: path.clone() };
            let spec = DataSpec { source, samples: None, held_out: None, standardize };
            let message = data::load(&spec, &Locations::default()).unwrap_err().to_string();
            assert!(message.contains("data.standardize: epsilon is"), "{message}");
        }
    }
}

/// Or results on it would be judged as the paper's.
#[test]
fn own_data_is_not_taken_for_a_known_data_set() {
    let folder = tempfile::tempdir().unwrap();
    for (file, name) in
        [("mnist.npy", "own-mnist"), ("cifar10.npy.gz", "own-cifar10"), ("digits.npy", "digits")]
    {
        let bytes = if file.ends_with("gz") { gzip(&good()) } else { good() };
        assert_eq!(load_npy(folder.path(), file, &bytes, None).unwrap().name, name);
    }
}
