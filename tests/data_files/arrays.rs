//! Own samples in `.npz`, `.safetensors` and `.csv` files, f16 and bfloat16: what is read, and what is refused.

use std::fs;
use std::io::{Cursor, Write as _};
use std::path::{Path, PathBuf};

use aesparse::data::{
    self, Dataset, Locations, Precision, Remark, SampleMatrix, SampleRows, Source, Standardize, digest,
};
use ndarray::{Array2, array, s};
use safetensors::tensor::{Dtype, TensorView};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::fixture::*;

fn load(source: Source, samples: Option<usize>) -> aesparse::error::Result<Dataset> {
    data::load(&spec(source, samples), &Locations::default())
}

/// The message of the refusal, which must have each of `parts`.
fn refused(source: Source, parts: &[&str]) -> String {
    let message = load(source, None).unwrap_err().to_string();
    for part in parts {
        assert!(message.contains(part), "no `{part}` in: {message}");
    }
    message
}

fn file(folder: &Path, name: &str, bytes: &[u8]) -> PathBuf {
    let path = folder.join(name);
    fs::write(&path, bytes).unwrap();
    path
}

fn archive(method: CompressionMethod, members: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in members {
        archive.start_file(*name, SimpleFileOptions::default().compression_method(method)).unwrap();
        archive.write_all(bytes).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

fn npz(path: &Path, array: Option<&str>) -> Source {
    Source::Npz { path: path.to_owned(), array: array.map(str::to_owned) }
}

fn tensor(path: &Path, tensor: Option<&str>) -> Source {
    Source::Safetensors { path: path.to_owned(), tensor: tensor.map(str::to_owned) }
}

fn csv(folder: &Path, text: &str) -> Source {
    Source::Csv { path: file(folder, "t.csv", text.as_bytes()) }
}

const VALUES: [f32; 6] = [0.0, 1.5, -2.0, 3.0, 4.0, 5.0];

fn matrix() -> Array2<f32> {
    Array2::from_shape_vec((2, 3), VALUES.to_vec()).unwrap()
}

fn good() -> Vec<u8> {
    npy("'<f4'", "False", "(2, 3)", &f32s(&VALUES))
}

#[test]
fn half_precision_is_read_as_it_is_and_bytes_of_no_type_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let bits = [0x0000_u16, 0x3e00, 0xc000, 0x4200, 0x4400, 0x4500];
    let body: Vec<u8> = bits.iter().flat_map(|bits| bits.to_le_bytes()).collect();
    let dataset = load_npy(folder.path(), "h.npy", &npy("'<f2'", "False", "(2, 3)", &body), None).unwrap();
    assert_eq!((dataset.train, dataset.standardized_from), (matrix(), Precision::Single));
    for (bits, value) in [(0x3c00_u16, 1.0), (0xc100, -2.5), (0x0001, 2.0_f32.powi(-24)), (0x7bff, 65504.0)] {
        let one = npy("'<f2'", "False", "(1, 1)", &bits.to_le_bytes());
        assert_eq!(load_npy(folder.path(), "h.npy", &one, None).unwrap().train, array![[value]]);
    }
    for (bits, value) in [(0x7c00_u16, "inf"), (0x7e00, "NaN")] {
        let unbounded = npy("'<f2'", "False", "(1, 1)", &bits.to_le_bytes());
        let message = load_npy(folder.path(), "h.npy", &unbounded, None).unwrap_err().to_string();
        assert!(message.contains(&format!("not finite ({value}) in row 0, column 0")), "{message}");
    }
    for value in [1.0_f32, -2.5, 3.0e38, 1e-40] {
        let bits = (value.to_bits() >> 16) as u16;
        let path = file(
            folder.path(),
            "b.safetensors",
            &tensors(&[("w", Dtype::BF16, &[1, 1], bits.to_le_bytes().to_vec())]),
        );
        let expected = f32::from_bits(u32::from(bits) << 16);
        assert_eq!(load(tensor(&path, None), None).unwrap().train, array![[expected]]);
    }
    for untyped in ["|V2", "<V2"] {
        let untyped = npy(&format!("'{untyped}'"), "False", "(2, 3)", &body);
        let message = load_npy(folder.path(), "h.npy", &untyped, None).unwrap_err().to_string();
        for part in ["V2", "bfloat16", "x.astype('float32')", ".safetensors"] {
            assert!(message.contains(part), "{message}");
        }
    }
}

#[test]
fn an_array_of_an_archive_is_the_same_data_as_its_file() {
    let folder = tempfile::tempdir().unwrap();
    let alone = load_npy(folder.path(), "x.npy", &good(), None).unwrap();
    for method in [CompressionMethod::Stored, CompressionMethod::Deflated] {
        let other = npy("'<i8'", "False", "(2,)", &[0; 16]);
        let two = archive(method, &[("x.npy", good()), ("labels.npy", other)]);
        let path = file(folder.path(), "two.npz", &two);
        let found = load(npz(&path, Some("x")), None).unwrap();
        assert_eq!(
            (&found.train, &found.sha256, found.name.as_str()),
            (&alone.train, &alone.sha256, "two-x")
        );
        assert_eq!(found.sha256, digest::sha256(&good()));
        let first = load(npz(&path, Some("x")), Some(1)).unwrap();
        assert_eq!(
            (first.train, first.sha256),
            (matrix().slice(s![..1, ..]).to_owned(), alone.sha256.clone())
        );
        let listed = ["two.npz", r#""x" [2, 3] <f4"#, r#""labels" [2] <i8"#, "--array", r#"array = "x""#];
        refused(npz(&path, None), &[&["has 2 arrays, and none is chosen"][..], &listed].concat());
        refused(npz(&path, Some("y")), &[&[r#"has no array "y""#][..], &listed].concat());
        refused(npz(&path, Some("labels")), &["two.npz/labels.npy", "has dtype <i8"]);
        let path = file(folder.path(), "one.npz", &archive(method, &[("x.npy", good())]));
        let found = load(npz(&path, None), None).unwrap();
        assert_eq!((found.train, found.name.as_str()), (matrix(), "one"));
    }
}

#[test]
fn broken_archives() {
    let folder = tempfile::tempdir().unwrap();
    let write = |bytes: &[u8]| npz(&file(folder.path(), "a.npz", bytes), None);
    let of = |member: Vec<u8>| archive(CompressionMethod::Stored, &[("x.npy", member)]);
    refused(write(b""), &["a.npz", "is empty (0 bytes)", "numpy.savez"]);
    refused(write(&good()), &["a.npz", "looks like a .npy file, expected an .npz archive"]);
    refused(write(&gzip(&of(good()))), &["a.npz", "looks like a gzip file, expected an .npz archive"]);
    refused(write(&of(good())[..100]), &["no .npz archive"]);
    refused(write(&archive(CompressionMethod::Stored, &[])), &["has no array"]);
    refused(write(&of(Vec::new())), &["a.npz/x.npy", "is empty"]);
    refused(write(&of(b"hello".to_vec())), &["a.npz/x.npy", "looks like a text file"]);
    refused(write(&of(good()[..good().len() - 1].to_vec())), &["a.npz/x.npy", "is truncated"]);
    refused(write(&of([good(), vec![0]].concat())), &["a.npz/x.npy", "trailing bytes"]);
    refused(write(&of(npy("'<f4'", "False", "(6,)", &f32s(&VALUES)))), &["a.npz/x.npy", "1 dimensions"]);
    for method in [CompressionMethod::Stored, CompressionMethod::Deflated] {
        let mut bytes = archive(method, &[("x.npy", good())]);
        let place = if method == CompressionMethod::Stored {
            bytes.windows(4).position(|window| window == 1.5_f32.to_le_bytes()).unwrap()
        } else {
            60
        };
        bytes[place] ^= 1;
        refused(write(&bytes), &["a.npz/x.npy"]);
    }
    let path = folder.path().join("missing.npz");
    refused(npz(&path, None), &["missing.npz", "there is no such file"]);
    refused(Source::Npy { path: file(folder.path(), "a.npy", &of(good())) }, &["kind = \"npz\""]);
}

fn tensors(tensors: &[(&str, Dtype, &[usize], Vec<u8>)]) -> Vec<u8> {
    let views = tensors
        .iter()
        .map(|(name, dtype, shape, bytes)| (*name, TensorView::new(*dtype, shape.to_vec(), bytes).unwrap()));
    safetensors::serialize(views, None).unwrap()
}

#[test]
fn tensors_of_every_type_that_can_be_samples() {
    let folder = tempfile::tempdir().unwrap();
    let brain: Vec<u8> =
        VALUES.iter().flat_map(|value| ((value.to_bits() >> 16) as u16).to_le_bytes()).collect();
    let double = f64s(&VALUES.map(f64::from));
    let bytes = vec![0, 51, 102, 153, 204, 255];
    let contents = tensors(&[
        ("brain", Dtype::BF16, &[2, 3], brain),
        ("single", Dtype::F32, &[2, 3], f32s(&VALUES)),
        ("double", Dtype::F64, &[2, 3], double),
        ("bytes", Dtype::U8, &[2, 3], bytes),
        ("labels", Dtype::I64, &[2], vec![0; 16]),
    ]);
    let path = file(folder.path(), "t.safetensors", &contents);
    for name in ["brain", "single", "double"] {
        let found = load(tensor(&path, Some(name)), None).unwrap();
        assert_eq!((found.train, found.name), (matrix(), format!("t-{name}")));
    }
    // The same array in a `.npy` file is the same data.
    let alone = load_npy(folder.path(), "x.npy", &good(), None).unwrap();
    assert_eq!(load(tensor(&path, Some("single")), None).unwrap().sha256, alone.sha256);
    let found = load(tensor(&path, Some("bytes")), Some(1)).unwrap();
    assert_eq!(found.train, array![[0.0, 0.2, 0.4]]);
    let listed = [r#""brain" [2, 3] BF16"#, r#""labels" [2] I64"#, "--array"];
    refused(tensor(&path, None), &[&["has 5 tensors, and none is chosen"][..], &listed].concat());
    refused(tensor(&path, Some("x")), &[&[r#"has no tensor "x""#][..], &listed].concat());
    refused(tensor(&path, Some("labels")), &["t.safetensors/labels", "dtype I64"]);
    let one = file(folder.path(), "one.safetensors", &tensors(&[("w", Dtype::F32, &[6], f32s(&VALUES))]));
    refused(tensor(&one, None), &["one.safetensors/w", "expected two"]);
    let infinite = tensors(&[("w", Dtype::BF16, &[1, 1], vec![0x80, 0x7f])]);
    refused(tensor(&file(folder.path(), "inf.safetensors", &infinite), None), &["not finite (inf) in row 0"]);
}

#[test]
fn broken_files_of_tensors() {
    let folder = tempfile::tempdir().unwrap();
    let good_npy = good();
    let good = tensors(&[("x", Dtype::F32, &[2, 3], f32s(&VALUES))]);
    let write = |bytes: &[u8]| tensor(&file(folder.path(), "a.safetensors", bytes), None);
    refused(write(b""), &["is empty"]);
    refused(write(&good[..5]), &["is truncated"]);
    refused(write(&good[..good.len() - 1]), &["is truncated"]);
    refused(write(&[good.clone(), vec![0]].concat()), &["trailing bytes"]);
    refused(write(&good_npy), &["looks like a .npy file"]);
    refused(write(&gzip(&good_npy)), &["looks like a gzip file, expected a .safetensors file"]);
    refused(
        write(&[&16_u64.to_le_bytes()[..], b"{\"x\": [1, 2, 3]}"].concat()),
        &["header that can't be read"],
    );
    refused(write(&u64::MAX.to_le_bytes()), &["no .safetensors file"]);
}

#[test]
fn tables_of_numbers_with_and_without_a_header() {
    let folder = tempfile::tempdir().unwrap();
    let expected = array![[1.0, -2.5], [3.0e2, 0.25]];
    for text in [
        "1,-2.5\n300,0.25\n",
        "1,-2.5\r\n3e2,0.25",
        "a,b\n1,-2.5\n300,0.25\n",
        "\u{feff}1,-2.5\n300,0.25\n",
        "\"a, b\",c\n\" 1\",-2.5\n\n 300 , 0.25 \n",
        "a\tb\n1\t-2.5\n300\t0.25\n",
        "1;-2.5\n300;0.25\n",
        "a, b, c\td\n1\t-2.5\n300\t0.25\n",
        "a name, longer than most, as others write them, who like long ones\tb\n1\t-2.5\n300\t0.25\n",
        "# a, b\n1,-2.5\n300,0.25\n",
    ] {
        let dataset = load(csv(folder.path(), text), None).unwrap();
        assert_eq!((&dataset.train, dataset.available, dataset.name.as_str()), (&expected, 2, "t"), "{text}");
        assert_eq!(dataset.sha256, digest::sha256(text.as_bytes()));
        let is_header = |remark: &Remark| matches!(remark, Remark::Note(text) if text.contains("a header"));
        assert_eq!(dataset.remarks.iter().any(is_header), text.contains('a'), "{text}");
        assert_eq!(
            load(csv(folder.path(), text), Some(1)).unwrap().train,
            expected.slice(s![..1, ..]),
            "{text}"
        );
    }
    let path = file(folder.path(), "t.csv.gz", &gzip(b"1,2\n3,4\n"));
    let zipped = load(Source::Csv { path }, None).unwrap();
    assert_eq!(
        (zipped.train, zipped.sha256),
        (array![[1.0, 2.0], [3.0, 4.0]], digest::sha256(b"1,2\n3,4\n"))
    );
    let mut precise = spec(csv(folder.path(), "1700000000.0\n1700000001.0\n"), None);
    precise.standardize = Standardize::Feature { epsilon: 0.0 };
    let precise = data::load(&precise, &Locations::default()).unwrap();
    assert_eq!((precise.train, precise.standardized_from), (array![[-1.0], [1.0]], Precision::Double));
}

#[test]
fn a_first_line_of_numbers_and_names_is_a_header_that_is_warned_of() {
    let folder = tempfile::tempdir().unwrap();
    for (text, is_warned) in [
        ("0.31,NA\n1,2\n", true),
        ("year,2019\n1,2\n", true),
        ("a,b\n1,2\n", false),
        (",0\n5,2\n", false),
        (",0.31,0.2\n1,2,3\n", true),
    ] {
        let dataset = load(csv(folder.path(), text), None).unwrap();
        assert_eq!(dataset.train.nrows(), 1);
        let is_warning = |remark: &Remark| matches!(remark, Remark::Warning(text) if text.contains("numbers beside other cells"));
        assert_eq!(dataset.remarks.iter().any(is_warning), is_warned, "{text}");
    }
}

/// As pandas writes them without names.
#[test]
fn lines_and_columns_that_only_count_are_named() {
    let folder = tempfile::tempdir().unwrap();
    for (text, warning) in [
        ("0,1\n1.5,2.5\n", Some("the first line counts the columns")),
        (",0,1\n0,1.5,2.5\n1,2.5,3.5\n", Some("the first column has no name and counts the lines")),
        ("0,2\n1.5,2.5\n", None),
        ("0\n1\n", None),
        ("i,a\n0,1.5\n1,2.5\n", None),
        (",a\n0,1.5\n7,2.5\n", None),
    ] {
        let dataset = load(csv(folder.path(), text), None).unwrap();
        let warnings = dataset.remarks.iter().filter_map(|remark| match remark {
            Remark::Warning(text) if text.contains("counts") => Some(text.as_str()),
            _ => None,
        });
        let warnings: Vec<_> = warnings.collect();
        assert_eq!(warnings.len(), usize::from(warning.is_some()), "{text}: {warnings:?}");
        assert!(
            warnings.iter().zip(warning).all(|(found, expected)| found.contains(expected)),
            "{warnings:?}"
        );
    }
}

#[test]
fn a_bad_cell_is_named_by_line_and_column() {
    let folder = tempfile::tempdir().unwrap();
    for (text, parts) in [
        ("1,2\n3,x\n", &["line 2, column 2: found \"x\", expected a number", "remove or replace"][..]),
        ("id,size\n1,2\n3,\n", &["line 3, column 2 (size): found \"\""]),
        ("1,,3\n4,5,6\n", &["line 1, column 2: found \"\""]),
        ("1,2\r\n3,4\r\nnan,5\r\n", &["line 3, column 1: has a value that is not finite (NaN)"]),
        ("1,2\n\n\n3,inf\n", &["line 4, column 2: has a value that is not finite (inf)"]),
        ("1,2\n3,1e39\n", &["line 2, column 2: has a value too large for f32"]),
        ("1,2\n3,4,5\n", &["line 2 has 3 cells, but the first line has 2", "','"]),
        ("0.1 0.2\n0.3 0.4\n", &["line 2 has one cell, with spaces in it", "delimiter=','"]),
        (
            "day\n2026-11-30 12:00\n",
            &["line 2, column 1 (day): found \"2026-11-30 12:00\", expected a number"],
        ),
        ("1,2\n3,\"4\n5,6\n7,8\n\n", &["a cell with line breaks ends in line 5", "close the quote"]),
        ("a,b\n", &["has no line of numbers"]),
        ("", &["is empty"]),
    ] {
        refused(csv(folder.path(), text), &[&["t.csv"][..], parts].concat());
    }
    let more = load(csv(folder.path(), "1,2\n"), Some(2)).unwrap_err().to_string();
    assert!(more.contains("2 samples are asked for, but there are 1"), "{more}");
    let path = file(folder.path(), "t.csv", &good());
    refused(Source::Csv { path }, &["looks like a .npy file"]);
    refused(Source::Npy { path: file(folder.path(), "t.npy", b"1,2\n") }, &["kind = \"csv\""]);
}

#[test]
fn a_file_s_ending_says_how_it_is_read() {
    let of = |name: &str| Source::of_file(Path::new(name), None).unwrap();
    let path = |name: &str| PathBuf::from(name);
    assert_eq!(of("a.npy"), Source::Npy { path: path("a.npy") });
    assert_eq!(of("a.data"), Source::Npy { path: path("a.data") });
    assert_eq!(of("a.CSV.gz"), Source::Csv { path: path("a.CSV.gz") });
    assert_eq!(of("a.tsv"), Source::Csv { path: path("a.tsv") });
    assert_eq!(Source::of_file(Path::new("a.npz"), Some("x")).unwrap(), npz(Path::new("a.npz"), Some("x")));
    assert_eq!(of("a.safetensors"), tensor(Path::new("a.safetensors"), None));
    let message = Source::of_file(Path::new("a.npy"), Some("x")).unwrap_err().to_string();
    assert!(message.contains("--array x") && message.contains(".npz"), "{message}");
}

/// Blocks of any height are the rows of the whole, from every kind of file.
#[test]
fn rows_in_blocks_are_the_rows_of_the_whole() {
    let folder = tempfile::tempdir().unwrap();
    let (rows, columns) = (7, 3);
    let values: Vec<f32> = (0_u8..21).map(f32::from).collect();
    let whole = Array2::from_shape_vec((rows, columns), values.clone()).unwrap();
    let fortran: Vec<f32> = whole.t().iter().copied().collect();
    let text: String =
        whole.rows().into_iter().map(|row| format!("{},{},{}\n", row[0], row[1], row[2])).collect();
    let c = npy("'<f4'", "False", "(7, 3)", &f32s(&values));
    let double =
        npy("'<f8'", "False", "(7, 3)", &f64s(&values.iter().map(|v| f64::from(*v)).collect::<Vec<_>>()));
    let sources = [
        Source::Npy { path: file(folder.path(), "c.npy", &c) },
        Source::Npy { path: file(folder.path(), "c.npy.gz", &gzip(&c)) },
        Source::Npy { path: file(folder.path(), "d.npy", &double) },
        Source::Npy { path: file(folder.path(), "f.npy", &npy("'<f4'", "True", "(7, 3)", &f32s(&fortran))) },
        npz(
            &file(folder.path(), "c.npz", &archive(CompressionMethod::Deflated, &[("x.npy", c.clone())])),
            None,
        ),
        csv(folder.path(), &text),
    ];
    for source in sources {
        let digest = load(source.clone(), None).unwrap().sha256;
        for (count, height) in [(7, 1), (7, 2), (7, 3), (7, 7), (7, 100), (5, 2), (6, 3), (1, 1)] {
            let opened = SampleRows::open(&source, &Locations::default()).unwrap();
            assert_eq!(opened.dim(), (rows, columns));
            let (mut found, mut heights) = (Vec::new(), Vec::new());
            let sha256 = opened.blocks(count, height, |block| {
                heights.push(block.dim().0);
                match block {
                    SampleMatrix::Single(block) => found.extend(block),
                    SampleMatrix::Double(block) => found.extend(block.iter().map(|value| *value as f32)),
                }
                Ok(())
            });
            assert_eq!(sha256.unwrap(), digest);
            assert_eq!(found, values[..count * columns], "{source:?} {count} {height}");
            let (last, full) = heights.split_last().unwrap();
            assert!(full.iter().all(|rows| *rows == height) && *last <= height, "{heights:?}");
        }
    }
    // A value behind the rows that are used is checked, too.
    let path = file(folder.path(), "n.npy", &npy("'<f4'", "False", "(3, 1)", &f32s(&[0.0, 1.0, f32::NAN])));
    let opened = SampleRows::open(&Source::Npy { path }, &Locations::default()).unwrap();
    assert!(opened.blocks(1, 1, |_| Ok(())).unwrap_err().to_string().contains("in row 2"));
}
